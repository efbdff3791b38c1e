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
    r = y - b0 - X b, b0 = mean y - mean x'b, and the gradient A'r: in plain arithmetic from the
    shifted data, or to twice the precision from the data as they are, with b0 in two parts.

Data are read in strips of half a megabyte, so that no copy of them is needed. Large data whose
means lie within two standard deviations of 0 do without a shift, and then not even strips are
copied.
"""

from typing import NamedTuple

import numpy as np

from scratchml.linear_model.exact_product import (
    Slices,
    exact_product,
    slice_bits,
    slices,
    two_product,
    two_sum,
)
from scratchml.linear_model.normal_equations import EPS, Residual

STRIP = 1 << 16  # numbers in a strip: half a megabyte stays in the second-level cache
SAMPLE = 1024
LONG_ROW = 64  # features


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

    @property
    def norms(self):
        """Norms of the centred columns, to within a factor of 2."""
        return np.divide(1.0, self.scale, out=np.zeros_like(self.scale), where=self.scale > 0)

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
    shift, y_shift = _guess(X, Y, intercept)
    for _ in range(2):
        gram, cross, sums, y_squares = _moments(X, Y, weights, shift, y_shift)
        total = sums[0, 0]
        d, y_mean = 0.0 * shift, 0.0 * y_shift
        if intercept:
            d, y_mean = cross[:, 0] / total, sums[0, 1:] / total
        gram = gram - total * np.outer(d, d)
        squares = np.diagonal(gram)
        rounding = total * (EPS * (shift + d)) ** 2  # a column that varies by less is constant
        if np.all(total * d**2 <= 100 * np.maximum(squares, rounding)):
            break
        shift, y_shift = shift + d, y_shift + y_mean
    alive = squares > rounding
    scale = np.where(alive, np.ldexp(1.0, -(np.frexp(squares)[1] // 2)), 0.0)
    gram = scale[:, None] * gram * scale + np.diag(1.0 - alive)
    cross = scale[:, None] * (cross[:, 1:] - total * np.outer(d, y_mean))
    y_norm = np.sqrt(np.maximum(y_squares - total * y_mean**2, 0.0))
    fixed = (X, Y, weights, intercept, total, shift, y_shift, d, y_mean)
    return Centred(*fixed, scale, gram, cross, y_norm)


def _guess(X, Y, intercept):
    """Return shifts for X and Y: means of some rows; zeros for X if they are near enough."""
    p, t = X.shape[1], Y.shape[1]
    if not intercept:
        return np.zeros(p), np.zeros(t)
    some = slice(None, None, max(1, len(X) // SAMPLE))
    shift = X[some].mean(axis=0, dtype=float)
    if X.size > STRIP and np.all(np.abs(shift) <= 2.0 * X[some].std(axis=0, dtype=float)):
        shift = np.zeros(p)  # costs half a digit, and saves the copies
    return shift, Y[some].mean(axis=0, dtype=float)


def _moments(X, Y, weights, shift, y_shift):
    """Return the sums of w z z', w z u', w u' and w u^2, z = x - s and u = [1, y - y_shift]."""
    p, t = X.shape[1], Y.shape[1]
    gram, cross, sums, squares = np.zeros((p, p)), np.zeros((p, 1 + t)), np.zeros((1, 1 + t)), 0.0
    for rows, Z, U in shifted_strips(X, Y, shift, y_shift):
        if weights is not None:
            root = np.sqrt(weights[rows])
            Z, U = Z * root, U * root
        gram += Z @ Z.T  # one and the same array twice: NumPy computes one triangle of it only
        cross += Z @ U.T
        sums += U[:1] @ U.T
        squares = squares + np.vecdot(U[1:], U[1:])
    return gram, cross, sums, squares


