"""Sparse input: any of SciPy's formats becomes the same three arrays, and a broken one is named."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scratchml._core.csr import CSR, broken_rows, csr_of_dense, in_order
from scratchml._core.estimator import Estimator, atomic
from scratchml._core.persistence import archive, values
from scratchml._core.validation import check_array, check_X_y

sparse = pytest.importorskip("scipy.sparse")

FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
CONTAINERS = [getattr(sparse, f + kind) for f in FORMATS for kind in ("_matrix", "_array")]

dense = hnp.arrays(
    st.sampled_from([np.float64, np.float32]),
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.sampled_from([0.0, 0.0, 1.0, -2.5, 1e30]),
)


def assert_valid(X):
    """Whatever a kernel relies on."""
    assert isinstance(X, CSR)
    assert (X.indices.dtype, X.indptr.dtype) == (np.int32, np.int64)
    assert all(a.flags.c_contiguous and a.flags.aligned for a in (X.data, X.indices, X.indptr))
    assert len(X.data) == len(X.indices) == X.nnz == X.indptr[-1]
    assert broken_rows(X.nnz, X.indices, X.indptr, X.shape) == ""
    assert in_order(X.indices, X.indptr)


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda c: c.__name__)
@given(A=dense)
def test_every_format(container, A):
    X = check_array(container(A), accept_sparse=True)
    assert_valid(X)
    assert X.dtype == A.dtype
    assert X.shape == A.shape
    np.testing.assert_array_equal(X.toarray(), A)


@given(dense)
def test_there_and_back(A):
    X = csr_of_dense(A)
    assert_valid(X)
    assert X.nnz == np.count_nonzero(A)
    np.testing.assert_array_equal(X.toarray(), A)
    back = X.to_scipy()
    assert sparse.issparse(back)
    assert type(back) is sparse.csr_matrix
    np.testing.assert_array_equal(back.toarray(), A)


@given(dense.filter(lambda A: A.max() < 1e30))
def test_variance_counts_the_zeros(A):
    assert csr_of_dense(A).var() == pytest.approx(A.astype(float).var(), rel=1e-13, abs=1e-300)


def test_variance_far_from_zero():
    A = 1e8 + np.arange(6.0).reshape(2, 3)  # the mean of squares less the squared mean cancels
    assert csr_of_dense(A).var() == A.var()


def messy():
    """Three rows with columns out of order, a column stored twice, and a stored zero."""
    data, indices = np.array([1.0, 2, 3, 4, 0, 5]), np.array([3, 0, 1, 1, 2, 0], dtype=np.int32)
    return sparse.csr_matrix((data, indices, [0, 2, 5, 6]), shape=(3, 4))


def test_rows_are_put_in_order_on_a_copy():
    A = messy()
    before = A.data.copy(), A.indices.copy(), A.indptr.copy()
    X = check_array(A, accept_sparse=True)
    assert_valid(X)
    np.testing.assert_array_equal(X.toarray(), [[2, 0, 0, 1], [0, 7, 0, 0], [5, 0, 0, 0]])
    for array, old in zip((A.data, A.indices, A.indptr), before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_scipys_flags_are_not_believed():
    A = messy()
    A.has_sorted_indices = A.has_canonical_format = True
    X = check_array(A, accept_sparse=True)
    assert_valid(X)
    np.testing.assert_array_equal(X.toarray(), messy().toarray())


def test_what_is_in_order_is_shared():
    A = sparse.csr_array(np.eye(3))
    assert np.shares_memory(check_array(A, accept_sparse=True).data, A.data)


def test_stored_values_behind_the_last_row_are_no_entries():
    A = sparse.csr_matrix(np.eye(2))
    A.data, A.indices = np.append(A.data, np.nan), np.append(A.indices, 99)
    X = check_array(A, accept_sparse=True)
    assert_valid(X)
    np.testing.assert_array_equal(X.toarray(), np.eye(2))


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, np.longdouble, ">f8"])
def test_other_numbers_become_float64(dtype):
    A = sparse.csr_array(np.eye(2))
    A.data = A.data.astype(dtype)
    X = check_array(A, accept_sparse=True)
    assert X.dtype == np.float64
    assert X.dtype.isnative
    np.testing.assert_array_equal(X.toarray(), np.eye(2))
    assert check_array(A, accept_sparse=True, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("index", [np.int32, np.int64])
def test_index_dtypes(index):
    A = sparse.csr_array(np.eye(3))
    A.indices, A.indptr = A.indices.astype(index), A.indptr.astype(index)
    assert_valid(check_array(A, accept_sparse=True))


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (1, 10**9)])
def test_no_entries(shape):
    X = check_array(sparse.csr_array(shape), accept_sparse=True)
    assert_valid(X)
    assert (X.shape, X.nnz, X.var()) == (shape, 0, 0.0)


def test_dense_data_stay_dense():
    A = np.ones((2, 2))
    assert check_array(A, accept_sparse=True) is A


def broken(**parts):
    A = sparse.csr_matrix(np.array([[1.0, 2, 0], [0, 3, 4]]))
    for name, value in parts.items():
        setattr(A, name, np.asarray(value))
    return A


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (broken(data=[1, np.nan, 3, 4]), "Input X contains NaN.\nModel does not accept missing"),
        (broken(data=[1, 2, -np.inf, 4]), "Input X contains infinity"),
        (broken(data=np.ones(4) * 1j), "Complex data not supported"),
        (broken(data=np.array(["a"] * 4)), "bytes/strings in X"),
        (broken(indices=[0, 3, 1, 2]), r"not a valid sparse matrix: .* lie in \[0, 2\], got 3"),
        (broken(indices=[0, -1, 1, 2]), r"lie in \[0, 2\], got -1"),
        (broken(indices=[0.0, 1, 1, 2]), "indices must be a 1d array of integers"),
        (broken(indices=[0, 1, 1]), "indptr ends with 4, beyond the 3 stored values"),
        (broken(data=[1.0]), "indptr ends with 4, beyond the 1 stored values"),
        (broken(indptr=[1, 2, 4]), "indptr must begin with 0 and never fall"),
        (broken(indptr=[0, 5, 4]), "indptr must begin with 0 and never fall"),
        (broken(indptr=[0, 4]), "indptr must have 3 elements, one more than rows, got 2"),
        (sparse.csr_array((0, 3)), r"0 sample\(s\) \(shape=\(0, 3\)\) while a minimum of 1"),
        (sparse.csr_array((3, 0)), r"0 feature\(s\) \(shape=\(3, 0\)\) while a minimum of 1"),
        (sparse.coo_array((1, 2**31)), "2147483648 columns, at most 2147483647 are supported"),
        (sparse.coo_array(np.ones(3)), "Expected 2D array, got 1D array instead"),
        (sparse.coo_array(np.ones((1, 1, 1))), "dim 3, while dim <= 2 is required by Model in X"),
    ],
)
def test_refusals(X, message):
    with pytest.raises(ValueError, match=message):
        check_array(X, accept_sparse=True, estimator="Model")


def test_nan_where_it_is_allowed():
    X = check_array(broken(data=[1, np.nan, 3, 4]), accept_sparse=True, allow_nan=True)
    assert np.isnan(X.toarray()[0, 1])
    check_array(broken(data=[1, np.inf, 3, 4]), accept_sparse=True, finite=False)


def test_with_a_target():
    X, y = check_X_y(sparse.eye_array(2), [1, 2], y_numeric=True, accept_sparse=True)
    assert X.shape == (2, 2)
    assert y.dtype == np.float64
    with pytest.raises(ValueError, match=r"numbers of samples: \[2, 1\] for X, y"):
        check_X_y(sparse.eye_array(2), [1], accept_sparse=True)
    with pytest.raises(TypeError, match="Sparse data was passed for y"):
        check_X_y(sparse.eye_array(2), sparse.eye_array(2), accept_sparse=True)


class Model(Estimator):
    @atomic
    def fit(self, X, y=None):
        self.X_ = self._check_X_y(X, y, accept_sparse=True)[0]
        return self

    def predict(self, X):
        return self._check_X(X, accept_sparse=True)


def test_estimators_record_and_compare_features():
    model = Model().fit(sparse.eye_array(3), [0, 1, 2])
    assert model.n_features_in_ == 3
    assert isinstance(model.X_, CSR)
    assert isinstance(model.predict(sparse.csr_matrix((2, 3))), CSR)
    assert isinstance(model.predict(np.ones((2, 3))), np.ndarray)
    with pytest.raises(ValueError, match="X has 2 features, but Model is expecting 3"):
        model.predict(sparse.csr_matrix((2, 2)))


def test_scipy_is_not_imported():
    code = """if True:
        import sys
        import numpy as np
        from scratchml._core.validation import check_array
        check_array(np.ones((2, 2)), accept_sparse=True)
        assert "scipy" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_repr():
    assert repr(csr_of_dense(np.eye(2))) == "CSR(shape=(2, 2), nnz=2, dtype=float64)"


