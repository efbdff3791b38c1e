"""Triangles and diagonals of matrices."""

from typing import TYPE_CHECKING

import numpy as np

from scratchml.tensor.tape import record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def tril(input: "Tensor", diagonal: int = 0) -> "Tensor":
    """Return the lower triangle of matrices, zeros above.

    Parameters
    ----------
    input : Tensor, shape (..., n, m)
        The matrices.
    diagonal : int
        The last diagonal that stays, counted upwards from the main one.

    Returns
    -------
    Tensor, shape (..., n, m)
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tril(torch.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    y = np.tril(input.array, diagonal)
    return record(y, (input,), lambda dy: np.tril(dy, diagonal), name="tril")


def triu(input: "Tensor", diagonal: int = 0) -> "Tensor":
    """Return the upper triangle of matrices, zeros below.

    Parameters
    ----------
    input : Tensor, shape (..., n, m)
        The matrices.
    diagonal : int
        The first diagonal that stays, counted upwards from the main one.

    Returns
    -------
    Tensor, shape (..., n, m)
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.triu(torch.ones(2, 2))
    tensor([[1., 1.],
            [0., 1.]])
    """
    y = np.triu(input.array, diagonal)
    return record(y, (input,), lambda dy: np.triu(dy, diagonal), name="triu")


def diag(input: "Tensor", diagonal: int = 0) -> "Tensor":
    """Return the matrix with a vector on its diagonal, or the diagonal of a matrix.

    Parameters
    ----------
    input : Tensor, shape (n,) or (n, m)
        A vector or a matrix.
    diagonal : int
        Which diagonal, counted upwards from the main one.

    Returns
    -------
    Tensor
        A matrix or a vector.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.diag(torch.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    x = input.array
    if x.ndim == 2:
        return _diagonal(input, diagonal)
    if x.ndim != 1:
        raise ValueError(f"diag: needs a vector or a matrix, got shape {x.shape}")
    return record(np.diag(x, diagonal), (input,), lambda dy: np.diagonal(dy, diagonal), name="diag")


def diagonal(input: "Tensor", offset: int = 0, dim1: int = 0, dim2: int = 1) -> "Tensor":
    """Return the diagonal over two axes, as a last axis.

    Parameters
    ----------
    input : Tensor
        The values.
    offset : int
        Which diagonal, counted upwards from the main one.
    dim1, dim2 : int
        The axes.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.diagonal(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    x = input.array
    places = np.arange(x.size).reshape(x.shape).diagonal(offset, dim1, dim2)

    def diagonal_backward(dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(x.size, x.dtype)
        dx[places] = dy
        return dx.reshape(x.shape)

    return record(x.diagonal(offset, dim1, dim2).copy(), (input,), diagonal_backward)


_diagonal = diagonal  # where an argument hides the name


def trace(input: "Tensor") -> "Tensor":
    """Return the sum of the diagonal of a matrix.

    Parameters
    ----------
    input : Tensor, shape (n, m)
        A matrix.

    Returns
    -------
    Tensor, shape ()
        The sum.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.trace(torch.eye(3))
    tensor(3.)
    """
    if input.ndim != 2:
        raise ValueError(f"trace: needs a matrix, got shape {input.shape}")
    return diagonal(input).sum()
