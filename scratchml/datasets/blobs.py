"""Gaussian blobs: the simplest data to cluster or classify.

Blob i holds points ``x ~ N(c_i, s_i^2 I)`` around its centre c_i, which is given or drawn uniformly
from a box.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from scratchml._core.rules import (
    Rule,
    array_like,
    boolean,
    check_parameters,
    integer,
    none,
    random_state,
    real,
)
from scratchml._core.validation import check_array
from scratchml.datasets.draws import frozen_generator, shuffle_rows

RULES = {
    "n_samples": integer(1) | array_like(),
    "n_features": integer(1),
    "centers": integer(1) | array_like() | none(),
    "cluster_std": real(0) | array_like(),
    "center_box": Rule("a pair (low, high)", lambda v: isinstance(v, tuple | list) and len(v) == 2),
    "shuffle": boolean(),
    "random_state": random_state(),
    "return_centers": boolean(),
}


def make_blobs(
    n_samples: Any = 100,
    n_features: int = 2,
    *,
    centers: Any = None,
    cluster_std: Any = 1.0,
    center_box: tuple[float, float] = (-10.0, 10.0),
    shuffle: bool = True,
    random_state: Any = None,
    return_centers: bool = False,
) -> Any:
    """Generate isotropic Gaussian blobs.

    Parameters
    ----------
    n_samples : int or array-like of shape (n_centers,), default=100
        Number of rows in all, divided as evenly as it goes, or of each blob.
    n_features : int, default=2
        Number of columns, where `centers` does not say it.
    centers : int, array-like of shape (n_centers, n_features) or None, default=None
        Number of centres to draw, or the centres. None means 3, or one for each entry of
        `n_samples`.
    cluster_std : float or array-like of shape (n_centers,), default=1.0
        Standard deviation of the blobs.
    center_box : (float, float), default=(-10.0, 10.0)
        Bounds of each coordinate of the centres that are drawn.
    shuffle : bool, default=True
        Shuffle the rows.
    random_state : None, int, RandomState or Generator, default=None
        Seed. An int gives the same data each time, and scikit-learn's.
    return_centers : bool, default=False
        Also return the centres.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features), float64
        The rows.
    y : ndarray of shape (n_samples,), int64
        The blob of each row.
    centers : ndarray of shape (n_centers, n_features), float64
        Only with ``return_centers=True``.

    Raises
    ------
    ValueError
        If a parameter breaks its rule or the lengths of `n_samples`, `centers` and `cluster_std`
        differ.

    Examples
    --------
    >>> from scratchml.datasets import make_blobs
    >>> X, y = make_blobs(n_samples=[2, 3], centers=[[0, 0], [9, 9]], shuffle=False, random_state=0)
    >>> X.shape, y.tolist()
    ((5, 2), [0, 0, 1, 1, 1])
    """
    check_parameters(RULES, locals(), "make_blobs")
    sizes = None if isinstance(n_samples, Integral) else _check_sizes(n_samples)
    n_centers = _count_centers(sizes, centers)
    rng = frozen_generator(random_state)
    if centers is None or isinstance(centers, Integral):
        centers = rng.uniform(*center_box, size=(n_centers, n_features))
    else:
        centers = check_array(centers, name="centers")
    if sizes is None:
        sizes = [n_samples // n_centers + (i < n_samples % n_centers) for i in range(n_centers)]
    stds = _check_stds(cluster_std, n_centers)

    shape = (centers.shape[1],)
    X = np.vstack(
        [
            rng.normal(loc=c, scale=s, size=(n, *shape))
            for c, s, n in zip(centers, stds, sizes, strict=True)
        ]
    )
    y = np.repeat(np.arange(n_centers), sizes)
    if shuffle:
        X, y = shuffle_rows(X, y, rng)
    return (X, y, centers) if return_centers else (X, y)


def _check_sizes(n_samples: Any) -> list[int]:
    sizes = np.asarray(n_samples)
    if sizes.ndim != 1 or sizes.dtype.kind not in "iu" or sizes.size == 0 or sizes.min() < 0:
        raise ValueError(f"n_samples must hold the number of rows of each blob, got {n_samples!r}.")
    return [int(n) for n in sizes]


def _count_centers(sizes: list[int] | None, centers: Any) -> int:
    if sizes is None:
        if centers is None:
            return 3
        return int(centers) if isinstance(centers, Integral) else len(centers)
    if isinstance(centers, Integral):
        raise ValueError(
            f"Parameter `centers` must be array-like where n_samples is. Got {centers!r} instead"
        )
    if centers is not None and len(centers) != len(sizes):
        raise ValueError(
            "Length of `n_samples` not consistent with number of centers. Got n_samples = "
            f"{sizes} and centers = {centers}"
        )
    return len(sizes)


def _check_stds(cluster_std: Any, n_centers: int) -> np.ndarray:
    if np.ndim(cluster_std) == 0:
        return np.full(n_centers, cluster_std, dtype=np.float64)
    stds = check_array(cluster_std, name="cluster_std", dtype=np.float64, ndim=1)
    if len(stds) != n_centers:
        raise ValueError(
            f"Length of `cluster_std` not consistent with number of centers. Got {n_centers} "
            f"centers and cluster_std = {cluster_std}"
        )
    if stds.min() < 0:
        raise ValueError(f"cluster_std must not be negative, got {cluster_std}.")
    return stds
