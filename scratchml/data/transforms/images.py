"""What is done to the pixels of a batch of images x of shape (N, C, H, W).

    crop        y[n, c, i, j] = x[n, c, i + top[n], j + left[n]]      0 outside of the image
    flip        y[n, c, i, j] = x[n, c, i, W - 1 - j]                 where flipped[n]
    normalize   y[n, c, i, j] = (x[n, c, i, j] - mean[c]) / std[c]

An image is copied row by row, so none is padded first: a crop costs what a copy costs.
"""

import numpy as np


def crop(x: np.ndarray, tops: np.ndarray, lefts: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a window of each image, its upper left corner at (tops[n], lefts[n]).

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        The images.
    tops, lefts : ndarray of int, shape (N,)
        Where windows begin; they may reach beyond the image, where it is 0.
    size : pair of int
        Height and width of a window.

    Returns
    -------
    ndarray of shape (N, C, height, width)
        The windows.
    """
    n, channels, rows, columns = x.shape
    height, width = size
    y = np.zeros((n, channels, height, width), x.dtype)
    for image, window, top, left in zip(x, y, tops.tolist(), lefts.tolist(), strict=True):
        # The part of the window that lies within the image.
        i0, i1 = max(0, -top), min(height, rows - top)
        j0, j1 = max(0, -left), min(width, columns - left)
        if i0 < i1 and j0 < j1:
            window[:, i0:i1, j0:j1] = image[:, top + i0 : top + i1, left + j0 : left + j1]
    return y


def flip(x: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    """Return the images, those that are marked from right to left.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        The images.
    flipped : ndarray of bool, shape (N,)
        Which ones.

    Returns
    -------
    ndarray of shape (N, C, H, W)
        A copy.
    """
    y = x.copy()
    for i in np.flatnonzero(flipped).tolist():
        y[i] = x[i, :, :, ::-1]
    return y


def normalize(x: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return each channel less its mean, over its standard deviation.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        The images.
    mean, std : ndarray of shape (C,)
        Of the channels.

    Returns
    -------
    ndarray of shape (N, C, H, W)
        Of the same type.
    """
    y = x - mean.astype(x.dtype)[:, None, None]
    y /= std.astype(x.dtype)[:, None, None]
    return y
