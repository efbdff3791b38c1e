"""CalibratedClassifierCV: folds and pairs put together by hand, classes, weights, scikit-learn."""

import numpy as np
import pytest

import scratchml
from scratchml.calibration import (
    CalibratedClassifier,
    CalibratedClassifierCV,
    IsotonicCalibrator,
    SigmoidCalibrator,
    TemperatureCalibrator,
)
from scratchml.datasets import load_breast_cancer, load_iris, make_classification
from scratchml.frozen import FrozenEstimator
from scratchml.linear_model import LogisticRegression
from scratchml.metrics import brier_score_loss, log_loss
from scratchml.model_selection import KFold, LeaveOneOut, StratifiedKFold, cross_val_predict
from scratchml.svm import SVC
from scratchml.tree import DecisionTreeClassifier

METHODS = {
    "sigmoid": SigmoidCalibrator,
    "isotonic": IsotonicCalibrator,
    "temperature": TemperatureCalibrator,
}
each = pytest.mark.parametrize("method", METHODS)


def binary():
    return make_classification(200, 5, random_state=0, flip_y=0.2)


class Scores:
    """A classifier that says what its columns hold; any object will do."""

    def __init__(self, method="decision_function"):
        self.method = method

    def get_params(self, deep=False):
        return {"method": self.method}

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.rows_ = len(X)
        return self

    def __getattr__(self, name):
        if name in ("decision_function", "predict_proba") and name == self.__dict__["method"]:
            return lambda X: X[:, 0] if name == "decision_function" else X
        raise AttributeError(name)


# ---------------------------------------------------------------------------- put together by hand


@each
@pytest.mark.parametrize("base", [SVC, DecisionTreeClassifier])
def test_an_ensemble_is_the_mean_over_folds(method, base):
    X, y = binary()
    base = base(max_depth=3, random_state=0) if base is DecisionTreeClassifier else base()
    model = CalibratedClassifierCV(base, method=method, cv=3).fit(X, y)
    P = []
    for train, test in StratifiedKFold(3).split(X, y):
        base.fit(X[train], y[train])
        f, values = values_of(base, X[test], method), values_of(base, X, method)
        P.append(METHODS[method]().fit(f, y[test]).predict_proba(values))
    np.testing.assert_allclose(model.predict_proba(X), np.mean(P, axis=0), rtol=1e-12)
    assert len(model.calibrated_classifiers_) == 3


def values_of(model, X, method):
    if hasattr(model, "decision_function"):
        return model.decision_function(X)
    P = model.predict_proba(X)
    return np.log(P + 1e-12) if method == "temperature" else P[:, 1]


@each
def test_without_ensemble_the_held_out_values_calibrate_one_classifier(method):
    X, y = binary()
    model = CalibratedClassifierCV(SVC(), method=method, cv=3, ensemble=False).fit(X, y)
    held_out = cross_val_predict(SVC(), X, y, cv=3, method="decision_function")
    calibrator = METHODS[method]().fit(held_out, y)
    expected = calibrator.predict_proba(SVC().fit(X, y).decision_function(X))
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-12)
    assert len(model.calibrated_classifiers_) == 1


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_several_classes_are_calibrated_one_by_one_and_divided_by_their_sum(method):
    X, y = load_iris(return_X_y=True)
    base = LogisticRegression().fit(X[::2], y[::2])
    model = CalibratedClassifierCV(FrozenEstimator(base), method=method).fit(X[1::2], y[1::2])
    f = base.decision_function(X)
    P = np.column_stack(
        [
            METHODS[method]().fit(f[1::2, k], y[1::2] == k).predict_proba(f[:, k])[:, 1]
            for k in range(3)
        ]
    )
    total = P.sum(axis=1, keepdims=True)
    expected = np.where(total > 0, P / np.where(total > 0, total, 1), 1 / 3)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-12)


