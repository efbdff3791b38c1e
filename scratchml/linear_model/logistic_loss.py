"""The logistic loss of linear scores: value and gradient, for two classes and for many.

Row x_i of X has the scores z_ik = <b_k, x_i> + b0_k, and the loss is -log P(y_i | x_i):

    one row in B (two classes, y in {0, 1})           K rows (softmax, y in {0..K-1})
    P(1 | x)  = sigma(z) = 1 / (1 + exp(-z))          p_k = exp(z_k) / sum_l exp(z_l)
    l         = log(1 + exp(z)) - y z                 l   = log sum_k exp(z_k) - z_y
    dl/dz     = sigma(z) - y                          dl/dz_k = p_k - [k = y]
    d2l/dz2   = sigma(z) (1 - sigma(z))               d2l/dz_k dz_l = p_k ([k = l] - p_l)

    f(B) = sum_i w_i l_i,    gradient = R' [X 1],  R_ik = w_i dl/dz_ik

    B       (K, p) or, with the intercepts b0 as its last column, (K, p + 1); K = 1 for two classes
    y, w    (n,)   class codes; weights >= 0

`definition` says this in NumPy, Hessian included, and is what the tests compare with. What runs is
`loss_and_gradient`, which forms scores, residuals and gradient of a block of rows while the block
is in cache: X is read once, and nothing of size n is stored. The Hessian is in
`scratchml.linear_model.logistic_hessian`.

No score overflows. With t = -z for y = 1 and t = z for y = 0, the binary loss is log(1 + exp(t))
and its derivative +-sigma(t): neither cancels, however sure the model is. Softmax subtracts the
largest score first.

Reference: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd edition, 2009,
section 4.4.
"""

import numpy as np

from scratchml._core.elementary import exp64, log1p_exp64, sigmoid64
from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks


