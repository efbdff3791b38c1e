r"""A classification problem of known difficulty: Gaussian clusters at the corners of a hypercube.

A cluster k of class ``k mod n_classes`` sits at a corner c_k of a hypercube with sides
``2 class_sep``.  Its points are ::

    x = z A_k + c_k,    z ~ N(0, I),    A_k uniform in [-1, 1)

so that within each cluster the informative features are correlated in another way.  Then come
redundant features ``X_informative B`` (B uniform in [-1, 1)), repeated columns, columns of noise,
flipped labels, a shift and a scale.

Reference: I. Guyon, Design of experiments for the NIPS 2003 variable selection benchmark (2003),
where the problem is called Madelon.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.rules import (
    array_like,
    boolean,
    check_parameters,
    integer,
    none,
    random_state,
    real,
)
from scratchml._core.validation import check_array
from scratchml.datasets.bunch import Bunch
from scratchml.datasets.draws import distinct_below, frozen_generator, shuffle_rows

RULES = {
    "n_samples": integer(1),
    "n_features": integer(1),
    "n_informative": integer(1),
    "n_redundant": integer(0),
    "n_repeated": integer(0),
    "n_classes": integer(1),
    "n_clusters_per_class": integer(1),
    "weights": array_like() | none(),
    "flip_y": real(0, 1, "both"),
    "class_sep": real(0, closed="neither"),
    "hypercube": boolean(),
    "shift": real(closed="neither") | array_like() | none(),
    "scale": real(0, closed="neither") | array_like() | none(),
    "shuffle": boolean(),
    "random_state": random_state(),
    "return_X_y": boolean(),
}


def make_classification(
    n_samples: int = 100,
    n_features: int = 20,
    *,
    n_informative: int = 2,
    n_redundant: int = 2,
    n_repeated: int = 0,
    n_classes: int = 2,
    n_clusters_per_class: int = 2,
    weights: Any = None,
    flip_y: float = 0.01,
    class_sep: float = 1.0,
    hypercube: bool = True,
    shift: Any = 0.0,
    scale: Any = 1.0,
    shuffle: bool = True,
    random_state: Any = None,
    return_X_y: bool = True,
) -> Any:
    """Generate a random classification problem with informative and useless features.

    Without `shuffle` the columns stand in the order informative, redundant, repeated, noise.

    Parameters
    ----------
    n_samples : int, default=100
        Number of rows.
    n_features : int, default=20
        Number of columns.
    n_informative : int, default=2
        Columns that determine the class, at least log2(n_classes * n_clusters_per_class).
    n_redundant : int, default=2
        Columns that are linear combinations of the informative ones.
    n_repeated : int, default=0
        Columns that are copies of informative or redundant ones. The rest is noise.
    n_classes : int, default=2
        Number of classes.
    n_clusters_per_class : int, default=2
        Number of corners that each class occupies.
    weights : array-like of shape (n_classes,) or (n_classes - 1,), default=None
        Share of each class; a last one left out is what remains to 1. None means equal shares.
    flip_y : float, default=0.01
        Share of rows whose class is drawn anew from all classes.
    class_sep : float, default=1.0
        Half the hypercube's side. Smaller is harder.
    hypercube : bool, default=True
        False moves the corners to a random polytope.
    shift : float, array-like of shape (n_features,) or None, default=0.0
        Added to the columns; None draws it from [-class_sep, class_sep).
    scale : float, array-like of shape (n_features,) or None, default=1.0
        Multiplies the columns after the shift; None draws it from [1, 101).
    shuffle : bool, default=True
        Shuffle rows and columns.
    random_state : None, int, RandomState or Generator, default=None
        Seed. An int gives the same data each time, and scikit-learn's.
    return_X_y : bool, default=True
        False returns a Bunch that also says what each column is.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features), float64
        The rows.
    y : ndarray of shape (n_samples,), int64
        Their classes 0, ..., n_classes - 1.
    Bunch
        Instead of both with ``return_X_y=False``: ``X``, ``y``, ``feature_info`` (for each column
        "informative", "redundant", "repeated" or "random"), ``parameters``, ``DESCR``.

    Raises
    ------
    ValueError
        If a parameter breaks its rule or the columns or corners do not suffice.

    Examples
    --------
    >>> from scratchml.datasets import make_classification
    >>> X, y = make_classification(n_samples=6, n_features=4, random_state=0)
    >>> X.shape, y.tolist()
    ((6, 4), [0, 1, 1, 1, 0, 0])
    """
    parameters = dict(locals())
    check_parameters(RULES, parameters, "make_classification")
    n_useful = n_informative + n_redundant + n_repeated
    n_clusters = n_classes * n_clusters_per_class
    _check_counts(n_features, n_useful, n_informative, n_clusters)
    shift = _per_column(shift, "shift", n_features)
    scale = _per_column(scale, "scale", n_features)
    sizes = _cluster_sizes(n_samples, _shares(weights, n_classes), n_clusters)
    rng = frozen_generator(random_state)

    corners = _corners(n_clusters, n_informative, class_sep, hypercube, rng)
    X = np.zeros((n_samples, n_features))
    X[:, :n_informative] = rng.standard_normal(size=(n_samples, n_informative))
    y = _place_clusters(X[:, :n_informative], corners, sizes, n_classes, rng)
    _add_dependent_columns(X, n_informative, n_redundant, n_repeated, rng)
    if n_features > n_useful:
        X[:, n_useful:] = rng.standard_normal(size=(n_samples, n_features - n_useful))

    flipped = rng.uniform(size=n_samples) < flip_y
    y[flipped] = rng.randint(n_classes, size=flipped.sum())
    if shift is None:
        shift = (2 * rng.uniform(size=n_features) - 1) * class_sep
    X += shift
    if scale is None:
        scale = 1 + 100 * rng.uniform(size=n_features)
    X *= scale

    order = np.arange(n_features)
    if shuffle:
        X, y = shuffle_rows(X, y, rng)
        rng.shuffle(order)
        X = X.take(order, axis=1)
    if return_X_y:
        return X, y
    counts = [n_informative, n_redundant, n_repeated, n_features - n_useful]
    kinds = np.repeat(["informative", "redundant", "repeated", "random"], counts)
    return Bunch(
        X=X,
        y=y,
        feature_info=kinds[order].tolist(),
        parameters=parameters,
        DESCR=make_classification.__doc__,
    )


def _place_clusters(
    X: np.ndarray,
    corners: np.ndarray,
    sizes: list[int],
    n_classes: int,
    rng: np.random.RandomState,
) -> np.ndarray:
    """Turn the normal rows of X, in place, into one cluster after another; return their classes."""
    n, d = X.shape
    y = np.zeros(n, dtype=np.int64)
    stop = 0
    for k, corner in enumerate(corners):
        start, stop = stop, stop + sizes[k]
        y[start:stop] = k % n_classes
        A = 2 * rng.uniform(size=(d, d)) - 1
        X[start:stop] = X[start:stop] @ A + corner
    return y


def _add_dependent_columns(
    X: np.ndarray, n_informative: int, n_redundant: int, n_repeated: int, rng: np.random.RandomState
) -> None:
    """Fill the redundant and repeated columns of X, in place."""
    n = n_informative + n_redundant
    if n_redundant > 0:
        B = 2 * rng.uniform(size=(n_informative, n_redundant)) - 1
        X[:, n_informative:n] = X[:, :n_informative] @ B
    if n_repeated > 0:
        sources = ((n - 1) * rng.uniform(size=n_repeated) + 0.5).astype(np.intp)
        X[:, n : n + n_repeated] = X[:, sources]


def _corners(
    n_clusters: int, d: int, class_sep: float, hypercube: bool, rng: np.random.RandomState
) -> np.ndarray:
    """Return distinct corners of the hypercube as rows, shape (n_clusters, d)."""
    width = min(d, 30)  # a corner's number has 30 bits; coordinates beyond are drawn singly
    beyond = (
        rng.randint(2, size=(n_clusters, d - width)) if d > width else np.empty((n_clusters, 0))
    )
    numbers = distinct_below(2**width, n_clusters, rng)
    bits = (numbers[:, None] >> np.arange(width - 1, -1, -1)) & 1
    corners = np.hstack([beyond, bits]) * (2 * class_sep) - class_sep
    if not hypercube:
        corners *= rng.uniform(size=(n_clusters, 1))
        corners *= rng.uniform(size=(1, d))
    return corners


def _cluster_sizes(n_samples: int, shares: list[float], n_clusters: int) -> list[int]:
    """Return the size of each cluster; rows left over by rounding go to the first clusters."""
    n_classes = len(shares)
    per_class = n_clusters // n_classes
    sizes = [int(n_samples * shares[k % n_classes] / per_class) for k in range(n_clusters)]
    for k in range(n_samples - sum(sizes)):
        sizes[k % n_clusters] += 1
    return sizes


def _shares(weights: Any, n_classes: int) -> list[float]:
    if weights is None:
        return [1.0 / n_classes] * n_classes
    shares = check_array(weights, name="weights", dtype=np.float64, ndim=1, min_samples=0).tolist()
    if len(shares) not in (n_classes, n_classes - 1):
        raise ValueError(
            f"weights must have n_classes={n_classes} or n_classes - 1 entries, got {len(shares)}."
        )
    if len(shares) == n_classes - 1:
        shares.append(1.0 - sum(shares))
    if min(shares) < 0:
        raise ValueError(f"weights must be shares from 0 to 1, with the last one {shares}.")
    return shares


def _per_column(value: Any, name: str, n_features: int) -> Any:
    if value is None or np.ndim(value) == 0:
        return value
    value = check_array(value, name=name, dtype=np.float64, ndim=1)
    if len(value) != n_features:
        raise ValueError(f"{name} must have n_features={n_features} entries, got {len(value)}.")
    return value


def _check_counts(n_features: int, n_useful: int, n_informative: int, n_clusters: int) -> None:
    if n_useful > n_features:
        raise ValueError(
            "Number of informative, redundant and repeated features must sum to less than the "
            f"number of total features: got {n_useful} of n_features={n_features}."
        )
    if n_informative < np.log2(n_clusters):
        raise ValueError(
            f"n_classes * n_clusters_per_class = {n_clusters} must be smaller or equal "
            f"2**n_informative = {2**n_informative}."
        )
