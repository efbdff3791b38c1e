"""LinearSVC and l1_min_c: options, all classes, L1 penalty, scikit-learn beside them."""

import numpy as np
import pytest

import scratchml
from scratchml._core.exceptions import ConvergenceWarning
from scratchml.datasets import load_breast_cancer, load_digits, load_iris
from scratchml.svm import LinearSVC, l1_min_c
from scratchml.svm.crammer_singer import sample_minimum, sample_violation

IRIS = load_iris(return_X_y=True)
OPTIONS = [
    {},
    {"loss": "hinge"},
    {"loss": "hinge", "dual": True},
    {"dual": True},
    {"dual": False},
    {"penalty": "l1"},
    {"multi_class": "crammer_singer"},
]


def scaled(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def objectives(model, X, y, weight=1.0):
    """Return the sum of what is minimised, from the coefficients alone."""
    scores = np.atleast_2d(np.asarray(model.decision_function(X)).T)
    K = len(model.classes_)
    V = np.hstack([model.coef_, np.reshape(model.intercept_, (-1, 1)) / model.intercept_scaling])
    if model.multi_class == "crammer_singer" and K > 2:
        margin = scores + (np.arange(K)[:, None] != y)
        own = scores[y, np.arange(len(y))]
        return 0.5 * (V**2).sum() + model.C * (weight * (margin.max(axis=0) - own)).sum()
    sign = np.where(np.arange(K)[:, None] == y, 1, -1)[-1:] if K == 2 else None
    sign = np.where(np.arange(K)[:, None] == y, 1, -1) if sign is None else sign
    loss = np.maximum(0, 1 - sign * scores)
    loss = loss if model.loss == "hinge" else loss**2
    size = np.abs(V).sum() if model.penalty == "l1" else 0.5 * (V**2).sum()
    return size + model.C * (weight * loss).sum()


@pytest.mark.peer
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("load", [load_iris, load_breast_cancer])
def test_objective_beside_scikit_learn(load, options):
    svm = pytest.importorskip("sklearn.svm")
    X, y = load(return_X_y=True)
    X = scaled(X)
    tight = {"tol": 1e-6, "max_iter": 20_000, "random_state": 0}
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = LinearSVC(**options, **tight).fit(X, y)
        theirs = svm.LinearSVC(**options, **tight).fit(X, y)
    if "multi_class" in options and len(ours.classes_) == 2:
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=2e-2)
        return
    reached, peer = objectives(ours, X, y), objectives(theirs, X, y)
    assert reached <= peer * (1 + 1e-6)
    assert np.sum(ours.certificate_["objective"]) == pytest.approx(reached, rel=1e-9)
    assert reached - np.sum(ours.certificate_["gap"]) <= peer * (1 + 1e-9)
    if options.get("penalty") != "l1":
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-2)


@pytest.mark.peer
@pytest.mark.parametrize("options", [{}, {"loss": "hinge"}, {"multi_class": "crammer_singer"}])
@pytest.mark.parametrize("weights", ["balanced", {0: 3.0, 2: 0.5}])
def test_weights_are_scikit_learns(options, weights):
    svm = pytest.importorskip("sklearn.svm")
    X, y = scaled(IRIS[0]), IRIS[1]
    sample_weight = np.arange(len(y)) % 3 + 0.5
    options = {**options, "tol": 1e-7, "class_weight": weights, "max_iter": 100_000}
    ours = LinearSVC(**options, random_state=0).fit(X, y, sample_weight)
    theirs = svm.LinearSVC(**options, random_state=0).fit(X, y, sample_weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=2e-3)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=2e-3)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_certificates(options):
    X, y = scaled(IRIS[0]), IRIS[1]
    model = LinearSVC(**options, random_state=0, max_iter=20_000).fit(X, y)
    gap, objective = (np.sum(model.certificate_[k]) for k in ("gap", "objective"))
    assert -1e-12 * objective <= gap <= 1e-3 * objective
    assert objective == pytest.approx(objectives(model, X, y), rel=1e-9)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_threads_change_no_bit(options):
    X, y = load_digits(return_X_y=True)
    X = X[:300]
    coefs = []
    for n in (1, 2, 8):
        with scratchml.set_num_threads(n):
            model = LinearSVC(**options, random_state=0, C=1e-3).fit(X, y[:300])
        coefs.append(np.hstack([model.coef_, model.intercept_[:, None]]))
    np.testing.assert_array_equal(coefs[0], coefs[1])
    np.testing.assert_array_equal(coefs[0], coefs[2])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_sparse_samples(options):
    sparse = pytest.importorskip("scipy.sparse")
    X, y = load_digits(return_X_y=True)
    X, y = np.where(X > 8, X, 0)[:200] / 16, y[:200]
    dense = LinearSVC(**options, random_state=0).fit(X, y)
    model = LinearSVC(**options, random_state=0).fit(sparse.csc_matrix(X), y)
    atol = 1e-2 if "multi_class" in options or options.get("dual") else 1e-6
    np.testing.assert_allclose(model.coef_, dense.coef_, atol=atol)
    np.testing.assert_allclose(
        model.decision_function(sparse.csr_matrix(X)), model.decision_function(X), atol=1e-12
    )
    np.testing.assert_array_equal(model.predict(sparse.csr_matrix(X)), model.predict(X))


