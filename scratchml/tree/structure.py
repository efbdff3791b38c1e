"""A fitted tree as an object: nodes under scikit-learn's names, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from scratchml.tree.nodes import Nodes
from scratchml.tree.paths import PathMatrix, paths_to
from scratchml.tree.predict import Packed, apply, pack

_MOST_FEATURES = 2**31 - 1
_DTYPES = Nodes("i8", "i8", "i8", "f8", "?", "f8", "i8", "f8", "f8")


class Tree:
    """The nodes of a fitted tree, as arrays with one entry for each node.

    Estimators keep theirs in ``tree_``. Node 0 is the root, and children have larger numbers than
    their parent. The arrays are read-only: prediction works on a packed copy of them.

    Parameters
    ----------
    nodes : Nodes
        As the builders return them; they are not checked.
    n_features : int
        Columns of the data.
    n_classes : sequence of int
        Classes of each output; 1 in regression.

    Attributes
    ----------
    children_left, children_right : ndarray of int64, shape (node_count,)
        Node numbers; -1 at leaves.
    feature : ndarray of int64, shape (node_count,)
        Column that the node tests; -2 at leaves.
    threshold : ndarray of float64, shape (node_count,)
        Rows with ``x <= threshold`` go left; -2 at leaves.
    missing_go_to_left : ndarray of uint8, shape (node_count,)
        Whether rows without a value (NaN) go left.
    impurity : ndarray of float64, shape (node_count,)
        The criterion's value.
    n_node_samples : ndarray of int64, shape (node_count,)
        Training rows of positive weight.
    weighted_n_node_samples : ndarray of float64, shape (node_count,)
        Their weight.
    value : ndarray of float64, shape (node_count, n_outputs, max_n_classes)
        Shares of the classes, or the predicted value.
    node_count, capacity : int
        Number of nodes.
    max_depth : int
        Number of splits above the deepest leaf.
    n_leaves : int
        Number of leaves.
    n_features, n_outputs, max_n_classes : int
        Shape of the problem.
    n_classes : ndarray of int64, shape (n_outputs,)
        As given.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tree import DecisionTreeClassifier
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> tree = DecisionTreeClassifier().fit(X, [0, 0, 0, 1]).tree_
    >>> tree
    Tree(node_count=3, max_depth=1)
    >>> tree.threshold
    array([ 2.5, -2. , -2. ])
    >>> tree.value[:, 0]
    array([[0.75, 0.25],
           [1.  , 0.  ],
           [0.  , 1.  ]])
    """

    def __init__(self, nodes: Nodes, n_features: int, n_classes: Sequence[int]) -> None:
        for array in nodes:
            array.flags.writeable = False
        self.nodes = nodes
        self.children_left = nodes.left
        self.children_right = nodes.right
        self.feature = nodes.feature
        self.threshold = nodes.threshold
        self.missing_go_to_left = nodes.missing_left.view(np.uint8)
        self.impurity = nodes.impurity
        self.n_node_samples = nodes.n_samples
        self.weighted_n_node_samples = nodes.weight
        self.value = nodes.value
        self.node_count = self.capacity = len(nodes.left)
        self.n_features = n_features
        self.n_classes = np.array(n_classes, dtype=np.int64)
        self.n_outputs, self.max_n_classes = nodes.value.shape[1:]
        self._depths: np.ndarray | None = None
        self._packed: Packed | None = None
        self._best: np.ndarray | None = None

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return (self.node_count + 1) // 2  # every inner node has two children

    @property
    def max_depth(self) -> int:
        """Number of splits above the deepest leaf."""
        return int(self.compute_node_depths().max()) - 1

    def predict(self, X: Any) -> np.ndarray:
        """Return the values of the leaves that rows fall in.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is allowed.

        Returns
        -------
        ndarray of float64
            Shape (n_samples, max_n_classes), or (n_samples, n_outputs, max_n_classes) where there
            are several outputs.
        """
        values = self.value.take(self.apply(X), axis=0)
        return values[:, 0] if self.n_outputs == 1 else values

    def apply(self, X: Any) -> np.ndarray:
        """Return the leaves that rows fall in.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is allowed.

        Returns
        -------
        ndarray of int64, shape (n_samples,)
            Node numbers.
        """
        X = np.asarray(X)
        X = np.asarray(
            X, dtype=X.dtype if X.dtype in (np.float32, np.float64) else float, order="C"
        )
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise ValueError(
                f"X must have two dimensions and {self.n_features} columns; its shape is {X.shape}."
            )
        if self._packed is None:
            self._packed = pack([self.nodes])
        return apply(self._packed, X)[:, 0]

    def best_classes(self, X: Any) -> np.ndarray:
        """Return the number of the likeliest class, the first of several, at each row's leaf.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is allowed.

        Returns
        -------
        ndarray of int64, shape (n_samples, n_outputs)
            Positions among the classes of each output.
        """
        if self._best is None:
            self._best = self.value.argmax(axis=2)
        return self._best.take(self.apply(X), axis=0)

    def decision_path(self, X: Any) -> PathMatrix:
        """Return the nodes that rows pass.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is allowed.

        Returns
        -------
        PathMatrix of shape (n_samples, node_count)
            Ones where the row passes the node.
        """
        parent = np.zeros(self.node_count, dtype=np.int64)
        inner = np.flatnonzero(self.children_left >= 0)
        parent[self.children_left[inner]] = inner
        parent[self.children_right[inner]] = inner
        return paths_to(self.apply(X), parent, self.compute_node_depths() - 1)

    def compute_node_depths(self) -> np.ndarray:
        """Return the depth of each node, the root's being 1.

        Returns
        -------
        ndarray of int64, shape (node_count,)
            Number of nodes from the root to this one, both counted.
        """
        if self._depths is None:
            depths = np.empty(self.node_count, dtype=np.int64)
            level, depth = np.zeros(1, dtype=np.int64), 1
            while len(level):
                depths[level] = depth
                inner = level[self.children_left[level] >= 0]
                level = np.concatenate((self.children_left[inner], self.children_right[inner]))
                depth += 1
            self._depths = depths
        return self._depths

    def compute_feature_importances(self, normalize: bool = True) -> np.ndarray:
        """Return how much each feature's splits lower the impurity, weighted by their samples.

        Parameters
        ----------
        normalize : bool
            Let them sum to 1 (where there is a split), instead of to the whole decrease.

        Returns
        -------
        ndarray of float64, shape (n_features,)
            Importances.
        """
        inner = np.flatnonzero(self.children_left >= 0)
        mass = self.weighted_n_node_samples * self.impurity
        left, right = self.children_left[inner], self.children_right[inner]
        decrease = mass[inner] - mass[left] - mass[right]
        sums = np.bincount(self.feature[inner], weights=decrease, minlength=self.n_features)
        total = sums / self.weighted_n_node_samples[0]
        whole = total.sum()
        return total / whole if normalize and whole > 0.0 else total

    def __repr__(self) -> str:
        return f"Tree(node_count={self.node_count}, max_depth={self.max_depth})"

    def __reduce__(self) -> tuple:
        return type(self), (self.nodes, self.n_features, tuple(self.n_classes.tolist()))

    def _get_state(self) -> dict[str, Any]:
        """Return what a model file stores."""
        shape = {"n_features": self.n_features, "n_classes": self.n_classes}
        return {**shape, **self.nodes._asdict()}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> Self:
        """Return the tree of a model file, or raise ValueError if it is none."""
        n_features, n_classes = state.pop("n_features"), state.pop("n_classes")
        nodes = Nodes(**state)
        check_nodes(nodes, n_features, n_classes)
        return cls(nodes, n_features, n_classes.tolist())


def check_nodes(nodes: Nodes, n_features: Any, n_classes: Any) -> None:
    """Raise ValueError unless prediction by `nodes`, from whomever, ends and stays in bounds.

    Parameters
    ----------
    nodes : Nodes
        Anything.
    n_features, n_classes : object
        As `Tree` takes them, the latter an array.
    """
    count = len(nodes.left) if isinstance(nodes.left, np.ndarray) else 0
    arrays = all(
        isinstance(array, np.ndarray) and array.dtype == dtype and array.shape[:1] == (count,)
        and array.flags.c_contiguous
        for array, dtype in zip(nodes, _DTYPES, strict=True)
    )  # fmt: skip
    if not arrays or count == 0 or any(array.ndim != 1 for array in nodes[:-1]):
        raise ValueError("the nodes of a tree are not arrays of one length")
    if type(n_features) is not int or not 0 < n_features <= _MOST_FEATURES:
        raise ValueError(f"a tree cannot have {n_features!r:.80} features")
    classes = isinstance(n_classes, np.ndarray) and n_classes.dtype == "i8" and n_classes.ndim == 1
    if not classes or n_classes.size == 0 or n_classes.min() < 1:
        raise ValueError(f"a tree cannot have {n_classes!r:.80} classes")
    if nodes.value.shape != (count, len(n_classes), n_classes.max()):
        raise ValueError(f"the values of a tree have the shape {nodes.value.shape}")
    leaf = nodes.left == -1
    inner = np.flatnonzero(~leaf)
    children = np.concatenate((nodes.left[inner], nodes.right[inner]))
    if (nodes.right[leaf] != -1).any() or (children <= np.tile(inner, 2)).any():
        raise ValueError("a child of a tree's node does not come after it")
    if not np.array_equal(np.sort(children), np.arange(1, count)):
        raise ValueError("a node of a tree is not the child of just one other")
    feature = nodes.feature[inner]
    if ((feature < 0) | (feature >= n_features)).any() or np.isnan(nodes.threshold[inner]).any():
        raise ValueError("a node of a tree tests what is no feature")
