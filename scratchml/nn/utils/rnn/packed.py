"""PackedSequence: the rows of sequences of different lengths, step by step, without padding.

The sequences are sorted by length, the longest first; then come row 0 of each, row 1 of each that
is longer than 1, and so on:

    a0 a1 a2          data          a0 b0 c0 | a1 b1 | a2 b2
    b0 b1 b2          batch_sizes   3, 2, 2
    c0
"""

from typing import Any, NamedTuple, Self

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """Sequences of different lengths as one tensor of rows; `pack_sequence` makes one.

    Parameters
    ----------
    data : Tensor of shape (N, ...)
        The rows, step by step.
    batch_sizes : Tensor of shape (T,), int64
        How many sequences have a row at each step.
    sorted_indices : Tensor of shape (B,), int64, optional
        The numbers of the sequences in the order in which they lie here; None if nothing was
        sorted.
    unsorted_indices : Tensor of shape (B,), int64, optional
        Where each sequence lies here; computed from `sorted_indices` if left out.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import pack_sequence
    >>> a, b = torch.tensor([1, 2, 3]), torch.tensor([4])
    >>> packed = pack_sequence([b, a], enforce_sorted=False)
    >>> packed.data, packed.batch_sizes
    (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))
    >>> packed.sorted_indices
    tensor([1, 0])
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        """Compute `unsorted_indices` if they are left out."""
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Return the same sequences with rows of another dtype.

        Parameters
        ----------
        *args, **kwargs : Any
            What ``Tensor.to`` takes.

        Returns
        -------
        PackedSequence
            This one if its rows are like that already.
        """
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else type(self)(data, *self[1:])

    def float(self) -> Self:
        """Return the same sequences with rows of float32."""
        return self.to(dtype=np.dtype(np.float32))

    def double(self) -> Self:
        """Return the same sequences with rows of float64."""
        return self.to(dtype=np.dtype(np.float64))

    def cpu(self) -> Self:
        """Return this one, which is on the CPU already."""
        return self

    @property
    def is_cuda(self) -> bool:
        """Whether the values are on a graphics card: never."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Return the permutation that undoes another; None for None.

    Parameters
    ----------
    permutation : Tensor of shape (B,), int64, or None
        Each of 0 to B - 1 once.

    Returns
    -------
    Tensor of shape (B,), int64, or None
        Where each of them stands in it.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.utils.rnn import invert_permutation
    >>> invert_permutation(torch.tensor([2, 0, 1]))
    tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    places = np.empty_like(permutation.array)
    places[permutation.array] = np.arange(len(places))
    inverse: Tensor = constant(places)
    return inverse
