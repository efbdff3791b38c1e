"""SVC and NuSVC: the reference library's figures, what changes nothing, and what is refused."""

import pickle

import numpy as np
import pytest

import scratchml
from scratchml._core.exceptions import ConvergenceWarning, NotFittedError
from scratchml.datasets import load_breast_cancer, load_digits, load_iris
from scratchml.svm import SVC, NuSVC

TIGHT = {"tol": 1e-9}
# With a duality gap of 1e-9 decision values may be off by sqrt(2e-9 K(x, x)); they are by less.
CLOSE = {"rtol": 1e-6, "atol": 1e-6}


def data(name):
    """Return scaled features and labels, few enough for the plain solver."""
    load = {"iris": load_iris, "cancer": load_breast_cancer, "digits": load_digits}[name]
    X, y = load(return_X_y=True)
    X, places = np.unique(X[:400], axis=0, return_index=True)  # repeated rows share a coefficient
    scale = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(scale > 0, scale, 1.0), y[places]


def toy(n=40, d=3, k=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    return rng.standard_normal((n, d)) + y[:, None], y


def assert_close(ours, theirs):
    """LIBSVM solves a problem whose kernel values are rounded to single precision."""
    atol = 1e-4 * max(1.0, abs(theirs).max())
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol)


SIX = np.array([[-2, -1], [-1, -1], [-1, -2], [1, 1], [1, 2], [2, 1]], dtype=float)
LABELS = np.array([1, 1, 1, 2, 2, 2])
both = pytest.mark.parametrize("cls", [SVC, NuSVC])


def tight(cls, **options):
    """Return a precise model; nu is such that there is a margin, and one intercept.

    With a small nu classes that overlap have no margin. Where half of nu times the samples of a
    pair is a whole number, all coefficients may end at bounds, and rounding decides the intercept.
    """
    return cls(**options, **TIGHT, **({"nu": 0.87} if cls is NuSVC else {}))


# ------------------------------------------------------------------------ the reference library

MODELS = {
    "linear": lambda lib: lib.SVC(kernel="linear", C=0.5, **TIGHT),
    "rbf": lambda lib: lib.SVC(C=2.0, **TIGHT),
    "poly": lambda lib: lib.SVC(kernel="poly", gamma=0.1, coef0=1.0, degree=2, **TIGHT),
    "sigmoid": lambda lib: lib.SVC(kernel="sigmoid", gamma=0.005, coef0=0.0, **TIGHT),
    "balanced": lambda lib: lib.SVC(class_weight="balanced", **TIGHT),
    "ovo": lambda lib: lib.SVC(gamma=0.2, decision_function_shape="ovo", **TIGHT),
    "ties broken": lambda lib: lib.SVC(gamma=0.2, break_ties=True, **TIGHT),
    "nu": lambda lib: lib.NuSVC(nu=0.23, **TIGHT),
    "nu linear": lambda lib: lib.NuSVC(nu=0.13, kernel="linear", **TIGHT),
}


@pytest.mark.peer
@pytest.mark.parametrize("name", ["iris", "cancer", "digits"])
@pytest.mark.parametrize("model", MODELS)
def test_figures_of_the_reference_library(model, name):
    library = pytest.importorskip("sklearn.svm")
    X, y = data(name)
    ours, theirs = MODELS[model](scratchml.svm).fit(X, y), MODELS[model](library).fit(X, y)
    for attribute in ("classes_", "n_support_", "shape_fit_", "class_weight_", "fit_status_"):
        np.testing.assert_array_equal(getattr(ours, attribute), getattr(theirs, attribute))
    np.testing.assert_array_equal(ours.support_, theirs.support_)
    for attribute in ("dual_coef_", "intercept_", "support_vectors_", "n_iter_", "n_support_"):
        assert getattr(ours, attribute).shape == getattr(theirs, attribute).shape
        assert getattr(ours, attribute).dtype == getattr(theirs, attribute).dtype
    np.testing.assert_array_equal(ours.support_vectors_, theirs.support_vectors_)
    assert_close(ours.dual_coef_, theirs.dual_coef_)
    assert_close(ours.intercept_, theirs.intercept_)
    if hasattr(theirs, "coef_"):
        assert_close(ours.coef_, theirs.coef_)
    assert_close(ours.decision_function(X), theirs.decision_function(X))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.peer
