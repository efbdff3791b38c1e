"""Dropout: numbers, or whole channels, that are left out at random in training."""

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor


class Dropping(Layer):
    """What the dropout layers share."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p of {self._get_name()} must be in the range [0, 1], got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(Dropping):
    """Set each number to zero with probability `p`, and divide the others by 1 - p.

    In evaluation the input is returned.

    Parameters
    ----------
    p : float
        The probability.
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a
    simple way to prevent neural networks from overfitting", JMLR 15, 2014.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> sorted(set(nn.Dropout(0.2)(torch.ones(1000)).tolist()))
    [0.0, 1.25]
    >>> nn.Dropout(0.2).eval()(torch.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(Dropping):
    """Set whole channels of sequences to zero with probability `p`.

    The input has shape (N, C, L) or (C, L); the other channels are divided by 1 - p. In
    evaluation the input is returned.

    Parameters
    ----------
    p : float
        The probability.
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> y = nn.Dropout1d()(torch.ones(1, 50, 4))
    >>> bool((y.numpy() == y.numpy()[:, :, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(Dropping):
    """Set whole channels of images to zero with probability `p`.

    The input has shape (N, C, H, W) or (C, H, W); the other channels are divided by 1 - p. In
    evaluation the input is returned.

    Parameters
    ----------
    p : float
        The probability.
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: J. Tompson, R. Goroshin, A. Jain, Y. LeCun, C. Bregler, "Efficient object localization
    using convolutional networks", CVPR 2015.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> y = nn.Dropout2d()(torch.ones(1, 50, 4, 4))
    >>> bool((y.numpy() == y.numpy()[:, :, :1, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(Dropping):
    """Set whole channels of volumes to zero with probability `p`.

    The input has shape (N, C, D, H, W) or (C, D, H, W); the other channels are divided by 1 - p.
    In evaluation the input is returned.

    Parameters
    ----------
    p : float
        The probability.
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> y = nn.Dropout3d()(torch.ones(1, 50, 2, 2, 2))
    >>> bool((y.numpy() == y.numpy()[:, :, :1, :1, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(Dropping):
    """Set numbers to the lower limit of `SELU`, and shift and scale all to mean 0 and variance 1.

    In evaluation the input is returned.

    Parameters
    ----------
    p : float
        The probability.
    inplace : bool
        No effect.

    Notes
    -----
    Source: G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-normalizing neural
    networks", NeurIPS 2017.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> len(set(nn.AlphaDropout(0.2)(torch.ones(1000)).tolist()))
    2
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(Dropping):
    """Do what `AlphaDropout` does to whole channels.

    Parameters
    ----------
    p : float
        The probability.
    inplace : bool
        No effect.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> y = nn.FeatureAlphaDropout()(torch.ones(1, 50, 4, 4))
    >>> bool((y.numpy() == y.numpy()[:, :, :1, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.feature_alpha_dropout(input, self.p, self.training)
