"""Register tiles: the vector instructions do what the plain definitions say, and nothing else."""

import numpy as np
import pytest

from scratchml._core.jit import compiler, jit
from scratchml._core.jit_moves import clear, copy, copy_row, transpose
from scratchml._core.jit_tiles import (
    CollectTile,
    DotTile,
    GatherTile,
    ProductTile,
    ScatterTile,
    collect_5,
    dot_4,
    dot_6,
    dot_8,
    gather_4,
    gather_6,
    gather_8,
    product_8,
    product_8_1,
    product_8_2,
    scatter_5,
    tile_vectors,
)
from scratchml._core.jit_transforms import join_by_four, split_by_four
from scratchml._core.jit_vectors import lanes, registers
from scratchml.nn.ops.winograd import filter_transform, input_transform, output_transform

pytestmark = pytest.mark.kernel
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@jit("void(int64, T[::1], int64, const T[::1], const T[::1], const T[::1], const int64[::1])")
def gather(rows, out, pitch, first, w, x, offsets):
    if rows == 8:
        gather_8(out, 3, pitch, first, 1, w, 2, x, 4, offsets, len(offsets))
    elif rows == 6:
        gather_6(out, 3, pitch, first, 1, w, 2, x, 4, offsets, len(offsets))
    else:
        gather_4(out, 3, pitch, first, 1, w, 2, x, 4, offsets, len(offsets))


@jit("void(int64, T[::1], const T[::1], int64, const T[::1], const int64[::1], const int64[::1])")
def dot(rows, out, a, pitch, x, steps, offsets):
    if rows == 8:
        dot_8(out, 2, a, 1, pitch, x, steps, 1, offsets, 2, len(steps) - 1)
    elif rows == 6:
        dot_6(out, 2, a, 1, pitch, x, steps, 1, offsets, 2, len(steps) - 1)
    else:
        dot_4(out, 2, a, 1, pitch, x, steps, 1, offsets, 2, len(steps) - 1)


@jit("void(T[::1], const T[::1], const T[::1], const int64[::1], const int64[::1])")
def collect(out, g, x, steps, offsets):
    collect_5(out, 3, g, x, steps, 1, offsets, len(offsets))


@jit("void(T[::1], const T[::1], const T[::1], const int64[::1], const int64[::1])")
def scatter(x, g, w, steps, offsets):
    scatter_5(x, g, w, 2, steps, 1, offsets, len(offsets))


@jit("void(int64, T[::1], int64, const T[::1], const T[::1], int64, int64, const T[::1], int64, int64)")  # fmt: skip # noqa: E501
def product(vectors, out, pitch, first, a, ka, ra, b, kb, k):
    if vectors == 1:
        product_8_1(out, 3, pitch, first, 1, 2, a, 1, ka, ra, b, 2, kb, k)
    elif vectors == 2:
        product_8_2(out, 3, pitch, first, 1, 2, a, 1, ka, ra, b, 2, kb, k)
    else:
        product_8(out, 3, pitch, first, 1, 2, a, 1, ka, ra, b, 2, kb, k)


@jit("void(T[::1], int64, const T[::1], int64)")
def turn(out, pitch, source, step):
    transpose(out, 2, pitch, source, 3, step)


@jit("void(T[::1], T[::1], const T[::1], int64)")
def move(a, b, source, n):
    copy(a, 2, source, 3, n)
    copy_row(b, 2, source, 3, n)
    clear(b, 1, 1)


@jit("void(T[::1], T[::1], const T[::1], const int64[::1])")
def transform(inputs, outputs, x, offsets):
    input_transform(inputs, 1, 40, x, 2, offsets)
    output_transform(outputs, 1, 40, x, 2, offsets)


@jit("void(T[::1], T[::1], const T[::1], T)")
def quarter(parts, joined, x, shift):
    split_by_four(parts, 1, 20, x, 2)
    join_by_four(joined, 3, parts, 1, 20, shift)


def numbers(dtype, n, seed=0):
    return np.random.default_rng(seed).standard_normal(n).astype(dtype)


def close(dtype):
    return {"rtol": 1e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-13, "atol": 1e-13}


