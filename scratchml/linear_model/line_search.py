"""Line search for smooth functions: a step that meets the strong Wolfe conditions.

Along a descent direction d from x, phi(a) = f(x + a d). A step a > 0 is accepted when

    phi(a) <= phi(0) + c1 a phi'(0)         the decrease is worth the step      (3.7a)
    |phi'(a)| <= c2 |phi'(0)|               the slope has flattened             (3.7b)

with c1 = 1e-4 and c2 = 0.9. The search first grows the step until an interval must hold such a
point (Algorithm 3.5), then narrows the interval by cubic interpolation (Algorithm 3.6, equation
3.59). Near the minimum the decrease of f drowns in its rounding error while the slope is still
exact: so (3.7a) is given that error to spare, and (3.7b) decides (as in Hager & Zhang 2005,
equation 4.1).

References: Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, section 3.5. Hager &
Zhang, A new conjugate gradient method with guaranteed descent and an efficient line search, SIAM
J. Optim. 16, 2005.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

ValueAndGradient = Callable[[np.ndarray], tuple[float, np.ndarray]]

DECREASE, FLATNESS = 1e-4, 0.9  # c1, c2
MOST_EVALUATIONS = 30
ROUNDING = 256 * np.finfo(np.float64).eps  # error of f, relative to |f|: 8 bits, as sums cancel


class Point(NamedTuple):
    """A point on the line: step, value, slope, and the gradient there."""

    step: float
    value: float
    slope: float
    x: np.ndarray
    gradient: np.ndarray


def wolfe_step(
    value_and_gradient: ValueAndGradient,
    x: np.ndarray,
    value: float,
    gradient: np.ndarray,
    direction: np.ndarray,
    step: float = 1.0,
) -> tuple[Point | None, int]:
    """Return a point that meets the strong Wolfe conditions, and the number of evaluations.

    Parameters
    ----------
    value_and_gradient : callable
        ``f, g = value_and_gradient(x)``; f may be inf or nan far out.
    x : ndarray of shape (d,)
        Start of the line.
    value : float
        f at `x`.
    gradient : ndarray of shape (d,)
        Gradient at `x`.
    direction : ndarray of shape (d,)
        Direction of descent: ``gradient @ direction < 0``.
    step : float
        First step to try.

    Returns
    -------
    point : Point or None
        None when no step is found: rounding errors have the last word, or f is not smooth.
    n_evaluations : int
        Calls of `value_and_gradient`.
    """

    def evaluate(a: float) -> Point:
        there = x + a * direction
        f, g = value_and_gradient(there)
        return Point(a, f, float(g @ direction), there, g)

    start = Point(0.0, value, float(gradient @ direction), x, gradient)
    noise = ROUNDING * abs(value)
    before = start
    for n in range(1, MOST_EVALUATIONS):  # Algorithm 3.5
        now = evaluate(step)
        if not _decreases(now, start, noise) or (n > 1 and now.value > before.value + noise):
            return _zoom(evaluate, start, before, now, noise, n)
        if abs(now.slope) <= -FLATNESS * start.slope:
            return now, n
        if now.slope >= 0:
            return _zoom(evaluate, start, now, before, noise, n)
        before, step = now, min(2 * step if n == 1 else 4 * step, 1e20)
    return None, MOST_EVALUATIONS


def _zoom(
    evaluate: Callable[[float], Point], start: Point, low: Point, high: Point, noise: float, n: int
) -> tuple[Point | None, int]:
    """Narrow [low, high], which holds an acceptable step; `low` is the best (Algorithm 3.6)."""
    width = abs(high.step - low.step)
    while n < MOST_EVALUATIONS and abs(high.step - low.step) > 1e-16 * max(low.step, high.step):
        step = _cubic_minimiser(low, high)
        if abs(high.step - low.step) > 0.66 * width:  # interpolation is not narrowing: bisect
            step = 0.5 * (low.step + high.step)
        width = abs(high.step - low.step)
        now = evaluate(step)
        n += 1
        if not _decreases(now, start, noise) or now.value > low.value + noise:
            high = now
            continue
        if abs(now.slope) <= -FLATNESS * start.slope:
            return now, n
        if now.slope * (high.step - low.step) >= 0:
            high = low
        low = now
    return None, n


def _decreases(now: Point, start: Point, noise: float) -> bool:
    """(3.7a), give or take the rounding error of f."""
    return bool(now.value <= start.value + DECREASE * now.step * start.slope + noise)


def _cubic_minimiser(low: Point, high: Point) -> float:
    """Minimise the cubic through both values and slopes (3.59), kept off the interval's ends."""
    width = high.step - low.step
    if not np.isfinite(high.value):
        return low.step + 0.1 * width
    d1 = low.slope + high.slope - 3 * (high.value - low.value) / width
    root = d1 * d1 - low.slope * high.slope
    d2 = np.sign(width) * np.sqrt(root) if root >= 0 else 0.0
    denominator = high.slope - low.slope + 2 * d2
    t = 1 - (high.slope + d2 - d1) / denominator if denominator != 0 else 0.5
    return low.step + min(max(t, 0.05), 0.95) * width if np.isfinite(t) else low.step + 0.5 * width
