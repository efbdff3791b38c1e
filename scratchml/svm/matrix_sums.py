"""What a solver reads from a large matrix, in compiled loops: a part, and sums of its rows."""

from __future__ import annotations

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, compiler, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_CHUNK = 512  # columns, of which the sums stay in the cache
FEW = 16  # blocks up to which copies beat one entry at a time
_SMALL = 1 << 16  # entries read, about 50 us: too little for two threads


def part(K: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return K[rows][:, columns]."""
    down, across = runs(rows).tolist(), runs(columns).tolist()
    out = np.empty((len(rows), len(columns)))
    if len(down) * len(across) <= FEW:
        top = 0
        for i, i_stop in down:
            left, bottom = 0, top + i_stop - i
            for j, j_stop in across:
                right = left + j_stop - j
                out[top:bottom, left:right] = K[i:i_stop, j:j_stop]
                left = right
            top = bottom
    elif compiler(needed=False) is None:
        out[:] = K[rows[:, None], columns]
    else:
        _gather(K, np.ascontiguousarray(rows), np.ascontiguousarray(columns), out)
    return out


def runs(index: np.ndarray) -> np.ndarray:
    """Return from and to where `index` counts up by one, (n_runs, 2); a class is one run."""
    first = np.empty(len(index), dtype=bool)
    first[:1] = True
    np.not_equal(index[1:], index[:-1] + 1, out=first[1:])
    starts = first.nonzero()[0]
    ends = np.append(starts[1:], len(index))[: len(starts)] - 1
    return np.stack([index[starts], index[ends] + 1], axis=1)


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
