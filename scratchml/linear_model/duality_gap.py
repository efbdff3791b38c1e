"""The duality gap of the elastic net: an upper bound on how far from the minimum a point still is.

For  P(b) = 1/2 ||y - X b||^2 + l1 ||b||_1 + l2/2 ||b||^2  let r = y - X b, c = X'r, g = c - l2 b.

(1) The lasso's dual is max over v of y'v - ||v||^2/2 subject to |x_j'v| <= l1; the elastic net is
the lasso of the matrix [X; sqrt(l2) I] and the target [y; 0], whose residual is [r; -sqrt(l2) b].
That residual, shrunk by s = min(1, l1 / max_j |g_j|), is feasible. The gap there, written as a sum
of terms that are never negative, so that nothing cancels when it is nearly zero, is

    gap = (1 - s)^2/2 (||r||^2 + l2 ||b||^2) + sum_j (l1 |b_j| - s g_j b_j)

(2) If l2 > 0, the penalty's conjugate (|u| - l1)+^2 / (2 l2) is finite everywhere, so r itself will
do (Duenner, Forte, Takac, Jaggi 2016, section 5.2), and the gap is a sum of Fenchel-Young terms

    gap = sum_j [ ((|c_j| - l1)+ - l2 |b_j|)^2 / (2 l2) + max(|c_j|, l1) |b_j| - c_j b_j ]

which serves where l1 is small or zero and (1) is loose. Both bound P(b) - min P; the smaller is
taken.

(3) Without any penalty there is neither. The stand-in then is what the coordinate steps would gain
if they were independent, sum_j x_j'x_j step_j^2 / 2: it has the units of P and is zero only at a
minimum, but is no bound.

With b constrained to b >= 0, |g_j| and |c_j| become g_j and c_j throughout: a column that pulls
downwards is no obstacle at zero.

Reference: C. Duenner, S. Forte, M. Takac, M. Jaggi, "Primal-dual rates and certificates",
ICML 2016.
"""

import numpy as np


def objective(b: np.ndarray, rr: float, l1: float, l2: float) -> float:
    """Return P(b), given rr = r'r."""
    return 0.5 * rr + l1 * float(np.abs(b).sum()) + 0.5 * l2 * float(b @ b)


def duality_gap(
    b: np.ndarray,
    c: np.ndarray,
    rr: float,
    norms: np.ndarray,
    l1: float,
    l2: float,
    positive: bool = False,
) -> tuple[float, float]:
    """Return the gap at `b` and the factor s that makes the residual feasible in the dual.

    Parameters
    ----------
    b : ndarray of shape (p,)
        Coefficients, not negative if `positive`.
    c : ndarray of shape (p,)
        X'r.
    rr : float
        r'r.
    norms : ndarray of shape (p,)
        x_j'x_j; where it is 0, c_j is a rounding error and counts as 0.
    l1, l2 : float
        Penalties.
    positive : bool
        Whether b >= 0 is demanded.

    Returns
    -------
    gap, s : float
        NaN or infinite where the data overflow.
    """
    c = np.where(norms == 0, 0, c)
    if l1 == 0 and l2 == 0:
        return _coordinate_gains(b, c, norms, positive), 1.0
    g = c - l2 * b
    highest = float((g if positive else np.abs(g)).max(initial=0))
    s = l1 / highest if highest > l1 else 1.0
    size = np.abs(b)
    slack = float(np.sum(l1 * size - s * (g * b)))
    gap = 0.5 * (1 - s) ** 2 * (rr + l2 * float(b @ b)) + slack
    if l2 > 0:
        u = c if positive else np.abs(c)
        over = np.maximum(u - l1, 0) - l2 * size
        young = over * over / (2 * l2) + (np.maximum(u, l1) * size - c * b)
        gap = min(gap, float(young.sum()))
    return float(gap), s


def _coordinate_gains(b: np.ndarray, c: np.ndarray, norms: np.ndarray, positive: bool) -> float:
    step = np.divide(c, norms, out=np.zeros_like(c), where=norms > 0)
    if positive:
        step = np.maximum(step, -b)
    return 0.5 * float(np.sum(norms * step * step))
