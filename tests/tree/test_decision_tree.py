"""The tree estimators: scikit-learn's trees where no ties exist, and what a user may rely on."""

import copy
import pickle
import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml
from scratchml.datasets import load_breast_cancer, load_diabetes, load_iris
from scratchml.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

CLASSIFIERS = [DecisionTreeClassifier, ExtraTreeClassifier]
REGRESSORS = [DecisionTreeRegressor, ExtraTreeRegressor]
TREES = CLASSIFIERS + REGRESSORS
each_tree = pytest.mark.parametrize("tree", TREES)


def data(n=80, p=4, seed=0):
    """Return rows without ties, and a class and a number for each."""
    rng = np.random.RandomState(seed)
    X = np.argsort(rng.uniform(size=(n, p)), axis=0) + rng.uniform(0.0, 0.25, size=(n, p))
    X = X.astype(np.float32).astype(np.float64)  # scikit-learn rounds to float32
    return X, rng.randint(0, 3, n), rng.standard_normal(n)


def target_for(tree, n=80, seed=0):
    return data(n=n, seed=seed)[1 if tree in CLASSIFIERS else 2]


# ------------------------------------------------------------------------- the reference's trees

OPTIONS = [
    {"min_impurity_decrease": 1e-9},
    {"max_depth": 3},
    {"min_samples_split": 0.2},
    {"min_samples_leaf": 5},
    {"min_weight_fraction_leaf": 0.1},
    {"max_leaf_nodes": 8},
    {"min_impurity_decrease": 0.01},
    {"ccp_alpha": 0.01},
]


@pytest.mark.peer
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(
    ("name", "criterion"),
    [
        ("DecisionTreeClassifier", "gini"),
        ("DecisionTreeClassifier", "entropy"),
        ("DecisionTreeClassifier", "log_loss"),
        ("DecisionTreeRegressor", "squared_error"),
        ("DecisionTreeRegressor", "absolute_error"),
        ("DecisionTreeRegressor", "poisson"),
    ],
)
def test_the_same_partition_as_scikit_learns(name, criterion, options):
    """Two columns that part a small node alike tie: one column, or nodes that are not small.

    scikit-learn also splits pure nodes, for gains that are rounding errors; 1e-9 prevents that.
    """
    theirs = pytest.importorskip("sklearn.tree")
    tree = getattr(scratchml.tree, name)
    X, labels, numbers = data(p=4 if "min_samples_leaf" in options else 1)
    y = labels if tree in CLASSIFIERS else np.exp(numbers)
    w = np.random.RandomState(1).uniform(0.5, 2.0, len(X))
    ours = tree(criterion=criterion, random_state=0, **options).fit(X, y, w)
    other = getattr(theirs, name)(criterion=criterion, random_state=0, **options).fit(X, y, w)
    assert ours.get_n_leaves() == other.get_n_leaves()
    assert ours.get_depth() == other.get_depth()
    for of_node in ("impurity", "n_node_samples", "weighted_n_node_samples"):
        a, b = (np.sort(getattr(model.tree_, of_node)) for model in (ours, other))
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours.predict(X), other.predict(X), rtol=1e-9)
    np.testing.assert_allclose(
        ours.feature_importances_, other.feature_importances_, rtol=1e-6, atol=1e-9
    )
    if options == OPTIONS[0]:
        path = ours.cost_complexity_pruning_path(X, y, w)
        expected = other.cost_complexity_pruning_path(X, y, w)
        np.testing.assert_allclose(path.ccp_alphas, expected.ccp_alphas, atol=1e-9)
        np.testing.assert_allclose(path.impurities, expected.impurities, atol=1e-9)


# ---------------------------------------------------------------------------------------- outputs


@each_tree
def test_distinct_rows_are_learned_by_heart(tree):
    X, _, _ = data()
    y = target_for(tree)
    model = tree(random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), y)
    assert model.score(X, y) == 1.0
    assert model.get_n_leaves() == model.tree_.n_leaves > 1
    assert model.get_depth() == model.tree_.max_depth > 1


@each_tree
def test_leaves_and_paths(tree):
    X, _, _ = data()
    model = tree(random_state=0, max_depth=4).fit(X, target_for(tree))
    leaves, path = model.apply(X), model.decision_path(X)
    assert path.shape == (len(X), model.tree_.node_count)
    np.testing.assert_array_equal(path.indices[path.indptr[1:] - 1], leaves)
    np.testing.assert_array_equal(path.toarray().sum(axis=0), model.tree_.n_node_samples)
    np.testing.assert_array_equal(np.diff(path.indptr), model.tree_.compute_node_depths()[leaves])


