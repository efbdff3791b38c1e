"""What is made of the losses of single elements: nothing, their sum, or a mean."""

import math

import numpy as np


def reduced(losses, reduction, count=None):
    """Return the reduced losses, and the factor that each was given.

    Parameters
    ----------
    losses : ndarray
        The loss of each element.
    reduction : {"none", "sum", "mean"}
        "mean" divides the sum by `count`.
    count : number, optional
        The number of elements unless given. Nothing divided by 0 is NaN.
    """
    if reduction == "none":
        return np.asarray(losses), 1.0
    total = np.add.reduce(losses, axis=None, dtype=np.float64)
    if reduction == "sum":
        return np.array(total, losses.dtype), 1.0
    count = losses.size if count is None else count
    factor = 1 / count if count else math.nan
    return np.array(total * factor, losses.dtype), factor
