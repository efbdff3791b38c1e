"""LinearSVR: the losses, scikit-learn beside it, what is refused."""

import numpy as np
import pytest

from scratchml._core.exceptions import ConvergenceWarning
from scratchml.datasets import load_diabetes
from scratchml.svm import LinearSVR

OPTIONS = [
    {"loss": loss, "dual": dual}
    for loss in ("epsilon_insensitive", "squared_epsilon_insensitive")
    for dual in (True, "auto")
]


def data():
    X, y = load_diabetes(return_X_y=True)
    return X / X.std(axis=0), y / 10


def objective(model, X, y, weight=1.0):
    error = np.maximum(np.abs(y - model.predict(X)) - model.epsilon, 0)
    error = error if model.loss == "epsilon_insensitive" else error**2
    v = np.append(model.coef_, np.asarray(model.intercept_) / model.intercept_scaling)
    return 0.5 * v @ v + model.C * (weight * error).sum()


@pytest.mark.peer
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("epsilon", [0.0, 3.0])
def test_objective_beside_scikit_learn(options, epsilon):
    svm = pytest.importorskip("sklearn.svm")
    X, y = data()
    weight = np.arange(len(y)) % 3.0
    options = {**options, "epsilon": epsilon, "C": 0.1, "tol": 1e-5, "max_iter": 100_000}
    ours = LinearSVR(**options, random_state=0).fit(X, y, weight)
    theirs = svm.LinearSVR(**options, random_state=0).fit(X, y, weight)
    reached, peer = (objective(m, X, y, weight) for m in (ours, theirs))
    assert reached <= peer * (1 + 1e-6)
    assert ours.certificate_["objective"] == pytest.approx(reached, rel=1e-9)
    assert ours.coef_.shape == theirs.coef_.shape
    assert np.shape(ours.intercept_) == np.shape(theirs.intercept_)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=0.05)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_tube_wider_than_the_range_gives_zero(options):
    X, y = data()
    model = LinearSVR(**options, epsilon=np.abs(y).max()).fit(X, y)
    np.testing.assert_array_equal(model.coef_, 0)
    np.testing.assert_array_equal(model.intercept_, 0)
    assert model.certificate_["objective"] == 0


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_sign_of_the_target(options):
    X, y = data()
    one, other = (LinearSVR(**options, C=0.1, random_state=0).fit(X, s * y) for s in (1, -1))
    np.testing.assert_allclose(one.coef_, -other.coef_, atol=1e-2)


def test_sparse_samples():
    sparse = pytest.importorskip("scipy.sparse")
    X, y = data()
    X = np.where(X > 0.5, X, 0)
    for options in OPTIONS:
        dense = LinearSVR(**options, C=0.1, random_state=0).fit(X, y)
        model = LinearSVR(**options, C=0.1, random_state=0).fit(sparse.csr_matrix(X), y)
        np.testing.assert_allclose(model.coef_, dense.coef_, atol=1e-2)
        np.testing.assert_allclose(model.predict(sparse.csr_matrix(X)), model.predict(X))


def test_without_intercept():
    X, y = data()
    model = LinearSVR(fit_intercept=False, C=0.1).fit(X, y)
    assert model.intercept_ == 0.0
    np.testing.assert_allclose(model.predict(X), X @ model.coef_)


def test_what_is_refused():
    X, y = data()
    with pytest.raises(ValueError, match="Unsupported set of arguments.*dual=False"):
        LinearSVR(dual=False).fit(X, y)
    with pytest.raises(ValueError, match="'epsilon' parameter of LinearSVR must be"):
        LinearSVR(epsilon=-1.0).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="max_iter=1"):
        model = LinearSVR(max_iter=1, random_state=0).fit(X, y)
    assert model.n_iter_ == 1
