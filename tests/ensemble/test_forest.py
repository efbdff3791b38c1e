"""Forests: restated tree by tree, the same on any number of threads, near the reference library."""

import numpy as np
import pytest

from scratchml._core.estimator import clone
from scratchml.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    make_classification,
    make_regression,
)
from scratchml.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from scratchml.ensemble.growing import tree_seeds
from scratchml.metrics import accuracy_score
from scratchml.model_selection import train_test_split
from scratchml.tree.cart import grow_cart
from scratchml.tree.nodes import Limits, Nodes
from scratchml.tree.pruning import prune
from scratchml.tree.settings import classification_target, regression_target

CLASSIFIERS = [RandomForestClassifier, ExtraTreesClassifier]
REGRESSORS = [RandomForestRegressor, ExtraTreesRegressor]
FORESTS = CLASSIFIERS + REGRESSORS
each_forest = pytest.mark.parametrize("forest", FORESTS)
each_classifier = pytest.mark.parametrize("forest", CLASSIFIERS)
each_regressor = pytest.mark.parametrize("forest", REGRESSORS)


def problem(forest, n=150, seed=0):
    """Return X and y, the same X for all; sums of y are exact."""
    X, y = make_classification(n, 6, n_informative=4, n_classes=3, random_state=seed)
    return X, y if forest in CLASSIFIERS else np.round(8 * (y + X[:, 0] * X[:, 1])) / 8


def trees_of(model):
    return [tree.tree_.nodes for tree in model.estimators_]


def assert_same_trees(a, b):
    assert len(a) == len(b) > 0
    for one, other in zip(a, b, strict=True):
        for field, x, y in zip(Nodes._fields, one, other, strict=True):
            np.testing.assert_array_equal(x, y, err_msg=field)


# ------------------------------------------------------------------------------- by the definition


def test_the_listing():
    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
    model = RandomForestClassifier(n_estimators=100, random_state=42)
    model.fit(X_train, y_train)
    assert accuracy_score(y_test, model.predict(X_test)) == 1.0


@each_forest
@pytest.mark.parametrize("bootstrap", [True, False])
def test_the_trees_are_those_of_the_plain_builder(forest, bootstrap):
    X, y = problem(forest, n=60)
    model = forest(7, bootstrap=bootstrap, max_features=2, random_state=5).fit(X, y)
    make = classification_target if forest in CLASSIFIERS else regression_target
    target = make(y, model.criterion)
    target = target[0] if forest in CLASSIFIERS else target
    splitter = "random" if forest.__name__.startswith("Extra") else "best"
    expected = []
    for seed, rows in zip(tree_seeds(5, 0, 7), model.estimators_samples_, strict=True):
        weight = np.bincount(rows, minlength=60).astype(float)
        expected.append(grow_cart(X, target, weight, Limits(2), splitter, int(seed)))
    for found, plain in zip(trees_of(model), expected, strict=True):
        for name in ("left", "right", "feature", "threshold", "n_samples", "weight"):
            np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))
        np.testing.assert_allclose(found.value, plain.value, rtol=1e-12, atol=1e-12)
    assert len({len(tree.left) for tree in expected} | {t.feature[0] for t in expected}) > 1


@each_forest
def test_the_prediction_is_the_mean_of_the_trees(forest):
    X, y = problem(forest)
    model = forest(9, max_depth=4, random_state=0).fit(X, y)
    if forest in CLASSIFIERS:
        mean = sum(tree.predict_proba(X) for tree in model.estimators_) / 9
        np.testing.assert_array_equal(model.predict_proba(X), mean)
        np.testing.assert_array_equal(model.predict(X), model.classes_[mean.argmax(axis=1)])
        np.testing.assert_array_equal(np.exp(model.predict_log_proba(X)).round(12), mean.round(12))
    else:
        mean = sum(tree.predict(X) for tree in model.estimators_) / 9
        np.testing.assert_array_equal(model.predict(X), mean)


