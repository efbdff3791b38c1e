"""Values from the bytes of a file: the machine's byte order, and floats of 16 bits as float32.

There are no kernels for half precision here, and NumPy lacks bfloat16, which is a float32 without
its lower half. float32 represents each value of both.
"""

from __future__ import annotations

import numpy as np

from scratchml._core.persistence import npy

BFLOAT16 = "bf2"


def itemsize(form: str) -> int:
    """Return the number of bytes of a value of `form`, a dtype such as "f4", or `BFLOAT16`."""
    return 2 if form == BFLOAT16 else np.dtype(form).itemsize


def result_dtype(form: str) -> np.dtype:
    """Return the dtype that values of `form` are read as."""
    return np.dtype(np.float32 if form in (BFLOAT16, "f2") else form)


def from_raw(data: np.ndarray, form: str, order: str = "<") -> np.ndarray:
    """Return the values in `data`.

    Parameters
    ----------
    data : ndarray of shape (n_bytes,)
        Of uint8; becomes the memory of the result where it can.
    form : str
        What the bytes stand for.
    order : {"<", ">"}
        Their order.

    Returns
    -------
    ndarray of shape (n_values,)

    Raises
    ------
    ValueError
        If a byte that stands for a bool is neither 0 nor 1.
    """
    if form == BFLOAT16:
        bits = data.view(order + "u2").astype(np.uint32)
        bits <<= 16
        return bits.view(np.float32)
    values = data.view(order + form)
    npy.check_items(values)
    return values.astype(result_dtype(form), copy=False)
