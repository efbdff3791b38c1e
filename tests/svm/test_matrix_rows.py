"""Samples known by their kernel matrix, against NumPy's indexing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.svm import matrix_rows
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel
from scratchml.svm.matrix_rows import MatrixRows

K = np.random.default_rng(0).standard_normal((12, 12))
INDEX = np.array([3, 3, 0, 11, 7])


def rows_and_columns(n):
    """Every kind of index among n samples: all, a range, some, repeated, none."""
    some = st.lists(st.integers(0, n - 1), max_size=n + 3)
    runs = st.tuples(st.integers(0, n - 1), st.integers(0, n)).map(
        lambda r: list(range(*sorted(r)))
    )
    return st.one_of(st.none(), some, runs).map(
        lambda index: None if index is None else np.array(index, dtype=np.int64)
    )


@given(rows_and_columns(12), rows_and_columns(12), st.booleans())
def test_blocks_and_expansions(rows, columns, into):
    left, right = MatrixRows(K, rows), MatrixRows(K, columns)
    expected = K[slice(None) if rows is None else rows][
        :, slice(None) if columns is None else columns
    ]
    out = np.full(expected.shape, np.nan) if into else None
    block = left.block(right, out=out)
    assert np.array_equal(block, expected)
    assert block is out or not into
    assert block.flags.c_contiguous
    assert not np.shares_memory(block, K)
    coef = np.random.default_rng(1).standard_normal((expected.shape[1], 3))
    np.testing.assert_allclose(left.expansion(right, coef), expected @ coef, rtol=0, atol=1e-13)


@given(rows_and_columns(12))
def test_diagonal_gram_and_length(index):
    rows = MatrixRows(K, index)
    expected = K if index is None else K[np.ix_(index, index)]
    gram = rows.gram()
    assert np.array_equal(gram, expected)
    assert gram.flags.c_contiguous
    assert np.array_equal(rows.diagonal(), expected.diagonal())
    assert len(rows) == len(expected)


def test_all_samples_are_not_copied():
    assert np.shares_memory(MatrixRows(K).gram(), K)
    assert np.shares_memory(MatrixRows(K, np.arange(12)).gram(), K)
    assert not np.shares_memory(MatrixRows(K).diagonal(), K)


def test_take_composes():
    rows = MatrixRows(K).take(INDEX)
    assert np.array_equal(rows.gram(), K[np.ix_(INDEX, INDEX)])
    again = rows.take(np.array([4, 0, 0]))
    assert np.array_equal(again.index, [7, 3, 3])
    assert np.array_equal(rows.block(again), K[np.ix_(INDEX, [7, 3, 3])])
    assert np.array_equal(MatrixRows(K).take(np.arange(12) < 3).gram(), K[:3, :3])


def test_new_samples_stand_in_rows_of_their_own():
    """In a prediction the matrix has a row for each new sample, a column for each of the fit's."""
    new = np.random.default_rng(1).standard_normal((4, 12))
    support = MatrixRows(K).take(INDEX)
    rows = support.like(new)
    coef = np.arange(10.0).reshape(5, 2)
    assert len(rows) == 4
    assert np.array_equal(rows.block(support), new[:, INDEX])
    assert np.array_equal(rows.block(MatrixRows(K)), new)
    np.testing.assert_allclose(rows.expansion(support, coef), new[:, INDEX] @ coef, rtol=1e-13)


@pytest.mark.parametrize("strip", [1, 7, 23])
def test_expansions_in_strips(strip, monkeypatch):
    monkeypatch.setattr(matrix_rows, "_STRIP", strip)
    rows, coef = MatrixRows(K, INDEX), np.random.default_rng(1).standard_normal((12, 2))
    sums = rows.expansion(MatrixRows(K), coef)
    np.testing.assert_allclose(sums, K[INDEX] @ coef, rtol=1e-12, atol=1e-13)


def test_it_stands_in_for_dense_rows():
    X = np.random.default_rng(0).standard_normal((30, 3))
    dense = DenseRows(Kernel("rbf", 0.5), X)
    matrix = MatrixRows(dense.gram())
    coef, index = np.random.default_rng(1).standard_normal((5, 2)), np.array([4, 2, 2, 29, 0])
    np.testing.assert_allclose(
        matrix.expansion(matrix.take(index), coef),
        dense.expansion(dense.take(index), coef),
        rtol=1e-12,
        atol=1e-13,
    )
    assert matrix.diagonal().tolist() == dense.diagonal().tolist()


@pytest.mark.parametrize("index", [None, np.r_[2:5, 9:12], np.arange(12), INDEX])
def test_where_names_a_matrix_and_places_in_it(index):
    rows = MatrixRows(K, index)
    matrix, places = rows.where()
    inside = np.concatenate([np.arange(start, end) for start, end in places])
    np.testing.assert_array_equal(matrix[inside[:, None], inside], rows.gram())
    assert (matrix is K) == (index is not INDEX)
