"""Lasso and elastic net: least squares with penalties that leave few coefficients nonzero.

    minimise   1/(2 n) ||y - X b - b0||^2 + alpha l1_ratio ||b||_1 + alpha (1 - l1_ratio)/2 ||b||^2

Multiplied by n and centred, this is the problem that `coordinate_descent` states and solves:
l1 = n alpha l1_ratio, l2 = n alpha (1 - l1_ratio).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic
from scratchml._core.exceptions import ConvergenceWarning, warn
from scratchml._core.random import seed_from
from scratchml._core.rules import Rule, array_like, boolean, integer, option, random_state, real
from scratchml._core.validation import check_array, check_sample_weight
from scratchml.linear_model.base import LinearRegressorMixin
from scratchml.linear_model.design import Design, gradient, weighted_mean
from scratchml.linear_model.elastic_net import elastic_net


class ElasticNet(LinearRegressorMixin, Estimator):
    """Linear regression with an L1 and an L2 penalty.

    Minimises over b and b0, by coordinate descent on working sets [1]_ [2]_::

        1 / (2 n) ||y - X b - b0||^2 + alpha l1_ratio ||b||_1 + alpha (1 - l1_ratio) / 2 ||b||^2

    With sample weights, the first term is the weighted mean of the squared errors, halved.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the penalty, at least 0. From ``max |X'(y - mean y)| / (n l1_ratio)`` on, X
        centred, all coefficients are zero. With 0 this is least squares, for which
        `LinearRegression` is faster and more accurate.
    l1_ratio : float, default=0.5
        Share of the L1 penalty, from 0 (ridge) to 1 (lasso).
    fit_intercept : bool, default=True
        Fit b0; otherwise it is zero.
    precompute : bool or array-like of shape (n_features, n_features), default=False
        Work from the Gram matrix X'X of all features (True), or from the one given. By default that
        is done where it pays: up to 256 features and at least four times as many samples. A given
        matrix must be that of X centred (if there is an intercept) and with its rows multiplied by
        the square roots of the weights, scaled to sum to n.
    max_iter : int, default=1000
        Largest number of sweeps over a working set of coefficients.
    copy_X : bool, default=True
        Without effect, there for scikit-learn's sake: X is neither overwritten nor copied whole.
    tol : float, default=1e-4
        The fit ends when the duality gap is at most ``tol * ||y - mean y||^2 / n``.
    warm_start : bool, default=False
        Start from the coefficients of the previous fit.
    positive : bool, default=False
        Allow no negative coefficient.
    random_state : int, RandomState, Generator or None, default=None
        Seed of ``selection="random"``.
    selection : {"cyclic", "random"}, default="cyclic"
        Visit the coefficients in order, or draw them with replacement.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
        Coefficients b.
    intercept_ : float or ndarray of shape (n_targets,)
        Intercept b0.
    dual_gap_ : float or ndarray of shape (n_targets,)
        The objective at ``coef_`` is within this of its minimum.
    certificate_ : dict
        How good the solution is, in plain values (lists of them for several targets):
        "objective", the value at ``coef_`` and ``intercept_`` of what is minimised; "gap", the
        duality gap as in ``dual_gap_``; "relative_gap", the gap over ``||y - mean y||^2 / n``, to
        compare with `tol`; "lower_bound", objective - gap, below which the objective is nowhere.
        With ``alpha=0`` there is no dual: the gap is then an estimate and "lower_bound" -inf.
    n_iter_ : int or list of int
        Sweeps made, for each target.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    Lasso : The same with ``l1_ratio=1``.

    Notes
    -----
    The dtype of X, float32 or float64, is that of the computation. In float32 the gap cannot be
    told from rounding errors below about 1e-7 of ``||y||^2 / n``.

    Beside X, a fit needs a copy of the columns of its working set, at most about twice as many as
    coefficients end up nonzero, and their Gram matrix; for many more samples than features only
    the latter.

    References
    ----------
    .. [1] J. Friedman, T. Hastie, R. Tibshirani, "Regularization paths for generalized linear
       models via coordinate descent", Journal of Statistical Software 33 (2010).
    .. [2] M. Massias, A. Gramfort, J. Salmon, "Celer: a fast solver for the lasso with dual
       extrapolation", ICML 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.linear_model import ElasticNet
    >>> X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> y = np.array([3.0, 0.1, -3.0, -0.1])
    >>> ElasticNet(alpha=0.5, l1_ratio=0.5).fit(X, y).coef_.round(6)
    array([1.666667, 0.      ])
    """

    _tags: ClassVar[Mapping[str, Any]] = {"target_tags.multi_output": True}
    _rules: ClassVar[Mapping[str, Rule]] = {
        "alpha": real(0),
        "l1_ratio": real(0, 1, closed="both"),
        "fit_intercept": boolean(),
        "precompute": boolean() | array_like(),
        "max_iter": integer(1),
        "copy_X": boolean(),
        "tol": real(0),
        "warm_start": boolean(),
        "positive": boolean(),
        "random_state": random_state(),
        "selection": option("cyclic", "random"),
    }

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        precompute: Any = False,
        max_iter: int = 1000,
        copy_X: bool = True,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; Fortran order is read fastest.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets; several are fitted one by one.
        sample_weight : float or array-like of shape (n_samples,), optional
            Weights of the rows, not negative; only their ratios matter.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If an argument has a wrong shape or value, or the data are so large that the
            coefficients overflow.

        Warns
        -----
        ConvergenceWarning
            If the duality gap does not meet `tol` within `max_iter` sweeps.
        """
        X, y = self._check_X_y(X, y, multi_output=True, y_numeric=True)
        n, p = X.shape
        weight = check_sample_weight(sample_weight, n, X.dtype)
        Y = y.reshape(n, -1)
        B = self._start(Y.shape[1], p, X.dtype)
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
            design, Y, y_mean = _centre(X, Y, weight, self.fit_intercept)
            Q = self._given_gram(design, Y.dtype)
            descents = elastic_net(
                design, Y, B,
                l1=n * self.alpha * self.l1_ratio,
                l2=n * self.alpha * (1 - self.l1_ratio),
                Q=Q, by_gram=self.precompute is not False,
                positive=self.positive, tol=self.tol, max_iter=self.max_iter, rng=self._rng(),
            )  # fmt: skip
            intercept = y_mean - (0 if design.mean is None else B.astype(float) @ design.mean)
        gaps = np.array([descent.gap / n for descent in descents])
        sweeps = [descent.n_iter for descent in descents]
        if not (np.isfinite(gaps).all() and np.isfinite(B).all() and np.isfinite(intercept).all()):
            raise ValueError(
                "Coordinate descent iterations resulted in non-finite parameter values: squares of "
                f"X or y overflow in {X.dtype}. Scale them down."
            )
        scales = [float(y_k @ y_k) / n for y_k in Y]
        for descent, gap, scale in zip(descents, gaps, scales, strict=True):
            if not descent.converged:
                self._warn(gap, self.tol * scale, descent.n_iter)
        one = len(B) == 1
        self.coef_ = B[0] if one else B
        self.intercept_ = intercept.astype(X.dtype)[0 if y.ndim == 1 else slice(None)]
        self.dual_gap_ = float(gaps[0]) if one else gaps
        self.n_iter_ = sweeps[0] if one else sweeps
        objectives = [descent.objective / n for descent in descents]
        parts = [
            _certificate(*values, bounds=self.alpha > 0)
            for values in zip(objectives, gaps.tolist(), scales, strict=True)
        ]
        self.certificate_ = parts[0] if one else {k: [q[k] for q in parts] for k in parts[0]}
        return self

    def _start(self, t: int, p: int, dtype: np.dtype) -> np.ndarray:
        if not (self.warm_start and hasattr(self, "coef_")):
            return np.zeros((t, p), dtype=dtype)
        B = np.array(self.coef_, dtype=dtype, ndmin=2)
        if B.shape != (t, p):
            raise ValueError(
                f"warm_start=True continues a fit of coef_ of shape {np.shape(self.coef_)}, but y "
                f"has {t} target(s) and X {p} feature(s)."
            )
        return np.maximum(B, 0) if self.positive else B

    def _rng(self) -> np.random.Generator | None:
        if self.selection == "cyclic":
            return None
        return np.random.default_rng(seed_from(self.random_state))

    def _given_gram(self, design: Design, dtype: np.dtype) -> np.ndarray | None:
        """Return the Gram matrix passed as `precompute`, if one was and if it is this design's."""
        if isinstance(self.precompute, bool | np.bool_):
            return None
        p = design.X.shape[1]
        Q = check_array(self.precompute, name="precompute", dtype=dtype, order="C")
        if Q.shape != (p, p):
            raise ValueError(f"precompute must have shape {(p, p)}, got {Q.shape}.")
        if design.mean is not None and not np.allclose(design.mean, 0):
            warn(
                "Gram matrix was provided but X was centered to fit intercept: recomputing Gram "
                "matrix.",
                UserWarning,
                stacklevel=4,
            )
            return None
        probe = np.cos(np.arange(p)).astype(dtype)
        product = -gradient(design, np.zeros(len(design.X), dtype=dtype), probe)[0]
        slack = np.sqrt(np.finfo(dtype).eps) * (np.abs(Q) @ np.abs(probe))
        if np.any(np.abs(Q @ probe - product) > slack):
            raise ValueError(
                "The Gram matrix passed as precompute did not pass validation: it is not X'X of "
                "this X, centred and weighted."
            )
        return Q

    def _warn(self, gap: float, allowed: float, n_iter: int) -> None:
        warn(
            "Objective did not converge. You might want to increase the number of iterations "
            f"(max_iter={self.max_iter}, made: {n_iter}), the penalty or tol. Duality gap: "
            f"{gap:.3e}, tolerance: {allowed:.3e}.",
            ConvergenceWarning,
            stacklevel=4,
        )


