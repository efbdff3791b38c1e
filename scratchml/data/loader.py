"""DataLoader: a dataset cut into batches, in order or shuffled."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from scratchml.data.collate import convert, default_collate
from scratchml.data.dataset import IterableDataset
from scratchml.data.sampler import (
    BatchSampler,
    RandomSampler,
    SequentialSampler,
    check_positive,
    draw_seed,
    groups,
)
from scratchml.data.workers import in_threads
from scratchml.tensor.generator import Generator


class DataLoader:
    """The batches of a dataset; each loop over it is one epoch.

    For the same seed, the order is that of PyTorch's loader.

    Parameters
    ----------
    dataset : Dataset
        What has a length and indices, or an `IterableDataset`.
    batch_size : int or None
        How many samples a batch has; None gives single samples.
    shuffle : bool, optional
        A new random order for each epoch.
    sampler : iterable of int, optional
        The indices of an epoch, instead of `shuffle`.
    batch_sampler : iterable of list of int, optional
        The indices of each batch, instead of `batch_size`, `shuffle`, `sampler` and `drop_last`.
    num_workers : int
        How many threads prepare batches ahead, in order; 0 prepares each when it is asked for. It
        pays where samples are read from files; batches of a `TensorDataset` are made in
        microseconds and never in threads.
    collate_fn : callable, optional
        Makes a batch of a list of samples; `default_collate` unless given.
    pin_memory : bool
        For calls written for PyTorch; without a graphics card it has no meaning.
    drop_last : bool
        Leave out a last batch that is smaller.
    timeout : float
        0, for threads are waited for. This and the next two are options of PyTorch's worker
        processes; here workers are threads, and any value but the default is an error.
    worker_init_fn : None
        No function: threads share all state, so there is none of each to prepare.
    multiprocessing_context : None
        No way of starting processes.
    generator : Generator, optional
        Where random numbers come from.
    prefetch_factor : int, optional
        How many batches each thread prepares ahead; 2 unless given.
    persistent_workers : bool
        For calls written for PyTorch: threads cost nothing to start, so it has no meaning.
    in_order : bool
        True: batches come in their order.

    Raises
    ------
    ValueError
        If arguments exclude each other, or one is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.data import DataLoader, TensorDataset
    >>> from scratchml.tensor.generator import Generator
    >>> data = TensorDataset(np.arange(5))
    >>> loader = DataLoader(data, batch_size=2, shuffle=True, generator=Generator().manual_seed(0))
    >>> for (x,) in loader:
    ...     print(x.array)
    [3 1]
    [0 4]
    [2]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: None = None,
        multiprocessing_context: None = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        in_order: bool = True,
    ) -> None:
        _no_processes(timeout, worker_init_fn, multiprocessing_context, in_order)
        iterable = isinstance(dataset, IterableDataset)
        if iterable:
            _exclude("an IterableDataset", shuffle, sampler, batch_sampler, num_workers)
        if sampler is not None:
            _exclude("a sampler", shuffle)
        if batch_sampler is not None:
            _exclude("a batch_sampler", shuffle, sampler, batch_size != 1, drop_last)
            batch_size = None
        elif batch_size is None:
            _exclude("batch_size=None", drop_last)
        else:
            check_positive("batch_size", batch_size)
        if not isinstance(num_workers, int) or num_workers < 0:
            raise ValueError(f"num_workers must be an integer of at least 0, got {num_workers!r}")
        if prefetch_factor is not None:
            check_positive("prefetch_factor", prefetch_factor)
        if sampler is None and not iterable:
            sampler = (
                RandomSampler(dataset, generator=generator)
                if shuffle
                else SequentialSampler(dataset)
            )
        if batch_sampler is None and batch_size is not None and not iterable:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.sampler, self.batch_sampler, self.generator = sampler, batch_sampler, generator
        self.num_workers, self.prefetch_factor = num_workers, prefetch_factor
        self.pin_memory, self.persistent_workers = pin_memory, persistent_workers
        if collate_fn is None:
            single = batch_size is None and batch_sampler is None
            collate_fn = convert if single else default_collate
        self.collate_fn = collate_fn

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)  # type: ignore[arg-type]
        if self.sampler is not None:
            return len(self.sampler)  # type: ignore[arg-type]
        n, size = len(self.dataset), self.batch_size
        if size is None:
            return n
        return n // size if self.drop_last else -(-n // size)

    def __iter__(self) -> Iterator[Any]:
        draw_seed(self.generator)  # PyTorch draws a seed for its workers here
        if isinstance(self.dataset, IterableDataset):
            return self._from_iterable()
        if self.batch_sampler is None:
            return self._prepare(iter(self.sampler), self._single)  # type: ignore[arg-type]
        if hasattr(self.dataset, "batch") and self.collate_fn is default_collate:
            return map(self.dataset.batch, self._index_arrays())
        if hasattr(self.dataset, "__getitems__"):
            return self._prepare(iter(self.batch_sampler), self._several)
        return self._prepare(iter(self.batch_sampler), self._batch)

    def _index_arrays(self) -> Iterator[np.ndarray]:
        """Yield the indices of each batch as an array, without a list where the order is ours."""
        batches: Any = self.batch_sampler
        if type(batches) is BatchSampler and type(batches.sampler) in _IN_ARRAYS:
            order, size = batches.sampler.order(), batches.batch_size
            for start in range(0, len(batches) * size, size):
                yield order[start : start + size]
        else:
            for indices in batches:
                yield np.asarray(indices, dtype=np.int64)

    def _prepare(self, indices: Iterator[Any], task: Callable[[Any], Any]) -> Iterator[Any]:
        if self.num_workers == 0:
            return map(task, indices)
        ahead = self.num_workers * (self.prefetch_factor or 2)
        return in_threads(task, indices, self.num_workers, ahead)

    def _single(self, index: Any) -> Any:
        return self.collate_fn(self.dataset[index])

    def _batch(self, indices: Any) -> Any:
        return self.collate_fn([self.dataset[i] for i in indices])

    def _several(self, indices: Any) -> Any:
        return self.collate_fn(self.dataset.__getitems__(indices))

    def _from_iterable(self) -> Iterator[Any]:
        if self.batch_size is None:
            return map(self.collate_fn, self.dataset)
        return map(self.collate_fn, groups(self.dataset, self.batch_size, self.drop_last))


_IN_ARRAYS = (SequentialSampler, RandomSampler)

_MEANS = {
    "an IterableDataset": "shuffle, sampler, batch_sampler and num_workers, for it has no indices",
    "a sampler": "shuffle, for it gives the order",
    "a batch_sampler": "batch_size, shuffle, sampler and drop_last, for it gives the batches",
    "batch_size=None": "drop_last, for there are no batches",
}


def _exclude(one: str, *others: Any) -> None:
    """Raise ValueError if an argument is given together with one that leaves it no meaning."""
    if any(other is not None and other is not False and other != 0 for other in others):
        raise ValueError(f"{one} leaves no room for {_MEANS[one]}")


def _no_processes(timeout: Any, worker_init_fn: Any, context: Any, in_order: Any) -> None:
    """Raise ValueError for options that only processes could follow."""
    for name, value, default in (
        ("timeout", timeout, 0),
        ("worker_init_fn", worker_init_fn, None),
        ("multiprocessing_context", context, None),
        ("in_order", in_order, True),
    ):
        if value is not default and value != default:
            raise ValueError(
                "DataLoader: workers are threads, which hand out batches in order and share all "
                f"state: {name} must be {default}, got {value!r}"
            )