@each_forest
def test_a_tree_can_be_grown_again_alone(forest):
    X, y = problem(forest)
    model = forest(4, bootstrap=True, random_state=2).fit(X, y)
    for tree, rows in zip(model.estimators_, model.estimators_samples_, strict=True):
        again = clone(tree).fit(X[rows], y[rows])
        for name in ("left", "right", "feature", "threshold", "weight"):
            found, expected = getattr(again.tree_.nodes, name), getattr(tree.tree_.nodes, name)
            np.testing.assert_array_equal(found, expected)


@each_forest
def test_any_number_of_threads_gives_the_same_bits(forest):
    X, y = problem(forest, n=400)
    models = [
        forest(20, bootstrap=True, oob_score=True, n_jobs=n, random_state=0).fit(X, y)
        for n in (1, 2, 8)
    ]
    for model in models[1:]:
        assert_same_trees(trees_of(models[0]), trees_of(model))
        np.testing.assert_array_equal(models[0].predict(X), model.predict(X))
        assert models[0].oob_score_ == model.oob_score_


@each_forest
@pytest.mark.parametrize("bootstrap", [True, False])
def test_limits_hold_in_every_tree(forest, bootstrap):
    X, y = problem(forest)
    weight = 4 * np.random.RandomState(0).random_sample(150) + 0.1
    options = {"bootstrap": bootstrap, "random_state": 0}

    def trees(**limits):
        return [e.tree_ for e in forest(6, **options, **limits).fit(X, y, weight).estimators_]

    assert {tree.max_depth for tree in trees(max_depth=3)} == {3}
    assert {tree.n_leaves for tree in trees(max_leaf_nodes=5)} == {5}
    for tree in trees(min_samples_leaf=0.05):
        assert tree.n_node_samples.min() >= 8  # the share is of all 150 rows, rounded up
    total = 150 if bootstrap else weight.sum()
    for tree in trees(min_weight_fraction_leaf=0.1):
        assert tree.weighted_n_node_samples.min() >= 0.1 * total
        assert tree.weighted_n_node_samples[0] == pytest.approx(total)
    if bootstrap:
        roots = [tree.weighted_n_node_samples[0] for tree in trees(max_samples=40)]
        assert roots == [40] * 6


@each_forest
def test_trees_are_pruned(forest):
    X, y = problem(forest)
    whole = forest(4, random_state=0).fit(X, y)
    pruned = forest(4, ccp_alpha=0.02, random_state=0).fit(X, y)
    expected = [prune(nodes, 0.02) for nodes in trees_of(whole)]
    assert_same_trees(trees_of(pruned), expected)
    assert sum(len(nodes.left) for nodes in expected) < sum(t.tree_.node_count for t in whole)


def test_random_states():
    X, y = problem(RandomForestClassifier)

    def shares(random_state):
        model = RandomForestClassifier(5, random_state=random_state).fit(X, y)
        return model.predict_proba(X).tolist()

    assert shares(0) == shares(0)
    assert shares(0) != shares(1)
    assert shares(None) != shares(None)
    assert shares(np.random.RandomState(3)) == shares(np.random.RandomState(3))
    assert shares(np.random.default_rng(3)) == shares(np.random.default_rng(3))
    generator = np.random.RandomState(3)
    assert shares(generator) != shares(generator)


@each_forest
def test_apply_and_decision_path_agree_with_the_trees(forest):
    X, y = problem(forest, n=40)
    model = forest(3, max_depth=3, random_state=0).fit(X, y)
    leaves = model.apply(X)
    assert leaves.shape == (40, 3)
    paths, starts = model.decision_path(X)
    dense = paths.toarray()
    assert starts.tolist() == [0, *np.cumsum([tree.tree_.node_count for tree in model])]
    for t, tree in enumerate(model):
        np.testing.assert_array_equal(leaves[:, t], tree.apply(X))
        part = dense[:, starts[t] : starts[t + 1]]
        np.testing.assert_array_equal(part, tree.decision_path(X).toarray())


