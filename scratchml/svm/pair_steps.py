"""The pair steps of `smo` in compiled loops, on a matrix in memory.

The steps are `smo`'s: select a pair by equation (3), move t of equation (4), bring the gradient up
to date. What differs is done for speed:

- "May grow" and "may fall" are numbers to add. right_i = g_i + rise_i and -left_i = fall_i - g_i,
  where rise_i and fall_i are +-epsilon, or `FAR` at a bound and for another group than the one
  that is looked at. They change for two samples a step, and the loops over all need no branch.
- The smallest of n numbers is found by folding (`_argmin`). A minimum carried from each number to
  the next is a chain, and compilers may not cut it; the smallest of x_k, x_{k+m}, ..., x_{k+7m},
  m = n // 8, is found for eight k at a time. Only these m numbers are compared one by one. A step
  among 500 samples takes 0.6 us, with a minimum for each slice of 128 samples it took 1.9 us.
- The largest violation, which ends the loop, is looked for only when that of the chosen pair is at
  most `tol`: until then it is larger anyway. That saves a third of a step.
- The samples may lie in runs of a larger matrix's rows and columns, as two classes do in that of
  all classes. Two rows a step are copied together then, instead of the whole part at the start.

Among equal slopes or gains another sample may be taken than by `smo`, so the ways of the two to
the same solution part.
"""

from __future__ import annotations

import numpy as np

from scratchml._core.jit import compiler, jit
from scratchml.svm.smo import TAU, Dual, rounding, smo

FAR = 1e300  # so steep is no slope
_TURN = 1 << 16  # steps between two looks at what only Python sees


def pair_steps(
    K: np.ndarray,
    dual: Dual,
    b: np.ndarray,
    g: np.ndarray,
    tol: float,
    max_iter: int,
    stop: np.ndarray | None = None,
    places: np.ndarray | None = None,
) -> int:
    """Bring b to a violation of at most `tol` in problem (1) of `smo`; return the steps taken.

    Parameters
    ----------
    K : ndarray of shape (n, n), or (m, m) with `places`
    dual : Dual
        Its `y` and `start` are not looked at.
    b, g : ndarray of shape (n,)
        Where to start, and the gradient there. Both are changed in place.
    tol, max_iter : float, int
        As for `smo`.
    stop : ndarray of one int64, optional
        Give up early, unfinished, once it is not zero.
    places : ndarray of shape (n_runs, 2), int64, optional
        The samples' rows and columns in K, in runs from and to. Their part of K is not copied.

    Returns
    -------
    int
    """
    places = np.array([[0, len(K)]]) if places is None else places
    index = np.concatenate([np.arange(start, end) for start, end in places.tolist()])
    if compiler(needed=False) is None:
        K = K[index[:, None], index]
        found = smo(K, dual._replace(start=b, y=K @ b - g), tol, max_iter)
        b[:], g[:] = found.b, found.gradient
        return found.n_iter
    K = K if K.flags.writeable else K.copy()  # a view of K and a copy of a row are of one type
    diagonal = K[index, index]
    bounds = np.stack([dual.lower, dual.upper])
    offsets = np.full((2, int(dual.groups.max()) + 1, len(b)), FAR)
    scratch = np.empty((4, len(b)))
    n_iter, steps = 0, _TURN
    while steps == _TURN and n_iter != max_iter and (stop is None or stop[0] == 0):
        enough = max(tol, rounding(diagonal, b, g))
        most = _TURN if max_iter < 0 else min(_TURN, max_iter - n_iter)
        steps = _pair_steps(
            K, index, places, diagonal, bounds, dual.groups, dual.epsilon, b, g, offsets, scratch,
            enough, most,
        )  # fmt: skip
        n_iter += steps
    return n_iter


