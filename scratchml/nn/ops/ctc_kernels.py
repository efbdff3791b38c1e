"""Compiled recursions of `scratchml.nn.ops.ctc`, sequence by sequence.

The probabilities of the states are fetched in one loop and added up in another, which then is
vector code. All logarithms are float64: those of long sequences are large, and their differences
are what the gradient is made of.
"""

import numpy as np

from scratchml._core.elementary import exp, exp64, expm1_negative64, log1p_small64
from scratchml._core.jit import jit


@jit(
    "void(const T[:, :, ::1], const int64[:, ::1], const float64[:, ::1], const int64[:, ::1],"
    " float64[:, :, ::1], int64, int64)"
)
def forward(lp, states, jump, lengths, alpha, start, stop):
    """Fill alpha (N, T, 2 + L) with logarithms, for the sequences from start to stop."""
    for n in range(start, stop):
        L = lengths[n, 1]
        for t in range(lengths[n, 0]):
            row = alpha[n, t, : L + 2]
            row[0] = row[1] = -np.inf
            if t > 0:
                before = alpha[n, t - 1, : L + 2]
                _ways(before[2:], before[1:], before, jump[n], row[2:])
            else:
                for s in range(L):
                    row[2 + s] = 0.0 if s < 2 else -np.inf
            _add(lp[t, n], states[n], row[2:])


@jit(
    "void(const T[:, :, ::1], const int64[:, ::1], const float64[:, ::1], const int64[:, ::1],"
    " const float64[:, :, ::1], const float64[::1], float64[:, :, ::1], int64)"
)
def occupy(lp, states, jump, lengths, alpha, losses, gamma, start):
    """Fill gamma (n, T + 1, L + 2) with the probabilities of the states of n sequences.

    The first of them is number `start`; its last row is for v.
    """
    for n in range(start, start + gamma.shape[0]):
        L = lengths[n, 1]
        v = gamma[n - start, lp.shape[0]]
        for t in range(lengths[n, 0] - 1, -1, -1):
            row = gamma[n - start, t, :L]
            if t == lengths[n, 0] - 1:
                for s in range(L):
                    row[s] = 0.0 if s >= L - 2 else -np.inf
            else:
                v[L] = v[L + 1] = -np.inf
                _ways(v, v[1:], v[2:], jump[n, 2:], row)
            for s in range(L):
                v[s] = row[s]
            _add(lp[t, n], states[n], v[:L])
            _posterior(alpha[n, t, 2:], losses[n], row)


@jit(
    "void(const T[:, :, ::1], const int64[:, ::1], const int64[:, ::1], const float64[:, :, ::1],"
    " const float64[::1], float64[::1], T[:, :, ::1], int64)"
)
def gradient(lp, states, lengths, gamma, g, shares, dx, start):
    """Fill dx (T, N, C) for n sequences; `shares` (C,) has zeros, before and after."""
    for n in range(start, start + gamma.shape[0]):
        for t in range(lp.shape[0]):
            out = dx[t, n]
            if t >= lengths[n, 0] or g[n] == 0:
                for k in range(out.shape[0]):
                    out[k] = 0
                continue
            row = gamma[n - start, t]
            for s in range(lengths[n, 1]):
                shares[states[n, s]] += row[s]
            _combine(lp[t, n], shares, g[n], out)
            for s in range(lengths[n, 1]):
                shares[states[n, s]] = 0.0


@jit
def _ways(a, b, c, jump, out):
    for s in range(out.shape[0]):
        out[s] = _log_sum(a[s], b[s], c[s] + jump[s])


@jit
def _log_sum(a, b, c):
    """Return log(exp(a) + exp(b) + exp(c)); -inf stands for no way."""
    high = a if a > b else b
    low = b if a > b else a
    top = high if high > c else c
    middle = c if high > c else high
    m = top if top > -1e300 else -1e300  # so that no infinity is taken from another
    return top + log1p_small64(2.0 + expm1_negative64(low - m) + expm1_negative64(middle - m))


@jit
def _add(row, states, out):
    for s in range(out.shape[0]):
        out[s] += row[states[s]]


@jit
def _posterior(alpha, loss, out):
    """Put exp(alpha + beta + loss) in the place of beta."""
    for s in range(out.shape[0]):
        v = alpha[s] + out[s] + loss
        out[s] = exp64(-700.0 if v < -700.0 else v)


@jit
def _combine(lp, shares, g, dx):
    for k in range(dx.shape[0]):
        dx[k] = g * (exp(lp[k]) - shares[k])
