"""QR factorisation by Householder reflections, in blocks, and of matrices that arrive in strips.

Problem
    A = Q R with Q'Q = I and R upper triangular (p, p); only R is wanted here.

Reflection
    For a column x the reflection H = I - tau v v', v_1 = 1, maps x to beta e_1 with

        beta = -sign(x_1) |x|,   tau = (beta - x_1) / beta,   v = x / (x_1 - beta) below its 1.

    The sign is chosen so that x_1 - beta is a sum without cancellation.

Blocks (Schreiber & Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989)
    k reflections in a row are  H_1 ... H_k = I - V T V'  with T upper triangular,

        T_{1:i, i} = -tau_i T_{1:i, 1:i} V'v_i,   T_ii = tau_i ,

    so the columns to the right of a block are updated by three matrix products.

Strips (Demmel, Grigori, Hoemmen, Langou, SIAM J. Sci. Comput. 34, 2012)
    R of [A1; A2] is R of [R1; A2]: a tall matrix is folded strip by strip, and never held whole.

R'R = (A + E)'(A + E) with |E| about eps |A|, whatever the condition of A. For the Cholesky factor
of the computed A'A the same holds only with E as large as eps kappa |A|.
"""

import numpy as np

BLOCK = 32


def triangle(A):
    """Return R (p, p) with R'R = A'A. A (m, p), m >= p, float64, is overwritten."""
    p = A.shape[1]
    for j in range(0, p, BLOCK):
        V, T = _factor_panel(A[j:, j : j + BLOCK])
        right = A[j:, j + BLOCK :]
        if right.shape[1]:
            right -= V @ (T.T @ (V.T @ right))
    return np.triu(A[:p])


def fold(strips, R):
    """Return the triangle of R (p, p) and the rows of all strips (m_i, p), stacked."""
    p = len(R)
    for strip in strips:
        stack = np.empty((p + len(strip), p), order="F")
        stack[:p] = R
        stack[p:] = strip
        R = triangle(stack)
    return R


def _factor_panel(A):
    """Triangularise a narrow panel in place; return V (m, k), unit lower trapezoidal, and T."""
    m, k = A.shape
    V = np.zeros((m, k), order="F")
    T = np.zeros((k, k))
    for i in range(k):
        v = V[i:, i]
        v[:] = A[i:, i]
        tau, beta = _reflection(v)
        A[i, i] = beta
        A[i + 1 :, i] = 0.0
        A[i:, i + 1 :] -= np.outer(v, tau * (v @ A[i:, i + 1 :]))
        T[:i, i] = -tau * (T[:i, :i] @ (V[i:, :i].T @ v))
        T[i, i] = tau
    return V, T


def _reflection(x):
    """Overwrite x with v and return ``tau, beta``; tau = 0 (no reflection) when x is c e_1."""
    head, norm = x[0], np.linalg.norm(x)
    x[0] = 1.0
    if norm == abs(head):
        x[1:] = 0.0
        return 0.0, head
    beta = -np.copysign(norm, head)
    x[1:] /= head - beta
    return (beta - head) / beta, beta
