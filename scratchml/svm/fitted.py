"""Prediction by support vector machines, from what a fit or a file left.

The support vectors are prepared for prediction once (`decision`), and again after an attribute that
matters was exchanged for another; an array of a fit cannot be changed in place.
"""

from __future__ import annotations

from operator import is_
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from scratchml._core.conversion import is_sparse
from scratchml._core.csr import CSR, csr_of_dense, csr_of_scipy
from scratchml._core.estimator import Estimator, check_is_fitted
from scratchml._core.validation import check_array, n_samples
from scratchml.svm.decision import Learned, Machine, decide, pair_weights, prepare
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel
from scratchml.svm.sparse_rows import SparseRows

_ATTRIBUTES = ("support_", "_support_vectors_", "n_support_", "_dual_coef_", "intercept_")
_KEYS = (*_ATTRIBUTES, "_kernel_", "shape_fit_")

# Prepared support vectors by estimator, beside it: copies and files do without them.
_prepared: WeakKeyDictionary[FittedSVM, tuple[tuple[Any, ...], Machine]] = WeakKeyDictionary()


def rows_of(kernel: Kernel, X: Any) -> Any:
    """Return checked samples as rows that `kernel` compares: all samples pass through here."""
    if isinstance(X, CSR):
        if problem := X.problem():
            raise ValueError(f"sparse samples are broken: {problem}")
        return SparseRows(kernel, X.indptr, X.indices, X.data, X.shape[1])
    return DenseRows(kernel, X)


class FittedSVM(Estimator):
    """A kernel machine that predicts."""

    kernel: Any
    support_: np.ndarray
    n_support_: np.ndarray
    intercept_: np.ndarray
    _support_vectors_: np.ndarray | CSR
    _dual_coef_: np.ndarray
    _kernel_: tuple[str, float, float, int]
    _X_fit_: Any

    @property
    def _pairwise(self) -> bool:
        """Whether X is a matrix of kernel values, of which a subset takes rows and columns."""
        return isinstance(self.kernel, str) and self.kernel == "precomputed"

    def __sklearn_tags__(self) -> Any:
        """Build scikit-learn's description of this estimator; only scikit-learn calls this."""
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self._pairwise
        tags.input_tags.sparse = not self._pairwise
        return tags

    # After a fit to sparse samples these three are SciPy's, made when asked for: a model's own
    # arrays go to files, and predict, without SciPy.

    @property
    def support_vectors_(self) -> Any:
        """The support vectors, (n_support, n_features)."""
        vectors = self._kept("support_vectors_")
        return vectors.to_scipy() if isinstance(vectors, CSR) else vectors

    @support_vectors_.setter
    def support_vectors_(self, X: Any) -> None:
        name = "support_vectors_"
        self._support_vectors_ = csr_of_scipy(X, np.float64, name) if is_sparse(X) else X

    @property
    def dual_coef_(self) -> Any:
        """Their coefficients, (n_rows, n_support)."""
        coef = self._kept("dual_coef_")
        sparse = isinstance(self._kept("support_vectors_"), CSR)
        return csr_of_dense(coef).to_scipy() if sparse else coef

    @dual_coef_.setter
    def dual_coef_(self, coef: Any) -> None:
        self._dual_coef_ = coef.toarray() if is_sparse(coef) else coef

    @property
    def coef_(self) -> Any:
        """Weights of the features, (n_machines, n_features); only the linear kernel has them."""
        if not hasattr(self, "_kernel_") or self._kernel_[0] != "linear":
            raise AttributeError("coef_ is only available after a fit with kernel='linear'")
        vectors = self._support_vectors_
        coef = pair_weights(self._dual_coef_, self.n_support_, vectors)
        coef.flags.writeable = False
        return csr_of_dense(coef).to_scipy() if isinstance(vectors, CSR) else coef

    def _kept(self, name: str) -> Any:
        try:
            return vars(self)[f"_{name}"]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r} yet") from None

    def _kernel_matrix(self, X: Any, Y: Any) -> np.ndarray:
        """Return what a callable kernel says of each pair, checked."""
        K = self.kernel(X, Y)
        K = K.toarray() if hasattr(K, "toarray") else K
        expected = (n_samples(X), n_samples(Y))
        if np.shape(K) != expected:
            raise ValueError(
                f"The callable kernel must return a matrix of shape {expected}, a value for each "
                f"pair of samples; it returned the shape {np.shape(K)}."
            )
        return check_array(K, name="kernel(X, Y)", dtype=np.float64, order="C")

    def _decide(self, X: Any) -> np.ndarray:
        """Return the decision values of samples, (n, n_machines)."""
        machine = self._machine()
        if machine.is_matrix:
            X = self._kernel_rows(X, machine.n_columns)
        else:
            X = self._check_X(X, dtype=np.float64, order="C", accept_sparse=True)
            if X.shape[1] != machine.n_columns:
                raise ValueError(_altered(self, "n_features_in_ is not that of the fit"))
            if isinstance(X, CSR) != isinstance(self._support_vectors_, CSR):
                X = self._as_in_fit(X)
        return decide(machine, X)

    def _as_in_fit(self, X: np.ndarray | CSR) -> CSR:
        """Return samples as sparse rows, for a model that was fitted to such."""
        if isinstance(X, CSR):
            raise ValueError(
                f"cannot use sparse input in {type(self).__name__!r} trained on dense data; use "
                "X.toarray(), or fit to sparse data."
            )
        return csr_of_dense(X)

    def _kernel_rows(self, X: Any, n_fit: int) -> np.ndarray:
        """Return the kernel's values at samples and those of the fit, (n, n_fit)."""
        if callable(self.kernel):
            return self._kernel_matrix(X, self._X_fit_)
        X = self._check_X(X, dtype=np.float64, order="C")
        if X.shape[1] != n_fit:
            raise ValueError(
                f"A precomputed kernel matrix needs a column for each of the {n_fit} samples of "
                f"the fit; X has {X.shape[1]}."
            )
        return X

    def _machine(self) -> Machine:
        """Return what prediction needs, prepared again after an attribute was exchanged."""
        own = vars(self)
        try:
            key = tuple([own[name] for name in _KEYS])
        except KeyError as error:
            check_is_fitted(self)
            raise ValueError(_altered(self, f"{error} is missing")) from None
        known = _prepared.get(self)
        if known is not None and all(map(is_, key, known[0])):
            return known[1]
        try:
            machine = _prepare(key)
        except ValueError as error:
            raise ValueError(_altered(self, str(error))) from None
        _prepared[self] = key, machine
        return machine


def _prepare(key: tuple[Any, ...]) -> Machine:
    *learned, kernel, shape = key
    places = type(shape) is tuple and bool(shape) and all(type(size) is int for size in shape)
    kinds = [str, float, float, int]
    if not places or type(kernel) is not tuple or [type(part) for part in kernel] != kinds:
        raise ValueError("what it knows of its kernel is no such thing")
    if kernel[0] in ("callable", "precomputed"):
        return prepare(Learned(*learned), None, shape[0])
    if kernel[0] not in ("linear", "poly", "rbf", "sigmoid") or len(shape) != 2:
        raise ValueError(f"it has no kernel {kernel[0]!r:.80}")
    return prepare(Learned(*learned), lambda X: rows_of(Kernel(*kernel), X), shape[1])


def _altered(model: FittedSVM, how: str) -> str:
    return f"The internal representation of {type(model).__name__} was altered: {how}."
