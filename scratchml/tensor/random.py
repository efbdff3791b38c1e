"""Random tensors; with the same seed the same as PyTorch's on the CPU (see `Generator`)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.creation import finish, shape_of
from scratchml.tensor.dtypes import as_dtype, get_default_dtype
from scratchml.tensor.generator import Generator, default_generator
from scratchml.tensor.ranges import dtype_like

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def manual_seed(seed: int) -> Generator:
    """Start the stream of a seed in the generator that is used where none is given.

    Parameters
    ----------
    seed : int
        Its lowest 32 bits count.

    Returns
    -------
    Generator
        The default generator.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.rand(2)
    tensor([0.4963, 0.7682])
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start a stream that nobody can foresee.

    Returns
    -------
    int
        Its seed.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.seed() == torch.initial_seed()
    True
    """
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed of the default generator.

    Returns
    -------
    int
        The seed.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> _ = torch.manual_seed(3)
    >>> torch.initial_seed()
    3
    """
    return default_generator.initial_seed()


def get_rng_state() -> "Tensor":
    """Return what the default generator goes on from.

    Returns
    -------
    Tensor of uint8
        For `set_rng_state`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> state = torch.get_rng_state()
    >>> first = torch.rand(3)
    >>> torch.set_rng_state(state)
    >>> (torch.rand(3) == first).sum()
    tensor(3)
    """
    state: Tensor = default_generator.get_state()
    return state


def set_rng_state(new_state: "Tensor") -> None:
    """Let the default generator go on from where `get_rng_state` was called.

    Parameters
    ----------
    new_state : Tensor of uint8
        What `get_rng_state` returned.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.set_rng_state(torch.get_rng_state())
    """
    default_generator.set_state(new_state)


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return numbers drawn evenly from [0, 1).

    Parameters
    ----------
    *size : int
        The length of each axis, as numbers or as one tuple.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        float32 unless given.
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
    >>> torch.rand(2, generator=torch.Generator().manual_seed(0))
    tensor([0.4963, 0.7682])
    """
    return finish(draw("uniform", shape_of(size), dtype, generator), device, requires_grad)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return numbers of the standard normal distribution.

    Parameters
    ----------
    *size : int
        The length of each axis, as numbers or as one tuple.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        float32 unless given.
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
    >>> torch.randn(3, generator=torch.Generator().manual_seed(0))
    tensor([ 1.5410, -0.2934, -2.1788])
    """
    return finish(draw("normal", shape_of(size), dtype, generator), device, requires_grad)


def rand_like(
    input: "Tensor",
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return numbers drawn evenly from [0, 1), in a tensor's shape and type.

    Parameters
    ----------
    input : Tensor
        Whose shape and type.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        Another type.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.rand_like(torch.zeros(2, 3)).shape
    (2, 3)
    """
    values = draw("uniform", input.shape, dtype_like(input, dtype), generator)
    return finish(values, device, requires_grad)


def randn_like(
    input: "Tensor",
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return numbers of the standard normal distribution, in a tensor's shape and type.

    Parameters
    ----------
    input : Tensor
        Whose shape and type.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        Another type.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.randn_like(torch.zeros(2, 3)).shape
    (2, 3)
    """
    values = draw("normal", input.shape, dtype_like(input, dtype), generator)
    return finish(values, device, requires_grad)


def draw(law: str, shape: tuple, dtype: Any, generator: Generator | None) -> np.ndarray:
    """Return an array of floats from one of a generator's laws."""
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    if kind.kind != "f":
        raise TypeError(f"dtype must be a float type for random numbers, got {kind}")
    n = int(np.prod(shape, dtype=np.int64))
    numbers: np.ndarray = getattr(generator or default_generator, law)(n, kind)
    return numbers.reshape(shape)
