r"""A linear regression problem with known coefficients, and the low-rank matrix it may start from.

    y = X w + bias + noise N(0, 1)

X is standard normal, or of low effective rank: with random orthonormal U, V and singular values ::

    s_i = (1 - t) exp(-(i / r)^2) + t exp(-0.1 i / r),    X = U diag(s) V'

(r = effective rank, t = tail strength): a bell of about r large values over a slowly falling
tail.  Only `n_informative` entries of w differ from zero; they are uniform in [0, 100).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.rules import (
    boolean,
    check_parameters,
    integer,
    none,
    random_state,
    real,
)
from scratchml.datasets.draws import frozen_generator, shuffle_rows

LOW_RANK_RULES = {
    "n_samples": integer(1),
    "n_features": integer(1),
    "effective_rank": integer(1),
    "tail_strength": real(0, 1, "both"),
    "random_state": random_state(),
}
RULES = {
    **LOW_RANK_RULES,
    "effective_rank": integer(1) | none(),
    "n_informative": integer(0),
    "n_targets": integer(1),
    "bias": real(closed="neither"),
    "noise": real(0),
    "shuffle": boolean(),
    "coef": boolean(),
}


def make_regression(
    n_samples: int = 100,
    n_features: int = 100,
    *,
    n_informative: int = 10,
    n_targets: int = 1,
    bias: float = 0.0,
    effective_rank: int | None = None,
    tail_strength: float = 0.5,
    noise: float = 0.0,
    shuffle: bool = True,
    coef: bool = False,
    random_state: Any = None,
) -> Any:
    """Generate a random regression problem whose true coefficients are known.

    Parameters
    ----------
    n_samples : int, default=100
        Number of rows.
    n_features : int, default=100
        Number of columns.
    n_informative : int, default=10
        Number of columns with a coefficient other than zero (at most all).
    n_targets : int, default=1
        Number of targets.
    bias : float, default=0.0
        The intercept.
    effective_rank : int or None, default=None
        About how many singular values of X are large. None draws X standard normal.
    tail_strength : float, default=0.5
        Weight of the slow tail of the singular values, from 0 to 1, with `effective_rank`.
    noise : float, default=0.0
        Standard deviation of the noise added to y.
    shuffle : bool, default=True
        Shuffle rows and columns.
    coef : bool, default=False
        Also return the true coefficients.
    random_state : None, int, RandomState or Generator, default=None
        Seed. An int gives the same data each time, and scikit-learn's.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features), float64
        The rows.
    y : ndarray of shape (n_samples,) or (n_samples, n_targets), float64
        The targets; dimensions of length one are left out.
    w : ndarray of shape (n_features,) or (n_features, n_targets), float64
        The true coefficients, only with ``coef=True``.

    Raises
    ------
    ValueError
        If a parameter breaks its rule.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.datasets import make_regression
    >>> X, y, w = make_regression(20, 3, n_informative=2, bias=1.0, coef=True, random_state=0)
    >>> bool(np.allclose(X @ w + 1.0, y))
    True
    """
    check_parameters(RULES, locals(), "make_regression")
    rng = frozen_generator(random_state)
    if effective_rank is None:
        X = rng.standard_normal(size=(n_samples, n_features))
    else:
        X = make_low_rank_matrix(
            n_samples,
            n_features,
            effective_rank=effective_rank,
            tail_strength=tail_strength,
            random_state=rng,
        )
    n_informative = min(n_features, n_informative)
    w = np.zeros((n_features, n_targets))
    w[:n_informative] = 100 * rng.uniform(size=(n_informative, n_targets))
    y = X @ w + bias
    if noise > 0.0:
        y += rng.normal(scale=noise, size=y.shape)
    if shuffle:
        X, y = shuffle_rows(X, y, rng)
        order = np.arange(n_features)
        rng.shuffle(order)
        X, w = X.take(order, axis=1), w[order]
    y = np.squeeze(y)
    return (X, y, np.squeeze(w)) if coef else (X, y)


def make_low_rank_matrix(
    n_samples: int = 100,
    n_features: int = 100,
    *,
    effective_rank: int = 10,
    tail_strength: float = 0.5,
    random_state: Any = None,
) -> np.ndarray:
    """Generate a matrix with about `effective_rank` large singular values and a slow tail.

    Parameters
    ----------
    n_samples : int, default=100
        Number of rows.
    n_features : int, default=100
        Number of columns.
    effective_rank : int, default=10
        About how many singular values are large.
    tail_strength : float, default=0.5
        Weight of the slow tail of the singular values, from 0 to 1.
    random_state : None, int, RandomState or Generator, default=None
        Seed.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features), float64
        The matrix; its largest singular value is 1. Equal to scikit-learn's up to the rounding
        of the QR factorisation.

    Raises
    ------
    ValueError
        If a parameter breaks its rule.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.datasets import make_low_rank_matrix
    >>> X = make_low_rank_matrix(9, 5, effective_rank=2, tail_strength=0.0, random_state=0)
    >>> np.linalg.svd(X, compute_uv=False).round(3).tolist()
    [1.0, 0.779, 0.368, 0.105, 0.018]
    """
    check_parameters(LOW_RANK_RULES, locals(), "make_low_rank_matrix")
    rng = frozen_generator(random_state)
    n = min(n_samples, n_features)
    U, _ = np.linalg.qr(rng.standard_normal(size=(n_samples, n)))
    V, _ = np.linalg.qr(rng.standard_normal(size=(n_features, n)))
    i = np.arange(n, dtype=np.float64)
    bell = (1 - tail_strength) * np.exp(-((i / effective_rank) ** 2))
    tail = tail_strength * np.exp(-0.1 * i / effective_rank)
    return (U * (bell + tail)) @ V.T
