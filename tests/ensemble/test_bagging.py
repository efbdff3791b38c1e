"""Bagging: the definition by hand, scikit-learn's draws and figures, threads, out of bag."""

import pickle
import warnings

import numpy as np
import pytest

import scratchml
from scratchml.datasets import load_diabetes, load_iris
from scratchml.ensemble import BaggingClassifier, BaggingRegressor
from scratchml.ensemble.members import add_up, columns_of, seeded, takes_weights, team
from scratchml.linear_model import LinearRegression, LogisticRegression, Ridge
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import StandardScaler


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


class Nearest:
    """Predicts the target of the nearest training row: no weights, no parameters, no classes_."""

    def fit(self, X, y):
        self.X, self.y = np.array(X, dtype=float), np.array(y)
        return self

    def predict(self, X):
        far = ((np.asarray(X, dtype=float)[:, None] - self.X) ** 2).sum(axis=2)
        return self.y[far.argmin(axis=1)]


class Recorder:
    """Keeps what it is fitted to; says the number of rows."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def get_params(self, deep=True):
        return {"random_state": self.random_state}

    def set_params(self, **params):
        vars(self).update(params)
        return self

    def fit(self, X, y, sample_weight=None):
        self.given = X, y, sample_weight

    def predict(self, X):
        return np.full(len(X), len(self.given[0]), dtype=float)

    def __sklearn_tags__(self):
        from sklearn.base import BaseEstimator

        return BaseEstimator().__sklearn_tags__()


# ----------------------------------------------------------------------------------- by definition


def test_weighted_members_get_all_rows_and_counts(iris):
    X, y = iris
    model = BaggingRegressor(Recorder(), 4, max_samples=0.5, max_features=3, random_state=0)
    model.fit(X, y)
    for member, rows, columns in zip(
        model.estimators_, model.estimators_samples_, model.estimators_features_, strict=True
    ):
        seen, target, weight = member.given
        assert (len(rows), len(columns), len(set(columns))) == (75, 3, 3)
        np.testing.assert_array_equal(seen, X[:, columns])
        np.testing.assert_array_equal(target, y)
        np.testing.assert_array_equal(weight, np.bincount(rows, minlength=150))


@pytest.mark.parametrize("bootstrap", [True, False])
def test_other_members_get_the_rows_drawn(iris, bootstrap):
    X, y = iris
    model = BaggingRegressor(
        Nearest(), 3, max_samples=60, max_features=2, bootstrap=bootstrap, random_state=0
    ).fit(X, y)
    for member, rows, columns in zip(
        model.estimators_, model.estimators_samples_, model.estimators_features_, strict=True
    ):
        np.testing.assert_array_equal(member.X, X[np.ix_(rows, columns)])
        np.testing.assert_array_equal(member.y, y[rows])
        assert bootstrap or len(set(rows)) == 60


def test_regression_is_the_mean(diabetes):
    X, y = diabetes
    model = BaggingRegressor(Ridge(), 7, max_features=0.55, random_state=1).fit(X, y)
    said = []
    for rows, columns in zip(model.estimators_samples_, model.estimators_features_, strict=True):
        weight = np.bincount(rows, minlength=len(X))
        said.append(Ridge().fit(X[:, columns], y, weight).predict(X[:, columns]))
    assert len(columns) == 5
    np.testing.assert_allclose(model.predict(X), np.mean(said, axis=0), rtol=1e-13)


def test_several_targets(diabetes):
    X, y = diabetes
    Y = np.column_stack([y, -2 * y + 1])
    model = BaggingRegressor(Ridge(), 25, random_state=1, oob_score=True).fit(X, Y)
    one = BaggingRegressor(Ridge(), 25, random_state=1, oob_score=True).fit(X, y)
    np.testing.assert_allclose(model.predict(X)[:, 0], one.predict(X), rtol=1e-10)
    np.testing.assert_allclose(model.oob_prediction_[:, 0], one.oob_prediction_, rtol=1e-10)
    assert model.oob_score_ == pytest.approx(one.oob_score_, rel=1e-9)


def test_probabilities_are_the_mean(iris):
    X, y = iris
    model = BaggingClassifier(LogisticRegression(), 5, max_features=2, random_state=2).fit(X, y)
    said, logs, scores = [], [], []
    for rows, columns in zip(model.estimators_samples_, model.estimators_features_, strict=True):
        own = LogisticRegression().fit(X[:, columns], y, np.bincount(rows, minlength=len(X)))
        said.append(own.predict_proba(X[:, columns]))
        logs.append(own.predict_log_proba(X[:, columns]))
        scores.append(own.decision_function(X[:, columns]))
    mean = np.mean(said, axis=0)
    np.testing.assert_allclose(model.predict_proba(X), mean, rtol=1e-12)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), mean, rtol=1e-12)
    np.testing.assert_allclose(model.decision_function(X), np.mean(scores, axis=0), rtol=1e-12)
    np.testing.assert_array_equal(model.predict(X), mean.argmax(axis=1))


def test_logarithms_survive_underflow(iris):
    X, y = iris
    model = BaggingClassifier(LogisticRegression(), 5, random_state=0).fit(X, y > 0)
    logs = model.predict_log_proba(1e4 * X)
    assert (model.predict_proba(1e4 * X).min(axis=1) == 0).any()
    assert np.isfinite(logs).all()


def test_votes_are_counted(iris):
    X, y = iris
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = BaggingClassifier(Nearest(), 7, random_state=0, max_samples=20).fit(X, names)
    votes = np.zeros((len(X), 3))
    for rows in model.estimators_samples_:
        votes[np.arange(len(X)), Nearest().fit(X[rows], y[rows]).predict(X)] += 1
    np.testing.assert_array_equal(model.predict_proba(X), votes / 7)
    np.testing.assert_array_equal(model.predict(X), model.classes_[votes.argmax(axis=1)])
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(model.predict_log_proba(X), np.log(votes / 7))
    assert not hasattr(model, "decision_function")


class Seen(Nearest):
    """Nearest, with probabilities for the classes it has seen."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return super().fit(X, y)

    def predict_proba(self, X):
        return (self.predict(X)[:, None] == self.classes_).astype(float)

    def predict_log_proba(self, X):
        return np.where(self.predict_proba(X) > 0, 0.0, -np.inf)

    def decision_function(self, X):
        return self.predict_proba(X)


