"""Leave-one-out errors of ridge regression, for many penalties at the price of one decomposition.

Problem
    e_i(alpha) = y_i - (prediction for x_i of the ridge model fitted without sample i).

Equations
    Ridge is linear in y and leaving out a sample is a rank-one change, so (Allen, Technometrics 16,
    1974; Golub, Heath & Wahba, Technometrics 21, 1979)

        e_i = r_i / (1 - h_i),    r = y - fit to all samples,    h_i = d fit_i / d y_i .

    With A = W^1/2 (X - mean), A'A = V S^2 V' and t_i = V'(x_i - mean),

    tall    r_i = y_i - mean y - t_i' (S^2 + alpha)^-1 V'A'y
            h_i = w_i (1 / sum w + t_i' (S^2 + alpha)^-1 t_i) .

    With n <= p the fit may go through every sample; then h_i is near 1, and 1 - h_i all
    cancellation. Both r and 1 - h have alpha as a factor, which is taken out: A A' = U S^2 U' and

    wide    e_i = w_i^-1/2 (G W^1/2 y)_i / G_ii,    G = U (S^2 + alpha)^-1 U' without u u' / alpha,

    where u = W^1/2 1 / |W^1/2 1| is the eigenvector of the intercept (A'u = 0). Samples of
    weight 0 take no part in the fit: e_i = r_i.
"""

import numpy as np

from scratchml.linear_model import centred, householder
from scratchml.linear_model import least_squares_wide as wide


def leave_one_out_errors(X, Y, weights, alphas, *, intercept=True, mode="eigen"):
    """Return e (n, t, number of alphas) of the problem above, all alphas > 0.

    mode "eigen" decomposes the Gram matrix, "svd" the triangle of A's QR factorization: right
    also for alphas below 1e-16 times the largest eigenvalue, at the price of the factorization.
    """
    used = len(X) if weights is None else int(np.count_nonzero(weights))
    solve = _wide if used - intercept <= X.shape[1] else _tall
    return solve(X, Y, weights, np.asarray(alphas, dtype=float), intercept, mode)


def _tall(X, Y, weights, alphas, intercept, mode):
    data = centred.centre(X, Y, weights, intercept)
    unscale = data.norms[:, None]
    if mode == "svd":
        R = householder.fold(centred.strips_of_A(data, 0.0), np.zeros_like(data.gram))
        squares, V = _right_singular(R * unscale.T)
    else:
        squares, V = np.linalg.eigh(data.gram * unscale * unscale.T)
    filters = 1.0 / (np.maximum(squares, 0.0)[:, None] + alphas)  # (p, alphas)
    target = V.T @ (unscale * data.cross)  # (p, t)
    errors = np.empty((len(X), Y.shape[1], len(alphas)))
    for rows, Z, U in centred.shifted_strips(X, Y, data.shift, data.y_shift):
        T = V.T @ (Z - data.mean[:, None])  # (p, m)
        w = 1.0 if weights is None else weights[rows][:, None]
        rest = 1.0 - w * (intercept / data.total + (T**2).T @ filters)  # (m, alphas)
        y = U[1:] - data.y_mean[:, None]
        for k in range(len(y)):
            errors[rows, k] = (y[k][:, None] - T.T @ (target[:, [k]] * filters)) / rest
    return errors


def _wide(X, Y, weights, alphas, intercept, mode):
    used = np.ones(len(X), dtype=bool) if weights is None else weights > 0
    kept = (X, Y, weights) if used.all() else (X[used], Y[used], weights[used])
    data = wide.centre(*kept, intercept)
    if mode == "svd":
        squares, U = _right_singular(
            householder.fold(wide.strips_of_A(data, 0.0), np.zeros_like(data.gram))
        )
    else:
        squares, U = np.linalg.eigh(data.gram)
    axis = data.u @ data.u  # the eigenvalue that the Gram matrix has been given for u
    errors = np.empty((len(X), Y.shape[1], len(alphas)))
    for k, alpha in enumerate(alphas):
        inverse = 1.0 / (np.maximum(squares, 0.0) + alpha)
        c = U @ (inverse[:, None] * (U.T @ data.y))  # (n, t)
        diagonal = U**2 @ inverse
        if intercept:
            diagonal -= data.u**2 / (axis * (axis + alpha))
        errors[used, :, k] = c / (diagonal * data.root)[:, None]
        if not used.all():
            b = wide.apply_transpose(data, c)
            errors[~used, :, k] = Y[~used] - data.y_mean - (X[~used] - data.mean) @ b
    return errors


def _right_singular(R):
    """Return the squared singular values and the right singular vectors (as columns) of R."""
    _, s, Vt = np.linalg.svd(R)
    return s**2, Vt.T
