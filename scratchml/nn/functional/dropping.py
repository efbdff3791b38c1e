"""Dropout as functions of tensors: see `scratchml.nn.ops.dropout`."""

from typing import Any

from scratchml.nn.functional.in_place import in_place
from scratchml.nn.ops.dropout import (
    alpha_dropout_backward,
    alpha_dropout_forward,
    channel_dropout_backward,
    channel_dropout_forward,
    dropout_backward,
    dropout_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.generator import Generator, default_generator
from scratchml.tensor.operands import array_of, need_floats
from scratchml.tensor.tape import apply


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set each number to zero with probability `p`, and divide the others by 1 - p.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    p : float
        The probability of being dropped.
    training : bool
        Whether anything is dropped; if not, the input is returned.
    inplace : bool
        Whether the input is overwritten with the output.
    generator : Generator, optional
        Where the random numbers come from.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1], or the input has another number of axes.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> y = F.dropout(torch.ones(1000), 0.2)
    >>> sorted(set(y.numpy().tolist()))
    [0.0, 1.25]
    """
    return _dropped("dropout", _PLAIN, input, p, training, inplace, generator)


def alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set each number to the limit of `selu` with probability `p`, then restore mean and variance.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    p : float
        The probability of being dropped.
    training : bool
        Whether anything is dropped; if not, the input is returned.
    inplace : bool
        Whether the input is overwritten with the output.
    generator : Generator, optional
        Where the random numbers come from.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1], or the input has another number of axes.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> y = F.alpha_dropout(torch.ones(1000), 0.2, training=True)
    >>> len(set(y.numpy().tolist()))
    2
    """
    axes = array_of("alpha_dropout", input).ndim
    return _dropped("alpha_dropout", _ALPHA, input, p, training, inplace, generator, axes)


def dropout1d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set whole channels to zero with probability `p`, and divide the others by 1 - p.

    Parameters
    ----------
    input : Tensor
        Of shape (N, C, L) or (C, L).
    p : float
        The probability of being dropped.
    training : bool
        Whether anything is dropped; if not, the input is returned.
    inplace : bool
        Whether the input is overwritten with the output.
    generator : Generator, optional
        Where the random numbers come from.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1], or the input has another number of axes.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> y = F.dropout1d(torch.ones(1, 50, 4), 0.2)
    >>> y = y.numpy().reshape(50, -1)
    >>> bool((y == y[:, :1]).all())
    True
    """
    axes = _axes_of_channels("dropout1d", input, (2, 3), (1, 2))
    return _dropped("dropout1d", _CHANNELS, input, p, training, inplace, generator, axes)


def dropout2d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set whole channels to zero with probability `p`, and divide the others by 1 - p.

    Parameters
    ----------
    input : Tensor
        Of shape (N, C, H, W), or (N, C, L).
    p : float
        The probability of being dropped.
    training : bool
        Whether anything is dropped; if not, the input is returned.
    inplace : bool
        Whether the input is overwritten with the output.
    generator : Generator, optional
        Where the random numbers come from.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1], or the input has another number of axes.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> y = F.dropout2d(torch.ones(1, 50, 4, 4), 0.2)
    >>> y = y.numpy().reshape(50, -1)
    >>> bool((y == y[:, :1]).all())
    True
    """
    axes = _axes_of_channels("dropout2d", input, (3, 4), (2, 2))
    return _dropped("dropout2d", _CHANNELS, input, p, training, inplace, generator, axes)


def dropout3d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set whole channels to zero with probability `p`, and divide the others by 1 - p.

    Parameters
    ----------
    input : Tensor
        Of shape (N, C, D, H, W) or (C, D, H, W).
    p : float
        The probability of being dropped.
    training : bool
        Whether anything is dropped; if not, the input is returned.
    inplace : bool
        Whether the input is overwritten with the output.
    generator : Generator, optional
        Where the random numbers come from.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1], or the input has another number of axes.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> y = F.dropout3d(torch.ones(1, 50, 2, 2, 2), 0.2)
    >>> y = y.numpy().reshape(50, -1)
    >>> bool((y == y[:, :1]).all())
    True
    """
    axes = _axes_of_channels("dropout3d", input, (4, 5), (1, 2))
    return _dropped("dropout3d", _CHANNELS, input, p, training, inplace, generator, axes)


def feature_alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set whole channels as `alpha_dropout` sets single numbers.

    Parameters
    ----------
    input : Tensor
        Of shape (N, C, ...), of floats.
    p : float
        The probability of being dropped.
    training : bool
        Whether anything is dropped; if not, the input is returned.
    inplace : bool
        Whether the input is overwritten with the output.
    generator : Generator, optional
        Where the random numbers come from.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1], or the input has another number of axes.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> y = F.feature_alpha_dropout(torch.ones(1, 50, 4), 0.2, training=True)
    >>> len(set(y.numpy().ravel().tolist()))
    2
    """
    axes = _axes_of_channels("feature_alpha_dropout", input, None, (2, 2))
    return _dropped("feature_alpha_dropout", _ALPHA, input, p, training, inplace, generator, axes)


_PLAIN = dropout_forward, dropout_backward
_CHANNELS = channel_dropout_forward, channel_dropout_backward
_ALPHA = alpha_dropout_forward, alpha_dropout_backward


def _dropped(
    name: str,
    pair: tuple[Any, Any],
    input: Tensor,
    p: float,
    training: bool,
    inplace: bool,
    generator: Generator | None,
    *axes: int,
) -> Tensor:
    """Check, draw a seed, and apply a pair."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{name}: p must be in [0, 1], got {p}")
    need_floats(input, name)
    if not training or p == 0.0:
        return input
    seed = int((generator or default_generator).double_words(1)[0])

    def run(x: Tensor) -> Tensor:
        result: Tensor = apply(*pair, (x,), p, seed, *axes, saves="nothing")
        return result

    return in_place(run, input, reads_input=False) if inplace else run(input)


def _axes_of_channels(
    name: str, input: Tensor, expected: tuple[int, int] | None, axes: tuple[int, int]
) -> int:
    """Return how many axes tell channels apart: one less where there is no axis of samples."""
    n = array_of(name, input).ndim
    if n < 2 or (expected is not None and n not in expected):
        rule = "at least 2" if expected is None else f"{expected[0]} or {expected[1]}"
        raise ValueError(f"{name}: input must have {rule} axes, got shape {input.array.shape}")
    return axes[0] if expected is not None and n == expected[0] else axes[1]