@pytest.mark.parametrize("name", ["rbf", "linear", "balanced", "nu"])
def test_weights_as_in_the_reference_library(name):
    library = pytest.importorskip("sklearn.svm")
    X, y = toy(60)
    weight = np.random.default_rng(1).uniform(0.5, 1.5, 60)
    weight[:3] = [0.0, -1.0, 0.0] if name != "nu" else 1.0  # there they stay as samples
    ours = MODELS[name](scratchml.svm).fit(X, y, weight)
    theirs = MODELS[name](library).fit(X, y, weight)
    # Where samples drop out, their support_ counts those that remain.
    np.testing.assert_array_equal(ours.support_vectors_, theirs.support_vectors_)
    np.testing.assert_array_equal(ours.support_vectors_, X[ours.support_])
    assert_close(ours.dual_coef_, theirs.dual_coef_)
    assert_close(ours.decision_function(X), theirs.decision_function(X))


# --------------------------------------------------------------------------------- by definition


@pytest.mark.parametrize("C", [1e-3, 1.0, 1e3])
def test_certificate_by_definition(C):
    X, y = toy(50, k=2)
    model = SVC(kernel="linear", C=C).fit(X, y)
    sign = 2.0 * y - 1
    primal = 0.5 * (model.coef_**2).sum()
    primal += C * np.maximum(0, 1 - sign * model.decision_function(X)).sum()
    b = model.dual_coef_[0]
    dual = np.abs(b).sum() - 0.5 * (model.coef_**2).sum()
    found = model.certificate_
    assert found["objective"] == pytest.approx(-dual, rel=1e-9)
    assert found["gap"] == pytest.approx(primal - dual, rel=1e-6, abs=1e-9 * primal)
    assert 0 <= found["violation"] <= model.tol
    assert abs(b.sum()) < 1e-9 * C
    assert (np.abs(b) <= C).all()
    assert model.fit_status_ == 0


def test_nu_bounds_the_errors_and_the_support():
    X, y = data("cancer")
    for nu in (0.1, 0.4):
        model = NuSVC(nu=nu, tol=1e-6).fit(X, y)
        margin = (2 * y - 1) * model.decision_function(X)
        assert (margin < 1 - 1e-4).mean() <= nu <= len(model.support_) / len(y) + 1e-9


def test_nu_is_C_in_other_words():
    """The solution of NuSVC is that of SVC with C the largest coefficient (1 / r)."""
    X, y = toy(60, k=2)
    nu = NuSVC(nu=0.5, **TIGHT).fit(X, y)
    c = SVC(C=abs(nu.dual_coef_).max(), **TIGHT).fit(X, y)
    np.testing.assert_allclose(nu.decision_function(X), c.decision_function(X), **CLOSE)


def test_certificates_and_iterations_of_each_pair():
    X, y = toy(60, k=4)
    model = SVC().fit(X, y)
    assert model.n_iter_.shape == (6,)
    assert {key: len(values) for key, values in model.certificate_.items()} == {
        "objective": 6, "gap": 6, "violation": 6
    }  # fmt: skip
    assert max(model.certificate_["violation"]) <= model.tol
    pair = np.isin(y, [1, 3])
    alone = SVC(gamma=model._kernel_[1]).fit(X[pair], y[pair])
    assert alone.certificate_["objective"] == pytest.approx(model.certificate_["objective"][4])


def test_two_points():
    model = SVC(kernel="linear").fit(SIX, LABELS)
    np.testing.assert_array_equal(model.support_, [1, 3])
    np.testing.assert_allclose(model.dual_coef_, [[-0.25, 0.25]], rtol=1e-12)
    np.testing.assert_allclose(model.coef_, [[0.5, 0.5]], rtol=1e-12)
    np.testing.assert_allclose(model.intercept_, [0.0], atol=1e-12)
    np.testing.assert_array_equal(model.n_support_, [1, 1])