@each_forest
def test_importances_are_the_mean_over_the_trees_with_splits(forest):
    X, y = make_classification(
        300, 8, n_informative=3, n_redundant=0, shuffle=False, class_sep=2.0, random_state=0
    )
    model = forest(20, random_state=0).fit(X, y)
    parts = [tree.feature_importances_ for tree in model]
    np.testing.assert_allclose(model.feature_importances_, np.mean(parts, axis=0), rtol=1e-12)
    assert model.feature_importances_.sum() == pytest.approx(1)
    assert model.feature_importances_[:3].min() > model.feature_importances_[3:].max()
    stumps = forest(10, min_samples_split=1.0, min_samples_leaf=0.6, random_state=0).fit(X, y)
    assert (stumps.feature_importances_ == 0).all()


def test_a_forest_is_a_sequence_of_trees():
    X, y = problem(RandomForestClassifier)
    model = RandomForestClassifier(3, random_state=0)
    assert model  # though it has no length yet
    with pytest.raises(AttributeError, match="not fitted"):
        len(model)
    model.fit(X, y)
    assert len(model) == 3
    assert list(model) == model.estimators_
    assert model[1] is model.estimators_[1]
    assert repr(model.estimator_) == "DecisionTreeClassifier(max_features='sqrt')"


def test_forests_can_be_joined_by_hand():
    X, y = problem(RandomForestClassifier)
    one, other = (RandomForestClassifier(5, random_state=seed).fit(X, y) for seed in (0, 1))
    expected = (one.predict_proba(X) + other.predict_proba(X)) / 2
    one.estimators_ += other.estimators_
    np.testing.assert_allclose(one.predict_proba(X), expected, rtol=1e-12)


# ------------------------------------------------------------------------------------ out of bag