def test_members_that_miss_a_class(iris):
    X, y = iris
    model = BaggingClassifier(Seen(), 9, max_samples=4, random_state=0).fit(X, y)
    assert {len(member.classes_) for member in model.estimators_} > {2}
    votes = BaggingClassifier(Nearest(), 9, max_samples=4, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), votes.predict_proba(X))
    np.testing.assert_allclose(
        np.exp(model.predict_log_proba(X)), votes.predict_proba(X), rtol=1e-12
    )
    with pytest.raises(ValueError, match="members that have seen all 3 classes, but member"):
        model.decision_function(X)


# ------------------------------------------------------------------------- scikit-learn's figures

DRAWS = [
    {},
    {"max_samples": 0.3},
    {"max_samples": 400, "max_features": 7},
    {"max_samples": 1, "max_features": 1},
    {"bootstrap": False},
    {"bootstrap": False, "max_samples": 0.995, "max_features": 0.5},
    {"bootstrap": False, "max_samples": 3},
    {"bootstrap_features": True},
    {"bootstrap_features": True, "max_features": 0.01, "max_samples": 50},
]


def sklearn_bagging():
    return pytest.importorskip("sklearn.ensemble")


def assert_same_draws(ours, theirs):
    for a, b in zip(ours.estimators_samples_, theirs.estimators_samples_, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(ours.estimators_features_, theirs.estimators_features_, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.peer
@pytest.mark.parametrize("options", DRAWS, ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_scikit_learns_draws(diabetes, options, weighted):
    X, y = diabetes
    weight = np.random.RandomState(3).rand(len(y)) + 0.5 if weighted else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights without replacement
        ours = BaggingRegressor(Recorder(), 4, random_state=5, **options).fit(X, y, weight)
        theirs = sklearn_bagging().BaggingRegressor(Recorder(), 4, random_state=5, **options)
        theirs.fit(X, y, weight)
    assert_same_draws(ours, theirs)
    for a, b in zip(ours.estimators_, theirs.estimators_, strict=True):
        assert a.random_state == b.random_state
        for x, y in zip(a.given, b.given, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.peer
@pytest.mark.parametrize("base", ["tree", "neighbours", "svm", "logistic", "pipeline"])
@pytest.mark.parametrize("options", [{}, {"max_samples": 0.4, "max_features": 2}], ids=str)
def test_scikit_learns_classifications(iris, base, options):
    from sklearn.linear_model import LogisticRegression as Logistic
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline as pipeline_of
    from sklearn.preprocessing import MinMaxScaler
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    base = {
        "tree": DecisionTreeClassifier(max_features=1),
        "neighbours": KNeighborsClassifier(),
        "svm": SVC(),
        "logistic": Logistic(solver="newton-cholesky"),
        "pipeline": pipeline_of(MinMaxScaler(), DecisionTreeClassifier(max_depth=2)),
    }[base]
    X, y = iris
    names = np.array(["b", "c", "a"])[y]
    options = {"n_estimators": 25, "random_state": 1, "oob_score": True, **options}
    ours = BaggingClassifier(base, **options).fit(X, names)
    theirs = sklearn_bagging().BaggingClassifier(base, **options).fit(X, names)
    assert_same_draws(ours, theirs)
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(
            ours.predict_log_proba(X), theirs.predict_log_proba(X), rtol=1e-14
        )
    assert hasattr(ours, "decision_function") == hasattr(theirs, "decision_function")
    if hasattr(ours, "decision_function"):
        np.testing.assert_array_equal(ours.decision_function(X), theirs.decision_function(X))
    assert ours.oob_score_ == theirs.oob_score_
    np.testing.assert_array_equal(ours.oob_decision_function_, theirs.oob_decision_function_)


@pytest.mark.peer
@pytest.mark.parametrize("base", ["tree", "neighbours"])
def test_scikit_learns_regressions(diabetes, base):
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.tree import DecisionTreeRegressor

    base = DecisionTreeRegressor() if base == "tree" else KNeighborsRegressor()
    X, y = diabetes
    options = {"n_estimators": 30, "random_state": 5, "oob_score": True, "max_features": 0.7}
    ours = BaggingRegressor(base, **options).fit(X, y)
    theirs = sklearn_bagging().BaggingRegressor(base, **options).fit(X, y)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    np.testing.assert_array_equal(ours.oob_prediction_, theirs.oob_prediction_)
    assert ours.oob_score_ == pytest.approx(theirs.oob_score_, rel=1e-14)


@pytest.mark.peer
def test_our_own_estimators_in_scikit_learns_bagging(diabetes):
    X, y = diabetes
    ours = BaggingRegressor(Ridge(), 5, random_state=0, max_samples=0.5).fit(X, y)
    theirs = sklearn_bagging().BaggingRegressor(Ridge(), 5, random_state=0, max_samples=0.5)
    theirs.fit(X, y)
    assert_same_draws(ours, theirs)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-13)


# --------------------------------------------------------------------------------------- threads


def large(n=1200, p=10):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, p))
    return X, X[:, 0] + rng.standard_normal(n)


@pytest.mark.parametrize("base", [Ridge(), Nearest()], ids=lambda base: type(base).__name__)
@pytest.mark.parametrize("n_estimators", [3, 20])
def test_threads_change_no_bit(base, n_estimators):
    X, y = large(n=1200 if isinstance(base, Ridge) else 1000)
    options = {"random_state": 0, "max_samples": 100, "max_features": 0.5}
    results = []
    for n_jobs in (None, 1, 2, 5, -1):
        model = BaggingRegressor(base, n_estimators, n_jobs=n_jobs, **options).fit(X, y)
        results.append(model.predict(X))
        labels = BaggingClassifier(LogisticRegression(), 3, n_jobs=n_jobs, **options)
        results.append(labels.fit(X, y > 0).predict_proba(X))
    for result in results[2:]:
        np.testing.assert_array_equal(result, results[0 if result.ndim == 1 else 1])


def test_who_shares_the_work():
    X = np.zeros((1000, 100))
    with scratchml.set_num_threads(4):
        assert team(Ridge(), X, None).width == 4
        assert team(make_pipeline(StandardScaler(), Ridge()), X, None).width == 4
        assert team(Nearest(), X, None).width == 1, "what others do may not be safe"
        assert team(make_pipeline(StandardScaler(), Nearest()), X, None).width == 1
        assert team(Nearest(), X, 3).width == 3
        assert team(Ridge(), X[:10], None).width == 1, "not worth a launch"
    with pytest.raises(ValueError, match="n_jobs must not be 0"):
        team(Ridge(), X[:10], 0)


@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 33, 100])
def test_members_are_added_from_left_to_right(n):
    parts = np.random.RandomState(0).rand(n, 3) * 10.0 ** np.arange(n)[:, None]
    X = np.zeros((1000, 100))
    sums = [add_up(lambda k: parts[k], n, team(Ridge(), X, n_jobs)) for n_jobs in (1, 2, 8)]
    expected = parts[0]
    for part in parts[1:]:
        expected = expected + part
    for total in sums:
        np.testing.assert_array_equal(total, expected)


