"""Padding as a function of tensors."""

import operator
from collections.abc import Sequence

from scratchml.nn.ops.padding import pad_backward, pad_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, apply

MODES = ("constant", "reflect", "replicate", "circular")


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Put a border around the last axes of a tensor.

    Parameters
    ----------
    input : Tensor
        Any tensor.
    pad : sequence of int
        Places before and after the last axis, then those of the one before it, and so on; negative
        numbers, which only "constant" takes, cut off.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the border is made of: a constant; the input's own values mirrored at the edge, or
        its last value repeated, or the values of the other end.
    value : float, optional
        The constant; 0 by default.

    Returns
    -------
    Tensor
        Of the same dtype.

    Raises
    ------
    ValueError
        If the numbers do not fit the tensor or the mode.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.functional import pad
    >>> pad(torch.tensor([[1, 2, 3]]), (2, 1), mode="reflect").tolist()
    [[3, 2, 1, 2, 3, 2]]
    >>> pad(torch.tensor([[1, 2, 3]]), (0, -1, 1, 0), value=9).tolist()
    [[9, 9], [1, 2]]
    """
    if not isinstance(input, Taped):
        raise TypeError(f"pad: input must be a Tensor, got {type(input).__name__}")
    shape = input.array.shape
    given = tuple([operator.index(n) for n in pad])
    if len(given) % 2 or len(given) > 2 * len(shape):
        raise ValueError(
            "pad: pad must have two numbers for each axis that is padded, at most "
            f"{2 * len(shape)} for an input of shape {shape}, got {given}"
        )
    if mode not in MODES:
        raise ValueError(f"pad: mode must be one of {MODES}, got {mode!r}")
    if mode != "constant" and value:
        raise ValueError(f"pad: value goes with mode='constant' only, got {value} and {mode!r}")
    pairs = [(given[i], given[i + 1]) for i in range(0, len(given), 2)]
    ends = ((0, 0),) * (len(shape) - len(pairs)) + tuple(reversed(pairs))
    for n, (a, b) in zip(shape, ends, strict=True):
        _check(shape, n, a, b, mode)
    result: Tensor = apply(
        pad_forward, pad_backward, (input,), ends, mode, value or 0.0, saves="nothing"
    )
    return result


def _check(shape: tuple[int, ...], n: int, a: int, b: int, mode: str) -> None:
    """Raise if an axis of length n cannot have a places before and b after."""
    if mode == "constant":
        fits = min(a, 0) + min(b, 0) >= -n
    else:
        most = {"reflect": n - 1, "circular": n}.get(mode, max(a, b) if n else 0)
        fits = min(a, b) >= 0 and max(a, b) <= max(most, 0)
    if not fits:
        rule = {
            "constant": "cannot cut off more than there is",
            "reflect": "must be from 0 to the length of the axis less 1",
            "replicate": "must be at least 0, on an axis that is not empty",
            "circular": "must be from 0 to the length of the axis",
        }[mode]
        raise ValueError(
            f"pad: with mode={mode!r} the numbers {rule}, got ({a}, {b}) for an axis of length {n} "
            f"of an input of shape {shape}"
        )
