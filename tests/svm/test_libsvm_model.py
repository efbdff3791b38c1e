"""LIBSVM's model files: its own predictions from its own files, round trips, damaged files."""

import io
import json
import os
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.svm import (
    SVC,
    SVR,
    NuSVC,
    NuSVR,
    OneClassSVM,
    load_libsvm_model,
    save_libsvm_model,
)
from tests.svm.libsvm_models import CASES, FOLDER, P, problem

ANSWERS = json.loads((FOLDER / "predictions.json").read_text())
named = pytest.mark.parametrize("name", CASES)


def loaded(name, **options):
    X = problem(name)[0]
    return load_libsvm_model(FOLDER / f"{name}.model", n_features=X.shape[1], **options)


def decisions(model, X):
    """Decision values of all machines, (n, P)."""
    if not hasattr(model, "decision_function"):
        return model.predict(X)[:, np.newaxis]
    if hasattr(model, "classes_"):
        model.decision_function_shape = "ovo"
    return model.decision_function(X).reshape(X.shape[0], -1)


def saved(model):
    file = io.BytesIO()
    save_libsvm_model(model, file)
    return file.getvalue()


def read(text, **options):
    return load_libsvm_model(io.BytesIO(text), **options)


# -------------------------------------------------------------------------- files that LIBSVM wrote


@named
def test_the_same_decisions_as_libsvm(name):
    model = loaded(name, sort_classes=False)
    expected = np.array(ANSWERS[name]["decisions"])
    if hasattr(model, "classes_") and len(model.classes_) == 2:
        expected = -expected  # ours are positive for the second class
    scale = 1 + np.abs(model.dual_coef_).sum()  # the size of what is summed
    found = decisions(model, problem(name)[2])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * scale)


@named
def test_the_same_predictions_as_svm_predict(name):
    predicted = loaded(name, sort_classes=False).predict(problem(name)[2])
    np.testing.assert_allclose(predicted, ANSWERS[name]["predicted"], rtol=1e-12, atol=1e-12)


CLASSIFIERS = [name for name, (labels, _) in CASES.items() if labels]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_sorted_classes_differ_from_svm_predict_in_ties_of_votes_only(name):
    X, (_, answers) = problem(name)[2], (None, ANSWERS[name])
    model = loaded(name)
    assert (np.diff(model.classes_) > 0).all()
    labels = np.array(loaded(name, sort_classes=False).classes_)
    votes = np.zeros((len(X), len(labels)), dtype=int)
    pairs = [(i, j) for i in range(len(labels)) for j in range(i + 1, len(labels))]
    for (i, j), d in zip(pairs, np.array(answers["decisions"]).T, strict=True):
        votes[np.arange(len(X)), np.where(d > 0, i, j)] += 1
    best = votes == votes.max(axis=1, keepdims=True)
    for k, label in enumerate(model.predict(X)):
        assert label == min(labels[best[k]])  # the first when sorted
    clear = best.sum(axis=1) == 1
    assert (model.predict(X)[clear] == np.array(answers["predicted"])[clear]).all()


def test_the_stored_cases_have_ties():
    X = problem("c_svc_poly")[2]
    assert (loaded("c_svc_poly").predict(X) != ANSWERS["c_svc_poly"]["predicted"]).any()


MADE = {  # kernels whose matrix is positive definite: the coefficients are unique
    "c_svc_rbf": lambda: SVC(gamma=0.5, C=2, tol=1e-6),
    "c_svc_signs": lambda: SVC(gamma=0.5, tol=1e-6),
    "c_svc_four": lambda: SVC(gamma=0.5, tol=1e-6),
    "c_svc_probability": lambda: SVC(gamma=1.0, tol=1e-6),
    "c_svc_precomputed": lambda: SVC(kernel="precomputed", tol=1e-6),
    "one_class_rbf": lambda: OneClassSVM(gamma=0.5, nu=0.3, tol=1e-6),
    "nu_svr_rbf": lambda: NuSVR(gamma=0.5, C=3, tol=1e-6),
}


