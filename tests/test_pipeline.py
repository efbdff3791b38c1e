"""Pipeline: what it computes, which methods it has, parameters, failures, use in scikit-learn."""

import copy
import pickle

import numpy as np
import pytest

from scratchml._core.estimator import Estimator, atomic, clone
from scratchml._core.exceptions import InvalidParameterError, NotFittedError
from scratchml._core.mixins import TransformerMixin
from scratchml.pipeline import Pipeline, make_pipeline
from scratchml.preprocessing import MinMaxScaler, OneHotEncoder, PolynomialFeatures, StandardScaler

X = np.array([[0.0, 10], [1, 30], [2, 20], [5, 60]])
Y = np.array([1.0, 2, 3, 7])


class Mean(Estimator):
    """A predictor that remembers what it was given."""

    def __init__(self, shift=0.0, fail=None):
        self.shift = shift
        self.fail = fail

    @atomic
    def fit(self, X, y, sample_weight=None):
        if self.fail is not None:
            raise self.fail
        self.seen_ = np.array(X)
        self.mean_ = np.average(y, weights=sample_weight) + self.shift
        return self

    def predict(self, X, offset=0.0):
        return np.full(len(X), self.mean_) + offset

    def score(self, X, y=None, sample_weight=None):
        return 1.0 if sample_weight is None else 2.0


class Doubler(TransformerMixin, Estimator):
    """A transformer without inverse_transform; fits and transforms in two calls."""

    fit_transform = None

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return 2 * X


del Doubler.fit_transform


def steps():
    return Pipeline([("scale", StandardScaler()), ("skip", "passthrough"), ("mean", Mean())])


def test_fit_is_the_steps_one_after_the_other():
    model = steps().fit(X, Y)
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(model["mean"].seen_, scaled)
    np.testing.assert_array_equal(model.predict(X), np.full(4, 3.25))
    np.testing.assert_array_equal(model.predict(X, offset=1), np.full(4, 4.25))
    assert model.score(X, Y) == 1
    assert model.score(X, Y, sample_weight=[1, 1, 1, 1]) == 2


def test_transformers_alone_and_back():
    chain = make_pipeline(StandardScaler(), None, MinMaxScaler())
    Z = chain.fit_transform(X)
    np.testing.assert_array_equal(
        Z, MinMaxScaler().fit_transform(StandardScaler().fit_transform(X))
    )
    np.testing.assert_array_equal(chain.transform(X), Z)
    np.testing.assert_allclose(chain.inverse_transform(Z), X, rtol=0, atol=1e-13)
    assert chain.get_feature_names_out(["u", "v"]).tolist() == ["u", "v"]
    passing = make_pipeline(Doubler(), "passthrough").fit(X)
    np.testing.assert_array_equal(passing.transform(X), 2 * X)
    assert make_pipeline("passthrough").fit(X).transform(X) is X


@pytest.mark.parametrize(
    ("model", "has"),
    [
        (make_pipeline(StandardScaler(), Mean()), "predict score"),
        (make_pipeline(Mean()), "predict score"),
        (
            make_pipeline(StandardScaler()),
            "transform fit_transform inverse_transform get_feature_names_out",
        ),
        (make_pipeline(Doubler(), StandardScaler()), "transform fit_transform"),
        (
            make_pipeline("passthrough"),
            "transform fit_transform inverse_transform get_feature_names_out",
        ),
        (Pipeline([]), "inverse_transform get_feature_names_out"),
    ],
)
def test_it_has_the_methods_of_its_last_step(model, has):
    methods = (
        "predict predict_proba predict_log_proba decision_function score score_samples transform "
        "fit_transform fit_predict inverse_transform get_feature_names_out"
    )
    assert [m for m in methods.split() if hasattr(model, m)] == [
        m for m in methods.split() if m in has.split()
    ]


def test_a_missing_method_is_explained():
    with pytest.raises(
        AttributeError, match="'Pipeline' has no attribute 'predict_proba'"
    ) as caught:
        steps().predict_proba
    assert "'Mean' object has no attribute 'predict_proba'" in str(caught.value.__cause__)
    with pytest.raises(
        AttributeError, match="Estimator mean does not provide get_feature_names_out"
    ):
        steps().get_feature_names_out()


