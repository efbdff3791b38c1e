"""The estimator protocol, on estimators small enough to see what it does."""

import copy
import pickle

import numpy as np
import pytest

from scratchml._core.estimator import (
    Estimator,
    atomic,
    check_is_fitted,
    clone,
    is_classifier,
    is_fitted,
)
from scratchml._core.exceptions import InvalidParameterError, NotFittedError
from scratchml._core.mixins import ClassifierMixin, RegressorMixin, TransformerMixin
from scratchml._core.rules import boolean, integer, real


class Mean(RegressorMixin, Estimator):
    """Predict the mean; `stop_at` makes a fit fail half-way."""

    _rules = {"shrink": real(0.0), "stop_at": integer(0), "warm_start": boolean()}

    def __init__(self, shrink=0.0, *, stop_at=0, warm_start=False):
        self.shrink = shrink
        self.stop_at = stop_at
        self.warm_start = warm_start

    @atomic
    def fit(self, X, y, extra=False):
        X, y = self._check_X_y(X, y, y_numeric=True)
        self.mean_ = y.mean() / (1 + self.shrink)
        if self.stop_at == 1:
            raise KeyboardInterrupt
        if extra:
            self.extra_ = 1
        return self

    @atomic
    def partial_fit(self, X, y):
        self.seen_ = getattr(self, "seen_", 0) + len(X)
        return self

    def predict(self, X):
        check_is_fitted(self)
        return np.full(len(self._check_X(X)), self.mean_)


class Center(TransformerMixin, Estimator):
    def __init__(self, inner=None):
        self.inner = inner

    @atomic
    def fit(self, X, y=None):
        self.mean_ = self._check_X(X, reset=True).mean(axis=0)
        return self

    def transform(self, X):
        return self._check_X(X) - self.mean_

    def get_feature_names_out(self, input_features=None):
        return getattr(self, "feature_names_in_", [f"x{i}" for i in range(self.n_features_in_)])


class Vote(ClassifierMixin, Estimator):
    def fit(self, X, y):
        return self


X = np.arange(6.0).reshape(3, 2)
y = np.array([1.0, 2.0, 6.0])


def test_parameters():
    model = Mean(0.5)
    assert model.get_params() == {"shrink": 0.5, "stop_at": 0, "warm_start": False}
    assert repr(model) == "Mean(shrink=0.5)"
    assert repr(Mean()) == "Mean()"
    assert repr(Mean(float("nan"))) == "Mean(shrink=nan)"
    assert repr(Mean(np.ones(2))) == "Mean(shrink=array([1., 1.]))"
    assert model.set_params(shrink=2) is model
    assert model.shrink == 2


def test_nested_parameters():
    outer = Center(inner=Mean())
    assert outer.get_params()["inner__shrink"] == 0.0
    outer.set_params(inner__shrink=3)
    assert outer.inner.shrink == 3
    replacement = Mean()
    outer.set_params(inner=replacement, inner__shrink=4)
    assert outer.inner is replacement
    assert replacement.shrink == 4
    with pytest.raises(ValueError, match=r"Invalid parameter 'no' for estimator Mean"):
        outer.set_params(inner__no=1)


def test_set_params_sets_all_or_nothing():
    model = Mean()
    with pytest.raises(ValueError, match=r"'no' for estimator Mean\(\).*\['shrink', 'stop_at'"):
        model.set_params(shrink=9, no=1)
    assert model.shrink == 0.0


def test_an_outlier_parameter_is_refused_at_fit():
    with pytest.raises(
        InvalidParameterError, match=r"'shrink' parameter of Mean .* Got -1 instead"
    ):
        Mean(-1).fit(X, y)


def test_a_failed_fit_restores_everything():
    model = Mean().fit(X, y, extra=True)
    model.stop_at = 1
    before = dict(vars(model))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X[:, :1], 10 * y)
    assert vars(model) == before
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X, y[:2])
    assert vars(model) == before


