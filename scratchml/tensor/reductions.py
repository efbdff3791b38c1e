"""Sums, means and variances over axes; each value has the gradient of what it went into.

    s = sum x                    dx = ds, repeated along the axes summed over
    m = sum x / n                dx = dm / n
    v = sum (x - m)^2 / (n - c)  dx = dv 2 (x - m) / (n - c)        c = 1 unless given

Symbols: n the number of values that each result is made from, c the correction.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.dtypes import as_dtype, int64
from scratchml.tensor.operands import array_of, axes_of, need_kind, quiet
from scratchml.tensor.tape import constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


_add: Any = np.add.reduce


def repeat_along(dy: Any, axes: tuple[int, ...], keepdim: bool, shape: tuple) -> np.ndarray:
    """Return the gradient of a reduction, repeated along the axes that it took away."""
    if not keepdim and axes and len(axes) < len(shape):
        dy = np.expand_dims(dy, axes)
    out = np.empty(shape, dy.dtype)
    out[...] = dy
    return out


def lifted(value: np.ndarray, axes: tuple[int, ...], keepdim: bool) -> Any:
    """Return a reduction's values with the axes of length one that it took away."""
    return value if keepdim or not axes else np.expand_dims(value, axes)


def sum(
    input: "Tensor", dim: Any = None, keepdim: bool = False, dtype: Any = None, *, axis: Any = None
) -> "Tensor":
    """Return the sum over axes.

    Parameters
    ----------
    input : Tensor
        What is summed; integers and bools are summed as int64.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.
    dtype : dtype, optional
        The type in which the sum is taken.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor
        The sums.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 4.0]]).sum(0)
    tensor([4., 6.])
    """
    if axis is not None:
        dim = axis
    x = array_of("sum", input)
    axes = axes_of(dim, x.ndim)
    if dtype is not None:
        kind = as_dtype(dtype)
    else:
        kind = x.dtype if x.dtype.kind == "f" else int64
    y = _add(x, axis=None if dim is None else axes, dtype=kind, keepdims=keepdim)
    if input.node is None:
        return constant(y)
    shape, own = x.shape, x.dtype

    def sum_backward(dy: np.ndarray) -> Any:
        return repeat_along(dy, axes, keepdim, shape).astype(own, copy=False)

    return record(y, (input,), sum_backward)


def mean(
    input: "Tensor", dim: Any = None, keepdim: bool = False, dtype: Any = None, *, axis: Any = None
) -> "Tensor":
    """Return the mean over axes.

    Parameters
    ----------
    input : Tensor
        Of floats, unless `dtype` is a float type.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.
    dtype : dtype, optional
        The type in which the mean is taken.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor
        The means; nan over nothing.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 4.0]]).mean()
    tensor(2.5000)
    """
    if axis is not None:
        dim = axis
    x = array_of("mean", input)
    if dtype is None:
        need_kind(x, "f", "mean")
    kind = x.dtype if dtype is None else as_dtype(dtype)
    axes = axes_of(dim, x.ndim)
    total = _add(x, axis=None if dim is None else axes, dtype=kind, keepdims=keepdim)
    n = count(x.shape, axes)
    y = total / n if n else total + np.nan
    if input.node is None:
        return constant(y)
    shape, own = x.shape, x.dtype

    def mean_backward(dy: np.ndarray) -> Any:
        return repeat_along(dy / n if n else dy, axes, keepdim, shape).astype(own, copy=False)

    return record(y, (input,), mean_backward)


def count(shape: tuple, axes: tuple[int, ...]) -> int:
    """Return how many values each value of a reduction over `axes` is made from."""
    n = 1
    for axis in axes:
        n *= shape[axis]
    return n


def var(
    input: "Tensor",
    dim: Any = None,
    unbiased: bool = True,
    keepdim: bool = False,
    correction: float | None = None,
    *,
    axis: Any = None,
) -> "Tensor":
    """Return the variance over axes.

    Parameters
    ----------
    input : Tensor
        Of floats.
    dim : int or tuple of int, optional
        The axes; all unless given.
    unbiased : bool
        Whether to divide by n - 1 rather than by n.
    keepdim : bool
        Whether they stay, with length one.
    correction : number, optional
        Divide by n - correction.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor
        The variances.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.var(torch.tensor([1.0, 2.0, 3.0]))
    tensor(1.)
    """
    if axis is not None:
        dim = axis
    if isinstance(dim, bool):  # var(unbiased), PyTorch's shortest form
        dim, unbiased = None, dim
    x = array_of("var", input)
    need_kind(x, "f", "var")
    axes = axes_of(dim, x.ndim)
    n = count(x.shape, axes) - (int(unbiased) if correction is None else correction)
    size = max(count(x.shape, axes), 1)
    centred = x - _add(x, axis=axes, keepdims=True) / size if x.size else x
    y = _divide(_add(centred * centred, axis=axes, keepdims=keepdim), max(n, 0))

    def var_backward(dy: np.ndarray) -> Any:
        return _divide(lifted(dy, axes, keepdim) * (2 * centred), max(n, 0))

    return record(y, (input,), var_backward)


_divide = quiet(lambda x, n: x / n)


def std(
    input: "Tensor",
    dim: Any = None,
    unbiased: bool = True,
    keepdim: bool = False,
    correction: float | None = None,
    *,
    axis: Any = None,
) -> "Tensor":
    """Return the standard deviation over axes.

    Parameters
    ----------
    input : Tensor
        Of floats.
    dim : int or tuple of int, optional
        The axes; all unless given.
    unbiased : bool
        Whether to divide by n - 1 rather than by n.
    keepdim : bool
        Whether they stay, with length one.
    correction : number, optional
        Divide by n - correction.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor
        The roots of the variances.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.std(torch.tensor([1.0, 3.0]), unbiased=False)
    tensor(1.)
    """
    if axis is not None:
        dim = axis
    from scratchml.tensor.elementwise import sqrt

    root: Tensor = sqrt(var(input, dim, unbiased, keepdim, correction))
    return root
