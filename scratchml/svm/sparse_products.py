"""Products x'y of sparse rows x with sparse rows y.

Only features that are not zero in both x and y count. There are two ways to the products of some
rows x with all y:

    by column    for each entry x_f, go down the list of those y with a feature f: as many steps as
                 there are common features (`products_by_column`); best where these are few
    by panel     write eight rows x into a table (d, 8) and go along each y; a step does eight
                 products at once (`products_by_panel`); best where features are common

Both add the features of a pair in their order, one after another, so it is the same sum to the
bit, whichever way is taken and whoever of the two is x. `squared_norms` adds in this order too, so
||x||^2 + ||y||^2 - 2 x'y is exactly 0 for equal rows; and so does `kernel_blocks`, which makes the
products of sparse and of dense samples the same.

By column and by panel, the product of a pair took these nanoseconds: tf-idf of 10,662 sentences
1.1 and 4.9; one-hot coded columns of a census 7.9 and 3.2; MNIST 50 and 30. So a step down a list
costs about 0.3 times the number of entries of a y, and the cheaper way is known before it is taken
.

References: F. Gustavson, "Two fast algorithms for sparse matrices: multiplication and permuted
transposition", ACM TOMS 4 (1978), for the way by column.
"""

import numpy as np

from scratchml._core.jit import jit

PANEL = 8  # rows x at once: a line of the cache
STEP = 0.3  # what a step down a list costs, in entries of a y by panel; measured
_CONTRACT = frozenset({"contract"})


def feature_lists(
    indptr: np.ndarray, indices: np.ndarray, data: np.ndarray, n_features: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the entries by feature: where each one's list begins (d + 1,), rows, values (nnz,)."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(indices, minlength=n_features))])
    rows, values = np.empty_like(indices), np.empty_like(data)
    fill_lists(indptr, indices, data, starts[:-1].copy(), rows, values)
    return starts, rows, values


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const int64[::1], "
    "const int32[::1], const float64[::1], int64, float64[:, ::1])",
    fastmath=_CONTRACT,
)
def products_by_column(indptr, indices, data, starts, rows, values, m, out):
    """Write the products of rows with the first m of those in the lists, list by list."""
    for i in range(len(out)):
        sums = out[i]
        for j in range(m):
            sums[j] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            x, f = data[p], indices[p]
            for q in range(starts[f], starts[f + 1]):
                j = rows[q]
                if j >= m:
                    break
                sums[j] += x * values[q]


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const int64[::1], "
    "const int32[::1], const float64[::1], float64[:, ::1], float64[:, ::1])",
    fastmath=_CONTRACT,
)
def products_by_panel(indptr, indices, data, other_indptr, other_indices, other_data, W, out):
    """Write the products of rows with others, eight rows at a time; W is zero before and after."""
    n = len(out)
    for start in range(0, n, PANEL):
        width = min(PANEL, n - start)
        for k in range(width):
            for p in range(indptr[start + k], indptr[start + k + 1]):
                W[indices[p], k] = data[p]
        for j in range(len(other_indptr) - 1):
            a = b = c = d = e = f = g = h = 0.0
            for p in range(other_indptr[j], other_indptr[j + 1]):
                x, y = W[other_indices[p]], other_data[p]
                a += x[0] * y
                b += x[1] * y
                c += x[2] * y
                d += x[3] * y
                e += x[4] * y
                f += x[5] * y
                g += x[6] * y
                h += x[7] * y
            sums = (a, b, c, d, e, f, g, h)
            for k in range(width):
                out[start + k, j] = sums[k]
        for k in range(width):
            for p in range(indptr[start + k], indptr[start + k + 1]):
                W[indices[p], k] = 0.0


@jit("void(const int64[::1], const float64[::1], float64[::1])", fastmath=_CONTRACT)
def squared_norms(indptr, data, out):
    """Write ||x||^2 of each row."""
    for i in range(len(out)):
        s = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            s += data[p] * data[p]
        out[i] = s


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], int64[::1], int32[::1], "
    "float64[::1])"
)
def fill_lists(indptr, indices, data, ends, rows, values):
    """Append each entry to the list of its feature; `ends` is where the lists end so far."""
    for i in range(len(indptr) - 1):
        for p in range(indptr[i], indptr[i + 1]):
            f = indices[p]
            q = ends[f]
            rows[q], values[q] = i, data[p]
            ends[f] = q + 1