def test_where_all_classes_have_probability_zero_they_are_as_likely():
    class Zero:
        def predict_proba(self, f):
            return np.column_stack([np.ones(len(f)), np.zeros(len(f))])

    X, y = load_iris(return_X_y=True)
    base = LogisticRegression().fit(X, y)
    pair = CalibratedClassifier(base, [Zero()] * 3, classes=base.classes_)
    np.testing.assert_allclose(pair.predict_proba(X), 1 / 3)


def test_a_frozen_classifier_is_not_fitted_and_sees_all_rows():
    X, y = binary()
    base = SVC().fit(X[:100], y[:100])
    frozen = FrozenEstimator(base)
    model = CalibratedClassifierCV(frozen).fit(X[100:], y[100:])
    (pair,) = model.calibrated_classifiers_
    assert pair.estimator is frozen
    calibrator = SigmoidCalibrator().fit(base.decision_function(X[100:]), y[100:])
    expected = calibrator.predict_proba(base.decision_function(X))
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    folds = CalibratedClassifierCV(frozen, cv=4, ensemble=True).fit(X[100:], y[100:])
    assert [p.estimator is frozen for p in folds.calibrated_classifiers_] == [True] * 4


# -------------------------------------------------------------------------------- what comes of it


@each
@pytest.mark.parametrize("ensemble", [True, False])
def test_probabilities_get_better(method, ensemble):
    X, y = load_breast_cancer(return_X_y=True)
    base = DecisionTreeClassifier(min_samples_leaf=2, random_state=0)
    model = CalibratedClassifierCV(base, method=method, ensemble=ensemble).fit(X[::2], y[::2])
    raw = base.fit(X[::2], y[::2]).predict_proba(X[1::2])
    P = model.predict_proba(X[1::2])
    assert log_loss(y[1::2], P) < log_loss(y[1::2], raw)
    assert brier_score_loss(y[1::2], P[:, 1]) < brier_score_loss(y[1::2], raw[:, 1])


def test_predict_is_the_likeliest_class():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = CalibratedClassifierCV(LogisticRegression(), cv=3).fit(X, names)
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    expected = model.classes_[model.predict_proba(X).argmax(axis=1)]
    np.testing.assert_array_equal(model.predict(X), expected)
    assert model.score(X, names) > 0.9


@each
@pytest.mark.parametrize("ensemble", [True, False])
def test_threads_change_no_bit(method, ensemble):
    X, y = binary()
    P = [
        CalibratedClassifierCV(SVC(), method=method, ensemble=ensemble, n_jobs=n)
        .fit(X, y)
        .predict_proba(X)
        for n in (None, 2, -1)
    ]
    np.testing.assert_array_equal(P[0], P[1])
    np.testing.assert_array_equal(P[0], P[2])


def test_the_default_is_a_linear_machine():
    X, y = binary()
    model = CalibratedClassifierCV(cv=2).fit(X, y)
    assert type(model.calibrated_classifiers_[0].estimator) is scratchml.svm.LinearSVC


def test_a_model_file_holds_all_of_it(tmp_path):
    X, y = load_iris(return_X_y=True)
    for base in (LogisticRegression(), FrozenEstimator(LogisticRegression().fit(X, y))):
        model = CalibratedClassifierCV(base, method="isotonic").fit(X, y)
        scratchml.save(model, tmp_path / "model")
        loaded = scratchml.load(tmp_path / "model")
        np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
        assert repr(loaded) == repr(model)


# ------------------------------------------------------------------------------ odd folds, weights


@each
def test_a_fold_that_lacks_a_class_in_training_gives_it_probability_zero(method):
    X = np.random.RandomState(0).standard_normal((40, 3))
    y = np.repeat([0, 1, 2, 3], 10)
    model = CalibratedClassifierCV(
        DecisionTreeClassifier(max_depth=2, random_state=0), method=method, cv=KFold(4)
    )
    if method == "temperature":  # each fold's test set is the class that training lacks
        with pytest.raises(ValueError, match="0 sample"):
            model.fit(X, y)
        return
    model.fit(X, y)
    for k, pair in enumerate(model.calibrated_classifiers_):
        P = pair.predict_proba(X)
        assert (P[:, k] == 0).all()
        np.testing.assert_allclose(P.sum(axis=1), 1)


