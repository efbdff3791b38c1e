"""Norms, and the logarithm of a sum of exponentials.

    l = log sum e^x              dx = dl e^(x - l)
    r = (sum |x|^p)^(1/p)        dx = dr sign(x) (|x| / r)^(p - 1), and 0 where r = 0

The largest x is subtracted before, and added after, so that no exponential overflows.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axes_of, need_kind, quiet
from scratchml.tensor.reductions import lifted
from scratchml.tensor.tape import record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


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
