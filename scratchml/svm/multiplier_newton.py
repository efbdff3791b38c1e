"""Linear machines by Newton's method: few steps, each with all samples, to any accuracy.

Problem (2) of `linear_problem` with its diagonal made steeper: with a centre c and s_i > 0,

    D(b) + sum_i (b_i - c_i)^2 / (2 s_i)                                                     (1)

is the dual of a primal without kinks. With e_i = y_i - a_i'v, v minimises

    F(v) = 1/2 ||v||^2 + sum_i f_i(e_i),
    f_i(e) = max over b of  e b - epsilon |b| - (b - c_i)^2 / (2 s_i),  lower_i <= b <= upper_i

where the maximum is reached by, and the slope of f_i is,

    b_i(e) = c_i + s_i e less s_i epsilon towards zero, cut to the bounds                     (2)

    grad F = v - sum_i b_i a_i,       Hessian  I + sum over free i of s_i a_i a_i'            (3)

i being *free* where b_i is not at a bound, nor at zero if epsilon > 0. So F is a parabola where the
free samples stay the same, and Newton's steps, halved until F falls enough, end exactly at the
minimum after a few (Mangasarian 2002; Keerthi and DeCoste 2005).

Squared losses are (1) with c = 0 and s_i = 2 C_i: one minimisation. For plain losses the centre
moves to the b just found, s grows, and so on: the method of multipliers (Rockafellar 1976; Yan and
Li 2020), which comes closer by a factor that grows with s. Newton's steps for one centre end when
||grad F||^2 / 2 is below `_INNER` times sum (b_i - c_i)^2 / (2 s_i).

The step is that of `newton_system`.

Stopping. The duality gap is at most tol / 100 times the objective; for squared losses tol^2 times,
which is the gradient rule ||grad P|| <= tol sqrt(2 P), as the gap is half the gradient's square.

References: O. L. Mangasarian, "A finite Newton method for classification", Optim. Methods and
Software 17 (2002). S. S. Keerthi, D. DeCoste, "A modified finite Newton method for fast solution of
large scale linear SVMs", JMLR 6 (2005). Y. Yan, Q. Li, "An efficient augmented Lagrangian method
for support vector machine", Optim. Methods and Software 35 (2020).
"""

from typing import NamedTuple

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.threads import parallel_chunks
from scratchml.svm.linear_problem import LinearProblem, LinearSolution, bounds
from scratchml.svm.linear_rows import add_row, dot_row, row_chunks
from scratchml.svm.newton_system import newton_direction

_SHARE = 0.01  # of tol, that the gap of a plain loss may be in terms of the objective
_INNER = 0.3
_GROWTH = 4.0
_STIFFER = 128.0  # the first s where the start is no mere zero
_STIFFEST = 1e10  # s may grow so much: beyond, rounding undoes what it gains
_DECREASE = 1e-4  # share of the promised decrease that a step must bring (Armijo)
_ROUNDING = 1e-13  # of F, that its sum may be wrong by
_PATIENCE = 3  # centres without a smaller gap: what is left is rounding


class Point(NamedTuple):
    """What one pass over the samples tells of v."""

    v: np.ndarray  # (q,)
    b: np.ndarray  # (n,), equation (2)
    s: np.ndarray  # (n,), s_i where i is free, else 0
    w: np.ndarray  # (q,), sum_i b_i a_i
    value: float  # F(v)
    objective: float  # P(v)
    gap: float  # P(v) + D(b)
    distance: float  # sum (b_i - c_i)^2 / (2 s_i)

    @property
    def gradient(self) -> np.ndarray:
        """Of F, (q,)."""
        return self.v - self.w


def multiplier_newton(
    problem: LinearProblem,
    *,
    tol: float,
    max_iter: int,
    start: LinearSolution | None = None,
    P: np.ndarray | None = None,
    stop: np.ndarray | None = None,
) -> LinearSolution:
    """Minimise P.

    Parameters
    ----------
    problem : LinearProblem
    tol : float
        Says how large the duality gap may be, as above.
    max_iter : int
        Most Newton steps.
    start : LinearSolution, optional
        Where to start, with a feasible b; by default at zero.
    stop : ndarray of one int64, optional
        Give up early, unfinished, once it is not zero.

    Returns
    -------
    LinearSolution
        Converged, too, where only rounding is left of the gap.
    """
    terms = smooth_terms(problem, start)
    v = np.zeros(problem.rows.width) if start is None else start.v
    point = best = evaluate(problem, terms, v)
    share = tol**2 if problem.squared else _SHARE * tol
    n_iter, idle = 0, 0
    while True:
        point, steps, rounded = _minimise(problem, terms, point, share, max_iter - n_iter, P, stop)
        n_iter += steps
        idle = 0 if point.gap < best.gap else idle + 1
        best = point if point.gap <= best.gap else best
        solved = best.gap <= share * best.objective
        finished = solved or (rounded if problem.squared else idle >= _PATIENCE)
        if finished or n_iter >= max_iter or (stop is not None and stop[0]):
            return LinearSolution(best.v, best.b, n_iter, finished)
        terms[:, 3] = point.b
        terms[:, 4] = np.minimum(_GROWTH * terms[:, 4], _STIFFEST)
        point = evaluate(problem, terms, point.v)