def test_parameters():
    model = steps()
    assert set(model.get_params(deep=False)) == {"steps", "memory", "transform_input", "verbose"}
    deep = model.get_params()
    assert deep["scale"] is model["scale"]
    assert deep["mean__shift"] == 0
    assert deep["scale__with_mean"] is True
    model.set_params(mean__shift=2, verbose=True, skip=Doubler())
    assert (model["mean"].shift, model.verbose) == (2, True)
    assert isinstance(model["skip"], Doubler)
    model.set_params(mean=Mean(5), mean__fail=None)
    assert model["mean"].shift == 5
    before = model.steps
    with pytest.raises(ValueError, match="Invalid parameter 'nope' for estimator Pipeline"):
        model.set_params(scale=None, nope=1)
    assert model.steps is before
    with pytest.raises(
        ValueError, match=r"Invalid parameter 'nope' for estimator StandardScaler\(\)"
    ):
        model.set_params(scale__nope=1)
    outer = Pipeline([("inner", steps())])
    outer.set_params(inner__mean__shift=7)
    assert outer["inner"]["mean"].shift == 7


def test_indexing():
    model = steps()
    scale, _, mean = (step for _, step in model.steps)
    assert (model[0], model["mean"], model[-1], len(model)) == (scale, mean, mean, 3)
    assert model[:1].steps == [("scale", scale)]
    assert list(model.named_steps) == ["scale", "skip", "mean"]
    assert model.named_steps.mean is mean
    with pytest.raises(KeyError):
        model["nope"]
    with pytest.raises(IndexError):
        model[3]
    with pytest.raises(ValueError, match="step of 1"):
        model[::2]
    with pytest.raises(AttributeError, match="no step 'nope'"):
        model.named_steps.nope


def test_repr():
    model = make_pipeline(StandardScaler(with_std=False), Mean())
    line = "Pipeline(steps=[('standardscaler', StandardScaler(with_std=False)), ('mean', Mean())])"
    assert repr(model) == line
    model.verbose = True
    broken = line.replace(", ('mean", ",\n                ('mean").replace("])", "], verbose=True)")
    assert repr(model) == broken


def test_make_pipeline_names():
    names = [n for n, _ in make_pipeline(Mean(), Mean(), "passthrough", StandardScaler()).steps]
    assert names == ["mean-1", "mean-2", "passthrough", "standardscaler"]


def test_fit_parameters_go_to_their_step():
    weights = [1, 0, 0, 1]
    model = steps().fit(X, Y, mean__sample_weight=weights, scale__sample_weight=weights)
    assert model["mean"].mean_ == 4
    assert model["scale"].mean_.tolist() == [2.5, 35]
    with pytest.raises(
        ValueError, match=r"Pipeline.fit does not accept the sample_weight parameter"
    ):
        steps().fit(X, Y, sample_weight=weights)
    with pytest.raises(ValueError, match="'other__sample_weight', but its steps are"):
        steps().fit(X, Y, other__sample_weight=weights)


def test_verbose(capsys):
    steps().set_params(verbose=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("(")[1].split(",")[0] for line in lines] == [
        "step 1 of 3) Processing scale",
        "step 2 of 3) Processing skip",
        "step 3 of 3) Processing mean",
    ]
    assert all(line.startswith("[Pipeline] ...") and line.endswith("s") for line in lines)


@pytest.mark.extra
def test_attributes_come_from_the_first_and_the_last_step():
    pd = pytest.importorskip("pandas")
    model = steps()
    for name in ("n_features_in_", "feature_names_in_", "classes_"):
        assert not hasattr(model, name)
    model.fit(pd.DataFrame(X, columns=["a", "b"]), Y)
    assert model.n_features_in_ == 2
    assert model.feature_names_in_.tolist() == ["a", "b"]
    assert not hasattr(model, "classes_")


@pytest.mark.extra
def test_set_output():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=["a", "b"], index=[3, 4, 5, 6])
    chain = make_pipeline(StandardScaler(), PolynomialFeatures()).set_output(transform="pandas")
    out = chain.fit_transform(frame)
    assert list(out.columns) == ["1", "a", "b", "a^2", "a b", "b^2"]
    assert list(out.index) == [3, 4, 5, 6]


def test_mixed_columns():
    table = [["a", 1], ["b", 2], ["a", 2]]
    out = make_pipeline(OneHotEncoder(), StandardScaler(with_std=False)).fit_transform(table)
    np.testing.assert_allclose(out.sum(axis=0), 0, atol=1e-15)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([], ValueError, "The pipeline is empty"),
        (None, InvalidParameterError, "'steps' parameter of Pipeline must be a list"),
        ([1], InvalidParameterError, "list of .str, estimator. tuples"),
        ([(1, Mean())], InvalidParameterError, "list of .str, estimator. tuples"),
        (
            [("a", Mean()), ("b", Mean())],
            TypeError,
            "All intermediate steps should be transformers",
        ),
        ([("a", 3)], TypeError, "Last step of Pipeline should implement fit"),
        (
            [("a", Mean)],
            TypeError,
            r"Expected an estimator instance \(Mean\(\)\), got estimator class",
        ),
        ([("a", Doubler()), ("a", Mean())], ValueError, "not unique"),
        ([("a__b", Mean())], ValueError, "must not contain __"),
        ([("steps", Mean())], ValueError, "conflict with constructor arguments"),
    ],
)
def test_wrong_steps(bad, error, message):
    with pytest.raises(error, match=message):
        Pipeline(bad).fit(X, Y)
    dir(Pipeline(bad))
    repr(Pipeline(bad))


