"""Matrix products to twice the working precision, out of ordinary matrix products.

Problem
    A B in float64 carries an error of about k eps |A| |B| for inner length k. A residual y - X b
    near the solution is all cancellation, and this error is then all that is left of it.

Method (Ozaki, Ogita, Oishi, Rump, Numerical Algorithms 59, 2012)
    Cut each row of A (each column of B) into slices, A = A1 + A2 + A3: A1 keeps the leading `bits`
    bits counted from the row's largest entry, A2 the next, A3 the rest. With

        2 bits + log2(k) <= 53

    every partial sum of A1 B1, A1 B2 and A2 B1 is an integer multiple of one unit and below 2^53
    of them, so BLAS computes these products without any rounding, in whatever order it likes.
    What remains, A1 B3 + A2 (B - B1) + A3 B, is smaller by 2^(-2 bits), and so is its rounding.

    The slice itself is the classic trick of adding and subtracting a large power of two sigma:
    (sigma + a) - sigma is a rounded to the unit of sigma, and a minus that is exact.

A value is kept as an unevaluated sum hi + lo with |lo| <= ulp(hi) / 2 (Dekker, Numer. Math. 18,
1971); `two_sum` and `two_product` are Knuth's and Dekker's error-free transformations.
"""

import math

import numpy as np

MANTISSA = 53


def exact_product(A, B):
    """Return ``hi, lo`` with hi + lo = A B to about 2^-90 of the largest product.

    A is (m, k), B is (k, t), both float64.
    """
    bits = (MANTISSA - math.ceil(math.log2(max(A.shape[1], 2)))) // 2
    A1, A2, A3 = _slices(A, 1, bits)
    B1, B2, B3 = _slices(B, 0, bits)
    hi, e1 = two_sum(A1 @ B1, A1 @ B2)
    hi, e2 = two_sum(hi, A2 @ B1)
    return two_sum(hi, (A1 @ B3 + A2 @ (B2 + B3) + A3 @ B) + (e1 + e2))


def _slices(A, axis, bits):
    """Cut A into A1 + A2 + A3, the first two `bits` bits wide along `axis`."""
    largest = np.maximum(A.max(axis=axis, keepdims=True), -A.min(axis=axis, keepdims=True))
    sigma = np.ldexp(1.0, np.frexp(largest)[1] + (MANTISSA - bits))  # row max < 2^exponent
    A1 = (sigma + A) - sigma
    rest = A - A1
    sigma = np.ldexp(sigma, -bits)
    A2 = (sigma + rest) - sigma
    rest -= A2
    return A1, A2, rest


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
