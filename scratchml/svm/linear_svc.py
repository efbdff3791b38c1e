"""LinearSVC: linear support vector classification. The problem is in `linear_problem`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.mixins import ClassifierMixin
from scratchml._core.rules import Rule, mapping, none, option
from scratchml._core.targets import (
    check_classification_targets,
    class_weight_vector,
    encode_labels,
)
from scratchml.svm.crammer_singer import crammer_singer, joint_certificate
from scratchml.svm.linear_base import RULES, LinearSVM
from scratchml.svm.linear_fit import Machine
from scratchml.svm.linear_problem import LinearProblem
from scratchml.svm.linear_rows import Rows

_MORE_SWEEPS = 100  # of the joint problem, each of which does little, for one of `max_iter`


class LinearSVC(ClassifierMixin, LinearSVM):
    """Linear support vector classification, for many samples or many features.

    Minimises for each class against the rest, over v, the coefficients and the intercept, [1]_::

        1/2 ||v||^2 + C sum_i w_i max(0, 1 - y_i (x_i'b + b0))^2,    y_i = 1 or -1

    Unlike `SVC`, with ``kernel="linear"``, it squares the hinge loss unless told otherwise,
    penalises the intercept with the coefficients, and makes one machine for each class.

    Parameters
    ----------
    penalty : {"l1", "l2"}, default="l2"
        Halved square of v, or the sum of its absolute values, which makes many of them zero.
    loss : {"hinge", "squared_hinge"}, default="squared_hinge"
        The hinge loss goes with ``penalty="l2"`` only.
    dual : "auto" or bool, default="auto"
        True: coordinate descent on the dual problem, sample by sample, with random orders. False:
        Newton's method on the primal problem, for ``loss="squared_hinge"`` only. "auto": Newton's
        method, for either loss, with up to 1500 samples or features, else coordinate descent.
    tol : float, default=1e-4
        Newton's method ends when the duality gap is at most ``tol / 100`` times the objective, or
        ``tol**2`` times with a squared loss; the others when the violation is at most ``tol`` times
        the largest at the start (coordinate descent, L1 penalty).
    C : float, default=1.0
        Weight of the losses, positive.
    multi_class : {"ovr", "crammer_singer"}, default="ovr"
        One machine for each class, or one problem for all classes [2]_, in which penalty, loss and
        dual have no part. It makes up to ``100 * max_iter`` sweeps.
    fit_intercept : bool, default=True
        Fit b0; otherwise it is zero.
    intercept_scaling : float, default=1.0
        b0 is this times the last entry of v; larger values penalise the intercept less.
    class_weight : dict, "balanced" or None, default=None
        Factors of C for each class, as ``{label: weight}``; of a class against the rest, for this
        class alone. "balanced" gives all classes the same sum.
    verbose : int, default=0
        If positive, print how good each machine is.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the orders of coordinate descent.
    max_iter : int, default=1000
        Most Newton steps or sweeps of coordinate descent, for each machine.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Coefficients b; one row for two classes.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts b0.
    classes_ : ndarray of shape (n_classes,)
        Sorted labels.
    n_iter_ : int
        Newton steps or sweeps, of the machine that needed most.
    certificate_ : dict
        How good the solution is (lists for several machines): "objective", the value of what is
        minimised; "gap", the duality gap, by which it is above the minimum at most;
        "violation", the largest slope of the dual that is open (with the L1 penalty, entry of the
        subgradient).
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    SVC : Kernels other than linear; an intercept that is not penalised.
    LinearSVR : The same for regression.

    Notes
    -----
    The computation is in float64. A fit takes one copy of X with a column for the intercept;
    matrices that are mostly zeros, and sparse ones, are copied without the zeros.

    References
    ----------
    .. [1] R.-E. Fan, K.-W. Chang, C.-J. Hsieh, X.-R. Wang, C.-J. Lin, "LIBLINEAR: a library for
       large linear classification", JMLR 9 (2008).
    .. [2] K. Crammer, Y. Singer, "On the algorithmic implementation of multiclass kernel-based
       vector machines", JMLR 2 (2001).

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.svm import LinearSVC
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LinearSVC().fit(X, y)
    >>> model.predict(X[[0, 75, 149]])
    array([0, 1, 2])
    >>> model.coef_.round(2)
    array([[ 0.18,  0.45, -0.81, -0.45],
           [ 0.06, -0.9 ,  0.41, -0.96],
           [-0.85, -0.99,  1.38,  1.87]])
    """

    _tags: ClassVar[Mapping[str, Any]] = {"input_tags.sparse": True}
    _rules: ClassVar[Mapping[str, Rule]] = {
        **RULES,
        "penalty": option("l1", "l2"),
        "loss": option("hinge", "squared_hinge"),
        "multi_class": option("ovr", "crammer_singer"),
        "class_weight": mapping() | option("balanced") | none(),
    }

    def __init__(
        self,
        penalty: str = "l2",
        loss: str = "squared_hinge",
        *,
        dual: Any = "auto",
        tol: float = 1e-4,
        C: float = 1.0,
        multi_class: str = "ovr",
        fit_intercept: bool = True,
        intercept_scaling: float = 1.0,
        class_weight: Any = None,
        verbose: int = 0,
        random_state: Any = None,
        max_iter: int = 1000,
    ) -> None:
        self.penalty = penalty
        self.loss = loss
        self.dual = dual
        self.tol = tol
        self.C = C
        self.multi_class = multi_class
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.verbose = verbose
        self.random_state = random_state
        self.max_iter = max_iter

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the machines.

        Parameters
        ----------
        X : array-like or scipy sparse matrix of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,)
            Labels, of two classes at least.
        sample_weight : array-like of shape (n_samples,), optional
            Factors of C, not negative.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter or the data breaks a rule; the message names it.

        Warns
        -----
        ConvergenceWarning
            If a machine does not meet `tol` within `max_iter`.
        """
        method = "joint" if self.multi_class == "crammer_singer" else self._method(self.penalty)
        X, y = self._check_X_y(X, y, dtype=np.float64, accept_sparse=True)
        check_classification_targets(y)
        classes, codes = encode_labels(y)
        if len(classes) < 2:
            raise ValueError(
                "LinearSVC needs samples of at least 2 classes in y, but y contains only one "
                f"class: {classes[0]!r}"
            )
        cost = self._cost(sample_weight, len(codes))
        weights = class_weight_vector(self.class_weight, classes, codes, cost)
        self.classes_ = classes
        rows = self._rows(X)
        if method == "joint":
            self._learn(self._fit_jointly(rows, codes, cost * weights[codes]), joint=True)
            return self
        problems = [
            _against_rest(rows, codes, k, cost, weights, self.loss == "squared_hinge")
            for k in ([1] if len(classes) == 2 else range(len(classes)))
        ]
        self._learn(self._fit_machines(problems, method))
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the decision values x'b + b0 of each machine.

        Parameters
        ----------
        X : array-like or scipy sparse matrix of shape (n_samples, n_features)
            Rows to score.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            With two classes one value a row, positive for ``classes_[1]``.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit.
        """
        scores = self._scores(X)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of the largest decision value.

        Parameters
        ----------
        X : array-like or scipy sparse matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.
        """
        scores = self.decision_function(X)
        codes = scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(np.intp)
        return self.classes_[codes]

    def _fit_jointly(self, rows: Rows, codes: np.ndarray, cost: np.ndarray) -> list[Machine]:
        """Return one machine for each class; for two, the one that is their difference.

        With two classes u = w_2 - w_1 = 2 w_2, and the joint problem is half of that with the hinge
        loss and 2 C: the hinge's machines solve it faster.
        """
        k = len(self.classes_)
        if k == 2:
            problem = _against_rest(rows, codes, 1, 2 * cost, np.ones(2), squared=False)
            (machine,) = self._fit_machines([problem], "auto")
            how_good = machine.certificate
            halved = how_good._replace(objective=how_good.objective / 2, gap=how_good.gap / 2)
            return [machine._replace(certificate=halved)]
        most = _MORE_SWEEPS * self.max_iter
        found = self._run(
            len(rows.data),
            lambda stop, seed: crammer_singer(
                rows, codes, k, cost, tol=self.tol, max_iter=most, seed=seed, stop=stop
            ),
        )
        how_good = joint_certificate(rows, codes, cost, found)
        return [Machine(w, found.n_iter, found.converged, how_good) for w in found.W]


def _against_rest(
    rows: Rows,
    codes: np.ndarray,
    k: int,
    cost: np.ndarray,
    weights: np.ndarray,
    squared: bool,
) -> LinearProblem:
    """Return the problem of class k against the rest, whose weight counts with two classes only."""
    own = codes == k
    rest = weights[1 - k] if len(weights) == 2 else 1.0
    above = np.where(own, weights[k] * cost, 0.0)
    below = np.where(own, 0.0, rest * cost)
    return LinearProblem(rows, np.where(own, 1.0, -1.0), above, below, 0.0, squared)