@FLOATS
@pytest.mark.parametrize("rows", [8, 6, 4])
@pytest.mark.parametrize("k", [1, 2, 7])
def test_gather(rows, k, dtype):
    width = tile_vectors(rows) * lanes(np.dtype(dtype).itemsize)
    pitch = width + 5
    w, x, first = (
        numbers(dtype, 2 + rows * k),
        numbers(dtype, 200 + width),
        numbers(dtype, rows + 1),
    )
    offsets = np.random.default_rng(1).integers(0, 190, k)
    out, expected = np.full((2, rows * pitch + 3), 7, dtype)
    gather(rows, out, pitch, first, w, x, offsets)
    GatherTile.plain(rows, expected, 3, pitch, first, 1, w, 2, x, 4, offsets, k)
    np.testing.assert_allclose(out, expected, **close(dtype))
    untouched = np.ones(len(out), bool)
    for r in range(rows):
        untouched[3 + r * pitch : 3 + r * pitch + width] = False
    assert np.all(out[untouched] == 7)
    r, j = rows - 1, width - 1  # one number by the sum itself
    total = first[1 + r] + sum(w[2 + i * rows + r] * x[4 + offsets[i] + j] for i in range(k))
    np.testing.assert_allclose(out[3 + r * pitch + j], total, **close(dtype))


@FLOATS
@pytest.mark.parametrize("vectors", [1, 2, None])
@pytest.mark.parametrize(("k", "by_rows"), [(1, True), (2, False), (7, True), (7, False)])
def test_product(vectors, k, by_rows, dtype):
    rows = 8
    width = (vectors or tile_vectors(rows)) * lanes(np.dtype(dtype).itemsize)
    pitch, kb = width + 5, width + 3
    ka, ra = (1, k + 2) if by_rows else (rows + 1, 1)
    a, b = numbers(dtype, 1 + (rows + 1) * (k + 2)), numbers(dtype, 2 + kb * k, seed=1)
    first = numbers(dtype, 1 + 2 * rows + width, seed=2)
    out = np.full(rows * pitch + 3, 7, dtype)
    expected = out.copy()
    product(vectors or 0, out, pitch, first, a, ka, ra, b, kb, k)
    ProductTile.plain(rows, vectors, expected, 3, pitch, first, 1, 2, a, 1, ka, ra, b, 2, kb, k)
    np.testing.assert_allclose(out, expected, **close(dtype))
    assert np.count_nonzero(out != 7) == rows * width
    r, j = rows - 1, width - 1  # one number by the sum itself
    total = first[1 + 2 * r + j] + sum(a[1 + i * ka + r * ra] * b[2 + i * kb + j] for i in range(k))
    np.testing.assert_allclose(out[3 + r * pitch + j], total, **close(dtype))


@FLOATS
def test_transpose(dtype):
    n = lanes(np.dtype(dtype).itemsize)
    pitch, step = n + 2, n + 5
    source = np.arange(3 + n * step, dtype=dtype) + 1
    out = np.zeros(2 + n * pitch, dtype)
    turn(out, pitch, source, step)
    square = out[2:].reshape(n, pitch)
    np.testing.assert_array_equal(square[:, :n], source[3:].reshape(n, step)[:, :n].T)
    assert np.count_nonzero(out) == n * n


@FLOATS
@pytest.mark.parametrize("rows", [8, 6, 4])
def test_dot(rows, dtype):
    columns, lane = tile_vectors(rows), lanes(np.dtype(dtype).itemsize)
    steps = np.array([0, 3, 50, 51, 90]) + np.arange(5) * lane
    offsets = np.random.default_rng(1).integers(0, 60, columns + 2)
    pitch = 4 * lane + 3
    a, x = numbers(dtype, 1 + rows * pitch), numbers(dtype, 300 + 8 * lane, 1)
    size = rows * columns
    out = np.zeros(2 + size + lane, dtype)
    out[2 : 2 + size] = numbers(dtype, size, 2)  # sums are added to
    expected = out.copy()
    dot(rows, out, a, pitch, x, steps, offsets)
    DotTile.plain(rows, expected, 2, a, 1, pitch, x, steps, 1, offsets, 2, 4)
    np.testing.assert_allclose(out, expected, **close(dtype))
    places = (offsets[2 + columns - 1] + steps[1:, None] + np.arange(lane)).ravel()
    total = a[1 + (rows - 1) * pitch :][: 4 * lane] @ x[places]
    before = numbers(dtype, size, 2)[-1]
    np.testing.assert_allclose(out[2 + size - 1], before + total, **close(dtype))