def test_an_error_in_a_member_leaves_the_earlier_fit():
    X, y = large()
    model = BaggingRegressor(Ridge(), 5, random_state=0).fit(X, y)
    before = model.predict(X)
    X[0, 0] = np.nan
    with pytest.raises(ValueError, match="X contains NaN"):
        model.fit(X, y)
    X[0, 0] = 0
    np.testing.assert_array_equal(model.predict(X)[1:], before[1:])


# ------------------------------------------------------------------------------------ out of bag


def test_out_of_bag_by_definition(diabetes):
    X, y = diabetes
    model = BaggingRegressor(Ridge(), 8, oob_score=True, random_state=0)
    with pytest.warns(UserWarning, match="Some inputs do not have OOB scores"):
        model.fit(X, y)
    said = np.full((8, len(X)), np.nan)
    for k, rows in enumerate(model.estimators_samples_):
        out = np.setdiff1d(np.arange(len(X)), rows)
        said[k, out] = model.estimators_[k].predict(X[out])
    never = np.isnan(said).all(axis=0)
    expected = np.zeros(len(X))
    expected[~never] = np.nanmean(said[:, ~never], axis=0)
    np.testing.assert_allclose(model.oob_prediction_, expected, rtol=1e-12)
    assert model.oob_score_ == pytest.approx(1 - ((y - expected) ** 2).mean() / y.var())


