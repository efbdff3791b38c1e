"""random_split: a dataset cut at random into parts that do not overlap."""

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from scratchml.data.dataset import Subset
from scratchml.tensor.generator import Generator, default_generator


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator | None = None
) -> list[Subset]:
    """Cut a dataset at random into parts that do not overlap.

    Parameters
    ----------
    dataset : Dataset
        What has a length and indices.
    lengths : sequence of int, or of float
        How long each part is; or shares, which sum to 1 and are rounded down, what is left going to
        the first parts, one sample each.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    list of Subset
        The parts. For the same seed they are PyTorch's.

    Raises
    ------
    ValueError
        If the lengths do not sum to that of the dataset, or one is negative.

    Examples
    --------
    >>> from scratchml.data import random_split
    >>> [len(part) for part in random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    n = len(dataset)
    sizes = list(lengths)
    if math.isclose(sum(sizes), 1) and sum(sizes) <= 1:
        sizes = [math.floor(n * share) for share in sizes]
        for i in range(n - int(sum(sizes))):
            sizes[i % len(sizes)] += 1
    if sum(sizes) != n or min(sizes) < 0:
        raise ValueError(f"lengths must sum to the dataset's {n}, none negative, got {lengths}")
    source = default_generator if generator is None else generator
    order = source.permutation(n).tolist()
    ends = list(accumulate(int(size) for size in sizes))
    return [
        Subset(dataset, order[stop - int(size) : stop])
        for size, stop in zip(sizes, ends, strict=True)
    ]
