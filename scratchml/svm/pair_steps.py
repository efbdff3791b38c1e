"""The pair steps of `smo` in compiled loops, on a matrix in memory.

The loops are `smo`'s: select a pair by equation (3), move t of equation (4), bring the gradient up
to date. What differs is done for speed:

- "May grow" and "may fall" are offsets. right_i = g_i + rise_i and left_i = g_i + fall_i, where
  rise_i and fall_i hold +-epsilon, or +-`FAR` at a bound. They change for two samples a step, and
  loops over all samples need no branch.
- The largest of n numbers is found by folding: a minimum or maximum carried from one number to the
  next is a chain that no compiler may cut, while the larger of x_k, x_{k+m}, ..., x_{k+7m},
  m = n // 8, for each k is eight numbers at a time. Only the m winners are compared one by one, and
  the index is looked for among the eight that made the last of them. A step among 512 samples
  takes 0.4 us, against 1.2 us with one maximum for each slice of 128.
- Rows of K may lie in pieces: sample k of a problem is column `first + k` of one of the runs of
  K's columns, so that the problem of two classes is solved inside the matrix of all classes.
"""

from __future__ import annotations

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, compiler, jit
from scratchml.svm.smo import TAU, UNIT, Dual, Solution, smo, solution_at

FAR = 1e300  # an offset no slope makes up for
_LOOK = 1024  # steps between two looks at `stop`


def pair_steps(
    K: np.ndarray,
    dual: Dual,
    gradient: np.ndarray | None,
    tol: float,
    max_iter: int,
    stop: np.ndarray | None = None,
    runs: np.ndarray | None = None,
) -> Solution:
    """Solve `smo`'s problem (1), whose groups must be runs of samples: 0, ..., 0, 1, ..., 1.

    Parameters
    ----------
    K : ndarray of shape (m, m)
    dual : Dual
    gradient : ndarray of shape (n,) or None
        K b - y at ``dual.start``; None where the start is zero.
    tol, max_iter : float, int
        As for `smo`.
    stop : ndarray of one int64, optional
        Give up early, unfinished, once it is not zero.
    runs : ndarray of shape (n_runs, 2), int64, optional
        The samples are the columns start, ..., stop - 1 of K for each (start, stop).

    Returns
    -------
    Solution
    """
    n = len(dual.y)
    b = dual.start.copy()
    g = -dual.y if gradient is None else gradient.copy()
    runs = np.array([[0, n]]) if runs is None else runs
    if compiler(needed=False) is None:
        inside = np.concatenate([np.arange(start, end) for start, end in runs])
        K = K[np.ix_(inside, inside)]
        return smo(K, dual._replace(y=K @ b - g), tol, max_iter)
    n_groups = int(dual.groups[-1]) + 1
    starts = np.searchsorted(dual.groups, np.arange(n_groups + 1))
    n_iter = _pair_steps(
        K, runs, starts, np.stack([dual.lower, dual.upper]), b, g, np.empty((6, n)),
        dual.epsilon, tol, max_iter, np.zeros(1, dtype=np.int64) if stop is None else stop,
    )  # fmt: skip
    return solution_at(dual, b, g, n_iter, tol)


@jit(
    "int64(const float64[:, ::1], const int64[:, ::1], const int64[::1],"
    " const float64[:, ::1], float64[::1], float64[::1], float64[:, ::1], float64, float64, int64,"
    " const int64[::1])"
)
def _pair_steps(
    K, runs, starts, bounds, b, g, scratch, epsilon, tol, max_iter, stop
):  # fmt: skip
    rise, fall, diagonal = scratch[0], scratch[1], scratch[2]
    row_i, row_j, folded = scratch[3], scratch[4], scratch[5]
    lower, upper = bounds[0], bounds[1]
    for k in range(len(b)):
        rise[k], fall[k] = _offsets(b[k], lower[k], upper[k], epsilon)
        diagonal[k] = K[_place(runs, k), _place(runs, k)]
    n_iter, enough, still = 0, tol, False
    while True:
        violation, most = -np.inf, -1.0
        best_i = best_j = -1
        for group in range(len(starts) - 1):
            start, end = starts[group], starts[group + 1]
            if start == end:
                continue
            slopes, bends = g[start:end], fall[start:end]
            i, right = _lowest(slopes, rise[start:end], folded)
            _load_row(K, runs, start + i, row_i)
            violation = max(violation, _highest(slopes, bends, folded) - right)
            j, gain = _partner(
                slopes, bends, diagonal[start:end], row_i[start:end], right, diagonal[start + i],
                folded,
            )  # fmt: skip
            if gain > most:
                most, best_i, best_j = gain, start + i, start + j
        if n_iter % _LOOK == 0:
            enough = max(tol, _rounding(diagonal, b, g))
            if stop[0] != 0:
                return n_iter
        if not violation > enough or n_iter == max_iter or still:  # NaN ends it too
            return n_iter
        i, j = best_i, best_j
        if len(starts) > 2:
            _load_row(K, runs, i, row_i)
        _load_row(K, runs, j, row_j)
        curvature = diagonal[i] + diagonal[j] - 2 * row_i[j]
        t = (g[j] + fall[j] - g[i] - rise[i]) / (curvature if curvature > 0 else TAU)
        t_i, t_j = _move(b, lower, upper, epsilon, i, j, t)
        rise[i], fall[i] = _offsets(b[i], lower[i], upper[i], epsilon)
        rise[j], fall[j] = _offsets(b[j], lower[j], upper[j], epsilon)
        _update(g, row_i, t_i, row_j, t_j)
        still = t_i == 0 and t_j == 0  # the step is below the last bits of both
        n_iter += 1