def test_a_failed_first_fit_leaves_it_unfitted():
    model = Mean(stop_at=1)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert not is_fitted(model)


def test_a_second_fit_forgets_the_first():
    model = Mean().fit(X, y, extra=True)
    assert not hasattr(model.fit(X, y), "extra_")
    warm = Mean(warm_start=True).fit(X, y, extra=True)
    assert hasattr(warm.fit(X, y), "extra_")
    assert model.partial_fit(X, y).partial_fit(X, y).seen_ == 6
    assert hasattr(model, "mean_")


def test_fitted():
    model = Mean()
    assert not is_fitted(model)
    with pytest.raises(NotFittedError, match="This Mean instance is not fitted yet"):
        model.predict(X)
    assert is_fitted(model.fit(X, y))
    assert model.n_features_in_ == 2


def test_clone():
    model = Mean(np.array([1.0])).fit
    inner = Mean(2.0)
    outer = Center(inner=inner).set_output(transform="pandas")
    other = clone(outer)
    assert other.inner is not inner
    assert other.inner.shrink == 2.0
    assert other._sklearn_output_config == {"transform": "pandas"}
    assert not is_fitted(clone(model.__self__))
    a, b = clone((inner, inner))
    assert a is not inner
    assert a is not b
    assert clone({"a": 1}) == {"a": 1}


def test_copies():
    model = Mean().fit(X, y)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(other.predict(X), model.predict(X))


def test_scores():
    model = Mean().fit(X, y)
    assert model.score(X, y) == 0.0
    assert is_classifier(Vote())
    assert not is_classifier(model)
    assert not is_classifier(3)


@pytest.mark.peer
def test_tags_join_over_bases():
    pytest.importorskip("sklearn")

    class Odd(Mean):
        _tags = {"input_tags.allow_nan": True, "regressor_tags.poor_score": True}

    tags = Odd().__sklearn_tags__()
    assert tags.estimator_type == "regressor"
    assert tags.target_tags.required
    assert tags.input_tags.allow_nan
    assert tags.regressor_tags.poor_score
    assert not Mean().__sklearn_tags__().input_tags.allow_nan
    assert Vote().__sklearn_tags__().classifier_tags.multi_class
    assert is_classifier(pytest.importorskip("sklearn.linear_model").LogisticRegression())


@pytest.mark.extra
def test_frames_out():
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    frame = pandas.DataFrame(X, columns=["a", "b"], index=[7, 8, 9])
    center = Center().set_output(transform="pandas")
    out = center.fit_transform(frame)
    assert list(out.columns) == ["a", "b"]
    assert list(out.index) == [7, 8, 9]
    np.testing.assert_array_equal(out.to_numpy(), X - X.mean(axis=0))
    assert center.set_output() is center  # None changes nothing
    out = center.set_output(transform="polars").transform(frame)
    assert isinstance(out, polars.DataFrame)
    assert isinstance(center.set_output(transform="default").transform(frame), np.ndarray)
    with pytest.raises(ValueError, match="transform must be one of .* got 'arrow'"):
        center.set_output(transform="arrow")


@pytest.mark.extra
def test_feature_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b"])
    model = Mean().fit(frame, y)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- c\n.*yet now missing:\n- b\n"):
        model.predict(frame.rename(columns={"b": "c"}))
    with pytest.raises(ValueError, match="same order"):
        model.predict(frame[["b", "a"]])
    with pytest.warns(UserWarning, match="X does not have valid feature names, but Mean") as record:
        model.predict(X)
    assert record[0].filename == __file__
    model.fit(X, y)
    assert not hasattr(model, "feature_names_in_")
    with pytest.warns(UserWarning, match="fitted without feature names"):
        model.predict(frame)
    many = pandas.DataFrame(np.ones((3, 9)), columns=list("abcdefghi"))
    model.fit(many, y)
    with pytest.raises(ValueError, match=r"- A\n- B\n- C\n- D\n- E\n- \.\.\."):
        model.predict(many.rename(columns=str.upper))
