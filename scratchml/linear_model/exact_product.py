"""Matrix products to twice the working precision, out of ordinary matrix products.

Problem
    A B in float64 carries an error of about k eps |A| |B| for inner length k. A residual y - X b
    near the solution is all cancellation, and this error is then all that is left of it.

Method (Ozaki, Ogita, Oishi, Rump, Numerical Algorithms 59, 2012)
    Cut A into slices, A = A1 + A2 + A3: A1 keeps the leading `bits` bits counted from the largest
    entry, A2 the next `bits`, A3 the rest; and B likewise, column by column. With

        2 bits + log2(k) <= 53

    every partial sum of A1 B1, A1 B2 and A2 B1 is an integer multiple of one unit and below 2^53
    of them, so BLAS computes these products without any rounding, in whatever order it likes.
    What remains, A1 B3 + A2 (B2 + B3) + A3 B, is smaller by 2^(-2 bits), and so is its rounding.

    A slice is cut by adding and subtracting a large power of two sigma: (sigma + a) - sigma is a
    rounded to the unit of sigma, and a minus that is exact.

A value is kept as an unevaluated sum hi + lo with |lo| <= ulp(hi) / 2 (Dekker, Numer. Math. 18,
1971); `two_sum` and `two_product` are Knuth's and Dekker's error-free transformations.
"""

import math
from typing import NamedTuple

import numpy as np

MANTISSA = 53


class Slices(NamedTuple):
    """A = high + middle + low, the first two a given number of bits wide."""

    high: np.ndarray
    middle: np.ndarray
    low: np.ndarray

    @property
    def T(self):
        """The slices of the transposed matrix."""
        return Slices(self.high.T, self.middle.T, self.low.T)


def slice_bits(k):
    """Return how many bits wide slices may be for products of inner length up to k."""
    return (MANTISSA - math.ceil(math.log2(max(k, 2)))) // 2


def slices(A, bits, axis=None):
    """Cut A (m, k), float64, into Slices: one cut for all of it, or one for each line of `axis`."""
    largest = np.maximum(A.max(axis, keepdims=True), -A.min(axis, keepdims=True))
    sigma = np.ldexp(1.0, np.frexp(largest)[1] + (MANTISSA - bits))  # largest < 2^exponent
    high = sigma + A
    high -= sigma
    low = A - high
    sigma = np.ldexp(sigma, -bits)
    middle = sigma + low
    middle -= sigma
    low -= middle
    return Slices(high, middle, low)


def exact_product(A, B):
    """Return ``hi, lo`` with hi + lo = A B, for Slices A (m, k) and B (k, t).

    The error is about k 2^-(53 + 2 bits) of the largest entry of A times that of the column of B.
    """
    hi, e1 = two_sum(A.high @ B.high, A.high @ B.middle)
    hi, e2 = two_sum(hi, A.middle @ B.high)
    B_rest = B.middle + B.low
    lo = A.high @ B.low + A.middle @ B_rest + A.low @ (B.high + B_rest)
    return two_sum(hi, lo + (e1 + e2))


def two_sum(a, b):
    """Return ``s, e`` with s = fl(a + b) and s + e = a + b exactly."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def two_product(a, b):
    """Return ``p, e`` with p = fl(a b) and p + e = a b exactly (barring under- and overflow)."""
    p = a * b
    a1, a2 = _halves(a)
    b1, b2 = _halves(b)
    return p, a2 * b2 - (((p - a1 * b1) - a2 * b1) - a1 * b2)


def _halves(a):
    """Split a into two numbers of 26 bits each (Veltkamp)."""
    c = 134217729.0 * a  # 2^27 + 1
    high = c - (c - a)
    return high, a - high
