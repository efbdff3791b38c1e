"""Sequential minimal optimisation: the dual problem of support vector machines, and its solver.

Problem. Given a kernel matrix K (n, n), targets y, and bounds lower <= 0 <= upper, minimise over b

    D(b) = 1/2 b'Kb - y'b + epsilon ||b||_1     with   lower_i <= b_i <= upper_i               (1)
                                                and    sum of b over each group as at the start

The machine's decision value at a point is sum_i b_i K(x_i, x) + bias. In (1),

    classification    y_i = +1 or -1, epsilon = 0, b_i = y_i alpha_i between 0 and y_i C_i
    regression        y_i the target, epsilon the half width of the tube, |b_i| <= C_i;
                      b_i = alpha_i - alpha*_i, so n variables do where textbooks have 2n
    novelty           y_i = 0, 0 <= b_i <= 1, and b sums to nu n
    the nu-machines   two groups: the positive and the negative b_i keep their sums apart

KKT conditions. With g = Kb - y, D has the slopes

    right_i = g_i + epsilon (b_i >= 0 ? 1 : -1)      when b_i grows; +inf at the upper bound
    left_i  = g_i + epsilon (b_i >  0 ? 1 : -1)      when b_i falls; -inf at the lower bound   (2)

Moving t > 0 from b_j to b_i of the same group changes D by t (right_i - left_j) at first, so a
solution has no pair with left_j > right_i; where K is positive semidefinite, D is convex and every
such b is a solution. The largest left_j - right_i of a group is the *violation*.

Update. Take the pair that promises most: i the smallest right_i, then j the largest

    (left_j - right_i)^2 / a_ij,     a_ij = K_ii + K_jj - 2 K_ij, where left_j > right_i       (3)

(Fan, Chen, Lin 2005, "WSS 2"). D is a parabola in t with its lowest point at

    t = (left_j - right_i) / a_ij                                                              (4)

(Platt 1998, eq. 16); t stops earlier where b_i or b_j meets a bound, or zero if epsilon > 0, where
the slope changes. A variable that stops is given the bound itself, not a sum that may miss it.

Stopping. The violation is at most `tol`, as in LIBSVM, or so small that it may be rounding: then
pairs would move to and fro for ever (`rounding`).

Bias. By the KKT conditions right_i >= -bias >= left_j, with equality for the *free* b_i, those
between their bounds: the bias is minus the mean slope of these, else the middle of the interval.

References: J. Platt, "Sequential minimal optimization: a fast algorithm for training support
vector machines", MSR-TR-98-14 (1998). R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection
using second order information for training support vector machines", JMLR 6 (2005). C.-C. Chang,
C.-J. Lin, "LIBSVM: a library for support vector machines", ACM TIST 2 (2011).
"""

from typing import NamedTuple

import numpy as np

UNIT = 2.0**-51  # found: pairs that stand still or swap one bit reach half of `rounding`
TAU = 1e-12  # the curvature a_ij of a pair on which D is flat or bends down


class Dual(NamedTuple):
    """Problem (1) without its matrix."""

    y: np.ndarray  # (n,)
    lower: np.ndarray  # (n,), at most 0
    upper: np.ndarray  # (n,), at least 0
    epsilon: float
    start: np.ndarray  # (n,), a feasible b
    groups: np.ndarray  # (n,) int64, from 0: b keeps its sum over each


class Solution(NamedTuple):
    """Where the solver ended."""

    b: np.ndarray  # (n,)
    gradient: np.ndarray  # (n,), g = Kb - y
    bias: np.ndarray  # (n_groups,)
    violation: float  # the largest left_j - right_i; 0 if there is none
    n_iter: int  # pairs moved
    converged: bool  # the violation is at most tol


def smo(K: np.ndarray, dual: Dual, tol: float, max_iter: int) -> Solution:
    """Solve (1) for a matrix in memory, plainly; `max_iter` < 0 is no limit.

    `pair_steps` does the same in compiled loops.
    """
    b = dual.start.copy()
    g = K @ b - dual.y
    n_iter = 0
    while True:
        i, j, violation = select_pair(K, dual, b, g)
        enough = max(tol, rounding(K.diagonal(), b, g))
        if not violation > enough or n_iter == max_iter:  # NaN ends it too
            return solution_at(dual, b, g, n_iter, tol)
        before_i, before_j = b[i], b[j]
        move_pair(K, dual, b, g, i, j)
        g += (b[i] - before_i) * K[i] + (b[j] - before_j) * K[j]
        n_iter += 1


def rounding(diagonal: np.ndarray, b: np.ndarray, g: np.ndarray) -> float:
    """Return the violation that the last bits of g, and of b times K, may amount to."""
    return float(UNIT * (np.abs(g).max() + np.abs(b).max() * np.abs(diagonal).max()))