@pytest.mark.parametrize("name", MADE)
def test_attributes_are_those_of_a_fit(name):
    """Classes sorted, signs, orders and dtypes; only what a file cannot know may be missing."""
    X, y, _ = problem(name)
    fitted, model = MADE[name]().fit(X, y), loaded(name)
    missing = set(vars(fitted)) - set(vars(model))
    assert missing == {"certificate_", "n_iter_", "fit_status_"}
    assert set(vars(model)) <= set(vars(fitted))
    for key in ("classes_", "n_support_", "dual_coef_", "intercept_", "offset_", "class_weight_"):
        if hasattr(fitted, key):
            a, b = getattr(model, key), getattr(fitted, key)
            assert (a.dtype, a.shape, a.flags.writeable) == (b.dtype, b.shape, b.flags.writeable)
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4, err_msg=key)  # both stop early
    assert model.support_vectors_.shape == fitted.support_vectors_.shape
    if fitted.kernel == "precomputed":
        np.testing.assert_array_equal(model.support_, fitted.support_)
    else:
        np.testing.assert_array_equal(model.support_vectors_, fitted.support_vectors_)
    assert (model.kernel, model.coef0) == (fitted.kernel, fitted.coef0)
    assert model._kernel_[0] == fitted._kernel_[0]
    assert model.n_features_in_ == fitted.n_features_in_


@named
def test_what_was_read_is_written_the_same(name):
    """But for parameters of probabilities, spaces at the ends of lines, and the sign of zero."""
    kept = [
        re.sub(r"(?<!\S)-0(?!\S)", "0", line.rstrip())
        for line in (FOLDER / f"{name}.model").read_text().splitlines()
        if not line.startswith("prob")
    ]
    assert saved(loaded(name, sort_classes=False)).decode().splitlines() == kept


# ------------------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid", "precomputed"])
@pytest.mark.parametrize("make", [SVC, NuSVC, SVR, NuSVR, OneClassSVM])
def test_a_round_trip_changes_no_bit(make, kernel):
    rng = np.random.RandomState(1)
    X = rng.standard_normal((40, 5))
    X = X @ X.T if kernel == "precomputed" else X
    y = np.arange(40) % 3 - 1
    model = make(kernel=kernel, coef0=0.5).fit(X, y)
    text = saved(model)
    back = read(text, n_features=X.shape[1])
    assert type(back) is make
    for key in ("dual_coef_", "intercept_", "n_support_", "support_vectors_", "classes_"):
        if hasattr(model, key):
            a, b = getattr(back, key), getattr(model, key)
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(decisions(back, X), decisions(model, X))
    assert saved(back) == text


@pytest.mark.peer
@pytest.mark.parametrize("name", ["SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM"])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_scikit_learns_models_too(name, sparse, n_classes):
    svm = pytest.importorskip("sklearn.svm")
    rng = np.random.RandomState(1)
    X, y = rng.standard_normal((40, 3)) * (rng.rand(40, 3) < 0.8), np.arange(40) % n_classes
    given = pytest.importorskip("scipy.sparse").csr_array(X) if sparse else X
    model = getattr(svm, name)(gamma="scale").fit(given, y)
    back = read(saved(model))
    theirs = model.predict(X) if "SVR" in name else model.decision_function(X)
    ours = back.predict(X) if "SVR" in name else back.decision_function(X)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in CASES if "precomputed" not in name])
def test_sparse_support_vectors(name):
    """They are written without SciPy, and a file of 2e9 columns takes little memory."""
    X = problem(name)[2]
    dense, sparse = loaded(name), loaded(name, sparse=True)
    scale = 1 + np.abs(dense.dual_coef_).sum()
    np.testing.assert_allclose(decisions(sparse, X), decisions(dense, X), atol=1e-14 * scale)
    assert saved(sparse) == saved(dense)
    assert read(GOOD.replace(b"3:2", b"2000000000:2"), sparse=True).n_features_in_ == 2000000000
    scipy_sparse = pytest.importorskip("scipy.sparse")
    np.testing.assert_array_equal(
        decisions(sparse, scipy_sparse.csr_array(X)), decisions(sparse, X)
    )
    np.testing.assert_array_equal(sparse.support_vectors_.toarray(), dense.support_vectors_)


def test_a_precomputed_kernel_has_nothing_to_be_sparse():
    with pytest.raises(ValueError, match="sparse=True needs support vectors"):
        loaded("c_svc_precomputed", sparse=True)


def test_labels_that_are_whole_floats():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([-1.0, -1.0, 1.0, 1.0])
    assert read(saved(SVC().fit(X, y))).classes_.tolist() == [-1, 1]


