"""Tensors filled with random numbers in place; with the same seed those of PyTorch."""

from typing import Any

import numpy as np

from scratchml.tensor.generator import Generator, default_generator
from scratchml.tensor.inplace import set_to
from scratchml.tensor.operands import need_kind
from scratchml.tensor.tape import Taped


def uniform_(
    input: Any, low: float = 0.0, high: float = 1.0, generator: Generator | None = None
) -> Any:
    """Fill with numbers drawn evenly from [low, high).

    Parameters
    ----------
    input : Tensor
        Of floats; is changed and returned.
    low, high : float
        The bounds; PyTorch calls them from and to.
    generator : Generator, optional
        Where the numbers come from.
    """
    x = input.array
    need_kind(x, "f", "uniform_")
    if low > high:
        raise ValueError(f"uniform_: low must not be above high, got {low} and {high}")
    a, b = x.dtype.type(low), x.dtype.type(high)
    u = (generator or default_generator).uniform(x.size, x.dtype)
    # In float32 rounded once, as PyTorch's numbers are; so the product is taken in float64.
    numbers = (u.astype(np.float64) * (b - a) + a).astype(x.dtype, copy=False)
    return set_to(input, numbers.reshape(x.shape), "uniform_")


def normal_(
    input: Any, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Any:
    """Fill with numbers of a normal distribution.

    Parameters
    ----------
    input : Tensor
        Of floats; is changed and returned.
    mean, std : float
        The mean and the standard deviation.
    generator : Generator, optional
        Where the numbers come from.
    """
    x = input.array
    need_kind(x, "f", "normal_")
    if std < 0:
        raise ValueError(f"normal_: std must not be negative, got {std}")
    numbers = (generator or default_generator).normal(x.size, x.dtype, mean, std)
    return set_to(input, numbers.reshape(x.shape), "normal_")


def bernoulli_(input: Any, p: Any = 0.5, generator: Generator | None = None) -> Any:
    """Fill with ones, of a given probability, and zeros.

    Parameters
    ----------
    input : Tensor
        Is changed and returned.
    p : float or Tensor
        The probability of a one.
    generator : Generator, optional
        Where the numbers come from.
    """
    x = input.array
    likely = np.broadcast_to(p.array, x.shape) if isinstance(p, Taped) else np.float64(p)
    if not ((likely >= 0) & (likely <= 1)).all():
        raise ValueError(f"bernoulli_: p must be in [0, 1], got {p}")
    u = (generator or default_generator).uniform(x.size, likely.dtype).reshape(x.shape)
    return set_to(input, u < likely, "bernoulli_")


def random_(
    input: Any, low: int = 0, high: int | None = None, generator: Generator | None = None
) -> Any:
    """Fill with integers drawn evenly from [low, high).

    Parameters
    ----------
    input : Tensor
        Is changed and returned.
    low, high : int
        The bounds; the only number given is the upper one, above 0.
    generator : Generator, optional
        Where the numbers come from.
    """
    if high is None:
        if not low:
            raise ValueError("random_: needs an upper bound")
        low, high = 0, low
    x = input.array
    numbers = (generator or default_generator).below(high - low, x.size) + low
    return set_to(input, numbers.reshape(x.shape), "random_")


def exponential_(input: Any, lambd: float = 1.0, generator: Generator | None = None) -> Any:
    """Fill with numbers of the exponential distribution.

    Parameters
    ----------
    input : Tensor
        Of floats; is changed and returned.
    lambd : float
        The rate, the inverse of the mean.
    generator : Generator, optional
        Where the numbers come from.
    """
    x = input.array
    need_kind(x, "f", "exponential_")
    if lambd <= 0:
        raise ValueError(f"exponential_: lambd must be positive, got {lambd}")
    numbers = (generator or default_generator).exponential(x.size, lambd)
    return set_to(input, numbers.reshape(x.shape), "exponential_")