def test_a_value_of_zero_is_the_second_class():
    model = SVC(kernel="linear").fit([[-1.0], [1.0]], [0, 1])
    np.testing.assert_array_equal(model.decision_function([[0.0]]), [0.0])
    np.testing.assert_array_equal(model.predict([[0.0], [-1e-9]]), [1, 0])


def test_infinite_C_is_a_hard_margin():
    X, y = toy(20, k=2)
    X[y == 1] += 10
    hard = SVC(kernel="linear", C=np.inf, **TIGHT).fit(X, y)
    large = SVC(kernel="linear", C=1e6, **TIGHT).fit(X, y)
    np.testing.assert_allclose(hard.coef_, large.coef_, **CLOSE)
    assert (2 * y - 1) @ np.sign(hard.decision_function(X)) == 20


# ---------------------------------------------------------------------------- what changes nothing


@both
@pytest.mark.parametrize("k", [2, 3])
def test_order_of_the_rows(cls, k):
    X, y = toy(k=k)
    order = np.random.default_rng(1).permutation(len(y))
    a, b = tight(cls).fit(X, y), tight(cls).fit(X[order], y[order])
    np.testing.assert_allclose(a.decision_function(X), b.decision_function(X), **CLOSE)
    np.testing.assert_array_equal(np.sort(order[b.support_]), np.sort(a.support_))


@both
def test_names_of_the_classes(cls):
    X, y = toy(k=2)
    a, b = tight(cls).fit(X, y), tight(cls).fit(X, 1 - y)
    np.testing.assert_allclose(a.decision_function(X), -b.decision_function(X), **CLOSE)
    X, y = toy(k=3)
    named = cls().fit(X, np.array(["x", "a", "m"])[y])
    np.testing.assert_array_equal(named.classes_, ["a", "m", "x"])
    assert set(named.predict(X)) <= {"a", "m", "x"}
    flags = cls().fit(X[y < 2], y[y < 2].astype(bool))
    assert flags.predict(X).dtype == bool


@both
@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_precomputed_and_callable_kernels(cls, kernel, k):
    X, y = toy(k=k)
    new = toy(15, seed=1)[0]

    def values(A, B):
        distances = ((A[:, None] - B) ** 2).sum(axis=2)
        return A @ B.T if kernel == "linear" else np.exp(-0.2 * distances)

    a = tight(cls, kernel=kernel, gamma=0.2).fit(X, y)
    b = tight(cls, kernel="precomputed").fit(values(X, X), y)
    c = tight(cls, kernel=values).fit(X, y)
    expected = a.decision_function(new)
    np.testing.assert_allclose(b.decision_function(values(new, X)), expected, **CLOSE)
    np.testing.assert_allclose(c.decision_function(new), expected, **CLOSE)
    np.testing.assert_array_equal(b.support_, a.support_)
    assert b.support_vectors_.shape == c.support_vectors_.shape == (0, 0)
    assert not hasattr(c, "n_features_in_")
    # Only the columns of support vectors count.
    holes = np.full((15, len(X)), 1e9)
    holes[:, b.support_] = values(new, X)[:, b.support_]
    np.testing.assert_allclose(b.decision_function(holes), expected, **CLOSE)


def test_folds_of_a_kernel_matrix():
    """Of a precomputed matrix a fold takes rows and columns, here and in the reference library."""
    X, y = toy(60)
    expected = scratchml.model_selection.cross_val_score(SVC(kernel="linear"), X, y, cv=3)
    model = SVC(kernel="precomputed")
    found = scratchml.model_selection.cross_val_score(model, X @ X.T, y, cv=3)
    np.testing.assert_array_equal(found, expected)
    library = pytest.importorskip("sklearn.model_selection")
    np.testing.assert_array_equal(library.cross_val_score(model, X @ X.T, y, cv=3), expected)


