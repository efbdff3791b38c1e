"""Crammer and Singer's machine: all classes in one problem, solved one sample at a time.

Problem. With samples a_i of class y_i, costs C_i and k classes, minimise over w_1 ... w_k

    P = 1/2 sum_m ||w_m||^2 + sum_i C_i max_m (w_m'a_i - w_{y_i}'a_i + [m != y_i])            (1)

Dual. w_m = sum_i alpha_im a_i, where alpha minimises

    D = 1/2 sum_m ||w_m||^2 + sum_im [m != y_i] alpha_im                                      (2)
        with  alpha_im <= C_im := C_i [m = y_i]   and   sum_m alpha_im = 0 for each i

Update. The slopes of D at sample i are G_m = w_m'a_i + [m != y_i]. With the other samples held
still and h = ||a_i||^2, B_m = G_m - h alpha_im, D is lowest at

    alpha_im = min(C_im, (beta - B_m) / h),     beta such that they sum to zero               (3)

(Keerthi et al. 2008, section 3; beta by going down the sorted B_m + h C_im, their algorithm 2).

Violation of sample i: max_m G_m - min {G_m : alpha_im < C_im}; 0 at most where (3) would change
nothing. Where a single class r has alpha_ir < C_ir, and G_r is above the others by more than the
largest violation of the sweep before, the sample is left out until all others are done.

Stopping. In a sweep over all samples, no violation exceeds `tol`.

Reference: S. S. Keerthi, S. Sundararajan, K.-W. Chang, C.-J. Hsieh, C.-J. Lin, "A sequential dual
method for large scale multi-class linear SVMs", KDD 2008.
"""

from typing import NamedTuple

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.random import below
from scratchml.svm.linear_problem import Certificate
from scratchml.svm.linear_rows import Rows, add_row, combine, dot_row, project, squared_norms


class JointSolution(NamedTuple):
    """Where the solver ended."""

    W: np.ndarray  # (k, q)
    alpha: np.ndarray  # (n, k)
    n_iter: int
    converged: bool


def crammer_singer(
    rows: Rows,
    codes: np.ndarray,
    n_classes: int,
    cost: np.ndarray,
    *,
    tol: float,
    max_iter: int,
    seed: int = 0,
    stop: np.ndarray | None = None,
) -> JointSolution:
    """Minimise (2).

    Parameters
    ----------
    rows : Rows
        Samples, (n, q).
    codes : ndarray of int64, shape (n,)
        Classes y_i, from 0.
    n_classes : int
        k, at least 2.
    cost : ndarray of float64, shape (n,)
        C_i, not negative.
    tol : float
        Largest violation allowed.
    max_iter : int
        Most sweeps.
    seed : int
        Of the random orders, in [0, 2^64).
    stop : ndarray of one int64, optional
        Give up early, unfinished, once it is not zero.

    Returns
    -------
    JointSolution
    """
    n = len(codes)
    W, alpha = np.zeros((n_classes, rows.width)), np.zeros((n, n_classes))
    samples = np.stack([squared_norms(rows), cost, codes.astype(float)], axis=1)
    order = np.flatnonzero(cost > 0)
    stop = np.zeros(1, dtype=np.int64) if stop is None else stop
    rule = np.array([tol, max_iter, np.inf])
    work = np.empty((3, n_classes))
    state = (samples, W, alpha, order, rule, work, np.uint64(seed), stop)
    if rows.indices is None:
        sweeps = sweeps_dense(rows.indptr, rows.data, *state)
    else:
        sweeps = sweeps_sparse(rows.indptr, rows.indices, rows.data, *state)
    return JointSolution(W, alpha, int(sweeps), bool(rule[2] <= tol))


def joint_certificate(
    rows: Rows, codes: np.ndarray, cost: np.ndarray, solution: JointSolution
) -> Certificate:
    """Return the objective P, the gap P + D and the largest violation."""
    alpha = solution.alpha
    W = np.array([combine(rows, column) for column in np.ascontiguousarray(alpha.T)])
    G = np.stack([project(rows, w) for w in W], axis=1)  # (n, k)
    own = (np.arange(len(codes)), codes)
    G += 1.0
    G[own] -= 1.0
    half = 0.5 * float(np.vdot(W, W))
    excess = G.max(axis=1) - G[own]
    # P + D = sum_i C_i excess_i + sum_im alpha_im G_im, with terms that are not negative.
    gap = float(np.sum(cost * excess + np.einsum("ij,ij->i", alpha, G)))
    bound = np.zeros_like(alpha)
    bound[own] = cost
    lowest = np.where(alpha < bound, G, np.inf).min(axis=1)
    counted = cost > 0
    violation = float((G.max(axis=1) - lowest)[counted].max(initial=0.0))
    return Certificate(half + float(cost @ excess), gap, max(violation, 0.0))


