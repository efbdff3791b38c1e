"""The protocol, tested on every public estimator found by walking the package.

A new estimator is covered here without being named.  Its own tests cover what it computes.
"""

import copy
import inspect
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

import scratchml
from scratchml._core.exceptions import InvalidParameterError, NotFittedError

from .estimators import instances, kind

ALL = instances()
WITH_X = [e for e in ALL if kind(e) != "label"]
SUPERVISED = [e for e in WITH_X if kind(e) in ("classifier", "regressor")]


def named(estimators):
    return pytest.mark.parametrize(
        "estimator", estimators, ids=[type(e).__name__ for e in estimators]
    )


def data(estimator, n=60, p=4, dtype=np.float64):
    """Return X and a y that suits the estimator; X is positive, with few distinct values."""
    random = np.random.RandomState(0)
    X = random.randint(1, 9, size=(n, p)).astype(dtype)
    if kind(estimator) == "label":
        return (random.choice(["a", "b", "c"], n),)
    if kind(estimator) == "classifier":
        return X, np.arange(n) % 3
    return X, X @ np.arange(1.0, p + 1) + random.standard_normal(n)


def fitted(estimator, **options):
    return clone(estimator).fit(*data(estimator, **options))


def clone(estimator):
    from scratchml._core.estimator import clone

    return clone(estimator)


def outputs(estimator, *args):
    """Return everything the fitted estimator says about its first argument."""
    return [
        np.asarray(getattr(estimator, method)(args[0]))
        for method in ("predict", "predict_proba", "decision_function", "transform")
        if hasattr(estimator, method)
    ]


