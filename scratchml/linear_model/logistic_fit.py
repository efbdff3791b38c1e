"""Fit logistic coefficients: the penalised loss, and which of three minimisers suits it.

    minimise  F(B) = f(B) + ridge / 2 |B'|^2 + lasso |B'|_1,    f(B) = sum_i w_i l_i,  sum_i w_i = 1

f is the logistic loss of `scratchml.linear_model.logistic_loss`; B' are the coefficients without
the intercepts, which are not penalised. With scikit-learn's C and l1_ratio, and the weights' sum
W, ridge = (1 - l1_ratio) / (C W) and lasso = l1_ratio / (C W).

"newton"    A handful of steps, each one Hessian. For many classes the Hessian is singular: adding
            the same vector to the coefficients of all classes changes nothing. All gradients are
            orthogonal to these directions, so a multiple of their projector is added and changes
            no step.
"lbfgs"     Many cheap steps: the value and gradient alone, one pass over X each. Its H0 is the
            inverse of an upper bound of the Hessian (Bohning 1992, theorem 4.1),

                H <= c A'diag(w)A + ridge I for each class,   c = 1/4 (two classes), 1/2 (many),

            which undoes scales of and correlations among the features; without it unscaled data
            need tens of times as many steps. With too many features it is left out.
"proximal"  Proximal Newton, whenever lasso > 0.
"auto"      Newton where its steps are estimated to cost less, else L-BFGS. Newton starts from the
            solution on every tenth row when there are many: it then needs two or three steps on
            all.

Reference: D. Bohning, Multinomial logistic regression algorithm, Ann. Inst. Statist. Math. 44,
1992.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchml.linear_model.cholesky import factorise, solve
from scratchml.linear_model.lbfgs import Minimum, lbfgs
from scratchml.linear_model.logistic_hessian import hessian
from scratchml.linear_model.logistic_loss import loss_and_gradient
from scratchml.linear_model.newton import newton
from scratchml.linear_model.proximal_newton import proximal_newton

MOST_PRECONDITIONED = 500  # features; beyond, H0 costs more than the steps it saves
MOST_NEWTON = 1000  # coefficients: their Hessian takes 8 MB. Beyond, a quarter of X's size
MANY_ROWS = 20_000  # from here on a tenth of the rows gives Newton its start


def fit_logistic(
    X: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    B: np.ndarray,
    *,
    ridge: float,
    lasso: float = 0.0,
    method: str = "auto",
    tol: float = 1e-4,
    max_iter: int = 100,
) -> Minimum:
    """Minimise F from `B`.

    Parameters
    ----------
    X : ndarray of float32 or float64, shape (n, p), C-ordered
        Samples.
    y : ndarray of int64, shape (n,)
        Class codes.
    w : ndarray of float64, shape (n,)
        Weights, of sum 1.
    B : ndarray of float64, shape (K, p) or (K, p + 1)
        Start; K = 1 for two classes. A last column p asks for intercepts.
    ridge, lasso : float
        Strengths of the penalties.
    method : {"auto", "newton", "lbfgs"}
        Minimiser where there is no lasso.
    tol : float
        Bound on the largest entry of the gradient of F. Except for "lbfgs", where steps are many
        and that is the whole rule, the decrease still to be expected must also be below tol^2 / 2.
    max_iter : int
        Most iterations.

    Returns
    -------
    Minimum
        `x` has B's shape, `gradient` is that of F (with lasso, the subgradient of least norm).
    """
    n, p = X.shape
    K, q = B.shape
    penalised = np.arange(q) < p  # (q,)
    l2 = np.tile(ridge * penalised, K)
    if K > 1:
        B = B - B.mean(axis=0)  # the loss is the same and the penalty smaller

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        f, G = loss_and_gradient(X, y, w, x.reshape(K, q))
        g = G.reshape(-1)
        g += l2 * x
        return f + 0.5 * float(l2 @ (x * x)), g

    def penalised_hessian(x: np.ndarray) -> np.ndarray:
        return _regular(hessian(X, w, x.reshape(K, q)), l2, K)

    def some_hessian(x: np.ndarray, J: np.ndarray) -> np.ndarray:
        return _part_of_hessian(X, w, x.reshape(K, q), l2, J)

    x0 = np.ascontiguousarray(B).reshape(-1)
    gap_tol = tol if method == "lbfgs" else tol * tol / 2
    options: dict[str, Any] = {"tol": tol, "gap_tol": gap_tol, "max_iter": max_iter}
    if lasso > 0:
        whole = K * q <= MOST_NEWTON
        parts = [np.arange(K * q)] if whole else list(np.arange(K * q).reshape(K, q))
        l1 = np.tile(lasso * penalised, K)
        result = proximal_newton(value_and_gradient, some_hessian, x0, l1, parts=parts, **options)
    elif method == "newton" or (method == "auto" and newton_pays(n, p, K)):
        if method == "auto" and n >= MANY_ROWS and max_iter > 0:
            x0 = _start_from_every_tenth(X, y, w, x0.reshape(K, q), ridge, value_and_gradient)
        result = newton(value_and_gradient, penalised_hessian, x0, **options)
    else:
        P = bohning_inverse(X, w, K, q, ridge) if q <= MOST_PRECONDITIONED else None
        if method == "auto":
            options["gap_tol"] /= 100  # by so much L-BFGS's H is too small in flat directions
        result = lbfgs(value_and_gradient, x0, precondition=P, **options)
    B = result.x.reshape(K, q)
    if K > 1:
        B[:, p:] -= B[:, p:].mean(axis=0)  # with a lasso nothing else says where they stand
    return result._replace(x=B, gradient=result.gradient.reshape(K, q))


def newton_pays(n: int, p: int, K: int) -> bool:
    """Whether ten Newton steps cost less than the L-BFGS steps that replace them, within memory.

    Measured on one core: 45e9 multiplications a second in Hessian and factorisation, 2e9 in a pass
    over X and 3 ns for an exponential. L-BFGS takes some 30 steps for two classes and 200 for
    many.
    """
    q = p + 1
    if K * q > max(MOST_NEWTON, np.sqrt(n * p) / 2):
        return False
    pairs, steps = K * (K + 1) / 2, 30 if K == 1 else 200
    newton_cost = 10 * (pairs * n * q * q / 2 + 0.7 * (K * q) ** 3) / 45e9
    return bool(newton_cost < steps * n * K * (q / 2e9 + 3e-9))


def bohning_inverse(
    X: np.ndarray, w: np.ndarray, K: int, q: int, ridge: float
) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return the product with the inverse of Bohning's bound, for flat B of shape (K, q).

    None where squares of X overflow.
    """
    bound = hessian(X, w, np.zeros((1, q)))  # A'diag(w)A / 4, the binary Hessian at zero
    if K > 1:
        bound *= 2.0
    diagonal = bound.reshape(-1)[:: q + 1]
    diagonal[: X.shape[1]] += ridge
    if not np.isfinite(bound).all():
        return None
    factor = factorise(bound)
    return lambda g: solve(factor, g.reshape(K, q)).reshape(-1)


