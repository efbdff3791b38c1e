"""Linear least squares with no more samples than features: the dual problem.

Problem
    minimise |b| subject to A b = y in the least-squares sense, or |y - A b|^2 + alpha |b|^2, with
    A = W^1/2 (X - mean) (n, p), n <= p (or n = p + 1 where the mean was taken out).

Method
    The minimiser lies in the row space, b = A'a, and a (n,) solves

        (K + alpha I) a = y,   K = A A' ,

    the normal equations of A', so that `normal_equations` applies as it stands. In the refinement

        r = y - A b - alpha a,   (K + alpha I) da = r,   a <- a + da,   b <- b + A'da

    b is corrected, not recomputed from a, whose entries may be kappa times larger.

Intercept
    Centring makes K singular: K u = 0 for u = W^1/2 1. But y'u = 0 too, hence a'u = 0, and adding
    c u u' changes nothing but makes K regular. (K has the row c^1/2 u' more in its square root.)
"""

from typing import NamedTuple

import numpy as np

from scratchml.linear_model.centred import STRIP, intercept_at
from scratchml.linear_model.exact_product import (
    exact_product,
    slice_bits,
    slices,
    two_product,
    two_sum,
)
from scratchml.linear_model.normal_equations import (
    Residual,
    Solution,
    certify,
    factorize,
    final_intercept,
    refine,
)


class CentredRows(NamedTuple):
    """Data with their means, and the Gram matrix of the rows."""

    X: np.ndarray  # (n, p)
    Y: np.ndarray  # (n, t)
    root: np.ndarray  # (n,) square roots of the weights
    intercept: bool
    mean: np.ndarray  # (p,) rounded to float64; zeros without intercept
    y_mean: np.ndarray  # (t,)
    y: np.ndarray  # (n, t) W^1/2 (Y - y_mean)
    gram: np.ndarray  # (n, n) K + c u u'
    u: np.ndarray  # (n,) c^1/2 W^1/2 1, zeros without intercept
    norms: np.ndarray  # (p,) column norms of A
    y_norm: np.ndarray  # (t,)

    def targets(self, k):
        """Return the same data with the targets picked by the index `k` only."""
        return self._replace(
            Y=self.Y[:, k], y_mean=self.y_mean[k], y=self.y[:, k], y_norm=self.y_norm[k]
        )


def centre(X, Y, weights, intercept):
    """Return the data (n, p), (n, t), (n,) or None, as `CentredRows`."""
    n, p = X.shape
    root = np.ones(n) if weights is None else np.sqrt(weights)
    total = root @ root
    mean, y_mean = np.zeros(p), np.zeros(Y.shape[1])
    if intercept:
        y_mean = root**2 @ Y / total
    K, norms = np.zeros((n, n)), np.empty(p)
    for columns in _column_strips(X):
        if intercept:
            mean[columns] = root**2 @ X[:, columns] / total
        A = root[:, None] * (X[:, columns] - mean[columns])
        K += A @ A.T
        norms[columns] = np.linalg.norm(A, axis=0)
    u = np.zeros(n)
    if intercept:
        u = root * np.sqrt((np.trace(K) / n or 1.0) / total)
    y = root[:, None] * (Y - y_mean)
    y_norm = np.linalg.norm(y, axis=0)
    K += np.outer(u, u)
    return CentredRows(X, Y, root, intercept, mean, y_mean, y, K, u, norms, y_norm)


def solve(data, alpha, always_svd=False):
    """Solve the wide problem for targets with the same alpha."""
    n, p = data.X.shape
    H = data.gram + alpha * np.eye(n)
    eps = float(np.finfo(data.X.dtype).eps)
    factor = factorize(H, lambda: strips_of_A(data, alpha), (p, n), eps, always_svd)
    fit = refine(
        factor,
        data.y,
        lambda x, exact: _residual(data, x, alpha, exact),
        data.X.size,
        expand=lambda a: np.vstack([a, apply_transpose(data, a)]),
        scale=float(np.sqrt(np.trace(data.gram))),
        part=slice(n, None),
    )
    x = fit.last + fit.step
    a, b = x[:n], x[n:]
    left = fit.residual.gradient - H @ (a - fit.last[:n])
    axis = data.u / (np.linalg.norm(data.u) or 1.0)
    return Solution(
        b.T,
        final_intercept(fit.residual, data.mean, fit.step[n:]),
        factor.rank - data.intercept,
        factor.R - np.outer(factor.R @ axis, axis),
        np.sum((left + alpha * a) ** 2, axis=0),
        certify(
            "wide",
            factor,
            fit,
            apply_transpose(data, left),
            np.outer(data.norms, data.y_norm),
        ),
    )


def _column_strips(X):
    n, p = X.shape
    m = max(1024, STRIP // n)
    return [slice(j, min(j + m, p)) for j in range(0, p, m)]


def _strips(data):
    """Yield ``columns, A[:, columns]``."""
    for columns in _column_strips(data.X):
        yield columns, data.root[:, None] * (data.X[:, columns] - data.mean[columns])


def strips_of_A(data, alpha):
    """Yield A' (m, n) with the rows u' and alpha^1/2 I, strip by strip."""
    yield data.u[None, :]
    yield np.sqrt(alpha) * np.eye(len(data.u))
    for _, A in _strips(data):
        yield A.T


def apply_transpose(data, a):
    """Return A'a."""
    b = np.empty((data.X.shape[1], a.shape[1]))
    for columns, A in _strips(data):
        b[columns] = A.T @ a
    return b


def _residual(data, x, alpha, exact):
    """Return the Residual at x = [a; b]: y - A b - alpha a, in plain arithmetic or exactly."""
    n = len(data.X)
    a, b = x[:n], x[n:]
    r, error = _exact_difference(data, b) if exact else (_plain_difference(data, b), 0.0)
    root, zero = data.root[:, None], np.zeros_like(data.mean)
    b0, b0_low = intercept_at(data.y_mean, 0.0, data.mean, zero, zero + 1.0, b)
    if data.intercept:
        constant = data.root**2 @ (r + error) / (data.root @ data.root)
        r, rest = two_sum(r, -constant)
        error = error + rest
        b0, rest = two_sum(b0, constant)
        b0_low = b0_low + rest
    weighted, rest = two_product(root, r)
    penalty, penalty_error = two_product(alpha, a)
    gradient, left = two_sum(weighted, -penalty)
    gradient += left + (rest + root * error - penalty_error)
    return Residual(gradient, np.einsum("ij,ij->j", weighted, weighted), (b0, b0_low))


def _plain_difference(data, b):
    """Return Y - y_mean - (X - mean) b."""
    r = data.Y - data.y_mean
    for columns in _column_strips(data.X):
        r -= (data.X[:, columns] - data.mean[columns]) @ b[columns]
    return r


def _exact_difference(data, b):
    """Return the same as an unevaluated sum of two."""
    hi, lo = two_sum(data.Y.astype(float), -data.y_mean)
    for columns in _column_strips(data.X):
        x, x_error = two_sum(data.X[:, columns].astype(float), -data.mean[columns])
        bits = slice_bits(x.shape[1])
        fit, fit_low = exact_product(slices(x, bits), slices(b[columns], bits, axis=0))
        hi, error = two_sum(hi, -fit)
        lo += error - fit_low - x_error @ b[columns]
    return two_sum(hi, lo)
