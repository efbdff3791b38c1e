"""Losses of classification by logits or log-probabilities, as functions of tensors."""

from typing import Any

import numpy as np

from scratchml.nn.functional.reduction import reduction_of
from scratchml.nn.ops.cross_entropy import (
    cross_entropy_backward,
    cross_entropy_forward,
    out_of_range,
)
from scratchml.nn.ops.likelihood import nll_loss_backward, nll_loss_forward
from scratchml.nn.ops.soft_cross_entropy import (
    soft_cross_entropy_backward,
    soft_cross_entropy_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import array_of
from scratchml.tensor.tape import apply, no_tensor


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross-entropy of logits: -log of the softmax at the target class.

    Parameters
    ----------
    input : Tensor of shape (N, C), (N, C, d1, ...) or (C,)
        Logits of C classes.
    target : Tensor of shape (N,), (N, d1, ...) or (), or of the input's shape
        Labels in [0, C), of an integer type; or probabilities of the classes, floats, for a target
        of the input's shape.
    weight : Tensor of shape (C,), optional
        A weight for each class.
    size_average : bool, optional
        Older spellings of `reduction`.
    ignore_index : int
        Rows with this label count for nothing.
    reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        "mean" divides by the sum of the weights of the rows' labels, or, for probabilities, by
        the number of rows; it is nan if there are no rows.
    label_smoothing : float
        In [0, 1]: the part of the target that is spread evenly over the classes.

    Returns
    -------
    Tensor of shape () or that of the labels
        The loss.

    Raises
    ------
    ValueError
        If shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats, or labels are not integers.
    IndexError
        If a label is out of range.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.functional import cross_entropy
    >>> loss = cross_entropy(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([0]))
    >>> round(loss.item(), 4)
    0.1698
    """
    reduction = reduction_of("cross_entropy", reduction, size_average, reduce)
    try:
        x, t = input.array, target.array
    except AttributeError:
        raise no_tensor("cross_entropy", (input, target)) from None
    w = None if weight is None else _class_weight("cross_entropy", x, weight)
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(f"cross_entropy: label_smoothing must be in [0, 1], got {label_smoothing}")
    result: Tensor
    if t.dtype.kind == "f":
        _check_probabilities(x, t)
        result = apply(
            soft_cross_entropy_forward,
            soft_cross_entropy_backward,
            (input, target),
            w,
            label_smoothing,
            reduction,
        )
    else:
        t = _labels("cross_entropy", x, t)
        result = apply(
            cross_entropy_forward,
            cross_entropy_backward,
            (input,),
            t,
            w,
            ignore_index,
            label_smoothing,
            reduction,
        )
    return result


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return minus the input at the target class: the negative log-likelihood.

    Parameters
    ----------
    input : Tensor of shape (N, C), (N, C, d1, ...) or (C,)
        Log-probabilities of C classes.
    target : Tensor of shape (N,), (N, d1, ...) or ()
        Labels in [0, C), of an integer type.
    weight : Tensor of shape (C,), optional
        A weight for each class.
    size_average : bool, optional
        Older spellings of `reduction`.
    ignore_index : int
        Rows with this label count for nothing.
    reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        "mean" divides by the sum of the weights of the rows' labels.

    Returns
    -------
    Tensor of shape () or that of the labels
        The loss.

    Raises
    ------
    ValueError
        If shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats, or labels are not integers.
    IndexError
        If a label is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.nll_loss(torch.tensor([[-1.0, -2.0]]), torch.tensor([1])).item()
    2.0
    """
    reduction = reduction_of("nll_loss", reduction, size_average, reduce)
    x = array_of("nll_loss", input)
    t = _labels("nll_loss", x, array_of("nll_loss", target))
    w = None if weight is None else _class_weight("nll_loss", x, weight)
    n = x.shape[1 if x.ndim > 1 else 0]
    outside = (t != ignore_index) & ((t < 0) | (t >= n))
    if outside.any():
        raise IndexError(
            out_of_range("nll_loss", t.ravel(), int(outside.argmax()), n, ignore_index)
        )
    result: Tensor = apply(
        nll_loss_forward,
        nll_loss_backward,
        (input,),
        t,
        w,
        ignore_index,
        reduction,
        saves="nothing",
    )
    return result


def _labels(name: str, x: np.ndarray, t: np.ndarray) -> Any:
    """Return the labels as int64, if their shape is that of the input without its classes."""
    shape = x.shape
    expected = shape[:1] + shape[2:] if len(shape) > 1 else ()
    if t.shape != expected or not shape:
        raise ValueError(
            f"{name}: an input of shape (N, C, ...) goes with labels of shape (N, ...), got input "
            f"{shape} and target {t.shape}, expected {expected if shape else 'an input with axes'}"
        )
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: input must be of floats, got {x.dtype}: use .float() first")
    if t.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: labels must be integers, got {t.dtype}: use .long(); probabilities of the "
            f"classes have the input's shape {shape}"
        )
    if not shape[1 if len(shape) > 1 else 0]:
        raise ValueError(f"{name}: input must have at least one class, got shape {shape}")
    return t if t.dtype == np.int64 else t.astype(np.int64)


def _check_probabilities(x: np.ndarray, t: np.ndarray) -> None:
    if t.shape != x.shape:
        raise ValueError(
            "cross_entropy: probabilities have the input's shape, labels are integers of shape "
            f"(N, ...): got input {x.shape} and target {t.shape} of {t.dtype}"
            + (": if they are labels, use target.long()" if t.ndim == x.ndim - 1 else "")
        )
    if x.dtype != t.dtype:
        raise TypeError(
            f"cross_entropy: input and probabilities must have one dtype, got {x.dtype} and "
            f"{t.dtype}"
        )


def _class_weight(name: str, x: np.ndarray, weight: Tensor) -> np.ndarray:
    w: np.ndarray = weight.array
    classes = x.shape[1 if x.ndim > 1 else 0] if x.ndim else 0
    if w.shape != (classes,):
        raise ValueError(
            f"{name}: weight must have a number for each of the {classes} classes of the input "
            f"{x.shape}, got shape {w.shape}"
        )
    if w.dtype != x.dtype:
        raise TypeError(f"{name}: weight must have the input's dtype {x.dtype}, got {w.dtype}")
    return np.ascontiguousarray(w)
