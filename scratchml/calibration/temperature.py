"""Temperature scaling: all logits divided by one number, so that the softmax is as sure as right.

Model. The logits z_i (K,) of a classifier become probabilities with the inverse temperature beta:

    P(class k | z_i) = exp(beta z_ik) / sum_j exp(beta z_ij)                (Guo et al. 2017, eq. 9)

beta < 1 takes back confidence, beta > 1 adds some; the order of the classes stays.

Problem. For true classes c_i and weights w_i minimise the cross-entropy over
exp(-10) <= beta <= exp(10):

    F(beta)   = sum_i w_i (log sum_j exp(beta z_ij) - beta z_{i c_i})
    F'(beta)  = sum_i w_i (mean_i - z_{i c_i}),      mean_i the mean of z_i under P
    F''(beta) = sum_i w_i var_i,                     var_i its variance

F is convex: its minimum is the root of F', or the bound that F' points to. Where the logits put
every sample in its own class, F falls for ever; the search ends where it is zero to rounding.

Method. Newton's on F', from beta = 1, within a bracket that each sign of F' narrows; a step that
leaves the bracket, or did not halve F', gives way to the geometric middle.

Stopping. beta |F'|, the change of F for a unit of log beta, is a rounding of the total weight.

Reference: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks",
ICML 2017.
"""

from typing import NamedTuple

import numpy as np

LOWEST, HIGHEST = float(np.exp(-10)), float(np.exp(10))
MAX_ITER = 200
ROUNDING = 4 * np.finfo(np.float64).eps


class Temperature(NamedTuple):
    """The inverse temperature, and where the solver ended."""

    beta: float
    slope: float  # F'(beta)
    n_iter: int
    converged: bool


def fit_temperature(Z: np.ndarray, codes: np.ndarray, w: np.ndarray) -> Temperature:
    """Minimise F over logits (n, K) float64, class numbers (n,) int64 and weights (n,)."""
    Z = Z - Z[np.arange(len(Z)), codes][:, np.newaxis]  # F is the same, the own class's logit 0
    enough = ROUNDING * float(w.sum())
    for bound, outward in ((LOWEST, 1), (HIGHEST, -1)):
        slope = derivatives(bound, Z, w)[0]
        if outward * slope * bound > enough:
            return Temperature(bound, slope, 0, True)
    low, high, beta, before = LOWEST, HIGHEST, 1.0, np.inf
    for n_iter in range(MAX_ITER):
        slope, curvature = derivatives(beta, Z, w)
        if abs(slope) * beta <= enough or high - low <= ROUNDING * beta:
            return Temperature(beta, slope, n_iter, True)
        low, high = (beta, high) if slope < 0 else (low, beta)
        step = beta - slope / curvature if curvature > 0 else np.inf
        good = low < step < high and abs(slope) <= 0.5 * before
        beta, before = float(step if good else np.sqrt(low * high)), abs(slope)
    return Temperature(beta, slope, MAX_ITER, False)


def derivatives(beta: float, Z: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    """Return F' and F'' for logits less that of the own class."""
    P = softmax(beta * Z)
    mean = np.einsum("ij,ij->i", P, Z)
    spread = np.einsum("ij,ij->i", P, (Z - mean[:, np.newaxis]) ** 2)
    return float(w @ mean), float(w @ spread)


def softmax(Z: np.ndarray) -> np.ndarray:
    """Return exp(Z) with rows divided by their sums, (n, K)."""
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    return P
