"""All monomials up to a degree of the entries of a row, one multiplication each.

Problem.  For x = (x_0, ..., x_{p-1}) and degree d list the products x_{i_1} ... x_{i_k} with
i_1 <= i_2 <= ... <= i_k (or < throughout: interactions only), k = 0 ... d, by degree and then in
lexicographic order of the indices:  1; a, b;  a^2, a b, b^2;  a^3, a^2 b, a b^2, b^3.

Method.  In that order the monomials of degree k whose first factor is x_i are x_i times those of
degree k - 1 whose first factor is x_i or later (later only, for interactions), and these lie side
by side, up to the end of their degree:

    out[start : stop] = x_i out[source : source + stop - start].

So p d such runs, found once, build every row, each entry by one multiplication.  There are
C(p + d, d) monomials with repetition, and sum_k C(p, k) interactions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scratchml._core.jit import jit

ROWS = 512  # of a block: NumPy's cost of a call is shared by so many rows


class Monomials(NamedTuple):
    """The recipe for the monomials of degree 0 (or 1) to d of p variables."""

    runs: np.ndarray  # int64 (n_runs, 4): start, stop, source, i
    first: list[int]  # position of the first monomial of degree 0, 1, ..., d; then their number
    bias: int  # 1 with the monomial 1 at position 0, 0 without


def plan(n_variables: int, degree: int, *, interaction_only: bool, bias: bool) -> Monomials:
    """Find the runs.

    Parameters
    ----------
    n_variables : int
        p >= 1.
    degree : int
        d >= 0.
    interaction_only : bool
        Only products of distinct variables.
    bias : bool
        Begin with the monomial 1.
    """
    p, one = n_variables, int(bias)
    runs: list[tuple[int, int, int, int]] = []
    first = [0, one]
    begins = list(range(one, one + p + 1))  # of the monomials with first factor x_i; then their end
    for _ in range(2, degree + 1):
        sources = begins[1:] if interaction_only else begins[:-1]
        first.append(begins[-1])
        begins = [begins[-1]]
        for i, source in enumerate(sources):
            start, stop = begins[-1], begins[-1] + first[-1] - source
            if stop > start:
                runs.append((start, stop, source, i))
            begins.append(stop)
    if degree > 0:
        first.append(begins[-1])
    return Monomials(np.array(runs, dtype=np.int64).reshape(-1, 4), first, one)


def powers(recipe: Monomials, n_variables: int) -> np.ndarray:
    """Return the exponents of each monomial.

    Parameters
    ----------
    recipe : Monomials
        From `plan`.
    n_variables : int
        p.

    Returns
    -------
    ndarray of int64, shape (n_monomials, p)
    """
    exponents = np.zeros((recipe.first[-1], n_variables), dtype=np.int64)
    if len(recipe.first) > 2:
        exponents[recipe.bias : recipe.bias + n_variables] = np.eye(n_variables, dtype=np.int64)
    for start, stop, source, i in recipe.runs.tolist():
        exponents[start:stop] = exponents[source : source + stop - start]
        exponents[start:stop, i] += 1
    return exponents


def evaluate(X: np.ndarray, recipe: Monomials, out: np.ndarray) -> None:
    """Fill `out` with the monomials of each row of `X`, in NumPy, some rows at a time.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Rows.
    recipe : Monomials
        From `plan`.
    out : ndarray of shape (n, n_monomials)
        Receives the monomials; in any memory order.
    """
    p, one = X.shape[1], recipe.bias
    by_columns = out.flags.f_contiguous and not out.flags.c_contiguous
    if by_columns:
        X = np.asfortranarray(X)
    height = max(len(X), 1) if by_columns else ROWS
    runs = recipe.runs.tolist()
    for r in range(0, len(X), height):
        x, o = X[r : r + height], out[r : r + height]
        o[:, :one] = 1
        if len(recipe.first) > 2:
            o[:, one : one + p] = x
        for start, stop, source, i in runs:
            factors = o[:, source : source + stop - start]
            np.multiply(factors, x[:, i : i + 1], out=o[:, start:stop])


@jit("void(const T[:, ::1], const int64[:, ::1], int64, T[:, ::1])")
def evaluate_rows(X, runs, bias, out):
    """Do the same as `evaluate`, bit for bit, where there are runs (so the degree is >= 2)."""
    for r in range(X.shape[0]):
        x, o = X[r], out[r]
        if bias > 0:
            o[0] = 1.0
        for i in range(x.shape[0]):
            o[bias + i] = x[i]
        for k in range(runs.shape[0]):
            start, source = runs[k, 0], runs[k, 2]
            factor = x[runs[k, 3]]
            for j in range(runs[k, 1] - start):
                o[start + j] = factor * o[source + j]
