"""PolynomialFeatures: all products of up to so many features.

With degree 2 the row [a, b] becomes [1, a, b, a^2, a b, b^2]. How they are computed, with one
multiplication each, is told in ``monomials``.
"""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic, check_is_fitted
from scratchml._core.jit import compiler
from scratchml._core.mixins import TransformerMixin
from scratchml._core.rules import array_like, boolean, integer, option
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.preprocessing.columns import FLOATS, input_names
from scratchml.preprocessing.monomials import ROWS, Monomials, evaluate, evaluate_rows, plan, powers

COMPILED_FROM = 2**24  # values in the output; below, loading the compiler would take longer


class PolynomialFeatures(TransformerMixin, Estimator):
    """Add products and powers of the features.

    Parameters
    ----------
    degree : int or tuple (min_degree, max_degree), default=2
        Largest degree, or smallest and largest; the constant has degree 0 and is governed by
        `include_bias` alone.
    interaction_only : bool, default=False
        Only products of distinct features, no powers.
    include_bias : bool, default=True
        Begin with a column of ones.
    order : {"C", "F"}, default="C"
        Memory order of the output: by rows, or by columns (which is faster to compute).

    Attributes
    ----------
    powers_ : ndarray of int, shape (n_output_features_, n_features_in_)
        Exponent of each input feature in each output feature.
    n_output_features_ : int
        Number of output features.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Their names, if they all have string names.

    Examples
    --------
    >>> from scratchml.preprocessing import PolynomialFeatures
    >>> print(PolynomialFeatures(2).fit_transform([[2, 3]]))
    [[1. 2. 3. 4. 6. 9.]]
    >>> print(PolynomialFeatures((2, 3), interaction_only=True).fit_transform([[2, 3, 5]]))
    [[ 1.  6. 10. 15. 30.]]
    """

    _rules: ClassVar = {
        "degree": integer(0) | array_like(),
        "interaction_only": boolean(),
        "include_bias": boolean(),
        "order": option("C", "F"),
    }
    _tags: ClassVar = {"transformer_tags.preserves_dtype": ["float64", "float32"]}

    def __init__(
        self,
        degree: int | tuple[int, int] = 2,
        *,
        interaction_only: bool = False,
        include_bias: bool = True,
        order: str = "C",
    ):
        self.degree = degree
        self.interaction_only = interaction_only
        self.include_bias = include_bias
        self.order = order

    @atomic
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the number of features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        low, high = _degrees(self.degree, self.include_bias)
        self._check_X(X, reset=True, dtype=FLOATS)
        size = _count(self.n_features_in_, low, high, self.interaction_only) + self.include_bias
        if size > np.iinfo(np.intp).max:
            raise ValueError(
                f"degree={self.degree!r} of {self.n_features_in_} features gives {size} output "
                f"features, more than an array can index ({np.iinfo(np.intp).max})."
            )
        self._degrees_ = (low, high, self.interaction_only, self.include_bias)
        self.n_output_features_ = int(size)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the monomials of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_output_features_)
            Of X's dtype where that is a float, in the memory order asked for.
        """
        check_is_fitted(self)
        X = self._check_X(X, dtype=FLOATS)
        recipe = self._recipe()
        out = np.empty((len(X), self.n_output_features_), dtype=X.dtype, order=self.order)  # type: ignore[call-overload]
        large = out.flags.c_contiguous and out.size >= COMPILED_FROM and len(recipe.runs) > 0
        if self._degrees_[0] > 1:
            _evaluate_from(self._degrees_[0], X, recipe, out)
        elif large and X.dtype != np.float16 and compiler():
            _evaluate_compiled(X, recipe, out)
        else:
            evaluate(X, recipe, out)
        return out

    @property
    def powers_(self) -> np.ndarray:
        """Exponents, shape (n_output_features_, n_features_in_)."""
        check_is_fitted(self)
        recipe = self._recipe()
        return powers(recipe, self.n_features_in_)[_kept(self._degrees_[0], recipe)]

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the monomials, such as "a^2 b"; the constant is "1".

        Parameters
        ----------
        input_features : array-like of str, shape (n_features_in_,), optional
            Names to use where none were seen in ``fit``.

        Returns
        -------
        ndarray of object, shape (n_output_features_,)
        """
        names = input_names(self, input_features)
        out = []
        for exponents in self.powers_.tolist():
            factors = (
                f"{name}^{e}" if e > 1 else str(name)
                for name, e in zip(names, exponents, strict=True)
                if e
            )
            out.append(" ".join(factors) or "1")
        return np.array(out, dtype=object)

    def _recipe(self) -> Monomials:
        _, high, interaction_only, bias = self._degrees_
        return plan(self.n_features_in_, high, interaction_only=interaction_only, bias=bias)


def _evaluate_from(low: int, X: np.ndarray, recipe: Monomials, out: np.ndarray) -> None:
    """Fill `out` with the monomials of degree `low` and more, by way of those of lower degree."""
    kept = _kept(low, recipe)
    everything = np.empty((min(ROWS, len(X)), recipe.first[-1]), dtype=X.dtype)
    for start, stop in chunk_bounds(len(X), ROWS):
        block = everything[: stop - start]
        evaluate(X[start:stop], recipe, block)
        out[start:stop] = block[:, kept]


def _evaluate_compiled(X: np.ndarray, recipe: Monomials, out: np.ndarray) -> None:
    X = np.ascontiguousarray(X)

    def task(start: int, stop: int) -> None:
        evaluate_rows(X[start:stop], recipe.runs, recipe.bias, out[start:stop])

    parallel_chunks(task, chunk_bounds(len(X), max(1, 2**20 // out.shape[1])))


def _kept(low: int, recipe: Monomials) -> np.ndarray:
    """Return the positions of the monomials of degree `low` and more, and of the constant."""
    first = recipe.first[min(low, len(recipe.first) - 1)] if low > 1 else recipe.bias
    return np.r_[0 : recipe.bias, first : recipe.first[-1]]


def _degrees(degree: Any, include_bias: bool) -> tuple[int, int]:
    """Return smallest and largest degree, checked."""
    if isinstance(degree, Integral):
        low, high = 0, int(degree)
        if high == 0 and not include_bias:
            raise ValueError(
                "Setting degree to zero and include_bias to False would result in an empty output "
                "array."
            )
        return low, high
    limits = list(degree)
    if len(limits) != 2:
        raise ValueError(
            f"degree must be a non-negative int or tuple (min_degree, max_degree), got {degree!r}."
        )
    low, high = limits
    if not all(isinstance(d, Integral) for d in limits) or not 0 <= low <= high:
        raise ValueError(
            "degree=(min_degree, max_degree) must be non-negative integers with "
            f"min_degree <= max_degree, got {degree!r}."
        )
    if high == 0 and not include_bias:
        raise ValueError(
            "Setting both min_degree and max_degree to zero and include_bias to False would result "
            "in an empty output array."
        )
    return int(low), int(high)


def _count(p: int, low: int, high: int, interaction_only: bool) -> int:
    """Return the number of monomials of degree max(1, low) to `high`."""
    if interaction_only:
        return sum(math.comb(p, k) for k in range(max(1, low), min(high, p) + 1))
    return math.comb(p + high, p) - math.comb(p + max(1, low) - 1, p)
