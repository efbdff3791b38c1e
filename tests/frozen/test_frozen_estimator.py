"""FrozenEstimator: what a fit, a clone, a copy and a file leave as it was."""

import copy
import pickle

import numpy as np
import pytest

import scratchml
from scratchml._core.estimator import clone, is_classifier, is_fitted
from scratchml._core.exceptions import NotFittedError
from scratchml.datasets import load_iris
from scratchml.frozen import FrozenEstimator
from scratchml.linear_model import LogisticRegression, Ridge
from scratchml.preprocessing import StandardScaler

X, y = load_iris(return_X_y=True)


def frozen():
    return FrozenEstimator(LogisticRegression().fit(X, y))


def test_fit_and_clone_do_nothing():
    model = frozen()
    before = model.coef_.copy()
    assert model.fit(X[:5], y[:5] + 1, sample_weight=np.ones(5)) is model
    assert clone(model) is model
    np.testing.assert_array_equal(model.coef_, before)
    np.testing.assert_array_equal(model.predict(X), model.estimator.predict(X))


def test_it_is_what_is_inside():
    assert is_classifier(frozen())
    assert not is_classifier(FrozenEstimator(Ridge().fit(X, y)))
    assert is_fitted(frozen())
    assert not is_fitted(FrozenEstimator(Ridge()))
    with pytest.raises(NotFittedError):
        FrozenEstimator(Ridge()).fit(X, y)
    assert repr(FrozenEstimator(Ridge(alpha=3))) == "FrozenEstimator(estimator=Ridge(alpha=3))"


def test_no_way_to_fit_is_left():
    scaler = FrozenEstimator(StandardScaler().fit(X))
    assert not hasattr(scaler, "fit_transform")
    assert not hasattr(scaler, "fit_predict")
    assert scaler.transform(X).shape == X.shape


def test_parameters():
    model = frozen()
    assert model.get_params() == {"estimator": model.estimator}
    with pytest.raises(ValueError, match=r"cannot set parameters of the inner .* got \['C'\]"):
        model.set_params(C=3)
    other = Ridge().fit(X, y)
    assert model.set_params(estimator=other).estimator is other


def test_copies(tmp_path):
    model = frozen()
    scratchml.save(model, tmp_path / "model")
    loaded = scratchml.load(tmp_path / "model")
    for other in (
        copy.copy(model),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        loaded,
    ):
        assert type(other) is FrozenEstimator
        np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))


@pytest.mark.peer
def test_inside_scikit_learn():
    pytest.importorskip("sklearn")
    from sklearn.base import clone as their_clone
    from sklearn.base import is_classifier as they_say_classifier
    from sklearn.pipeline import make_pipeline
    from sklearn.utils.validation import check_is_fitted

    model = frozen()
    assert their_clone(model) is model
    assert they_say_classifier(model)
    check_is_fitted(model)
    pipeline = make_pipeline(StandardScaler(), FrozenEstimator(Ridge().fit(X, y)))
    assert pipeline.fit(X, y).predict(X).shape == y.shape
