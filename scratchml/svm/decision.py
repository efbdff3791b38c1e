"""Decision values of a fitted machine: sum_j coef[j] K(x, x_j) + intercept.

What a fit learned is prepared once and used for many predictions:

    linear kernel    the sum is w'x with w = sum_j coef[j] x_j: no support vector is looked at
    few pairs        one expansion with a column for each machine
    many pairs       one expansion a class, with a column for each other class: a kernel value is
                     used k - 1 times, not P = k (k - 1) / 2 times of which most are with zeros

`prepare` trusts nothing: a file or a user may have exchanged any attribute.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchml.svm.matrix_rows import MatrixRows
from scratchml.svm.votes import by_class, pair_coefficients, pair_sums


class Learned(NamedTuple):
    """What a fit learned, as the estimator keeps it."""

    support: Any  # (n_support,), places among the samples of the fit
    support_vectors: Any  # (n_support, d); unused where the kernel is a matrix
    n_support: Any  # (k,), or (1,) where there are no classes
    dual_coef: Any  # (max(k - 1, 1), n_support)
    intercept: Any  # (n_machines,)


class Machine(NamedTuple):
    """What prediction needs."""

    n_columns: int  # of X: features, or samples of the fit where the kernel is a matrix
    is_matrix: bool  # X has a column of kernel values for each sample of the fit
    intercept: np.ndarray  # (n_machines,)
    weights: np.ndarray | None  # (n_machines, d), of the linear kernel
    rows: Any  # the support vectors
    parts: tuple[tuple[Any, np.ndarray], ...]  # rows and their coefficients, of all or by class


def prepare(learned: Learned, rows_of: Any, n_columns: int) -> Machine:
    """Return the machine, or raise ValueError where its parts do not fit together.

    `rows_of` turns support vectors into rows; None stands for a matrix kernel.
    """
    _check(learned, n_columns, rows_of is None)
    rows: Any
    if rows_of is None:
        rows = MatrixRows(np.empty((0, n_columns)), learned.support.astype(np.int64))
    else:
        rows = rows_of(learned.support_vectors)
    dual_coef, n_support = learned.dual_coef, learned.n_support
    k, intercept, is_matrix = len(n_support), learned.intercept.copy(), rows_of is None
    if not is_matrix and rows.kernel.name == "linear" and len(intercept) <= 4 * len(rows):
        weights = pair_weights(dual_coef, n_support, learned.support_vectors)
        return Machine(n_columns, is_matrix, intercept, weights, rows, ())
    if k < 3:
        parts = [(rows, dual_coef.T)]
    elif len(intercept) <= k + (0 if is_matrix else n_columns):
        parts = [(rows, pair_coefficients(dual_coef, n_support))]
    else:
        parts = [
            (rows.take(np.arange(c.start, c.stop)), dual_coef[:, c].T) for c in by_class(n_support)
        ]
    ordered = tuple((part, np.ascontiguousarray(coef)) for part, coef in parts)
    return Machine(n_columns, is_matrix, intercept, None, rows, ordered)


def pair_weights(dual_coef: np.ndarray, n_support: np.ndarray, vectors: Any) -> np.ndarray:
    """Return w = sum_j coef[j] x_j of each machine, (n_machines, d): that of the linear kernel."""
    if len(n_support) < 3:
        return np.ascontiguousarray(dual_coef @ vectors)
    sums = [dual_coef[:, c] @ vectors[c] for c in by_class(n_support)]  # k of (k - 1, d)
    return np.ascontiguousarray(pair_sums(np.stack(sums).transpose(2, 0, 1)).T)


def decide(machine: Machine, X: np.ndarray) -> np.ndarray:
    """Return the decision values of the rows of X, (n, n_machines)."""
    if machine.weights is not None:
        values = X @ machine.weights.T
    else:
        rows = machine.rows.like(X)
        sums = [_expansion(rows, *part) for part in machine.parts]
        values = sums[0] if len(sums) == 1 else pair_sums(np.stack(sums, axis=1))
    values += machine.intercept
    return values


def _expansion(rows: Any, support: Any, coef: np.ndarray) -> np.ndarray:
    if not len(support):
        return np.zeros((len(rows), coef.shape[1]))
    return rows.expansion(support, coef)


def _check(learned: Learned, n_columns: Any, is_matrix: bool) -> None:
    """Raise ValueError unless kinds, shapes and places are those of a fit."""
    support, vectors, n_support, dual_coef, intercept = learned
    counts_fit = _is_array(n_support, "i", 1) and len(n_support) and (n_support >= 0).all()
    if not (counts_fit and _is_array(dual_coef, "f", 2) and _is_array(intercept, "f", 1)):
        raise ValueError("n_support_, dual_coef_ or intercept_ is no array of a fit")
    n, k = int(n_support.sum()), len(n_support)
    if dual_coef.shape != (max(k - 1, 1), n) or intercept.shape != (max(k * (k - 1) // 2, 1),):
        raise ValueError(
            f"n_support_ has {k} counts that sum to {n}, dual_coef_ the shape {dual_coef.shape} "
            f"and intercept_ {intercept.shape}"
        )
    if is_matrix:
        if type(n_columns) is not int or not 0 <= n_columns < 2**40:
            raise ValueError(f"shape_fit_ counts {n_columns!r} samples")
        if not _is_array(support, "i", 1) or support.shape != (n,):
            raise ValueError(f"support_ does not hold {n} places")
        if n and not 0 <= support.min() <= support.max() < n_columns:
            raise ValueError(f"support_ holds places outside of the {n_columns} samples")
    elif getattr(vectors, "shape", None) != (n, n_columns) or vectors.dtype != np.float64:
        raise ValueError(f"support_vectors_ is no matrix of floats of shape {(n, n_columns)}")


def _is_array(value: Any, kind: str, ndim: int) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == kind and value.ndim == ndim
