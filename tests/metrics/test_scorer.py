"""Scorers: names, signs, responses, several at once; inside scikit-learn too."""

import numpy as np
import pytest

from scratchml._core.estimator import Estimator
from scratchml._core.mixins import ClassifierMixin
from scratchml.metrics import (
    accuracy_score,
    check_scoring,
    get_scorer,
    get_scorer_names,
    log_loss,
    make_scorer,
    mean_squared_error,
)


class Ramp(ClassifierMixin, Estimator):
    """The probability of the second class is the only column of X."""

    calls = 0

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        type(self).calls += 1
        p = np.asarray(X)[:, 0]
        return np.stack([1 - p, p], axis=1)

    def predict(self, X):
        return self.classes_[(np.asarray(X)[:, 0] > 0.5).astype(int)]


X = np.array([[0.1], [0.6], [0.4], [0.9]])
Y = np.array(["no", "no", "yes", "yes"])


def test_names_signs_and_responses():
    model = Ramp().fit(X, Y)
    assert get_scorer("accuracy")(model, X, Y) == 0.5
    assert get_scorer("neg_log_loss")(model, X, Y) == -log_loss(Y, X[:, 0])
    assert get_scorer("roc_auc")(model, X, Y) == 0.75
    positive = make_scorer(
        lambda y, p, pos_label: float(p[y == pos_label].mean()),
        response_method="predict_proba",
        pos_label="no",
    )
    assert positive(model, X, Y) == pytest.approx((0.9 + 0.4) / 2, abs=1e-16)
    weighted = get_scorer("accuracy")(model, X, Y, sample_weight=[1, 0, 0, 0])
    assert weighted == 1.0


def test_decision_values_change_sign_for_the_first_class():
    class Margin(Ramp):
        def decision_function(self, X):
            return np.asarray(X)[:, 0] - 0.5

    def mean_of_its_own(y, values, pos_label):
        return float(values[y == pos_label].mean())

    model = Margin().fit(X, Y)
    for label, expected in (("no", 0.15), ("yes", 0.15)):  # rows .1 .6, and .4 .9, minus .5
        scorer = make_scorer(mean_of_its_own, response_method="decision_function", pos_label=label)
        assert scorer(model, X, Y) == pytest.approx(expected, abs=1e-16)


def test_several_share_responses():
    model = Ramp().fit(X, Y)
    Ramp.calls = 0
    scores = check_scoring(model, ["neg_log_loss", "roc_auc", "accuracy"])(model, X, Y)
    assert Ramp.calls == 1
    assert scores["accuracy"] == 0.5
    failing = check_scoring(model, ["accuracy", "r2"], raise_exc=False)(model, X, Y)
    assert isinstance(failing["r2"], str)
    assert failing["accuracy"] == 0.5


def test_own_score():
    scorer = check_scoring(Ramp())
    assert repr(scorer) == "Ramp.score"
    assert scorer(Ramp().fit(X, Y), X, Y) == 0.5


@pytest.mark.parametrize(
    ("scoring", "error", "match"),
    [
        ("acuracy", ValueError, "'acuracy' is not a valid scoring value"),
        (accuracy_score, ValueError, "looks like it is a metric"),
        ([], ValueError, "Empty list"),
        (["accuracy", "accuracy"], ValueError, "Duplicate"),
        ([accuracy_score], ValueError, "callables"),
        ([1], ValueError, "Non-string"),
        ({}, ValueError, "empty dict"),
        ({1: "accuracy"}, ValueError, "Non-string"),
        (3.0, TypeError, "'scoring' parameter"),
    ],
)
def test_bad_scoring(scoring, error, match):
    with pytest.raises(error, match=match):
        check_scoring(Ramp(), scoring)


def test_missing_methods():
    with pytest.raises(AttributeError, match="none of the following attributes: decision_function"):
        make_scorer(mean_squared_error, response_method="decision_function")(Ramp(), X, Y)
    with pytest.raises(TypeError, match="should have a 'score' method"):
        check_scoring(type("NoScore", (), {"fit": lambda self: self})())


@pytest.mark.peer
def test_live():
    theirs = pytest.importorskip("sklearn.metrics")
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LinearRegression, LogisticRegression

    data, target = load_iris(return_X_y=True)
    binary = target != 1
    classifier = LogisticRegression(max_iter=1000).fit(data[binary, :2], target[binary])
    three = LogisticRegression(max_iter=1000).fit(data[:, :2], target)
    regressor = LinearRegression().fit(data[:, :3], data[:, 3])
    for name in get_scorer_names():
        if name.endswith("_samples") or name in ("precision", "recall", "f1"):
            continue  # for indicators, or a positive label of 1
        if name.startswith("roc_auc_") or name.endswith(("macro", "micro", "weighted")):
            case = three, data[:, :2], target
        elif name.startswith("neg_m") or name in (
            "r2",
            "explained_variance",
            "neg_root_mean_squared_error",
        ):
            case = regressor, data[:, :3], data[:, 3]
        elif name == "average_precision":
            case = classifier, data[binary, :2], (target[binary] == 2).astype(int)
            case[0].classes_ = np.array([0, 1])
        else:
            case = classifier, data[binary, :2], case_labels(classifier, target[binary])
        mine, reference = get_scorer(name)(*case), theirs.get_scorer(name)(*case)
        assert mine == pytest.approx(reference, abs=1e-15), name


def case_labels(classifier, target):
    """The target in the classes the classifier has."""
    return np.where(target == 2, classifier.classes_[1], classifier.classes_[0])


@pytest.mark.peer
def test_our_scorer_in_their_cross_validation():
    selection = pytest.importorskip("sklearn.model_selection")
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    data = rng.normal(size=(30, 2))
    target = data @ [1, 2] + rng.normal(size=30)
    mine = selection.cross_val_score(LinearRegression(), data, target, scoring=get_scorer("r2"))
    reference = selection.cross_val_score(LinearRegression(), data, target, scoring="r2")
    np.testing.assert_allclose(mine, reference, rtol=1e-15)