@given(dense.filter(lambda A: A.max() < 1e30), st.data())
def test_rows_and_products(A, draw):
    X, n = csr_of_dense(A), len(A)
    index = np.array(draw.draw(st.lists(st.integers(0, n - 1), max_size=5)), dtype=int)
    assert_valid(X[index])
    np.testing.assert_array_equal(X[index].toarray(), A[index])
    np.testing.assert_array_equal(X[1:3].toarray(), A[1:3])
    W = draw.draw(hnp.arrays(float, (A.shape[1], 2), elements=st.integers(-9, 9)))
    V = draw.draw(hnp.arrays(float, (3, n), elements=st.integers(-9, 9)))
    np.testing.assert_array_equal(X @ W, A @ W)  # small whole numbers and halves: no rounding
    np.testing.assert_array_equal(V @ X, V @ A)
    assert (X @ W).dtype == (V @ X).dtype == np.float64
    assert (X @ W[:, :0]).shape == (n, 0)
    assert (V[:0] @ X).shape == (0, A.shape[1])


def test_frozen():
    X = csr_of_dense(np.eye(2))
    X.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        X.data[0] = 2.0
    np.testing.assert_array_equal(X.to_scipy().toarray(), np.eye(2))


def in_and_out(value):
    """The value as it comes back from a file."""
    packer = values.Packer()
    tree = json.loads(json.dumps(packer.pack(value, "Model.rows_")))
    file = io.BytesIO()
    archive.write_archive(file, list(packer.members.items()))
    file.seek(0)
    return values.Unpacker(archive.ArchiveReader(file)).unpack(tree)


