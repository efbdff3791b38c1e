"""Layer and RMS normalisation, unit vectors and local responses, as functions of tensors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchml.nn.functional.windows import array_of
from scratchml.nn.ops.layer_norm import layer_norm_backward, layer_norm_forward
from scratchml.nn.ops.unit_norm import (
    local_response_norm_backward,
    local_response_norm_forward,
    normalize_backward,
    normalize_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Shift and scale the last axes to mean 0 and variance 1, then to `bias` and `weight`.

    Parameters
    ----------
    input : Tensor whose shape ends in normalized_shape
        Values.
    normalized_shape : sequence of int
        The lengths of the last axes, whose values have one mean and variance together.
    weight, bias : Tensor of shape `normalized_shape`, optional
        Scale and shift of each value that follow; ones and zeros by default.
    eps : float
        Added to the variance.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If the input does not end in `normalized_shape`, or `weight` or `bias` has another shape.
    TypeError
        If a tensor is not of floating-point dtype, or `weight` or `bias` not of the input's.

    Notes
    -----
    Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv 1607.06450.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import layer_norm
    >>> layer_norm(from_numpy(np.array([[1.0, 3], [10, 30]])), (2,)).numpy().round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    shape = _ending("layer_norm", array_of("layer_norm", input), normalized_shape)
    _check_vectors("layer_norm", input.array, shape, weight=weight, bias=bias)
    options: tuple[Any, ...] = (eps, True, len(shape))
    output: Tensor = apply(layer_norm_forward, layer_norm_backward, (input, weight, bias), *options)
    return output


def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Scale the last axes to mean square 1, then by `weight`.

    Parameters
    ----------
    input : Tensor whose shape ends in normalized_shape
        Values.
    normalized_shape : sequence of int
        The lengths of the last axes, whose values have one mean square together.
    weight : Tensor of shape `normalized_shape`, optional
        Scale of each value that follows; ones by default.
    eps : float, optional
        Added to the mean square; by default the spacing of the dtype at 1.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If the input does not end in `normalized_shape`, or `weight` has another shape.

    Notes
    -----
    Source: B. Zhang, R. Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import rms_norm
    >>> rms_norm(from_numpy(np.array([[1.0, 7]])), (2,)).numpy().round(3)
    array([[0.2, 1.4]])
    """
    x = array_of("rms_norm", input)
    shape = _ending("rms_norm", x, normalized_shape)
    _check_vectors("rms_norm", x, shape, weight=weight)
    least = float(np.finfo(x.dtype).eps) if eps is None else eps
    options: tuple[Any, ...] = (least, False, len(shape))
    output: Tensor = apply(layer_norm_forward, layer_norm_backward, (input, weight, None), *options)
    return output


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Divide the vectors along an axis by their p-norms.

    Parameters
    ----------
    input : Tensor
        Values.
    p : float
        Exponent of the norm, more than 0; inf for the largest modulus.
    dim : int
        The axis along which the vectors lie.
    eps : float
        Least divisor.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If `p` is not positive.
    IndexError
        If there is no axis `dim`.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import normalize
    >>> normalize(from_numpy(np.array([[3.0, 4]]))).numpy()
    array([[0.6, 0.8]])
    """
    x = array_of("normalize", input)
    if not p > 0:
        raise ValueError(f"normalize: p must be more than 0, got {p}")
    if not -x.ndim <= dim < x.ndim:
        raise IndexError(f"normalize: there is no axis dim={dim} in an input of shape {x.shape}")
    output: Tensor = apply(normalize_forward, normalize_backward, (input,), p, dim, eps)
    return output


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Divide every value by a power of the mean square of the channels around its own.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Values, with at least one axis of positions.
    size : int
        How many channels are around one: `size` // 2 below, itself, the rest above.
    alpha, beta, k : float
        The divisor is ``(k + alpha mean_square) ** beta``.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If there are no positions, or `size` is less than 1.

    Notes
    -----
    Source: A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet classification with deep
    convolutional neural networks", NeurIPS 2012, section 3.3.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import local_response_norm
    >>> x = from_numpy(np.array([[[3.0], [4.0]]]))
    >>> local_response_norm(x, 2, alpha=2.0, beta=0.5, k=0.0).numpy()
    array([[[1. ],
            [0.8]]])
    """
    x = array_of("local_response_norm", input)
    if x.ndim < 3:
        raise ValueError(
            f"local_response_norm: input must have shape (N, C, ...) and positions, got {x.shape}"
        )
    if size < 1:
        raise ValueError(f"local_response_norm: size must be at least 1, got {size}")
    options = (size, alpha, beta, k)
    output: Tensor = apply(
        local_response_norm_forward, local_response_norm_backward, (input,), *options
    )
    return output


def _ending(name: str, x: np.ndarray, normalized_shape: Any) -> tuple[int, ...]:
    """Return `normalized_shape` as a tuple, which the shape of x ends in."""
    if not isinstance(normalized_shape, Sequence):
        raise TypeError(
            f"{name}: normalized_shape must be a sequence of integers, got {normalized_shape!r}"
        )
    shape = tuple(normalized_shape)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(
            f"{name}: the input's shape must end in normalized_shape, which has at least one axis, "
            f"got an input of shape {x.shape} and normalized_shape={shape}"
        )
    return shape


def _check_vectors(name: str, x: np.ndarray, shape: tuple[int, ...], **tensors: Any) -> None:
    for what, tensor in tensors.items():
        if tensor is None:
            continue
        if tensor.array.shape != shape:
            raise ValueError(
                f"{name}: {what} must have the shape of normalized_shape={shape}, got "
                f"{tensor.array.shape}"
            )
        if tensor.array.dtype != x.dtype:
            raise TypeError(
                f"{name}: {what} must be of the input's dtype {x.dtype}, got {tensor.array.dtype}"
            )
