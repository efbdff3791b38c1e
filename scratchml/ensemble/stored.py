"""Forests in model files: the arrays of all trees end to end, instead of nine for each tree.

A forest's ``estimators_`` are its trees with parameters and little else: they are not stored but
made again, from the arrays and, for each run of trees that share their parameters, its length and
these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from scratchml._core.persistence.objects import check_names
from scratchml.tree.nodes import Nodes
from scratchml.tree.structure import check_nodes

_NARROW = {"left": np.int32, "right": np.int32, "feature": np.int32}  # int64 in memory
_NOT_STORED = {"estimators_", "_packed"}


def as_estimators(
    tree_class: Any,
    params: Mapping[str, Any],
    seeds: Sequence[int],
    trees: Sequence[Nodes],
    n_features: int,
    n_classes: Sequence[int],
) -> list[Any]:
    """Return grown trees as fitted estimators; a hundred take about a millisecond.

    Parameters
    ----------
    tree_class : type
        Of the estimators.
    params : mapping
        Their parameters; ``random_state`` is replaced by the seed.
    seeds : sequence of int
        One for each tree.
    trees : sequence of Nodes
        One for each estimator.
    n_features : int
        Columns of the data.
    n_classes : sequence of int
        Classes of each output, which a tree of a forest knows by their codes; ones in regression.
    """
    codes = [np.arange(width) for width in n_classes]
    made = []
    for seed, nodes in zip(seeds, trees, strict=True):
        estimator = tree_class(**{**params, "random_state": int(seed)})
        estimator._adopt(nodes, n_features, n_classes)
        if hasattr(estimator, "_name_classes"):
            estimator._name_classes(codes)
        made.append(estimator)
    return made


def forest_state(forest: Any) -> dict[str, Any]:
    """Return what a model file stores of a forest.

    Parameters
    ----------
    forest : GrownForest
        Fitted or not.
    """
    params = forest.get_params(deep=False)
    learned = {k: v for k, v in vars(forest).items() if k not in params and k not in _NOT_STORED}
    check_names(type(forest), learned, params, "cannot save it: ")
    state = {"params": params, "learned": learned}
    if "estimators_" in vars(forest):
        for estimator in forest.estimators_:
            if type(estimator) is not forest._tree_class:
                raise TypeError(
                    f"cannot save a {type(forest).__name__} whose estimators_ hold a "
                    f"{type(estimator).__name__}"
                )
        state |= _trees_state(forest.estimators_)
    return state


def _trees_state(estimators: Sequence[Any]) -> dict[str, Any]:
    trees = [estimator.tree_ for estimator in estimators]
    columns = zip(*(tree.nodes for tree in trees), strict=True)
    nodes = {
        name: np.concatenate(parts, dtype=_NARROW.get(name))
        for name, parts in zip(Nodes._fields, columns, strict=True)
    }
    params = [e.get_params(deep=False) | {"random_state": None} for e in estimators]
    return {
        "sizes": np.array([tree.node_count for tree in trees], dtype=np.int64),
        "seeds": np.array([e.random_state for e in estimators], dtype=np.uint32),
        "tree_params": [[len(list(run)), shared] for shared, run in groupby(params)],
        "n_classes": trees[0].n_classes,
        "nodes": nodes,
    }


def forest_from_state(cls: Any, state: dict[str, Any]) -> Any:
    """Return the forest that `forest_state` describes, or raise ValueError.

    Parameters
    ----------
    cls : type
        The class of the forest.
    state : dict
        From a file, so from anyone.
    """
    forest = cls(**state.pop("params"))
    learned = state.pop("learned")
    check_names(cls, learned, forest.get_params(deep=False), "")
    vars(forest).update(learned)
    if state:
        forest.estimators_ = _estimators_from_state(cls._tree_class, forest.n_features_in_, **state)
    return forest


def _estimators_from_state(
    tree_class: Any, n_features: Any, sizes: Any, seeds: Any, tree_params: Any, n_classes: Any,
    nodes: Any,
) -> list[Any]:  # fmt: skip
    sizes = [int(size) for size in sizes]
    if not sizes or min(sizes) < 1 or any(len(part) != sum(sizes) for part in nodes.values()):
        raise ValueError("the trees of a forest are not as long as it says")
    arrays = {
        name: part.astype(np.int64, casting="safe") if name in _NARROW else part
        for name, part in nodes.items()
    }
    bounds = np.cumsum([0, *sizes]).tolist()
    trees = []
    for start, stop in pairwise(bounds):
        trees.append(Nodes(**{name: part[start:stop] for name, part in arrays.items()}))
        check_nodes(trees[-1], n_features, n_classes)
    made, begin = [], 0
    for length, params in tree_params:
        run = slice(begin, begin + length)
        made += as_estimators(
            tree_class, params, seeds[run], trees[run], n_features, n_classes.tolist()
        )
        begin += length
    if len(made) != len(trees):
        raise ValueError("a forest has parameters for another number of trees")
    return made