@given(dense)
def test_model_files(A):
    X = csr_of_dense(A)
    back = in_and_out(X)
    assert_valid(back)
    assert (back.shape, back.dtype) == (X.shape, X.dtype)
    np.testing.assert_array_equal(back.toarray(), A)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("indices", np.array([0, 5], np.int32), r"column indices must lie in \[0, 1\], got 5"),
        ("indices", np.array([0, 1]), "its arrays are of float64, int64, int64"),
        ("indices", np.array([0, 1, 1], np.int32), "it has 2 values, 3 columns"),
        ("indptr", np.array([0, 2]), "indptr must have 3 elements"),
        ("indptr", np.array([0, 1, 1]), "it has 2 values"),
        ("data", np.ones((2, 1)), "its arrays are of"),
        ("data", np.array(["a", "b"]), "its arrays are of"),
        ("shape", (2, 2, 2), "is no shape of sparse rows"),
        ("shape", (-1, 2), "is no shape"),
    ],
)
def test_files_that_lie(name, value, message):
    X = csr_of_dense(np.eye(2))
    setattr(X, name, value)
    with pytest.raises(ValueError, match=message):
        in_and_out(X)


def test_a_file_with_columns_out_of_order():
    X = CSR(np.ones(2), np.array([1, 0], np.int32), np.array([0, 2]), (1, 2))
    with pytest.raises(ValueError, match="the columns of a row do not ascend"):
        in_and_out(X)