def assert_same(a, b):
    assert len(a) == len(b)
    assert len(a) > 0
    for x, y in zip(a, b, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


# ------------------------------------------------------------- the reference library's own checks


# Checks that scikit-learn's own class of the name does not pass either, with the reason.
DRAWN = {
    "check_sample_weight_equivalence_on_dense_data": "weights are the odds of random draws of rows",
}
SCALED = {
    f"check_sample_weight_equivalence_on_{kind}_data": "gamma='scale' looks at all rows alike"
    for kind in ("dense", "sparse")
}
EXPECTED_TO_FAIL = {
    "BaggingClassifier": DRAWN,
    "BaggingRegressor": DRAWN,
    "CalibratedClassifierCV": {
        "check_sample_weight_equivalence_on_dense_data": "folds are made of rows, not of weights",
    },
    "LinearSVR": {
        f"check_sample_weight_equivalence_on_{kind}_data": "as near to the optimum as tol asks for"
        for kind in ("dense", "sparse")
    },
    "NuSVC": SCALED | {"check_class_weight_classifiers": "a class of no weight: nu is infeasible"},
    "NuSVR": SCALED,
    "OneClassSVM": SCALED,
    "RandomForestClassifier": DRAWN,
    "RandomForestRegressor": DRAWN,
    "SVC": SCALED,
    "SVR": SCALED,
    "Pipeline": {
        "check_estimators_overwrite_params": "its steps are fitted in place, for named_steps",
    },
}


@pytest.mark.peer
@named(ALL)
def test_check_estimator(estimator):
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = checks.check_estimator(
            clone(estimator),
            expected_failed_checks=EXPECTED_TO_FAIL.get(type(estimator).__name__),
            on_fail=None,
            on_skip=None,
        )
    failed = {r["check_name"]: repr(r["exception"]) for r in results if r["status"] == "failed"}
    assert failed == {}
    assert any(r["status"] == "passed" for r in results)


@pytest.mark.peer
@named(SUPERVISED)
def test_works_inside_scikit_learn(estimator):
    pytest.importorskip("sklearn")
    from sklearn.base import clone as their_clone
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = data(estimator)
    model = make_pipeline(StandardScaler(), their_clone(estimator))
    assert cross_val_score(model, X, y, cv=3).shape == (3,)
    search = GridSearchCV(clone(estimator), {}, cv=3).fit(X, y)
    assert search.predict(X).shape == y.shape


# ------------------------------------------------------------------------------------ parameters


@named(ALL)
def test_parameters_round_trip(estimator):
    params = estimator.get_params(deep=False)
    assert set(params) == set(inspect.signature(type(estimator)).parameters)
    copy_ = clone(estimator)
    assert type(copy_) is type(estimator)
    assert repr(copy_) == repr(estimator)
    with pytest.raises(ValueError, match="Invalid parameter 'no_such'"):
        estimator.set_params(no_such=1)


@named(ALL)
def test_every_parameter_has_a_rule(estimator):
    assert set(estimator._rules) == set(estimator.get_params(deep=False))


def parameters():
    return [
        pytest.param(e, name, id=f"{type(e).__name__}-{name}")
        for e in ALL
        for name in e.get_params(deep=False)
    ]


@pytest.mark.parametrize(("estimator", "name"), parameters())
def test_a_wrong_parameter_is_named_and_changes_nothing(estimator, name):
    class Wrong:
        def __repr__(self):
            return "<wrong value>"

    model = fitted(estimator)
    before = outputs(model, *data(estimator))
    good = getattr(model, name)
    setattr(model, name, Wrong())
    with pytest.raises(InvalidParameterError, match=rf"'{name}' parameter .*<wrong value>"):
        model.fit(*data(estimator))
    setattr(model, name, good)
    assert_same(before, outputs(model, *data(estimator)))


@named(ALL)
def test_fit_leaves_parameters_and_data_alone(estimator):
    args = data(estimator)
    for a in args:
        a.flags.writeable = False
    copies = [a.copy() for a in args]
    model = clone(estimator)
    params = {k: id(v) for k, v in model.get_params(deep=False).items()}
    model.fit(*args)
    outputs(model, *args)
    assert {k: id(v) for k, v in model.get_params(deep=False).items()} == params
    for a, c in zip(args, copies, strict=True):
        np.testing.assert_array_equal(a, c)


# --------------------------------------------------------------------------------------- bad input

BAD_X = {
    "NaN": (lambda X: np.where(X == X[0, 0], np.nan, X), ValueError, "X contains NaN"),
    "infinity": (lambda X: np.where(X == X[0, 0], np.inf, X), ValueError, "X contains infinity"),
    "minus infinity": (lambda X: np.where(X == X[0, 0], -np.inf, X), ValueError, "X contains inf"),
    "1-d": (lambda X: X[:, 0], ValueError, "Expected 2D array, got 1D array"),
    "scalar": (lambda X: 3.0, ValueError, "Expected 2D array, got scalar"),
    "3-d": (lambda X: X[:, :, None], ValueError, r"dim 3.* X"),
    "no rows": (lambda X: X[:0], ValueError, r"0 sample\(s\) \(shape=\(0, 4\)\)"),
    "no columns": (lambda X: X[:, :0], ValueError, r"0 feature\(s\) \(shape=\(60, 0\)\)"),
    "complex": (lambda X: X + 1j, ValueError, "Complex data not supported"),
    "strings": (lambda X: np.full(X.shape, "word"), ValueError, "strings|could not convert"),
    "objects": (lambda X: np.full(X.shape, {}, dtype=object), TypeError, "dict"),
    "None": (lambda X: None, (ValueError, TypeError), "scalar|None"),
    "ragged": (lambda X: [[1.0], [1.0, 2.0]], ValueError, "inhomogeneous|length"),
}
ANY_VALUE = {"OneHotEncoder"}  # takes text and missing values as categories


@named(WITH_X)
@pytest.mark.parametrize("bad", BAD_X)
def test_bad_X(estimator, bad):
    spoil, error, message = BAD_X[bad]
    name = type(estimator).__name__
    allows_nan = estimator.__sklearn_tags__().input_tags.allow_nan if has_sklearn() else False
    if (allows_nan and bad == "NaN") or (
        name in ANY_VALUE and bad in ("NaN", "strings", "objects", "complex", "None")
    ):
        pytest.skip(f"{name} accepts this on purpose")
    X, y = data(estimator)
    model = fitted(estimator)
    before = outputs(model, X)
    with pytest.raises(error, match=message):
        model.fit(spoil(X), y)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, method):
            with pytest.raises(error, match=message):
                getattr(model, method)(spoil(X))
    assert_same(before, outputs(model, X))


def has_sklearn():
    from importlib.util import find_spec

    return find_spec("sklearn") is not None


@named(WITH_X)
def test_sparse_is_refused_by_name(estimator):
    sparse = pytest.importorskip("scipy.sparse")
    X, y = data(estimator)
    if has_sklearn() and estimator.__sklearn_tags__().input_tags.sparse:
        pytest.skip("takes sparse rows")
    with pytest.raises(TypeError, match=r"Sparse data was passed for X"):
        clone(estimator).fit(sparse.csr_array(X), y)


