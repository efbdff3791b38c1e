"""Many problems over parts of the same samples, as one-vs-one classification has them.

With k classes each kernel value stands in k - 1 problems. If the matrix of all samples fits into
memory it is made once, and each problem takes its part from there. The problems are solved side by
side, each in one thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchml._core.threads import chunk_bounds, get_num_threads, parallel_chunks
from scratchml.svm.matrix_rows import MatrixRows
from scratchml.svm.smo import Dual, Solution
from scratchml.svm.solver import solve

_TINY = 50_000  # pairs of samples, in all: solved before other threads have begun
_ABREAST = 8  # problems at a time: they share the memory for matrices


def solve_parts(
    rows: Any,
    parts: Sequence[np.ndarray],
    duals: Sequence[Dual],
    tol: float,
    max_iter: int = -1,
    cache_bytes: float = 200 << 20,
    shrinking: bool = True,
    stop: np.ndarray | None = None,
) -> list[Solution]:
    """Solve problem k for the samples ``parts[k]`` of `rows`; the rest is as in `solver.solve`."""
    abreast = min(_ABREAST, len(parts))
    if abreast > 1 and not isinstance(rows, MatrixRows) and 8.0 * len(rows) ** 2 <= cache_bytes:
        rows = MatrixRows(rows.gram())

    def task(start: int, _: int) -> Solution:
        part = rows if len(parts[start]) == len(rows) else rows.take(parts[start])
        share = cache_bytes / abreast
        return solve(part, duals[start], tol, max_iter, share, shrinking, stop)

    tiny = sum(len(part) ** 2 for part in parts) < _TINY
    n_jobs = 1 if tiny else min(abreast, get_num_threads())
    return parallel_chunks(task, chunk_bounds(len(parts), 1), n_jobs=n_jobs)