def smooth_terms(problem: LinearProblem, start: LinearSolution | None = None) -> np.ndarray:
    """Return y_i, lower_i, upper_i, c_i and s_i, (n, 5), of the first minimisation."""
    lower, upper, d = bounds(problem)
    terms = np.stack([problem.y, lower, upper, np.zeros(len(d)), np.ones(len(d))], axis=1)
    if problem.squared:
        terms[:, 4] = 1 / d
        return terms
    # With s = 1 / ||a||^2 a sample alone would move as far as by coordinate descent.
    data = problem.rows.data
    norm = float(data @ data) / len(d)
    terms[:, 4] = (1.0 if start is None else _STIFFER) / norm if norm > 0 else 1.0
    if start is not None:
        terms[:, 3] = start.b
    return terms


def _minimise(problem, terms, point, share, most, P, stop):
    """Make Newton steps until F is nearly minimal; return the point, the steps, if by rounding."""
    for step in range(most + 1):
        g = point.gradient
        left = 0.5 * float(g @ g)
        if point.gap <= share * point.objective or (
            not problem.squared and step > 0 and left <= _INNER * point.distance
        ):
            return point, step, False
        if step == most or (stop is not None and stop[0]):
            return point, step, False
        direction = newton_direction(problem.rows, g, point.s, P)
        promised = float(g @ direction)
        if not -promised > 1e-15 * abs(point.value):
            return point, step, True
        length = 1.0
        while True:
            there = evaluate(problem, terms, point.v + length * direction)
            noise = _ROUNDING * abs(point.value)
            if there.value <= point.value + _DECREASE * length * promised + noise:
                break
            length /= 2
            if length < 1e-10:
                return point, step, True
        point = there
    return point, most, False


def evaluate(problem: LinearProblem, terms: np.ndarray, v: np.ndarray) -> Point:
    """Return the point at v: one pass over the samples."""
    rows, epsilon = problem.rows, problem.epsilon
    n, q = len(problem.y), rows.width
    b, s = np.empty(n), np.empty(n)

    def task(start: int, stop: int) -> np.ndarray:
        sums, part = np.zeros(q + 4), slice(start, stop)
        state = (terms[part], epsilon, v, b[part], s[part], sums)
        indptr = rows.indptr[start : stop + 1]
        if rows.indices is None:
            pass_dense(indptr, rows.data, *state)
        else:
            pass_sparse(indptr, rows.indices, rows.data, *state)
        return sums

    parts = parallel_chunks(task, row_chunks(rows))
    sums = parts[0]
    for part in parts[1:]:
        sums += part
    w, (f, loss, conjugate, distance) = sums[:q], sums[q:]
    half = 0.5 * float(v @ v)
    value = half + f
    r = v - w
    if problem.squared:
        objective, gap = value, 0.5 * float(r @ r)
    else:
        objective, gap = half + loss, 0.5 * float(r @ r) + float(conjugate)
    return Point(v, b, s, w, value, objective, gap, distance)


@jit(
    "void(const int64[::1], const float64[::1], const float64[:, ::1], float64, const float64[::1],"
    " float64[::1], float64[::1], float64[::1])"
)
def pass_dense(indptr, data, terms, epsilon, v, b, s, sums):
    """Make a pass over dense rows."""
    one_pass(indptr, None, data, terms, epsilon, v, b, s, sums)


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const float64[:, ::1], float64,"
    " const float64[::1], float64[::1], float64[::1], float64[::1])"
)
def pass_sparse(indptr, indices, data, terms, epsilon, v, b, s, sums):
    """Make a pass over sparse rows."""
    one_pass(indptr, indices, data, terms, epsilon, v, b, s, sums)


@jit
def one_pass(indptr, indices, data, terms, epsilon, v, b, s, sums):
    """Write b and the s of free samples; add b_i a_i to sums[:q] and four scalars after them.

    These are f, the loss, what the loss, its conjugate and -e b sum to, and the distance from c.
    """
    q = v.size
    f = losses = conjugates = distances = 0.0
    w = sums[:q]
    for i in range(b.size):
        e = terms[i, 0] - dot_row(indptr, indices, data, i, v)
        lower, upper, c, stiff = terms[i, 1], terms[i, 2], terms[i, 3], terms[i, 4]
        z = c + stiff * e
        t = stiff * epsilon
        z = z - t if z > t else z + t if z < -t else 0.0
        free = lower < z < upper and (z != 0.0 or epsilon == 0.0)
        z = min(max(z, lower), upper)
        b[i], s[i] = z, stiff if free else 0.0
        if z != 0.0:
            add_row(indptr, indices, data, i, z, w)
        distance = (z - c) * (z - c) / (2.0 * stiff)
        width = epsilon * abs(z)
        f += e * z - width - distance
        loss = 0.0
        if e > epsilon and upper > 0.0:
            loss = upper * (e - epsilon)
        elif e < -epsilon and lower < 0.0:
            loss = lower * (e + epsilon)
        losses += loss
        conjugates += loss + width - e * z
        distances += distance
    sums[q] += f
    sums[q + 1] += losses
    sums[q + 2] += conjugates
    sums[q + 3] += distances
