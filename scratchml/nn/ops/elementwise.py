"""Runs a kernel over all elements of arrays, whatever their shapes: y = f(x) or dx = f(dy, x).

The kernels take flat arrays, the output last, then numbers. Arrays that are large are cut into
chunks for several threads; where depends on their size only, and each element on itself only.
"""

import numpy as np

from scratchml._core.jit import compiler
from scratchml._core.threads import chunk_bounds, parallel_chunks

_CHUNK = 2**18
_LARGE = 2**20  # elements; below, one thread is done before a second one has woken


def compiled():
    """Whether kernels are compiled; if not, NumPy is faster than running them as Python."""
    return compiler(needed=False) is not None


def unary(kernel, x, *numbers):
    """Return a new array of what `kernel(x, y, *numbers)` writes to y."""
    y = np.empty(x.shape, x.dtype)
    flat_x, flat_y = x.ravel(), y.ravel()
    if flat_x.size < _LARGE:
        kernel(flat_x, flat_y, *numbers)
    else:
        parallel_chunks(
            lambda i, j: kernel(flat_x[i:j], flat_y[i:j], *numbers),
            chunk_bounds(flat_x.size, _CHUNK),
        )
    return y


def binary(kernel, a, b, *numbers):
    """Return a new array of what `kernel(a, b, y, *numbers)` writes to y."""
    y = np.empty(b.shape, b.dtype)
    flat_a, flat_b, flat_y = a.ravel(), b.ravel(), y.ravel()
    if flat_b.size < _LARGE:
        kernel(flat_a, flat_b, flat_y, *numbers)
    else:
        parallel_chunks(
            lambda i, j: kernel(flat_a[i:j], flat_b[i:j], flat_y[i:j], *numbers),
            chunk_bounds(flat_b.size, _CHUNK),
        )
    return y


def many(kernel, *arrays, numbers=()):
    """Return a new array of what `kernel(*arrays, y, *numbers)` writes to y; all of one shape."""
    y = np.empty(arrays[0].shape, arrays[0].dtype)
    flat = [a.ravel() for a in arrays]
    flat.append(y.ravel())
    if y.size < _LARGE:
        kernel(*flat, *numbers)
    else:
        parallel_chunks(
            lambda i, j: kernel(*[a[i:j] for a in flat], *numbers), chunk_bounds(y.size, _CHUNK)
        )
    return y