def _regular(H: np.ndarray, l2: np.ndarray, K: int) -> np.ndarray:
    """Add the ridge and, for many classes, the projector on the directions that change nothing."""
    size = len(H)
    q = size // K
    if K > 1:
        share = H.diagonal().reshape(K, q).mean(axis=0) / K
        for k in range(K):
            for m in range(K):
                H[np.arange(k * q, (k + 1) * q), np.arange(m * q, (m + 1) * q)] += share
    H.reshape(-1)[:: size + 1] += l2
    return H


def _part_of_hessian(
    X: np.ndarray, w: np.ndarray, B: np.ndarray, l2: np.ndarray, J: np.ndarray
) -> np.ndarray:
    """Return rows and columns J (flat indices into B) of the Hessian with its ridge."""
    q = B.shape[1]
    k, column = np.divmod(J, q)
    columns, first, last = np.unique(column), int(k.min()), int(k.max()) + 1
    H = hessian(X, w, B, columns, (first, last))
    at = (k - first) * len(columns) + np.searchsorted(columns, column)
    if len(at) < len(H):
        H = H[np.ix_(at, at)]
    H.reshape(-1)[:: len(H) + 1] += l2[J]
    return H


def _start_from_every_tenth(
    X: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    B: np.ndarray,
    ridge: float,
    value_and_gradient: Callable[[np.ndarray], tuple[float, np.ndarray]],
) -> np.ndarray:
    """Return the better start of B and the solution on every tenth row."""
    start = B.reshape(-1)
    part = np.ascontiguousarray(w[::10])
    total = part.sum()
    if total <= 0:
        return start
    few = fit_logistic(
        np.ascontiguousarray(X[::10]),
        np.ascontiguousarray(y[::10]),
        part / total,
        B,
        ridge=ridge,
        method="newton",
        tol=1e-3,
        max_iter=8,
    ).x.reshape(-1)
    better = value_and_gradient(few)[0] < value_and_gradient(start)[0]
    return few if better else start
