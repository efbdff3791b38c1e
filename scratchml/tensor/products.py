"""Products of matrices.

    Y = A B      dA = dY B'      dB = A' dY

for each matrix of a batch; leading axes are broadcast, and the gradient is summed over those that
were. A vector stands for a row on the left and for a column on the right. Where B is one matrix
for all of A, the batch is folded into the rows: one large product instead of many small ones.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import fold
from scratchml.tensor.tape import constant, record

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
    a, b = input.array, other.array
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


def mm(input: "Tensor", mat2: "Tensor") -> "Tensor":
    """Return the product of two matrices.

    Parameters
    ----------
    input : Tensor, shape (n, k)
        The left factor.
    mat2 : Tensor, shape (k, m)
        The right factor.

    Returns
    -------
    Tensor, shape (n, m)
        The product.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.mm(torch.eye(2), torch.ones(2, 1))
    tensor([[1.],
            [1.]])
    """
    return _with_axes("mm", 2, input, mat2)


def bmm(input: "Tensor", mat2: "Tensor") -> "Tensor":
    """Return the products of the matrices of two batches.

    Parameters
    ----------
    input : Tensor, shape (b, n, k)
        The left factors.
    mat2 : Tensor, shape (b, k, m)
        The right factors.

    Returns
    -------
    Tensor, shape (b, n, m)
        The products.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.bmm(torch.ones(5, 2, 3), torch.ones(5, 3, 4)).shape
    (5, 2, 4)
    """
    if input.ndim == mat2.ndim == 3 and input.shape[0] != mat2.shape[0]:
        raise ValueError(
            f"bmm: shapes {input.shape} and {mat2.shape}: both batches must have one length"
        )
    return _with_axes("bmm", 3, input, mat2)


def mv(input: "Tensor", vec: "Tensor") -> "Tensor":
    """Return the product of a matrix and a vector.

    Parameters
    ----------
    input : Tensor, shape (n, k)
        The matrix.
    vec : Tensor, shape (k,)
        The vector.

    Returns
    -------
    Tensor, shape (n,)
        The product.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.mv(torch.eye(2), torch.tensor([1.0, 2.0]))
    tensor([1., 2.])
    """
    if (input.ndim, vec.ndim) != (2, 1):
        raise ValueError(f"mv: needs a matrix and a vector, got {input.shape} and {vec.shape}")
    return matmul(input, vec)


def dot(input: "Tensor", tensor: "Tensor") -> "Tensor":
    """Return the inner product of two vectors.

    Parameters
    ----------
    input, tensor : Tensor, shape (k,)
        The vectors.

    Returns
    -------
    Tensor, shape ()
        The sum of the products of their elements.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.dot(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    tensor(11.)
    """
    return _with_axes("dot", 1, input, tensor)


def _with_axes(name: str, ndim: int, a: "Tensor", b: "Tensor") -> "Tensor":
    if a.ndim != ndim or b.ndim != ndim:
        raise ValueError(f"{name}: both must have {ndim} axes, got shapes {a.shape} and {b.shape}")
    return matmul(a, b)


def outer(input: "Tensor", vec2: "Tensor") -> "Tensor":
    """Return all products of an element of one vector and one of another.

    Parameters
    ----------
    input : Tensor, shape (n,)
        Goes down.
    vec2 : Tensor, shape (m,)
        Goes across.

    Returns
    -------
    Tensor, shape (n, m)
        The products.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.outer(torch.tensor([1, 2]), torch.tensor([3, 4]))
    tensor([[3, 4],
            [6, 8]])
    """
    from scratchml.tensor.arithmetic import mul
    from scratchml.tensor.shaping import unsqueeze

    if input.ndim != 1 or vec2.ndim != 1:
        raise ValueError(f"outer: both must be vectors, got shapes {input.shape} and {vec2.shape}")
    return mul(unsqueeze(input, 1), vec2)


def addmm(
    input: "Tensor", mat1: "Tensor", mat2: "Tensor", beta: float = 1, alpha: float = 1
) -> "Tensor":
    """Return beta * input + alpha * (mat1 @ mat2).

    Parameters
    ----------
    input : Tensor
        What is added, broadcast to the product.
    mat1 : Tensor, shape (n, k)
        The left factor.
    mat2 : Tensor, shape (k, m)
        The right factor.
    beta, alpha : number
        What both parts are multiplied with.

    Returns
    -------
    Tensor, shape (n, m)
        The sum.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.addmm(torch.ones(2), torch.eye(2), torch.eye(2), alpha=3)
    tensor([[4., 1.],
            [1., 4.]])
    """
    from scratchml.tensor.arithmetic import add, mul

    return add(input if beta == 1 else mul(input, beta), mm(mat1, mat2), alpha=alpha)


def inner(input: "Tensor", other: "Tensor") -> "Tensor":
    """Return the sums of products over the last axes.

    Parameters
    ----------
    input : Tensor, shape (..., k)
        The left factor.
    other : Tensor, shape (..., k)
        The right factor.

    Returns
    -------
    Tensor
        With all other axes of the left and then those of the right factor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.inner(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    tensor(11.)
    """
    from scratchml.tensor.arithmetic import mul
    from scratchml.tensor.shaping import reshape

    if not input.ndim or not other.ndim:
        return mul(input, other)
    a, b = input.shape, other.shape
    if a[-1] != b[-1]:
        raise ValueError(f"inner: shapes {a} and {b} must have the same last length")
    product = matmul(reshape(input, -1, a[-1]), reshape(other, -1, b[-1]).t())
    return reshape(product, (*a[:-1], *b[:-1]))
