"""What a forest can be asked once its trees have grown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator
from scratchml._core.exceptions import not_fitted
from scratchml.ensemble.bootstrap import Bootstrap, bootstrap, drawn_rows
from scratchml.ensemble.stored import forest_from_state, forest_state
from scratchml.tree.paths import PathMatrix, side_by_side
from scratchml.tree.predict import Packed, apply, leaf_sums, pack


class PackedTrees:
    """The trees of a forest laid out for prediction, at first use, and anew if they change.

    Copies and pickles of it are empty: the trees are stored once.
    """

    def __init__(self) -> None:
        self._made: tuple[list[Any], Packed] | None = None

    def of(self, estimators: list[Any]) -> Packed:
        """Return the packed trees of fitted estimators.

        Parameters
        ----------
        estimators : list of estimator
            With their ``tree_``.
        """
        trees = [estimator.tree_ for estimator in estimators]
        made = self._made  # read once: another thread may replace it
        if made is None or made[0] != trees:
            made = trees, pack([tree.nodes for tree in trees])
            self._made = made
        return made[1]

    def __reduce__(self) -> tuple:
        return PackedTrees, ()


class GrownForest(Estimator):
    """A forest with its trees in ``estimators_``."""

    _tree_class: ClassVar[Any]

    estimators_: list[Any]
    n_features_in_: int
    bootstrap: bool
    n_jobs: int | None
    _packed: PackedTrees
    _n_samples: int
    _drawing: tuple[int, np.ndarray | None] | None  # rows drawn for each tree, and their weights

    def apply(self, X: Any) -> np.ndarray:
        """Return the leaf of each tree that a row falls in.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of int64, shape (n_samples, n_estimators)
            Node numbers.
        """
        X, packed = self._ready(X)
        return apply(packed, X, self.n_jobs)

    def decision_path(self, X: Any) -> tuple[PathMatrix, np.ndarray]:
        """Return the nodes of each tree that a row passes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        indicator : PathMatrix of shape (n_samples, n_nodes)
            Sparse, one where the row passes the node; the trees' nodes side by side.
        n_nodes_ptr : ndarray of int64, shape (n_estimators + 1,)
            Tree t has the columns from ``n_nodes_ptr[t]`` to ``n_nodes_ptr[t + 1]``.
        """
        X, _ = self._ready(X)
        return side_by_side([tree.tree_.decision_path(X) for tree in self.estimators_])

    @property
    def feature_importances_(self) -> np.ndarray:
        """Share of each feature in the decrease of impurity, the mean over the trees; sums to 1.

        Zeros if no tree has a split. Features of many distinct values are favoured, and what is
        measured is the training data; `scratchml.inspection.permutation_importance` has neither
        fault.
        """
        self._check_is_grown()
        trees = [tree.tree_ for tree in self.estimators_]
        parts = [tree.compute_feature_importances() for tree in trees if tree.node_count > 1]
        total = np.sum(parts, axis=0) if parts else np.zeros(self.n_features_in_)
        whole = total.sum()
        return total / whole if whole > 0 else total

    @property
    def estimators_samples_(self) -> list[np.ndarray]:
        """The rows that each tree was grown on, int32, in the order they were drawn.

        They are drawn again at each look, not stored.
        """
        self._check_is_grown()
        plan = self._plan()
        if plan is None:
            return [np.arange(self._n_samples, dtype=np.int32) for _ in self.estimators_]
        return [drawn_rows(plan, tree.random_state) for tree in self.estimators_]

    @property
    def estimator_(self) -> Any:
        """An unfitted tree with the forest's parameters."""
        self._check_is_grown()
        return self._tree_class(**self._tree_params())

    def __len__(self) -> int:
        self._check_is_grown()
        return len(self.estimators_)

    def __getitem__(self, index: Any) -> Any:
        self._check_is_grown()
        return self.estimators_[index]

    def __iter__(self) -> Iterator[Any]:
        self._check_is_grown()
        return iter(self.estimators_)

    def __bool__(self) -> bool:
        return True  # also before fit, where it has no length

    def _means(self, X: Any) -> np.ndarray:
        """Return the mean of the values of each row's leaves, (n, n_outputs, width)."""
        X, packed = self._ready(X)
        means = leaf_sums(packed, X, self.n_jobs)
        means /= len(self.estimators_)
        return means

    def _ready(self, X: Any) -> tuple[np.ndarray, Packed]:
        """Return rows, checked, and the trees, packed."""
        self._check_is_grown()
        X = self._check_X(X, order="C", allow_nan=True)
        if X.shape[1] < self.estimators_[0].tree_.n_features:  # kernels do not look
            raise ValueError(
                f"X has {X.shape[1]} features, but the trees were grown on "
                f"{self.estimators_[0].tree_.n_features}."
            )
        return X, self._packed.of(self.estimators_)

    def _check_is_grown(self) -> None:
        if "estimators_" not in self.__dict__:
            raise not_fitted(self)

    def _plan(self) -> Bootstrap | None:
        """Return how rows were drawn, or None where every tree saw all of them."""
        return None if self._drawing is None else bootstrap(self._n_samples, *self._drawing)

    def _tree_params(self) -> dict[str, Any]:
        """Return the parameters of a tree of this forest; it has no random_state yet."""
        defaults = self._tree_class().get_params(deep=False)
        taken = {name: getattr(self, name, value) for name, value in defaults.items()}
        none_of_its_own = {"random_state": None, "class_weight": None}
        return taken | {name: None for name in none_of_its_own if name in taken}

    def _get_state(self) -> dict[str, Any]:
        """Return what a model file stores."""
        return forest_state(self)

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> Self:
        """Return the forest of a model file, or raise ValueError if it is none."""
        forest = forest_from_state(cls, state)
        forest._packed = PackedTrees()
        return forest