def test_two_of_three_classes_in_training():
    X, y = np.arange(30.0)[:, np.newaxis], np.repeat([0, 1, 2], 10)
    cv = [(np.arange(20), np.arange(15, 30))]
    model = CalibratedClassifierCV(Scores(), cv=cv).fit(X, y)
    P = model.predict_proba(X)
    assert (P[:, 2] == 0).all()
    np.testing.assert_allclose(P[:, 0] + P[:, 1], 1)
    calibrator = SigmoidCalibrator().fit(X[15:, 0], y[15:] == 1)
    np.testing.assert_array_equal(P[:, :2], calibrator.predict_proba(X[:, 0]))


def test_a_test_set_of_one_class():
    X, y = binary()
    order = np.argsort(y)
    model = CalibratedClassifierCV(SVC(), cv=KFold(3)).fit(X[order], y[order])
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


@each
@pytest.mark.parametrize("ensemble", [True, False])
def test_weights_count_rows(method, ensemble):
    """Each row twice, in the same fold, is the weight two."""
    X, y = load_iris(return_X_y=True)
    X, y = X[50:], y[50:]
    base = DecisionTreeClassifier(max_depth=2, random_state=0)
    once = [(np.arange(k, 100, 2), np.arange(1 - k, 100, 2)) for k in range(2)]
    twice = [(np.repeat(a, 2) * 2, np.r_[b * 2, b * 2 + 1]) for a, b in once]
    options = {"method": method, "ensemble": ensemble}
    weighted = CalibratedClassifierCV(base, cv=once, **options).fit(X, y, np.full(100, 2.0))
    repeated = CalibratedClassifierCV(base, cv=twice, **options)
    repeated.fit(np.repeat(X, 2, axis=0), np.repeat(y, 2))
    np.testing.assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-9, atol=1e-12
    )


def test_weights_reach_classifier_and_calibrator():
    X, y = binary()
    w = np.random.RandomState(0).rand(len(y))
    base = LogisticRegression().fit(X[:100], y[:100])
    model = CalibratedClassifierCV(FrozenEstimator(base)).fit(X, y, w)
    pair = SigmoidCalibrator().fit(base.decision_function(X), y, w)
    assert model.calibrated_classifiers_[0].calibrators[0].a_ == pair.a_
    fitted = CalibratedClassifierCV(LogisticRegression(), ensemble=False).fit(X, y, w)
    expected = LogisticRegression().fit(X, y, w).coef_
    np.testing.assert_array_equal(fitted.calibrated_classifiers_[0].estimator.coef_, expected)


def test_a_classifier_without_weights_gets_none_and_says_so():
    X, y = binary()
    with pytest.warns(UserWarning, match=r"Scores.fit takes no sample_weight"):
        CalibratedClassifierCV(Scores()).fit(X, y, np.ones(len(y)))


def test_parameters_of_fit_are_split_like_rows():
    X, y = binary()
    seen = []

    class Takes(Scores):
        def fit(self, X, y, numbers=None, name=None):
            seen.append((len(X), len(numbers), name))
            return super().fit(X, y)

    CalibratedClassifierCV(Takes(), cv=4).fit(X, y, numbers=list(range(200)), name="a")
    assert seen == [(150, 150, "a")] * 4


def test_rows_of_any_kind():
    X = [{"f": float(k)} for k in range(40)]
    y = np.arange(40) % 7 > 2

    class OfDicts(Scores):
        def __getattr__(self, name):
            if name == "decision_function":
                return lambda X: np.array([row["f"] for row in X])
            raise AttributeError(name)

    model = CalibratedClassifierCV(OfDicts(), cv=2).fit(X, y)
    assert model.predict_proba(X[:5]).shape == (5, 2)
    assert not hasattr(model, "n_features_in_")


