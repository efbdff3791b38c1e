"""Sums and means over axes, and what is made of them.

s = sum x                    dx = ds, repeated along the axes summed over
m = sum x / n                dx = dm / n
v = sum (x - m)^2 / (n - c)  dx = dv 2 (x - m) / (n - c)        c = 1 unless given
p = prod x                   dx_i = dp * (product of all x_j but x_i)
l = log sum e^x              dx = dl e^(x - l)
r = (sum |x|^p)^(1/p)        dx = dr sign(x) (|x| / r)^(p - 1), and 0 where r = 0
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.dtypes import as_dtype, int64
from scratchml.tensor.operands import axes_of, need_kind, quiet
from scratchml.tensor.tape import constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


_add: Any = np.add.reduce
_multiply: Any = np.multiply.reduce


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


def sum(input: "Tensor", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> "Tensor":
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
    x = input.array
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


def mean(input: "Tensor", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> "Tensor":
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
    x = input.array
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
    if isinstance(dim, bool):  # var(unbiased), PyTorch's shortest form
        dim, unbiased = None, dim
    x = input.array
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
    from scratchml.tensor.elementwise import sqrt

    root: Tensor = sqrt(var(input, dim, unbiased, keepdim, correction))
    return root


def prod(
    input: "Tensor", dim: int | None = None, keepdim: bool = False, dtype: Any = None
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
    x = input.array
    axes = axes_of(dim, x.ndim)
    kind = as_dtype(dtype) if dtype is not None else x.dtype if x.dtype.kind == "f" else int64
    y = _multiply(x, axis=axes, dtype=kind, keepdims=keepdim)

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


def logsumexp(input: "Tensor", dim: Any, keepdim: bool = False) -> "Tensor":
    """Return the logarithm of the sum of exponentials, which does not overflow.

    Parameters
    ----------
    input : Tensor
        Of floats.
    dim : int or tuple of int
        The axes.
    keepdim : bool
        Whether they stay, with length one.

    Returns
    -------
    Tensor
        log(sum(exp(input))).

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.logsumexp(torch.tensor([1000.0, 1000.0]), 0)
    tensor(1000.6932)
    """
    x = input.array
    need_kind(x, "f", "logsumexp")
    axes = axes_of(dim, x.ndim)
    top = x.max(axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype, copy=False)
    y = _log(np.exp(x - top).sum(axis=axes, keepdims=True)) + top
    out = y if keepdim else y.reshape([n for i, n in enumerate(x.shape) if i not in axes])

    @quiet
    def logsumexp_backward(dy: np.ndarray) -> Any:
        finite = np.where(np.isneginf(y), 0, y)
        return lifted(dy, axes, keepdim) * np.exp(x - finite)

    return record(out, (input,), logsumexp_backward, (input,))


_log = quiet(np.log)


def norm(input: "Tensor", p: Any = 2, dim: Any = None, keepdim: bool = False) -> "Tensor":
    """Return the p-norm of the values along axes, taken as vectors.

    Parameters
    ----------
    input : Tensor
        Of floats.
    p : float or "fro"
        The order: 2 (the same as "fro"), 1, inf, ...
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.

    Returns
    -------
    Tensor
        The norms.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.norm(torch.tensor([3.0, 4.0]))
    tensor(5.)
    """
    x = input.array
    need_kind(x, "f", "norm")
    p = 2.0 if p == "fro" else float(p)
    axes = axes_of(dim, x.ndim)
    size = np.abs(x)
    if np.isinf(p):
        y = size.max(axis=axes, keepdims=True) if p > 0 else size.min(axis=axes, keepdims=True)
    elif p == 0:
        y = (x != 0).sum(axis=axes, keepdims=True, dtype=x.dtype)
    elif p == 2:
        y = np.sqrt((x * x).sum(axis=axes, keepdims=True))
    else:
        y = quiet(np.power)((quiet(np.power)(size, p)).sum(axis=axes, keepdims=True), 1 / p)
    y = np.asarray(y, x.dtype)
    out = y if keepdim else y.reshape([n for i, n in enumerate(x.shape) if i not in axes])

    def norm_backward(dy: np.ndarray) -> Any:
        return lifted(dy, axes, keepdim) * _norm_slope(x, size, y, p, axes)

    return record(out, (input,), norm_backward, (input,))


@quiet
def _norm_slope(x: Any, size: Any, y: Any, p: float, axes: tuple[int, ...]) -> Any:
    """Return dr/dx; of the largest values for p = inf, which share it, and 0 where r = 0."""
    if np.isinf(p):
        ties = size == y
        return np.sign(x) * ties / ties.sum(axis=axes, keepdims=True, dtype=x.dtype)
    if p == 0:
        return np.zeros_like(x)
    if p == 2:
        return np.where(y == 0, 0, x / np.where(y == 0, 1, y))
    ratio = np.power(size / np.where(y == 0, 1, y), p - 1)
    return np.where((y == 0) | (x == 0), 0, np.sign(x) * ratio).astype(x.dtype, copy=False)
