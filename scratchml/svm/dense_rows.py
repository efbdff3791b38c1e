"""Dense samples that a kernel compares.

`DenseRows`, `SparseRows` and `MatrixRows` have the same methods, and what these return is all that
solvers and predictions know of samples.

The work is divided by the numbers of samples alone, so results have the same bits for any number of
threads. The compiled loop of `kernel_blocks` does it, except for

    a linear expansion           X (Y'c): two products, and no kernel value at all
    a few samples, as rows       NumPy: done before the loop would have copied the others into
    or as columns                its tiles, and nothing has to be compiled or loaded
    Python without a compiler    NumPy

NumPy's products run on one thread of BLAS each, for which see `scratchml._core.blas`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml._core.jit import compiler
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.svm.kernel_blocks import (
    aligned,
    append_norms,
    fill_block,
    room_for,
    workspace,
)
from scratchml.svm.kernel_functions import Kernel, from_products

_ROWS = 256  # samples of a chunk: to copy the others into tiles is then a small part of the work
_COLUMNS = 256  # others of a panel: with 256 samples, half a megabyte of K, which stays in cache
_FEW = 8
_TINY, _SMALL = 2e5, 5e6  # `_work` of some microseconds, and of 0.2 ms: too little for two threads


class DenseRows:
    """Samples X (n, d) and the kernel that compares them.

    The rbf kernel depends on differences only, so X is kept less its mean, the *centre*: then
    ||x||^2 + ||y||^2 - 2 x'y does not cancel where all samples are far from 0. Samples are compared
    about one centre: `take` keeps it, and `like` moves other samples there.
    """

    def __init__(self, kernel: Kernel, X: np.ndarray) -> None:
        centred = kernel.name == "rbf" and len(X) > 0
        self.kernel = kernel
        with np.errstate(over="ignore"):
            self.centre = X.mean(axis=0, dtype=float) if centred else np.zeros(X.shape[1])  # (d,)
        self.samples = _with_norms(X, self.centre)  # (n, w): features, zeros, the squared norm

    def __len__(self) -> int:
        return len(self.samples)

    def take(self, index: np.ndarray) -> DenseRows:
        """Return the samples at `index`, which may repeat."""
        return self._same(self.samples[index])

    def like(self, X: np.ndarray) -> DenseRows:
        """Return other samples (n, d), to be compared with these."""
        return self._same(_with_norms(X, self.centre))

    def diagonal(self) -> np.ndarray:
        """Return K(x, x) of each sample, (n,)."""
        if self.kernel.name == "rbf":
            return np.ones(len(self))
        norms = self.samples[:, -1:]
        with np.errstate(all="ignore"):
            return from_products(self.kernel, norms.copy(), norms[:, 0], np.zeros(1))[:, 0]

    def block(self, other: DenseRows, out: np.ndarray | None = None) -> np.ndarray:
        """Return K of every sample here and every one there, (len(self), len(other))."""
        K = np.empty((len(self), len(other))) if out is None else out
        fill = _few if min(K.shape) <= _FEW or compiler(needed=False) is None else _many
        tiles = [
            (i, i_stop, j, j_stop)
            for i, i_stop in chunk_bounds(len(self), _ROWS)
            for j, j_stop in chunk_bounds(len(other), 8 * _COLUMNS)
        ]

        def task(start: int, stop: int) -> None:
            for i, i_stop, j, j_stop in tiles[start:stop]:
                fill(self, other, (i, i_stop, j, j_stop), K, i, j)

        _run(task, chunk_bounds(len(tiles), 1), self._work(other))
        return K

    def gram(self) -> np.ndarray:
        """Return K of every pair, (n, n), symmetric to the bit: one half is computed."""
        K = np.empty((len(self), len(self)))
        fill = _few if compiler(needed=False) is None else _many
        tiles = [
            (i, i_stop, j, min(j + _COLUMNS, i_stop))
            for i, i_stop in chunk_bounds(len(self), _ROWS // 2)  # squares on the diagonal: whole
            for j in range(0, i_stop, _COLUMNS)
        ]

        def task(start: int, stop: int) -> None:
            # 8 more columns: lines a power of two apart would have few places in the cache
            panel = aligned(_ROWS // 2, _COLUMNS + 8)
            for i, i_stop, j, j_stop in tiles[start:stop]:
                fill(self, self, (i, i_stop, j, j_stop), panel, 0, 0)
                values = panel[: i_stop - i, : j_stop - j]
                K[j:j_stop, i:i_stop] = values.T
                K[i:i_stop, j:j_stop] = values

        _run(task, chunk_bounds(len(tiles), 2), self._work(self) / 2)
        if fill is _few:  # BLAS may add up x'y and y'x in different orders
            for i, i_stop in chunk_bounds(len(self), _ROWS // 2):
                square = K[i:i_stop, i:i_stop]
                square[:] = np.tril(square) + np.tril(square, -1).T
        np.fill_diagonal(K, self.diagonal())
        return K

    def expansion(self, other: DenseRows, coef: np.ndarray) -> np.ndarray:
        """Return sum_j K(x_i, y_j) coef[j, c] over the samples y_j of `other`, (len(self), m)."""
        n, n_others = len(self), len(other)
        if self.kernel.name == "linear":
            return self._linear_expansion(other, coef)
        sums = np.zeros((n, coef.shape[1]))
        fill = _few if min(n, n_others) <= _FEW or compiler(needed=False) is None else _many
        most = _ROWS if n_others > _FEW else 16 * _ROWS
        size = min(most, max(_ROWS // 4, n // 16 * 4))
        panels = chunk_bounds(n_others, _ROWS * _COLUMNS // max(1, min(n, size)))

        def task(start: int, stop: int) -> None:
            K = aligned(stop - start, panels[0][1])
            for j, j_stop in panels:
                fill(self, other, (start, stop, j, j_stop), K, 0, 0)
                sums[start:stop] += K[:, : j_stop - j] @ coef[j:j_stop]

        if panels:
            _run(task, chunk_bounds(n, size), self._work(other))
        return sums

    def _linear_expansion(self, other: DenseRows, coef: np.ndarray) -> np.ndarray:
        X, Y = self.samples[:, :-1], other.samples[:, :-1]
        weights, sums = np.empty((Y.shape[1], coef.shape[1])), np.empty((len(X), coef.shape[1]))

        def weigh(start: int, stop: int) -> None:
            np.matmul(Y.T, coef, out=weights)

        def task(start: int, stop: int) -> None:
            np.matmul(X[start:stop], weights, out=sums[start:stop])

        _run(weigh, [(0, 1)], Y.size * coef.shape[1])
        _run(task, chunk_bounds(len(self), 16 * _ROWS), X.size * coef.shape[1])
        return sums

    def _work(self, other: DenseRows) -> float:
        """Multiplications, with those of an exponential; 28 take a nanosecond."""
        return len(self) * len(other) * (self.samples.shape[1] + 24.0)

    def _same(self, samples: np.ndarray) -> DenseRows:
        rows = DenseRows.__new__(DenseRows)
        rows.kernel, rows.centre, rows.samples = self.kernel, self.centre, samples
        return rows


Place = tuple[int, int, int, int]  # rows from, to; columns from, to


def _many(
    rows: DenseRows, columns: DenseRows, place: Place, K: np.ndarray, top: int, left: int
) -> None:
    """Write K of the samples at `place` from K[top, left] on."""
    i, i_stop, j, j_stop = place
    work = workspace(i_stop - i, rows.samples.shape[1] - 1)
    A, B = rows.samples[i:i_stop], columns.samples[j:j_stop]
    fill_block(A, B, rows.kernel.parameters(), work, K, top, left)


def _few(
    rows: DenseRows, columns: DenseRows, place: Place, K: np.ndarray, top: int, left: int
) -> None:
    """Do the same with NumPy."""
    i, i_stop, j, j_stop = place
    A, B = rows.samples[i:i_stop], columns.samples[j:j_stop]
    target = K[top : top + len(A), left : left + len(B)]
    target[:] = from_products(rows.kernel, A[:, :-1] @ B[:, :-1].T, A[:, -1], B[:, -1])


def _with_norms(X: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return X less the centre as rows of `kernel_blocks`, (n, w)."""
    n, d = X.shape
    samples = room_for(n, d)
    with np.errstate(over="ignore", invalid="ignore"):
        np.subtract(X, centre, out=samples[:, :d])
        if n <= _FEW or compiler(needed=False) is None:
            np.square(samples[:, :-1]).sum(axis=1, out=samples[:, -1])
        else:
            append_norms(samples)
    return samples


def _run(task: Callable[[int, int], None], bounds: Sequence[tuple[int, int]], work: float) -> None:
    """Do the chunks of a task, in several threads if that pays."""

    def quietly(start: int, stop: int) -> None:
        with np.errstate(all="ignore"):  # threads have one each; an overflow is inf, and is K
            task(start, stop)

    with one_blas_thread(when=work > _TINY):
        parallel_chunks(quietly, bounds, n_jobs=1 if work < _SMALL else None)