def test_a_callable_kernel_of_words():
    words = ["ab", "abb", "b", "bb", "a", "aa"]
    y = [0, 1, 1, 1, 0, 0]

    def common(A, B):
        return [[a.count("a") * b.count("a") + a.count("b") * b.count("b") for b in B] for a in A]

    model = SVC(kernel=common).fit(words, y)
    counts = [[w.count("a"), w.count("b")] for w in words]
    expected = SVC(kernel="linear").fit(counts, y).predict(counts)
    np.testing.assert_array_equal(model.predict(words), expected)
    words[0] = None  # the fit has its own list
    np.testing.assert_array_equal(model.predict(["abb"]), [1])


@both
def test_weights_are_repeated_rows(cls):
    X, y = toy(30)
    weight = np.random.default_rng(2).integers(0, 4, 30)
    repeated = np.repeat(np.arange(30), weight)
    a = tight(cls, gamma=0.3).fit(X, y, weight)
    b = tight(cls, gamma=0.3).fit(X[repeated], y[repeated])
    np.testing.assert_allclose(a.decision_function(X), b.decision_function(X), **CLOSE)
    assert (weight[a.support_] > 0).all()


def test_weights_are_C():
    X, y = toy(30)
    a = SVC(C=2.0).fit(X, y)
    b = SVC(C=200.0).fit(X, y, np.full(30, 0.01))
    c = SVC(C=1.0, class_weight={0: 2, 1: 2, 2: 2}).fit(X, y)
    np.testing.assert_allclose(b.dual_coef_, a.dual_coef_, rtol=1e-9)
    np.testing.assert_array_equal(c.dual_coef_, a.dual_coef_)
    np.testing.assert_array_equal(SVC(C=2.0).fit(X, y, 1.0).dual_coef_, a.dual_coef_)


def test_weights_of_classes_are_weights_of_nu():
    X, y = toy(30, k=2)
    a = NuSVC(class_weight={0: 1.0, 1: 1.5}).fit(X, y)
    b = NuSVC().fit(X, y, np.where(y == 1, 1.5, 1.0))
    np.testing.assert_array_equal(a.dual_coef_, b.dual_coef_)
    uneven = np.arange(30) < 25
    with pytest.raises(ValueError, match="infeasible"):
        NuSVC().fit(X, uneven)
    NuSVC(class_weight="balanced").fit(X, uneven)


def test_negative_weights_leave_samples_out():
    X, y = toy(30)
    weight = np.ones(30)
    weight[:6] = [0, -1, -0.5, 0, -2, 0]
    a, b = SVC(gamma=0.3).fit(X, y, weight), SVC(gamma=0.3).fit(X[6:], y[6:])
    np.testing.assert_array_equal(a.support_ - 6, b.support_)
    np.testing.assert_allclose(a.dual_coef_, b.dual_coef_, rtol=1e-9)


def test_a_class_without_weight_never_wins():
    """Its machines know one class: no support vectors, and an intercept at that class's margin."""
    X, y = toy(40, k=4)
    model = SVC(gamma=0.3).fit(X, y, y != 2)
    np.testing.assert_array_equal(model.classes_, [0, 1, 2, 3])
    assert model.n_support_[2] == 0
    assert 2 not in model.predict(X)
    ovo = model.set_params(decision_function_shape="ovo").decision_function(X)
    np.testing.assert_array_equal(ovo[:, [1, 3]], 1.0)  # (0, 2) and (1, 2)
    np.testing.assert_array_equal(ovo[:, 5], -1.0)  # (2, 3)
    rest = SVC(gamma=0.3).fit(X[y != 2], y[y != 2])
    np.testing.assert_array_equal(model.predict(X), rest.predict(X))
    lonely = SVC(gamma=0.3).fit(X, y, y < 2)  # the pair (2, 3) has no sample
    assert set(lonely.predict(X)) <= {0, 1}


# ---------------------------------------------------------------------------- shape of values


@both
def test_shape_of_the_decision_function(cls):
    for k, ovr, ovo in ((2, (40,), (40,)), (3, (40, 3), (40, 3)), (5, (40, 5), (40, 10))):
        X, y = toy(k=k)
        model = cls(nu=0.3) if cls is NuSVC else cls()
        assert model.fit(X, y).decision_function(X).shape == ovr
        model.decision_function_shape = "ovo"
        assert model.decision_function(X).shape == ovo


