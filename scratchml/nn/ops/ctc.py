"""Connectionist temporal classification: the loss of a labelling that has no times.

A network gives, at each time t, probabilities y_t(k) of C classes, one of which is the *blank*. An
alignment names a class for each time; dropping repetitions and then blanks makes a labelling of
it: B(a a - a b) = a a b. The loss of a labelling l of S labels is

    L = -log p(l),     p(l) = sum over the alignments pi with B(pi) = l of prod_t y_t(pi_t)

Alignments are walks through l' = (-, l_1, -, l_2, ..., l_S, -) of 2 S + 1 states, that stay, go on
by one, or by two, over a blank between different labels: jump(s) = 1 if l'_s != - and
l'_s != l'_(s-2), else 0. With the probability alpha of all ways that lead to a state and beta of
all that complete from there,

    alpha_0(0) = y_0(l'_0),   alpha_0(1) = y_0(l'_1),   else 0
    alpha_t(s) = y_t(l'_s) (alpha_(t-1)(s) + alpha_(t-1)(s-1) + jump(s) alpha_(t-1)(s-2))
    p(l)       = alpha_(T-1)(2 S) + alpha_(T-1)(2 S - 1)
    beta_(T-1)(2 S) = beta_(T-1)(2 S - 1) = 1,   else 0
    beta_t(s)  = v(s) + v(s+1) + jump(s+2) v(s+2),   v(s) = y_(t+1)(l'_s) beta_(t+1)(s)

so that alpha_t(s) beta_t(s) / p(l) is the probability of state s at time t, and

    dL / dx_t(k) = y_t(k) - sum over s with l'_s = k of alpha_t(s) beta_t(s) / p(l)

for the logits x of which y is the softmax. All of this is computed by logarithms, in float64.

The gradient is given, as PyTorch does, for the logarithms log y as if they were those logits: for
log y = log_softmax(x), whose backward half leaves it as it is, it is the gradient; the derivative
by log y as free numbers would lack y_t(k).

Shapes: log_probs (T, N, C), of a batch of N; l' (N, L), L = 2 S + 1; alpha (N, T, 2 + L), begun
by two states that are never reached, so that s - 1 and s - 2 are always there.

References: A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist temporal
classification", ICML 2006, eq. 3, 6-8, 16; beta without y_t as in A. Graves, "Supervised sequence
labelling with recurrent neural networks", 2012, section 7.3.
"""

from typing import Any, NamedTuple

import numpy as np

from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import ctc_kernels as kernels
from scratchml.nn.ops.elementwise import compiled

_LARGE = 2**15  # states of all times; below, one thread is done before a second one has woken


class Walks(NamedTuple):
    """The states that the alignments of a batch walk through.

    Attributes
    ----------
    states : ndarray of int64 of shape (N, L)
        l', blanks after the last label.
    jump : ndarray of float64 of shape (N, L + 2)
        0 where a state may be reached from the last but one, -inf where it may not.
    lengths : ndarray of int64 of shape (N, 2)
        Times T_n and states 2 S_n + 1 of each sequence.
    """

    states: np.ndarray
    jump: np.ndarray
    lengths: np.ndarray


