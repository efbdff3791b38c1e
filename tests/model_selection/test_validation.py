"""Cross-validation: against a plain loop, failures, threads; with scikit-learn's estimators."""

import numpy as np
import pytest

from scratchml._core.estimator import Estimator
from scratchml._core.exceptions import FitFailedWarning
from scratchml._core.mixins import ClassifierMixin, RegressorMixin
from scratchml.model_selection import KFold, cross_val_predict, cross_val_score, cross_validate

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=40)


class Plane(RegressorMixin, Estimator):
    """Least squares through the origin, with optional row weights; fails on demand."""

    def __init__(self, fail_if_first=None):
        self.fail_if_first = fail_if_first

    def fit(self, X, y, sample_weight=None):
        if self.fail_if_first is not None and X[0, 0] == self.fail_if_first:
            raise ValueError("asked to fail")
        root = 1.0 if sample_weight is None else np.sqrt(sample_weight)[:, None]
        self.coef_ = np.linalg.lstsq(X * root, y * np.ravel(root), rcond=None)[0]
        return self

    def predict(self, X):
        return X @ self.coef_


class Shares(ClassifierMixin, Estimator):
    """Predicts the training shares of the classes for every row."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.shares_ = counts / counts.sum()
        return self

    def predict_proba(self, X):
        return np.tile(self.shares_, (len(X), 1))

    def predict(self, X):
        return np.full(len(X), self.classes_[self.shares_.argmax()])


def slow_scores(model, folds, weight=None):
    scores = []
    for train, test in folds:
        w = None if weight is None else weight[train]
        model.fit(X[train], Y[train], sample_weight=w)
        scores.append(model.score(X[test], Y[test]))
    return scores


def test_equals_a_plain_loop():
    folds = list(KFold(4).split(X))
    assert cross_val_score(Plane(), X, Y, cv=4).tolist() == slow_scores(Plane(), folds)
    assert cross_val_score(Plane(), X, Y, cv=folds).tolist() == slow_scores(Plane(), folds)
    weight = RNG.random(40)
    weighted = cross_val_score(Plane(), X, Y, cv=4, params={"sample_weight": weight})
    assert weighted.tolist() == slow_scores(Plane(), folds, weight)


@pytest.mark.parametrize("n_jobs", [1, 2, 8, -1])
def test_threads_change_nothing(n_jobs):
    serial = cross_val_score(Plane(), X, Y, cv=KFold(8, shuffle=True, random_state=1))
    threads = cross_val_score(
        Plane(), X, Y, cv=KFold(8, shuffle=True, random_state=1), n_jobs=n_jobs
    )
    np.testing.assert_array_equal(threads, serial)


def test_everything_cross_validate_returns():
    model = Plane()
    results = cross_validate(
        model,
        X,
        Y,
        cv=3,
        scoring=["r2", "neg_mean_absolute_error"],
        return_train_score=True,
        return_estimator=True,
        return_indices=True,
    )
    assert set(results) == {
        "fit_time",
        "score_time",
        "estimator",
        "indices",
        "test_r2",
        "train_r2",
        "test_neg_mean_absolute_error",
        "train_neg_mean_absolute_error",
    }
    assert not hasattr(model, "coef_")
    for i, fitted in enumerate(results["estimator"]):
        for part in ("train", "test"):
            rows = results["indices"][part][i]
            assert results[f"{part}_r2"][i] == fitted.score(X[rows], Y[rows])


def test_failures():
    failing = Plane(fail_if_first=X[0, 0])  # row 0 is in every training set but the first
    with pytest.warns(FitFailedWarning, match="2 fits failed out of a total of 3"):
        scores = cross_val_score(failing, X, Y, cv=3, error_score=-1.0)
    assert scores[1:].tolist() == [-1.0, -1.0]
    assert scores[0] > 0.9
    with pytest.raises(ValueError, match="asked to fail"):
        cross_val_score(failing, X, Y, cv=3, error_score="raise")
    always = [(np.arange(20), np.arange(20, 40))]
    with pytest.raises(ValueError, match=r"All the 1 fits failed(.|\n)*asked to fail"):
        cross_val_score(failing, X, Y, cv=always)

    def broken(estimator, X, y):
        raise RuntimeError("no score")

    with pytest.warns(UserWarning, match=r"Scoring failed(.|\n)*no score"):
        assert np.isnan(cross_val_score(Plane(), X, Y, cv=2, scoring=broken)).all()
    with pytest.raises(ValueError, match="scoring must return a number, got"):
        cross_val_score(Plane(), X, Y, cv=2, scoring=lambda e, X, y: "good", error_score="raise")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"error_score": "rise"}, "'error_score' parameter"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
        ({"n_jobs": 1.5}, "'n_jobs' parameter"),
        ({"scoring": "acc"}, "not a valid scoring value"),
        ({"cv": 1}, "n_splits=1"),
        ({"cv": 100}, "greater than the number of samples"),
        ({"params": [1]}, "'params' parameter"),
    ],
)
def test_bad_options(options, match):
    with pytest.raises(ValueError, match=match):
        cross_val_score(Plane(), X, Y, **options)


def test_bad_estimator_and_lengths():
    with pytest.raises(ValueError, match="'estimator' parameter of cross_val_score"):
        cross_val_score("model", X, Y)
    with pytest.raises(ValueError, match="inconsistent"):
        cross_val_score(Plane(), X, Y[:-1])


def test_predictions_come_in_the_order_of_the_rows():
    folds = list(KFold(4, shuffle=True, random_state=0).split(X))
    expected = np.empty(40)
    for train, test in folds:
        expected[test] = Plane().fit(X[train], Y[train]).predict(X[test])
    np.testing.assert_array_equal(cross_val_predict(Plane(), X, Y, cv=folds), expected)
    with pytest.raises(ValueError, match="only works for partitions"):
        cross_val_predict(Plane(), X, Y, cv=[(np.arange(20), np.arange(20))])


def test_probabilities_of_a_class_that_a_fold_lacks():
    labels = np.array(["c", "a", "b", "a", "b", "a"])
    folds = [([1, 2, 3], [0, 4, 5]), ([0, 4, 5], [1, 2, 3])]
    with pytest.warns(RuntimeWarning, match="does not match total number of classes"):
        p = cross_val_predict(Shares(), np.zeros((6, 1)), labels, cv=folds, method="predict_proba")
    third = [1 / 3, 1 / 3, 1 / 3]
    assert p.tolist() == [[2 / 3, 1 / 3, 0], third, third, third, *[[2 / 3, 1 / 3, 0]] * 2]


@pytest.mark.peer
@pytest.mark.parametrize("kind", ["array", pytest.param("frame", marks=pytest.mark.extra)])
def test_live(kind):
    theirs = pytest.importorskip("sklearn.model_selection")
    from sklearn.datasets import load_iris
    from sklearn.linear_model import RidgeClassifier
    from sklearn.naive_bayes import GaussianNB

    if kind == "frame":
        pytest.importorskip("pandas")
    data, target = load_iris(return_X_y=True, as_frame=kind == "frame")
    model = GaussianNB()
    for scoring in (None, "f1_macro", "neg_log_loss", "roc_auc_ovr"):
        mine = cross_val_score(model, data, target, scoring=scoring)
        reference = theirs.cross_val_score(model, data, target, scoring=scoring)
        np.testing.assert_allclose(mine, reference, rtol=1e-15)
    for method in ("predict", "predict_proba", "decision_function"):
        if method == "decision_function":
            model = RidgeClassifier()
        np.testing.assert_array_equal(
            cross_val_predict(model, data, target, cv=3, method=method),
            theirs.cross_val_predict(model, data, target, cv=3, method=method),
        )


@pytest.mark.peer
def test_live_precomputed_kernel():
    theirs = pytest.importorskip("sklearn.model_selection")
    from sklearn.svm import SVC

    kernel, labels = X @ X.T, (Y > 0).astype(int)
    mine = cross_val_score(SVC(kernel="precomputed"), kernel, labels, cv=4)
    reference = theirs.cross_val_score(SVC(kernel="precomputed"), kernel, labels, cv=4)
    np.testing.assert_array_equal(mine, reference)


@pytest.mark.peer
def test_our_estimator_and_folds_in_their_search():
    theirs = pytest.importorskip("sklearn.model_selection")
    mine = cross_val_score(Plane(), X, Y, cv=KFold(4))
    np.testing.assert_array_equal(theirs.cross_val_score(Plane(), X, Y, cv=KFold(4)), mine)
    search = theirs.GridSearchCV(Plane(), {"fail_if_first": [None, 99.0]}, cv=KFold(4)).fit(X, Y)
    assert search.best_score_ == pytest.approx(mine.mean(), rel=1e-15)
