"""Two classes that no straight line separates: interleaved half moons and nested circles.

Moons:    (cos a, sin a) and (1 - cos a, 1/2 - sin a),  a evenly spaced in [0, pi]
Circles:  (cos a, sin a) and factor (cos a, sin a),     a evenly spaced in [0, 2 pi)
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np

from scratchml._core.rules import Rule, boolean, check_parameters, none, random_state, real
from scratchml.datasets.draws import frozen_generator, shuffle_rows


def _sizes_rule(low: int) -> Rule:
    def is_count(value: Any) -> bool:
        return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0

    return Rule(
        f"an int from {low} on or a pair of ints (outer, inner)",
        lambda value: (
            (len(value) == 2 and all(map(is_count, value)))
            if isinstance(value, tuple)
            else is_count(value) and value >= low
        ),
    )


RULES = {
    "shuffle": boolean(),
    "noise": real(0) | none(),
    "random_state": random_state(),
}


def make_moons(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: Any = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Generate two interleaved half circles in the plane.

    Parameters
    ----------
    n_samples : int or (int, int), default=100
        Number of points in all, or of the upper and the lower moon.
    shuffle : bool, default=True
        Shuffle the rows.
    noise : float or None, default=None
        Standard deviation of the noise added to the points.
    random_state : None, int, RandomState or Generator, default=None
        Seed. An int gives the same data each time, and scikit-learn's.

    Returns
    -------
    X : ndarray of shape (n_samples, 2), float64
        The points.
    y : ndarray of shape (n_samples,), int64
        0 for the upper moon, 1 for the lower.

    Raises
    ------
    ValueError
        If a parameter breaks its rule.

    Examples
    --------
    >>> from scratchml.datasets import make_moons
    >>> X, y = make_moons(4, shuffle=False)
    >>> X.round(2).tolist(), y.tolist()
    ([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]], [0, 0, 1, 1])
    """
    check_parameters({"n_samples": _sizes_rule(1), **RULES}, locals(), "make_moons")

    def curves(n_upper: int, n_lower: int) -> tuple[np.ndarray, np.ndarray]:
        a, b = np.linspace(0, np.pi, n_upper), np.linspace(0, np.pi, n_lower)
        upper = np.column_stack([np.cos(a), np.sin(a)])
        return upper, np.column_stack([1 - np.cos(b), 1 - np.sin(b) - 0.5])

    return _two_curves(curves, n_samples, shuffle, noise, random_state)


def make_circles(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: Any = None,
    factor: float = 0.8,
) -> tuple[np.ndarray, np.ndarray]:
    """Generate a circle inside a circle in the plane.

    Parameters
    ----------
    n_samples : int or (int, int), default=100
        Number of points in all, or of the outer and the inner circle.
    shuffle : bool, default=True
        Shuffle the rows.
    noise : float or None, default=None
        Standard deviation of the noise added to the points.
    random_state : None, int, RandomState or Generator, default=None
        Seed. An int gives the same data each time, and scikit-learn's.
    factor : float, default=0.8
        Radius of the inner circle, in [0, 1); the outer one has radius 1.

    Returns
    -------
    X : ndarray of shape (n_samples, 2), float64
        The points.
    y : ndarray of shape (n_samples,), int64
        0 for the outer circle, 1 for the inner.

    Raises
    ------
    ValueError
        If a parameter breaks its rule.

    Examples
    --------
    >>> from scratchml.datasets import make_circles
    >>> X, y = make_circles(4, factor=0.5, shuffle=False)
    >>> X.round(2).tolist(), y.tolist()
    ([[1.0, 0.0], [-1.0, 0.0], [0.5, 0.0], [-0.5, 0.0]], [0, 0, 1, 1])
    """
    rules = {"n_samples": _sizes_rule(0), "factor": real(0, 1), **RULES}
    check_parameters(rules, locals(), "make_circles")

    def curves(n_outer: int, n_inner: int) -> tuple[np.ndarray, np.ndarray]:
        a = np.linspace(0, 2 * np.pi, n_outer, endpoint=False)
        b = np.linspace(0, 2 * np.pi, n_inner, endpoint=False)
        outer = np.column_stack([np.cos(a), np.sin(a)])
        return outer, np.column_stack([np.cos(b), np.sin(b)]) * factor

    return _two_curves(curves, n_samples, shuffle, noise, random_state)


def _two_curves(
    curves: Callable[[int, int], tuple[np.ndarray, np.ndarray]],
    n_samples: int | tuple[int, int],
    shuffle: bool,
    noise: float | None,
    random_state: Any,
) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(n_samples, tuple):
        n_outer, n_inner = n_samples
    else:
        n_outer = n_samples // 2
        n_inner = n_samples - n_outer
    rng = frozen_generator(random_state)
    X = np.vstack(curves(n_outer, n_inner))
    y = np.repeat(np.arange(2), [n_outer, n_inner])
    if shuffle:
        X, y = shuffle_rows(X, y, rng)
    if noise is not None:
        X += rng.normal(scale=noise, size=X.shape)
    return X, y