def ctc_loss_forward(
    log_probs: np.ndarray,
    labels: np.ndarray,
    times: np.ndarray,
    counts: np.ndarray,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> tuple[np.ndarray, Any]:
    """Return -log p(l) of each sequence, their sum, or their mean for each label.

    Parameters
    ----------
    log_probs : ndarray of shape (T, N, C)
        Logarithms of probabilities.
    labels : ndarray of int64 of shape (N, S)
        Labels in [0, C), none of them blank; anything in [0, C) after the last.
    times, counts : ndarray of int64 of shape (N,)
        The length of each sequence, at most T, and of its labelling, at most S.
    blank : int
        The class that stands for no label.
    reduction : {"mean", "sum", "none"}
        "mean" divides each loss by the number of labels (at least 1), and their sum by N.
    zero_infinity : bool
        Whether a labelling that no alignment of that length can have counts for nothing.
    """
    lp = np.ascontiguousarray(log_probs)
    walks = _walks(labels, times, counts, blank)
    alpha = np.empty((lp.shape[1], lp.shape[0], walks.states.shape[1] + 2))
    if compiled():
        _in_pieces(alpha, lambda i, j: kernels.forward(lp, *walks, alpha, i, j))
    else:
        _forward(lp, walks, alpha)
    losses = _losses(alpha, times, counts)
    g = np.ones(len(losses))
    if reduction == "mean":
        g /= np.maximum(counts, 1) * len(losses)
    impossible = losses == np.inf
    y = losses
    if impossible.any():
        g[impossible] = 0.0 if zero_infinity else np.nan
        y = np.where(impossible, 0.0, losses) if zero_infinity else losses
    if reduction == "mean":
        y = np.mean(y / np.maximum(counts, 1))
    elif reduction == "sum":
        y = np.sum(y)
    return np.asarray(y, lp.dtype), (lp, walks, alpha, losses, g)


def ctc_loss_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx (T, N, C), the gradient by logits: see the module's equations."""
    lp, walks, alpha, losses, g = cache
    g = g * dy
    dx = np.empty_like(lp)
    if not compiled():
        _backward(lp, walks, alpha, losses, g, dx)
        return dx

    def task(i: int, j: int) -> None:
        gamma = np.empty((j - i, alpha.shape[1] + 1, alpha.shape[2]))
        kernels.occupy(lp, *walks, alpha, losses, gamma, i)
        shares = np.zeros(lp.shape[2])
        kernels.gradient(lp, walks.states, walks.lengths, gamma, g, shares, dx, i)

    _in_pieces(alpha, task)
    return dx


def _in_pieces(alpha: np.ndarray, task: Any) -> None:
    """Run task(start, stop) over the batch."""
    n = len(alpha)
    if alpha.size < _LARGE:
        task(0, n)
    else:
        parallel_chunks(task, chunk_bounds(n, max(1, _LARGE // 4 * n // alpha.size)))


def _walks(labels: np.ndarray, times: np.ndarray, counts: np.ndarray, blank: int) -> Walks:
    N, S = labels.shape
    states = np.full((N, 2 * S + 1), blank)
    np.copyto(states[:, 1::2], labels, where=np.arange(S) < counts[:, None])
    jump = np.full((N, 2 * S + 3), -np.inf)
    jump[:, 3:-2:2][labels[:, 1:] != labels[:, :-1]] = 0.0
    return Walks(states, jump, np.stack([times, 2 * counts + 1], axis=1))


@np.errstate(invalid="ignore")
def _forward(lp: np.ndarray, walks: Walks, alpha: np.ndarray) -> None:
    """Fill alpha with logarithms; what `kernels.forward` does, for all sequences at once."""
    y = _of_states(lp, walks.states)
    alpha.fill(-np.inf)
    alpha[:, :1, 2:4] = y[:1, :, :2].swapaxes(0, 1)
    for t in range(1, len(lp)):
        a = alpha[:, t - 1]
        ways = np.logaddexp(a[:, 2:], a[:, 1:-1])
        alpha[:, t, 2:] = y[t] + np.logaddexp(ways, a[:, :-2] + walks.jump[:, :-2])


@np.errstate(invalid="ignore")
def _losses(alpha: np.ndarray, times: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return -log p(l) (N,); a sequence without times has the empty labelling."""
    if not alpha.shape[1]:
        return np.where(counts > 0, np.inf, 0.0)
    n, last = np.arange(len(alpha)), np.maximum(times - 1, 0)
    ends = np.logaddexp(
        alpha[n, last, 2 * counts + 2],
        np.where(counts > 0, alpha[n, last, 2 * counts + 1], -np.inf),
    )
    return np.where(times > 0, -ends, np.where(counts > 0, np.inf, 0.0))


@np.errstate(invalid="ignore")
def _backward(
    lp: np.ndarray, walks: Walks, alpha: np.ndarray, losses: np.ndarray, g: np.ndarray, dx: Any
) -> None:
    """Fill dx; what `kernels.backward` does, for all sequences at once."""
    y = _of_states(lp, walks.states)
    N, L = walks.states.shape
    rows, (times, ends) = np.arange(N)[:, None], walks.lengths.T[:, :, None]
    end = np.where((np.arange(L) < ends) & (np.arange(L) >= ends - 2), 0.0, -np.inf)
    beta = np.full((N, L), -np.inf)
    v = np.full((N, L + 2), -np.inf)
    for t in reversed(range(len(lp))):
        if t + 1 < len(lp):
            v[:, :L] = y[t + 1] + beta
        ways = np.logaddexp(v[:, :-2], v[:, 1:-1])
        beta = np.where(t == times - 1, end, np.logaddexp(ways, v[:, 2:] + walks.jump[:, 2:]))
        shares = np.zeros(lp.shape[1:])
        np.add.at(shares, (rows, walks.states), np.exp(alpha[:, t, 2:] + beta + losses[:, None]))
        dx[t] = np.where(t < times, g[:, None] * (np.exp(lp[t]) - shares), 0.0)
    dx[:, g == 0] = 0.0


def _of_states(lp: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return log y_t(l'_s), (T, N, L), in float64."""
    return np.take_along_axis(lp, states[None], axis=2).astype(np.float64)
