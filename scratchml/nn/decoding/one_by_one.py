"""Greedy search and sampling: each token is chosen once, when it is its turn.

    greedy      y_t = argmax_v P(v | y_1 ... y_(t-1))
    sampling    y_t drawn with probability p_v, where p = softmax(filter(x / temperature)) and x are
                the logits: a temperature below 1 makes probable tokens more probable still

A sequence ends with the token eos, or when it has `max_length` tokens; the search ends with its
last sequence.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchml.nn.decoding.filters import check_k, check_p, keep_largest, keep_nucleus
from scratchml.nn.decoding.steps import Decoded, Step, check_search, log_sums, run_step
from scratchml.nn.ops.softmax import softmax_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.generator import Generator
from scratchml.tensor.modes import no_grad
from scratchml.tensor.sampling import multinomial
from scratchml.tensor.tape import constant


def greedy_search(
    step: Step, tokens: Tensor, state: Any = None, *, max_length: int, eos: int | None = None
) -> Decoded:
    """Go on with the most probable token, again and again.

    Parameters
    ----------
    step : callable
        ``logits, state = step(tokens, state)``: given the tokens (N, n) that are new, logits
        (N, V) of what follows them, or (N, n, V) of what follows each.
    tokens : Tensor of integers, shape (N, L)
        What the sequences begin with: prompts, or a token that stands for the beginning.
    state : object
        What the first call of `step` gets.
    max_length : int
        How many tokens are added at most.
    eos : int, optional
        The token that ends a sequence; without it all have `max_length` new tokens.

    Returns
    -------
    Decoded
        The new tokens (N, T), lengths (N,), and log-probabilities (N,).

    Raises
    ------
    ValueError
        If an argument is out of range, or the logits have another shape or are not finite.
    TypeError
        If `step` does not return a tensor and a state.

    See Also
    --------
    beam_search : Finds sequences that are more probable.
    sample : Draws sequences.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> follows = torch.tensor([[0.0, 2.0, 1.0], [0.0, 0.0, 9.0], [1.0, 0.0, 0.0]])
    >>> def step(tokens, state):
    ...     return follows[tokens[:, -1]], state
    >>> nn.decoding.greedy_search(step, torch.tensor([[0], [1]]), max_length=9, eos=2).lists()
    [[1, 2], [2]]
    """
    prompt = check_search("greedy_search", tokens, max_length, eos)
    return _follow(step, prompt, state, lambda x: x.argmax(axis=1), max_length, eos)


def sample(
    step: Step,
    tokens: Tensor,
    state: Any = None,
    *,
    max_length: int,
    eos: int | None = None,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: Generator | None = None,
) -> Decoded:
    """Go on with a token drawn at random, again and again.

    Parameters
    ----------
    step : callable
        ``logits, state = step(tokens, state)``: given the tokens (N, n) that are new, logits
        (N, V) of what follows them, or (N, n, V) of what follows each.
    tokens : Tensor of integers, shape (N, L)
        What the sequences begin with: prompts, or a token that stands for the beginning.
    state : object
        What the first call of `step` gets.
    max_length : int
        How many tokens are added at most.
    eos : int, optional
        The token that ends a sequence; without it all have `max_length` new tokens.
    temperature : float
        What logits are divided by; more than 0, finite. Towards 0 this becomes the greedy search.
    top_k : int, optional
        Draw from the k most probable tokens only.
    top_p : float, optional
        Draw from the fewest tokens only that hold this share of the probability, of those which
        `top_k` leaves.
    generator : Generator, optional
        Where the random numbers come from: one for each token of the vocabulary and each sequence,
        as for PyTorch's ``multinomial(p, 1)``.

    Returns
    -------
    Decoded
        The new tokens (N, T), lengths (N,), and log-probabilities (N,), those of the model,
        whatever the temperature.

    Raises
    ------
    ValueError
        If an argument is out of range, or the logits have another shape or are not finite.
    TypeError
        If `step` does not return a tensor and a state.

    See Also
    --------
    top_k, top_p : The filters.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> def step(tokens, state):  # 0 is as probable as 1, whatever came before
    ...     return torch.tensor([[0.0, 0.0, -9.0]]), state
    >>> generator = torch.Generator().manual_seed(0)
    >>> begin = torch.tensor([[0]])
    >>> nn.decoding.sample(step, begin, max_length=8, top_k=2, generator=generator).lists()
    [[1, 1, 0, 0, 0, 1, 0, 1]]
    """
    prompt = check_search("sample", tokens, max_length, eos)
    if not 0 < temperature < np.inf:
        raise ValueError(f"sample: temperature must be more than 0 and finite, got {temperature}")
    if top_k is not None:
        check_k("sample: top_k", top_k)
    if top_p is not None:
        check_p("sample: top_p", top_p)

    def draw(x: np.ndarray) -> np.ndarray:
        least = np.finfo(x.dtype).tiny
        with np.errstate(over="ignore"):  # the quotients of a very low temperature may be -inf
            x = (x - x.max(axis=1, keepdims=True)) / x.dtype.type(max(temperature, least))
        if top_k is not None:
            x = keep_largest(x, top_k)
        if top_p is not None:
            x = keep_nucleus(x, top_p)
        p = constant(softmax_forward(x)[0])
        drawn: np.ndarray = multinomial(p, 1, generator=generator).array
        return drawn[:, 0]

    return _follow(step, prompt, state, draw, max_length, eos)


@no_grad()
def _follow(
    step: Step,
    tokens: np.ndarray,
    state: Any,
    choose: Callable[[np.ndarray], np.ndarray],
    max_length: int,
    eos: int | None,
) -> Decoded:
    """Add to each row the token that `choose` picks of its logits, until all have ended."""
    N = len(tokens)
    out: list[np.ndarray] = []
    lengths, scores, rows = np.zeros(N, np.int64), np.zeros(N), np.arange(N)
    going = np.ones(N, bool)
    while len(out) < max_length and going.any():
        x, state = run_step(step, tokens, state, eos)
        log_total = log_sums(x)
        token = choose(x)
        scores += np.where(going, x[rows, token] - log_total, 0.0)
        lengths += going
        if eos is not None:
            token = np.where(going, token, eos)
            going = going & (token != eos)
        out.append(token)
        tokens = token[:, None]
    new = np.stack(out, axis=1) if out else np.zeros((N, 0), np.int64)
    return Decoded(constant(new), constant(lengths), constant(scores))
