"""Sequences of different lengths side by side, with something behind those that are shorter."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from scratchml.nn.ops.packing import pad_backward, pad_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, apply, no_tensor


def pad_sequence(
    sequences: Tensor | Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Put sequences side by side, the shorter ones filled up.

    Parameters
    ----------
    sequences : iterable of Tensor of shape (L_b, ...)
        B sequences, alike in dtype and in all axes but the first.
    batch_first : bool
        Whether the result is (B, T, ...), not (T, B, ...), with T the greatest length.
    padding_value : float
        What the shorter ones are filled up with.
    padding_side : {"right", "left"}
        Whether behind them or before.

    Returns
    -------
    Tensor of shape (T, B, ...) or (B, T, ...)
        The padded sequences.

    Raises
    ------
    ValueError
        If there are no sequences, or they differ in more than their lengths.
    TypeError
        If one is not a Tensor, or of another dtype.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import pad_sequence
    >>> pad_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """
    tensors: list[Any] = list(sequences)
    if padding_side not in ("right", "left"):
        raise ValueError(
            f"pad_sequence: padding_side must be 'right' or 'left', got {padding_side!r}"
        )
    if not tensors:
        raise ValueError("pad_sequence: at least one sequence is needed, got none")
    if not all(isinstance(x, Taped) for x in tensors):
        raise no_tensor("pad_sequence", tensors)
    first = tensors[0].array
    for x in tensors:
        if x.array.ndim == 0 or x.array.shape[1:] != first.shape[1:]:
            raise ValueError(
                "pad_sequence: sequences must have the same shape but for their first axis, got "
                f"{first.shape} and {x.array.shape}"
            )
        if x.array.dtype != first.dtype:
            raise TypeError(
                "pad_sequence: sequences must have the same dtype, got "
                f"{first.dtype} and {x.array.dtype}"
            )
    padded: Tensor = apply(
        pad_forward,
        pad_backward,
        tensors,
        batch_first=batch_first,
        value=padding_value,
        left=padding_side == "left",
        saves="nothing",
    )
    return padded


def unpad_sequence(
    padded_sequences: Tensor, lengths: Tensor | Iterable[int], batch_first: bool = False
) -> list[Tensor]:
    """Take apart what `pad_sequence` put side by side.

    Parameters
    ----------
    padded_sequences : Tensor of shape (T, B, ...), or (B, T, ...)
        Sequences with padding behind them.
    lengths : Tensor of shape (B,) or iterable of int
        How long each of them is.
    batch_first : bool
        Whether the axis of the sequences comes first.

    Returns
    -------
    list of Tensor of shape (L_b, ...)
        The sequences, views of the input.

    Raises
    ------
    ValueError
        If there is not a length for each sequence, or one is not in [0, T].

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import unpad_sequence
    >>> padded = torch.tensor([[1, 2, 3], [4, 0, 0]])
    >>> unpad_sequence(padded, torch.tensor([3, 1]), batch_first=True)
    [tensor([1, 2, 3]), tensor([4])]
    """
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    B, T = rows.shape[:2]
    numbers = as_lengths("unpad_sequence", lengths, B, T, least=0)
    return [rows[b, :length] for b, length in enumerate(numbers.tolist())]


def as_lengths(name: str, lengths: Any, B: int, T: int, least: int) -> np.ndarray:
    """Return the lengths of B sequences as int64, checked to be in [least, T]."""
    values = lengths.array if isinstance(lengths, Taped) else np.asarray(list(lengths))
    if values.shape != (B,):
        raise ValueError(
            f"{name}: lengths must be one for each of the {B} sequences, got {values.shape}"
        )
    if B and values.dtype.kind not in "iu":
        raise TypeError(f"{name}: lengths must be integers, got {values.dtype}")
    if B and (values.min() < least or values.max() > T):
        raise ValueError(
            f"{name}: lengths must be in the range [{least}, {T}], got {values.tolist()}"
        )
    return values.astype(np.int64)