class Lasso(ElasticNet):
    """Linear regression with an L1 penalty: few coefficients end up nonzero.

    Minimises ``1/(2 n) ||y - X b - b0||^2 + alpha * ||b||_1`` by coordinate descent on working sets
    [1]_; it is `ElasticNet` with ``l1_ratio=1``.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the penalty, at least 0. From ``max |X'(y - mean y)| / n`` on, X centred, all
        coefficients are zero.
    fit_intercept : bool, default=True
        Fit b0; otherwise it is zero.
    precompute : bool or array-like of shape (n_features, n_features), default=False
        Work from the Gram matrix X'X; by default that is done where it pays.
    copy_X : bool, default=True
        Without effect, there for scikit-learn's sake: X is neither overwritten nor copied whole.
    max_iter : int, default=1000
        Largest number of sweeps over a working set of coefficients.
    tol : float, default=1e-4
        The fit ends when the duality gap is at most ``tol * ||y - mean y||^2 / n``.
    warm_start : bool, default=False
        Start from the coefficients of the previous fit.
    positive : bool, default=False
        Allow no negative coefficient.
    random_state : int, RandomState, Generator or None, default=None
        Seed of ``selection="random"``.
    selection : {"cyclic", "random"}, default="cyclic"
        Visit the coefficients in order, or draw them with replacement.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
        Coefficients b.
    intercept_ : float or ndarray of shape (n_targets,)
        Intercept b0.
    dual_gap_ : float or ndarray of shape (n_targets,)
        The objective at ``coef_`` is within this of its minimum.
    certificate_ : dict
        The "objective", its duality "gap", the "relative_gap" that `tol` limits, and a
        "lower_bound" of the objective; see `ElasticNet`.
    n_iter_ : int or list of int
        Sweeps made, for each target.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    ElasticNet : The same with an L2 penalty too; its page says more of the parameters.

    References
    ----------
    .. [1] M. Massias, A. Gramfort, J. Salmon, "Celer: a fast solver for the lasso with dual
       extrapolation", ICML 2018.

    Examples
    --------
    >>> from scratchml.linear_model import Lasso
    >>> model = Lasso(alpha=0.1).fit([[0, 0], [1, 1], [2, 2]], [0, 1, 2])
    >>> model.coef_.round(6), round(float(model.intercept_), 6)
    (array([0.85, 0.  ]), 0.15)
    """

    l1_ratio = 1.0
    _rules: ClassVar[Mapping[str, Rule]] = {
        name: rule for name, rule in ElasticNet._rules.items() if name != "l1_ratio"
    }

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        precompute: Any = False,
        copy_X: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection


def _certificate(objective: float, gap: float, scale: float, bounds: bool) -> dict[str, float]:
    return {
        "objective": objective,
        "gap": gap,
        "relative_gap": gap / scale if scale > 0 else 0.0,
        "lower_bound": objective - gap if bounds else -np.inf,
    }


def _centre(
    X: np.ndarray, Y: np.ndarray, weight: np.ndarray | None, fit_intercept: bool
) -> tuple[Design, np.ndarray, np.ndarray]:
    """Return the design of X (n, p), the targets as its rows (t, n), and their means (t,)."""
    mean, y_mean, root = None, np.zeros(Y.shape[1]), None
    if fit_intercept:
        mean, y_mean = weighted_mean(X, weight), weighted_mean(Y, weight)
    Y = np.array((Y - y_mean).T, dtype=X.dtype, order="C")
    if weight is not None:
        root = np.sqrt(weight * (len(X) / weight.sum()))
        Y *= root
    return Design(X, mean, root), Y, y_mean
