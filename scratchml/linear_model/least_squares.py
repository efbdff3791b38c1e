"""Linear least squares, with intercept, weights, several targets and an optional ridge penalty.

Problem
    minimise over b (p,) and b0    sum_i w_i (y_i - b0 - x_i'b)^2 + alpha |b|^2 ;

    among several minimisers take the b of least norm. Every target (column of Y) is such a problem.

Centring and scaling
    The best b0 is mean(y) - mean(x)'b, so b solves the problem without b0 in centred data. With
    columns scaled to norm about 1 (within p^1/2 of the best condition that any scaling gives, van
    der Sluis, Numer. Math. 14, 1969), A = W^1/2 (X - mean) D and b = D z,

        (A'A + alpha D^2) z = A'y .

Rule
    n > p (tall): A'A is formed in one pass over the data, factored, and the solution refined
    against the data. The factor is Cholesky's where kappa^2 < 1e11, else Householder's QR,
    else an SVD; `normal_equations` says why. With deficient rank z is unique only up to the null
    space N of A, and b is moved within D N to its least norm.

    n <= p (wide): the same with A' in the place of A, see `least_squares_wide`.

Certificate
    method         "cholesky", "householder" or "svd", of A ("tall") or of A' ("wide")
    condition      kappa of A, over its rank, with the rows that stand for the penalty
    orthogonality  max_j |a_j'r - alpha D_j b_j| / (|a_j| |y|) at the b returned; 0 at the optimum
    digits         decimal digits of z believed right, as the solution for the given floats
    steps          refinement steps

References: A. Bjorck, Numerical Methods for Least Squares Problems, SIAM 1996; N. Higham, Accuracy
and Stability of Numerical Algorithms, SIAM 2002, chapter 20.
"""

import numpy as np

from scratchml.linear_model import least_squares_wide as wide
from scratchml.linear_model.centred import centre, residual, strips_of_A
from scratchml.linear_model.normal_equations import (
    Solution,
    certify,
    factorize,
    final_intercept,
    refine,
)


def least_squares(X, Y, weights=None, *, intercept=True, alpha=0.0, always_svd=False):
    """Solve the problem above.

    X : (n, p), float64 or float32. Y : (n, t). weights : (n,), non-negative, or None.
    alpha : non-negative, a number or one for each target. always_svd : do without the faster
    factors.
    """
    used = len(X) if weights is None else int(np.count_nonzero(weights))
    is_wide = used - intercept < X.shape[1]
    if is_wide and used < len(X):
        X, Y, weights = X[weights > 0], Y[weights > 0], weights[weights > 0]
    with np.errstate(over="ignore", invalid="ignore"):
        data = (wide.centre if is_wide else centre)(X, Y, weights, intercept)
    for size in (data.norms, data.y_norm):
        if not 1e-120 < np.max(size) < 1e120 and (powers := _powers(X, Y)):
            return _shrunk(X, Y, powers, weights, intercept, alpha, always_svd)
    alphas = np.broadcast_to(alpha, Y.shape[1])
    parts = []
    for value in np.unique(alphas):
        k = alphas == value
        part = data if k.all() else data.targets(k)
        parts.append((k, (wide.solve if is_wide else _solve)(part, float(value), always_svd)))
    return _joined(parts)


def _solve(data, alpha, always_svd):
    """Solve the tall problem for targets with the same alpha."""
    scale, p = data.scale[:, None], len(data.scale)
    H = data.gram + np.diag(alpha * data.scale**2)
    eps = float(np.finfo(data.X.dtype).eps)
    factor = factorize(H, lambda: strips_of_A(data, alpha), data.X.shape, eps, always_svd)
    fit = refine(factor, data.cross, lambda z, exact: residual(data, z, alpha, exact), data.X.size)
    b, change = scale * (fit.last + fit.step), scale * fit.step
    if factor.null_space is not None:
        N = np.linalg.qr(scale * factor.null_space)[0]
        b -= N @ (N.T @ b)
        change = b - scale * fit.last
    # g at the last measured point, carried to b by linearity: the step is too small to hurt it
    left = fit.residual.gradient - H @ ((fit.last + fit.step) - fit.last)
    gain = np.sum(fit.step * (fit.residual.gradient + left), axis=0)
    alive = data.scale > 0
    R = np.divide(factor.R, data.scale, out=np.zeros((p, p)), where=alive)
    return Solution(
        b.T,
        final_intercept(fit.residual, data.shift + data.mean, change),
        factor.rank - int(np.count_nonzero(~alive)),
        R,
        np.maximum(fit.residual.sum_of_squares - gain, 0.0),
        certify("tall", factor, fit, left, np.outer(np.sqrt(np.diagonal(H)), data.y_norm)),
    )


def _joined(parts):
    """Put together the Solutions for disjoint sets of targets; the worst certificate counts."""
    if len(parts) == 1:
        return parts[0][1]
    (k, fit), t = parts[0], len(parts[0][0])
    p = fit.coef.shape[1]
    coef, constant, squares = np.empty((t, p)), np.empty(t), np.empty(t)
    for k, fit in parts:
        coef[k], constant[k], squares[k] = fit.coef, fit.intercept, fit.sum_of_squares
    worst = min((fit.certificate for _, fit in parts), key=lambda c: c["digits"])
    return Solution(coef, constant, fit.rank, fit.factor, squares, worst)


def _powers(X, Y):
    """Return the binary exponents of X and Y if their squares would leave float64's range."""
    ex, ey = (int(np.frexp(max(A.max(), -A.min()))[1]) for A in (X, Y))
    return (ex, ey) if max(abs(ex), abs(ey)) >= 350 else None


def _shrunk(X, Y, powers, weights, intercept, alpha, always_svd):
    """Solve for X / 2^ex and Y / 2^ey, and undo it in the result."""
    ex, ey = powers
    fit = least_squares(
        np.ldexp(X, -ex),
        np.ldexp(Y, -ey),
        weights,
        intercept=intercept,
        alpha=np.ldexp(alpha, -2 * ex),
        always_svd=always_svd,
    )
    with np.errstate(over="ignore", under="ignore"):  # a sum of squares may well be infinite
        return fit._replace(
            coef=np.ldexp(fit.coef, ey - ex),
            intercept=np.ldexp(fit.intercept, ey),
            factor=np.ldexp(fit.factor, ex),
            sum_of_squares=np.ldexp(fit.sum_of_squares, 2 * ey),
        )
