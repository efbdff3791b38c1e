"""Problem (1) of `smo` for many samples: blocks, shrinking, and the matrix once it pays.

A pair step needs two rows of K and touches n numbers. With many samples three things help. The
first two make a smaller problem of the same form out of (1), which `pair_steps` or the solver
itself solves.

- Blocks. For samples W, the others held still, (1) is a problem in b_W with K_WW, whose
  gradient at the start is g_W (Osuna, Freund, Girosi 1997). W is the samples of steepest slopes
  and half of the block before (Joachims 1999). Its violation is brought to a tenth of the whole's;
  then g += K[:, W] (change of b_W), and the columns of K are made, used and forgotten: to make a
  column of 20 features takes no longer than to read it from memory, so none are kept.
- Shrinking. A sample at a bound whose slope lies beyond all that may pair with it is not in
  any violating pair now, and seldom will be later. Once few others are left, their problem is
  solved to the end; then the gradient of the rest is brought up to date, and all are looked at.
- The matrix. When as many columns have been made as the matrix of all pairs costs, that is made, if
  it fits into memory; whoever knew in advance would have spent no less than half. From then on
  columns are read. The small matrices K_WW are made anew even so: gathered, their numbers would be
  a memory access each.

Up to `DIRECT` samples there is one block, the whole or, once that has taken long, the samples not
set aside.

References: E. Osuna, R. Freund, F. Girosi, "An improved training algorithm for support vector
machines", NNSP 1997. T. Joachims, "Making large-scale support vector machine learning practical",
in Advances in Kernel Methods, MIT Press 1999.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchml.svm.matrix_rows import MatrixRows
from scratchml.svm.pair_steps import pair_steps
from scratchml.svm.smo import Dual, Solution, members, rounding, slopes, solution_at

DIRECT = 1024  # samples up to which there is one block
_BLOCK = 768  # samples of a block
_INNER = 0.1  # the violation a block is brought to, in terms of the whole's
_SHRINK = 0.7  # the samples left, in terms of all, from which on they are solved alone
_PATIENCE = 20  # steps for each sample that one block may take before shrinking is tried
_UNLIMITED = 1 << 62


class Limits(NamedTuple):
    """What bounds the computation."""

    tol: float
    cache_bytes: float
    shrinking: bool
    stop: np.ndarray | None


def solve(
    rows: Any,
    dual: Dual,
    tol: float,
    max_iter: int = -1,
    cache_bytes: float = 200 << 20,
    shrinking: bool = True,
    stop: np.ndarray | None = None,
) -> Solution:
    """Solve problem (1) of `smo`.

    Parameters
    ----------
    rows : DenseRows, SparseRows or MatrixRows
        The samples and their kernel.
    dual : Dual
    tol : float
        Largest violation allowed.
    max_iter : int
        Largest number of pair steps; below zero there is no limit.
    cache_bytes : float
        What the matrix of all pairs may take. Blocks take a few MB beside it.
    shrinking : bool
        Whether samples are set aside for a time.
    stop : ndarray of one int64, optional
        Give up early, unfinished, once it is not zero.

    Returns
    -------
    Solution
    """
    b, g = dual.start.copy(), -dual.y
    if not len(b):
        return Solution(b, g, np.zeros(1), 0.0, 0, True)
    _add(g, rows, rows, b)
    limits = Limits(tol, cache_bytes, shrinking, stop)
    n_iter = _solve(rows, dual, b, g, limits, max_iter if max_iter >= 0 else _UNLIMITED)
    return solution_at(dual, b, g, n_iter, tol)


def _solve(rows: Any, dual: Dual, b: np.ndarray, g: np.ndarray, limits: Limits, most: int) -> int:
    """Bring b, and g with it, to the violation `tol` in at most `most` steps; return their number.

    b and g are changed in place, here and below.
    """
    n, steps, columns = len(b), 0, 0
    if n <= DIRECT:
        rows = rows if isinstance(rows, MatrixRows) else MatrixRows(rows.gram())
        K, places = rows.where()
        patience = min(most, _PATIENCE * n) if limits.shrinking else most
        steps = pair_steps(K, dual, b, g, limits.tol, patience, limits.stop, places)
        if steps < patience or steps == most:
            return steps
    diagonal, groups = rows.diagonal(), members(dual)
    matrix = known = rows if isinstance(rows, MatrixRows) else None
    block = np.empty(0, dtype=np.int64)
    while True:
        right, left = slopes(dual, b, g)
        low = np.array([right[k].min(initial=np.inf) for k in groups])
        high = np.array([left[k].max(initial=-np.inf) for k in groups])
        violation = (high - low).max()
        stopped = limits.stop is not None and limits.stop[0] != 0
        enough = max(limits.tol, rounding(diagonal, b, g))
        if stopped or steps >= most or not violation > enough:
            return steps
        active = np.flatnonzero((right <= high[dual.groups]) | (left >= low[dual.groups]))
        few = limits.shrinking and len(active) <= _SHRINK * n
        if few and n > DIRECT:
            matrix, columns = known, 0  # one matrix at a time
            more = _solve_active(rows, dual, b, g, active, limits, most - steps)
        else:
            if matrix is None and 2 * columns > n and 8.0 * n * n <= limits.cache_bytes:
                matrix = MatrixRows(rows.gram())
            if n > DIRECT:
                block = _choose(groups, right, left, block)
            else:
                block = active if few else np.arange(n)
            target = max(limits.tol / 2, _INNER * violation)
            W = np.sort(block)
            part, now, slope = rows.take(W), b[W], g[W]
            more = pair_steps(
                part.gram(), _restrict(dual, W), now, slope, target, most - steps, limits.stop
            )
            source = rows if matrix is None else matrix
            _add(g, source, source.take(W), now - b[W])
            b[W] = now
            columns += len(W)
        if more == 0:
            return steps
        steps += more


def _solve_active(
    rows: Any, dual: Dual, b: np.ndarray, g: np.ndarray, active: np.ndarray, limits: Limits,
    most: int,
) -> int:  # fmt: skip
    """Solve for the samples `active`, to the end; return the steps taken."""
    part = rows.take(active)
    now, slope = b[active], g[active]
    steps = _solve(part, _restrict(dual, active), now, slope, limits, most)
    aside = np.ones(len(b), dtype=bool)
    aside[active] = False
    rest = np.flatnonzero(aside)
    slope_of_rest = g[rest]
    _add(slope_of_rest, rows.take(rest), part, now - b[active])
    b[active], g[active], g[rest] = now, slope, slope_of_rest
    return steps


def _add(g: np.ndarray, rows: Any, part: Any, change: np.ndarray) -> None:
    """Bring the gradient g of `rows` up to date: g += K[:, part] change."""
    moved = np.flatnonzero(change)
    if len(moved) and isinstance(rows, MatrixRows):
        g += rows.gradient(part.take(moved), change[moved])
    elif len(moved):
        g += rows.expansion(part.take(moved), change[moved][:, None])[:, 0]


def _restrict(dual: Dual, index: np.ndarray) -> Dual:
    y, lower, upper, epsilon, start, groups = dual
    return Dual(y[index], lower[index], upper[index], epsilon, start[index], groups[index])


def _choose(
    groups: list[np.ndarray], right: np.ndarray, left: np.ndarray, block: np.ndarray
) -> np.ndarray:
    """Return the next block, the newest samples last: the latter half of `block` and new ones."""
    kept = block[-(_BLOCK // 2) :]
    right, left = right.copy(), left.copy()
    right[kept], left[kept] = np.inf, -np.inf
    quota = max(1, (_BLOCK - len(kept)) // (2 * len(groups)))
    chosen = [kept]
    for inside in groups:
        up = inside[_smallest(right[inside], quota)]
        left[up] = -np.inf  # not twice
        chosen += [up, inside[_smallest(-left[inside], quota)]]
    return np.concatenate(chosen)


def _smallest(x: np.ndarray, count: int) -> np.ndarray:
    """Return where the `count` smallest finite numbers of x are."""
    index = np.argpartition(x, count - 1)[:count] if count < len(x) else np.arange(len(x))
    return index[np.isfinite(x[index])]
