"""From LIBSVM's model files to estimators (the format: `libsvm_format`).

Our machines say d > 0 for the first class of a pair in sorted order, with two classes for the
second. A file keeps classes in the order of its `label`, s(i) their places when sorted:

    machine (i, j) of the file    becomes    machine (s(i), s(j)), or (s(j), s(i)) with -d
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.csr import CSR
from scratchml._core.rules import boolean, check_parameters, integer, none
from scratchml.datasets.files import SMALL, read_bytes
from scratchml.datasets.svmlight import DENSE_GROWTH
from scratchml.svm.libsvm_format import (
    KERNELS,
    TYPES,
    LibsvmModel,
    read_model,
)
from scratchml.svm.libsvm_words import LARGEST
from scratchml.svm.votes import pairs

_RULES = {
    "n_features": integer(1, LARGEST) | none(),
    "sort_classes": boolean(),
    "sparse": boolean(),
}


def load_libsvm_model(
    path: Any, *, n_features: int | None = None, sort_classes: bool = True, sparse: bool = False
) -> Any:
    r"""Load a model that LIBSVM's svm-train or `save_libsvm_model` wrote, ready to predict.

    Parameters
    ----------
    path : str, path-like or binary file
        The file; it may be compressed with gzip, bzip2 or xz.
    n_features : int or None, default=None
        Number of columns of the samples to come; with a precomputed kernel the number of training
        samples. None takes the largest that the file names: give it where the last columns are
        zero in all support vectors.
    sort_classes : bool, default=True
        Whether ``classes_`` is sorted, as after a fit, or in the file's order. It decides what wins
        if several of more than two classes have as many votes: the first.
    sparse : bool, default=False
        Keep the support vectors sparse, as a fit to sparse samples does; samples to predict may
        then be sparse too.

    Returns
    -------
    SVC, NuSVC, SVR, NuSVR or OneClassSVM
        With the attributes of a fit. What a file does not tell has its default (``C``, ``nu``,
        ``epsilon``, ...) or is not there (``certificate_``, ``n_iter_``, ``fit_status_``);
        ``support_`` counts the support vectors, as the places of the samples are unknown, except
        with a precomputed kernel.

    Raises
    ------
    ValueError
        If the file breaks the format; names the line and the rule. If `n_features` is less than the
        file needs, or the support vectors would take memory out of proportion to the file.
    OSError
        If the file cannot be read.

    See Also
    --------
    save_libsvm_model : The way back.

    Notes
    -----
    Predictions are those of ``svm-predict`` without probabilities; the parameters of these (probA,
    probB) are checked and left out: `CalibratedClassifierCV` fits its own. With
    ``sort_classes=False`` ties of votes too are broken as ``svm-predict`` does.

    Examples
    --------
    >>> import io
    >>> from scratchml.svm import load_libsvm_model
    >>> file = io.BytesIO(
    ...     b"svm_type c_svc\nkernel_type linear\nnr_class 2\ntotal_sv 2\nrho -1\n"
    ...     b"label 1 -1\nnr_sv 1 1\nSV\n0.5 1:1\n-0.5 1:-1 2:2\n"
    ... )
    >>> model = load_libsvm_model(file)
    >>> model.classes_, model.coef_, model.intercept_
    (array([-1,  1]), array([[ 1., -1.]]), array([1.]))
    >>> model.predict([[0.0, 0.0], [0.0, 2.0]])
    array([ 1, -1])
    """
    check_parameters(_RULES, locals(), "load_libsvm_model")
    content, name = read_bytes(path)
    model = read_model(content, name)
    width = _width(model, n_features, name)
    from scratchml import svm

    kernel = KERNELS[model.kernel_type]
    estimator = getattr(svm, TYPES[model.svm_type])(
        kernel=kernel, degree=model.degree, coef0=model.coef0
    )
    if model.gamma > 0:
        estimator.gamma = model.gamma
    if model.labels:
        labels = np.array(model.labels, dtype=np.int64)
        order = np.argsort(labels) if sort_classes else np.arange(len(labels))
        model, by_class = _reordered(model, order)
        estimator.classes_ = labels[order]
        estimator.class_weight_ = np.ones(len(labels))
    else:
        by_class = np.arange(len(model.indptr) - 1)
    estimator._kernel_ = (kernel, model.gamma, model.coef0, model.degree)
    estimator.n_features_in_ = width
    flip = -1.0 if len(model.labels) == 2 else 1.0  # two classes: positive for the second
    estimator.dual_coef_ = _kept(flip * model.coef + 0.0)
    estimator.intercept_ = _kept(-flip * model.rho + 0.0)
    estimator.n_support_ = model.n_support.astype(np.int32)
    if model.svm_type == "one_class":
        estimator.offset_ = model.rho.copy()
    if kernel == "precomputed":
        if sparse:
            raise ValueError("sparse=True needs support vectors; a precomputed kernel has none.")
        estimator.support_ = (model.values[by_class] - 1).astype(np.int32)
        estimator.support_vectors_ = _kept(np.empty((0, 0)))
        estimator.shape_fit_ = (width, width)
        return estimator
    shape = (len(by_class), width)
    if not sparse and n_features is None:
        _check_dense_size(shape, len(content), name)
    vectors = _sparse_vectors(model, by_class, shape)
    estimator.support_ = np.arange(len(by_class), dtype=np.int32)
    estimator._support_vectors_ = vectors if sparse else _kept(_dense(vectors))
    estimator.shape_fit_ = shape
    return estimator


def _width(model: LibsvmModel, n_features: int | None, name: str) -> int:
    """Return the number of columns: that of the file, unless the user knows of more."""
    named = model.values if model.kernel_type == "precomputed" else model.indices
    found = int(named.max(initial=1))
    if n_features is not None and n_features < found:
        raise ValueError(f"n_features was set to {n_features}, but {name} needs {found}.")
    return n_features or found


def _check_dense_size(shape: tuple[int, int], size: int, name: str) -> None:
    needed = 8 * shape[0] * shape[1]
    if needed > max(SMALL, DENSE_GROWTH * size):
        raise ValueError(
            f"{name}: dense support vectors of shape {shape} take {needed} bytes for {size} bytes "
            f"of text; pass sparse=True, or n_features={shape[1]} to say that it is meant."
        )


def _sparse_vectors(model: LibsvmModel, order: np.ndarray, shape: tuple[int, int]) -> CSR:
    """Return the support vectors in `order`."""
    counts = np.diff(model.indptr)[order]
    indptr = np.append(0, np.cumsum(counts))
    entry = np.arange(indptr[-1]) + np.repeat(model.indptr[order] - indptr[:-1], counts)
    indices = (model.indices[entry] - 1).astype(np.int32)
    return CSR(model.values[entry], indices, indptr.astype(np.int64), shape)


def _dense(rows: CSR) -> np.ndarray:
    X = np.zeros(rows.shape)
    X[np.repeat(np.arange(len(X)), np.diff(rows.indptr)), rows.indices] = rows.data
    return X


def _kept(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False  # as after a fit
    return array


def _reordered(model: LibsvmModel, order: np.ndarray) -> tuple[LibsvmModel, np.ndarray]:
    """Return the model with its classes in `order`, and the new order of the support vectors."""
    k, n = len(order), model.coef.shape[1]
    place = np.empty(k, dtype=np.int64)
    place[order] = np.arange(k)
    own = np.repeat(np.arange(k), model.n_support)  # (n,) class of each support vector
    row = np.arange(k - 1)[:, np.newaxis]
    other = row + (row >= own)  # (k - 1, n) class that a coefficient is against
    turned = (other > own) != (place[other] > place[own])
    coef = np.empty((k - 1, n))
    coef[place[other] - (place[other] > place[own]), np.arange(n)] = np.where(turned, -1, 1) * (
        model.coef
    )
    first, second = pairs(k)
    rho = np.zeros((k, k))
    rho[place[first], place[second]] = model.rho
    rho[place[second], place[first]] = -model.rho
    by_class = np.argsort(place[own], kind="stable")
    changed = {
        "coef": np.ascontiguousarray(coef[:, by_class]),
        "rho": rho[first, second],
        "labels": [model.labels[i] for i in order.tolist()],
        "n_support": model.n_support[order],
    }
    return model._replace(**changed), by_class