@jit
def _rounding(diagonal, b, g):
    """See `smo.rounding`."""
    gradient = size = most = 0.0
    for k in range(len(b)):
        gradient, size = max(gradient, abs(g[k])), max(size, abs(b[k]))
        most = max(most, abs(diagonal[k]))
    return UNIT * (gradient + size * most)


@jit
def _offsets(b, lower, upper, epsilon):
    """What is added to g for the slopes to the right and to the left."""
    rise = FAR if b >= upper else (epsilon if b >= 0 else -epsilon)
    fall = -FAR if b <= lower else (epsilon if b > 0 else -epsilon)
    return rise, fall


@jit
def _place(runs, k):
    """The column of K that belongs to sample k."""
    for r in range(len(runs)):
        length = runs[r, 1] - runs[r, 0]
        if k < length:
            return runs[r, 0] + k
        k -= length
    return -1


@jit
def _load_row(K, runs, i, row):
    """Set `row` to the kernel of sample i with all samples."""
    line = K[_place(runs, i)]
    k = 0
    for r in range(len(runs)):
        piece = line[runs[r, 0] : runs[r, 1]]
        _copy(piece, row[k : k + len(piece)])
        k += len(piece)


@jit
def _copy(x, out):
    for k in range(len(x)):
        out[k] = x[k]


@jit
def _lowest(g, rise, folded):
    """The index of the smallest slope to the right, and that slope."""
    m = len(g) // 8
    for c in range(m):
        value = g[c] + rise[c]
        for r in range(1, 8):
            x = g[c + r * m] + rise[c + r * m]
            value = x if x < value else value
        folded[c] = value
    best, winner = np.inf, 0
    for c in range(m):
        if folded[c] < best:
            best, winner = folded[c], c
    index, best = winner, np.inf
    for r in range(8 if m > 0 else 0):
        x = g[winner + r * m] + rise[winner + r * m]
        if x < best:
            best, index = x, winner + r * m
    for k in range(8 * m, len(g)):  # the rest, less than eight
        if g[k] + rise[k] < best:
            best, index = g[k] + rise[k], k
    return index, best


@jit
def _highest(g, fall, folded):
    """The largest slope to the left."""
    m = len(g) // 8
    for c in range(m):
        value = g[c] + fall[c]
        for r in range(1, 8):
            x = g[c + r * m] + fall[c + r * m]
            value = x if x > value else value
        folded[c] = value
    most = -np.inf
    for c in range(m):
        most = max(most, folded[c])
    for k in range(8 * m, len(g)):
        most = max(most, g[k] + fall[k])
    return most


@jit
def _gain(excess, curvature):
    """Equation (3)."""
    excess = excess if excess > 0.0 else 0.0
    return excess * excess / (curvature if curvature > 0.0 else TAU)


@jit
def _partner(g, fall, diagonal, row, right, K_ii, folded):
    """The index of the largest gain (3) with i, and that gain."""
    m = len(g) // 8
    for c in range(m):
        gain = 0.0
        for r in range(8):
            k = c + r * m
            x = _gain(g[k] + fall[k] - right, K_ii + diagonal[k] - 2 * row[k])
            gain = x if x > gain else gain
        folded[c] = gain
    best, winner = -1.0, 0
    for c in range(m):
        if folded[c] > best:
            best, winner = folded[c], c
    index, best = winner, -1.0
    for r in range(8 if m > 0 else 0):
        k = winner + r * m
        x = _gain(g[k] + fall[k] - right, K_ii + diagonal[k] - 2 * row[k])
        if x > best:
            best, index = x, k
    for k in range(8 * m, len(g)):
        x = _gain(g[k] + fall[k] - right, K_ii + diagonal[k] - 2 * row[k])
        if x > best:
            best, index = x, k
    return index, best


@jit
def _move(b, lower, upper, epsilon, i, j, t):
    """Move t from b_j to b_i, less where a bound or a bend is nearer; return both changes."""
    ceiling = 0.0 if epsilon > 0 and b[i] < 0 else upper[i]
    floor = 0.0 if epsilon > 0 and b[j] > 0 else lower[j]
    room_i, room_j = ceiling - b[i], b[j] - floor
    t = min(t, room_i, room_j)
    before_i, before_j = b[i], b[j]
    b[i] = ceiling if t == room_i else before_i + t
    b[j] = floor if t == room_j else before_j - t
    return b[i] - before_i, b[j] - before_j


@jit(fastmath=NAN_SAFE_FASTMATH)
def _update(g, row_i, t_i, row_j, t_j):
    for k in range(len(g)):
        g[k] += t_i * row_i[k] + t_j * row_j[k]
