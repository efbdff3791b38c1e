"""Mean and variance of each column, from batches, weights and missing values, to the last digits.

Problem.  For values x_1 ... x_n with weights w_i >= 0 (ones by default) find

    count = sum w_i,    mean = sum w_i x_i / count,    m2 = sum w_i (x_i - mean)^2,

so that ``m2 / count`` is the variance; NaN is left out of all three.  The textbook formula
``sum x^2 - (sum x)^2 / n`` loses all digits once mean^2 / variance reaches 1 / eps.

One batch: the corrected two-pass algorithm (Chan, Golub and LeVeque 1983, eq. 1.7).  With a first
estimate t of the mean and the deviations d_i = x_i - t,

    s = sum w_i d_i,    mean = t + s / count,    m2 = sum w_i d_i^2 - s^2 / count.

The rounding error in t cancels: what remains is of the order eps times the deviations, not the
values.  Sums run over blocks of rows and then pairwise over the blocks.

Two batches a, b (ibid., eq. 2.1, here with weights):

    delta = mean_b - mean_a,    mean = mean_a + delta count_b / count,
    m2 = m2_a + m2_b + delta^2 count_a count_b / count.

The mean is carried as an unevaluated sum ``mean + tail`` of two floats (the part that rounding cut
off, as in Kahan's summation), so that a million batches of one row lose no more than one batch.

Reference: T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance:
analysis and recommendations", The American Statistician 37 (1983), 242-247.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scratchml.preprocessing.blocks import block_slices, rows_side_by_side, side_by_side


class Moments(NamedTuple):
    """Weight, mean and sum of squared deviations of p columns; all arrays have shape (p,)."""

    weight: np.ndarray  # sum of the weights of the values that are not NaN
    mean: np.ndarray  # 0 where the weight is 0
    tail: np.ndarray  # what rounding cut off `mean`
    m2: np.ndarray  # sum of weighted squared deviations from the mean, >= 0


def column_moments(X: np.ndarray, weights: np.ndarray | None = None) -> Moments:
    """Return the moments of one batch.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Values; any real dtype, added up in float64. NaN is left out.
    weights : ndarray of float64, shape (n,), optional
        Weights >= 0 of the rows.
    """
    p = X.shape[1]
    k = rows_side_by_side(X) if weights is None else 1
    whole = len(X) // k * k
    A = side_by_side(X[:whole], k)

    def fold(sums: np.ndarray) -> np.ndarray:
        return sums.reshape(3, k, p).sum(axis=1)

    count, total, _ = fold(_sums(A, None, weights))
    pivot = np.divide(total, count, out=np.zeros(p), where=count > 0)
    moments = _corrected(pivot, fold(_sums(A, np.tile(pivot, k), weights)))
    if whole < len(X):  # fewer than k rows
        moments = merge_moments(moments, _corrected(pivot, _sums(X[whole:], pivot, None)))
    return moments


def merge_moments(a: Moments, b: Moments) -> Moments:
    """Return the moments of two batches together.

    Parameters
    ----------
    a, b : Moments
        The moments of each.
    """
    weight = a.weight + b.weight
    share = np.divide(b.weight, weight, out=np.zeros_like(weight), where=weight > 0)
    delta = (b.mean - a.mean) + (b.tail - a.tail)
    # Where a is empty, b is the whole: 0 + (mean_b - 0) would lose b's tail.
    start = np.where(a.weight > 0, a.mean, b.mean)
    step = np.where(a.weight > 0, a.tail + delta * share, b.tail)
    mean, tail = _two_sum(start, step)
    return Moments(weight, mean, tail, a.m2 + b.m2 + delta * delta * (a.weight * share))


def _sums(X: np.ndarray, pivot: np.ndarray | None, weights: np.ndarray | None) -> np.ndarray:
    """Return sum w, sum w d, sum w d^2 of each column, shape (3, p); d = X - pivot, not NaN.

    Without a pivot d = X, and the squares are left out.
    """
    rows, columns = block_slices(X)
    parts = np.zeros((3, X.shape[1], len(rows)))  # the sums of each block
    for b, i in enumerate(rows):
        w = None if weights is None else weights[i, None]
        for j in columns:
            D = X[i, j].astype(np.float64, copy=False) if pivot is None else X[i, j] - pivot[j]
            sums = _block_sums(D, w, squares=pivot is not None)
            parts[0, j, b], parts[1, j, b], parts[2, j, b] = sums
    return parts.sum(axis=2)  # over contiguous memory, where NumPy adds pairwise


def _block_sums(D: np.ndarray, w: np.ndarray | None, squares: bool) -> tuple:
    """Return the three sums of a block of deviations (r, c) with weights (r, 1)."""
    s = np.add.reduce(D, axis=0)
    if np.isnan(s).any():
        present = ~np.isnan(D)
        D = np.where(present, D, 0.0)
        count = present.sum(axis=0) if w is None else (w * present).sum(axis=0)
    else:
        present = None
        count = len(D) if w is None else w.sum()
    weighted = D if w is None else D * w
    if w is not None or present is not None:
        s = np.add.reduce(weighted, axis=0)
    return count, s, np.add.reduce(weighted * D, axis=0) if squares else 0.0


def _corrected(pivot: np.ndarray, sums: np.ndarray) -> Moments:
    """Return the moments from the sums of deviations from `pivot`, eq. 1.7."""
    count, s, ss = sums
    shift = np.divide(s, count, out=np.zeros_like(s), where=count > 0)
    mean, tail = _two_sum(pivot, shift)
    return Moments(count, mean, tail, np.maximum(ss - s * shift, 0.0))


def _two_sum(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return fl(a + b) and its exact rounding error (Knuth's TwoSum)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)
