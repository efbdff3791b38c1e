"""From padded sequences to packed ones and back."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from scratchml.nn.ops.packing import (
    put_rows_backward,
    put_rows_forward,
    take_rows_backward,
    take_rows_forward,
)
from scratchml.nn.utils.rnn.packed import PackedSequence
from scratchml.nn.utils.rnn.padding import as_lengths, pad_sequence, unpad_sequence
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, apply, constant, no_tensor


def pack_padded_sequence(
    input: Tensor,
    lengths: Tensor | Iterable[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Pack sequences that lie side by side with padding behind them.

    Parameters
    ----------
    input : Tensor of shape (T, B, ...), or (B, T, ...)
        The sequences.
    lengths : Tensor of shape (B,) or iterable of int
        How long each of them is.
    batch_first : bool
        Whether the axis of the sequences comes first.
    enforce_sorted : bool
        Whether `lengths` must be in decreasing order already; if not, they are sorted here.

    Returns
    -------
    PackedSequence
        The rows without the padding.

    Raises
    ------
    ValueError
        If there is not a length for each sequence, one is not in [1, T], or they are not sorted.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import pack_padded_sequence
    >>> padded = torch.tensor([[1, 2, 3], [4, 0, 0]])
    >>> pack_padded_sequence(padded, [3, 1], batch_first=True).data
    tensor([1, 4, 2, 3])
    """
    name = "pack_padded_sequence"
    if not isinstance(input, Taped):
        raise no_tensor(name, (input,))
    if input.array.ndim < 2:
        raise ValueError(f"{name}: input must have at least 2 axes, got {input.array.shape}")
    B, T = input.array.shape[:2] if batch_first else input.array.shape[1::-1]
    if B == 0:
        raise ValueError(f"{name}: at least one sequence is needed, got {input.array.shape}")
    numbers = as_lengths(name, lengths, B, T, least=1)
    permutation = None
    if not enforce_sorted:
        permutation = np.argsort(-numbers, kind="stable")
        numbers = numbers[permutation]
    elif (numbers[1:] > numbers[:-1]).any():
        raise ValueError(
            f"{name}: lengths must be in decreasing order, got {numbers.tolist()}; "
            "enforce_sorted=False sorts them"
        )
    sizes = np.add.reduce(numbers > np.arange(numbers[0])[:, None], axis=1)  # (T,)
    index = _places(sizes, permutation, T if batch_first else 0)
    data = apply(take_rows_forward, take_rows_backward, (input,), index, saves="nothing")
    order = None if permutation is None else constant(permutation)
    return PackedSequence(data, constant(sizes), order)


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Put packed sequences side by side, in the order that they had before they were packed.

    Parameters
    ----------
    sequence : PackedSequence
        What `pack_padded_sequence` or a recurrent layer gives.
    batch_first : bool
        Whether the axis of the sequences comes first.
    padding_value : float
        What the shorter ones are filled up with.
    total_length : int, optional
        The length T of the result; that of the longest sequence by default.

    Returns
    -------
    padded : Tensor of shape (T, B, ...), or (B, T, ...)
        The sequences.
    lengths : Tensor of shape (B,), int64
        How long each of them is.

    Raises
    ------
    ValueError
        If `total_length` is less than the longest sequence.
    TypeError
        If `sequence` is not packed.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import pack_sequence, pad_packed_sequence
    >>> packed = pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])])
    >>> pad_packed_sequence(packed, batch_first=True)
    (tensor([[1, 2, 3],
            [4, 0, 0]]), tensor([3, 1]))
    """
    if not isinstance(sequence, PackedSequence):
        raise TypeError(
            f"pad_packed_sequence: a PackedSequence is needed, got {type(sequence).__name__}"
        )
    sizes = sequence.batch_sizes.array
    B, T = int(sizes[0]), len(sizes)
    if total_length is not None:
        if total_length < T:
            raise ValueError(
                "pad_packed_sequence: total_length must be at least the length of the longest "
                f"sequence, {T}, got {total_length}"
            )
        T = total_length
    order = sequence.sorted_indices
    permutation = None if order is None else order.array
    index = _places(sizes, permutation, T if batch_first else 0)
    shape = (B, T) if batch_first else (T, B)
    options: tuple[Any, ...] = (index, shape, padding_value)
    padded = apply(put_rows_forward, put_rows_backward, (sequence.data,), *options, saves="nothing")
    lengths = np.add.reduce(sizes > np.arange(B)[:, None], axis=1)  # (B,)
    if sequence.unsorted_indices is not None:
        lengths = lengths[sequence.unsorted_indices.array]
    return padded, constant(lengths)


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences.

    Parameters
    ----------
    sequences : sequence of Tensor of shape (L_b, ...)
        Alike in all axes but the first.
    enforce_sorted : bool
        Whether they must be in decreasing order of length already; if not, they are sorted here.

    Returns
    -------
    PackedSequence
        Their rows.

    Raises
    ------
    ValueError
        If there are none, one is empty, they are not sorted, or differ in more than their lengths.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import pack_sequence
    >>> pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])]).batch_sizes
    tensor([2, 1, 1])
    """
    padded = pad_sequence(sequences)
    lengths = [len(sequence) for sequence in sequences]
    return pack_padded_sequence(padded, lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Take packed sequences apart, in the order that they had before they were packed.

    Parameters
    ----------
    packed_sequences : PackedSequence
        What `pack_sequence` or a recurrent layer gives.

    Returns
    -------
    list of Tensor of shape (L_b, ...)
        The sequences.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import pack_sequence, unpack_sequence
    >>> unpack_sequence(pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])]))
    [tensor([1, 2, 3]), tensor([4])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def _places(sizes: np.ndarray, permutation: np.ndarray | None, T: int) -> np.ndarray:
    """Return where the rows of packed sequences are in (T, B, ...), or in (B, T, ...) if T."""
    step = np.repeat(np.arange(len(sizes)), sizes)
    sequence = np.arange(len(step)) - (np.cumsum(sizes) - sizes)[step]
    if permutation is not None:
        sequence = permutation[sequence]
    places: np.ndarray = sequence * T + step if T else step * sizes[0] + sequence
    return places