@pytest.mark.parametrize("tree", CLASSIFIERS)
def test_probabilities_are_shares_of_the_leaf(tree):
    X, y, _ = data()
    w = np.random.RandomState(2).uniform(0.5, 2.0, len(X))
    model = tree(random_state=0, max_depth=2).fit(X, y, w)
    leaves, shares = model.apply(X), model.predict_proba(X)
    for leaf in np.unique(leaves):
        here = leaves == leaf
        expected = np.bincount(y[here], weights=w[here], minlength=3) / w[here].sum()
        np.testing.assert_allclose(shares[here], np.tile(expected, (here.sum(), 1)), rtol=1e-13)
    np.testing.assert_array_equal(model.predict(X), shares.argmax(axis=1))
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(model.predict_log_proba(X), np.log(shares))


@pytest.mark.parametrize("tree", CLASSIFIERS)
@pytest.mark.parametrize(
    "names", [["no", "yes", "perhaps"], [-7, 0, 2**40], [0.0, 1.0, 3.0], [b"x", b"y", b"zz"]]
)
def test_labels_of_any_kind(tree, names):
    X, y, _ = data()
    labels = np.array(names)[y]
    model = tree(random_state=0).fit(X, labels)
    assert model.predict(X).dtype == labels.dtype
    np.testing.assert_array_equal(model.predict(X), labels)
    np.testing.assert_array_equal(model.classes_, np.unique(labels))
    assert model.n_classes_ == 3


@pytest.mark.parametrize("tree", CLASSIFIERS)
@pytest.mark.parametrize("names", [[2, 5, 9], ["a", "b", "long"]])
def test_several_outputs_of_classes(tree, names):
    X, y, _ = data()
    Y = np.array(names)[np.column_stack([y, y > 0, np.zeros_like(y)])]
    model = tree(random_state=0, max_depth=3).fit(X, Y)
    assert model.n_outputs_ == 3
    assert model.n_classes_.tolist() == [3, 2, 1]
    assert [labels.tolist() for labels in model.classes_] == [sorted(names), names[:2], names[:1]]
    shares = model.predict_proba(X)
    assert [share.shape for share in shares] == [(80, 3), (80, 2), (80, 1)]
    for share, logarithm in zip(shares, model.predict_log_proba(X), strict=True):
        np.testing.assert_allclose(share.sum(axis=1), 1.0, rtol=1e-14)
        np.testing.assert_allclose(np.exp(logarithm), share, rtol=1e-15)
    predicted = model.predict(X)
    for k, share in enumerate(shares):
        np.testing.assert_array_equal(predicted[:, k], model.classes_[k][share.argmax(axis=1)])
    np.testing.assert_array_equal(tree(random_state=0).fit(X, Y).predict(X), Y)


@pytest.mark.parametrize("tree", REGRESSORS)
@pytest.mark.parametrize("criterion", ["squared_error", "absolute_error", "poisson"])
def test_several_outputs_of_numbers(tree, criterion):
    X, _, y = data()
    Y = np.exp(np.column_stack([y, 1 - y]))
    model = tree(criterion=criterion, random_state=0, max_depth=3).fit(X, Y)
    middle = np.median if criterion == "absolute_error" else np.mean
    leaves, predicted = model.apply(X), model.predict(X)
    assert predicted.shape == (80, 2)
    for leaf in np.unique(leaves):
        expected = middle(Y[leaves == leaf], axis=0)
        np.testing.assert_allclose(predicted[leaves == leaf][0], expected, rtol=1e-13)


@each_tree
def test_a_column_of_targets_is_one_output(tree):
    X, _, _ = data()
    y = target_for(tree)
    flat, column = tree(random_state=0).fit(X, y), tree(random_state=0).fit(X, y[:, None])
    assert column.n_outputs_ == 1
    np.testing.assert_array_equal(flat.predict(X), column.predict(X))


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("seed", range(8))
def test_one_column_has_a_leaf_for_each_run_of_a_class(criterion, seed):
    """The best cuts of a column lie between two classes: U. Fayyad and K. Irani, 1992."""
    X, y, _ = data(p=1, seed=seed)
    w = np.random.RandomState(seed).uniform(0.5, 2.0, len(X))
    model = DecisionTreeClassifier(criterion=criterion).fit(X, y, w)
    assert model.get_n_leaves() == 1 + np.count_nonzero(np.diff(y[np.argsort(X[:, 0])]))


