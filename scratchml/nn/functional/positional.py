"""Positions in a sequence as functions of tensors: see `scratchml.nn.ops.positions`."""

from typing import Any

import numpy as np

from scratchml.nn.ops.positions import rotary_backward, rotary_forward, sinusoids, turns
from scratchml.tensor.core import Tensor
from scratchml.tensor.dtypes import as_dtype
from scratchml.tensor.operands import need_kind
from scratchml.tensor.tape import Taped, apply, constant, no_tensor


def sinusoidal_positional_encoding(
    input_pos: Tensor | int, dim: int, base: float = 10000.0, dtype: Any = None
) -> Tensor:
    """Return the vectors of sines and cosines that stand for positions.

    Feature 2i of position p is sin(w p) and feature 2i + 1 is cos(w p), with w = base^(-2i / dim).

    Parameters
    ----------
    input_pos : Tensor of ints of shape (...), or int
        Positions from 0; a number n stands for 0, 1, ..., n - 1.
    dim : int
        Length of the vectors.
    base : float
        The lowest frequency is almost 1 / base.
    dtype : {float32, float64}, optional
        Of the vectors; float32 by default.

    Returns
    -------
    Tensor of shape (..., dim)
        The vectors.

    Raises
    ------
    TypeError
        If the positions are not integers, or `dtype` is not one of floats.
    ValueError
        If one is negative, or `dim` is less than 1, or `base` is not positive.

    Notes
    -----
    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> F.sinusoidal_positional_encoding(3, 4).round(decimals=2).numpy()
    array([[ 0.  ,  1.  ,  0.  ,  1.  ],
           [ 0.84,  0.54,  0.01,  1.  ],
           [ 0.91, -0.42,  0.02,  1.  ]], dtype=float32)
    """
    name = "sinusoidal_positional_encoding"
    check_waves(name, dim, base)
    kind = as_dtype(float if dtype is None else dtype)
    if kind.kind != "f":
        raise TypeError(f"{name}: dtype must be float32 or float64, got {kind}")
    if isinstance(input_pos, int):
        if input_pos < 0:
            raise ValueError(f"{name}: input_pos must not be negative, got {input_pos}")
        input_pos = constant(np.arange(input_pos))
    positions = positions_of(name, input_pos)
    rows = power_above(int(positions.max(initial=0)))
    result: Tensor = constant(sinusoids(rows, dim, float(base), kind)[positions])
    return result


def rotary_positional_embedding(
    input: Tensor, input_pos: Tensor | None = None, base: float = 10000.0, *, offset: int = 0
) -> Tensor:
    """Turn each pair of features by an angle that grows with the position.

    The pair of features 2i and 2i + 1 at position p is turned by p base^(-2i / D), so that the
    inner product of two vectors depends on how far apart they are, not on where they are.

    Parameters
    ----------
    input : Tensor of shape (..., S, H, D)
        Queries or keys of S places and H heads; D is even.
    input_pos : Tensor of ints of shape (S,) or (..., S), optional
        The position of each place; by default offset, offset + 1, ...
    base : float
        The lowest frequency is almost 1 / base.
    offset : int
        Where the sequence begins, if `input_pos` is not given: with a cache of keys and values,
        how many are in it.

    Returns
    -------
    Tensor of shape (..., S, H, D)
        The turned vectors, of the dtype of `input`.

    Raises
    ------
    TypeError
        If the input is not of floats, or the positions are not integers.
    ValueError
        If the shapes do not fit, a position is negative, or both `input_pos` and `offset` are
        given.

    Notes
    -----
    Source: J. Su et al., "RoFormer: enhanced transformer with rotary position embedding", arXiv
    2104.09864, eq. 34.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> x = torch.ones(3, 1, 2)
    >>> F.rotary_positional_embedding(x).squeeze(1).round(decimals=2).numpy()
    array([[ 1.  ,  1.  ],
           [-0.3 ,  1.38],
           [-1.33,  0.49]], dtype=float32)
    """
    return turned("rotary_positional_embedding", input, input_pos, base, offset, 0)


def turned(name: str, input: Any, input_pos: Any, base: float, offset: int, least: int) -> Tensor:
    """Check, and turn by a table of at least `least` rows."""
    if not isinstance(input, Taped):
        raise no_tensor(name, (input,))
    x = input.array
    need_kind(x, "f", name)
    if x.ndim < 3 or x.shape[-1] % 2 or not x.shape[-1]:
        raise ValueError(
            f"{name}: input must have shape (..., S, H, D) with an even D, got {x.shape}"
        )
    check_waves(name, x.shape[-1], base)
    dim = x.shape[-1]
    if input_pos is None:
        rows = span(name, offset, x.shape[-3], least)
        table = turns(rows, dim, float(base), x.dtype)[offset : offset + x.shape[-3], None]
    else:
        positions = places(name, input_pos, offset, x.shape[:-2], x.shape[-3])
        rows = max(least, power_above(int(positions.max(initial=0))))
        table = turns(rows, dim, float(base), x.dtype)[positions][..., None, :]
    result: Tensor = apply(rotary_forward, rotary_backward, (input,), table, saves="nothing")
    return result


def check_waves(name: str, dim: int, base: float) -> None:
    """Raise unless there are features, and the frequencies are numbers."""
    if dim < 1:
        raise ValueError(f"{name}: dim must be at least 1, got {dim}")
    if not base > 0:
        raise ValueError(f"{name}: base must be positive, got {base}")


def span(name: str, offset: int, length: int, least: int) -> int:
    """Return how many rows a table needs that holds positions from `offset` on."""
    if offset < 0:
        raise ValueError(f"{name}: offset must not be negative, got {offset}")
    end = offset + length
    return least if end <= least else power_above(end - 1)


def places(
    name: str, input_pos: Any, offset: int, shape: tuple[int, ...], length: int
) -> np.ndarray:
    """Return given positions, checked against the places of an input: all, or those of a row."""
    if offset:
        raise ValueError(f"{name}: give input_pos or offset, got both")
    positions = positions_of(name, input_pos)
    if positions.shape != (length,) and positions.shape != shape:
        raise ValueError(
            f"{name}: input_pos must have shape {(length,)} or {shape}, got {positions.shape}"
        )
    return positions


def positions_of(name: str, input_pos: Any) -> np.ndarray:
    """Return the array of a tensor of positions."""
    if not isinstance(input_pos, Taped):
        raise no_tensor(name, (input_pos,))
    positions: np.ndarray = input_pos.array
    if positions.dtype.kind not in "iu":
        raise TypeError(f"{name}: input_pos must be integers, got {positions.dtype}: use .long()")
    if positions.size and positions.min() < 0:
        raise ValueError(f"{name}: positions begin at 0, got {positions.min()}")
    return positions


def power_above(position: int) -> int:
    """Return the power of two above a position: so many rows are kept, to be made rarely."""
    return 1 << max(position, 0).bit_length()
