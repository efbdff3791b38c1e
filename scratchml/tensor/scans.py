"""Products, and sums and products along an axis as it goes.

    p = prod_j x_j       dx_i = dp * (product of all x_j but x_i)
    s_k = sum_j<=k x_j   dx_j = sum_k>=j ds_k, the running sum from the other end
    p_k = prod_j<=k x_j  dx_j = sum_k>=j dp_k p_k / x_j

Where some x_j are 0 the products of the others are formed instead of quotients.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.dtypes import as_dtype, int64
from scratchml.tensor.operands import axes_of, axis_of, quiet
from scratchml.tensor.reductions import lifted
from scratchml.tensor.tape import record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


_product: Any = np.multiply.reduce


def cumsum(input: "Tensor", dim: int, dtype: Any = None) -> "Tensor":
    """Return the sums of each value and those before it along an axis.

    Parameters
    ----------
    input : Tensor
        The values; integers and bools are summed as int64.
    dim : int
        The axis.
    dtype : dtype, optional
        The type in which they are summed.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.cumsum(torch.tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """
    x = input.array
    axis = axis_of(dim, x.ndim)
    kind = _kind(x, dtype)
    if not x.ndim:
        return input.to(kind, copy=True)
    own = x.dtype

    def cumsum_backward(dy: np.ndarray) -> np.ndarray:
        return np.flip(np.cumsum(np.flip(dy, axis), axis=axis), axis).astype(own, copy=False)

    return record(np.cumsum(x, axis=axis, dtype=kind), (input,), cumsum_backward)


def cumprod(input: "Tensor", dim: int, dtype: Any = None) -> "Tensor":
    """Return the products of each value and those before it along an axis.

    Parameters
    ----------
    input : Tensor
        The values; integers and bools are multiplied as int64.
    dim : int
        The axis.
    dtype : dtype, optional
        The type in which they are multiplied.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.cumprod(torch.tensor([2.0, 3.0, 4.0]), 0)
    tensor([ 2.,  6., 24.])
    """
    x = input.array
    axis = axis_of(dim, x.ndim)
    if not x.ndim:
        return input.to(_kind(x, dtype), copy=True)
    y = np.cumprod(x, axis=axis, dtype=_kind(x, dtype))

    @quiet
    def cumprod_backward(dy: np.ndarray) -> np.ndarray:
        rows, slopes = np.moveaxis(x, axis, -1), np.moveaxis(dy, axis, -1)
        if (x != 0).all():
            whole = np.moveaxis(y, axis, -1) * slopes
            dx = np.cumsum(whole[..., ::-1], axis=-1)[..., ::-1] / rows
        else:  # one value after the other: dx_i = sum_k>=i dy_k prod_j<=k, j != i x_j
            dx = np.zeros(rows.shape, x.dtype)
            for i in range(rows.shape[-1]):
                others = rows.copy()
                others[..., i] = 1
                products = np.cumprod(others, axis=-1)
                dx[..., i] = (products * slopes)[..., i:].sum(axis=-1)
        return np.moveaxis(dx, -1, axis).astype(x.dtype, copy=False)

    return record(y, (input,), cumprod_backward, (input,))


def _kind(x: np.ndarray, dtype: Any) -> np.dtype:
    if dtype is not None:
        return as_dtype(dtype)
    return x.dtype if x.dtype.kind == "f" else int64


def prod(
    input: "Tensor",
    dim: int | None = None,
    keepdim: bool = False,
    dtype: Any = None,
    *,
    axis: Any = None,
) -> "Tensor":
    """Return the product over an axis.

    Parameters
    ----------
    input : Tensor
        What is multiplied; integers and bools as int64.
    dim : int, optional
        The axis; all unless given.
    keepdim : bool
        Whether it stays, with length one.
    dtype : dtype, optional
        The type in which the product is taken.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor
        The products; 1 over nothing.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.prod(torch.tensor([2.0, 3.0, 4.0]))
    tensor(24.)
    """
    if axis is not None:
        dim = axis
    x = input.array
    axes = axes_of(dim, x.ndim)
    kind = as_dtype(dtype) if dtype is not None else x.dtype if x.dtype.kind == "f" else int64
    y = _product(x, axis=axes, dtype=kind, keepdims=keepdim)

    def prod_backward(dy: np.ndarray) -> Any:
        rows = (
            x.reshape(1, -1) if dim is None else np.moveaxis(x, axes, tuple(range(-len(axes), 0)))
        )
        others = _products_of_others(rows)
        back = others.reshape(x.shape) if dim is None else np.moveaxis(others, -1, axes[0])
        return (lifted(dy, axes, keepdim) * back).astype(x.dtype, copy=False)

    return record(y, (input,), prod_backward, (input,))


def _products_of_others(x: np.ndarray) -> np.ndarray:
    """Return for each value the product of all others in its row: right where some are 0, too."""
    before, after = np.ones_like(x), np.ones_like(x)
    np.multiply.accumulate(x[..., :-1], axis=-1, out=before[..., 1:])
    np.multiply.accumulate(x[..., :0:-1], axis=-1, out=after[..., -2::-1])
    return before * after
