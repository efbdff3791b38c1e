"""Cosines and distances of vectors, as layers."""

from scratchml.nn import functional as F
from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor


class CosineSimilarity(Module):
    """Return the cosine of the angle between vectors.

    Parameters
    ----------
    dim : int
        The axis of the vectors.
    eps : float
        The least that norms are taken for.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([[3.0, 4.0]])
    >>> round(nn.CosineSimilarity()(x, -2 * x).item(), 4)
    -1.0
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Compute the cosines.

        Parameters
        ----------
        x1, x2 : Tensor
            The vectors.
        """
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """Return the p-norm of the differences of vectors, along the last axis.

    Parameters
    ----------
    p : float
        The p of the p-norm.
    eps : float
        Added to the differences, so that the norm has a gradient.
    keepdim : bool
        Whether the last axis is kept, with length 1.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.PairwiseDistance()(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]])).item(), 4)
    5.0
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Compute the distances.

        Parameters
        ----------
        x1, x2 : Tensor of shape (N, D) or (D,)
            The vectors.
        """
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
