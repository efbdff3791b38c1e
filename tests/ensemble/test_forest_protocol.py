"""Forests: what is refused, what is shown, what is stored, and what Ctrl-C leaves."""

import copy
import io
import os
import pickle
import re
import signal
import sys
import threading
import time

import numpy as np
import pytest

import scratchml
from scratchml.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

CLASSIFIERS = [RandomForestClassifier, ExtraTreesClassifier]
FORESTS = [*CLASSIFIERS, RandomForestRegressor, ExtraTreesRegressor]
each_forest = pytest.mark.parametrize("forest", FORESTS)
each_classifier = pytest.mark.parametrize("forest", CLASSIFIERS)

X = np.random.RandomState(0).random_sample((60, 4))
Y = (X[:, 0] * 3).astype(int)


# ---------------------------------------------------------------------------------- what is refused


@each_forest
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_estimators": 0}, "'n_estimators' parameter .* Got 0"),
        ({"max_depth": 0}, "'max_depth'"),
        ({"max_depth": -1}, "'max_depth'"),
        ({"min_samples_split": 1}, "'min_samples_split'"),
        ({"min_samples_split": 1.5}, "'min_samples_split'"),
        ({"min_samples_leaf": 0}, "'min_samples_leaf'"),
        ({"min_samples_leaf": 1.0}, "'min_samples_leaf'"),
        ({"min_weight_fraction_leaf": 0.6}, "'min_weight_fraction_leaf'"),
        ({"max_features": 5}, "max_features must be at most the number of features, 4, .*=5"),
        ({"max_features": 0}, "'max_features'"),
        ({"max_features": 1.1}, "'max_features'"),
        ({"max_features": "auto"}, "'max_features'"),
        ({"max_leaf_nodes": 1}, "'max_leaf_nodes'"),
        ({"criterion": "friedman"}, "'criterion'"),
        ({"bootstrap": True, "max_samples": 0}, "'max_samples'"),
        ({"bootstrap": True, "max_samples": 0.0}, "'max_samples'"),
        ({"bootstrap": True, "max_samples": -0.5}, "'max_samples'"),
        ({"bootstrap": False, "max_samples": 0.5}, "`max_sample` cannot be set .*max_samples=0.5"),
        ({"bootstrap": False, "oob_score": True}, "only available if bootstrap=True"),
        ({"oob_score": "yes"}, "'oob_score'"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
        ({"n_jobs": 1.5}, "'n_jobs'"),
        ({"ccp_alpha": -1.0}, "'ccp_alpha'"),
        ({"random_state": -1}, "'random_state'"),
    ],
)
def test_wrong_parameters(forest, options, message):
    with pytest.raises(ValueError, match=message):
        forest(**options).fit(X, Y)


@each_forest
def test_wrong_continuations(forest):
    model = forest(3, warm_start=True, bootstrap=True, random_state=0).fit(X, Y)
    before = model.predict(X)
    with pytest.raises(ValueError, match=r"n_estimators=2 .* number of trees there are, 3"):
        model.set_params(n_estimators=2).fit(X, Y)
    model.set_params(n_estimators=5)
    with pytest.raises(ValueError, match=r"X has 3 features, but .* grown on 4"):
        model.fit(X[:, :3], Y)
    with pytest.raises(ValueError, match=r"y has 2 output\(s\), but .* forest of 1"):
        model.fit(X, np.stack([Y, Y], axis=1))
    with pytest.raises(ValueError, match=r"grown on the same rows: earlier ones had 60, X has 50"):
        model.set_params(oob_score=True).fit(X[:50], Y[:50])
    assert len(model) == 3
    assert model.n_features_in_ == 4
    np.testing.assert_array_equal(model.predict(X), before)


@each_classifier
@pytest.mark.parametrize(
    ("y", "weight", "message"),
    [
        (Y, "heavy", "'class_weight'"),
        (Y, {7: 1.0}, r"classes, \[0, 1, 2\], are not in class_weight"),
        (Y, {0: 0, 1: 0, 2: 0}, "at least one positive weight"),
        (Y, {0: -1.0}, "finite weights >= 0"),
        (np.stack([Y, Y], axis=1), [{0: 1.0}], "number of elements in class_weight"),
        (np.stack([Y, Y], axis=1), {0: 1.0}, "list of dicts"),
    ],
)
def test_wrong_class_weights(forest, y, weight, message):
    with pytest.raises(ValueError, match=message):
        forest(2, class_weight=weight).fit(X, y)


