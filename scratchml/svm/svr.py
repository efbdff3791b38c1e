"""Support vector machines that predict numbers: errors up to a width cost nothing.

SVR sets that width, epsilon; NuSVR sets the share of samples outside, from which the width follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from scratchml._core.rules import Rule, real
from scratchml.svm.regressor import BaseSVR
from scratchml.svm.settings import C_RULE, KERNEL_RULES, NU_RULE, SOLVER_RULES, filled
from scratchml.svm.smo import Dual, Solution


class SVR(BaseSVR):
    """Support vector regression.

    Minimises over w and b, by sequential minimal optimisation of the dual problem [1]_ [2]_::

        1/2 ||w||^2 + C sum_i max(0, |y_i - w'phi(x_i) - b| - epsilon)

    where phi is the map that the kernel stands for, ``K(x, y) = phi(x)'phi(y)``.

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
    C : float, default=1.0
        Price of an error, positive.
    epsilon : float, default=0.1
        Errors up to this cost nothing; at least 0.
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
    n_features_in_ : int
        Number of features; not set by a callable kernel.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    NuSVR : The same with a share of errors in place of their width.
    SVC : Classification.

    References
    ----------
    .. [1] A. Smola, B. Schoelkopf, "A tutorial on support vector regression", Statistics and
       Computing 14 (2004).
    .. [2] R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information
       for training support vector machines", Journal of Machine Learning Research 6 (2005).

    Examples
    --------
    >>> from scratchml.svm import SVR
    >>> model = SVR(kernel="linear", C=100.0, epsilon=0.0).fit([[0], [1], [2]], [1, 3, 5])
    >>> model.predict([[3]]).round(2)
    array([7.])
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        **KERNEL_RULES,
        "C": C_RULE,
        "epsilon": real(0),
        **SOLVER_RULES,
    }

    def __init__(
        self,
        *,
        kernel: Any = "rbf",
        degree: int = 3,
        gamma: Any = "scale",
        coef0: float = 0.0,
        tol: float = 1e-3,
        C: float = 1.0,
        epsilon: float = 0.1,
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
        self.C = C
        self.epsilon = epsilon
        self.shrinking = shrinking
        self.cache_size = cache_size
        self.verbose = verbose
        self.max_iter = max_iter

    def _problem(self, rows: Any, y: np.ndarray, bound: np.ndarray) -> tuple[Any, Dual]:
        """Return the problem with b_i = alpha_i - alpha*_i between -C_i and C_i."""
        n = len(y)
        dual = Dual(y, -bound, bound, self.epsilon, np.zeros(n), np.zeros(n, dtype=np.int64))
        return rows, dual

    def _coefficients(self, solution: Solution) -> tuple[np.ndarray, float]:
        return solution.b, float(solution.bias[0])


class NuSVR(BaseSVR):
    """Support vector regression with a share of errors as its parameter.

    As `SVR`, with the width epsilon replaced by `nu`: the width is as small as leaves at most this
    share of the samples outside, and at least this share are support vectors [1]_.

    Parameters
    ----------
    nu : float, default=0.5
        The share, in (0, 1].
    C : float, default=1.0
        Price of an error, positive and finite.
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
    shrinking : bool, default=True
        Leave samples that seem to have reached a bound aside for a while. The result is the same.
    tol : float, default=1e-3
        A problem is solved when its KKT conditions are violated by at most this.
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
    n_features_in_ : int
        Number of features; not set by a callable kernel.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    SVR : The same with the width of errors in place of their share.

    References
    ----------
    .. [1] B. Schoelkopf, A. Smola, R. Williamson, P. Bartlett, "New support vector algorithms",
       Neural Computation 12 (2000).
    .. [2] R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information
       for training support vector machines", Journal of Machine Learning Research 6 (2005).

    Examples
    --------
    >>> from scratchml.svm import NuSVR
    >>> model = NuSVR(kernel="linear", C=100.0).fit([[0], [1], [2], [3]], [1, 3, 5, 7])
    >>> model.predict([[4]]).round(2)
    array([9.])
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "nu": NU_RULE,
        "C": real(0, closed="neither"),
        **KERNEL_RULES,
        **SOLVER_RULES,
    }

    def __init__(
        self,
        *,
        nu: float = 0.5,
        C: float = 1.0,
        kernel: Any = "rbf",
        degree: int = 3,
        gamma: Any = "scale",
        coef0: float = 0.0,
        shrinking: bool = True,
        tol: float = 1e-3,
        cache_size: float = 200,
        verbose: bool | int = False,
        max_iter: int = -1,
    ) -> None:
        self.nu = nu
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.shrinking = shrinking
        self.tol = tol
        self.cache_size = cache_size
        self.verbose = verbose
        self.max_iter = max_iter

    def _problem(self, rows: Any, y: np.ndarray, bound: np.ndarray) -> tuple[Any, Dual]:
        """Return the problem with every sample twice: alpha_i in one group, -alpha*_i in another.

        Each group keeps half of nu times the sum of C_i.
        """
        n, nothing = len(y), np.zeros(len(y))
        start = filled(bound, self.nu * bound.sum() / 2)
        dual = Dual(
            np.r_[y, y],
            np.r_[nothing, -bound],
            np.r_[bound, nothing],
            0.0,
            np.r_[start, -start],
            np.repeat(np.arange(2), n),
        )
        return rows.take(np.r_[:n, :n]), dual

    def _coefficients(self, solution: Solution) -> tuple[np.ndarray, float]:
        """Join the halves; the biases are those of the tube's upper and lower side."""
        above, below = np.split(solution.b, 2)
        return above + below, float(solution.bias.mean())