def test_ties():
    X, y = toy(60, k=5)
    model = SVC(gamma=1e6).fit(X, y)  # far from all samples the values are the intercepts
    far = X + 100.0
    scores = model.decision_function(far)
    model.break_ties = True
    np.testing.assert_array_equal(model.predict(far), scores.argmax(axis=1))
    model.decision_function_shape = "ovo"
    with pytest.raises(ValueError, match="break_ties must be False when decision_function_shape"):
        model.predict(far)


def test_coef_is_there_for_the_linear_kernel_only():
    X, y = toy(k=4)
    model = SVC(kernel="linear", decision_function_shape="ovo")
    assert not hasattr(model, "coef_")
    model.fit(X, y)
    values = X @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.decision_function(X), values, rtol=1e-12, atol=1e-12)
    with pytest.raises(ValueError, match="read-only"):
        model.coef_[0] = 0
    with pytest.raises(AttributeError):
        model.coef_ = 0
    with pytest.raises(AttributeError, match="kernel='linear'"):
        SVC().fit(X, y).coef_


# ----------------------------------------------------------------------------- exchanged attributes


def test_prediction_follows_exchanged_attributes():
    X, y = toy(k=2)
    model = SVC().fit(X, y)
    before = model.decision_function(X)
    with pytest.raises(ValueError, match="read-only"):
        model.dual_coef_[0, 0] = 5.0
    model.dual_coef_ = 2 * model.dual_coef_
    model.intercept_ = 2 * model.intercept_
    np.testing.assert_allclose(model.decision_function(X), 2 * before, rtol=1e-12)
    model.support_vectors_ = model.support_vectors_ + 1
    np.testing.assert_allclose(model.decision_function(X + 1), 2 * before, rtol=1e-9, atol=1e-9)


def test_parameters_set_after_the_fit_change_no_prediction():
    X, y = toy()
    model = SVC(kernel="poly", degree=2).fit(X, y)
    before = model.decision_function(X)
    model.set_params(degree=5, kernel="rbf", gamma=3.0, coef0=7.0)
    np.testing.assert_array_equal(model.decision_function(X), before)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("support_vectors_", np.ones((2, 9))),
        ("dual_coef_", np.ones((1, 3))),
        ("intercept_", None),
        ("n_support_", np.array([1, 1000000])),
        ("_kernel_", ("rbf", "1", 0.0, 3)),
        ("_kernel_", ("other", 1.0, 0.0, 3)),
        ("_kernel_", None),
        ("shape_fit_", (6, 3)),
        ("shape_fit_", 6),
    ],
)
def test_altered_representation(name, value):
    model = SVC().fit(SIX, LABELS)
    model.predict(SIX)
    setattr(model, name, value)
    with pytest.raises(ValueError, match="The internal representation of SVC was altered: "):
        model.predict(SIX)


def test_a_missing_attribute():
    model = SVC().fit(SIX, LABELS)
    del model.n_support_
    with pytest.raises(ValueError, match="altered: 'n_support_' is missing"):
        model.predict(SIX)


def test_callable_kernels_are_pickled_but_not_saved(tmp_path):
    X, y = toy()
    model = SVC(kernel=np.inner).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.decision_function(X), model.decision_function(X))
    with pytest.raises(TypeError, match=r"SVC\.kernel.*inner"):
        scratchml.save(model, tmp_path / "model")


# ----------------------------------------------------------------------------------- messages


def test_what_an_end_before_time_says(capsys):
    X, y = toy(k=2)
    with pytest.warns(
        ConvergenceWarning,
        match=r"Solver terminated early \(max_iter=3\)\..* Largest KKT violation: [\d.e+-]+, "
        r"tolerance: 1\.000e-03; duality gap: [\d.e+-]+\.",
    ):
        model = SVC(max_iter=3).fit(X, y)
    assert model.fit_status_ == 1
    assert model.certificate_["violation"] > model.tol
    np.testing.assert_array_equal(model.n_iter_, [3])
    assert not capsys.readouterr().out


def test_verbose(capsys):
    X, y = toy()
    SVC(verbose=True).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("SVC: ") and "duality gap" in line for line in lines)