def test_out_of_bag_is_near_the_test_score(iris):
    X, y = large(2000)
    labels = y > 0
    model = BaggingClassifier(LogisticRegression(), 30, oob_score=True, random_state=0)
    model.fit(X[:1000], labels[:1000])
    assert abs(model.oob_score_ - model.score(X[1000:], labels[1000:])) < 0.04
    shares = model.oob_decision_function_
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)


def test_rows_that_are_never_left_out_are_warned_of(iris, diabetes):
    with pytest.warns(UserWarning, match="Some inputs do not have OOB scores"):
        model = BaggingClassifier(Nearest(), 1, oob_score=True, random_state=0).fit(*iris)
    seen = np.isin(np.arange(150), model.estimators_samples_[0])
    assert np.isnan(model.oob_decision_function_[seen]).all()
    assert np.isfinite(model.oob_decision_function_[~seen]).all()
    with pytest.warns(UserWarning, match="Some inputs do not have OOB scores"):
        model = BaggingRegressor(Nearest(), 1, oob_score=True, random_state=0).fit(*diabetes)
    seen = np.isin(np.arange(442), model.estimators_samples_[0])
    assert (model.oob_prediction_[seen] == 0).all()
    model = BaggingRegressor(Ridge(), 2, max_samples=200, oob_score=True)
    with pytest.warns(UserWarning, match="Some inputs do not have OOB scores"):
        model.fit([[0.0], [1.0]], [0.0, 1.0])