@each_classifier
def test_no_out_of_bag_score_of_several_outputs_of_many_classes(forest):
    with pytest.raises(ValueError, match="type of target cannot be used to compute OOB"):
        forest(2, bootstrap=True, oob_score=True).fit(X, np.stack([Y, Y], axis=1))


@pytest.mark.parametrize("forest", FORESTS[2:])
def test_poisson_needs_counts(forest):
    with pytest.raises(ValueError, match=r"Some value\(s\) of y are negative"):
        forest(2, criterion="poisson").fit(X, Y - 1)
    with pytest.raises(ValueError, match="Sum of y is not positive"):
        forest(2, criterion="poisson").fit(X, 0 * Y)


@each_forest
def test_a_column_of_targets_is_taken_with_a_warning(forest):
    with pytest.warns(UserWarning, match="A column-vector y was passed"):
        model = forest(3, random_state=0).fit(X, Y[:, None])
    np.testing.assert_array_equal(model.predict(X), forest(3, random_state=0).fit(X, Y).predict(X))


def test_few_rows_for_a_share_are_told():
    with pytest.warns(UserWarning, match=r"max_samples=0.05 draws 3 of 60 rows"):
        RandomForestClassifier(2, max_samples=0.05).fit(X, Y)


@each_forest
def test_rows_of_fewer_columns_than_the_trees_know_are_refused(forest):
    model = forest(3, random_state=0).fit(X, Y)
    model.n_features_in_ = 2
    with pytest.raises(ValueError, match="X has 2 features, but the trees were grown on 4"):
        model.predict(X[:, :2])


# ------------------------------------------------------------------------------------ what is shown


@pytest.mark.parametrize(("verbose", "lines"), [(0, 0), (1, 9), (True, 9), (2, 25)])
def test_a_verbose_fit_tells_how_far_it_is(verbose, lines, capsys):
    RandomForestClassifier(25, verbose=verbose).fit(X, Y)
    out, error = capsys.readouterr()
    assert error == ""
    told = out.splitlines()
    assert len(told) == lines
    for line in told:
        assert re.fullmatch(r"RandomForestClassifier: \d+ of 25 trees, \d+\.\d s", line)
    assert lines == 0 or told[-1].startswith("RandomForestClassifier: 25 of 25 trees")


@pytest.mark.extra
def test_a_verbose_fit_on_a_terminal_shows_a_bar(monkeypatch, capsys):
    pytest.importorskip("tqdm")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    RandomForestClassifier(25, verbose=1).fit(X, Y)
    assert "RandomForestClassifier" in screen.getvalue()
    assert "0/25" in screen.getvalue()
    assert capsys.readouterr().out == ""


# ----------------------------------------------------------------------------------- what is stored


def file_of(model):
    file = io.BytesIO()
    scratchml.save(model, file)
    return file.getvalue()


@each_forest
@pytest.mark.parametrize("way", ["file", "pickle", "deepcopy"])
def test_copies(forest, way):
    model = forest(12, bootstrap=True, oob_score=True, warm_start=True, random_state=0)
    model.fit(X, Y).set_params(n_estimators=20, max_depth=2).fit(X, Y)
    expected = model.predict(X)
    other = {
        "file": lambda: scratchml.load(io.BytesIO(file_of(model))),
        "pickle": lambda: pickle.loads(pickle.dumps(model)),
        "deepcopy": lambda: copy.deepcopy(model),
    }[way]()
    np.testing.assert_array_equal(other.predict(X), expected)
    assert set(vars(other)) == set(vars(model))
    assert repr(other) == repr(model)
    assert [repr(tree) for tree in other] == [repr(tree) for tree in model]
    assert {tree.max_depth for tree in other} == {None, 2}
    for one, two in zip(model, other, strict=True):
        assert set(vars(one)) == set(vars(two))
        for field, a, b in zip(
            one.tree_.nodes._fields, one.tree_.nodes, two.tree_.nodes, strict=True
        ):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b, err_msg=field)
    for a, b in zip(model.estimators_samples_, other.estimators_samples_, strict=True):
        np.testing.assert_array_equal(a, b)
    other.set_params(n_estimators=22).fit(X, Y)  # and they can be continued
    assert len(other) == 22
    assert len(model) == 20


