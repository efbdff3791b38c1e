"""Sparse samples in the estimators: the models of dense ones, SciPy's matrices in and out."""

import copy
import io
import os
import pickle
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import scratchml
from scratchml import model_selection, svm

sparse = pytest.importorskip("scipy.sparse")

KERNELS = ["linear", "poly", "rbf", "sigmoid"]
MODELS = {
    "SVC": {"C": 2.0},
    "NuSVC": {"nu": 0.8},
    "SVR": {"C": 2.0, "epsilon": 0.05},
    "NuSVR": {"C": 2.0, "nu": 0.4},
    "OneClassSVM": {"nu": 0.3},
}
FORMATS = ["bsr", "coo", "csc", "csr", "dia", "dok", "lil"]


def data(n=60, d=25, density=0.3, seed=0):
    """Samples with empty rows and columns, and targets of three classes.

    They are not negative, so that a plane keeps most of them from 0: OneClassSVM's linear problem
    has a solution that is not 0.
    """
    rng = np.random.default_rng(seed)
    X = rng.exponential(size=(n, d)) * (rng.random((n, d)) < density)
    X[[3, n // 2]] = 0.0
    X[:, [0, 7]] = 0.0
    return X, np.arange(n) % 3


def model(name, **params):
    return getattr(svm, name)(**{"gamma": 0.25, "tol": 1e-9} | MODELS[name] | params)


def values(fitted, X):
    """Whatever the model says with the most digits."""
    say = getattr(fitted, "decision_function", fitted.predict)
    return say(X)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", MODELS)
def test_the_same_as_dense(name, kernel):
    X, y = data()
    S = sparse.csr_matrix(X)
    dense, ours = model(name, kernel=kernel).fit(X, y), model(name, kernel=kernel).fit(S, y)
    known = ours.shape_fit_, ours.n_features_in_
    assert known == (dense.shape_fit_, dense.n_features_in_) == (X.shape, X.shape[1])
    scale = np.abs(values(dense, X)).max()
    np.testing.assert_allclose(values(ours, S), values(dense, X), rtol=0, atol=1e-6 * scale)
    np.testing.assert_allclose(values(ours, X), values(ours, S), rtol=0, atol=1e-12 * scale)
    for fitted in (ours.support_vectors_, ours.dual_coef_):
        assert type(fitted) is sparse.csr_matrix
    np.testing.assert_array_equal(ours.support_vectors_.toarray(), X[ours.support_])
    assert ours.dual_coef_.shape == (dense.dual_coef_.shape[0], len(ours.support_))
    assert isinstance(ours.intercept_, np.ndarray)
    assert ours.n_support_.sum() == len(ours.support_)
    if kernel == "linear":
        assert type(ours.coef_) is sparse.csr_matrix
        np.testing.assert_allclose(ours.coef_.toarray(), dense.coef_, rtol=0, atol=1e-6 * scale)
        if name in ("SVR", "NuSVR", "OneClassSVM"):
            product = (ours.dual_coef_ @ ours.support_vectors_).toarray()
            np.testing.assert_allclose(ours.coef_.toarray(), product, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.peer
def test_the_same_as_the_reference_library(name, kernel):
    reference = pytest.importorskip("sklearn.svm")
    X, y = data(seed=1)
    S = sparse.csr_array(X)
    ours = model(name, kernel=kernel, tol=1e-6, gamma="scale")
    theirs = getattr(reference, name)(**ours.get_params()).fit(S, y)
    ours.fit(S, y)
    if kernel == "sigmoid":  # not convex: there is more than one solution
        assert values(ours, S).shape == values(theirs, S).shape
        return
    scale = np.abs(values(theirs, S)).max()
    # LIBSVM solves a problem whose kernel values are rounded to single precision.
    np.testing.assert_allclose(values(ours, S), values(theirs, S), rtol=0, atol=1e-4 * scale)
    for attribute in ("support_vectors_", "dual_coef_", *["coef_"] * (kernel == "linear")):
        mine, other = getattr(ours, attribute), getattr(theirs, attribute)
        assert type(mine) is type(other)
        # not their number: one whose coefficient is nearly 0 is in or out by chance
        axis = 1 if attribute == "support_vectors_" else 0
        assert mine.shape[axis] == other.shape[axis]
    for one, other in ((ours, theirs), (theirs, ours)):  # what weighs in one is a vector of both
        weight = np.abs(one.dual_coef_.toarray()).max(axis=0)
        assert set(one.support_[weight > 1e-3 * weight.max()]) <= set(other.support_)
    if name == "SVC":
        np.testing.assert_array_equal(ours.predict(S), theirs.predict(S))


def messy(X):
    """The same matrix with columns out of order, entries stored in two parts, and stored zeros."""
    rng = np.random.default_rng(3)
    rows, columns = np.nonzero(X)
    part = X[rows, columns] / 2
    zeros = rng.integers(0, X.shape[0], 9), rng.integers(0, X.shape[1], 9)
    r, c = np.concatenate([rows, rows, zeros[0]]), np.concatenate([columns, columns, zeros[1]])
    v, order = np.concatenate([part, part, np.zeros(9)]), rng.permutation(2 * len(part) + 9)
    order = order[np.argsort(r[order], kind="stable")]
    indptr = np.searchsorted(r[order], np.arange(X.shape[0] + 1))
    return sparse.csr_matrix((v[order], c[order], indptr), shape=X.shape)


def test_every_format_gives_the_same_model():
    X, y = data()
    first = model("SVC").fit(sparse.csr_matrix(X), y)
    forms = [getattr(sparse, f + kind)(X) for f in FORMATS for kind in ("_matrix", "_array")]
    long = sparse.csr_array(X)
    long.indices, long.indptr = long.indices.astype(np.int64), long.indptr.astype(np.int64)
    for S in [*forms, long, messy(X)]:
        other = model("SVC").fit(S, y)
        np.testing.assert_array_equal(other.dual_coef_.toarray(), first.dual_coef_.toarray())
        np.testing.assert_array_equal(values(other, S), values(first, sparse.csr_matrix(X)))


def test_the_users_matrix_stays_as_it_is():
    X, y = data()
    S = messy(X)
    before = S.data.copy(), S.indices.copy(), S.indptr.copy()
    svm.SVC().fit(S, y).predict(S)
    for array, old in zip((S.data, S.indices, S.indptr), before, strict=True):
        np.testing.assert_array_equal(array, old)
        assert array.flags.writeable


def test_whole_numbers():
    X, y = data()
    counts = np.abs(X * 3).astype(np.int64)
    ours = model("SVC").fit(sparse.csr_array(counts), y)
    np.testing.assert_array_equal(
        values(ours, counts), values(model("SVC").fit(sparse.csr_array(counts * 1.0), y), counts)
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_nothing_but_zeros(kernel):
    y = np.arange(12) % 2
    ours = svm.SVC(kernel=kernel).fit(sparse.csr_matrix((12, 5)), y)
    dense = svm.SVC(kernel=kernel).fit(np.zeros((12, 5)), y)
    assert ours._kernel_ == dense._kernel_
    np.testing.assert_array_equal(values(ours, np.eye(5)), values(dense, np.eye(5)))


def test_gamma_scale_counts_the_zeros():
    X, y = data()
    ours = svm.SVC().fit(sparse.csr_matrix(X), y)
    assert ours._kernel_[1] == pytest.approx(1 / (X.shape[1] * X.var()), rel=1e-14)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_weights(kernel):
    X, y = data()
    weight = np.random.default_rng(0).integers(0, 3, len(y)).astype(float)
    params = {"kernel": kernel, "class_weight": {0: 3.0}}
    ours = model("SVC", **params).fit(sparse.csr_matrix(X), y, weight)
    dense = model("SVC", **params).fit(X, y, weight)
    assert set(ours.support_) <= set(np.flatnonzero(weight))
    scale = np.abs(values(dense, X)).max()
    np.testing.assert_allclose(values(ours, X), values(dense, X), rtol=0, atol=1e-6 * scale)


@pytest.mark.parametrize("name", MODELS)
def test_sparse_after_dense_is_refused(name):
    X, y = data()
    dense = model(name).fit(X, y)
    with pytest.raises(ValueError, match=f"cannot use sparse input in '{name}' trained on dense"):
        dense.predict(sparse.csr_matrix(X))


def test_refusals():
    X, y = data()
    with pytest.raises(TypeError, match="Sparse precomputed kernel matrices are not supported"):
        svm.SVC(kernel="precomputed").fit(sparse.csr_matrix(X @ X.T), y)
    ours = svm.SVC().fit(sparse.csr_matrix(X), y)
    with pytest.raises(ValueError, match="X has 3 features, but SVC is expecting 25"):
        ours.predict(sparse.csr_matrix((2, 3)))
    bad = sparse.csr_matrix(X)
    bad.data[5] = np.nan
    for method in (lambda: svm.SVC().fit(bad, y), lambda: ours.predict(bad)):
        with pytest.raises(ValueError, match="Input X contains NaN"):
            method()
    with pytest.raises(ValueError, match="numbers of samples"):
        svm.SVC().fit(sparse.csr_matrix(X), y[:-1])
    with pytest.raises(TypeError, match="Sparse data was passed for y"):
        svm.SVR().fit(X, sparse.csr_matrix(y[:, None]))


def test_what_a_fit_learned_cannot_be_changed_in_place():
    X, y = data()
    ours = model("SVC").fit(sparse.csr_matrix(X), y)
    with pytest.raises(ValueError, match="read-only"):
        ours.support_vectors_.data[:] = 0.0
    before = values(ours, X)
    ours.dual_coef_.data[:] = 0.0  # a matrix made for who asked
    np.testing.assert_array_equal(values(ours, X), before)


def test_what_a_fit_learned_can_be_exchanged():
    X, y = data()
    S = sparse.csr_matrix(X)
    ours, once = model("SVR").fit(S, y), model("SVR").fit(S, y)
    ours.dual_coef_ = 3 * once.dual_coef_
    expected = 3 * (values(once, X) - once.intercept_) + once.intercept_
    np.testing.assert_allclose(values(ours, X), expected, rtol=1e-12)
    ours.support_vectors_ = 2 * once.support_vectors_
    np.testing.assert_array_equal(ours.support_vectors_.toarray(), 2 * X[once.support_])
    broken = copy.copy(once._support_vectors_)
    broken.indices = broken.indices + 99
    ours._support_vectors_ = broken
    with pytest.raises(ValueError, match="SVR was altered: sparse samples are broken"):
        ours.predict(X)


def test_before_a_fit():
    for name in ("support_vectors_", "dual_coef_", "coef_"):
        assert not hasattr(svm.SVC(kernel="linear"), name)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_copies_and_files(kernel):
    X, y = data()
    S = sparse.csr_matrix(X)
    ours = model("SVC", kernel=kernel).fit(S, y)
    file = io.BytesIO()
    scratchml.save(ours, file)
    file.seek(0)
    for other in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours)), scratchml.load(file)):
        np.testing.assert_array_equal(values(other, S), values(ours, S))
        assert type(other.support_vectors_) is sparse.csr_matrix
        np.testing.assert_array_equal(
            other.support_vectors_.toarray(), ours.support_vectors_.toarray()
        )


ALONE = """
import sys
for name in ("scipy", "numba"):
    sys.modules[name] = None  # importing it now raises ImportError
import numpy as np
import scratchml
X, expected = np.load(sys.argv[1] + "/X.npy"), np.load(sys.argv[1] + "/values.npy")
model = scratchml.load(sys.argv[1] + "/model")
np.testing.assert_allclose(model.decision_function(X), expected, rtol=1e-12, atol=1e-12)
"""


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_a_file_predicts_with_numpy_alone(kernel, tmp_path):
    X, y = data()
    ours = model("SVC", kernel=kernel).fit(sparse.csr_matrix(X), y)
    scratchml.save(ours, tmp_path / "model")
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "values.npy", values(ours, X))
    root = str(Path(scratchml.__file__).parents[1])
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_callable_kernels_get_the_matrix_itself():
    X, y = data()
    S = sparse.lil_matrix(X)
    seen = []

    def kernel(A, B):
        seen.append((type(A), type(B)))
        return A @ B.T

    ours = svm.SVC(kernel=kernel, tol=1e-9).fit(S, y)
    assert set(seen) == {(sparse.lil_matrix, sparse.lil_matrix)}
    linear = svm.SVC(kernel="linear", tol=1e-9).fit(S, y)
    np.testing.assert_allclose(values(ours, S), values(linear, S), rtol=0, atol=1e-6)


def test_cross_validation():
    X, y = data(90)
    scores = [
        model_selection.cross_val_score(svm.SVC(kernel="linear", tol=1e-9), A, y, cv=3)
        for A in (X, sparse.csr_array(X))
    ]
    np.testing.assert_array_equal(*scores)


@pytest.mark.peer
def test_tags():
    pytest.importorskip("sklearn")
    for name in MODELS:
        assert getattr(svm, name)().__sklearn_tags__().input_tags.sparse
        assert not getattr(svm, name)(kernel="precomputed").__sklearn_tags__().input_tags.sparse


def test_many_features_take_no_room():
    """2,000 samples of a million features: 16 GB with their zeros."""
    rng = np.random.default_rng(0)
    n, d, per = 2_000, 1_000_000, 10
    S = sparse.csr_matrix(
        (rng.random(n * per), rng.integers(0, d, n * per), per * np.arange(n + 1)), shape=(n, d)
    )
    y = np.arange(n) % 2
    svm.SVC().fit(S[:40], y[:40]).predict(S)  # compiles
    tracemalloc.start()
    ours = svm.SVC().fit(S, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (ours.predict(S) == y).mean() > 0.9
    assert peak < 300e6