def test_many_columns_share_a_preconditioner():
    """From 257 columns on; the certificate does not care how the solution was found."""
    random = np.random.default_rng(0)
    X, y = random.standard_normal((700, 300)), random.integers(0, 3, 700)
    model = LinearSVC().fit(X, y)
    how_good = model.certificate_
    assert (np.array(how_good["gap"]) <= 1e-8 * np.array(how_good["objective"])).all()


def test_l1_leaves_few_coefficients():
    X, y = scaled(load_breast_cancer().data), load_breast_cancer().target
    model = LinearSVC(penalty="l1", C=0.01).fit(X, y)
    assert 0 < np.count_nonzero(model.coef_) < 15
    assert model.certificate_["gap"] <= 1e-6 * model.certificate_["objective"]


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_l1_min_c(fit_intercept):
    X, y = IRIS
    C = l1_min_c(X, y, fit_intercept=fit_intercept, intercept_scaling=2.0)
    options = {"penalty": "l1", "fit_intercept": fit_intercept, "intercept_scaling": 2.0}
    empty, some = (LinearSVC(C=C * t, tol=1e-8, **options).fit(X, y) for t in (0.999, 1.001))
    assert not empty.coef_.any()
    assert not empty.intercept_.any()
    assert some.coef_.any() or some.intercept_.any()
    assert l1_min_c(X, y, loss="log") == 4 * l1_min_c(X, y)
    with pytest.raises(ValueError, match="Ill-posed"):
        l1_min_c(np.zeros((4, 2)), [0, 1, 0, 1])
    with pytest.raises(ValueError, match="'loss' parameter of l1_min_c"):
        l1_min_c(X, y, loss="hinge")


def test_joint_machine_of_two_classes_is_the_hinge():
    X, y = scaled(IRIS[0][50:]), IRIS[1][50:]
    joint = LinearSVC(multi_class="crammer_singer", C=0.5, tol=1e-8).fit(X, y)
    hinge = LinearSVC(loss="hinge", C=1.0, tol=1e-8).fit(X, y)
    np.testing.assert_allclose(joint.coef_, hinge.coef_, atol=1e-6)


def test_violation_of_a_sample():
    G, alpha = np.array([0.5, 2.0, 1.0]), np.zeros(3)
    assert sample_violation.py_func(G, alpha, 0, 1.0) == 1.5  # class 0 may grow at class 1's cost
    assert sample_violation.py_func(G, alpha, 1, 1.0) == -1.0  # 1 alone may grow: slack 2 - 1
    assert sample_violation.py_func(G, np.array([1.0, -1.0, 0.0]), 0, 1.0) == -1.0


def test_minimum_of_a_sample():
    """The three slopes of the classes that may move end equal; a bound is met exactly."""
    new, heights = np.empty(3), np.empty(3)
    G, alpha, h = np.array([0.0, 1.0, 0.5]), np.zeros(3), 2.0
    sample_minimum.py_func(G, alpha, 0, 9.0, h, new, heights)
    slopes = G + h * (new - alpha)
    assert new.sum() == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(slopes[new < [9, 0, 0]], slopes[0], rtol=1e-14)
    sample_minimum.py_func(np.array([0.0, 9.0, 0.0]), alpha, 0, 1.0, h, new, heights)
    np.testing.assert_array_equal(new, [1.0, -1.0, 0.0])
    sample_minimum.py_func(np.array([0.0, 9.0, 0.0]), alpha, 0, 1.0, 0.0, new, heights)
    np.testing.assert_array_equal(new, [1.0, -1.0, 0.0])


@pytest.mark.parametrize(
    "options",
    [
        {"penalty": "l1", "loss": "hinge"},
        {"loss": "hinge", "dual": False},
        {"penalty": "l1", "dual": True},
    ],
)
def test_what_does_not_go_together(options):
    with pytest.raises(ValueError, match="Unsupported set of arguments.*penalty=.*loss=.*dual="):
        LinearSVC(**options).fit(*IRIS)


@pytest.mark.parametrize("options", [o for o in OPTIONS if "multi_class" not in o], ids=str)
def test_too_few_iterations(options):
    with pytest.warns(ConvergenceWarning, match=r"max_iter=1, .*gap is"):
        model = LinearSVC(**options, max_iter=1, random_state=0).fit(*IRIS)
    assert model.n_iter_ == 1


def test_one_class_and_overflow():
    with pytest.raises(ValueError, match="at least 2 classes in y, but y contains only one"):
        LinearSVC().fit([[1.0], [2.0]], ["a", "a"])
    with pytest.raises(ValueError, match="not finite: squares of X overflow"):
        LinearSVC().fit([[1e200], [-2e200], [3e200]], [0, 1, 0])


def test_intercept():
    X, y = IRIS[0] + 5, IRIS[1] == 1
    plain, strong = (LinearSVC(intercept_scaling=s, tol=1e-8).fit(X, y) for s in (1.0, 1000.0))
    none = LinearSVC(fit_intercept=False).fit(X, y)
    assert none.intercept_ == 0
    assert abs(plain.intercept_) < abs(strong.intercept_)
    penalised = 0.5 * (plain.coef_**2).sum() + 0.5 * plain.intercept_**2
    assert penalised < plain.certificate_["objective"]


def test_verbose(capsys):
    LinearSVC(verbose=1).fit(*IRIS)
    assert capsys.readouterr().out.count("LinearSVC: {'objective'") == 3
