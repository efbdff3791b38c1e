"""Values that are not random: constants, the identity, and what lets channels through."""

from typing import Any, TypeVar

import numpy as np

T = TypeVar("T", bound=Any)


def constant_(tensor: T, val: float) -> T:
    """Set all values to one number.

    Parameters
    ----------
    tensor : Tensor
        Changed in place.
    val : float
        The number.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> init.constant_(torch.empty(2), 0.3).tolist() == [torch.tensor(0.3).item()] * 2
    True
    """
    return _set(tensor, val)


def ones_(tensor: T) -> T:
    """Set all values to one.

    Parameters
    ----------
    tensor : Tensor
        Changed in place.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> init.ones_(torch.empty(2)).tolist()
    [1.0, 1.0]
    """
    return _set(tensor, 1)


def zeros_(tensor: T) -> T:
    """Set all values to zero.

    Parameters
    ----------
    tensor : Tensor
        Changed in place.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> init.zeros_(torch.empty(2)).tolist()
    [0.0, 0.0]
    """
    return _set(tensor, 0)


def eye_(tensor: T) -> T:
    """Set a matrix to the identity: ones on the diagonal, zeros elsewhere.

    Parameters
    ----------
    tensor : Tensor of shape (n, m)
        Changed in place.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> init.eye_(torch.empty(2, 3)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if tensor.ndim != 2:
        raise ValueError(f"tensor must have two axes, got shape {tuple(tensor.shape)}")
    return _set(tensor, np.eye(*tensor.shape))


def dirac_(tensor: T, groups: int = 1) -> T:
    """Set the filters of a convolution so that it lets channels through unchanged.

    Parameters
    ----------
    tensor : Tensor of shape (out_channels, in_channels / groups, ...)
        Changed in place; the kernel has one to three axes, of odd lengths.
    groups : int
        The groups of the convolution.

    Returns
    -------
    Tensor
        The same tensor, one in the middle of filter i and channel i of each group, else zero.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> init.dirac_(torch.empty(2, 2, 3)).tolist()
    [[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]
    """
    shape = tuple(tensor.shape)
    if len(shape) not in (3, 4, 5):
        raise ValueError(f"tensor must have 3, 4 or 5 axes, got shape {shape}")
    if groups < 1 or shape[0] % groups:
        raise ValueError(f"groups must divide the {shape[0]} filters, got {groups}")
    values = np.zeros(shape)
    filters = shape[0] // groups
    middle = tuple([size // 2 for size in shape[2:]])
    for group in range(groups):
        for i in range(min(filters, shape[1])):
            values[(group * filters + i, i, *middle)] = 1
    return _set(tensor, values)


def _set(tensor: T, values: Any) -> T:
    """Write values into a tensor, unseen by the tape."""
    tensor.array[...] = values
    tensor.version[0] += 1
    return tensor