@each_forest
@pytest.mark.parametrize("weighted", [False, True])
def test_out_of_bag_restated(forest, weighted):
    X, y = problem(forest, n=80)
    weight = np.arange(1.0, 81) if weighted else None
    model = forest(25, bootstrap=True, oob_score=True, random_state=0).fit(X, y, weight)
    sums, seen = np.zeros((80, 3)), np.zeros(80)
    for tree, rows in zip(model.estimators_, model.estimators_samples_, strict=True):
        for i in range(80):
            if i not in rows:
                values = tree.predict_proba if forest in CLASSIFIERS else tree.predict
                sums[i] += values(X[i : i + 1])[0]
                seen[i] += 1
    assert seen.min() > 0
    means = sums / seen[:, None]
    if forest in CLASSIFIERS:
        np.testing.assert_allclose(model.oob_decision_function_, means, rtol=1e-12)
        assert model.oob_score_ == np.mean(means.argmax(axis=1) == y)
    else:
        np.testing.assert_allclose(model.oob_prediction_, means[:, 0], rtol=1e-12)
        r2 = 1 - ((means[:, 0] - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()
        assert model.oob_score_ == pytest.approx(r2, rel=1e-12)


def friedman(n, seed):
    """Return ten columns, of which five matter, and their function (Friedman 1991) with noise."""
    random = np.random.RandomState(seed)
    X = random.random_sample((n, 10))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2
    return X, y + 10 * X[:, 3] + 5 * X[:, 4] + random.standard_normal(n)


@each_forest
def test_the_out_of_bag_score_is_near_the_test_score(forest):
    """A row is judged by a third of the trees, so that 90 of them say what 30 would."""
    X, y = friedman(2000, 0)
    y = y > 15 if forest in CLASSIFIERS else y
    options = {"bootstrap": True, "max_features": 4, "random_state": 0}
    model = forest(90, oob_score=True, **options).fit(X[:600], y[:600])
    test = forest(30, **options).fit(X[:600], y[:600]).score(X[600:], y[600:])
    assert 0.7 < test < 0.95
    assert abs(model.oob_score_ - test) < 0.03  # deviation of the scores: 0.015


@each_forest
def test_a_scorer_of_ones_own(forest):
    X, y = problem(forest)
    calls = []

    def score(true, predicted):
        calls.append((true, predicted))
        return 0.25

    model = forest(30, bootstrap=True, oob_score=score, random_state=0).fit(X, y)
    assert model.oob_score_ == 0.25
    ((true, predicted),) = calls
    np.testing.assert_array_equal(true, y)
    if forest in CLASSIFIERS:
        best = model.oob_decision_function_.argmax(axis=1)
        np.testing.assert_array_equal(predicted, best)
    else:
        np.testing.assert_array_equal(predicted, model.oob_prediction_)


@each_forest
def test_rows_that_no_tree_left_out_are_told(forest):
    X, y = problem(forest)
    with pytest.warns(UserWarning, match="Some inputs do not have OOB scores"):
        model = forest(2, bootstrap=True, oob_score=True, random_state=0).fit(X, y)
    drawn = np.all([np.isin(np.arange(150), rows) for rows in model.estimators_samples_], axis=0)
    assert drawn.any()
    out = getattr(model, "oob_decision_function_", None)
    out = model.oob_prediction_[:, None] if out is None else out
    assert (out[drawn] == 0).all()


# ------------------------------------------------------------------------------------ warm starts


@each_forest
@pytest.mark.parametrize("bootstrap", [True, False])
def test_a_warm_start_grows_the_trees_of_the_larger_forest(forest, bootstrap):
    X, y = problem(forest)
    options = {"bootstrap": bootstrap, "oob_score": bootstrap, "random_state": 4}
    cold = forest(25, **options).fit(X, y)
    warm = forest(5, warm_start=True, random_state=4, bootstrap=bootstrap).fit(X, y)
    first = list(warm.estimators_)
    for n in (6, 25):
        warm.set_params(n_estimators=n, oob_score=bootstrap and n == 25).fit(X, y)
    assert warm.estimators_[:5] == first
    assert_same_trees(trees_of(cold), trees_of(warm))
    assert [t.random_state for t in cold] == [t.random_state for t in warm]
    if bootstrap:
        assert cold.oob_score_ == warm.oob_score_


def test_a_warm_start_without_new_trees_warns_and_changes_nothing():
    X, y = problem(RandomForestClassifier)
    model = RandomForestClassifier(20, warm_start=True, random_state=0).fit(X, y)
    trees = list(model.estimators_)
    with pytest.warns(UserWarning, match="does not fit new trees"):
        model.set_params(random_state=1).fit(X, y)
    assert model.estimators_ == trees
    with pytest.warns(UserWarning, match="does not fit new trees"):
        model.set_params(oob_score=True).fit(X, y)
    assert model.oob_score_ > 0.5
    assert model.estimators_ == trees


def test_a_warm_start_with_fewer_classes_keeps_their_codes():
    X, y = problem(RandomForestClassifier)
    names = np.array(["a", "b", "c"])[y]
    model = RandomForestClassifier(5, warm_start=True, random_state=0).fit(X, names)
    some = names != "a"
    model.set_params(n_estimators=10).fit(X[some], names[some])
    assert model.classes_.tolist() == ["a", "b", "c"]
    newer = sum(tree.predict_proba(X) for tree in model.estimators_[5:])
    assert (newer[:, 0] == 0).all()
    assert (newer[some].argmax(axis=1) == y[some]).mean() > 0.95
    with pytest.raises(ValueError, match=r"y holds the classes \['d'\]"):
        model.set_params(n_estimators=11).fit(X, np.where(some, names, "d"))
    assert len(model) == 10


# ----------------------------------------------------------------------------- weights and classes


@each_forest
def test_weights_without_a_bootstrap_are_repeated_rows(forest):
    X, y = problem(forest, n=50)
    weight = np.arange(50) % 3
    options = {"bootstrap": False, "random_state": 0, "max_features": 3}
    one = forest(5, **options).fit(X, y, weight)
    other = forest(5, **options).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(one.predict(X), other.predict(X), rtol=1e-12)


@each_forest
def test_weights_with_a_bootstrap_are_repeated_rows(forest):
    X, y = problem(forest, n=50)
    weight = np.arange(50) % 3
    options = {"bootstrap": True, "random_state": 0, "max_samples": 40}
    one = forest(5, **options).fit(X, y, weight)
    other = forest(5, **options).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(one.predict(X), other.predict(X), rtol=1e-12)
    for rows in one.estimators_samples_:
        assert (weight[rows] > 0).all()


@each_classifier
@pytest.mark.parametrize("bootstrap", [True, False])
def test_class_weights_are_row_weights(forest, bootstrap):
    X, y = problem(forest)
    y = np.where(np.arange(150) < 30, y, 0)  # unbalanced
    rows = 1.0 + np.arange(150) % 2
    options = {"bootstrap": bootstrap, "random_state": 0}

    def shares(weight=None, **more):
        return forest(8, **options, **more).fit(X, y, weight).predict_proba(X)

    given = np.array([1.0, 5.0, 2.0])
    expected = shares(rows * given[y])
    np.testing.assert_array_equal(shares(rows, class_weight={0: 1, 1: 5, 2: 2}), expected)
    balanced = rows.sum() / (3 * np.bincount(y, rows))
    expected = shares(rows * balanced[y])
    np.testing.assert_array_equal(shares(rows, class_weight="balanced"), expected)
    if not bootstrap:
        found = shares(rows, class_weight="balanced_subsample")
        np.testing.assert_array_equal(found, expected)


@each_classifier
def test_balancing_lets_the_rare_class_be_found(forest):
    X, y = make_classification(
        600, 5, n_informative=2, weights=[0.95], class_sep=0.7, random_state=1
    )
    recall = {}
    for weight in (None, "balanced", "balanced_subsample"):
        model = forest(
            60, max_depth=3, class_weight=weight, bootstrap=True, random_state=0
        ).fit(X, y)  # fmt: skip
        recall[weight] = (model.predict(X)[y == 1] == 1).mean()
    assert recall["balanced"] > recall[None] + 0.2
    assert recall["balanced_subsample"] > recall[None] + 0.2


@each_classifier
def test_labels_of_any_kind(forest):
    X, y = problem(forest)
    plain = forest(10, random_state=0).fit(X, y)
    for names in (
        np.array(["b", "d", "x"]),
        np.array([-5, 2, 10**12]),
        np.array([0.5, 1.5, 2.5]) * 2,
    ):
        model = forest(10, random_state=0).fit(X, names[y])
        np.testing.assert_array_equal(model.classes_, names)
        np.testing.assert_array_equal(model.predict(X), names[plain.predict(X)])
    assert plain.n_classes_ == 3
    assert [tree.classes_.tolist() for tree in plain.estimators_] == [[0, 1, 2]] * 10


@each_classifier
def test_several_outputs_of_classes(forest):
    X, y = problem(forest)
    Y = np.stack([np.array(["u", "v", "w"])[y], np.array(["no", "yes"])[(X[:, 0] > 0) * 1]], axis=1)
    model = forest(20, bootstrap=True, random_state=0).fit(X, Y)
    assert model.n_outputs_ == 2
    assert [c.tolist() for c in model.classes_] == [["u", "v", "w"], ["no", "yes"]]
    assert model.n_classes_.tolist() == [3, 2]
    shares = model.predict_proba(X)
    assert [s.shape for s in shares] == [(150, 3), (150, 2)]
    for k, share in enumerate(shares):
        np.testing.assert_allclose(share.sum(axis=1), 1, rtol=1e-12)
        parts = [tree.predict_proba(X)[k] for tree in model.estimators_]
        np.testing.assert_allclose(share, np.mean(parts, axis=0), rtol=1e-12)
        labels = model.classes_[k][share.argmax(axis=1)]
        np.testing.assert_array_equal(model.predict(X)[:, k], labels)
    assert (model.predict(X) == Y).mean() > 0.95
    for log, share in zip(model.predict_log_proba(X), shares, strict=True):
        np.testing.assert_allclose(np.exp(log), share, rtol=1e-12)


@each_classifier
def test_out_of_bag_of_several_outputs(forest):
    X, y = problem(forest)
    Y = np.stack([y == 0, y == 1], axis=1) * 1
    model = forest(40, bootstrap=True, oob_score=True, random_state=0).fit(X, Y)
    assert model.oob_decision_function_.shape == (150, 2, 2)
    assert model.oob_score_ == (model.oob_decision_function_.argmax(axis=1) == Y).all(axis=1).mean()


@each_regressor
def test_several_outputs_of_numbers(forest):
    X, Y = make_regression(150, 5, n_targets=3, random_state=0)
    model = forest(30, bootstrap=True, oob_score=True, random_state=0).fit(X, Y)
    assert model.predict(X).shape == model.oob_prediction_.shape == (150, 3)
    assert model.score(X, Y) > 0.9
    assert model.predict(X).dtype == np.float64


# ----------------------------------------------------------------------------------- kinds of data


@each_forest
def test_float32_gives_the_trees_of_the_same_numbers(forest):
    X, y = problem(forest)
    X = X.astype(np.float32)
    small, large = (forest(5, random_state=0).fit(A, y) for A in (X, X.astype(np.float64)))
    np.testing.assert_array_equal(small.apply(X), large.apply(X.astype(np.float64)))


@each_forest
def test_missing_values(forest):
    X, y = problem(forest, n=400)
    holes = X.copy()
    holes[np.random.RandomState(0).random_sample(X.shape) < 0.1] = np.nan
    train, test = np.arange(400) < 300, np.arange(400) >= 300
    whole = forest(40, random_state=0).fit(X[train], y[train]).score(X[test], y[test])
    score = forest(40, random_state=0).fit(holes[train], y[train]).score(holes[test], y[test])
    assert 0.75 * whole < score <= whole + 0.05
    X_told = np.where(np.arange(400)[:, None] % 2, np.nan, X[:, :1])  # only absence tells
    told = forest(20, random_state=0).fit(X_told[train], (np.arange(400) % 2)[train])
    assert told.score(X_told[test], (np.arange(400) % 2)[test]) > 0.99


@each_forest
def test_rows_one_at_a_time(forest):
    X, y = problem(forest)
    model = forest(10, random_state=0).fit(X, y)
    each = np.concatenate([model.predict(X[i : i + 1]) for i in range(len(X))])
    np.testing.assert_array_equal(each, model.predict(X))


# ------------------------------------------------------------------------------------------ quality


@pytest.mark.parametrize("forest", [RandomForestClassifier, ExtraTreesClassifier])
def test_the_error_falls_as_trees_are_added(forest):
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = forest(1, warm_start=True, random_state=0)
    errors = []
    for n in (1, 4, 16, 64):
        errors.append(
            1 - model.set_params(n_estimators=n).fit(X_train, y_train).score(X_test, y_test)
        )
    assert (np.diff(errors) < 0).all()
    assert errors[-1] < errors[0] / 5


@pytest.mark.peer
@each_forest
def test_scores_are_those_of_scikit_learn(forest):
    """Means over seeds and splits; the spread of a difference of such means is 0.003 to 0.01."""
    ensemble = pytest.importorskip("sklearn.ensemble")
    theirs = getattr(ensemble, forest.__name__)
    loads = (load_digits, load_breast_cancer) if forest in CLASSIFIERS else (load_diabetes,)
    for load in loads:
        X, y = load(return_X_y=True)
        differences = []
        for seed in range(4):
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
            one, other = (
                cls(40, random_state=seed).fit(X_train, y_train).score(X_test, y_test)
                for cls in (forest, theirs)
            )
            differences.append(one - other)
        assert abs(np.mean(differences)) < (0.012 if forest in CLASSIFIERS else 0.03), differences
