"""Whether an array holds NaN or infinity, found at memory speed."""

from __future__ import annotations

import numpy as np

_STRIP = 8192


def all_finite(array: np.ndarray) -> bool:
    """Return True only if all values are finite; False may also mean that x'x overflowed.

    x'x runs at memory speed in BLAS, needs no temporary and carries every NaN and infinity. Taken
    in strips too short for BLAS to share among its threads, it never waits for those.
    """
    if not (array.flags.c_contiguous or array.flags.f_contiguous):
        return bool(np.isfinite(array).all())
    flat = array.reshape(-1, order="A")
    whole = flat.size - flat.size % _STRIP
    strips, rest = flat[:whole].reshape(-1, _STRIP), flat[whole:]
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(np.dot(rest, rest)):
            return False
        return not whole or bool(np.isfinite(np.vecdot(strips, strips)).all())


def has_nan_object(array: np.ndarray) -> bool:
    return any(isinstance(v, float | np.floating) and v != v for v in array.flat)