@jit(
    "int64(float64[:, ::1], const int64[::1], const int64[:, ::1], const float64[::1],"
    " const float64[:, ::1], const int64[::1], float64, float64[::1], float64[::1],"
    " float64[:, :, ::1], float64[:, ::1], float64, int64)"
)
def _pair_steps(
    K, index, places, diagonal, bounds, groups, epsilon, b, g, offsets, scratch, tol, max_iter
):
    """Take up to `max_iter` steps, fewer if the violation falls to `tol`; return how many."""
    x, folded = scratch[0], scratch[1]
    left, right, scattered = places[0, 0], places[0, 1], len(places) > 1
    for k in range(len(b)):
        _set_offsets(bounds, groups, epsilon, b, k, offsets)
    for n_iter in range(max_iter):
        most, i, j = 0.0, len(b), len(b)
        for group in range(offsets.shape[1]):
            rise, fall = offsets[0, group], offsets[1, group]
            for k in range(len(x)):
                x[k] = g[k] + rise[k]
            first = _argmin(x, folded)
            lowest, K_ii = x[first], diagonal[first]
            row_i = K[index[first], left:right]
            if scattered:
                _read(K[index[first]], places, scratch[2])
                row_i = scratch[2]
            for k in range(len(x)):
                excess = g[k] - fall[k] - lowest
                excess = excess if excess > 0.0 else 0.0
                curvature = K_ii + diagonal[k] - 2.0 * row_i[k]
                x[k] = -excess * excess / (curvature if curvature > 0.0 else TAU)
            second = _argmin(x, folded)
            if -x[second] > most:
                most, i, j = -x[second], first, second
        if i == len(b):  # no pair at all, or what is not a number
            return n_iter
        excess = g[j] - offsets[1, groups[j], j] - g[i] - offsets[0, groups[i], i]
        # That of other pairs may be larger, which matters at the end only.
        if not excess > tol and not _violation(g, offsets, x, folded) > tol:
            return n_iter
        row_i, row_j = K[index[i], left:right], K[index[j], left:right]
        if scattered:
            _read(K[index[i]], places, scratch[2])
            _read(K[index[j]], places, scratch[3])
            row_i, row_j = scratch[2], scratch[3]
        curvature = diagonal[i] + diagonal[j] - 2.0 * row_i[j]
        t = excess / (curvature if curvature > 0.0 else TAU)
        t_i, t_j = _move(bounds, groups, epsilon, b, offsets, i, j, t)
        if t_i == 0.0 and t_j == 0.0:  # the step is below the last bits of both
            return n_iter
        for k in range(len(g)):
            g[k] += t_i * row_i[k] + t_j * row_j[k]
    return max_iter


@jit
def _set_offsets(bounds, groups, epsilon, b, k, offsets):
    at_top, at_bottom = b[k] >= bounds[1, k], b[k] <= bounds[0, k]
    offsets[0, groups[k], k] = FAR if at_top else (epsilon if b[k] >= 0 else -epsilon)
    offsets[1, groups[k], k] = FAR if at_bottom else (-epsilon if b[k] > 0 else epsilon)


@jit
def _read(line, places, row):
    """Copy the runs of columns that `places` names, to be a row of the samples' own matrix."""
    k = 0
    for r in range(len(places)):
        run = line[places[r, 0] : places[r, 1]]
        out = row[k : k + len(run)]
        for c in range(len(run)):
            out[c] = run[c]
        k += len(run)


@jit
def _violation(g, offsets, x, folded):
    """Return the largest left_j - right_i of any group."""
    violation = 0.0
    for group in range(offsets.shape[1]):
        for k in range(len(x)):
            x[k] = g[k] + offsets[0, group, k]
        right = x[_argmin(x, folded)]
        for k in range(len(x)):
            x[k] = offsets[1, group, k] - g[k]
        left = -x[_argmin(x, folded)]
        if not left - right <= violation:
            violation = left - right
    return violation


@jit
def _argmin(x, folded):
    """Return where x is smallest."""
    m = len(x) // 8
    for k in range(m):
        value = x[k]
        for r in range(1, 8):
            y = x[k + r * m]
            value = y if y < value else value
        folded[k] = value
    lowest, best = np.inf, 0
    for k in range(m):
        if folded[k] < lowest:
            lowest, best = folded[k], k
    lowest, k = np.inf, best
    while k < len(x):  # the eight that were folded there, then the few that are left over
        if x[k] < lowest:
            lowest, best = x[k], k
        k = k + m if k < 7 * m else 8 * m if k < 8 * m else k + 1
    return best


@jit
def _move(bounds, groups, epsilon, b, offsets, i, j, t):
    """Move t from b_j to b_i, less where a bound or a bend is nearer; return both changes."""
    ceiling = 0.0 if epsilon > 0.0 and b[i] < 0.0 else bounds[1, i]
    floor = 0.0 if epsilon > 0.0 and b[j] > 0.0 else bounds[0, j]
    room_i, room_j = ceiling - b[i], b[j] - floor
    t = room_i if room_i < t else t
    t = room_j if room_j < t else t
    before_i, before_j = b[i], b[j]
    b[i] = ceiling if t == room_i else before_i + t
    b[j] = floor if t == room_j else before_j - t
    _set_offsets(bounds, groups, epsilon, b, i, offsets)
    _set_offsets(bounds, groups, epsilon, b, j, offsets)
    return b[i] - before_i, b[j] - before_j
