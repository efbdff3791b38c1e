"""WeightedRandomSampler: samples drawn in proportion to weights."""

from collections.abc import Iterator, Sequence

import numpy as np

from scratchml.data.sampler import Sampler, check_positive
from scratchml.tensor.generator import Generator, default_generator


class WeightedRandomSampler(Sampler):
    """Random samples, each in proportion to its weight.

    Parameters
    ----------
    weights : sequence of float
        A weight for each sample, not negative; they need not sum to one.
    num_samples : int
        How many to draw.
    replacement : bool
        Whether a sample may come again.
    generator : Generator, optional
        Where random numbers come from.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or fewer than `num_samples` are positive where
        none may come again.

    Notes
    -----
    With replacement the order is PyTorch's. Without, the samples with the smallest e / w are taken,
    e exponentially distributed (Efraimidis & Spirakis 2006).

    Examples
    --------
    >>> from scratchml.data import WeightedRandomSampler
    >>> list(WeightedRandomSampler([0, 0, 1.5], 4))
    [2, 2, 2, 2]
    """

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        self.weights = np.asarray(getattr(weights, "array", weights), dtype=np.float64)
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator
        check_positive("num_samples", num_samples)
        w = self.weights
        if w.ndim != 1 or not (np.isfinite(w).all() and (w >= 0).all() and w.any()):
            raise ValueError(
                "weights must be a sequence of finite numbers, none negative and not all zero"
            )
        if not replacement and np.count_nonzero(w) < num_samples:
            raise ValueError(
                f"num_samples must be at most the number of positive weights, {np.count_nonzero(w)}"
                f", where replacement is False, got {num_samples}"
            )

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        generator = default_generator if self.generator is None else self.generator
        w = self.weights
        if self.replacement:
            shares = np.cumsum(w) / w.sum()
            shares[np.flatnonzero(w)[-1] :] = 1.0  # rounding must not leave a gap at the end
            draws = generator.uniform(self.num_samples, np.float64)
            return iter(np.searchsorted(shares, draws, side="right").tolist())
        candidates = np.flatnonzero(w)
        times = -np.log1p(-generator.uniform(len(candidates), np.float64)) / w[candidates]
        return iter(candidates[np.argsort(times)[: self.num_samples]].tolist())
