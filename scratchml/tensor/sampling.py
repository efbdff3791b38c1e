"""Random integers, permutations and choices; with the same seed the same as PyTorch's."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.creation import finish, shape_of
from scratchml.tensor.dtypes import as_dtype, int64
from scratchml.tensor.filled_like import dtype_like
from scratchml.tensor.generator import Generator, default_generator
from scratchml.tensor.tape import Taped, constant

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return integers drawn evenly from [low, high).

    Parameters
    ----------
    low, high : int
        The bounds; the only number given is the upper one, above 0.
    size : tuple of int
        The length of each axis.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        int64 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.randint(10, (4,), generator=torch.Generator().manual_seed(0))
    tensor([4, 9, 3, 0])
    """
    if size is None:
        low, high, size = 0, low, high
    if high <= low:
        raise ValueError(f"high must be above low, got low={low}, high={high}")
    shape = shape_of([size])
    n = int(np.prod(shape, dtype=np.int64))
    numbers = (generator or default_generator).below(high - low, n) + low
    kind = int64 if dtype is None else as_dtype(dtype)
    return finish(numbers.astype(kind).reshape(shape), device, requires_grad)


def randint_like(
    input: "Tensor", low: int, high: int | None = None, dtype: Any = None, device: Any = None
) -> "Tensor":
    """Return integers drawn evenly from [low, high), in a tensor's shape and type.

    Parameters
    ----------
    input : Tensor
        Whose shape and type.
    low, high : int
        The bounds; the only number given is the upper one, above 0.
    dtype : dtype, optional
        Another type.
    device : str or device, optional
        "cpu".

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.randint_like(torch.zeros(2, 3), 5).shape
    (2, 3)
    """
    if high is None:
        low, high = 0, low
    return randint(low, high, input.shape, dtype=dtype_like(input, dtype), device=device)


def randperm(
    n: int,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return the numbers 0, ..., n - 1 in random order.

    Parameters
    ----------
    n : int
        How many.
    generator : Generator, optional
        Where the order comes from.
    dtype : dtype, optional
        int64 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of shape (n,).

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.randperm(5, generator=torch.Generator().manual_seed(0))
    tensor([4, 0, 1, 3, 2])
    """
    order = (generator or default_generator).permutation(n)
    kind = int64 if dtype is None else as_dtype(dtype)
    return finish(order.astype(kind, copy=False), device, requires_grad)


def normal(
    mean: Any, std: Any = 1.0, size: Any = None, generator: Generator | None = None
) -> "Tensor":
    """Return numbers of normal distributions.

    Parameters
    ----------
    mean, std : float or Tensor
        The mean and the standard deviation of all numbers, or of each.
    size : tuple of int
        The length of each axis, where mean and std are numbers.
    generator : Generator, optional
        Where they come from.

    Returns
    -------
    Tensor
        Of that size, or of the tensors'.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.normal(10.0, 0.1, (2,), generator=torch.Generator().manual_seed(0))
    tensor([10.1541,  9.9707])
    """
    from scratchml.tensor.random import draw

    m = mean.array if isinstance(mean, Taped) else mean
    s = std.array if isinstance(std, Taped) else std
    if np.any(np.asarray(s) < 0):
        raise ValueError(f"std must not be negative, got {s}")
    shape = np.broadcast_shapes(np.shape(m), np.shape(s)) if size is None else shape_of([size])
    dtype = next((a.dtype for a in (m, s) if isinstance(a, np.ndarray)), None)
    numbers = draw("normal", shape, dtype, generator)
    return constant(numbers * s + m)


def bernoulli(input: "Tensor", generator: Generator | None = None) -> "Tensor":
    """Return ones with given probabilities, and zeros.

    Parameters
    ----------
    input : Tensor
        The probability of each one.
    generator : Generator, optional
        Where they come from.

    Returns
    -------
    Tensor
        Of the shape and type of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.bernoulli(torch.tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    p = input.array
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("input must hold probabilities, numbers in [0, 1]")
    drawn = (generator or default_generator).uniform(p.size, p.dtype).reshape(p.shape)
    return constant((drawn < p).astype(p.dtype))


def multinomial(
    input: "Tensor",
    num_samples: int,
    replacement: bool = False,
    generator: Generator | None = None,
) -> "Tensor":
    """Return indices drawn with given weights, for each row.

    Parameters
    ----------
    input : Tensor, shape (k,) or (n, k)
        The weights, which need not sum to 1.
    num_samples : int
        How many for each row.
    replacement : bool
        Whether an index may be drawn more than once.
    generator : Generator, optional
        Where they come from.

    Returns
    -------
    Tensor of int64, shape (num_samples,) or (n, num_samples)
        The indices.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.multinomial(torch.tensor([0.0, 1.0]), 3, replacement=True)
    tensor([1, 1, 1])
    """
    source = generator or default_generator
    w = input.array
    if w.ndim not in (1, 2) or (w < 0).any() or not np.isfinite(w).all():
        raise ValueError("input must be one or two axes of weights, finite and not negative")
    if not (w.sum(axis=-1) > 0).all():
        raise ValueError("input must have a weight above 0 in each row")
    if not replacement:
        if ((w > 0).sum(axis=-1) < num_samples).any():
            raise ValueError(f"{num_samples} samples need as many weights above 0")
        # The first to ring of exponential clocks with these rates (Efraimidis & Spirakis 2006).
        clocks = source.exponential(w.size).astype(w.dtype).reshape(w.shape)
        rates = w / clocks
        if num_samples == 1:
            return constant(rates.argmax(axis=-1, keepdims=True))
        return constant(np.argsort(-rates, axis=-1, kind="stable")[..., :num_samples].copy())
    rows = np.atleast_2d(w)
    sums = np.cumsum(rows, axis=1)
    sums /= sums[:, -1:]
    u = source.uniform(len(rows) * num_samples, np.dtype(np.float64)).reshape(len(rows), -1)
    out = np.array([np.searchsorted(s, draws, "right") for s, draws in zip(sums, u, strict=True)])
    return constant(np.minimum(out, w.shape[-1] - 1).reshape(*w.shape[:-1], num_samples))
