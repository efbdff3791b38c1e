"""From the scores of a logistic model to probabilities, their logarithms and margins.

Two classes have one score z a row, P(1) = 1 / (1 + exp(-z)); more have one each, p_k proportional
to exp(z_k). Nothing overflows: the exponent of every exp is at most zero. What is small is
computed as such, never as one minus something, so the probability of the unlikely class keeps all
its digits; its logarithm stays finite where it underflows. NumPy alone, in the dtype of the
scores.
"""

import numpy as np


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Return the probability of each class, (n, K); scores (n,) or (n, K), may be overwritten."""
    if scores.ndim == 2:
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores
    unlikely = np.exp(-np.abs(scores))
    positive = scores > 0
    P = np.empty((len(scores), 2), dtype=scores.dtype)
    P[:, 0] = np.where(positive, unlikely, 1)
    P[:, 1] = np.where(positive, 1, unlikely)
    P /= (1 + unlikely)[:, np.newaxis]
    return P


def log_probabilities(scores: np.ndarray) -> np.ndarray:
    """Return the logarithm of the probability of each class; `scores` as in `probabilities`."""
    if scores.ndim == 2:
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return scores
    L = np.empty((len(scores), 2), dtype=scores.dtype)
    L[:, 0] = -np.logaddexp(0, scores)
    L[:, 1] = -np.logaddexp(0, -scores)
    return L


def smallest_margin(X: np.ndarray, y: np.ndarray, w: np.ndarray, B: np.ndarray) -> float:
    """Return the least lead of a row's own score over the best other, among rows with w > 0.

    If it is positive, B separates the classes: without a penalty, the loss of t B falls to zero as
    t grows, and has no minimum. X (n, p), codes y (n,), B (K, p) or (K, p + 1), K = 1 for two
    classes.
    """
    p = X.shape[1]
    least = np.inf
    for start in range(0, len(X), 4096):  # in strips, not to hold (n, K) scores
        rows = slice(start, start + 4096)
        Z = X[rows] @ B[:, :p].T + (B[:, p] if B.shape[1] > p else 0.0)
        if len(B) == 1:
            margin = np.where(y[rows] == 1, Z[:, 0], -Z[:, 0])
        else:
            own = np.arange(len(Z)), y[rows]
            score = Z[own].copy()
            Z[own] = -np.inf
            margin = score - Z.max(axis=1)
        least = min(least, margin[w[rows] > 0].min(initial=np.inf))
    return float(least)