@pytest.mark.parametrize("tree", CLASSIFIERS)
def test_one_class_is_one_leaf(tree):
    X, _, _ = data()
    model = tree(random_state=0).fit(X, ["only"] * len(X))
    assert (model.predict(X) == "only").all()
    assert model.predict_proba(X).tolist() == [[1.0]] * len(X)
    assert (model.get_n_leaves(), model.get_depth()) == (1, 0)
    assert model.feature_importances_.tolist() == [0.0] * 4


# ---------------------------------------------------------------------------------------- weights


@each_tree
def test_rows_of_weight_zero_are_absent(tree):
    X, _, _ = data()
    y = target_for(tree)
    w = np.random.RandomState(3).randint(0, 3, len(X)).astype(float)
    here = w > 0
    weighted = tree(random_state=0).fit(X, y, w)
    present = tree(random_state=0).fit(X[here], y[here], w[here])
    for a, b in zip(weighted.tree_.nodes, present.tree_.nodes, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("tree", [DecisionTreeClassifier, DecisionTreeRegressor])
def test_whole_weights_are_copies_of_rows(tree):
    X, _, _ = data()
    y = np.round(4 * target_for(tree))
    w = np.random.RandomState(4).randint(1, 4, len(X))
    weighted = tree(random_state=0).fit(X, y, w.astype(float))
    copied = tree(random_state=0).fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    for name in ("left", "right", "feature", "threshold"):  # for NaN, rows are counted
        a, b = (getattr(model.tree_.nodes, name) for model in (weighted, copied))
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(weighted.tree_.impurity, copied.tree_.impurity, atol=1e-12)
    np.testing.assert_array_equal(
        weighted.tree_.weighted_n_node_samples, copied.tree_.n_node_samples
    )


@pytest.mark.parametrize("tree", CLASSIFIERS)
def test_class_weights_are_weights_of_rows(tree):
    X, y, _ = data()
    by_class = np.array([1.0, 2.0, 5.0])
    own = np.random.RandomState(5).uniform(0.5, 1.5, len(X))
    a = tree(random_state=0, class_weight=dict(enumerate(by_class))).fit(X, y, own)
    b = tree(random_state=0).fit(X, y, own * by_class[y])
    for x, z in zip(a.tree_.nodes, b.tree_.nodes, strict=True):
        np.testing.assert_array_equal(x, z)
    balanced = tree(random_state=0, class_weight="balanced", max_depth=1).fit(X, y)
    np.testing.assert_allclose(balanced.tree_.value[0], np.full((1, 3), 1 / 3), rtol=1e-14)


def test_shares_of_weight_and_rows():
    X, y, _ = data()
    w = np.where(np.arange(80) < 8, 20.0, 1.0)
    for options in ({"min_weight_fraction_leaf": 0.2}, {"min_samples_leaf": 0.2}):
        model = DecisionTreeClassifier(random_state=0, **options).fit(X, y, w)
        leaf = model.tree_.children_left < 0
        share = (
            model.tree_.weighted_n_node_samples / w.sum()
            if "min_weight_fraction_leaf" in options
            else model.tree_.n_node_samples / 80
        )
        assert leaf.sum() > 1
        assert share[leaf].min() >= 0.2


# --------------------------------------------------------------------------------- missing values


@each_tree
def test_missing_values_in_fit_and_prediction(tree):
    X, _, _ = data()
    y = target_for(tree)
    X = np.where(np.random.RandomState(6).uniform(size=X.shape) < 0.3, np.nan, X)
    X = np.column_stack([X, np.full(len(X), np.nan)])
    model = tree(random_state=0).fit(X, y)
    assert model.score(X, y) > 0.8
    assert model.feature_importances_[-1] == 0.0
    np.testing.assert_array_equal(
        model.predict(np.full((1, 5), np.nan)), model.predict(np.full((3, 5), np.nan))[:1]
    )


@each_tree
def test_missing_values_never_seen_go_with_most_rows(tree):
    X, _, _ = data()
    model = tree(random_state=0, max_depth=1).fit(X, target_for(tree))
    nodes = model.tree_
    left, right = (
        nodes.n_node_samples[child[0]] for child in (nodes.children_left, nodes.children_right)
    )
    expected = nodes.children_left[0] if left > right else nodes.children_right[0]
    assert model.apply(np.full((1, 4), np.nan)) == [expected]


@each_tree
def test_infinity_is_refused(tree):
    X, _, _ = data()
    y = target_for(tree)
    bad = np.where(X == X[3, 1], np.inf, X)
    bad[0, 0] = np.nan
    model = tree(random_state=0).fit(X, y)
    for call in (lambda: tree().fit(bad, y), lambda: model.predict(bad), lambda: model.apply(bad)):
        with pytest.raises(ValueError, match="X contains infinity"):
            call()


# ------------------------------------------------------------------------------------------ dtypes


def test_float64_is_not_rounded_to_float32():
    """Two values that float32 cannot tell apart."""
    X = np.array([[1.0], [1.0 + 2.0**-50]])
    model = DecisionTreeClassifier().fit(X, [0, 1])
    assert model.predict(X).tolist() == [0, 1]
    assert X[0, 0] <= model.tree_.threshold[0] < X[1, 0]


def test_float32_thresholds_lie_halfway():
    X = np.array([[1.0], [1.0 + 2.0**-23]], dtype=np.float32)
    model = DecisionTreeClassifier().fit(X, [0, 1])
    assert model.tree_.threshold[0] == 1.0 + 2.0**-24
    assert model.predict(X).tolist() == [0, 1]
    assert model.predict(X.astype(np.float64)).tolist() == [0, 1]


@given(scale=st.integers(-60, 60), seed=st.integers(0, 50))
@settings(deadline=None, max_examples=25)
def test_monotone_transforms_change_no_prediction(scale, seed):
    X, y, _ = data(n=30, seed=seed)
    plain = DecisionTreeClassifier(random_state=seed).fit(X, y)
    for transformed in (np.ldexp(X, scale), X**3, np.exp(X / 8)):
        other = DecisionTreeClassifier(random_state=seed).fit(transformed, y)
        np.testing.assert_array_equal(other.tree_.feature, plain.tree_.feature)
        np.testing.assert_array_equal(other.apply(transformed), plain.apply(X))


# -------------------------------------------------------------------------------------- parameters


@each_tree
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_depth": 0}, r"'max_depth' .* must be an int in the range \[1, inf\) or None. Got 0"),
        ({"max_depth": -1}, r"'max_depth' .* Got -1"),
        ({"min_samples_split": 1}, r"'min_samples_split' .* Got 1"),
        ({"min_samples_leaf": 0}, r"'min_samples_leaf' .* Got 0"),
        ({"min_samples_leaf": 1.0}, r"'min_samples_leaf' .* Got 1.0"),
        ({"max_leaf_nodes": 1}, r"'max_leaf_nodes' .* Got 1"),
        ({"max_features": 5}, r"max_features must be at most the number of features, 4"),
        ({"max_features": 0}, r"'max_features' .* Got 0"),
        ({"min_weight_fraction_leaf": 0.6}, r"'min_weight_fraction_leaf' .* Got 0.6"),
        ({"criterion": "friedman_mse"}, r"'criterion' .* Got 'friedman_mse'"),
        ({"splitter": "worst"}, r"'splitter' .* Got 'worst'"),
        ({"ccp_alpha": -0.1}, r"'ccp_alpha' .* Got -0.1"),
    ],
    ids=str,
)
def test_parameters_out_of_range(tree, parameters, message):
    X, _, _ = data()
    with pytest.raises(ValueError, match=message):
        tree(**parameters).fit(X, target_for(tree))


