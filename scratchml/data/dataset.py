"""Datasets: what has a length and gives the sample at an index, and what only gives its samples.

A dataset may have a method ``batch(indices)`` that gives several samples at once, collated: a
loader then takes whole batches, which is as fast as indexing an array. `TensorDataset`, and a
`Subset` of one, have it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant


class Dataset:
    """Base of datasets: a subclass defines ``__getitem__(index)`` and ``__len__()``.

    Examples
    --------
    >>> from scratchml.data import DataLoader, Dataset
    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 5
    ...
    ...     def __getitem__(self, index):
    ...         return index, index**2
    >>> [squares.array.tolist() for _, squares in DataLoader(Squares(), batch_size=2)]
    [[0, 1], [4, 9], [16]]
    """

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index)")

    def __add__(self, other: "Dataset") -> "ConcatDataset":
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """Base of datasets without indices: a subclass defines ``__iter__()``.

    Examples
    --------
    >>> from scratchml.data import DataLoader, IterableDataset
    >>> class Countdown(IterableDataset):
    ...     def __iter__(self):
    ...         return iter([3, 2, 1])
    >>> [batch.array.tolist() for batch in DataLoader(Countdown(), batch_size=2)]
    [[3, 2], [1]]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__()")


class TensorDataset(Dataset):
    """Tensors that are indexed together, along their first axis.

    Parameters
    ----------
    *tensors : Tensor or ndarray of shape (n, ...)
        Such as images and labels; they are not copied.
    transform : callable, optional
        What to do to the first tensor of a sample, or of a whole batch, such as random crops.

    Attributes
    ----------
    tensors : tuple of Tensor
        The tensors.

    Raises
    ------
    ValueError
        If there is none, or they differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.data import TensorDataset
    >>> data = TensorDataset(np.eye(3), np.arange(3))
    >>> x, y = data[1]
    >>> x.array, int(y.array)
    (array([0., 1., 0.]), 1)
    """

    def __init__(self, *tensors: Any, transform: Callable[[Any], Any] | None = None) -> None:
        self.tensors = tuple(
            [t if isinstance(t, Tensor) else constant(np.asarray(t)) for t in tensors]
        )
        shapes = [t.array.shape for t in self.tensors]
        if not shapes or not all(shapes) or len({shape[0] for shape in shapes}) > 1:
            raise ValueError(f"tensors must be one or more and of one length, got shapes {shapes}")
        self.transform = transform

    def __len__(self) -> int:
        return len(self.tensors[0].array)

    def __getitem__(self, index: Any) -> tuple:
        if isinstance(index, Tensor):
            index = index.array
        sample = [constant(t.array[index]) for t in self.tensors]
        if self.transform is not None:
            sample[0] = self.transform(sample[0])
        return tuple(sample)

    def batch(self, indices: np.ndarray) -> list:
        """Return the samples at several indices.

        Parameters
        ----------
        indices : ndarray of int64, shape (k,)
            Which ones, in order.

        Returns
        -------
        list of Tensor, each of shape (k, ...)
            One for each of the tensors; copies.
        """
        batch = []
        for tensor in self.tensors:
            array = tensor.array
            # take copies rows at the speed of memory, but first the whole array if it is strided.
            rows = array.take(indices, 0) if array.flags.c_contiguous else array[indices]
            batch.append(constant(rows))
        if self.transform is not None:
            batch[0] = self.transform(batch[0])
        return batch


class Subset(Dataset):
    """Some samples of a dataset.

    Parameters
    ----------
    dataset : Dataset
        The whole.
    indices : sequence of int
        Which samples, in order.

    Examples
    --------
    >>> from scratchml.data import Subset
    >>> list(Subset("abcde", [4, 0]))
    ['e', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getattr__(self, name: str) -> Any:
        # There is a `batch` exactly if the whole has one.
        if name == "batch" and hasattr(self.__dict__.get("dataset"), "batch"):
            return self._batch
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _batch(self, indices: np.ndarray) -> Any:
        return self.dataset.batch(np.asarray(self.indices, dtype=np.int64)[indices])


class ConcatDataset(Dataset):
    """Datasets one after the other.

    Parameters
    ----------
    datasets : iterable of Dataset
        At least one; each has a length.

    Attributes
    ----------
    datasets : list of Dataset
        The datasets.
    cumulative_sizes : list of int
        Where each of them ends.

    Raises
    ------
    ValueError
        If there is none.
    TypeError
        If one has no indices.

    Examples
    --------
    >>> from scratchml.data import ConcatDataset
    >>> both = ConcatDataset(["abc", "de"])
    >>> len(both), both[3], both[-1]
    (5, 'd', 'e')
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("datasets must hold at least one dataset, got none")
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise TypeError("datasets must have indices, got an IterableDataset")
        self.cumulative_sizes = list(accumulate(len(d) for d in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: Any) -> Any:
        n = len(self)
        if not -n <= index < n:
            raise IndexError(f"index must be in [{-n}, {n}), got {index}")
        index %= n
        which = bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]
