"""Products by the names of their operands: matrices, batches of them, vectors."""

from typing import TYPE_CHECKING

from scratchml.tensor.matrices import matmul

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


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
    from scratchml.tensor.axes import unsqueeze

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
