"""Permutation importance: the definition, a closed form, scikit-learn's figures, frames, memory."""

import tracemalloc

import numpy as np
import pytest

from scratchml.datasets import load_diabetes, load_iris
from scratchml.datasets.draws import distinct_below
from scratchml.inspection import permutation_importance
from scratchml.linear_model import LinearRegression, LogisticRegression, Ridge


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X, y, Ridge(alpha=0.01).fit(X, y)


class Spy:
    """Predicts the sum of the columns, and keeps what it was given."""

    def __init__(self):
        self.seen = []

    def fit(self, X, y=None):
        return self

    def predict(self, X):
        self.seen.append(X.copy() if isinstance(X, np.ndarray) else X)
        return np.asarray(X, dtype=float).sum(axis=1)

    def score(self, X, y, sample_weight=None):
        return -float(np.average((self.predict(X) - y) ** 2, weights=sample_weight))


def by_definition(model, X, y, n_repeats, seed):
    """The definition, each shuffle on a fresh copy."""
    whole, losses = model.score(X, y), np.empty((X.shape[1], n_repeats))
    for j in range(X.shape[1]):
        rng = np.random.RandomState(np.random.RandomState(seed).randint(2**31))
        order, moved = np.arange(len(X)), np.arange(len(X))
        for r in range(n_repeats):
            rng.shuffle(order)
            moved = moved[order]
            shuffled = X.copy()
            shuffled[:, j] = X[moved, j]
            losses[j, r] = whole - model.score(shuffled, y)
    return losses


def test_is_the_definition(diabetes):
    X, y, model = diabetes
    result = permutation_importance(model, X, y, n_repeats=4, random_state=3)
    expected = by_definition(model, X, y, 4, seed=3)
    np.testing.assert_array_equal(result.importances, expected)
    np.testing.assert_array_equal(result.importances_mean, expected.mean(axis=1))
    np.testing.assert_array_equal(result.importances_std, expected.std(axis=1))


def test_least_squares_has_a_closed_form():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((300, 4)) * [1.0, 2.0, 0.5, 1.0]
    y = X @ [3.0, -1.0, 2.0, 0.0] + rng.standard_normal(300)
    model = LinearRegression().fit(X, y)
    result = permutation_importance(
        model, X, y, scoring="neg_mean_squared_error", n_repeats=400, random_state=1
    )
    error = result.importances_mean - 2 * model.coef_**2 * X.var(axis=0)
    assert (np.abs(error) < 4 * result.importances_std / np.sqrt(400)).all()


@pytest.mark.peer
@pytest.mark.parametrize("max_samples", [1.0, 0.5, 0.995, 0.007, 1, 60, 441, 442])
@pytest.mark.parametrize("weighted", [False, True])
def test_scikit_learns_figures(diabetes, max_samples, weighted):
    theirs = pytest.importorskip("sklearn.inspection").permutation_importance
    X, y, model = diabetes
    options = {
        "sample_weight": np.random.RandomState(5).rand(len(y)) if weighted else None,
        "max_samples": max_samples,
        "n_repeats": 3,
        "random_state": 7,
        "scoring": ["neg_mean_squared_error", "neg_mean_absolute_error"],
    }
    ours, expected = permutation_importance(model, X, y, **options), theirs(model, X, y, **options)
    assert list(ours) == list(expected)
    for name in ours:
        np.testing.assert_allclose(
            ours[name].importances, expected[name].importances, rtol=1e-12, atol=1e-9
        )


