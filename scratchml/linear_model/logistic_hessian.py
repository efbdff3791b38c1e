"""The Hessian of the logistic loss, whole or for some of the features.

With the loss f and the symbols of `scratchml.linear_model.logistic_loss`, A = [X 1] and one block
for each pair of classes (k, l),

    H_kl = A' diag(d) A,    d_i = w_i p_ik ([k = l] - p_il);  two classes: w_i sigma_i (1 - sigma_i)

A block is symmetric in itself and H_lk = H_kl', so half of half is computed. That is all the work
there is: n q^2 / 2 multiplications for each of the K (K + 1) / 2 pairs.

A block of rows is transposed into scratch, so that rows run along the vector units, and scaled by
d; then 4 x 2 entries of H are summed at once: 6 loads for 8 multiplications. This plain loop runs
near the speed of BLAS, and gives the same bits for any number of threads. Features whose number is
no multiple of four are padded with zeros.
"""

import numpy as np

from scratchml._core.elementary import sigmoid64
from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.linear_model.logistic_loss import scores, softmax

ROWS = 128  # of a block: 4 + 4 rows of scratch take 8 kB of the first-level cache
MOST_SCRATCH = 2**20  # entries of all partial Hessians together, beyond which chunks get fewer


def hessian(
    X: np.ndarray,
    w: np.ndarray,
    B: np.ndarray,
    columns: np.ndarray | None = None,
    classes: tuple[int, int] | None = None,
) -> np.ndarray:
    """Return the Hessian of the logistic loss at `B`.

    Parameters
    ----------
    X : ndarray of float32 or float64, shape (n, p), C-ordered
        Samples.
    w : ndarray of float64, shape (n,)
        Weights.
    B : ndarray of float64, shape (K, p) or (K, p + 1), C-ordered
        Coefficients; K = 1 for two classes. A last column p holds intercepts.
    columns : ndarray of int64, shape (q,), optional
        Only these columns of `B`, in this order; p stands for the intercept. All, by default.
    classes : (int, int), optional
        Only the classes k with ``classes[0] <= k < classes[1]``. All, by default.

    Returns
    -------
    ndarray of float64, shape (m q, m q)
        For m classes and q columns, the columns of one class adjacent.
    """
    if columns is None:
        columns = np.arange(B.shape[1])
    first, last = classes or (0, len(B))
    m, q = last - first, len(columns)
    padded = -(-q // 4) * 4
    shape = (m * (m + 1) // 2, padded, padded)

    def task(start: int, stop: int) -> np.ndarray:
        blocks = np.zeros(shape)
        work = np.zeros((len(B) + 2 + 2 * padded, ROWS))
        rows, weights = X[start:stop], w[start:stop]
        if len(B) == 1:
            binary_hessian_rows(rows, weights, B, columns, blocks, work)
        else:
            softmax_hessian_rows(rows, weights, B, columns, first, last, blocks, work)
        return blocks

    bounds = chunk_bounds(len(X), _rows_per_chunk(len(X), blocks_size=float(np.prod(shape))))
    parts = parallel_chunks(task, bounds)
    for part in parts[1:]:
        parts[0] += part
    return _unfold(parts[0], m, q)


def _unfold(blocks: np.ndarray, m: int, q: int) -> np.ndarray:
    """Return all of H, (m q, m q), from the upper triangles of the pairs' blocks."""
    H = np.empty((m, q, m, q))
    pairs = ((k, other) for k in range(m) for other in range(k, m))
    for (k, other), block in zip(pairs, blocks, strict=True):
        upper = np.triu(block[:q, :q])
        upper += np.triu(upper, 1).T
        H[k, :, other] = H[other, :, k] = upper
    return H.reshape(m * q, m * q)


def _rows_per_chunk(n: int, blocks_size: float) -> int:
    """At most 16 chunks, each worth some 100 us, and no more than their scratch allows."""
    most = max(2, min(16, int(MOST_SCRATCH // blocks_size)))
    return max(-(-n // most), int(2_000_000 // blocks_size), 1)


@jit(
    "void(const T[:, ::1], const float64[::1], const float64[:, ::1], const int64[::1], "
    "float64[:, :, ::1], float64[:, ::1])",
    fastmath=NAN_SAFE_FASTMATH,
)
def binary_hessian_rows(X, w, B, columns, blocks, work):
    """Add to blocks[0], upper triangle by 4 x 2 tiles; work is (2 + 2 padded, ROWS)."""
    n, padded, step = len(X), blocks.shape[1], work.shape[1]
    T, S = work[2 : 2 + padded], work[2 + padded :]
    for start in range(0, n, step):
        stop = min(start + step, n)
        d = work[1, : stop - start]
        scores(X[start:stop], B, work)
        transpose_columns(X[start:stop], columns, T)
        binary_curvature(w[start:stop], work[0], d)
        add_weighted_gram(T, d, S, blocks[0])


@jit(
    "void(const T[:, ::1], const float64[::1], const float64[:, ::1], const int64[::1], int64, "
    "int64, float64[:, :, ::1], float64[:, ::1])",
    fastmath=NAN_SAFE_FASTMATH,
)
def softmax_hessian_rows(X, w, B, columns, first, last, blocks, work):
    """Add to blocks[pair], upper triangle by 4 x 2 tiles; work is (K + 2 + 2 padded, ROWS)."""
    n, K, padded, step = len(X), len(B), blocks.shape[1], work.shape[1]
    T, S = work[K + 2 : K + 2 + padded], work[K + 2 + padded :]
    for start in range(0, n, step):
        stop = min(start + step, n)
        d = work[K, : stop - start]
        scores(X[start:stop], B, work)
        softmax(w[start:stop], work, K, stop - start)
        transpose_columns(X[start:stop], columns, T)
        pair = 0
        for k in range(first, last):
            for l in range(k, last):  # noqa: E741
                softmax_curvature(w[start:stop], work[k], work[l], k == l, d)
                add_weighted_gram(T, d, S, blocks[pair])
                pair += 1


@jit(fastmath=NAN_SAFE_FASTMATH)
def binary_curvature(w, z, d):
    """Write w sigma(z) (1 - sigma(z)) to d, without cancellation for large scores."""
    for i in range(d.size):
        s = sigmoid64(-abs(z[i]))
        d[i] = w[i] * s * (1.0 - s)


@jit(fastmath=NAN_SAFE_FASTMATH)
def softmax_curvature(w, pk, pl, same, d):
    """Write w p_k ([k = l] - p_l) to d; `softmax` left w p in pk and pl."""
    delta = 1.0 if same else 0.0
    for i in range(d.size):
        d[i] = pk[i] * (delta - pl[i] / w[i]) if w[i] > 0.0 else 0.0


@jit
def transpose_columns(X, columns, T):
    """T[a, i] = [X 1][i, columns[a]]."""
    n, p = X.shape
    for i in range(n):
        x = X[i]
        for a in range(columns.size):
            j = columns[a]
            T[a, i] = x[j] if j < p else 1.0


@jit(fastmath=NAN_SAFE_FASTMATH)
def add_weighted_gram(T, d, S, H):
    """H[a, b] += sum_i d_i T[a, i] T[b, i], for b >= a and whatever shares a tile with these."""
    n = d.size
    for a in range(len(H)):
        for i in range(n):
            S[a, i] = d[i] * T[a, i]
    for a in range(0, len(H), 4):
        for b in range(a, len(H), 2):
            h00 = h01 = h10 = h11 = h20 = h21 = h30 = h31 = 0.0
            for i in range(n):
                u, v = T[b, i], T[b + 1, i]
                h00 += S[a, i] * u
                h01 += S[a, i] * v
                h10 += S[a + 1, i] * u
                h11 += S[a + 1, i] * v
                h20 += S[a + 2, i] * u
                h21 += S[a + 2, i] * v
                h30 += S[a + 3, i] * u
                h31 += S[a + 3, i] * v
            H[a, b] += h00
            H[a, b + 1] += h01
            H[a + 1, b] += h10
            H[a + 1, b + 1] += h11
            H[a + 2, b] += h20
            H[a + 2, b + 1] += h21
            H[a + 3, b] += h30
            H[a + 3, b + 1] += h31
