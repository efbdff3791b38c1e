"""What a solver reads from a large matrix, in compiled loops: a part, and sums of its rows."""

from __future__ import annotations

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, compiler, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_CHUNK = 512  # columns, of which the sums stay in the cache
_SMALL = 1 << 16  # entries read, about 50 us: too little for two threads


def part(K: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return K[rows][:, columns]."""
    if compiler(needed=False) is None:
        return K[rows[:, None], columns]
    out = np.empty((len(rows), len(columns)))
    _gather(K, rows, columns, out)
    return out


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