def loss_and_gradient(
    X: np.ndarray, y: np.ndarray, w: np.ndarray, B: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return f and its gradient at `B`.

    Parameters
    ----------
    X : ndarray of float32 or float64, shape (n, p), C-ordered
        Samples.
    y : ndarray of int64, shape (n,)
        Class codes; 0 or 1 when `B` has one row.
    w : ndarray of float64, shape (n,)
        Weights.
    B : ndarray of float64, shape (K, p) or (K, p + 1), C-ordered
        Coefficients, the intercepts in the last column if there is one more than features.

    Returns
    -------
    loss : float
        f(B). The same bits for any number of threads.
    gradient : ndarray of float64, of B's shape
        Its gradient.
    """
    kernel = binary_rows if len(B) == 1 else softmax_rows

    def task(start: int, stop: int) -> tuple[float, np.ndarray]:
        G = np.zeros(B.shape)
        work = np.empty((len(B) + 2, rows_per_block(B.shape[1])))
        return kernel(X[start:stop], y[start:stop], w[start:stop], B, G, work), G

    parts = parallel_chunks(task, chunk_bounds(len(X), _rows_per_chunk(len(X), B)))
    loss, gradient = parts[0]
    for part, G in parts[1:]:
        loss += part
        gradient += G
    return loss, gradient


def definition(
    X: np.ndarray, y: np.ndarray, w: np.ndarray, B: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return f, its gradient and its Hessian, (K q, K q) for B of shape (K, q)."""
    K, q = B.shape
    A = np.hstack([X, np.ones((len(X), q - X.shape[1]))])
    Z = A @ B.T  # (n, K)
    if K == 1:  # softmax of the scores (0, z), of which only the second depends on B
        Z = np.hstack([np.zeros_like(Z), Z])
    top = Z.max(axis=1, keepdims=True)
    E = np.exp(Z - top)
    P = E / E.sum(axis=1, keepdims=True)
    loss = w @ (np.log(E.sum(axis=1)) + top[:, 0] - Z[np.arange(len(y)), y])
    R = w[:, np.newaxis] * (P - np.eye(P.shape[1])[y])
    P, R = P[:, -K:], R[:, -K:]
    S = w[:, None, None] * (P[:, :, None] * np.eye(K) - P[:, :, None] * P[:, None, :])  # (n, K, K)
    return loss, R.T @ A, np.einsum("ij,ikl,im->kjlm", A, S, A).reshape(K * q, K * q)


def rows_per_block(q: int) -> int:
    """Rows whose features fit in the second-level cache twice over; a multiple of 8."""
    return max(32, min(256, 2**15 // q // 8 * 8))


def _rows_per_chunk(n: int, B: np.ndarray) -> int:
    """At most 16 chunks, each worth some 200 us: a score costs 2 q operations, an exp about 20."""
    K, q = B.shape
    return max(-(-n // 16), 2_000_000 // (K * (2 * q + 20)), 1)


_ROWS = (
    "float64(const T[:, ::1], const int64[::1], const float64[::1], const float64[:, ::1], "
    "float64[:, ::1], float64[:, ::1])"
)


@jit(_ROWS, fastmath=NAN_SAFE_FASTMATH)
def binary_rows(X, y, w, B, G, work):
    """Add the gradient to G and return the loss of two classes; work is (>= 1, rows of a block)."""
    n, block = len(X), work.shape[1]
    loss = 0.0
    for start in range(0, n, block):
        stop = min(start + block, n)
        scores(X[start:stop], B, work)
        loss += binary_residuals(y[start:stop], w[start:stop], work[0])
        add_gradient(X[start:stop], work, G)
    return loss


@jit(_ROWS, fastmath=NAN_SAFE_FASTMATH)
def softmax_rows(X, y, w, B, G, work):
    """Add the gradient to G and return the loss of K classes; work is (K + 2, rows of a block)."""
    n, K, block = len(X), len(B), work.shape[1]
    loss = 0.0
    for start in range(0, n, block):
        stop = min(start + block, n)
        scores(X[start:stop], B, work)
        loss += softmax_residuals(y[start:stop], w[start:stop], work, K)
        add_gradient(X[start:stop], work, G)
    return loss


@jit(fastmath=NAN_SAFE_FASTMATH)
def scores(X, B, Z):
    """Z[k, i] = <B[k], [X[i] 1]>."""
    n, p = X.shape
    for i in range(n):
        for k in range(len(B)):
            z = B[k, p] if B.shape[1] > p else 0.0
            for j in range(p):
                z += B[k, j] * X[i, j]
            Z[k, i] = z


@jit(fastmath=NAN_SAFE_FASTMATH)
def binary_residuals(y, w, z):
    """Overwrite scores z with w dl/dz and return the loss."""
    loss = 0.0
    for i in range(y.size):
        sign = 1.0 - 2.0 * y[i]
        t = sign * z[i]
        loss += w[i] * log1p_exp64(t)
        z[i] = w[i] * sign * sigmoid64(t)
    return loss


@jit(fastmath=NAN_SAFE_FASTMATH)
def softmax_residuals(y, w, Z, K):
    """Overwrite scores Z[:K] with w dl/dz and return the loss; Z[K] and Z[K + 1] are scratch."""
    n = y.size
    loss = 0.0
    for i in range(n):
        loss -= w[i] * Z[y[i], i]
    loss += softmax(w, Z, K, n)
    for i in range(n):
        Z[y[i], i] -= w[i]
    return loss


@jit(fastmath=NAN_SAFE_FASTMATH)
def softmax(w, Z, K, n):
    """Overwrite scores Z[:K] with w p_k and return sum_i w_i log sum_k exp(z_ik)."""
    top, total = Z[K], Z[K + 1]
    for i in range(n):
        top[i] = Z[0, i]
        total[i] = 0.0
    for k in range(1, K):
        z = Z[k]
        for i in range(n):
            top[i] = z[i] if z[i] > top[i] else top[i]
    for k in range(K):
        z = Z[k]
        for i in range(n):
            z[i] = exp64(z[i] - top[i])
            total[i] += z[i]
    loss = 0.0
    for i in range(n):
        loss += w[i] * (np.log(total[i]) + top[i])
        total[i] = w[i] / total[i]
    for k in range(K):
        z = Z[k]
        for i in range(n):
            z[i] *= total[i]
    return loss


@jit(fastmath=NAN_SAFE_FASTMATH)
def add_gradient(X, R, G):
    """G += R' [X 1]."""
    n, p = X.shape
    for i in range(n):
        for k in range(len(G)):
            r = R[k, i]
            for j in range(p):
                G[k, j] += r * X[i, j]
            if G.shape[1] > p:
                G[k, p] += r
