"""Scratch for kernels: each thread keeps its own, so that a small layer need not ask for memory."""

import threading

import numpy as np

_KEPT = 1 << 23  # bytes: larger ones are let go


class _Kept(threading.local):
    def __init__(self) -> None:
        self.buffers: dict[np.dtype, np.ndarray] = {}


_kept = _Kept()


def workspace(size: int, dtype: np.dtype) -> np.ndarray:
    """Return scratch for `size` numbers or more, aligned to 64 bytes: this thread's own."""
    buffer = _kept.buffers.get(dtype)
    if buffer is None or buffer.size < size:
        raw = np.empty(size * dtype.itemsize + 64, np.uint8)
        start = -raw.ctypes.data % 64
        buffer = raw[start : start + size * dtype.itemsize].view(dtype)
        if raw.size <= _KEPT:
            _kept.buffers[dtype] = buffer
    return buffer
