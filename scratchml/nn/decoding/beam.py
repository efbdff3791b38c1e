"""Beam search: the most probable sequences, found by following the best `width` at a time.

    B_0 = {prompt}
    C_t = {y v: y in B_(t-1), v a token}, from the most to the least probable
    down C_t, until B_t has `width` members:   y v joins the finished F if v = eos, else B_t

It stops when F has patience * width members, when sequences have `max_length` tokens, at which
B_t counts as finished, or when none of B_t can come to a better score than the best of F,

    s(y) = log P(y) / lp(y),        lp(y) = ((5 + |y|) / 6)^alpha,

for log P only falls and lp is largest at `max_length`. Without the division by lp longer sequences
would always be at a disadvantage. With a width of 1 this is the greedy search; with a width of all
sequences there are, and patience, it finds the best of all.

The members of B_t of all prompts are the rows of one batch: `owner` says whose they are.

References: Y. Wu et al., "Google's neural machine translation system", arXiv 1609.08144, eq. 14
(without coverage); J. Kasai et al., "A call for clarity in beam search: how it works and when it
stops", LREC-COLING 2024, algorithm 1 (the order of F and B, patience).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scratchml.nn.decoding.steps import (
    Decoded,
    Step,
    check_search,
    log_sums,
    padded,
    run_step,
    select_rows,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.modes import no_grad
from scratchml.tensor.tape import constant


def beam_search(
    step: Step,
    tokens: Tensor,
    state: Any = None,
    *,
    width: int = 4,
    max_length: int,
    eos: int | None = None,
    length_penalty: float = 0.6,
    patience: float = 1.0,
    n_best: int | None = None,
    reorder: Callable[[Any, Tensor], Any] = select_rows,
) -> Decoded:
    """Search for the most probable sequences, following several at a time.

    Parameters
    ----------
    step : callable
        ``logits, state = step(tokens, state)``: given the tokens (R, n) that are new, logits
        (R, V) of what follows them, or (R, n, V) of what follows each. R changes from call to call.
    tokens : Tensor of integers, shape (N, L)
        What the sequences begin with: prompts, or a token that stands for the beginning.
    state : object
        What the first call of `step` gets. Whatever differs between sequences must be part of the
        state that `step` returns, such as the output of an encoder.
    width : int
        How many unfinished sequences of each prompt are followed.
    max_length : int
        How many tokens are added at most.
    eos : int, optional
        The token that ends a sequence; without it all have `max_length` new tokens.
    length_penalty : float
        alpha, from 0, where sequences are compared by their probabilities. The default, and that
        of `width`, are those of Vaswani et al. (2017).
    patience : float
        The search stops with patience * width finished sequences; more than 0, may be infinite.
    n_best : int, optional
        How many sequences of each prompt are returned, at most as many as `width`; the best alone
        by default, without an axis.
    reorder : callable
        ``state = reorder(state, indices)``: what `select_rows` does, for states that it does not
        know.

    Returns
    -------
    Decoded
        The new tokens (N, T), lengths (N,) and scores (N,); with `n_best` (N, n_best, T) and
        (N, n_best), from the best to the worst. Where there are not so many sequences, their
        lengths are 0 and their scores -inf.

    Raises
    ------
    ValueError
        If an argument is out of range, or the logits have another shape or are not finite.
    TypeError
        If `step` does not return a tensor and a state.

    Notes
    -----
    Sources: Y. Wu et al., "Google's neural machine translation system", arXiv 1609.08144, eq. 14;
    J. Kasai et al., "A call for clarity in beam search", LREC-COLING 2024, algorithm 1.

    Examples
    --------
    After 0, token 1 is more probable than 2; but what follows 2 is certain, and 1 leaves a choice.

    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> P = torch.tensor([[0.0, 0.6, 0.4, 0.0], [0.4, 0.3, 0.3, 0.0], [0.0, 0.0, 0.0, 1.0]])
    >>> def step(tokens, state):
    ...     return P.log()[tokens[:, -1]], state
    >>> begin = torch.tensor([[0]])
    >>> nn.decoding.greedy_search(step, begin, max_length=2).lists()  # P = 0.24
    [[1, 0]]
    >>> nn.decoding.beam_search(step, begin, width=2, max_length=2).lists()  # P = 0.4
    [[2, 3]]
    """
    prompt = check_search("beam_search", tokens, max_length, eos)
    _check(width, length_penalty, patience, n_best)
    search = _Search(width, max_length, eos, length_penalty, patience * width, n_best or 1)
    finished = _run(search, step, prompt, state, reorder)
    for found in finished:
        found.sort(key=lambda member: -member.score)
        found += [_Member(-np.inf, [])] * (search.n_best - len(found))
    best = [member for found in finished for member in found[: search.n_best]]
    out, lengths = padded([member.tokens for member in best], eos)
    scores = constant(np.array([member.score for member in best], np.float64))
    if n_best is None:
        return Decoded(out, lengths, scores)
    shape = len(prompt), n_best
    out = out.reshape(*shape, out.array.shape[1])
    return Decoded(out, lengths.reshape(*shape), scores.reshape(*shape))


class _Search(NamedTuple):
    width: int
    max_length: int
    eos: int | None
    alpha: float
    enough: float
    n_best: int

    def penalty(self, length: int) -> float:
        """Return lp of sequences of a length."""
        return float(((5.0 + length) / 6.0) ** self.alpha)

    def goes_on(self, finished: list, log_p: float) -> bool:
        """Return whether to go on, where the best of B_t has the probability exp(log_p)."""
        if len(finished) < self.n_best:
            return True
        worst = sorted(member.score for member in finished)[-self.n_best]
        return len(finished) < self.enough and log_p / self.penalty(self.max_length) > worst


class _Member(NamedTuple):
    score: float  # log P / lp
    tokens: list[int]


@no_grad()
def _run(
    search: _Search,
    step: Step,
    tokens: np.ndarray,
    state: Any,
    reorder: Callable[[Any, Tensor], Any],
) -> list[list[_Member]]:
    """Return the finished sequences of each prompt."""
    N = len(tokens)
    finished: list[list[_Member]] = [[] for _ in range(N)]
    owner, log_p = np.arange(N), np.zeros(N)  # of each row
    kept = np.zeros((N, 0), np.int64)  # the new tokens of each row
    for t in range(1, search.max_length + 1):
        if not len(owner):
            break
        x, state = run_step(step, tokens, state, search.eos)
        v, p = _likely(x, search.width + 1)
        p = log_p[:, None] + (p - log_sums(x)[:, None])  # (R, m): log P(y v)
        rows: list[int] = []
        columns: list[int] = []
        bounds = np.searchsorted(owner, np.arange(N + 1))
        for n in np.unique(owner):
            a, b = bounds[n : n + 2]
            live = _extend(search, p[a:b], v[a:b], kept[a:b], finished[n])
            if t == search.max_length:
                finished[n] += [_finish(search, p, v, kept, a + r, c) for r, c in live]
            elif live and search.goes_on(finished[n], p[a + live[0][0], live[0][1]]):
                rows += [a + r for r, _ in live]
                columns += [c for _, c in live]
        chosen = np.array(rows, np.int64)
        owner, log_p = owner[chosen], p[chosen, columns]
        tokens = v[chosen, columns][:, None]
        kept = np.concatenate([kept[chosen], tokens], axis=1)
        if len(chosen) and not np.array_equal(chosen, np.arange(len(x))):
            state = reorder(state, constant(chosen))
    return finished


def _extend(
    search: _Search, p: np.ndarray, v: np.ndarray, kept: np.ndarray, finished: list[_Member]
) -> list[tuple[int, int]]:
    """Go down the candidates p (r, m) of one prompt; return row and column of those that go on."""
    live: list[tuple[int, int]] = []
    for place in np.argsort(-p, axis=None, kind="stable"):
        row, column = divmod(int(place), p.shape[1])
        if len(live) == search.width or p[row, column] == -np.inf:
            break
        if v[row, column] == search.eos:
            finished.append(_finish(search, p, v, kept, row, column))
        else:
            live.append((row, column))
    return live


def _finish(
    search: _Search, p: np.ndarray, v: np.ndarray, kept: np.ndarray, row: int, column: int
) -> _Member:
    tokens = [*kept[row].tolist(), int(v[row, column])]
    return _Member(float(p[row, column]) / search.penalty(len(tokens)), tokens)


def _likely(x: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the m most probable tokens of each row, or all, with their logits, in this order."""
    V = x.shape[1]
    if m >= V:
        v = np.argsort(-x, axis=1, kind="stable")
    else:
        least = np.partition(x, V - m, axis=1)[:, V - m]
        v = np.empty((len(x), m), np.int64)
        for i, row in enumerate(x):
            above = np.flatnonzero(row >= least[i])  # more than m where some are equal
            v[i] = above[np.argsort(-row[above], kind="stable")][:m]
    return v, np.take_along_axis(x, v, axis=1)


def _check(width: Any, length_penalty: float, patience: float, n_best: Any) -> None:
    if not hasattr(width, "__index__") or width < 1:
        raise ValueError(f"beam_search: width must be an integer from 1, got {width!r}")
    if not 0 <= length_penalty < np.inf:
        raise ValueError(f"beam_search: length_penalty must be from 0, got {length_penalty}")
    if not patience > 0:
        raise ValueError(f"beam_search: patience must be more than 0, got {patience}")
    if n_best is not None and (not hasattr(n_best, "__index__") or not 1 <= n_best <= width):
        raise ValueError(
            f"beam_search: n_best must be an integer from 1 to width={width}, got {n_best!r}"
        )
