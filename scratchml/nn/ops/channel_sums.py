"""The sum over images and places of each channel: the gradient of a bias.

    db[c] = sum over n, i of dy[n, c, i]         dy (N, C, *S), db (C,)

because y[n, c, i] = ... + b[c] adds the same number to all of them.
"""

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, compiler, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_PARALLEL = 1 << 20  # numbers, about 200 us, from which threads pay


def channel_sums(dy: np.ndarray) -> np.ndarray:
    """Return db for dy (N, C, *S).

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn.ops.channel_sums import channel_sums
    >>> channel_sums(np.arange(8.0).reshape(2, 2, 2))
    array([10., 18.])
    """
    n, c = dy.shape[:2]
    rows = dy.reshape(n, c, dy.size // (n * c) if dy.size else 0)
    db: np.ndarray
    if compiler(needed=False) is None:
        db = np.add.reduce(np.add.reduce(rows, 2), 0)
        return db
    db = np.empty(c, dy.dtype)
    if dy.size < _PARALLEL:
        _sums(rows, db, 0, c)
    else:
        parallel_chunks(
            lambda start, stop: _sums(rows, db, start, stop), chunk_bounds(c, -(-c // 8))
        )
    return db


@jit("void(const T[:, :, ::1], T[::1], int64, int64)", fastmath=NAN_SAFE_FASTMATH)
def _sums(dy, db, start, stop):
    """Sum the channels in [start, stop), in float64."""
    for c in range(start, stop):
        total = 0.0
        for n in range(len(dy)):
            row = dy[n, c]
            for i in range(len(row)):
                total += row[i]
        db[c] = total
