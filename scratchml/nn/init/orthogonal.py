"""Orthogonal weights.

The QR decomposition of a matrix of normal numbers, with the signs of R's diagonal moved to Q, gives
an orthogonal matrix that is distributed evenly over all of them (Mezzadri, "How to generate random
matrices from the classical compact groups", Notices of the AMS 54, 2007).
"""

import math
from typing import Any, TypeVar

import numpy as np

from scratchml.tensor.tape import constant

T = TypeVar("T", bound=Any)


def orthogonal_(tensor: T, gain: float = 1, generator: Any = None) -> T:
    """Set a weight to a random matrix whose rows, or columns if they are fewer, are orthonormal.

    Parameters
    ----------
    tensor : Tensor of two axes or more
        Changed in place; its matrix has the first axis for rows and all others for columns.
    gain : float
        A factor.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor.

    Notes
    -----
    Source: A. M. Saxe, J. L. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.orthogonal_(torch.empty(3, 5)).numpy()
    >>> bool(np.allclose(w @ w.T, np.eye(3), atol=1e-6))
    True
    """
    shape = tuple(tensor.shape)
    if len(shape) < 2:
        raise ValueError(f"tensor must have two axes or more, got shape {shape}")
    if 0 in shape:
        return tensor
    rows, columns = shape[0], math.prod(shape[1:])
    normal = constant(np.empty((rows, columns), tensor.array.dtype))
    normal.normal_(0, 1, generator=generator)
    wide = rows < columns
    q, r = np.linalg.qr(normal.array.T if wide else normal.array)
    q *= np.sign(np.diag(r))
    tensor.array[...] = gain * (q.T if wide else q).reshape(shape)
    tensor.version[0] += 1
    return tensor