# ------------------------------------------------------------------------------------ warm start


def test_a_warm_start_is_the_whole(diabetes):
    X, y = diabetes
    whole = BaggingRegressor(Ridge(), 9, random_state=3, max_samples=0.5).fit(X, y)
    model = BaggingRegressor(Ridge(), 4, random_state=3, max_samples=0.5, warm_start=True)
    first = list(model.fit(X, y).estimators_)
    model.set_params(n_estimators=9).fit(X, y)
    assert model.estimators_[:4] == first
    assert (len(model), model[0], list(model)) == (9, first[0], model.estimators_)
    assert_same_draws(model, whole)
    np.testing.assert_array_equal(model.predict(X), whole.predict(X))
    with pytest.warns(UserWarning, match="without increasing n_estimators"):
        model.fit(X, y)
    np.testing.assert_array_equal(model.predict(X), whole.predict(X))
    model.warm_start = False
    assert model.fit(X, y).estimators_[:4] != first


def test_the_rows_of_an_earlier_fit_stay_known(diabetes):
    X, y = diabetes
    model = BaggingRegressor(Ridge(), 2, random_state=3, warm_start=True, max_samples=7).fit(X, y)
    before = model.estimators_samples_
    weight = np.arange(100.0)
    model.set_params(n_estimators=4, max_samples=30, bootstrap=False)
    with pytest.warns(UserWarning, match="recommended to use bootstrap=True"):
        model.fit(X[:100], y[:100], weight)
    after = model.estimators_samples_
    assert [len(rows) for rows in after] == [7, 7, 30, 30]
    for a, b in zip(before, after, strict=False):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X[:, :2], y), "X has 2 features, but warm_start=True continues .* on 4"),
        (lambda X, y: (X, y % 2), r"y has the classes \[0, 1\], but .* fitted on \[0, 1, 2\]"),
        (lambda X, y: (X, y + 1), r"y has the classes \[1, 2, 3\], but"),
    ],
)
def test_a_warm_start_on_other_data_is_refused(iris, change, message):
    model = BaggingClassifier(LogisticRegression(), 2, random_state=0, warm_start=True).fit(*iris)
    before = model.predict(iris[0])
    model.n_estimators = 4
    with pytest.raises(ValueError, match=message):
        model.fit(*change(*iris))
    model.n_estimators = 1
    with pytest.raises(ValueError, match=r"n_estimators=1 must be larger or equal to .*=2"):
        model.fit(*iris)
    np.testing.assert_array_equal(model.predict(iris[0]), before)
    assert len(model.estimators_) == 2


def test_a_warm_start_forgets_the_out_of_bag_score(iris):
    model = BaggingClassifier(LogisticRegression(), 20, oob_score=True, random_state=1).fit(*iris)
    model.set_params(warm_start=True, oob_score=False, n_estimators=21).fit(*iris)
    assert not hasattr(model, "oob_score_")


# -------------------------------------------------------------------------------------- weights


