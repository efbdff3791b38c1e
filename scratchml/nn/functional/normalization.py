"""Batch, group and instance normalisation as functions of tensors."""

import math
from typing import Any

import numpy as np

from scratchml.nn.functional.windows import array_of
from scratchml.nn.ops.normalization import (
    batch_norm_backward,
    batch_norm_forward,
    group_norm_backward,
    group_norm_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply, record


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Shift and scale every channel to mean 0 and variance 1, then to `bias` and `weight`.

    Parameters
    ----------
    input : Tensor of shape (N, C) or (N, C, ...)
        Values.
    running_mean, running_var : Tensor of shape (C,), or None
        Averages over the batches seen. Used in evaluation; in training the input's own mean and
        variance are used, and these are changed in place, unless they are None.
    weight, bias : Tensor of shape (C,), optional
        Scale and shift that follow; ones and zeros by default.
    training : bool
        Whether the input's own mean and variance are used.
    momentum : float
        Share of this batch in the new running averages.
    eps : float
        Added to the variance.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        In training, if a channel has a single value; in evaluation without running averages; if
        one of the vectors does not have a value for each channel.
    TypeError
        If a tensor is not of floating-point dtype, or `weight` or `bias` not of the input's.

    Notes
    -----
    The normalisation divides by n, the running variance (as in PyTorch) by n - 1.

    Source: S. Ioffe, C. Szegedy, "Batch normalization", ICML 2015, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import batch_norm
    >>> x = from_numpy(np.array([[1.0, 10], [3, 30]]))
    >>> batch_norm(x, None, None, training=True).numpy().round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    x = _input("batch_norm", input, weight, bias)
    averages = _averages("batch_norm", x, running_mean, running_var, not training)
    if training:
        _check_count("batch_norm", "channel", x.shape, x.shape[0] * math.prod(x.shape[2:]))
    w, b = (None if v is None else v.array for v in (weight, bias))
    y, cache = batch_norm_forward(x, w, b, None if training else averages, eps)
    output: Tensor = record(
        y,
        (input, weight, bias),
        lambda dy: batch_norm_backward(dy, cache),
        saved=(input, weight),
        name="batch_norm_backward",
    )
    if training and averages is not None and x.size:
        n = x.size // x.shape[1]
        centre, variance, _, rest = cache[0]
        _move(running_mean, centre + rest, momentum)
        _move(running_var, variance * (n / (n - 1)), momentum)
    return output


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Shift and scale groups of channels of each sample to mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor of shape (N, C) or (N, C, ...)
        Values.
    num_groups : int
        Number of groups, a divisor of C; channels that follow each other are in one.
    weight, bias : Tensor of shape (C,), optional
        Scale and shift of each channel that follow; ones and zeros by default.
    eps : float
        Added to the variance.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If `num_groups` does not divide C, or a group has a single value.

    Notes
    -----
    Source: Y. Wu, K. He, "Group normalization", ECCV 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import group_norm
    >>> x = from_numpy(np.array([[1.0, 3, 10, 30]]))
    >>> group_norm(x, 2).numpy().round(3)
    array([[-1.,  1., -1.,  1.]])
    """
    x = _input("group_norm", input, weight, bias)
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(
            f"group_norm: num_groups must divide the number of channels, got num_groups="
            f"{num_groups} and an input of shape {x.shape}"
        )
    # As in PyTorch, the values of all samples are counted.
    _check_count("group_norm", "group", x.shape, x.size // num_groups)
    tensors = (input, weight, bias)
    output: Tensor = apply(group_norm_forward, group_norm_backward, tensors, num_groups, eps)
    return output


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Shift and scale every channel of each sample to mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Values, with at least one axis of positions.
    running_mean, running_var : Tensor of shape (C,), optional
        Averages over the samples seen: changed in place with `use_input_stats`, used without it.
    weight, bias : Tensor of shape (C,), optional
        Scale and shift of each channel that follow; ones and zeros by default.
    use_input_stats : bool
        Whether the input's own mean and variance are used.
    momentum : float
        Share of this batch in the new running averages.
    eps : float
        Added to the variance.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If a channel has a single position, or running averages are missing or of another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import instance_norm
    >>> x = from_numpy(np.array([[[1.0, 3], [10, 30]]]))
    >>> instance_norm(x).numpy().round(3)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    x = _input("instance_norm", input, weight, bias)
    averages = _averages("instance_norm", x, running_mean, running_var, not use_input_stats)
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    L = math.prod(x.shape[2:])
    if x.ndim < 3 or L == 1:
        raise ValueError(
            "instance_norm: a channel must have more than one position, got an input of shape "
            f"{x.shape}"
        )
    w, b = (None if v is None else v.array for v in (weight, bias))
    y, cache = group_norm_forward(x, w, b, x.shape[1], eps)
    output: Tensor = record(
        y,
        (input, weight, bias),
        lambda dy: group_norm_backward(dy, cache),
        saved=(input, weight),
        name="instance_norm_backward",
    )
    if averages is not None and x.size:
        centre, variance, _, rest = cache[0].reshape(4, *x.shape[:2]).mean(axis=1)
        _move(running_mean, centre + rest, momentum)
        _move(running_var, variance * (L / (L - 1)), momentum)
    return output


def _move(average: Any, value: np.ndarray, share: float) -> None:
    """Change a running average in place."""
    array = average.array
    array += (share * (value - array)).astype(array.dtype)
    average.version[0] += 1


def _input(name: str, input: Any, weight: Any, bias: Any) -> np.ndarray:
    """Return the input's array, checked against weight and bias."""
    x: np.ndarray = array_of(name, input)
    if x.ndim < 2:
        raise ValueError(f"{name}: input must have shape (N, C) or (N, C, ...), got {x.shape}")
    for what, vector in (("weight", weight), ("bias", bias)):
        if vector is not None:
            _check_vector(name, what, vector.array, x)
            if vector.array.dtype != x.dtype:
                raise TypeError(
                    f"{name}: {what} must be of the input's dtype {x.dtype}, got "
                    f"{vector.array.dtype}"
                )
    return x


def _averages(
    name: str, x: np.ndarray, mean: Any, variance: Any, needed: bool
) -> tuple[np.ndarray, np.ndarray] | None:
    if mean is None and variance is None:
        if needed:
            raise ValueError(f"{name}: evaluation needs running_mean and running_var, got None")
        return None
    if mean is None or variance is None:
        raise ValueError(f"{name}: give both of running_mean and running_var, or neither")
    _check_vector(name, "running_mean", mean.array, x)
    _check_vector(name, "running_var", variance.array, x)
    return mean.array, variance.array


def _check_vector(name: str, what: str, vector: np.ndarray, x: np.ndarray) -> None:
    if vector.shape != x.shape[1:2]:
        raise ValueError(
            f"{name}: {what} must have one value for each of the {x.shape[1]} channels of an input "
            f"of shape {x.shape}, got shape {vector.shape}"
        )


def _check_count(name: str, what: str, shape: tuple[int, ...], count: int) -> None:
    if count == 1:
        raise ValueError(
            f"{name}: a {what} must have more than one value to have a variance, got an input of "
            f"shape {shape}"
        )
