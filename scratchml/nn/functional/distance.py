"""Distances and angles between vectors, as functions of tensors."""

from scratchml.nn.functional.layer_normalization import normalize
from scratchml.tensor.core import Tensor


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Return the cosine of the angle between vectors: <x1, x2> / (|x1| |x2|).

    Parameters
    ----------
    x1, x2 : Tensor
        Vectors along `dim`; the other axes broadcast.
    dim : int
        The axis of the vectors.
    eps : float
        Norms are taken to be no less.

    Returns
    -------
    Tensor
        Of the broadcast shape without that axis: numbers in [-1, 1].

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.cosine_similarity(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]])).tolist()
    [0.6000000238418579]
    """
    a, b = normalize(x1, dim=dim, eps=eps), normalize(x2, dim=dim, eps=eps)
    result: Tensor = (a * b).sum(dim)
    return result


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """Return the p-norm of x1 - x2 along the last axis.

    Parameters
    ----------
    x1, x2 : Tensor of shape (..., D)
        Vectors; the other axes broadcast.
    p : float
        Which norm.
    eps : float
        Added to each difference, so that there is a slope where vectors are equal.
    keepdim : bool
        Whether the last axis stays, with length 1.

    Returns
    -------
    Tensor of shape (...) or (..., 1)
        The distances.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> d = F.pairwise_distance(torch.tensor([[1.0, 0.0]]), torch.tensor([[4.0, 4.0]]))
    >>> round(d.item(), 4)
    5.0
    """
    result: Tensor = (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)
    return result
