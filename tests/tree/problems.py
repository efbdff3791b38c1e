"""Training sets for the tests of the two builders of trees."""

import math

import numpy as np
from hypothesis import strategies as st

from scratchml.tree.nodes import Limits, Target

CLASSES = ("gini", "entropy")
NUMBERS = ("squared_error", "absolute_error", "poisson")
CRITERIA = CLASSES + NUMBERS

TINY = 5e-324
VALUES = (
    *(0.0, -0.0, TINY, 2 * TINY, 3 * TINY, 4 * TINY, -TINY, 1.0, 1 + 2**-52, 1 + 2**-51, 2.0),
    *(-1.0, 1e300, -1e300, 1.7e308, -1.7e308, 1.79e308, math.nan, math.nan),
)
WEIGHTS = (0.0, 1.0, 1.0, 2.0, 3.0)
REALS = (0.0, 0.125, 0.75, 1.0, 1.5, 2.25)  # sums of these are exact: so are ties


@st.composite
def problems(draw, criteria=CRITERIA):
    n, p = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    few = draw(st.lists(st.sampled_from(VALUES), min_size=2, max_size=6))
    X = np.array(draw(st.lists(st.sampled_from(few), min_size=n * p, max_size=n * p)))
    criterion = draw(st.sampled_from(criteria))
    n_outputs = draw(st.integers(1, 2))
    n_classes = tuple(draw(st.integers(1, 4)) for _ in range(n_outputs))
    weights = draw(st.sampled_from([None, WEIGHTS, REALS]))
    w = weights and np.array(draw(st.lists(st.sampled_from(weights), min_size=n, max_size=n)))
    if w is not None and not w.any():
        w[0] = 1.0
    if criterion in CLASSES:
        y = [draw(st.lists(st.integers(0, c - 1), min_size=n, max_size=n)) for c in n_classes]
        target = Target(criterion, np.array(y, dtype=np.int32).T, n_classes)
    else:
        few = (0.0, 0.0, 0.5, 1.0, 3.0, 6.0) if criterion == "poisson" else (-7.5, 0.0, 0.25, 1.0)
        size = n * n_outputs
        y = draw(st.lists(st.sampled_from(few), min_size=size, max_size=size))
        target = Target(criterion, np.array(y).reshape(n, n_outputs), ())
    limits = Limits(
        max_features=draw(st.integers(1, p)),
        max_depth=draw(st.sampled_from([1, 2, 2**31 - 1, 2**31 - 1])),
        min_samples_split=draw(st.sampled_from([2, 2, 2, 4])),
        min_samples_leaf=draw(st.sampled_from([1, 1, 1, 2, 3])),
        min_weight_leaf=draw(st.sampled_from([0.0, 0.0, 1.0, 2.0])),
        min_impurity_decrease=draw(st.sampled_from([0.0, 0.0, 0.0625])),
        max_leaf_nodes=draw(st.sampled_from([0, 0, 2, 3, 10])),
    )
    return X.reshape(n, p), target, w, limits


def make(criterion, n=150, p=4, seed=0, missing=0.0, n_outputs=1):
    """Distinct values, and weights for which no two splits of a large enough node gain the same.

    Sums of the weights are exact: of others, scikit-learn's differences can leave some weight of a
    class where there is none, and it goes on splitting.
    """
    rng = np.random.default_rng(seed)
    X = np.array([rng.permutation(n) for _ in range(p)], dtype=np.float32).T - 40
    score = X[:, :n_outputs] / n + 0.7 * rng.standard_normal((n, n_outputs))
    X[rng.random(X.shape) < missing] = np.nan
    if criterion in CLASSES:
        y = np.digitize(score, [0.0, 0.5]).astype(np.int32)
        target = Target(criterion, y, (3,) * n_outputs)
    else:
        target = Target(criterion, np.maximum(np.exp(score) - 0.5, 0.0), ())
    return X, target, rng.integers(2**20, 2**22, n) * (rng.random(n) < 0.9) / 2**21
