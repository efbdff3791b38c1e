"""Passes over the data of a linear model: centred moments, and residuals to the last digit.

Centring
    With any shift s near the mean, d = mean(x - s) and W = sum w,

        sum w (x - mean x)(x - mean x)' = sum w (x - s)(x - s)' - W d d' ,

    and the subtraction is harmless while d is small beside the spread. s is the mean of about
    SAMPLE evenly spaced rows, for which d^2 <= (n / SAMPLE) variance whatever the data; weights can
    still spoil it, and then a second pass starts from s + d.

Scaling
    D brings each centred column to norm about 1 by a power of two, which rounds nothing.

        A = W^1/2 (X - mean) D,   z = D^-1 b

Residual at z
    r = y - b0 - X b and the gradient A'r, both from the shifted data. Exactly means: to twice the
    precision, with the rounding of X - s carried along.

Data are read in strips of half a megabyte, so that no copy of them is needed.
"""

from typing import NamedTuple

import numpy as np

from scratchml.linear_model.exact_product import exact_product, two_product, two_sum
from scratchml.linear_model.normal_equations import EPS, Residual

STRIP = 1 << 16  # numbers in a strip: half a megabyte stays in the second-level cache
SAMPLE = 4096


class Centred(NamedTuple):
    """Data, with what centres and scales them."""

    X: np.ndarray  # (n, p) float64 or float32, never written
    Y: np.ndarray  # (n, t)
    weights: np.ndarray | None  # (n,)
    intercept: bool
    total: float  # W
    shift: np.ndarray  # (p,) s
    y_shift: np.ndarray  # (t,)
    mean: np.ndarray  # (p,) d, the mean after the shift
    y_mean: np.ndarray  # (t,)
    scale: np.ndarray  # (p,) diagonal of D; 0 for a constant column
    gram: np.ndarray  # (p, p) A'A, with 1 on the diagonal for a constant column
    cross: np.ndarray  # (p, t) A'y
    y_norm: np.ndarray  # (t,) |y| after centring

    def targets(self, k):
        """Return the same data with the targets picked by the index `k` only."""
        return self._replace(
            Y=self.Y[:, k],
            y_shift=self.y_shift[k],
            y_mean=self.y_mean[k],
            cross=self.cross[:, k],
            y_norm=self.y_norm[k],
        )