@each_forest
def test_an_unfitted_forest_can_be_stored(forest):
    other = scratchml.load(io.BytesIO(file_of(forest(3, max_depth=2))))
    assert repr(other) == repr(forest(3, max_depth=2))
    assert not hasattr(other, "estimators_")


@each_forest
def test_no_array_is_stored_twice(forest):
    n = 3000
    rows = np.random.RandomState(1).random_sample((n, 4))
    model = forest(10, random_state=0).fit(rows, (rows[:, 0] + rows[:, 1] > 1) * 1.0)
    sizes = [len(file_of(model)), len(pickle.dumps(model))]
    model.predict(rows)  # packs the trees
    assert [len(file_of(model)), len(pickle.dumps(model))] == sizes
    nodes = sum(tree.tree_.node_count for tree in model)
    width = model.estimators_[0].tree_.value[0].size
    assert sizes[0] < nodes * (45 + 8 * width) + 20_000
    assert sizes[1] < nodes * (57 + 8 * width) + 30_000


def test_foreign_trees_are_not_stored():
    model = RandomForestClassifier(2).fit(X, Y)
    model.estimators_[1] = ExtraTreesClassifier(1).fit(X, Y).estimators_[0]
    with pytest.raises(TypeError, match="estimators_ hold a ExtraTreeClassifier"):
        file_of(model)


@each_forest
def test_trees_of_a_file_are_checked(forest):
    model = forest(3, random_state=0).fit(X, Y)

    def spoilt(change):
        state = model._get_state()
        state["nodes"] = {name: array.copy() for name, array in state["nodes"].items()}
        change(state)
        return type(model)._from_state(state)

    assert len(spoilt(lambda state: None)) == 3
    changes = {
        "a child out of bounds": lambda s: s["nodes"]["left"].__setitem__(0, 10**6),
        "a cycle": lambda s: s["nodes"]["right"].__setitem__(0, 0),
        "no such feature": lambda s: s["nodes"]["feature"].__setitem__(0, 4),
        "no features": lambda s: s["learned"].update(n_features_in_=0),
        "sizes": lambda s: s["sizes"].__setitem__(0, s["sizes"][0] - 1),
        "negative sizes": lambda s: s["sizes"].__setitem__(slice(2), [-1, 1 + sum(s["sizes"][:2])]),
        "too few parameters": lambda s: s["tree_params"][0].__setitem__(0, 2),
        "narrower values": lambda s: s["nodes"].update(value=s["nodes"]["value"][:, :0]),
        "a hidden method": lambda s: s["learned"].update(predict=1),
    }
    for name, change in changes.items():
        with pytest.raises((ValueError, TypeError, KeyError)):
            pytest.fail(f"{name}: {spoilt(change)!r}")


# ------------------------------------------------------------------------------------------- Ctrl-C


@pytest.mark.skipif(os.name != "posix", reason="signals to itself")
def test_ctrl_c_ends_a_long_fit_soon():
    rows = np.random.RandomState(0).random_sample((20_000, 20))
    labels = np.random.RandomState(1).randint(0, 2, 20_000)  # noise: deep trees
    model = RandomForestClassifier(5, random_state=0).fit(X, Y)
    before, trees = model.predict(X), model.estimators_
    RandomForestClassifier(1, max_depth=2).fit(rows, labels)  # compiled
    pressed = []

    def press():
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    handler = signal.default_int_handler  # in a background job, the signal is ignored
    earlier = signal.signal(signal.SIGINT, handler)
    try:
        threading.Timer(0.3, press).start()
        with pytest.raises(KeyboardInterrupt):
            model.set_params(n_estimators=2000).fit(rows, labels)
    finally:
        signal.signal(signal.SIGINT, earlier)
    assert time.perf_counter() - pressed[0] < 1.0
    assert model.estimators_ is trees
    np.testing.assert_array_equal(model.predict(X), before)
    assert not [t for t in threading.enumerate() if t.name == "scratchml-task" and t.is_alive()]
