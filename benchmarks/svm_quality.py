"""What a support vector machine minimises, recomputed in float64 from its learned attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

TILE = 1000  # rows of the kernel matrix at a time


def dual_objective(model: Any, X: Any, y: np.ndarray | None = None) -> float:
    """Return D = 1/2 b'Kb - y'b + epsilon |b|, the sum over the pairs of classes.

    `model` has ``support_`` and ``dual_coef_`` as scikit-learn's machines have them.
    """
    name = type(model).__name__
    b, rows = _dense(model.dual_coef_).astype(float), model.support_
    if name in ("SVC", "NuSVC"):
        parts = _pairs(b, model.n_support_)
        return sum(_of_pair(model, X, len(y), rows[held], c) for held, c in parts)
    smooth = 0.5 * _quadratic(model, X, rows, b[0])
    if name == "OneClassSVM":
        return smooth
    tube = model.epsilon * np.abs(b).sum() if name == "SVR" else 0.0
    return smooth - float(b[0] @ y[rows]) + tube


def _pairs(b: np.ndarray, counts: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the support vectors of each pair of classes, and their coefficients."""
    ends = np.cumsum(counts)
    parts = []
    for i in range(len(counts)):
        for j in range(i + 1, len(counts)):
            one = np.arange(ends[i] - counts[i], ends[i])
            other = np.arange(ends[j] - counts[j], ends[j])
            coef = np.concatenate([b[j - 1, one], b[i, other]])
            parts.append((np.concatenate([one, other])[coef != 0], coef[coef != 0]))
    return parts


def _of_pair(model: Any, X: Any, n: int, rows: np.ndarray, b: np.ndarray) -> float:
    smooth = 0.5 * _quadratic(model, X, rows, b)
    if type(model).__name__ == "SVC":
        return smooth - float(np.abs(b).sum())
    # LIBSVM divides the solution of the nu-problem, whose |b| sums to nu n, by r. Two classes.
    r = model.nu * n / np.abs(b).sum()
    return float(smooth * r**2)


def _quadratic(model: Any, X: Any, rows: np.ndarray, b: np.ndarray) -> float:
    """Return b'Kb."""
    held, gamma = X[rows], _gamma(model, X)
    if isinstance(held, np.ndarray):
        held = held.astype(float)
        held = held - held.mean(axis=0) if model.kernel == "rbf" else held
    total = 0.0
    for i in range(0, len(b), TILE):
        total += float(b[i : i + TILE] @ (_block(model, held[i : i + TILE], held, gamma) @ b))
    return total


def _gamma(model: Any, X: Any) -> float:
    if model.gamma not in ("scale", "auto"):
        return float(model.gamma)
    if model.gamma == "auto":
        return 1 / X.shape[1]
    variance = X.var() if isinstance(X, np.ndarray) else X.power(2).mean() - X.mean() ** 2
    return 1 / (X.shape[1] * float(variance))


def _block(model: Any, A: Any, B: Any, gamma: float) -> np.ndarray:
    """Return K of every pair of a row of A with a row of B."""
    products = _dense(A @ B.T)
    if model.kernel == "linear":
        return products
    if model.kernel == "poly":
        return (gamma * products + model.coef0) ** model.degree
    if model.kernel == "sigmoid":
        return np.tanh(gamma * products + model.coef0)
    squares = [np.asarray((M * M if isinstance(M, np.ndarray) else M.power(2)).sum(1)).ravel()
               for M in (A, B)]  # fmt: skip
    return np.exp(-gamma * np.maximum(squares[0][:, None] + squares[1] - 2 * products, 0))


def _dense(M: Any) -> np.ndarray:
    return M if isinstance(M, np.ndarray) else M.toarray()


def primal_objective(model: Any, X: Any, y: np.ndarray) -> float:
    """Return (|w|^2 + w_0^2) / 2 + C sum of the losses; LIBLINEAR penalises the intercept too."""
    W = np.atleast_2d(model.coef_)
    b = np.atleast_1d(model.intercept_)
    f = np.asarray(X @ W.T) + b
    if type(model).__name__ == "LinearSVR":
        loss = np.maximum(np.abs(y[:, None] - f) - model.epsilon, 0)
        squared = model.loss.startswith("squared")
    else:
        positive = y[:, None] == (model.classes_ if len(W) > 1 else model.classes_[1:])
        loss = np.maximum(1 - np.where(positive, f, -f), 0)
        squared = model.loss == "squared_hinge"
    penalty = (W**2).sum() + (b**2).sum()
    return float(penalty / 2 + model.C * (loss**2 if squared else loss).sum())
