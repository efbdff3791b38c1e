"""Samplers: in which order, and how often, the samples of a dataset are taken.

For one seed they give PyTorch's order: a random order is that of ``randperm`` from the given
generator, or from a generator seeded with a number of 63 bits that the default one gives.
"""

from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any

import numpy as np

from scratchml.tensor.generator import Generator, default_generator


def draw_seed(generator: Generator | None = None) -> int:
    """Return a random number of 63 bits, which takes two words of a generator's stream."""
    source = default_generator if generator is None else generator
    return int(source.double_words(1)[0]) % 2**63


class Sampler:
    """Base of samplers: a subclass defines ``__iter__()``, which gives indices, and ``__len__()``.

    Examples
    --------
    >>> from scratchml.data import Sampler
    >>> class Backwards(Sampler):
    ...     def __init__(self, data):
    ...         self.data = data
    ...
    ...     def __iter__(self):
    ...         return iter(range(len(self.data) - 1, -1, -1))
    >>> list(Backwards("abc"))
    [2, 1, 0]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__()")


class SequentialSampler(Sampler):
    """All samples in their order.

    Parameters
    ----------
    data_source : Dataset
        What has a length.

    Examples
    --------
    >>> from scratchml.data import SequentialSampler
    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def order(self) -> np.ndarray:
        """Return the indices of one epoch.

        Returns
        -------
        ndarray of int64
            What iterating gives.
        """
        return np.arange(len(self.data_source))


class RandomSampler(Sampler):
    """All samples in random order, or random samples that may come again.

    Parameters
    ----------
    data_source : Dataset
        What has a length.
    replacement : bool
        Draw each index from all of them.
    num_samples : int, optional
        How many to draw; the length of `data_source` unless given. Without `replacement`, more than
        that are drawn as one random order after another.
    generator : Generator, optional
        Where random numbers come from.

    Raises
    ------
    ValueError
        If `num_samples` is not positive.

    Examples
    --------
    >>> from scratchml.data import RandomSampler
    >>> from scratchml.tensor.generator import Generator
    >>> list(RandomSampler("abcde", generator=Generator().manual_seed(0)))
    [4, 0, 1, 3, 2]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        check_positive("num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices are drawn."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        return iter(self.order().tolist())

    def order(self) -> np.ndarray:
        """Draw the indices of one epoch.

        Returns
        -------
        ndarray of int64
            What iterating gives.
        """
        n, count = len(self.data_source), self.num_samples
        generator = self.generator
        if generator is None:
            generator = Generator().manual_seed(draw_seed())
        if self.replacement:
            return generator.below(n, count)
        orders = [generator.permutation(n) for _ in range(-(-count // n))]
        if count % n == 0:
            generator.words(n - 1)  # PyTorch draws one order more, and uses nothing of it
        return orders[0] if count == n else np.concatenate(orders)[:count]


class SubsetRandomSampler(Sampler):
    """Given indices in random order.

    Parameters
    ----------
    indices : sequence of int
        Which samples.
    generator : Generator, optional
        Where random numbers come from.

    Examples
    --------
    >>> from scratchml.data import SubsetRandomSampler
    >>> sorted(SubsetRandomSampler([7, 8, 9]))
    [7, 8, 9]
    """

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices, self.generator = indices, generator

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[int]:
        generator = default_generator if self.generator is None else self.generator
        return iter([self.indices[i] for i in generator.permutation(len(self.indices)).tolist()])


class BatchSampler(Sampler):
    """Lists of indices, each of one batch.

    Parameters
    ----------
    sampler : iterable of int
        Gives the indices.
    batch_size : int
        How many there are in a list.
    drop_last : bool
        Leave out a last list that is shorter.

    Raises
    ------
    ValueError
        If `batch_size` is not positive.

    Examples
    --------
    >>> from scratchml.data import BatchSampler
    >>> list(BatchSampler(range(5), 2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        check_positive("batch_size", batch_size)
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __len__(self) -> int:
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        return groups(self.sampler, self.batch_size, self.drop_last)


def groups(items: Iterable[Any], size: int, drop_last: bool) -> Iterator[list[Any]]:
    """Yield lists of `size` items, the last one maybe shorter."""
    group: list[Any] = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group and not drop_last:
        yield group


def check_positive(name: str, value: Any) -> None:
    """Raise ValueError unless a value is a positive integer."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
