"""Dual coordinate descent: linear machines one sample at a time.

Problem (2) of `linear_problem`,

    D(b) = 1/2 ||sum_i b_i a_i||^2 + 1/2 sum_i d_i b_i^2 - y'b + epsilon ||b||_1,
           lower_i <= b_i <= upper_i

Update. v = sum_i b_i a_i is kept at hand, so that the slope of D along b_i costs one product and
its minimum is known: with g_i = a_i'v - y_i + d_i b_i and h_i = ||a_i||^2 + d_i,

    b_i <- S(h_i b_i - g_i, epsilon) / h_i, cut to its bounds,    S(z, t) = sign(z) max(|z| - t, 0)

    v <- v + (change of b_i) a_i

(Hsieh et al. 2008, equation 9, where epsilon = 0; Ho and Lin 2012, equation 24). Each sweep visits
the samples in a new random order.

Shrinking. A sample with b_i = 0 is left out, until all others are done, if its slope holds it
there more firmly than any that wanted to return to zero did so in the sweep before; one at another
bound, if more firmly than any wanted to move away from zero (Hsieh et al. 2008, section 3.2).

Stopping. In a sweep over all samples no violation, the slope in a direction that is open to b_i,
exceeds `tol` times the largest one at b = 0.

References: C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. S. Keerthi, S. Sundararajan, "A dual coordinate
descent method for large-scale linear SVM", ICML 2008. C.-H. Ho, C.-J. Lin, "Large-scale linear
support vector regression", JMLR 13 (2012).
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.random import below
from scratchml.svm.linear_problem import LinearProblem, LinearSolution, bounds
from scratchml.svm.linear_rows import add_row, dot_row, squared_norms


def dual_coordinate_descent(
    problem: LinearProblem,
    *,
    tol: float,
    max_iter: int,
    seed: int = 0,
    shrinking: bool = True,
    stop: np.ndarray | None = None,
) -> LinearSolution:
    """Minimise D from b = 0.

    Parameters
    ----------
    problem : LinearProblem
    tol : float
        The largest violation allowed, in terms of the largest one at b = 0.
    max_iter : int
        Most sweeps.
    seed : int
        Of the random orders, in [0, 2^64).
    shrinking : bool
        Whether samples are left out for a time.
    stop : ndarray of one int64, optional
        Give up early, unfinished, once it is not zero.

    Returns
    -------
    LinearSolution
    """
    rows, y, epsilon = problem.rows, problem.y, problem.epsilon
    lower, upper, d = bounds(problem)
    box = np.stack([y, lower, upper, d, squared_norms(rows) + d], axis=1)
    b, v, order = np.zeros(len(y)), np.zeros(rows.width), np.arange(len(y))
    stop = np.zeros(1, dtype=np.int64) if stop is None else stop
    open_up, open_down = np.where(upper > 0, y - epsilon, 0), np.where(lower < 0, -y - epsilon, 0)
    steepest = max(open_up.max(initial=0.0), open_down.max(initial=0.0))
    rule = np.array([epsilon, tol * steepest, max_iter, shrinking, np.inf])
    state = (box, b, v, order, rule, np.uint64(seed), stop)
    if rows.indices is None:
        sweeps = descend_dense(rows.indptr, rows.data, *state)
    else:
        sweeps = descend_sparse(rows.indptr, rows.indices, rows.data, *state)
    return LinearSolution(v, b, int(sweeps), bool(rule[4] <= rule[1]))


@jit(
    "int64(const int64[::1], const float64[::1], const float64[:, ::1], float64[::1], float64[::1],"
    " int64[::1], float64[::1], uint64, int64[::1])"
)
def descend_dense(indptr, data, box, b, v, order, rule, seed, stop):
    """Sweep over dense rows."""
    return descend(indptr, None, data, box, b, v, order, rule, seed, stop)


@jit(
    "int64(const int64[::1], const int32[::1], const float64[::1], const float64[:, ::1],"
    " float64[::1], float64[::1], int64[::1], float64[::1], uint64, int64[::1])"
)
def descend_sparse(indptr, indices, data, box, b, v, order, rule, seed, stop):
    """Sweep over sparse rows."""
    return descend(indptr, indices, data, box, b, v, order, rule, seed, stop)


@jit
def descend(indptr, indices, data, box, b, v, order, rule, seed, stop):
    """Sweep until the rule is met; return the sweeps made.

    box[i] is y_i, lower_i, upper_i, d_i, h_i; rule is epsilon, the violation allowed, the most
    sweeps, whether to shrink, and last the largest violation of a sweep over all samples, written
    here. order[:active] are the samples that are not left out.
    """
    n, epsilon, allowed, most = order.size, rule[0], rule[1], int(rule[2])
    active, firm_zero, firm_bound = n, np.inf, np.inf
    for sweep in range(most):
        if stop[0] != 0:
            return sweep
        visited = active
        inward = outward = 0.0
        k = 0
        while k < active:
            pick = k + below(active - k, seed, sweep, k)
            i = order[pick]
            order[pick] = order[k]
            order[k] = i
            g = dot_row(indptr, indices, data, i, v) - box[i, 0] + box[i, 3] * b[i]
            firm = firm_zero if b[i] == 0.0 else firm_bound
            if held(b[i], g, epsilon, box[i, 1], box[i, 2]) > firm:
                active -= 1
                order[k] = order[active]
                order[active] = i
                continue
            k += 1
            fall, rise = descents(b[i], g, epsilon, box[i, 1], box[i, 2])
            inward = max(inward, rise if b[i] < 0.0 else fall if b[i] > 0.0 else 0.0)
            outward = max(outward, fall if b[i] <= 0.0 else 0.0, rise if b[i] >= 0.0 else 0.0)
            new = minimum(b[i], g, epsilon, box[i])
            if new != b[i]:
                add_row(indptr, indices, data, i, new - b[i], v)
                b[i] = new
        worst = max(inward, outward)
        if visited == n:
            rule[4] = worst
        if worst <= allowed:
            if visited == n:
                return sweep + 1
            active, firm_zero, firm_bound = n, np.inf, np.inf
        elif rule[3] != 0.0:
            firm_zero = inward if inward > 0.0 else np.inf
            firm_bound = outward if outward > 0.0 else np.inf
    return most


@jit
def minimum(now, g, epsilon, box):
    """Return where D is lowest along this b_i; of a straight line, the bound it falls to."""
    h = box[4]
    z = h * now - g
    t = z - epsilon if z > epsilon else z + epsilon if z < -epsilon else 0.0
    if h > 0.0:
        t /= h
    else:
        t = np.inf if t > 0.0 else -np.inf if t < 0.0 else now
    return min(max(t, box[1]), box[2])


@jit
def descents(now, g, epsilon, lower, upper):
    """Return how steeply D descends when b_i falls and when it rises; zero where it may not."""
    right = g + (epsilon if now >= 0.0 else -epsilon)
    left = g + (epsilon if now > 0.0 else -epsilon)
    fall = left if now > lower else 0.0
    rise = -right if now < upper else 0.0
    return max(fall, 0.0), max(rise, 0.0)


@jit
def held(now, g, epsilon, lower, upper):
    """Return how steep D is towards the inside of the bound, or around the kink, that b_i is at.

    Not positive where b_i is at neither or wants to leave.
    """
    if now == 0.0:
        up = epsilon + g if upper > 0.0 else np.inf
        down = epsilon - g if lower < 0.0 else np.inf
        return min(up, down)
    sign = 1.0 if now > 0.0 else -1.0
    if now in (lower, upper):
        return -sign * g - epsilon
    return -1.0