def centre(X, Y, weights, intercept):
    """Return the data (n, p), (n, t), (n,) or None, as `Centred`."""
    n, p = X.shape
    shift, y_shift = np.zeros(p), np.zeros(Y.shape[1])
    if intercept:
        some = slice(None, None, max(1, n // SAMPLE))
        shift, y_shift = X[some].mean(axis=0, dtype=float), Y[some].mean(axis=0, dtype=float)
    for _ in range(2):
        M, C, y_squares = _moments(X, Y, weights, shift, y_shift)
        total = M[0, 0]
        d, y_mean = (M[0, 1:] / total, C[0] / total) if intercept else (0 * shift, 0 * y_shift)
        gram = M[1:, 1:] - total * np.outer(d, d)
        squares = np.diagonal(gram)
        rounding = total * (EPS * (shift + d)) ** 2  # a column that varies by less is constant
        if np.all(total * d**2 <= 100 * np.maximum(squares, rounding)):
            break
        shift, y_shift = shift + d, y_shift + y_mean
    alive = squares > rounding
    scale = np.where(alive, np.ldexp(1.0, -(np.frexp(squares)[1] // 2)), 0.0)
    gram = scale[:, None] * gram * scale + np.diag(1.0 - alive)
    cross = scale[:, None] * (C[1:] - total * np.outer(d, y_mean))
    y_norm = np.sqrt(np.maximum(y_squares - total * y_mean**2, 0.0))
    fixed = (X, Y, weights, intercept, total, shift, y_shift, d, y_mean)
    return Centred(*fixed, scale, gram, cross, y_norm)


def _moments(X, Y, weights, shift, y_shift):
    """Return the sums of w z z', w z t' and w t^2 over the rows z = [1, x - s], t = y - y_shift."""
    p, t = X.shape[1], Y.shape[1]
    M, C, squares = np.zeros((1 + p, 1 + p)), np.zeros((1 + p, t)), np.zeros(t)
    for rows, Z, T in shifted_strips(X, Y, shift, y_shift):
        if weights is not None:
            root = np.sqrt(weights[rows])
            Z *= root
            T *= root
        M += Z @ Z.T  # one and the same array twice: NumPy computes one triangle of it only
        C += Z @ T.T
        squares += np.einsum("ij,ij->i", T, T)
    return M, C, squares


def shifted_strips(X, Y, shift, y_shift):
    """Yield ``rows, Z, T``: a slice, Z = [1, X - s]' (1 + p, m) and T = (Y - y_shift)' (t, m).

    The arrays are float64, with the samples side by side, and overwritten by the next strip.
    """
    n, p = X.shape
    m = min(n, max(1024, STRIP // (1 + p)))
    Z, T = np.ones((1 + p, m)), np.empty((Y.shape[1], m))
    for i in range(0, n, m):
        rows = slice(i, min(i + m, n))
        z, t = Z[:, : rows.stop - i], T[:, : rows.stop - i]
        z[0] = 1.0
        np.subtract(X[rows].T, shift[:, None], out=z[1:])
        np.subtract(Y[rows].T, y_shift[:, None], out=t)
        yield rows, z, t


def strips_of_A(data):
    """Yield A (m, p), strip by strip."""
    for rows, Z, _ in shifted_strips(data.X, data.Y[:, :0], data.shift, data.y_shift[:0]):
        A = (Z[1:] - data.mean[:, None]) * data.scale[:, None]
        yield (A if data.weights is None else A * np.sqrt(data.weights[rows])).T


def residual(data, z, alpha, exact):
    """Return the Residual of (A'A + alpha D^2) z = A'y at z (p, t), in plain arithmetic or exactly.

    With an intercept, the gradient is that of the centred problem: g - D d g_0, g_0 = sum w r.
    """
    constant = data.y_mean - data.mean @ (data.scale[:, None] * z)
    add = _exact_terms if exact else _plain_terms
    hi, lo, squares = np.zeros((1 + len(z), z.shape[1])), 0.0, 0.0
    for rows, Z, T in shifted_strips(data.X, data.Y, data.shift, data.y_shift):
        Z[1:] *= data.scale[:, None]
        g, error, rr = add(data, rows, Z, T, np.vstack([constant[None, :], z]))
        hi, rest = two_sum(hi, g)
        lo, squares = lo + (rest + error), squares + rr
    penalty, error = two_product(alpha * data.scale[:, None] ** 2, z)
    gradient, rest = two_sum(hi[1:], -penalty)
    gradient += rest + (lo[1:] - error if exact else -error)
    gradient -= np.outer(data.scale * data.mean, hi[0])
    return Residual(gradient, squares, constant + hi[0] / data.total * data.intercept)


def intercept(constant, y_shift, shift, last, step):
    """Return y_shift + constant - shift'(last + step): the parts may cancel, so it rounds once.

    constant : (t,), already the one for last + step; both (p, t) are unscaled coefficients.
    """
    hi, lo = exact_product(shift[None, :], last)
    total, error = two_sum(y_shift, constant)
    total, rest = two_sum(total, -hi[0])
    return total + (rest + error - lo[0] - shift @ step)


def _plain_terms(data, rows, Z, T, beta):
    """Return sum w z r over a strip, 0, and sum w r^2."""
    r = T - beta.T @ Z  # (t, m)
    wr = r if data.weights is None else r * data.weights[rows]
    return Z @ wr.T, 0.0, np.einsum("ij,ij->i", wr, r)


def _exact_terms(data, rows, Z, T, beta):
    """Return the same, with the first as an unevaluated sum of two."""
    _, X_error = two_sum(data.X[rows].T.astype(float), -data.shift[:, None])
    _, T_error = two_sum(data.Y[rows].T.astype(float), -data.y_shift[:, None])
    X_error *= data.scale[:, None]
    fit, fit_error = exact_product(Z.T, beta)
    r, error = two_sum(T.T, -fit)  # (m, t)
    r, error = two_sum(r, error + (T_error.T - fit_error - X_error.T @ beta[1:]))
    wr, wr_error = r, error
    if data.weights is not None:
        w = data.weights[rows][:, None]
        wr, rest = two_product(w, r)
        wr_error = w * error + rest
    g, g_error = exact_product(Z, wr)
    g_error += Z @ wr_error
    g_error[1:] += X_error @ wr
    return g, g_error, np.einsum("ij,ij->j", wr, r)
