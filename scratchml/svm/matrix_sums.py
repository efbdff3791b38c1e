"""What a solver reads from a large matrix, in compiled loops: a part, and sums of its rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, compiler, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_CHUNK = 512  # columns, of which the sums stay in the cache
_FEW = 16  # blocks up to which copies beat one entry at a time
_SMALL = 1 << 16  # entries read, about 50 us: too little for two threads


def part(K: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return K[rows][:, columns]."""
    down, across = _runs(rows), _runs(columns)
    out = np.empty((len(rows), len(columns)))
    if len(down) * len(across) <= _FEW:
        for top, bottom in down:
            for left, right in across:
                lines = K[rows[top] : rows[bottom - 1] + 1]
                out[top:bottom, left:right] = lines[:, columns[left] : columns[right - 1] + 1]
    elif compiler(needed=False) is None:
        out[:] = K[rows[:, None], columns]
    else:
        _gather(K, np.ascontiguousarray(rows), np.ascontiguousarray(columns), out)
    return out


def _runs(index: np.ndarray) -> list[tuple[int, int]]:
    """Return where `index` counts up by one, from and to; the samples of a class are one run."""
    cuts = np.flatnonzero(np.diff(index) != 1) + 1
    return list(pairwise([0, *cuts.tolist(), len(index)])) if len(index) else []


def sum_of_rows(K: np.ndarray, rows: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """Return sum_j coef_j K[rows_j]: to add all columns is faster than to gather half of them."""
    if compiler(needed=False) is None:
        return coef @ K[rows]
    sums = np.zeros(K.shape[1])
    n_jobs = 1 if len(sums) * len(rows) < _SMALL else None
    parallel_chunks(
        lambda start, stop: _add_rows(K, rows, coef, sums, start, stop),
        chunk_bounds(len(sums), _CHUNK),
        n_jobs=n_jobs,
    )
    return sums


@jit("void(const float64[:, ::1], const int64[::1], const int64[::1], float64[:, ::1])")
def _gather(K, rows, columns, out):
    for i in range(len(rows)):
        line, target = K[rows[i]], out[i]
        for k in range(len(columns)):
            target[k] = line[columns[k]]


@jit(
    "void(const float64[:, ::1], const int64[::1], const float64[::1], float64[::1], int64, int64)",
    fastmath=NAN_SAFE_FASTMATH,
)
def _add_rows(K, rows, coef, sums, start, stop):
    """Add to sums[start:stop]."""
    s = sums[start:stop]
    for j in range(len(rows)):
        c, line = coef[j], K[rows[j], start:stop]
        for k in range(len(s)):
            s[k] += c * line[k]