@jit(
    "int64(const int64[::1], const float64[::1], const float64[:, ::1], float64[:, ::1],"
    " float64[:, ::1], int64[::1], float64[::1], float64[:, ::1], uint64, int64[::1])"
)
def sweeps_dense(indptr, data, samples, W, alpha, order, rule, work, seed, stop):
    """Sweep over dense rows."""
    return sweeps(indptr, None, data, samples, W, alpha, order, rule, work, seed, stop)


@jit(
    "int64(const int64[::1], const int32[::1], const float64[::1], const float64[:, ::1],"
    " float64[:, ::1], float64[:, ::1], int64[::1], float64[::1], float64[:, ::1], uint64,"
    " int64[::1])"
)
def sweeps_sparse(indptr, indices, data, samples, W, alpha, order, rule, work, seed, stop):
    """Sweep over sparse rows."""
    return sweeps(indptr, indices, data, samples, W, alpha, order, rule, work, seed, stop)


@jit
def sweeps(indptr, indices, data, samples, W, alpha, order, rule, work, seed, stop):
    """Sweep until the rule is met; return the sweeps made.

    samples[i] is h, C_i and y_i; rule is the violation allowed, the most sweeps, and last the
    largest violation of a sweep over all samples, written here.
    """
    n, active, firm, most = order.size, order.size, np.inf, int(rule[1])
    G, new = work[0], work[1]
    for sweep in range(most):
        if stop[0] != 0:
            return sweep
        visited, worst, k = active, 0.0, 0
        while k < active:
            pick = k + below(active - k, seed, sweep, k)
            i = order[pick]
            order[pick] = order[k]
            order[k] = i
            own, cost = int(samples[i, 2]), samples[i, 1]
            for m in range(G.size):
                G[m] = dot_row(indptr, indices, data, i, W[m]) + (1.0 if m != own else 0.0)
            v = sample_violation(G, alpha[i], own, cost)
            if -v > firm:
                active -= 1
                order[k] = order[active]
                order[active] = i
                continue
            k += 1
            worst = max(worst, v)
            if v <= 0.0:
                continue
            sample_minimum(G, alpha[i], own, cost, samples[i, 0], new, work[2])
            for m in range(G.size):
                step = new[m] - alpha[i, m]
                if step != 0.0:
                    add_row(indptr, indices, data, i, step, W[m])
                    alpha[i, m] = new[m]
        if visited == n:
            rule[2] = worst
        if worst <= rule[0]:
            if visited == n:
                return sweep + 1
            active, firm = n, np.inf
        else:
            firm = worst
    return most


@jit
def sample_violation(G, alpha, own, cost):
    """Return the violation, or minus the slack of the only class that may grow."""
    low, single, growing = np.inf, 0, 0
    for m in range(G.size):
        if alpha[m] < (cost if m == own else 0.0):
            growing += 1
            if G[m] < low:
                low, single = G[m], m
    high = -np.inf
    for m in range(G.size):
        if growing > 1 or m != single:
            high = max(high, G[m])
    return high - low


@jit
def sample_minimum(G, alpha, own, cost, h, new, heights):
    """Write to new the alpha_i of equation (3); where h is zero, put all on the steepest class."""
    k = G.size
    if h <= 0.0:
        best = 0
        for m in range(k):
            new[m] = 0.0
            best = m if G[m] > G[best] else best
        if best != own:
            new[own], new[best] = cost, -cost
        return
    for m in range(k):  # insertion sort, descending
        height = G[m] - h * alpha[m] + (h * cost if m == own else 0.0)
        j = m
        while j > 0 and heights[j - 1] < height:
            heights[j] = heights[j - 1]
            j -= 1
        heights[j] = height
    beta, r = heights[0] - h * cost, 1
    while r < k and beta < r * heights[r]:
        beta += heights[r]
        r += 1
    beta /= r
    for m in range(k):
        free = alpha[m] + (beta - G[m]) / h
        new[m] = min(free, cost if m == own else 0.0)
