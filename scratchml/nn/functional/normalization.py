"""Normalisation as functions of tensors."""

import math
from typing import Any

import numpy as np

from scratchml.nn.ops.normalization import batch_norm_backward, batch_norm_forward
from scratchml.tensor.tape import Taped, record
from scratchml.tensor.tensor import Tensor


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
    x = _check_batch_norm(input, running_mean, running_var, weight, bias, training)
    w, b = (None if v is None else v.array for v in (weight, bias))
    given = None if training else (running_mean.array, running_var.array)  # type: ignore[union-attr]
    y, cache = batch_norm_forward(x, w, b, given, eps)
    tensors = (input, weight, bias)
    needs = wanted(input), wanted(weight), wanted(bias)
    output: Tensor = record(
        y,
        tensors,
        lambda dy: batch_norm_backward(dy, cache, needs),
        saved=(input, weight),
        name="batch_norm_backward",
    )
    if training and running_mean is not None and running_var is not None and x.size:
        n = x.size // x.shape[1]
        _move(running_mean, cache[-2], momentum)
        _move(running_var, cache[-1] * (n / (n - 1)), momentum)
    return output


def wanted(tensor: Any) -> bool:
    """Whether a gradient is wanted for this tensor, or None."""
    return tensor is not None and tensor.node is not None


def _move(average: Tensor, value: np.ndarray, share: float) -> None:
    """Change a running average in place."""
    average.array[...] = (1 - share) * average.array + share * value
    average.version[0] += 1


def _check_batch_norm(
    input: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: bool
) -> np.ndarray:
    x = _float_array("batch_norm", input)
    if x.ndim < 2:
        raise ValueError(f"batch_norm: input must have shape (N, C) or (N, C, ...), got {x.shape}")
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm: give both of running_mean and running_var, or neither")
    if not training and running_mean is None:
        raise ValueError("batch_norm: running_mean and running_var must be given in evaluation")
    vectors = (running_mean, running_var, weight, bias)
    names = ("running_mean", "running_var", "weight", "bias")
    for name, vector in zip(names, vectors, strict=True):
        if vector is not None and vector.array.shape != (x.shape[1],):
            raise ValueError(
                f"batch_norm: {name} must have one value for each of the {x.shape[1]} channels of "
                f"an input of shape {x.shape}, got shape {vector.array.shape}"
            )
    if training and x.shape[0] * math.prod(x.shape[2:]) == 1:
        raise ValueError(
            "batch_norm: a channel must have more than one value in training, got an input of "
            f"shape {x.shape}"
        )
    return x


def _float_array(name: str, input: Any) -> np.ndarray:
    if not isinstance(input, Taped):
        raise TypeError(f"{name}: input must be a Tensor, got {type(input).__name__}")
    if input.array.dtype.kind != "f":
        raise TypeError(f"{name}: input must be of floating-point dtype, got {input.array.dtype}")
    return input.array
