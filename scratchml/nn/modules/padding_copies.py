"""Padding with values of the input, as layers."""

from scratchml.nn.modules.padding import Padding


class ReflectionPad1d(Padding):
    """Put a border of their own values, mirrored at the edge around sequences.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Its width on all sides, or on each: (left, right).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ReflectionPad1d(1)(torch.ones(1, 4)).shape)
    (1, 6)
    """

    axes = 1
    mode = "reflect"


class ReflectionPad2d(Padding):
    """Put a border of their own values, mirrored at the edge around images.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Its width on all sides, or on each: (left, right, top, bottom).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ReflectionPad2d(1)(torch.ones(1, 4, 4)).shape)
    (1, 6, 6)
    """

    axes = 2
    mode = "reflect"


class ReflectionPad3d(Padding):
    """Put a border of their own values, mirrored at the edge around volumes.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Its width on all sides, or on each: (left, right, top, bottom, front, back).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ReflectionPad3d(1)(torch.ones(1, 4, 4, 4)).shape)
    (1, 6, 6, 6)
    """

    axes = 3
    mode = "reflect"


class ReplicationPad1d(Padding):
    """Put a border of the values at their edge around sequences.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Its width on all sides, or on each: (left, right).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ReplicationPad1d(1)(torch.ones(1, 4)).shape)
    (1, 6)
    """

    axes = 1
    mode = "replicate"


class ReplicationPad2d(Padding):
    """Put a border of the values at their edge around images.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Its width on all sides, or on each: (left, right, top, bottom).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ReplicationPad2d(1)(torch.ones(1, 4, 4)).shape)
    (1, 6, 6)
    """

    axes = 2
    mode = "replicate"


class ReplicationPad3d(Padding):
    """Put a border of the values at their edge around volumes.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Its width on all sides, or on each: (left, right, top, bottom, front, back).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ReplicationPad3d(1)(torch.ones(1, 4, 4, 4)).shape)
    (1, 6, 6, 6)
    """

    axes = 3
    mode = "replicate"


class CircularPad1d(Padding):
    """Put a border of the values of the other end around sequences.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Its width on all sides, or on each: (left, right).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.CircularPad1d(1)(torch.ones(1, 4)).shape)
    (1, 6)
    """

    axes = 1
    mode = "circular"


class CircularPad2d(Padding):
    """Put a border of the values of the other end around images.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Its width on all sides, or on each: (left, right, top, bottom).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.CircularPad2d(1)(torch.ones(1, 4, 4)).shape)
    (1, 6, 6)
    """

    axes = 2
    mode = "circular"


class CircularPad3d(Padding):
    """Put a border of the values of the other end around volumes.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Its width on all sides, or on each: (left, right, top, bottom, front, back).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.CircularPad3d(1)(torch.ones(1, 4, 4, 4)).shape)
    (1, 6, 6, 6)
    """

    axes = 3
    mode = "circular"