@pytest.mark.peer
@pytest.mark.parametrize("population", [1, 2, 7, 100, 101, 300, 1000])
def test_rows_are_drawn_as_scikit_learn_draws_them(population):
    theirs = pytest.importorskip("sklearn.utils.random").sample_without_replacement
    for n in {0, 1, population // 100, population // 2, population * 99 // 100, population - 1}:
        mine, other = np.random.RandomState(7), np.random.RandomState(7)
        expected = theirs(population, n, random_state=other)
        np.testing.assert_array_equal(distinct_below(population, n, mine), expected)
        assert mine.randint(1000) == other.randint(1000), "the streams are left at the same place"


def test_every_column_alone_is_shuffled_and_nothing_else():
    X = np.arange(60.0).reshape(20, 3)
    spy = Spy()
    permutation_importance(spy, X, X.sum(axis=1), n_repeats=2, random_state=0)
    np.testing.assert_array_equal(spy.seen[0], X)
    for call, seen in enumerate(spy.seen[1:]):
        column = call // 2
        rest = [j for j in range(3) if j != column]
        np.testing.assert_array_equal(seen[:, rest], X[:, rest])
        np.testing.assert_array_equal(np.sort(seen[:, column]), X[:, column])
        assert (seen[:, column] != X[:, column]).any()
    assert len(spy.seen) == 7


@pytest.mark.parametrize("n_jobs", [2, 3, -1])
@pytest.mark.parametrize("max_samples", [1.0, 0.3])
def test_threads_change_no_bit(diabetes, n_jobs, max_samples):
    X, y, model = diabetes
    options = {"random_state": 2, "max_samples": max_samples}
    one = permutation_importance(model, X, y, **options)
    several = permutation_importance(model, X, y, n_jobs=n_jobs, **options)
    np.testing.assert_array_equal(one.importances, several.importances)


@pytest.mark.parametrize("random_state", [0, np.random.RandomState, np.random.default_rng, None])
def test_random_states(diabetes, random_state):
    X, y, model = diabetes
    first, second = (
        permutation_importance(
            model, X, y, random_state=random_state(4) if callable(random_state) else random_state
        ).importances
        for _ in range(2)
    )
    assert np.array_equal(first, second) == (random_state is not None)
    other = permutation_importance(model, X, y, random_state=1).importances
    assert not np.array_equal(first, other)


def test_a_generator_advances(diabetes):
    X, y, model = diabetes
    for rng in (np.random.RandomState(0), np.random.default_rng(0)):
        first, second = (
            permutation_importance(model, X, y, random_state=rng).importances for _ in range(2)
        )
        assert not np.array_equal(first, second)


def test_weights_reach_the_scorer():
    """Rows of weight zero change nothing: with one row that counts, nothing depends on the rest."""
    X = np.random.RandomState(0).rand(30, 2)
    y, weight = X.sum(axis=1), np.zeros(30)
    weight[:2] = 1, 3
    loud = y.copy()
    loud[5:] = 1e6
    options = {"sample_weight": weight, "random_state": 0}
    one = permutation_importance(Spy(), X, y, **options)
    other = permutation_importance(Spy(), X, loud, **options)
    np.testing.assert_array_equal(one.importances, other.importances)
    assert not np.array_equal(
        one.importances, permutation_importance(Spy(), X, y, random_state=0).importances
    )


def test_max_samples_takes_rows_of_everything():
    X = np.arange(40.0).reshape(20, 2)
    weight = X[:, 0] + 1
    spy, calls = Spy(), []

    def scorer(estimator, X, y, sample_weight):
        calls.append((np.array(X), np.array(y), np.array(sample_weight)))
        return estimator.score(X, y, sample_weight)

    options = {"max_samples": 0.35, "n_repeats": 1, "random_state": 0, "scoring": scorer}
    permutation_importance(spy, X, list(X.sum(axis=1)), sample_weight=weight, **options)
    assert [len(X) for X, _, _ in calls] == [20, 7, 7]
    for j, (seen, y, w) in enumerate(calls[1:]):
        kept = seen[:, 1 - j]
        np.testing.assert_array_equal(y, 2 * kept + (1 if j else -1))
        np.testing.assert_array_equal(w, kept + (1 if j else 0))


def test_several_scorers(diabetes):
    X, y, model = diabetes
    names = ["r2", "neg_mean_squared_error"]

    def both(estimator, X, y):
        return {"r2": estimator.score(X, y), "negative": -np.mean((estimator.predict(X) - y) ** 2)}

    several = permutation_importance(model, X, y, scoring=names, random_state=0)
    one = permutation_importance(model, X, y, scoring=both, random_state=0)
    assert (list(several), list(one)) == (names, ["r2", "negative"])
    for name in names:
        single = permutation_importance(model, X, y, scoring=name, random_state=0)
        np.testing.assert_array_equal(single.importances, several[name].importances)
    np.testing.assert_allclose(
        one["negative"].importances, several["neg_mean_squared_error"].importances, rtol=1e-9
    )


def test_without_a_target():
    spy = Spy()
    X = np.arange(12.0).reshape(6, 2)
    result = permutation_importance(spy, X, None, scoring=lambda e, X, y: e.predict(X)[0])
    assert result.importances.shape == (2, 5)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_the_data_is_not_changed(diabetes, n_jobs):
    _, _, model = diabetes
    X, y = load_diabetes(return_X_y=True)
    before = X.copy()
    X.flags.writeable = False
    permutation_importance(model, X, y, random_state=0, n_jobs=n_jobs)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    "given", [list, np.asfortranarray, lambda X: np.repeat(X, 2, axis=1)[:, ::2]]
)
def test_layouts(given):
    X = np.random.RandomState(0).randint(0, 9, (30, 3)).astype(float)
    y = X @ [1.0, 2.0, 3.0]
    expected = permutation_importance(Spy(), X, y, random_state=0).importances
    result = permutation_importance(Spy(), given(X), y, random_state=0).importances
    np.testing.assert_array_equal(result, expected)


def test_missing_values_and_text_pass():
    X = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, 4.0]])
    result = permutation_importance(
        Spy(), X, [1, 2, 3], scoring=lambda e, X, y: float(np.nansum(X[:, 0] * y)), random_state=0
    )
    assert result.importances[1].tolist() == [0.0] * 5
    words = np.array([["a", 1], ["b", 2], ["c", 3]], dtype=object)
    result = permutation_importance(
        Spy(), words, None, scoring=lambda e, X, y: float(X[0, 0] == "a"), random_state=0
    )
    assert result.importances[1].tolist() == [0.0] * 5
    assert result.importances_mean[0] > 0