def slopes(dual: Dual, b: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (right, left), equation (2)."""
    right, left = g.copy(), g.copy()
    if dual.epsilon:
        right += np.where(b >= 0, dual.epsilon, -dual.epsilon)
        left += np.where(b > 0, dual.epsilon, -dual.epsilon)
    right[b >= dual.upper] = np.inf
    left[b <= dual.lower] = -np.inf
    return right, left


def select_pair(K: np.ndarray, dual: Dual, b: np.ndarray, g: np.ndarray) -> tuple[int, int, float]:
    """Return the pair (i, j) of equation (3), and the largest violation in any group."""
    right, left = slopes(dual, b, g)
    best_i = best_j = -1
    most, violation = -1.0, -np.inf
    for inside in members(dual):
        if not len(inside):
            continue
        i = inside[np.argmin(right[inside])]
        excess = left[inside] - right[i]
        violation = np.maximum(violation, excess.max())
        curvature = K[i, i] + K.diagonal()[inside] - 2 * K[i, inside]
        gain = np.where(excess > 0, excess**2 / np.where(curvature > 0, curvature, TAU), -1.0)
        if gain.max() > most:
            most, best_i, best_j = gain.max(), i, inside[np.argmax(gain)]
    return best_i, best_j, float(np.maximum(violation, 0.0))


def move_pair(K: np.ndarray, dual: Dual, b: np.ndarray, g: np.ndarray, i: int, j: int) -> None:
    """Move t of equation (4) from b_j to b_i, in place."""
    right, left = slopes(dual, b, g)
    curvature = K[i, i] + K[j, j] - 2 * K[i, j]
    t = (left[j] - right[i]) / (curvature if curvature > 0 else TAU)
    ceiling = 0.0 if dual.epsilon > 0 and b[i] < 0 else dual.upper[i]
    floor = 0.0 if dual.epsilon > 0 and b[j] > 0 else dual.lower[j]
    room_i, room_j = ceiling - b[i], b[j] - floor
    t = min(t, room_i, room_j)
    b[i] = ceiling if t == room_i else b[i] + t
    b[j] = floor if t == room_j else b[j] - t


def solution_at(dual: Dual, b: np.ndarray, g: np.ndarray, n_iter: int, tol: float) -> Solution:
    """Return the solution that ends at b, with its bias and violation."""
    right, left = slopes(dual, b, g)
    each = [(right[inside], left[inside]) for inside in members(dual)]
    bias = np.array([group_bias(*slope) for slope in each])
    worst = np.max([x.max(initial=-np.inf) - r.min(initial=np.inf) for r, x in each])
    violation = float(np.maximum(worst, 0.0))
    return Solution(b, g, bias, violation, n_iter, violation <= tol)


def group_bias(right: np.ndarray, left: np.ndarray) -> float:
    """Return the bias of the group of samples of these slopes."""
    free = right[right == left]  # at a bound one of them is infinite
    if len(free):
        return float(-free.mean())
    ends = np.array([right.min(initial=np.inf), left.max(initial=-np.inf)])
    ends = ends[np.isfinite(ends)]
    return float(-ends.mean()) if len(ends) else 0.0


def members(dual: Dual) -> list[np.ndarray]:
    """Return where the samples of each group are."""
    if not dual.groups.any():
        return [np.arange(len(dual.groups))]
    return [np.flatnonzero(dual.groups == k) for k in range(int(dual.groups.max()) + 1)]


def duality_gap(dual: Dual, solution: Solution) -> float:
    """Return the primal minus the dual objective, which bounds D(b) - min D if D is convex.

    With e_i = y_i - (Kb)_i - bias, the loss at sample i is upper_i (e_i - epsilon)+ and
    -lower_i (-e_i - epsilon)+, and the gap is the sum over i of

        upper_i (e_i - epsilon)+ - lower_i (-e_i - epsilon)+ + epsilon |b_i| - b_i e_i  >=  0.
    """
    b = solution.b
    e = -solution.gradient - solution.bias[dual.groups]
    above, below = e > dual.epsilon, e < -dual.epsilon  # even an infinite price of no error is 0
    loss = dual.upper[above] @ (e[above] - dual.epsilon)
    loss -= dual.lower[below] @ (-e[below] - dual.epsilon)
    return float(loss + dual.epsilon * np.abs(b).sum() - b @ e)


def objective(dual: Dual, solution: Solution) -> float:
    """Return D(b)."""
    b = solution.b
    return float(0.5 * b @ (solution.gradient - dual.y) + dual.epsilon * np.abs(b).sum())