BAD_Y = {
    "None": (lambda y: None, ValueError, "y"),
    "too short": (lambda y: y[:-1], ValueError, r"inconsistent numbers of samples: \[60, 59\]"),
    "NaN": (lambda y: np.where(y == y[0], np.nan, y), ValueError, "y contains NaN"),
    "infinity": (lambda y: np.where(y == y[0], np.inf, y), ValueError, "y contains infinity"),
    "3-d": (lambda y: y[:, None, None], ValueError, "y"),
    "complex": (lambda y: y + 1j, ValueError, "Complex data not supported"),
    "empty": (lambda y: y[:0], ValueError, r"inconsistent|0 sample"),
    "scalar": (lambda y: 1.0, (ValueError, TypeError), "y"),
}


@named(SUPERVISED)
@pytest.mark.parametrize("bad", BAD_Y)
def test_bad_y(estimator, bad):
    spoil, error, message = BAD_Y[bad]
    X, y = data(estimator)
    model = fitted(estimator)
    before = outputs(model, X)
    with pytest.raises(error, match=message):
        model.fit(X, spoil(y))
    assert_same(before, outputs(model, X))


# A leaf can hold one class, and where trees are grown on parts of the data, one must.
ONE_CLASS_DOES = {
    "BaggingClassifier",
    "DecisionTreeClassifier",
    "ExtraTreeClassifier",
    "ExtraTreesClassifier",
    "RandomForestClassifier",
}