def test_defaults_differ_between_the_kinds():
    assert DecisionTreeClassifier().max_features is None
    assert (ExtraTreeClassifier().splitter, ExtraTreeClassifier().max_features) == (
        "random",
        "sqrt",
    )
    assert (ExtraTreeRegressor().splitter, ExtraTreeRegressor().max_features) == ("random", 1.0)
    X, y, _ = data(p=9)
    assert ExtraTreeClassifier().fit(X, y).max_features_ == 3
    assert DecisionTreeClassifier(max_features="log2").fit(X, y).max_features_ == 3
    assert DecisionTreeClassifier(max_features=0.5).fit(X, y).max_features_ == 4
    assert isinstance(ExtraTreeClassifier(), DecisionTreeClassifier)
    assert isinstance(ExtraTreeRegressor(), DecisionTreeRegressor)


@each_tree
def test_seeds(tree):
    X, _, _ = data()
    y = target_for(tree)

    def thresholds(seed):
        return tree(splitter="random", max_features=2, random_state=seed).fit(X, y).tree_.threshold

    np.testing.assert_array_equal(thresholds(0), thresholds(0))
    np.testing.assert_array_equal(
        thresholds(np.random.RandomState(5)), thresholds(np.random.RandomState(5))
    )
    different = {thresholds(seed).tobytes() for seed in (0, 1, 2)}
    assert len(different) == 3
    generator = np.random.RandomState(5)
    assert thresholds(generator).tobytes() != thresholds(generator).tobytes(), "it advances"
    assert thresholds(None).tobytes() != thresholds(None).tobytes()


