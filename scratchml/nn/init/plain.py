"""Random values of a given spread: uniform, normal, normal and cut off, mostly zero."""

import math
from typing import Any, TypeVar

import numpy as np

from scratchml._core.exceptions import warn
from scratchml.tensor.sampling import randperm

T = TypeVar("T", bound=Any)


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Any = None) -> T:
    """Draw values uniformly from [a, b).

    Parameters
    ----------
    tensor : Tensor
        Changed in place.
    a, b : float
        The bounds.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.uniform_(torch.empty(3, 5), -1, 1)
    >>> bool((abs(w.numpy()) <= 1).all())
    True
    """
    tensor.detach().uniform_(a, b, generator=generator)
    return tensor


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> T:
    """Draw values from a normal distribution.

    Parameters
    ----------
    tensor : Tensor
        Changed in place.
    mean, std : float
        Mean and standard deviation.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.normal_(torch.empty(100, 100), std=0.1)
    >>> bool(0.09 < w.numpy().std() < 0.11)
    True
    """
    tensor.detach().normal_(mean, std, generator=generator)
    return tensor


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> T:
    """Draw values from a normal distribution, those outside of [a, b] again.

    Parameters
    ----------
    tensor : Tensor
        Changed in place.
    mean, std : float
        Mean and standard deviation of the normal distribution.
    a, b : float
        The bounds.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.trunc_normal_(torch.empty(100, 100), std=0.5, a=-1.0, b=1.0)
    >>> bool((abs(w.numpy()) <= 1).all())
    True
    """
    if not a - 2 * std <= mean <= b + 2 * std:
        warn(
            f"mean={mean} is more than two standard deviations outside of [{a}, {b}]: nearly all "
            "values will lie at one end",
            UserWarning,
        )
    x = tensor.detach()
    if _below((b - mean) / std) - _below((a - mean) / std) > 0.3:
        _redraw(x, mean, std, a, b, generator)
    else:
        _accept(x, mean, std, a, b, generator)
    return tensor


def _redraw(x: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    """Draw normal numbers, all of them, until each place has had one within the bounds."""
    low, high = x.array.dtype.type(a), x.array.dtype.type(b)
    x.normal_(mean, std, generator=generator)
    again = x.clone()
    while (outside := (x.array < low) | (x.array > high)).any():
        again.normal_(mean, std, generator=generator)
        np.copyto(x.array, again.array, where=outside)


def _accept(x: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    """Draw uniform numbers, and keep each with a probability in proportion to its density.

    Rejection sampling (von Neumann 1951), for bounds that hold little of the distribution: z is
    kept if log(u) <= log(density(z) / the greatest density in [a, b]).
    """
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    z, u = x.clone(), x.clone()
    wanted = np.ones(x.array.shape, np.bool_)
    while wanted.any():
        z.uniform_(a, b, generator=generator)
        np.copyto(x.array, z.array, where=wanted)
        u.uniform_(generator=generator)
        density = ((z.array - z.array.dtype.type(mean)) / z.array.dtype.type(std)) ** 2
        density *= -0.5
        density -= z.array.dtype.type(peak)
        with np.errstate(divide="ignore"):  # u may be 0
            wanted &= np.log(u.array) > density


def _below(z: float) -> float:
    """Return the probability that a standard normal number is below z."""
    return (1 + math.erf(z / math.sqrt(2))) / 2


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Any = None) -> T:
    """Draw values from a normal distribution, and set a part of each column to zero.

    Parameters
    ----------
    tensor : Tensor of shape (n, m)
        Changed in place.
    sparsity : float
        The part of each column that is zero, in [0, 1].
    std : float
        Standard deviation of the others.
    generator : Generator, optional
        Where the values come from; which of them are zero comes from the default generator.

    Returns
    -------
    Tensor
        The same tensor.

    Notes
    -----
    Source: J. Martens, "Deep learning via Hessian-free optimization", ICML 2010.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.sparse_(torch.empty(10, 3), sparsity=0.6)
    >>> (w.numpy() == 0).sum(axis=0).tolist()
    [6, 6, 6]
    """
    if tensor.ndim != 2:
        raise ValueError(f"tensor must have two axes, got shape {tuple(tensor.shape)}")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    normal_(tensor, 0, std, generator)
    for column in range(columns):
        tensor.array[randperm(rows).array[:zeros], column] = 0
    return tensor