def test_compressed_and_at_a_path(tmp_path):
    import gzip

    text = (FOLDER / "c_svc_rbf.model").read_bytes()
    (tmp_path / "model.gz").write_bytes(gzip.compress(text))
    model = load_libsvm_model(str(tmp_path / "model.gz"))
    save_libsvm_model(model, tmp_path / "model")
    assert load_libsvm_model(tmp_path / "model").classes_.tolist() == [2, 5]
    assert sorted(os.listdir(tmp_path)) == ["model", "model.gz"]


# --------------------------------------------------------------------------------- what is refused


def test_labels_must_be_integers():
    X = np.array([[0.0], [1.0], [2.0], [3.0]])
    for y in (["a", "a", "b", "b"], [2**40, 2**40, 1, 1], [True, True, False, False]):
        with pytest.raises(ValueError, match="labels are integers of 32 bits, but classes_ holds"):
            saved(SVC().fit(X, y))


def test_other_estimators_and_kernels_are_refused():
    X, y = np.array([[0.0], [1.0]]), [0, 1]
    with pytest.raises(ValueError, match="no callable kernel"):
        saved(SVC(kernel=lambda A, B: A @ B.T).fit(X, y))
    with pytest.raises(TypeError, match="takes a SVC, NuSVC, OneClassSVM, SVR, NuSVR"):
        saved("model")
    with pytest.raises(ValueError, match="not fitted"):
        saved(SVC())


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    model = loaded("c_svc_rbf")

    def fail(_):
        yield b"half of it"
        raise OSError("disk full")

    monkeypatch.setattr("scratchml.svm.libsvm_save.write_model", fail)
    with pytest.raises(OSError, match="disk full"):
        save_libsvm_model(model, path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["model"]


HEAD = b"svm_type c_svc\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 0.5\nlabel 1 2\n"
GOOD = HEAD + b"nr_sv 1 1\nSV\n0.5 1:1 3:2\n-0.5 2:1\n"
DAMAGED = {
    "unknown type": (b"c_svc", b"svm", r"line 1: expected one of c_svc, nu_svc.* got 'svm'"),
    "unknown kernel": (b"rbf", b"erf", r"line 2: expected one of linear, .* got 'erf'"),
    "gamma": (b"gamma 0.5", b"gamma -1", r"line 3: expected a number from 0 on, got -1.0"),
    "no gamma": (b"gamma 0.5\n", b"", r"the header ends, but the entry gamma is missing"),
    "gamma twice": (b"gamma 0.5\n", b"gamma 0.5\ngamma 1\n", r"line 4: expected gamma once"),
    "unknown entry": (b"gamma", b"delta", r"line 3: expected an entry of the header or SV, got 'd"),
    "nan": (b"rho 0.5", b"rho nan", r"line 6: expected numbers, finite numbers, got 'nan'"),
    "rho": (b"rho 0.5", b"rho 0.5 1", r"nr_class is 2 and rho has 2 values"),
    "classes": (b"nr_class 2", b"nr_class 3", r"nr_class is 3 and rho has 1 values"),
    "many classes": (b"nr_class 2", b"nr_class 2000000000", r"nr_class is 2000000000 and rho has"),
    "label": (b"label 1 2", b"label 1 2 3", r"label does not have nr_class = 2 values"),
    "label twice": (b"label 1 2", b"label 2 2", r"label holds a class twice"),
    "text label": (b"label 1 2", b"label 1 b", r"line 7: expected integers of 32 bits, got '1 b'"),
    "long label": (b"label 1 2", b"label 1 " + b"9" * 5000, r"line 7: expected integers of 32"),
    "no label": (b"label 1 2\n", b"", r"label does not have nr_class = 2 values"),
    "nr_sv": (b"nr_sv 1 1", b"nr_sv 1 2", r"line 9: .*nr_sv sums to 3, not to total_sv = 2"),
    "negative nr_sv": (b"nr_sv 1 1", b"nr_sv 3 -1", r"line 8: expected numbers from 0 on, got -1"),
    "no SV": (b"SV\n", b"", r"line 9: expected an entry of the header or SV, got '0.5'"),
    "ends early": (b"\n-0.5 2:1", b"", r"line 10: .*2 support vectors, but the file ends after 1"),
    "ends in header": (
        GOOD[GOOD.index(b"rho") :],
        b"",
        r"line 5: the file ends before the line SV",
    ),
    "too many": (b"2:1\n", b"2:1\n1 1:1\n", r"line 12: expected an end after total_sv = 2"),
    "no coefficient": (b"0.5 1:1", b"1:1", r"line 10: expected 1 coefficient\(s\), .* got '1:1'"),
    "two coefficients": (b"0.5 1:1", b"0.5 1 1:1", r"line 10: expected index:value, got '1'"),
    "infinite value": (b"3:2", b"3:inf", r"line 10: expected finite values"),
    "falling indices": (b"1:1 3:2", b"3:1 1:2", r"line 10: indices must rise .* got 1 after 3"),
    "index zero": (b"2:1", b"0:1", r"line 11: expected indices from 1 to 2147483647"),
    "large index": (b"3:2", b"2147483648:2", r"line 10: expected indices from 1 to 2147483647"),
    "huge index": (b"3:2", b"99999999999999999999:2", r"line 10: .*(int|too)"),
    "underscore": (b"3:2", b"3:2_0", r"line 10: expected numbers without underscores"),
    "words": (b"3:2", b"three", r"line 10: expected index:value, got 'three'"),
    "binary": (b"svm_type", b"\xff\0\x80", r"line 1: expected an entry of the header or SV"),
    "dense out of proportion": (
        b"3:2",
        b"2000000000:2",
        r"text; pass sparse=True, or n_features=",
    ),
}


def test_the_file_to_be_damaged_is_good():
    assert read(GOOD).predict([[1.0, 0.0, 2.0], [0.0, 9.0, 0.0]]).tolist() == [2, 2]


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_refused_with_line_and_rule(damage):
    old, new, message = DAMAGED[damage]
    assert GOOD.count(old) >= 1
    with pytest.raises(ValueError, match=message):
        read(GOOD.replace(old, new, 1))


@pytest.mark.parametrize("entry", [b"label 1 2\n", b"nr_sv 1 1\n", b"nr_class 3\n", b"rho 1 2\n"])
def test_regression_has_no_classes(entry):
    key = entry.split()[0]
    text = GOOD.replace(b"c_svc", b"nu_svr")
    for gone in (b"label 1 2\n", b"nr_sv 1 1\n"):
        text = text.replace(gone, b"")
    assert read(text).predict([[0.0, 0.0, 0.0]]).shape == (1,)
    lines = [line for line in text.splitlines(True) if line.split()[0] != key]
    with pytest.raises(ValueError, match="nu_svr has nr_class 2, one rho, and neither label nor"):
        read(b"".join([lines[0], entry, *lines[1:]]))


PRECOMPUTED = GOOD.replace(b"rbf\ngamma 0.5", b"precomputed")


@pytest.mark.parametrize(
    "row", [b"0:0", b"0:1.5", b"1:1", b"0:1 1:2", b"", b"0:-3", b"0:3000000000", b"1:1 2:2"]
)
def test_a_precomputed_support_vector_is_a_number(row):
    text = PRECOMPUTED.replace(b"1:1 3:2", b"0:4")
    model = read(text.replace(b"2:1", b"0:2"), n_features=6)
    assert (model.support_.tolist(), model.shape_fit_) == ([3, 1], (6, 6))
    with pytest.raises(ValueError, match=r"line 10: expected 0:i, the number of a training sample"):
        read(text.replace(b"2:1", row))


def test_too_few_features():
    with pytest.raises(ValueError, match=r"n_features was set to 2, but <file object> needs 3"):
        read(GOOD, n_features=2)
    assert read(GOOD, n_features=7).support_vectors_.shape == (2, 7)
    with pytest.raises(ValueError, match="'n_features' parameter of load_libsvm_model must be"):
        read(GOOD, n_features=0)


def test_a_model_without_support_vectors_is_constant():
    text = b"svm_type nu_svr\nkernel_type linear\nnr_class 2\ntotal_sv 0\nrho -2.5\nSV\n"
    assert read(text, n_features=P).predict(np.ones((2, P))).tolist() == [2.5, 2.5]


@given(st.data())
def test_whatever_is_in_a_file_only_valueerror_comes_of_it(data):
    text = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        stop = at + data.draw(st.integers(0, 6))
        text[at:stop] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b" ", b"9", b"\n", b":"])
        )
    try:
        model = read(bytes(text))
        decisions(model, np.ones((2, model.n_features_in_)))
    except ValueError:
        pass
