"""Least squares in rational arithmetic: the oracle of this folder's tests."""

from fractions import Fraction


def rational_least_squares(X, y, intercept, weights=None, alpha=0):
    """Solve the normal equations exactly.

    X : list of n rows of p numbers, y : n numbers; returns p Fractions, after that of the intercept
    if there is one. Sides: minimise sum w (y - b0 - x'b)^2 + alpha |b|^2.
    """
    rows = [[Fraction(1)] * intercept + [Fraction(v) for v in row] for row in X]
    y = [Fraction(v) for v in y]
    w = [Fraction(1)] * len(y) if weights is None else [Fraction(v) for v in weights]
    p = len(rows[0])
    system = [
        [sum(u * r[i] * r[j] for u, r in zip(w, rows, strict=True)) for j in range(p)]
        + [sum(u * r[i] * t for u, r, t in zip(w, rows, y, strict=True))]
        for i in range(p)
    ]
    for i in range(int(intercept), p):
        system[i][i] += Fraction(alpha)
    for i in range(p):  # positive definite: no pivoting needed
        for j in range(i + 1, p):
            f = system[j][i] / system[i][i]
            system[j] = [a - f * b for a, b in zip(system[j], system[i], strict=True)]
    b = [Fraction(0)] * p
    for i in reversed(range(p)):
        known = sum(system[i][k] * b[k] for k in range(i + 1, p))
        b[i] = (system[i][p] - known) / system[i][i]
    return b


def float_rows(X):
    """Return an array as lists of exact Fractions."""
    return [[Fraction(v) for v in row] for row in X.tolist()]