def test_rows_are_drawn_in_proportion_to_weights():
    X, y = np.arange(5.0)[:, None], np.arange(5.0)
    weight = np.array([0.0, 1.0, 2.0, 0.0, 5.0])
    model = BaggingRegressor(Nearest(), 4, max_samples=5000, random_state=0).fit(X, y, weight)
    counts = np.bincount(np.concatenate(model.estimators_samples_), minlength=5)
    assert counts[[0, 3]].tolist() == [0, 0]
    expected = 20_000 * weight / 8
    deviation = np.sqrt(np.maximum(expected * (1 - weight / 8), 1))
    assert (np.abs(counts - expected) < 4 * deviation).all()


def test_a_share_of_the_weights():
    X, y = np.zeros((40, 1)), np.arange(40.0)
    model = BaggingRegressor(Nearest(), 1, max_samples=0.5).fit(X, y, np.full(40, 3.0))
    assert len(model.estimators_samples_[0]) == 60
    with pytest.warns(UserWarning, match=r"max_samples=0.5 when the total sum of sample .* 4.0"):
        model.fit(X, y, np.full(40, 0.1))
    with pytest.warns(UserWarning, match=r"max_samples=0.1 when the number of samples is 40 "):
        model.set_params(max_samples=0.1).fit(X, y)
    assert len(model.estimators_samples_[0]) == 4


# -------------------------------------------------------------------------------------- borders


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": Ridge}, "'estimator' parameter of BaggingRegressor must be None or an obj"),
        ({"estimator": StandardScaler()}, "'estimator' parameter"),
        ({"n_estimators": 0}, "'n_estimators' parameter"),
        ({"max_samples": 0.0}, "'max_samples' parameter"),
        ({"max_samples": 1.1}, "'max_samples' parameter"),
        ({"max_features": 0}, "'max_features' parameter"),
        ({"max_features": 5}, "max_features must be <= n_features, which is 4. Got max_features=5"),
        ({"max_samples": 151, "bootstrap": False}, "max_samples=151 must be <= n_samples=150"),
        ({"oob_score": True, "bootstrap": False}, "only available if bootstrap=True"),
        ({"oob_score": True, "warm_start": True}, "only available if warm_start=False"),
    ],
)
def test_wrong_parameters_are_named(iris, options, message):
    with pytest.raises(ValueError, match=message):
        BaggingRegressor(**{"estimator": Ridge(), **options}).fit(*iris)


def test_too_few_weights_to_draw_from(iris):
    X, y = iris
    model = BaggingRegressor(Ridge(), bootstrap=False, max_samples=20)
    with (
        pytest.raises(ValueError, match="max_samples=20 rows cannot .* only 9 have a positive"),
        pytest.warns(UserWarning, match="recommended to use bootstrap=True"),
    ):
        model.fit(X, y, np.arange(150) < 9)


def test_values_are_for_the_members_to_judge():
    class Finite(Nearest):
        def fit(self, X, y):
            return super().fit(np.clip(np.nan_to_num(np.asarray(X, dtype=float)), -9, 9), y)

        def predict(self, X):
            return super().predict(np.clip(np.nan_to_num(np.asarray(X, dtype=float)), -9, 9))

    X = np.array([[1, 3], [2, None], [2, np.nan], [np.inf, 6], [-np.inf, 1]], dtype=object)
    model = BaggingClassifier(Finite(), random_state=0).fit(X, [0, 1, 1, 2, 3])
    assert model.predict(X).shape == (5,)
    with pytest.raises(ValueError, match="X contains"):
        BaggingClassifier(LogisticRegression()).fit(X, [0, 1, 1, 0, 1])


def test_data_frames(iris):
    pandas = pytest.importorskip("pandas")
    X, y = iris
    frame = pandas.DataFrame(X, columns=list("abcd"))
    model = BaggingClassifier(LogisticRegression(), 3, random_state=0).fit(frame, pandas.Series(y))
    assert list(model.feature_names_in_) == list("abcd")
    expected = BaggingClassifier(LogisticRegression(), 3, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(frame), expected.predict_proba(X))


