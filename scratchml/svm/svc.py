"""Support vector machines that tell classes apart: with a price of errors C, or with a share nu.

Both seek the border between two classes with the widest margin. SVC sets a price on samples inside
of the margin or beyond; NuSVC sets their share, from which the price follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from scratchml._core.rules import Rule
from scratchml.svm.classifier import BaseSVC
from scratchml.svm.settings import (
    C_RULE,
    CLASSIFIER_RULES,
    KERNEL_RULES,
    NU_RULE,
    SOLVER_RULES,
    filled,
)
from scratchml.svm.smo import Dual, Solution


class SVC(BaseSVC):
    """Support vector classification.

    Between two classes, with labels y = +1 and -1, minimises over w and b, by sequential minimal
    optimisation of the dual problem [1]_ [2]_::

        1/2 ||w||^2 + C sum_i max(0, 1 - y_i (w'phi(x_i) + b))

    where phi is the map that the kernel stands for, ``K(x, y) = phi(x)'phi(y)``. With more classes,
    each pair has its machine, and these vote.

    Parameters
    ----------
    C : float, default=1.0
        Price of an error, positive; infinity allows none.
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
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, by which C is multiplied; "balanced" gives class k the
        weight ``n / (n_classes n_k)``.
    verbose : bool or int, default=False
        Print a line for each problem solved.
    max_iter : int, default=-1
        Largest number of iterations for each problem; -1 sets no limit.
    decision_function_shape : {"ovr", "ovo"}, default="ovr"
        With more than two classes, let `decision_function` return a score for each class, or the
        value of the machine of each pair.
    break_ties : bool, default=False
        With more than two classes, let `predict` return the class with the highest score, not the
        first of those with most votes; this needs ``decision_function_shape="ovr"``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    class_weight_ : ndarray of shape (n_classes,)
        Weight of each class.
    support_ : ndarray of int32, shape (n_support,)
        Places of the support vectors among the samples of the fit, sorted by class.
    support_vectors_ : ndarray of shape (n_support, n_features)
        The support vectors; empty, of shape (0, 0), where the kernel is precomputed or a callable.
        After a fit to sparse samples this, ``dual_coef_`` and ``coef_`` are sparse matrices too.
    n_support_ : ndarray of int32, shape (n_classes,)
        Number of support vectors of each class.
    dual_coef_ : ndarray of shape (n_classes - 1, n_support)
        Coefficients: with two classes positive for ``classes_[1]``. With more, a support vector of
        class c has that of the machine of c and j in row j - 1 for j > c, in row j for j < c.
    intercept_ : ndarray of shape (n_pairs,)
        The constants in the decision functions.
    coef_ : ndarray of shape (n_pairs, n_features)
        Weights of the features, with ``kernel="linear"`` only.
    certificate_ : dict
        How good the solution is, for more than two classes in lists with an item a pair:
        "objective", the value of the dual problem; "gap", the duality gap, within which that is of
        its minimum; "violation", the largest violation of the KKT conditions, to compare with
        `tol`.
    n_iter_ : ndarray of int32, shape (n_pairs,)
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
    NuSVC : The same with another parameter.
    SVR : Regression.

    Notes
    -----
    Fits take time between the square and the cube of the number of samples. There is no
    ``predict_proba``: a sigmoid fitted to the decision values gives probabilities.

    References
    ----------
    .. [1] C. Cortes, V. Vapnik, "Support-vector networks", Machine Learning 20 (1995).
    .. [2] R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information
       for training support vector machines", Journal of Machine Learning Research 6 (2005).

    Examples
    --------
    >>> from scratchml.svm import SVC
    >>> X = [[-2, -1], [-1, -1], [-1, -2], [1, 1], [1, 2], [2, 1]]
    >>> model = SVC(kernel="linear").fit(X, ["a", "a", "a", "b", "b", "b"])
    >>> model.support_, model.coef_.round(6)
    (array([1, 3], dtype=int32), array([[0.5, 0.5]]))
    >>> model.predict([[-0.5, -1], [3, 2]])
    array(['a', 'b'], dtype='<U1')
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "C": C_RULE,
        **KERNEL_RULES,
        **SOLVER_RULES,
        **CLASSIFIER_RULES,
    }

    def __init__(
        self,
        *,
        C: float = 1.0,
        kernel: Any = "rbf",
        degree: int = 3,
        gamma: Any = "scale",
        coef0: float = 0.0,
        shrinking: bool = True,
        tol: float = 1e-3,
        cache_size: float = 200,
        class_weight: Any = None,
        verbose: bool | int = False,
        max_iter: int = -1,
        decision_function_shape: str = "ovr",
        break_ties: bool = False,
    ) -> None:
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.shrinking = shrinking
        self.tol = tol
        self.cache_size = cache_size
        self.class_weight = class_weight
        self.verbose = verbose
        self.max_iter = max_iter
        self.decision_function_shape = decision_function_shape
        self.break_ties = break_ties

    def _loss_weights(self, codes: np.ndarray) -> np.ndarray:
        return self.C * self.class_weight_[codes]

    def _check_weights(self, codes: np.ndarray, weight: np.ndarray) -> None:
        if not len(codes) or codes[0] == codes[-1]:  # they are sorted
            raise ValueError(
                "Invalid input - all samples with positive weights belong to the same class."
            )

    def _dual(self, sign: np.ndarray, weight: np.ndarray) -> Dual:
        """Return the problem of two classes: b_i between 0 and sign_i weight_i."""
        n = len(sign)
        lower, upper = np.where(sign > 0, 0.0, -weight), np.where(sign > 0, weight, 0.0)
        return Dual(sign, lower, upper, 0.0, np.zeros(n), np.zeros(n, dtype=np.int64))

    def _coefficients(self, solution: Solution) -> tuple[np.ndarray, float]:
        return solution.b, float(solution.bias[0])


class NuSVC(BaseSVC):
    """Support vector classification with a share of errors as its parameter.

    As `SVC`, with the price C replaced by `nu`: at most this share of the samples are on the wrong
    side of the margin, and at least this share are support vectors [1]_.

    Parameters
    ----------
    nu : float, default=0.5
        The share, in (0, 1]. It is infeasible where a class has less than half of it.
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
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, by which the samples' weights are multiplied; "balanced" gives class
        k the weight ``n / (n_classes n_k)``.
    verbose : bool or int, default=False
        Print a line for each problem solved.
    max_iter : int, default=-1
        Largest number of iterations for each problem; -1 sets no limit.
    decision_function_shape : {"ovr", "ovo"}, default="ovr"
        With more than two classes, let `decision_function` return a score for each class, or the
        value of the machine of each pair.
    break_ties : bool, default=False
        With more than two classes, let `predict` return the class with the highest score, not the
        first of those with most votes; this needs ``decision_function_shape="ovr"``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    class_weight_ : ndarray of shape (n_classes,)
        Weight of each class.
    support_ : ndarray of int32, shape (n_support,)
        Places of the support vectors among the samples of the fit, sorted by class.
    support_vectors_ : ndarray of shape (n_support, n_features)
        The support vectors; empty, of shape (0, 0), where the kernel is precomputed or a callable.
        After a fit to sparse samples this, ``dual_coef_`` and ``coef_`` are sparse matrices too.
    n_support_ : ndarray of int32, shape (n_classes,)
        Number of support vectors of each class.
    dual_coef_ : ndarray of shape (n_classes - 1, n_support)
        Coefficients: with two classes positive for ``classes_[1]``. With more, a support vector of
        class c has that of the machine of c and j in row j - 1 for j > c, in row j for j < c.
    intercept_ : ndarray of shape (n_pairs,)
        The constants in the decision functions.
    coef_ : ndarray of shape (n_pairs, n_features)
        Weights of the features, with ``kernel="linear"`` only.
    certificate_ : dict
        How good the solution is, for more than two classes in lists with an item a pair:
        "objective", the value of the dual problem; "gap", the duality gap, within which that is of
        its minimum; "violation", the largest violation of the KKT conditions, to compare with
        `tol`.
    n_iter_ : ndarray of int32, shape (n_pairs,)
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
    SVC : The same with another parameter.

    Notes
    -----
    The dual problem, to which ``certificate_`` and `tol` belong, is solved with a margin r in place
    of 1; the solution is then divided by r.

    References
    ----------
    .. [1] B. Schoelkopf, A. Smola, R. Williamson, P. Bartlett, "New support vector algorithms",
       Neural Computation 12 (2000).
    .. [2] R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information
       for training support vector machines", Journal of Machine Learning Research 6 (2005).

    Examples
    --------
    >>> from scratchml.svm import NuSVC
    >>> X = [[-2, -1], [-1, -1], [-1, -2], [1, 1], [1, 2], [2, 1]]
    >>> model = NuSVC(nu=0.3).fit(X, [0, 0, 0, 1, 1, 1])
    >>> model.predict([[-0.5, -1], [3, 2]])
    array([0, 1])
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "nu": NU_RULE,
        **KERNEL_RULES,
        **SOLVER_RULES,
        **CLASSIFIER_RULES,
    }

    def __init__(
        self,
        *,
        nu: float = 0.5,
        kernel: Any = "rbf",
        degree: int = 3,
        gamma: Any = "scale",
        coef0: float = 0.0,
        shrinking: bool = True,
        tol: float = 1e-3,
        cache_size: float = 200,
        class_weight: Any = None,
        verbose: bool | int = False,
        max_iter: int = -1,
        decision_function_shape: str = "ovr",
        break_ties: bool = False,
    ) -> None:
        self.nu = nu
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.shrinking = shrinking
        self.tol = tol
        self.cache_size = cache_size
        self.class_weight = class_weight
        self.verbose = verbose
        self.max_iter = max_iter
        self.decision_function_shape = decision_function_shape
        self.break_ties = break_ties

    def _loss_weights(self, codes: np.ndarray) -> np.ndarray:
        return self.class_weight_[codes]

    def _check_weights(self, codes: np.ndarray, weight: np.ndarray) -> None:
        """Raise ValueError unless any two classes can both have half of nu times their weight."""
        total = np.bincount(codes, weights=weight, minlength=len(self.classes_))
        small, large = total.min(), total.max()
        half = self.nu * (small + large) / 2
        if half > small:
            raise ValueError(
                f"specified nu is infeasible: from two classes of weights {small:g} and {large:g}, "
                f"nu={self.nu} takes {half:g} each. Here it must be at most "
                f"{2 * small / (small + large):g}."
            )

    def _dual(self, sign: np.ndarray, weight: np.ndarray) -> Dual:
        """Return the problem of two classes, each a group, with half of nu times their weight."""
        lower, upper = np.where(sign > 0, 0.0, -weight), np.where(sign > 0, weight, 0.0)
        half = self.nu * weight.sum() / 2
        start = np.concatenate([filled(upper[sign > 0], half), -filled(-lower[sign < 0], half)])
        groups = (sign < 0).astype(np.int64)
        return Dual(np.zeros(len(sign)), lower, upper, 0.0, start, groups)

    def _coefficients(self, solution: Solution) -> tuple[np.ndarray, float]:
        """Scale the margin r to 1: Kb + beta is r where -bias[0] = Kb, -r where -bias[1] = Kb."""
        r = (solution.bias[1] - solution.bias[0]) / 2
        beta = (solution.bias[0] + solution.bias[1]) / 2
        with np.errstate(divide="ignore", invalid="ignore"):  # what is not finite is refused later
            return solution.b / r, float(beta / r)
