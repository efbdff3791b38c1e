"""Blocks of a kernel matrix in one compiled loop: K of some samples with some others.

Every kernel of `kernel_functions` is a function of x'y, ||x||^2 and ||y||^2. A sample is a row of
its features, zeros up to a multiple of four, and last its squared norm (`room_for`). Pairs are
visited tile by tile: 64 samples y at a time are written feature by feature into a (d, 64) matrix
that stays in the cache, and samples x pass over it four at a time. The innermost loop runs over the
64 and adds four features for four x: sixteen multiplications with twelve transfers between cache
and registers, which is as fast as BLAS. The kernel's function follows while the sums are at hand.
From 257 features on, 256 are taken at a time.

A pair's features are added one after another in their order, whoever is x and whoever y, and in the
same order by `append_norms`. So K(x, y) and K(y, x) have the same bits, in any block, and the
distance ||x||^2 + ||y||^2 - 2 x'y of equal samples is exactly 0.

Nanoseconds for a pair of samples, one thread of a shared AVX-512 machine, best of 40 in turns:

    features                            4     20     52    160    784
    rbf kernel, 0.75 of it exp        1.7    1.9    2.8    7.5     26
    product x'y                       0.7    1.0    2.0    6.2     25
    product x'y, BLAS                 0.3    0.9    2.1    6.3     30
"""

import numpy as np

from scratchml._core.elementary import exp64, tanh64
from scratchml._core.jit import jit

WIDTH = 64  # samples y in a tile
DEPTH = 256  # features taken at a time: a tile of 128 KB
_HEAD = 2  # lines of the workspace above the tile: norms, and a line to calculate in
_CONTRACT = frozenset({"contract"})  # a fused multiply-add is the same in every loop


def room_for(n: int, d: int) -> np.ndarray:
    """Return zeros where n samples of d features have their place, `samples[:, :d]`."""
    return np.zeros((n, d + -d % 4 + 1))


def workspace(n_rows: int, n_features: int) -> np.ndarray:
    """Return the scratch memory of `fill_block` for so many samples x of so many features."""
    depth = min(n_features + -n_features % 4, DEPTH)
    return aligned(_HEAD + depth + (4 if n_features <= DEPTH else n_rows + 3), WIDTH)


def aligned(n: int, m: int) -> np.ndarray:
    """Return memory that begins a cache line: vectors that lie across two take twice as long."""
    memory = np.empty(n * m + 7)
    skip = -memory.__array_interface__["data"][0] % 64 // 8
    return memory[skip : skip + n * m].reshape(n, m)


@jit(
    "void(const float64[:, ::1], const float64[:, ::1], const float64[::1], float64[:, ::1], "
    "float64[:, ::1], int64, int64)"
)
def fill_block(A, B, parameters, work, out, top, left):
    """Write K(A_i, B_j) to out[top + i, left + j], for `parameters` of `Kernel.parameters`."""
    n, d = len(A), A.shape[1] - 1
    sums = _HEAD + min(d, DEPTH)  # from this line of work on: x'y so far
    for start in range(0, len(B), WIDTH):
        width = min(WIDTH, len(B) - start)
        for turn in range(0, max(d, 1), DEPTH):
            load_tile(B, start, turn, work)
            for i in range(0, n, 4):
                first = sums if d <= DEPTH else sums + i
                add_products(A, i, turn, work, first)
                if turn + DEPTH >= d:
                    for r in range(min(4, n - i)):
                        apply_kernel(parameters, A[i + r, d], work, first + r)
                        for j in range(width):
                            out[top + i + r, left + start + j] = work[first + r, j]


@jit
def load_tile(B, start, turn, work):
    """Copy the norms of 64 samples, and a turn of features; the last sample fills up a tile."""
    width, count = B.shape[1] - 1, min(WIDTH, len(B) - start)
    depth, tile = min(DEPTH, width - turn), B[start : start + count]
    for f in range(depth + 1):
        line = work[_HEAD + f] if f < depth else work[0]
        column = turn + f if f < depth else width
        for j in range(count):
            line[j] = tile[j, column]
        for j in range(count, WIDTH):
            line[j] = line[count - 1]


@jit(fastmath=_CONTRACT)
def add_products(A, i, turn, work, first):
    """Add up x'y over a turn of features, for four samples x from A_i on; A's last may repeat."""
    last, depth = len(A) - 1, min(DEPTH, A.shape[1] - 1 - turn)
    a, b, c, d = A[i], A[min(i + 1, last)], A[min(i + 2, last)], A[min(i + 3, last)]
    s, t, u, v = work[first], work[first + 1], work[first + 2], work[first + 3]
    if turn == 0:
        for j in range(WIDTH):
            s[j] = t[j] = u[j] = v[j] = 0.0
    for f in range(0, depth, 4):
        k, line = turn + f, _HEAD + f
        w, x, y, z = work[line], work[line + 1], work[line + 2], work[line + 3]
        a0, a1, a2, a3 = a[k], a[k + 1], a[k + 2], a[k + 3]
        b0, b1, b2, b3 = b[k], b[k + 1], b[k + 2], b[k + 3]
        c0, c1, c2, c3 = c[k], c[k + 1], c[k + 2], c[k + 3]
        d0, d1, d2, d3 = d[k], d[k + 1], d[k + 2], d[k + 3]
        for j in range(WIDTH):
            wj, xj, yj, zj = w[j], x[j], y[j], z[j]
            s[j] = s[j] + a0 * wj + a1 * xj + a2 * yj + a3 * zj
            t[j] = t[j] + b0 * wj + b1 * xj + b2 * yj + b3 * zj
            u[j] = u[j] + c0 * wj + c1 * xj + c2 * yj + c3 * zj
            v[j] = v[j] + d0 * wj + d1 * xj + d2 * yj + d3 * zj


@jit(fastmath=_CONTRACT)
def apply_kernel(parameters, square, work, line):
    """Turn a line of x'y into K(x, y), given ||x||^2."""
    kind, gamma, coef0 = int(parameters[0]), parameters[1], parameters[2]
    norms, power, values = work[0], work[1], work[line]
    if kind == 1:  # poly, by squaring
        degree = int(parameters[3])
        for j in range(WIDTH):
            power[j] = gamma * values[j] + coef0
            values[j] = 1.0
        while degree > 0:
            if degree % 2 == 1:
                for j in range(WIDTH):
                    values[j] *= power[j]
            for j in range(WIDTH):
                power[j] *= power[j]
            degree //= 2
    elif kind == 2:  # rbf
        for j in range(WIDTH):
            distance = (square + norms[j]) - 2.0 * values[j]
            values[j] = exp64(-gamma * (0.0 if distance < 0.0 else distance))  # NaN remains
    elif kind == 3:  # sigmoid
        for j in range(WIDTH):
            values[j] = tanh64(gamma * values[j] + coef0)


@jit("void(float64[:, ::1])", fastmath=_CONTRACT)
def append_norms(samples):
    """Write each row's squared norm behind its features."""
    d = samples.shape[1] - 1
    for i in range(len(samples)):
        s = 0.0
        for f in range(d):
            s += samples[i, f] * samples[i, f]
        samples[i, d] = s
