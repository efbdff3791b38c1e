"""Random floats; with the same seed the same as PyTorch's on the CPU (see `Generator`)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.creation import finish, shape_of
from scratchml.tensor.dtypes import as_dtype, get_default_dtype
from scratchml.tensor.filled_like import dtype_like
from scratchml.tensor.generator import Generator, default_generator

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


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