@named([e for e in SUPERVISED if kind(e) == "classifier"])
def test_bad_labels(estimator):
    X, y = data(estimator)
    if type(estimator).__name__ in ONE_CLASS_DOES:
        assert (clone(estimator).fit(X, np.full_like(y, 7)).predict(X) == 7).all()
    else:
        with pytest.raises(ValueError, match="class"):
            clone(estimator).fit(X, np.zeros_like(y))
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        clone(estimator).fit(X, y + 0.5)
    with pytest.raises((TypeError, ValueError), match="mixes int, str|uniformly|unknown"):
        clone(estimator).fit(X, np.array([1, "a"] * (len(y) // 2), dtype=object))


WEIGHTED = [e for e in ALL if "sample_weight" in inspect.signature(e.fit).parameters]
BAD_WEIGHT = {
    "negative": (lambda w: np.where(np.arange(len(w)) == 3, -1.0, w), "Negative|negative"),
    "all zero": (lambda w: 0 * w, "weight.*zero|zero.*weight"),
    "too short": (lambda w: w[:-1], "sample_weight"),
    "2-d": (lambda w: w[:, None], "1D"),
    "NaN": (lambda w: w * np.nan, "sample_weight contains NaN"),
    "infinity": (lambda w: w * np.inf, "sample_weight contains infinity"),
    "strings": (lambda w: np.full(len(w), "word"), "sample_weight|convert"),
}


# Where LIBSVM leaves samples of negative weight out, so do these.
NEGATIVE_DOES = {"NuSVC", "NuSVR", "OneClassSVM", "SVC", "SVR"}


@named(WEIGHTED)
@pytest.mark.parametrize("bad", BAD_WEIGHT)
def test_bad_sample_weight(estimator, bad):
    if bad == "negative" and type(estimator).__name__ in NEGATIVE_DOES:
        pytest.skip("takes samples of negative weight for absent, on purpose")
    spoil, message = BAD_WEIGHT[bad]
    X, y = data(estimator)
    with pytest.raises((ValueError, TypeError), match=message):
        clone(estimator).fit(X, y, sample_weight=spoil(np.ones(len(X))))


@named(WITH_X)
def test_constant_columns(estimator):
    X, y = data(estimator)
    X = np.column_stack([X, np.full(len(X), 7.0), np.zeros(len(X))])
    for out in outputs(clone(estimator).fit(X, y), X):
        assert np.isfinite(out).all()


@named(WITH_X)
def test_use_before_fit(estimator):
    X, _ = data(estimator)
    model = clone(estimator)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, method):
            with pytest.raises(NotFittedError, match="not fitted yet"):
                getattr(model, method)(X)


@pytest.mark.extra
@named(WITH_X)
def test_other_features_at_predict(estimator):
    X, _ = data(estimator)
    model = fitted(estimator)
    method = model.predict if hasattr(model, "predict") else model.transform
    with pytest.raises(ValueError, match="X has 3 features, but .* is expecting 4 features"):
        method(X[:, :3])
    pandas = pytest.importorskip("pandas")
    X, y = data(estimator)
    frame = pandas.DataFrame(X, columns=list("abcd"))
    model = clone(estimator).fit(frame, y)
    method = model.predict if hasattr(model, "predict") else model.transform
    assert list(model.feature_names_in_) == list("abcd")
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- z"):
        method(frame.rename(columns={"a": "z"}))
    with pytest.raises(ValueError, match="same order"):
        method(frame[list("dcba")])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        method(X)


# --------------------------------------------------------------------------- whole and repeatable


def call_with_interrupt(function, at=None):
    """Run `function`, raising KeyboardInterrupt at call number `at` of a function of scratchml.

    Without `at` it runs to its end. Returns the number of such calls. One thread does it all: only
    its calls are seen, and which of several takes a task is chance.
    """
    calls, package = 0, str(Path(scratchml.__file__).parent)

    def profile(frame, event, arg):
        nonlocal calls
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(package):
            if code.co_flags & inspect.CO_GENERATOR:
                return  # it may be closing, where an exception is only printed
            calls += 1
            if calls == at:
                raise KeyboardInterrupt

    with scratchml.set_num_threads(1):
        sys.setprofile(profile)
        try:
            function()
        finally:
            sys.setprofile(None)
    return calls


@named(ALL)
def test_an_interrupted_fit_leaves_the_earlier_one_whole(estimator):
    args = data(estimator)
    model = fitted(estimator)
    before, state = outputs(model, *args), set(vars(model))
    other = tuple(a[::-1] for a in args)
    fresh = clone(estimator).fit(*other)
    total = call_with_interrupt(lambda: fresh.fit(*other))
    for call in sorted({1 + (total - 1) * k // 12 for k in range(13)}):
        with pytest.raises(KeyboardInterrupt):
            call_with_interrupt(lambda: model.fit(*other), at=call)
        assert set(vars(model)) == state
        assert_same(before, outputs(model, *args))


@named(ALL)
def test_a_second_fit_equals_a_fresh_one(estimator):
    args = data(estimator)
    model = fitted(estimator, n=40, p=3)
    assert_same(outputs(model.fit(*args), *args), outputs(clone(estimator).fit(*args), *args))


@named(ALL)
def test_copies_say_the_same(estimator, tmp_path):
    args = data(estimator)
    model = fitted(estimator)
    expected = outputs(model, *args)
    assert_same(expected, outputs(pickle.loads(pickle.dumps(model)), *args))
    assert_same(expected, outputs(copy.deepcopy(model), *args))
    scratchml.save(model, tmp_path / "model")
    loaded = scratchml.load(tmp_path / "model")
    assert set(vars(loaded)) == set(vars(model))
    assert repr(loaded) == repr(model)
    assert_same(expected, outputs(loaded, *args))


@named(WITH_X)
def test_number_of_threads_changes_no_bit(estimator):
    X, y = data(estimator, n=2000, p=12)
    results = []
    for n in (1, 2, 8):
        with scratchml.set_num_threads(n):
            results.append(outputs(clone(estimator).fit(X, y), X))
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])


@named(WITH_X)
@pytest.mark.parametrize("layout", ["Fortran", "strided", "list", "int", "big-endian"])
def test_layout_changes_nothing(estimator, layout):
    X, y = data(estimator)
    given = {
        "Fortran": lambda: np.asfortranarray(X),
        "strided": lambda: np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)[::2, ::3],
        "list": X.tolist,
        "int": lambda: X.astype(int),
        "big-endian": lambda: X.astype(">f8"),
    }[layout]()
    expected = outputs(clone(estimator).fit(X, y), X)
    for a, b in zip(outputs(clone(estimator).fit(given, y), given), expected, strict=True):
        if a.dtype.kind == "f":
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
        else:
            np.testing.assert_array_equal(a, b)


@named(WITH_X)
def test_float32(estimator):
    X, y = data(estimator, dtype=np.float32)
    if kind(estimator) == "regressor":
        y = y.astype(np.float32)
    small = outputs(clone(estimator).fit(X, y), X)
    large = outputs(clone(estimator).fit(X.astype(float), y), X.astype(float))
    for a, b in zip(small, large, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-3)
