"""A support vector machine that learns where samples are: those elsewhere are novel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.rules import Rule
from scratchml._core.validation import n_samples
from scratchml.svm.base import BaseSVM
from scratchml.svm.settings import KERNEL_RULES, NU_RULE, SOLVER_RULES, filled, positive_weights
from scratchml.svm.smo import Dual


class OneClassSVM(BaseSVM):
    """Detection of novelties: the region where most of the samples are.

    Minimises over w and rho, by sequential minimal optimisation of the dual problem [1]_ [2]_::

        1/2 ||w||^2 - nu n rho + sum_i max(0, rho - w'phi(x_i))

    where phi is the map that the kernel stands for, ``K(x, y) = phi(x)'phi(y)``. A sample with
    ``w'phi(x) < rho`` is novel.

    Parameters
    ----------
    kernel : {"linear", "poly", "rbf", "sigmoid", "precomputed"} or callable, default="rbf"
        How samples are compared: ``x'y``, ``(gamma x'y + coef0)^degree``,
        ``exp(-gamma ||x - y||^2)``, ``tanh(gamma x'y + coef0)``; "precomputed" takes the matrix of
        kernel values as X; a callable gets two sets of samples and returns their matrix.
    degree : int, default=3
        Degree of the "poly" kernel.
    gamma : {"scale", "auto"} or float, default="scale"
        Factor in the "poly", "rbf" and "sigmoid" kernels, positive: "scale" is
        ``1 / (n_features * X.var())``, "auto" ``1 / n_features``.
    coef0 : float, default=0.0
        Summand in the "poly" and "sigmoid" kernels.
    tol : float, default=1e-3
        A problem is solved when its KKT conditions are violated by at most this.
    nu : float, default=0.5
        At most this share of the samples are outside of the region, and at least this share are
        support vectors; in (0, 1].
    shrinking : bool, default=True
        Leave samples that seem to have reached a bound aside for a while. The result is the same.
    cache_size : float, default=200
        Memory for kernel values, in MB.
    verbose : bool or int, default=False
        Print a line for each problem solved.
    max_iter : int, default=-1
        Largest number of iterations for each problem; -1 sets no limit.

    Attributes
    ----------
    support_ : ndarray of int32, shape (n_support,)
        Places of the support vectors among the samples of the fit.
    support_vectors_ : ndarray of shape (n_support, n_features)
        The support vectors; empty, of shape (0, 0), where the kernel is precomputed or a callable.
        After a fit to sparse samples this, ``dual_coef_`` and ``coef_`` are sparse matrices too.
    n_support_ : ndarray of int32, shape (1,)
        Number of support vectors.
    dual_coef_ : ndarray of shape (1, n_support)
        Their coefficients.
    intercept_ : ndarray of shape (1,)
        The constant in the decision function.
    coef_ : ndarray of shape (1, n_features)
        Weights of the features, with ``kernel="linear"`` only.
    certificate_ : dict
        How good the solution is: "objective", the value of the dual problem; "gap", the
        duality gap, within which that is of its minimum; "violation", the largest violation of the
        KKT conditions, to compare with `tol`.
    n_iter_ : int
        Iterations, each of which moves two coefficients.
    fit_status_ : int
        0 if solved to `tol`, 1 if `max_iter` ended it.
    shape_fit_ : tuple of int
        Shape of X in `fit`.
    offset_ : ndarray of shape (1,)
        Minus ``intercept_``: the score below which a sample is novel.
    n_features_in_ : int
        Number of features; not set by a callable kernel.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    SVC : Classification.

    References
    ----------
    .. [1] B. Schoelkopf, J. Platt, J. Shawe-Taylor, A. Smola, R. Williamson, "Estimating the
       support of a high-dimensional distribution", Neural Computation 13 (2001).
    .. [2] R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information
       for training support vector machines", Journal of Machine Learning Research 6 (2005).

    Examples
    --------
    >>> from scratchml.svm import OneClassSVM
    >>> model = OneClassSVM(gamma=1.0, nu=0.3).fit([[0.0], [0.1], [0.2], [0.3], [5.0]])
    >>> model.predict([[0.15], [2.0]])
    array([ 1, -1])
    """

    _tags: ClassVar[Mapping[str, Any]] = {"estimator_type": "outlier_detector"}
    _estimator_type = "outlier_detector"
    _rules: ClassVar[Mapping[str, Rule]] = {**KERNEL_RULES, "nu": NU_RULE, **SOLVER_RULES}

    def __init__(
        self,
        *,
        kernel: Any = "rbf",
        degree: int = 3,
        gamma: Any = "scale",
        coef0: float = 0.0,
        tol: float = 1e-3,
        nu: float = 0.5,
        shrinking: bool = True,
        cache_size: float = 200,
        verbose: bool | int = False,
        max_iter: int = -1,
    ) -> None:
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.nu = nu
        self.shrinking = shrinking
        self.cache_size = cache_size
        self.verbose = verbose
        self.max_iter = max_iter

    @atomic
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn the region.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or (n_samples, n_samples)
            Samples, used as float64; with ``kernel="precomputed"`` the kernel matrix. A callable
            kernel takes whatever it can compare.
        y : object
            Not looked at, there for pipelines.
        sample_weight : float or array-like of shape (n_samples,), optional
            Factors by which each sample's share in the loss is multiplied. Samples of weight zero
            or less take no part.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter, or the data, breaks a rule; the message names it.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` iterations do not suffice.
        """
        X = self._check_samples(X)
        weight = positive_weights(sample_weight, n_samples(X))
        index = np.flatnonzero(weight > 0)
        bound = weight[index]
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
            rows = self._training_rows(X)
            rows = rows if len(index) == len(weight) else rows.take(index)
            nothing = np.zeros(len(index))
            start = filled(bound, self.nu * bound.sum())
            groups = np.zeros(len(index), dtype=np.int64)
            dual = Dual(nothing, nothing, bound, 0.0, start, groups)
            (solution,) = self._solve(rows, [np.arange(len(rows))], [dual])
        self._learn(X, index, solution.b[None], solution.bias.copy())
        self.offset_ = -self.intercept_
        self.n_iter_ = solution.n_iter
        self._report([dual], [solution])
        return self

    def fit_predict(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Fit to samples and tell which of them are outside of the region.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.
        y : object
            Not looked at.
        **fit_params : object
            Passed to `fit`.

        Returns
        -------
        ndarray of int64, shape (n_samples,)
            1 inside, -1 outside.
        """
        return self.fit(X, y, **fit_params).predict(X)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return how far samples are inside of the region.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features or n_samples_fit)
            Samples; with ``kernel="precomputed"`` their kernel values with those of the fit.

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Positive inside, negative outside.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit.
        """
        return self._decide(X)[:, 0]

    def score_samples(self, X: Any) -> np.ndarray:
        """Return the decision values without the offset, ``w'phi(x)``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features or n_samples_fit)
            Samples; with ``kernel="precomputed"`` their kernel values with those of the fit.

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            ``decision_function(X) + offset_``.
        """
        return self.decision_function(X) + self.offset_

    def predict(self, X: Any) -> np.ndarray:
        """Return 1 for samples inside of the region, -1 for the others.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features or n_samples_fit)
            Samples; with ``kernel="precomputed"`` their kernel values with those of the fit.

        Returns
        -------
        ndarray of int64, shape (n_samples,)
            1 or -1.
        """
        return np.where(self.decision_function(X) > 0, 1, -1)
