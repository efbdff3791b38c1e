"""Platt's sigmoid: from a classifier's decision values to the probability of its positive class.

Model. A decision value f becomes

    p = P(y = 1 | f) = 1 / (1 + exp(z)),     z = A f + B                        (Platt 2000, eq. 3)

with A < 0 for a classifier that is any good.

Problem. Given decision values f_i with classes y_i and weights w_i, minimise the cross-entropy

    F(A, B) = - sum_i w_i (t_i log p_i + (1 - t_i) log(1 - p_i))                             (eq. 5)

not to the targets 1 and 0, which separable data would drive p towards, but to those that Bayes'
rule with a uniform prior gives for N+ positive and N- negative samples (sums of weights):

    t_i = (N+ + 1) / (N+ + 2)  if y_i = 1,    1 / (N- + 2)  if not                          (eq. 12)

They lie strictly between 0 and 1, so F grows without bound in every direction that changes some
z_i, and has a minimum, one only unless all f_i are equal. It is convex.

Gradient and Hessian. As log p = -log(1 + exp(z)) and log(1 - p) = z + log p,

    F      = sum_i w_i (log(1 + exp(z_i)) - (1 - t_i) z_i)           (Lin, Lin, Weng 2007, eq. 7)
    grad F = (sum_i w_i f_i (t_i - p_i),  sum_i w_i (t_i - p_i))

             | sum_i w_i f_i^2 v_i    sum_i w_i f_i v_i |
    Hess F = |                                          |,     v_i = p_i (1 - p_i)
             | sum_i w_i f_i v_i      sum_i w_i v_i     |

where nothing cancels and nothing overflows, unlike in Platt's own pseudo-code.

Method. Newton's, from A = 0 and the B that is best there; the step d is halved until F falls by
1e-4 of what its slope promises. Decision values are centred and divided by the largest first: that
changes (A, B) but not p, and conditions the Hessian.

Stopping. -grad' d / 2 is the decrease that the quadratic model still promises. When it is below
1e-14 of the total weight the last whole step, which squares the error, ends at rounding.

References: J. Platt, "Probabilistic outputs for support vector machines and comparisons to
regularized likelihood methods", Advances in Large Margin Classifiers, MIT Press (2000). H.-T. Lin,
C.-J. Lin, R. C. Weng, "A note on Platt's probabilistic outputs for support vector machines",
Machine Learning 68 (2007).
"""

from typing import NamedTuple

import numpy as np

MAX_ITER = 100
ENOUGH = 1e-14  # promised decrease, for a unit of weight, from which one step more is the last
DECREASE = 1e-4  # share of the slope's promise that a step must keep
SHORTEST = 1e-10  # step length at which there is nothing to descend
ROUNDING = 64 * np.finfo(np.float64).eps  # error of F, relative to it
RIDGE = 1e-12  # added to the Hessian's diagonal, for a unit of weight: far out it may vanish


class Sigmoid(NamedTuple):
    """P(y = 1 | f) = 1 / (1 + exp(A f + B)), and where the solver ended."""

    A: float
    B: float
    objective: float  # F(A, B)
    decrease: float  # that the quadratic model still promised before the last step
    n_iter: int
    converged: bool


def fit_sigmoid(f: np.ndarray, positive: np.ndarray, w: np.ndarray) -> Sigmoid:
    """Minimise F over decision values (n,) float64, booleans (n,) and weights (n,), sum above 0."""
    t = targets(positive, w)
    total = float(w.sum())
    centre = float(w @ f) / total
    scale = float(np.abs(f - centre).max())
    if not scale > 4 * np.finfo(np.float64).eps * abs(centre):  # equal values: all there is is B
        scale = np.inf
    g = (f - centre) / scale
    mean = float(w @ t) / total
    x = np.array([0.0, np.log((1 - mean) / mean)])
    value, n_iter, done = objective(x, g, t, w), 0, False
    while not done and n_iter < MAX_ITER:
        gradient, hessian = derivatives(x, g, t, w)
        hessian[[0, 1], [0, 1]] += RIDGE * total
        step = -np.linalg.solve(hessian, gradient)
        decrease = -float(gradient @ step) / 2
        done = decrease <= ENOUGH * total
        x, value = (x + step, value) if done else backtrack(x, step, value, decrease, (g, t, w))
        n_iter += 1
    A = x[0] / scale
    B = x[1] - A * centre
    return Sigmoid(float(A), float(B), objective(x, g, t, w), decrease, n_iter, done)


def targets(positive: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return t of equation 12, (n,)."""
    n_positive, n_negative = float(w[positive].sum()), float(w[~positive].sum())
    return np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))


def objective(x: np.ndarray, f: np.ndarray, t: np.ndarray, w: np.ndarray) -> float:
    """Return F at x = (A, B)."""
    z = x[0] * f + x[1]
    return float(w @ (np.logaddexp(0, z) - (1 - t) * z))


def derivatives(
    x: np.ndarray, f: np.ndarray, t: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient (2,) and the Hessian (2, 2) of F at x = (A, B)."""
    p, q = sigmoid(x[0] * f + x[1])
    slope, curvature = w * (t - p), w * p * q
    bend = curvature @ f
    gradient = np.array([slope @ f, slope.sum()])
    return gradient, np.array([[curvature @ (f * f), bend], [bend, curvature.sum()]])


def backtrack(
    x: np.ndarray, step: np.ndarray, value: float, decrease: float, data: tuple
) -> tuple[np.ndarray, float]:
    """Return x + a step and F there, a the first of 1, 1/2, 1/4, ... with enough descent."""
    a, noise = 1.0, ROUNDING * value
    while True:
        there = x + a * step
        new = objective(there, *data)
        if new <= value - DECREASE * a * 2 * decrease + noise or a < SHORTEST:
            return there, new
        a /= 2


def sigmoid(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return p = 1 / (1 + exp(z)) and 1 - p, each to full relative accuracy."""
    small = np.exp(-np.abs(z))
    low, high = small / (1 + small), 1 / (1 + small)
    return np.where(z > 0, low, high), np.where(z > 0, high, low)