# --------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cv": 101}, "Requesting 101-fold cross-validation but provided less than 101"),
        ({"cv": KFold(120)}, "Requesting 120-fold"),
        ({"cv": LeaveOneOut()}, "LeaveOneOut cross-validation does not allow all classes"),
        ({"method": "platt"}, "'method' parameter of CalibratedClassifierCV"),
        ({"estimator": scratchml.linear_model.Ridge()}, "'estimator' parameter .* implementing"),
        ({"estimator": Scores("predict_proba")}, r"2 class\(es\), returned the shape \(40, 5\)"),
    ],
)
def test_parameters_that_are_refused(options, message):
    X, y = binary()
    with pytest.raises(ValueError, match=message):
        CalibratedClassifierCV(**{"estimator": SVC(), **options}).fit(X, y)


def test_a_training_set_of_one_class():
    X, y = binary()
    cv = [(np.flatnonzero(y == 0), np.arange(len(y)))]
    with pytest.raises(ValueError, match=r"knows 1 class\(es\).* two classes at least"):
        CalibratedClassifierCV(DecisionTreeClassifier(), cv=cv).fit(X, y)


def test_a_frozen_classifier_with_classes_that_y_lacks():
    X, y = load_iris(return_X_y=True)
    frozen = FrozenEstimator(LogisticRegression().fit(X, y))
    with pytest.raises(ValueError, match=r"knows the classes \[0, 1, 2\], but y lacks \[2\]"):
        CalibratedClassifierCV(frozen).fit(X[:100], y[:100])


def test_decisions_of_pairs_of_classes():
    X, y = scratchml.datasets.make_blobs(80, centers=4, random_state=0)
    with pytest.raises(ValueError, match=r"shape \(16, 6\).*decision_function_shape='ovr'"):
        CalibratedClassifierCV(SVC(decision_function_shape="ovo")).fit(X, y)


def test_a_precomputed_kernel():
    X, y = binary()
    K = X @ X.T
    model = CalibratedClassifierCV(SVC(kernel="precomputed"), ensemble=False).fit(K, y)
    linear = CalibratedClassifierCV(SVC(kernel="linear"), ensemble=False).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(K), linear.predict_proba(X), rtol=1e-2)
    with pytest.raises(ValueError, match="ensemble=False"):
        CalibratedClassifierCV(SVC(kernel="precomputed")).fit(K, y)


# --------------------------------------------------------------------------- the reference library


@pytest.mark.peer
@pytest.mark.parametrize("ensemble", [True, False])
@pytest.mark.parametrize("data", [binary, lambda: load_iris(return_X_y=True)])
@each
def test_scikit_learns_probabilities(method, ensemble, data):
    calibration = pytest.importorskip("sklearn.calibration")
    from sklearn.linear_model import LogisticRegression as Theirs

    X, y = data()
    w = np.random.RandomState(0).rand(len(y)) + 0.5
    base = Theirs(C=0.1)
    options = {"method": method, "cv": 3, "ensemble": ensemble}
    ours = CalibratedClassifierCV(base, **options).fit(X, y, w).predict_proba(X)
    theirs = calibration.CalibratedClassifierCV(base, **options).fit(X, y, w).predict_proba(X)
    # Their L-BFGS stops at a gradient of 1e-6; iris' first class is separable, where a temperature
    # has no minimum.
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-4)


@pytest.mark.peer
def test_scikit_learns_frozen_estimator():
    frozen = pytest.importorskip("sklearn.frozen")
    X, y = binary()
    base = LogisticRegression().fit(X[:100], y[:100])
    model = CalibratedClassifierCV(frozen.FrozenEstimator(base)).fit(X, y)
    assert len(model.calibrated_classifiers_) == 1
    ours = CalibratedClassifierCV(FrozenEstimator(base)).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), ours.predict_proba(X))