K = SIX @ SIX.T
BAD_FITS = {
    "a matrix that is not square": (
        SVC(kernel="precomputed"), (SIX, LABELS), r"square matrix; X has the shape \(6, 2\)",
    ),
    "a kernel of a wrong shape": (
        SVC(kernel=lambda A, B: A), (SIX, LABELS),
        r"callable kernel must return a matrix of shape \(6, 6\).*returned the shape \(6, 2\)",
    ),
    "a kernel that returns a number": (
        SVC(kernel=lambda A, B: 1.0), (SIX, LABELS), r"returned the shape \(\)",
    ),
    "a kernel with NaN": (
        SVC(kernel=lambda A, B: K * np.nan), (SIX, LABELS), r"kernel\(X, Y\) contains NaN",
    ),
    "a callable kernel and few labels": (
        SVC(kernel=np.inner), (SIX, LABELS[:5]), r"inconsistent numbers of samples: \[6, 5\]",
    ),
    "one class": (SVC(), (SIX, np.ones(6)), "at least 2 classes, got only one class: 1.0|np.float"),
    "no positive weight": (
        SVC(), (SIX, LABELS, [0, -1, 0, 0, 0, 0]), "all samples have zero or negative weights",
    ),
    "weight in one class only": (
        SVC(), (SIX, LABELS, [0, -1, 0, 1, 1, 1]),
        "all samples with positive weights belong to the same class",
    ),
    "a class of weight zero": (
        SVC(class_weight={1: 0.0}), (SIX, LABELS), "positive weights belong to the same class",
    ),
    "a negative class weight": (
        SVC(class_weight={1: -1.0}), (SIX, LABELS), "class_weight must hold finite weights >= 0",
    ),
    "infeasible nu": (
        NuSVC(nu=0.9), (SIX[:5], LABELS[:5]),
        r"specified nu is infeasible: from two classes of weights 2 and 3, nu=0\.9 takes 2\.25 "
        r"each\. Here it must be at most 0\.8\.",
    ),
    "nu and a class without weight": (
        NuSVC(), (SIX, LABELS, [1, 1, 1, 0, -1, 0]), "specified nu is infeasible",
    ),
    "classes without a margin": (
        NuSVC(kernel="linear"), (np.r_[SIX[:2], SIX[:2]], [0, 0, 1, 1]), "are not finite",
    ),
    "huge values": (SVC(), (SIX * 1e300, LABELS), "dual coefficients or intercepts are not finite"),
    "tiny values": (SVC(), (SIX * 1e-158, LABELS), "or intercepts are not finite"),
    "values whose powers overflow": (
        SVC(kernel="poly", gamma=1.0, degree=9), (SIX * 1e100, LABELS), "are not finite",
    ),
    "C is zero": (SVC(C=0.0), (SIX, LABELS), r"'C' parameter of SVC must be .*\(0, inf\]"),
    "gamma is zero": (SVC(gamma=0.0), (SIX, LABELS), "'gamma' parameter of SVC must be"),
    "an unknown kernel": (SVC(kernel="cubic"), (SIX, LABELS), "'kernel' parameter of SVC"),
    "nu is large": (NuSVC(nu=1.1), (SIX, LABELS), r"'nu' parameter of NuSVC.*\(0, 1\]"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FITS)
def test_bad_fits(case):
    model, args, message = BAD_FITS[case]
    with pytest.raises(ValueError, match=message):
        model.fit(*args)
    with pytest.raises(NotFittedError):
        model.predict(SIX)


def test_bad_predictions():
    model = SVC(kernel="precomputed").fit(K, LABELS)
    with pytest.raises(ValueError, match="X has 2 features, but SVC is expecting 6"):
        model.predict(SIX)
    model = SVC(kernel=lambda A, B: K[: len(A)]).fit(SIX, LABELS)
    np.testing.assert_array_equal(model.predict(SIX[:4]), LABELS[:4])
    model.kernel = lambda A, B: K[:, : len(A)]
    with pytest.raises(ValueError, match=r"shape \(4, 6\).*the shape \(6, 4\)"):
        model.predict(SIX[:4])
