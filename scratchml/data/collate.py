"""default_collate: a batch made of samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant


def default_collate(batch: Sequence[Any]) -> Any:
    """Return one object like the samples, with tensors that have a first axis for the samples.

    Parameters
    ----------
    batch : list
        Samples of one structure: tensors, arrays, numbers, strings, or tuples, lists and dicts
        of them.

    Returns
    -------
    object
        Tensors and arrays are stacked; integers become a tensor of int64, Python's floats one of
        float64; strings are left as they are; a tuple becomes a list.

    Raises
    ------
    ValueError
        If shapes or lengths differ.
    TypeError
        If samples are of another type.

    Examples
    --------
    >>> from scratchml.data import default_collate
    >>> batch = default_collate([{"x": 1, "name": "a"}, {"x": 2, "name": "b"}])
    >>> batch["x"].array, batch["name"]
    (array([1, 2]), ['a', 'b'])
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return _stack([sample.array for sample in batch])
    if isinstance(first, np.ndarray) and first.dtype.kind in "biufc":
        return _stack(batch)
    if isinstance(first, np.generic | int | float | complex) and not isinstance(first, str):
        return constant(np.array(batch))
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        values = {key: default_collate([sample[key] for sample in batch]) for key in first}
        return values if type(first) is dict else type(first)(values)  # type: ignore[call-arg]
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            lengths = sorted({len(sample) for sample in batch})
            raise ValueError(f"the samples of a batch must have one length, got {lengths}")
        parts = [default_collate(part) for part in zip(*batch, strict=True)]
        if isinstance(first, tuple) and hasattr(first, "_fields"):
            return type(first)(*parts)
        return parts
    raise TypeError(
        "samples must be tensors, arrays, numbers, strings, or tuples, lists or dicts of them, got "
        f"{type(first).__name__}"
    )


def convert(sample: Any) -> Any:
    """Return a sample with tensors in place of its arrays: what stands in for a batch of none."""
    if isinstance(sample, np.ndarray | np.generic) and sample.dtype.kind in "biufc":
        return constant(np.asarray(sample))
    if isinstance(sample, Mapping):
        return {key: convert(value) for key, value in sample.items()}
    if isinstance(sample, tuple) and hasattr(sample, "_fields"):
        return type(sample)(*[convert(part) for part in sample])
    if isinstance(sample, tuple | list):
        return [convert(part) for part in sample]
    return sample


def _stack(arrays: Sequence[np.ndarray]) -> Any:
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        raise ValueError(f"the samples of a batch must have one shape, got {sorted(shapes)}")
    return constant(np.stack(arrays))