def test_parameters_of_the_base_are_reached():
    model = BaggingRegressor(Ridge(alpha=2.0))
    assert model.get_params()["estimator__alpha"] == 2.0
    model.set_params(estimator__alpha=3.0)
    assert model.fit([[0.0], [1.0]], [0.0, 1.0]).estimators_[0].alpha == 3.0
    assert not hasattr(model.estimator, "coef_"), "the base itself is not fitted"


def test_the_default_is_a_tree(iris):
    X, y = iris
    for model in (BaggingClassifier(random_state=0), BaggingRegressor(random_state=0)):
        model.fit(X, y)
        assert type(model.estimators_[3]).__name__.startswith("DecisionTree")
        assert len({member.random_state for member in model.estimators_}) == 10
        assert model.score(X, y) > 0.97


def test_every_random_state_is_seeded():
    base = make_pipeline(StandardScaler(), LogisticRegression(random_state=1))
    first, second = seeded(base, 5).get_params(), seeded(base, 5).get_params()
    assert first["logisticregression__random_state"] == second["logisticregression__random_state"]
    rng = np.random.RandomState(5)
    assert first["logisticregression__random_state"] == rng.randint(2**31 - 1)
    assert seeded(Nearest(), 5) is not None


def test_what_takes_weights():
    assert takes_weights(Ridge())
    assert not takes_weights(Nearest())
    assert not takes_weights(make_pipeline(Ridge()))


def test_all_columns_in_order_are_not_copied():
    X = np.arange(6.0).reshape(2, 3)
    assert columns_of(X, np.array([0, 1, 2])) is X
    for columns in ([0, 2, 1], [0, 1], [0, 1, 2, 2], [0, 0, 0]):
        np.testing.assert_array_equal(columns_of(X, np.array(columns)), X[:, columns])


def test_random_states(diabetes):
    X, y = diabetes

    def predictions(random_state):
        return BaggingRegressor(Ridge(), 3, random_state=random_state).fit(X, y).predict(X)

    for make in (int, np.random.RandomState, np.random.default_rng):
        np.testing.assert_array_equal(predictions(make(7)), predictions(make(7)))
        assert not np.array_equal(predictions(make(7)), predictions(make(8)))
    rng = np.random.default_rng(0)
    assert not np.array_equal(predictions(rng), predictions(rng))


def test_copies_and_files(diabetes, tmp_path):
    X, y = diabetes
    model = BaggingRegressor(LinearRegression(), 4, max_features=3, random_state=0, oob_score=True)
    with pytest.warns(UserWarning, match="OOB"):
        model.fit(X, y, np.arange(1.0, 443))
    scratchml.save(model, tmp_path / "model")
    for copy in (pickle.loads(pickle.dumps(model)), scratchml.load(tmp_path / "model")):
        np.testing.assert_array_equal(copy.predict(X), model.predict(X))
        assert_same_draws(copy, model)


def test_progress_is_shown(iris, capsys):
    BaggingClassifier(LogisticRegression(), 4, verbose=2).fit(*iris)
    assert "BaggingClassifier: 3 of 4 estimators" in capsys.readouterr().out
    BaggingClassifier(LogisticRegression(), 4).fit(*iris)
    assert capsys.readouterr().out == ""


def test_nothing_before_fit():
    model = BaggingClassifier(LogisticRegression())
    assert model, "true, though it has no length"
    for use in (len, list, lambda m: m[0], lambda m: m.estimators_samples_):
        with pytest.raises(ValueError, match="not fitted yet"):
            use(model)
    assert hasattr(model, "decision_function")
    assert not hasattr(BaggingClassifier(Nearest()), "decision_function")
    assert not hasattr(BaggingClassifier(), "decision_function")