def test_options_that_are_not_offered_raise():
    for options in ({"memory": "cache"}, {"transform_input": ["X_val"]}, {"verbose": 1}):
        with pytest.raises(ValueError, match=next(iter(options))):
            Pipeline([("m", Mean())], **options).fit(X, Y)


def test_unfitted():
    for method in ("predict", "score"):
        with pytest.raises(NotFittedError, match="This Pipeline instance is not fitted yet"):
            getattr(steps(), method)(X)
    for method in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError):
            getattr(make_pipeline(StandardScaler()), method)(X)


@pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt()])
@pytest.mark.parametrize("nested", [False, True])
def test_all_or_nothing(failure, nested):
    model = steps()
    if nested:
        model = Pipeline([("inner", make_pipeline(StandardScaler(), Doubler())), ("mean", Mean())])
    model.fit(X, Y)
    before, learned = model.predict(X), copy.deepcopy(vars(model[0] if not nested else model[0][0]))
    model.set_params(mean__fail=failure)
    with pytest.raises(type(failure)):
        model.fit(10 * X + 5, 2 * Y)
    np.testing.assert_array_equal(model.predict(X), before)
    scaler = model[0] if not nested else model[0][0]
    assert vars(scaler).keys() == learned.keys()
    np.testing.assert_array_equal(scaler.mean_, learned["mean_"])
    fresh = clone(model)
    with pytest.raises(type(failure)):
        fresh.fit(X, Y)
    with pytest.raises(NotFittedError):
        fresh.predict(X)
    assert not hasattr(fresh[0], "n_features_in_")


def test_clone_copy_and_pickle():
    model = steps().fit(X, Y)
    fresh = clone(model)
    assert fresh["scale"] is not model["scale"]
    assert not hasattr(fresh["scale"], "mean_")
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin.predict(X), model.predict(X))


def test_a_fit_does_not_change_the_steps_parameter():
    given = [("scale", StandardScaler()), ("mean", Mean())]
    model = Pipeline(given).fit(X, Y)
    assert model.steps is given
    assert model["scale"].mean_ is given[0][1].mean_


@pytest.mark.peer
def test_inside_scikit_learn():
    pytest.importorskip("sklearn")
    from sklearn.base import clone as their_clone
    from sklearn.base import is_classifier, is_regressor
    from sklearn.datasets import load_iris
    from sklearn.exceptions import NotFittedError as TheirNotFittedError
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline as their_make_pipeline
    from sklearn.preprocessing import StandardScaler as TheirScaler
    from sklearn.utils.validation import check_is_fitted

    X, y = load_iris(return_X_y=True)
    ours = make_pipeline(StandardScaler(), PolynomialFeatures(), GaussianNB())
    theirs = their_make_pipeline(TheirScaler(), PolynomialFeatures(), GaussianNB())
    assert is_classifier(ours)
    assert is_regressor(make_pipeline(LinearRegression()))
    np.testing.assert_array_equal(cross_val_score(ours, X, y), cross_val_score(theirs, X, y))
    grid = {
        "polynomialfeatures__degree": [1, 2],
        "standardscaler": [StandardScaler(), "passthrough"],
    }
    search = GridSearchCV(ours, grid, cv=3).fit(X, y)
    assert set(search.best_params_) == set(grid)
    fresh = their_clone(ours)
    assert fresh.get_params(deep=False).keys() == ours.get_params(deep=False).keys()
    with pytest.raises(TheirNotFittedError):
        check_is_fitted(fresh)
    check_is_fitted(fresh.fit(X, y))
    expected = theirs.fit(X, y).predict_proba(X)
    # the two scalers differ in the last digit of the means; exponents here reach a few hundred
    np.testing.assert_allclose(fresh.predict_proba(X), expected, rtol=1e-9, atol=1e-12)
    assert fresh.classes_.tolist() == [0, 1, 2]
    outer = their_make_pipeline(make_pipeline(StandardScaler()), ours).fit(X, y)
    assert outer.score(X, y) > 0.9