# ----------------------------------------------------------------------------------------- pruning


@pytest.mark.parametrize("name", ["classifier", "regressor"])
def test_the_path_says_what_ccp_alpha_does(name):
    load, tree = {
        "classifier": (load_breast_cancer, DecisionTreeClassifier),
        "regressor": (load_diabetes, DecisionTreeRegressor),
    }[name]
    X, y = load(return_X_y=True)
    options = {"random_state": 0, "min_samples_leaf": 4}
    model = tree(**options)
    path = model.cost_complexity_pruning_path(X, y)
    assert not hasattr(model, "tree_")
    pruned = tree(**options, ccp_alpha=path.ccp_alphas[-2]).cost_complexity_pruning_path(X, y)
    np.testing.assert_array_equal(pruned.ccp_alphas, path.ccp_alphas)
    assert path.ccp_alphas[0] == 0.0
    assert (np.diff(path.ccp_alphas) >= 0).all()
    assert (np.diff(path.impurities) >= 0).all()
    whole = tree(**options).fit(X, y)
    assert path.impurities[-1] == pytest.approx(whole.tree_.impurity[0], rel=1e-14)
    sizes = [
        tree(**options, ccp_alpha=alpha * 1.0001).fit(X, y).get_n_leaves()
        for alpha in path.ccp_alphas[:: max(1, len(path.ccp_alphas) // 5)]
    ]
    assert sizes[0] == whole.get_n_leaves()
    assert (np.diff(sizes) < 0).all()
    assert tree(**options, ccp_alpha=path.ccp_alphas[-1] * 1.0001).fit(X, y).get_n_leaves() == 1


# ------------------------------------------------------------------------------------------ copies


@each_tree
def test_copies_and_files(tree, tmp_path):
    X, _, _ = data()
    X = np.where(X > 70, np.nan, X)
    model = tree(random_state=0).fit(X, target_for(tree))
    scratchml.save(model, tmp_path / "tree")
    for same in (
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
        scratchml.load(tmp_path / "tree"),
    ):
        np.testing.assert_array_equal(same.apply(X), model.apply(X))
        assert repr(same.tree_) == repr(model.tree_)
        np.testing.assert_array_equal(same.feature_importances_, model.feature_importances_)


@each_tree
def test_a_long_fit_runs_in_a_thread_and_says_the_same(tree, monkeypatch):
    from scratchml.tree import base

    X, _, _ = data()
    y = target_for(tree)
    short = tree(random_state=0).fit(X, y)
    monkeypatch.setattr(base, "_LONG", 0)
    long = tree(random_state=0).fit(X, y)
    for a, b in zip(short.tree_.nodes, long.tree_.nodes, strict=True):
        np.testing.assert_array_equal(a, b)


def test_ctrl_c_reaches_the_builder(monkeypatch):
    from scratchml.tree import base

    X, y, _ = data()
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    before = model.predict(X)
    flags = []

    def endless(columns, target, weight, limits, splitter, seed, stop):
        threading.Timer(0.05, signal.raise_signal, [signal.SIGINT]).start()
        deadline = time.monotonic() + 20.0
        while stop[0] == 0 and time.monotonic() < deadline:
            time.sleep(0.001)
        flags.append(int(stop[0]))

    monkeypatch.setattr(base, "_LONG", 0)
    monkeypatch.setattr(base, "grow_tree", endless)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, 2 - y)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert flags == [1]
    np.testing.assert_array_equal(model.predict(X), before)


def test_iris_from_the_terminal():
    """The figures that a first try should print."""
    X, y = load_iris(return_X_y=True)
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    assert (model.get_n_leaves(), model.get_depth()) == (9, 5)
    assert model.score(X, y) == 1.0
    assert model.feature_importances_.sum() == pytest.approx(1.0, rel=1e-15)
