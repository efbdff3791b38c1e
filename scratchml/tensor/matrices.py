"""Products of matrices.

    Y = A B      dA = dY B'      dB = A' dY

for each matrix of a batch; leading axes are broadcast, and the gradient is summed over those that
were. A vector stands for a row on the left and for a column on the right. Where B is one matrix
for all of A, the batch is folded into the rows: one large product instead of many small ones.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import fold
from scratchml.tensor.tape import constant, no_tensor, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def matmul(input: "Tensor", other: "Tensor") -> "Tensor":
    """Return the product of matrices, of a matrix and a vector, or of vectors.

    Parameters
    ----------
    input : Tensor, shape (..., n, k) or (k,)
        The left factor.
    other : Tensor, shape (..., k, m) or (k,)
        The right factor.

    Returns
    -------
    Tensor, shape (..., n, m)
        Without the axis that a vector lacks.

    Raises
    ------
    ValueError
        If the inner lengths differ, or the leading axes do not broadcast.
    TypeError
        If the types differ.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.matmul(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0], [4.0]]))
    tensor([[11.]])
    """
    try:
        a, b = input.array, other.array
    except AttributeError:
        raise no_tensor("matmul", (input, other)) from None
    if a.dtype is not b.dtype and a.dtype != b.dtype:
        raise TypeError(f"matmul: both factors must have one type, got {a.dtype} and {b.dtype}")
    try:
        folded = b.ndim == 2 and a.ndim > 2
        y = _folded(a, b) if folded else np.matmul(a, b)
    except ValueError as error:
        raise ValueError(_message(a.shape, b.shape)) from error
    left, right = input.node is not None, other.node is not None
    if not (left or right):
        return constant(y)

    def matmul_backward(dy: np.ndarray) -> Any:
        return (
            _left(dy, a, b) if left else None,
            _right(dy, a, b) if right else None,
        )

    saved = (input if right else None, other if left else None)
    return record(y, (input, other), matmul_backward, saved)


def _folded(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.matmul(a.reshape(-1, a.shape[-1]), b).reshape(*a.shape[:-1], b.shape[1])


def _left(dy: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return dA = dY B'."""
    if b.ndim == 1:
        return dy[..., None] * b
    if a.ndim == 1:
        return fold((b @ dy[..., None])[..., 0], a.shape, a.dtype)
    if b.ndim == 2 and a.ndim > 2:
        return _folded(dy, b.T)
    return fold(dy @ b.swapaxes(-1, -2), a.shape, a.dtype)


def _right(dy: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return dB = A' dY."""
    if a.ndim == 1:
        return np.asarray(dy * a) if b.ndim == 1 else a[:, None] * dy[..., None, :]
    if b.ndim == 1:
        return a.reshape(-1, a.shape[-1]).T @ dy.reshape(-1)
    if b.ndim == 2 and a.ndim > 2:
        return a.reshape(-1, a.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])
    return fold(a.swapaxes(-1, -2) @ dy, b.shape, b.dtype)


def _message(a: tuple, b: tuple) -> str:
    return (
        f"matmul: shapes {a} and {b} do not go together: the last length of the left factor must "
        "be the last but one of the right (its only one if it is a vector), and the axes before "
        "those must broadcast"
    )