@FLOATS
def test_collect_and_scatter_are_adjoint(dtype):
    rows = collect_5.rows
    lane = lanes(np.dtype(dtype).itemsize)
    steps = np.arange(rows + 1) * (lane + 2)
    offsets = np.array([0, 1, 30, 7, 7])  # windows overlap, and one comes twice
    g, x = numbers(dtype, 5), numbers(dtype, 60 + 8 * (lane + 2), 1)
    out, expected = np.zeros((2, 3 + rows * lane), dtype)
    collect(out, g, x, steps, offsets)
    CollectTile.plain(rows, expected, 3, g, x, steps, 1, offsets, 5)
    np.testing.assert_allclose(out, expected, **close(dtype))
    w = numbers(dtype, 2 + rows * lane, 2)
    spread, expected = np.zeros((2, len(x)), dtype)
    scatter(spread, g, w, steps, offsets)
    ScatterTile.plain(rows, expected, g, w, 2, steps, 1, offsets, 5)
    np.testing.assert_allclose(spread, expected, **close(dtype))
    np.testing.assert_allclose(spread @ x, out[3:] @ w[2:], rtol=1e-4)


@FLOATS
@pytest.mark.parametrize("n", [0, 1, 3, 15, 16, 17, 33, 64])
def test_copies_stay_inside(n, dtype):
    source = numbers(dtype, n + 5)
    a, b = np.full((2, n + 6), 9, dtype)
    move(a, b, source, n)
    for moved in (a, b):
        np.testing.assert_array_equal(moved[2 : 2 + n], source[3 : 3 + n])
        np.testing.assert_array_equal(moved[2 + n :], 9)
    assert (a[1], b[1]) == (9, 0)


@FLOATS
def test_transforms(dtype):
    lane = lanes(np.dtype(dtype).itemsize)
    x, offsets = numbers(dtype, 200 + lane), np.random.default_rng(2).integers(0, 190, 36)
    inputs, outputs = np.zeros((2, 1 + 36 * 40), dtype)
    transform(inputs, outputs, x, offsets)
    square = x[2 + offsets[:, None] + np.arange(lane)].reshape(6, 6, lane)
    for matrix, out in ((input_transform.matrix, inputs), (output_transform.matrix, outputs)):
        both = np.einsum("ai,bj,ijq->abq", matrix, matrix, square.astype(np.float64))
        found = out[1:].reshape(36, 40)[: len(matrix) ** 2, :lane]
        tolerance = 2e-5 if dtype == np.float32 else 1e-13
        np.testing.assert_allclose(found, both.reshape(-1, lane), rtol=1e-4, atol=20 * tolerance)
        assert np.all(out[1:].reshape(36, 40)[:, lane:] == 0)


@FLOATS
def test_split_and_join(dtype):
    lane = lanes(np.dtype(dtype).itemsize)
    x = numbers(dtype, 2 + 4 * lane)
    parts, joined = np.zeros(81, dtype), np.zeros(3 + 4 * lane, dtype)
    quarter(parts, joined, x, 0.5)
    for p in range(4):
        np.testing.assert_array_equal(parts[1 + 20 * p :][:lane], x[2 + p :: 4])
    np.testing.assert_array_equal(joined[3:], x[2:] + dtype(0.5))


def test_matrices_of_winograd_multiply_polynomials():
    """A'((G g) * (B' d)) is the filter g along d, for all g and d: a trilinear identity."""
    G, B, A = (t.matrix for t in (filter_transform, input_transform, output_transform))
    outputs = np.einsum("oi,ig,id->ogd", A, G, B)
    expected = np.zeros((4, 3, 6))
    for o in range(4):
        for k in range(3):
            expected[o, k, o + k] = 1
    np.testing.assert_allclose(outputs, expected, atol=1e-15)


def test_a_tile_fills_the_registers():
    most = registers()
    for rows in (8, 6, 5, 4):
        n = tile_vectors(rows)
        assert n == 1 or rows * n + n + 1 <= most
        assert lanes(8) * 2 == lanes(4)
    if compiler(needed=False) is None:
        assert lanes(4) == 4
