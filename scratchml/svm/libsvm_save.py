"""From fitted estimators to LIBSVM's model files (the format: `libsvm_format`).

Our machines say d > 0 for the first class of a pair, as LIBSVM's do; but with two classes for the
second, so that signs are turned there.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from scratchml._core.csr import CSR
from scratchml._core.estimator import check_is_fitted
from scratchml._core.persistence.files import replacing
from scratchml.svm.fitted import FittedSVM
from scratchml.svm.libsvm_format import KERNELS, TYPES, LibsvmModel, write_model
from scratchml.svm.libsvm_words import LARGEST


def save_libsvm_model(estimator: Any, path: Any) -> None:
    """Write a fitted support vector machine as LIBSVM's model file.

    Numbers have 17 digits, so that LIBSVM computes with the same.

    Parameters
    ----------
    estimator : SVC, NuSVC, SVR, NuSVR or OneClassSVM
        Fitted, ours or scikit-learn's.
    path : str, path-like or binary file
        Where to. A file at that path is replaced in one step when all has been written.

    Raises
    ------
    TypeError
        If `estimator` is none of these.
    ValueError
        If its kernel is a callable, or its classes are not integers of 32 bits: LIBSVM knows no
        others.
    NotFittedError
        If it is not fitted.
    OSError
        If the file cannot be written.

    See Also
    --------
    load_libsvm_model : The way back.

    Examples
    --------
    >>> import io
    >>> from scratchml.svm import SVC, save_libsvm_model
    >>> file = io.BytesIO()
    >>> save_libsvm_model(SVC(kernel="linear").fit([[-1.0], [1.0]], [3, 8]), file)
    >>> print(file.getvalue().decode())
    svm_type c_svc
    kernel_type linear
    nr_class 2
    total_sv 2
    rho 0
    label 3 8
    nr_sv 1 1
    SV
    0.5 1:-1
    -0.5 1:1
    """
    lines = write_model(_model_of(estimator))
    if hasattr(path, "write"):
        path.writelines(lines)
    else:
        with replacing(os.path.realpath(os.fsdecode(path))) as file:
            file.writelines(lines)


def _model_of(estimator: Any) -> LibsvmModel:
    """Return a fitted machine as its file will tell it."""
    types = {name: svm_type for svm_type, name in TYPES.items()}
    if type(estimator).__name__ not in types or not hasattr(estimator, "kernel"):
        raise TypeError(
            f"save_libsvm_model takes a {', '.join(types)} of scratchml or scikit-learn, got "
            f"{estimator!r:.200}."
        )
    check_is_fitted(estimator)
    if callable(estimator.kernel):
        raise ValueError("LIBSVM's files know no callable kernel: use a precomputed one.")
    kernel, gamma, coef0, degree = getattr(estimator, "_kernel_", None) or (
        estimator.kernel,
        float(estimator._gamma),
        float(estimator.coef0),
        int(estimator.degree),
    )
    labels = _integers(estimator.classes_) if hasattr(estimator, "classes_") else []
    flip = -1.0 if len(labels) == 2 else 1.0
    indptr, indices, values = _sparse_rows(estimator, kernel)
    ours = isinstance(estimator, FittedSVM)  # scikit-learn's _dual_coef_ has another sign
    dual_coef = estimator._dual_coef_ if ours else estimator.dual_coef_
    dual_coef = dual_coef.toarray() if hasattr(dual_coef, "toarray") else dual_coef
    return LibsvmModel(
        types[type(estimator).__name__],
        {ours: theirs for theirs, ours in KERNELS.items()}[kernel],
        degree,
        gamma,
        coef0,
        -flip * estimator.intercept_ + 0.0,
        labels,
        np.asarray(estimator.n_support_, dtype=np.int64),
        flip * dual_coef + 0.0,
        indices,
        values,
        indptr,
    )


def _sparse_rows(estimator: Any, kernel: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return indptr, indices from 1 and values of the support vectors as the file has them."""
    if kernel == "precomputed":
        n = len(estimator.support_)
        return np.arange(n + 1), np.zeros(n, dtype=np.int64), estimator.support_ + 1.0
    own = vars(estimator)
    vectors = own["_support_vectors_" if "_support_vectors_" in own else "support_vectors_"]
    if isinstance(vectors, CSR):
        return vectors.indptr, vectors.indices + 1, vectors.data
    if hasattr(vectors, "tocsr"):  # SciPy's, of scikit-learn's estimators
        vectors = vectors.tocsr().copy()
        vectors.sum_duplicates()  # sorts the indices too
        return vectors.indptr, vectors.indices + 1, vectors.data
    row, column = np.nonzero(vectors)
    counts = np.bincount(row, minlength=len(vectors))
    return np.append(0, np.cumsum(counts)), column + 1, vectors[row, column]


def _integers(classes: np.ndarray) -> list[int]:
    """Return the classes as LIBSVM's labels."""
    whole = classes.dtype.kind in "iu" or (
        classes.dtype.kind == "f" and (np.trunc(classes) == classes).all()
    )
    if not whole or np.abs(classes.astype(np.float64)).max() > LARGEST:
        raise ValueError(
            "LIBSVM's labels are integers of 32 bits, but classes_ holds "
            f"{classes.tolist()!r:.200}: fit to class numbers instead."
        )
    return [int(label) for label in classes.tolist()]