# ---------------------------------------------------------------------------------------- frames


def columns_of(frame, kind):
    return [str(t) for t in (frame.dtypes if kind == "polars" else frame.dtypes.tolist())]


@pytest.mark.extra
@pytest.mark.parametrize("kind", ["pandas", "polars"])
@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("max_samples", [1.0, 0.5])
def test_frames_give_what_arrays_give(kind, n_jobs, max_samples):
    library = pytest.importorskip(kind)
    X, y = load_iris(return_X_y=True)
    names = ["a", "b", "c", "d"]
    frame = library.DataFrame({name: X[:, j] for j, name in enumerate(names)})
    options = {"random_state": 0, "n_jobs": n_jobs, "max_samples": max_samples}
    expected = permutation_importance(LogisticRegression().fit(X, y), X, y, **options)
    model = LogisticRegression().fit(frame, y)
    result = permutation_importance(model, frame, y, **options)
    np.testing.assert_array_equal(result.importances, expected.importances)
    np.testing.assert_array_equal(frame.to_numpy(), X)


@pytest.mark.extra
@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_columns_of_frames_keep_their_types(kind):
    library = pytest.importorskip(kind)
    frame = library.DataFrame(
        {"n": [1, 2, 3, 4], "word": ["p", "q", "r", "s"], "x": [0.5, None, 2.5, 3.5]}
    )
    if kind == "pandas":
        frame = frame.astype({"word": "category", "n": "Int16"})
        frame.index = list("wxyz")
        frame = library.concat([frame, frame[["x"]]], axis=1)  # a name that occurs twice
    types, seen = columns_of(frame, kind), []
    before = [column(frame, j, kind) for j in range(len(types))]

    def scorer(estimator, X, y):
        seen.append(X.copy() if kind == "pandas" else X)
        return 0.0

    permutation_importance(Spy(), frame, [1, 2, 3, 4], scoring=scorer, n_repeats=3, random_state=1)
    width = len(types)
    assert len(seen) == 1 + 3 * width
    for call, shuffled in enumerate(seen[1:]):
        assert columns_of(shuffled, kind) == types
        for j in range(width):
            now, was = column(shuffled, j, kind), before[j]
            assert now == was or j == call // 3
            assert sorted(now) == sorted(was)
        if kind == "pandas":
            assert list(shuffled.index) == list("wxyz")
    assert [column(frame, j, kind) for j in range(width)] == before


def column(frame, j, kind):
    values = frame.iloc[:, j] if kind == "pandas" else frame.to_series(j)
    return [repr(v) for v in values.to_list()]


# ---------------------------------------------------------------------------------------- memory


@pytest.mark.parametrize("kind", ["array", "pandas"])
def test_memory_is_one_copy_at_most(kind):
    X = np.zeros((20_000, 50))
    y = np.zeros(len(X))
    limit = 1.1
    if kind == "pandas":
        X, limit = pytest.importorskip("pandas").DataFrame(X), 0.1
    kept = []  # what the scorer saw stays alive: each array another copy, if it is one

    def scorer(estimator, X, y):
        kept.append(X if kind == "array" else None)
        return 0.0

    tracemalloc.start()
    permutation_importance(Spy(), X, y, n_repeats=10, scoring=scorer)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < limit * 20_000 * 50 * 8


# ---------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_repeats": 0}, "'n_repeats' parameter of permutation_importance must be an int"),
        ({"n_jobs": 1.5}, "'n_jobs' parameter"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
        ({"max_samples": 0}, "'max_samples' parameter"),
        ({"max_samples": 1.5}, "'max_samples' parameter"),
        ({"max_samples": 7}, "max_samples must be <= n_samples, which is 6. Got max_samples=7"),
        ({"random_state": "a"}, "'random_state' parameter"),
        ({"sample_weight": 2.0}, "'sample_weight' parameter"),
        ({"sample_weight": [1.0, 2.0]}, r"inconsistent numbers of samples: \[6, 6, 2\]"),
        ({"scoring": "no such"}, "'no such' is not a valid scoring value"),
    ],
)
def test_wrong_parameters_are_named(options, message):
    X = np.arange(12.0).reshape(6, 2)
    with pytest.raises(ValueError, match=message):
        permutation_importance(Spy(), X, X[:, 0], **options)


def test_wrong_data_is_named():
    X = np.arange(12.0).reshape(6, 2)
    with pytest.raises(ValueError, match="'estimator' parameter .* implementing 'fit'"):
        permutation_importance(object(), X, X[:, 0])
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[6, 5\]"):
        permutation_importance(Spy(), X, X[:5, 0])
    with pytest.raises(ValueError, match="Expected 2D array, got 1D"):
        permutation_importance(Spy(), X[:, 0], X[:, 0])
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="Sparse data was passed for X"):
        permutation_importance(Spy(), sparse.csr_array(X), X[:, 0])
