"""Growing forests: many trees from the same data, and what they say averaged.

A forest's prediction is the mean of its trees' (Breiman 2001, "Random forests"):

    P(class k | x) = 1/T sum_t share_t(k, leaf of x in tree t)            classification
    y(x)           = 1/T sum_t mean_t(leaf of x in tree t)                regression

The trees differ because each is grown on another bootstrap sample (`bootstrap`), or chooses among a
few columns drawn at each node, or both: errors that are not shared average out. How the trees are
grown in parallel stands in `growing`, what the rows left out tell in `out_of_bag`, and what a
forest answers once it is grown in `grown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.exceptions import DataConversionWarning, warn
from scratchml._core.interruptible import interruptible
from scratchml._core.progress import progress
from scratchml._core.random import seed_from
from scratchml._core.rules import Rule, boolean, callable_, integer, none, real
from scratchml._core.threads import effective_n_jobs
from scratchml._core.validation import check_sample_weight
from scratchml.ensemble.bootstrap import rows_drawn
from scratchml.ensemble.growing import Sampling, grow_forest, tree_seeds
from scratchml.ensemble.grown import GrownForest, PackedTrees
from scratchml.ensemble.out_of_bag import out_of_bag
from scratchml.ensemble.stored import as_estimators
from scratchml.tree.encode import encode
from scratchml.tree.nodes import Nodes, Target
from scratchml.tree.settings import GROWTH_RULES, limits_of

FOREST_RULES: Mapping[str, Rule] = {
    "n_estimators": integer(1),
    **GROWTH_RULES,
    "bootstrap": boolean(),
    "oob_score": boolean() | callable_(),
    "n_jobs": integer() | none(),
    "verbose": integer(0) | boolean(),
    "warm_start": boolean(),
    "max_samples": integer(1) | real(0.0, closed="neither") | none(),
}


class Forest(GrownForest):
    """Base of the forests: a subclass names its tree, and says what a target is."""

    _splitter: ClassVar[str]
    _tags: ClassVar[Mapping[str, Any]] = {
        "target_tags.multi_output": True,
        "input_tags.allow_nan": True,
    }

    criterion: str
    n_estimators: int
    n_outputs_: int
    oob_score: Any
    random_state: Any
    verbose: int
    ccp_alpha: float
    min_weight_fraction_leaf: float
    max_samples: Any

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Grow the trees.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value. C-ordered float32 and float64 are used as they are.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets: labels or numbers.
        sample_weight : float or array-like of shape (n_samples,), optional
            Weights, not negative. With `bootstrap` rows are drawn in proportion to them; otherwise
            every tree weighs the rows with them.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If an argument, or a parameter for these data, breaks a rule; the message names it.
        """
        earlier = list(getattr(self, "estimators_", ()))  # none, unless this is a warm start
        self._check_options(len(earlier))
        X, y = self._check_target(X, y, earlier)
        if len(earlier) == self.n_estimators:
            _warn_of_no_new_trees()
            if not self.oob_score or hasattr(self, "oob_score_"):
                return self
        weight = check_sample_weight(sample_weight, len(X))
        target, weight = self._target(y, weight)
        sampling = self._sampling(len(X), weight, bool(earlier))
        seeds = tree_seeds(seed_from(self.random_state), len(earlier), self.n_estimators)
        self.estimators_ = earlier + self._grow(X, target, seeds, sampling)
        self._packed = PackedTrees()
        if self.oob_score:
            self._estimate_out_of_bag(X, target)
        return self

    def _out_of_bag_means(self, X: np.ndarray) -> np.ndarray:
        """Return the out-of-bag predictions, (n_samples, n_outputs, width)."""
        nodes = [tree.tree_.nodes for tree in self.estimators_]
        seeds = [tree.random_state for tree in self.estimators_]
        means, n_trees = out_of_bag(nodes, seeds, self._plan(), X, self.n_jobs)
        if never := int((n_trees == 0).sum()):
            warn(
                "Some inputs do not have OOB scores. This probably means too few trees were used "
                f"to compute any reliable OOB estimates: {never} of {len(X)} rows were in every "
                "tree's sample.",
                UserWarning,
                stacklevel=5,
            )
        return means

    def _estimate_out_of_bag(self, X: np.ndarray, target: Target) -> None:
        raise NotImplementedError

    def _check_options(self, n_earlier: int) -> None:
        """Raise ValueError for parameters that contradict each other."""
        if self.n_estimators < n_earlier:
            raise ValueError(
                f"n_estimators={self.n_estimators} must be larger or equal to the number of trees "
                f"there are, {n_earlier}, when warm_start=True."
            )
        if not self.bootstrap and self.max_samples is not None:
            raise ValueError(
                "`max_sample` cannot be set if `bootstrap=False`. Either switch to "
                f"`bootstrap=True` or set `max_sample=None`; got max_samples={self.max_samples!r}."
            )
        if not self.bootstrap and self.oob_score:
            raise ValueError(
                "Out of bag estimation only available if bootstrap=True: without it no tree leaves "
                "out a row."
            )

    def _check_target(self, X: Any, y: Any, earlier: list[Any]) -> tuple[np.ndarray, np.ndarray]:
        """Return `X` and `y` as arrays, `y` without an axis of length one."""
        expected = getattr(self, "n_features_in_", None)
        if earlier:
            self._compare_feature_names(X)
        X, y = self._check_X_y(X, y, multi_output=True, order="C", allow_nan=True)
        if earlier and X.shape[1] != expected:
            raise ValueError(
                f"X has {X.shape[1]} features, but warm_start=True continues a forest grown on "
                f"{expected}."
            )
        if y.ndim == 2 and y.shape[1] == 1:
            warn(
                "A column-vector y was passed when a 1d array was expected. Please change the "
                "shape of y to (n_samples,), for example using ravel().",
                DataConversionWarning,
                stacklevel=4,
            )
            y = y[:, 0]
        return X, y

    def _target(self, y: np.ndarray, weight: Any) -> tuple[Target, Any]:
        """Return what to learn and the rows' weights; set the attributes that describe it."""
        raise NotImplementedError

    def _check_outputs(self, n_outputs: int) -> None:
        """Record the number of outputs, or compare it with that of a warm start's trees."""
        if getattr(self, "n_outputs_", n_outputs) != n_outputs:
            raise ValueError(
                f"y has {n_outputs} output(s), but warm_start=True continues a forest of "
                f"{self.n_outputs_}."
            )
        self.n_outputs_ = n_outputs

    def _sampling(self, n: int, weight: Any, continued: bool) -> Sampling:
        """Return how each tree's rows are drawn and weighed, and remember it for the estimates."""
        share = float(self.min_weight_fraction_leaf)
        before, self._n_samples, self._drawing = getattr(self, "_n_samples", n), n, None
        if not self.bootstrap:
            return Sampling(None, weight, False, share)
        if continued and self.oob_score and before != n:
            raise ValueError(
                "With warm_start=True and oob_score, all trees must be grown on the same rows: "
                f"earlier ones had {before}, X has {n}."
            )
        m = rows_drawn(self.max_samples, n, weight)
        if not isinstance(self.max_samples, Integral) and m < min(n, max(10, round(n ** (1 / 3)))):
            warn(
                f"max_samples={self.max_samples} draws {m} of {n} rows for each tree, which is "
                "few. If that is meant, pass the number as an int.",
                UserWarning,
                stacklevel=4,
            )
        self._drawing = m, weight
        return Sampling(self._plan(), None, self._balances_samples(), share)

    def _balances_samples(self) -> bool:
        return False

    def _grow(self, X: np.ndarray, target: Target, seeds: Any, sampling: Sampling) -> list[Any]:
        """Return new trees as estimators."""
        limits = limits_of(self, *X.shape)
        classes = target.n_classes or (1,) * target.y.shape[1]
        n_jobs = effective_n_jobs(self.n_jobs)
        if not len(seeds):
            return []

        columns = encode(X, self._splitter, n_jobs)

        def work(stop: np.ndarray) -> list[Nodes]:
            return grow_forest(
                columns, target, limits, self._splitter, seeds, sampling,
                ccp_alpha=float(self.ccp_alpha), n_jobs=n_jobs, stop=stop, report=report,
            )  # fmt: skip

        with progress(type(self).__name__, len(seeds), "trees", self.verbose) as report:
            trees = interruptible(work)
        return as_estimators(
            self._tree_class, self._tree_params(), seeds, trees, X.shape[1], classes
        )


def _warn_of_no_new_trees() -> None:
    warn(
        "Warm-start fitting without increasing n_estimators does not fit new trees.",
        UserWarning,
        stacklevel=4,
    )
