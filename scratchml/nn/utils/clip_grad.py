"""Gradient clipping: long gradients are shortened, so that one bad batch cannot undo the training.

All gradients together are one vector g. If its norm is above a bound, it keeps its direction:

    g <- g min(1, max_norm / (||g|| + 1e-6))        (Pascanu, Mikolov & Bengio, "On the difficulty
                                                    of training recurrent neural networks", 2013)
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, constant


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Shorten the gradients of parameters, taken as one vector, in place.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are left out.
    max_norm : float
        The norm is at most this afterwards.
    norm_type : float
        The p of the p-norm; ``math.inf`` for the largest absolute value.
    error_if_nonfinite : bool
        Whether a norm that is infinite or not a number is an error.
    foreach : bool, optional
        No effect.

    Returns
    -------
    Tensor
        The norm before, a single value.

    Raises
    ------
    RuntimeError
        If the norm is not finite and `error_if_nonfinite`; the gradients are unchanged.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> w = nn.Parameter(torch.zeros(2))
    >>> w.grad = torch.tensor([3.0, 4.0])
    >>> nn.utils.clip_grad_norm_([w], max_norm=1.0).item()
    5.0
    >>> [round(g, 4) for g in w.grad.tolist()]
    [0.6, 0.8]
    """
    gradients = _gradients(parameters)
    total = get_total_norm(gradients, norm_type, error_if_nonfinite)
    scale = float(max_norm) / (total.item() + 1e-6)
    if not scale >= 1:  # not a number: all gradients become so, as in PyTorch
        with np.errstate(invalid="ignore"):  # 0 times an infinite gradient
            for gradient in gradients:
                gradient.array *= gradient.array.dtype.type(scale)
                gradient.version[0] += 1
    return total


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Cut every number of the gradients off at a bound and at its negative, in place.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are left out.
    clip_value : float
        The bound.
    foreach : bool, optional
        No effect.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> w = nn.Parameter(torch.zeros(2))
    >>> w.grad = torch.tensor([-3.0, 0.5])
    >>> nn.utils.clip_grad_value_([w], 1.0)
    >>> w.grad.tolist()
    [-1.0, 0.5]
    """
    bound = float(clip_value)
    for gradient in _gradients(parameters):
        np.clip(gradient.array, -bound, bound, out=gradient.array)
        gradient.version[0] += 1


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Return the norm of tensors, taken as one vector.

    Parameters
    ----------
    tensors : Tensor or iterable of Tensor
        The tensors.
    norm_type : float
        The p of the p-norm; ``math.inf`` for the largest absolute value.
    error_if_nonfinite : bool
        Whether a norm that is infinite or not a number is an error.
    foreach : bool, optional
        No effect.

    Returns
    -------
    Tensor
        A single value.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.utils.get_total_norm([torch.tensor([3.0]), torch.tensor([4.0])]).item()
    5.0
    """
    arrays = [t.array for t in ([tensors] if isinstance(tensors, Taped) else tensors)]
    p = float(norm_type)
    if not p > 0:
        raise ValueError(f"norm_type must be positive, got {norm_type}")
    norms = [_norm(x, p) for x in arrays]
    total = _norm(np.array(norms), p) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"the norm of order {p} of the gradients is {total}; with error_if_nonfinite=False "
            "they would be scaled by it anyhow"
        )
    dtype = np.result_type(*arrays) if arrays else np.float32
    result: Tensor = constant(np.asarray(total, dtype))
    return result


def _norm(x: np.ndarray, p: float) -> float:
    """Return the p-norm of all values."""
    if not x.size:
        return 0.0
    if p == math.inf:
        return float(np.abs(x).max())
    if p == 2:
        square = float(np.vdot(x, x))
        if math.isfinite(square) and square > 1e-30:
            return math.sqrt(square)
        x = x.astype(np.float64)  # squares of float32 that overflow, or vanish
        return math.sqrt(float(np.vdot(x, x)))
    return float((np.abs(x, dtype=np.float64) ** p).sum() ** (1 / p))


def _gradients(parameters: Any) -> list[Any]:
    given = [parameters] if isinstance(parameters, Taped) else parameters
    return [p.grad for p in given if p.grad is not None]