def strip_length(n, p):
    """Return how many rows of n x p data are read at once."""
    return min(n, max(1024, STRIP // (1 + p)))


def row_slices(n, m):
    """Return the slices of m rows, the last one shorter, that cover n rows."""
    return [slice(i, min(i + m, n)) for i in range(0, n, m)]


def shifted_strips(X, Y, shift, y_shift):
    """Yield ``rows, Z, U``: a slice, Z = (X - s)' (p, m) and U = [1, Y - y_shift]' (1 + t, m).

    The arrays are float64, not to be written to, and overwritten by the next strip; without a shift
    Z is X itself. Long rows are kept as rows in memory, short ones become columns: either way the
    subtraction runs along many neighbours.
    """
    n, p = X.shape
    as_it_is = X.dtype == np.float64 and not shift.any()
    m = strip_length(n, p) * (4 if as_it_is and p >= LONG_ROW else 1)
    Z = np.empty((p, 0 if as_it_is else m), order="F" if p >= LONG_ROW else "C")
    U = np.ones((1 + Y.shape[1], m))
    for rows in row_slices(n, m):
        u = U[:, : rows.stop - rows.start]
        np.subtract(Y[rows].T, y_shift[:, None], out=u[1:])
        if as_it_is:
            yield rows, X[rows].T, u
        else:
            z = Z[:, : rows.stop - rows.start]
            np.subtract(X[rows].T, shift[:, None], out=z)
            yield rows, z, u


def strips_of_A(data, alpha):
    """Yield A (m, p) with the rows alpha^1/2 D, strip by strip; a constant column is a unit row."""
    yield np.diag(np.sqrt(alpha) * data.scale + (data.scale == 0))
    for rows, Z, _ in shifted_strips(data.X, data.Y[:, :0], data.shift, data.y_shift[:0]):
        A = (Z - data.mean[:, None]) * data.scale[:, None]
        yield (A if data.weights is None else A * np.sqrt(data.weights[rows])).T


def residual(data, z, alpha, exact):
    """Return the Residual of (A'A + alpha D^2) z = A'y at z (p, t), in plain arithmetic or exactly.

    The gradient of the centred problem is that in the data less their mean times g_0 = sum w r.
    """
    scale = data.scale[:, None]
    g0, (g, g_low), squares, left = (_exact_sums if exact else _plain_sums)(data, z)
    # g_0 comes from the rounding of b0 alone: small enough for its product to be rounded
    g_low = g_low - scale * (left + data.mean[:, None]) * g0
    product, error = two_product(alpha * scale**2, z)
    g, rest = two_sum(g, -product)
    gradient = g + (g_low + rest - error)
    b0, b0_low = intercept_at(data.y_shift, data.y_mean, data.shift, data.mean, data.scale, z)
    b0, error = two_sum(b0, g0 / data.total * data.intercept)
    return Residual(gradient, squares, (b0, b0_low + error))


def intercept_at(y_shift, y_mean, shift, mean, scale, z):
    """Return ``hi, lo``, their sum y_shift + y_mean - (shift + mean)'D z: the parts may cancel."""
    row = np.concatenate([shift * scale, mean * scale])[None, :]
    bits = slice_bits(row.size)
    fit, fit_low = exact_product(slices(row, bits), slices(np.vstack([z, z]), bits, axis=0))
    hi, error = two_sum(y_shift, y_mean)
    hi, rest = two_sum(hi, -fit[0])
    return two_sum(hi, error + rest - fit_low[0])


def _plain_sums(data, z):
    """Return sum w r; D sum w (x - s) r as hi, lo; sum w r^2; and what of s was not subtracted."""
    b = data.scale[:, None] * z
    constant = data.y_mean - data.mean @ b
    g0, g, squares = np.zeros(b.shape[1]), np.zeros(b.shape), np.zeros(b.shape[1])
    for rows, Z, U in shifted_strips(data.X, data.Y, data.shift, data.y_shift):
        r = U[1:] - constant[:, None] - b.T @ Z  # (t, m)
        wr = r if data.weights is None else r * data.weights[rows]
        g0 += wr.sum(axis=1)
        g += Z @ wr.T
        squares += np.vecdot(wr, r)
    return g0, (data.scale[:, None] * g, 0.0), squares, 0.0


def _exact_sums(data, z):
    """Return the same to twice the precision, with only a part of the shift s subtracted.

    Where |s| > 8 / D_j, no entry is farther than |s| / 2 from s, as the column's norm is below 2 /
    D_j; then x - s is exact (Sterbenz), and such a column is shifted. Others stay as they are.
    """
    p, t = z.shape
    near = np.where(np.abs(data.shift) * data.scale > 8.0, data.shift, 0.0)
    left = data.shift - near
    b0, b0_low = intercept_at(data.y_shift, data.y_mean, left, data.mean, data.scale, z)
    sums, low, squares = np.zeros((1 + p, t)), np.zeros((1 + p, t)), np.zeros(t)
    m = strip_length(*data.X.shape)
    bits = slice_bits(max(m, p))
    beta = slices(z, bits, axis=0)
    for rows in row_slices(len(data.X), m):
        Z = np.ones((1 + p, rows.stop - rows.start))
        np.subtract(data.X[rows].T, near[:, None], out=Z[1:])
        Z[1:] *= data.scale[:, None]
        Z = slices(Z, bits)
        fit, fit_low = exact_product(Slices(*(part[1:].T for part in Z)), beta)  # (m, t)
        r, e1 = two_sum(data.Y[rows].astype(float), -fit)
        r, e2 = two_sum(r, -b0)
        r, r_low = two_sum(r, e1 + e2 - fit_low - b0_low)
        wr, wr_low = r, r_low
        if data.weights is not None:
            w = data.weights[rows][:, None]
            wr, error = two_product(w, r)
            wr_low = w * r_low + error
        g, g_low = exact_product(Z, slices(wr, bits, axis=0))
        sums, error = two_sum(sums, g)
        low += error + g_low + (Z.high + Z.middle) @ wr_low
        squares += np.einsum("ij,ij->j", wr, r)
    sums, low = two_sum(sums, low)
    return sums[0], (sums[1:], low[1:]), squares, left[:, None]
