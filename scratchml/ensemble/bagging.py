"""Bagging: the same estimator fitted to many random subsets of the data, and the answers averaged.

    P(class k | x) = 1/T sum_t P_t(class k | x)       or the share of members that vote for k
    y(x)           = 1/T sum_t y_t(x)

An average of T predictors of variance s^2 and correlation c has the variance
c s^2 + (1 - c) s^2 / T and the bias of one. So bagging pays for predictors that change much with
the data, like full-grown trees, and does little for stable ones, like least squares.

Member t is a copy of the base estimator, fitted to the rows and columns of a patch that is drawn
from seed_t alone (`subsets`); its own ``random_state`` is drawn from seed_t too. The seeds are the
first numbers that ``RandomState(random_state)`` gives, so an ensemble of 20 begins with that of 10.

References
----------
.. [1] Breiman, "Bagging predictors", Machine Learning 24, 1996.
.. [2] Hastie, Tibshirani, Friedman, *The Elements of Statistical Learning*, 2nd ed., 2009,
   equation 15.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic, check_is_fitted
from scratchml._core.exceptions import warn
from scratchml._core.progress import progress
from scratchml._core.rules import Rule
from scratchml._core.validation import check_sample_weight
from scratchml.datasets.draws import frozen_generator
from scratchml.ensemble.bagging_settings import BAGGING_RULES, check_options, patches_of
from scratchml.ensemble.members import Team, columns_of, fit_members, team
from scratchml.ensemble.subsets import Patches, draw_patch
from scratchml.pipeline.steps import Available

_SEEDS = 2**31 - 1


class Bagging(Estimator):
    """Base of the ensembles: a subclass says what a target is, and puts answers together."""

    _rules: ClassVar[Mapping[str, Rule]] = BAGGING_RULES

    estimators_: list[Any]
    estimators_features_: list[np.ndarray]
    _drawn: list[tuple[np.ndarray, tuple]]  # of each fit: its members' seeds, its patches

    def __init__(
        self,
        estimator: Any = None,
        n_estimators: int = 10,
        *,
        max_samples: float | None = None,
        max_features: float = 1.0,
        bootstrap: bool = True,
        bootstrap_features: bool = False,
        oob_score: bool = False,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.bootstrap_features = bootstrap_features
        self.oob_score = oob_score
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the members.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; members get arrays. What values are allowed is up to the base estimator.
        y : array-like of shape (n_samples,), or (n_samples, n_targets) in regression
            Labels or numbers.
        sample_weight : float or array-like of shape (n_samples,), optional
            Weights, not negative: rows are drawn in proportion to them.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If an argument, or a parameter for these data, breaks a rule; the message names it.
        """
        earlier = list(getattr(self, "estimators_", ()))  # none, unless this is a warm start
        check_options(self, len(earlier))
        X, y = self._check_data(X, y, bool(earlier))
        weight = check_sample_weight(sample_weight, len(X))
        self.estimator_ = self._default() if self.estimator is None else self.estimator
        if len(earlier) == self.n_estimators:
            warn(
                "Warm-start fitting without increasing n_estimators does not fit new estimators.",
                UserWarning,
                stacklevel=3,
            )
            return self
        patches = patches_of(self, X.shape, weight)
        rng = frozen_generator(self.random_state)
        seeds = rng.randint(_SEEDS, size=self.n_estimators)[len(earlier) :]
        with progress(type(self).__name__, len(seeds), "estimators", self.verbose) as report:
            workers = team(self.estimator_, X, self.n_jobs)
            fitted = fit_members(self.estimator_, X, y, patches, seeds, workers, report)
        self.estimators_ = earlier + [member for member, _ in fitted]
        kept = self.estimators_features_ if earlier else []
        self.estimators_features_ = kept + [columns for _, columns in fitted]
        self._drawn = [*(self._drawn if earlier else []), (seeds, tuple(patches))]
        vars(self).pop("oob_score_", None)
        if self.oob_score:
            self._estimate_out_of_bag(X, y)
        return self

    @property
    def estimators_samples_(self) -> list[np.ndarray]:
        """The rows drawn for each member, in the order drawn; not stored, but drawn again."""
        check_is_fitted(self)
        return [
            draw_patch(Patches(*patches), seed)[1]
            for seeds, patches in self._drawn
            for seed in seeds
        ]

    def __len__(self) -> int:
        check_is_fitted(self)
        return len(self.estimators_)

    def __getitem__(self, index: Any) -> Any:
        check_is_fitted(self)
        return self.estimators_[index]

    def __iter__(self) -> Iterator[Any]:
        check_is_fitted(self)
        return iter(self.estimators_)

    def __bool__(self) -> bool:
        return True  # also before fit, where it has no length

    def __sklearn_tags__(self) -> Any:
        """Build scikit-learn's description: members decide about missing values."""
        from sklearn.utils import get_tags

        tags = super().__sklearn_tags__()
        base = self._default() if self.estimator is None else self.estimator
        if hasattr(base, "__sklearn_tags__"):
            tags.input_tags.allow_nan = get_tags(base).input_tags.allow_nan
        return tags

    def _check_data(self, X: Any, y: Any, continued: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and targets as arrays; on a warm start they must suit the earlier ones."""
        raise NotImplementedError

    def _rows_and_targets(
        self, X: Any, y: Any, continued: bool, **options: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        before = getattr(self, "n_features_in_", None)
        if continued:
            self._compare_feature_names(X)
        X, y = self._check_X_y(X, y, dtype=None, finite=False, **options)
        if continued and X.shape[1] != before:
            raise ValueError(
                f"X has {X.shape[1]} features, but warm_start=True continues an ensemble fitted "
                f"on {before}."
            )
        return X, y

    def _ready(self, X: Any) -> tuple[np.ndarray, Team]:
        """Return rows to predict, checked, and who shares the work."""
        check_is_fitted(self)
        X = self._check_X(X, dtype=None, finite=False)
        return X, team(self.estimator_, X, self.n_jobs)

    def _ask(self, k: int, method: str, X: np.ndarray) -> Any:
        """Return what member `k` answers about its columns of `X`."""
        return getattr(self.estimators_[k], method)(columns_of(X, self.estimators_features_[k]))

    def _left_out(self, n: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield each member's number and a mask (n,) of the rows it has not seen, if there are."""
        for k, rows in enumerate(self.estimators_samples_):
            out = np.ones(n, dtype=bool)
            out[rows] = False
            if out.any():
                yield k, out

    def _default(self) -> Any:
        """Return the base estimator where none is given."""
        raise NotImplementedError

    def _estimate_out_of_bag(self, X: np.ndarray, y: np.ndarray) -> None:
        """Set ``oob_score_`` and the predictions behind it."""
        raise NotImplementedError


def if_members_have(name: str) -> Callable[[Callable], Any]:
    """Offer a method if the members, or before `fit` the base estimator, have it.

    Parameters
    ----------
    name : str
        The method's name.
    """

    def condition(bagging: Any) -> None:
        members = vars(bagging).get("estimators_")
        getattr(members[0] if members else bagging.estimator, name)

    return lambda function: Available(function, condition)


def warn_of_rows_never_left_out() -> None:
    """Warn that an out-of-bag estimate rests on too few members."""
    warn(
        "Some inputs do not have OOB scores. This probably means too few estimators were used to "
        "compute any reliable oob estimates.",
        UserWarning,
        stacklevel=5,
    )
