"""What all ways of decoding share: the step function, its state, and the result.

A network that gives probabilities of the next token is used through a function

    logits, state = step(tokens, state)

tokens (R, n) are those that have been added to R sequences since the last call: at first the whole
prompts, then one for each. logits (R, V), or (R, n, V) of which the last position counts, go
through a softmax to the probabilities of what comes next. The state is whatever the step wants to
be given again: a cache of keys and values, the state of a recurrent layer, or all tokens so far.

A beam search drops sequences and doubles others, and `select_rows` does the same to their states.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]


class Decoded(NamedTuple):
    """Sequences that were decoded, without the tokens they began with.

    Parameters
    ----------
    tokens : Tensor of int64, shape (N, T)
        The new tokens, T being the length of the longest. Behind the end of a sequence stands eos.
    lengths : Tensor of int64, shape (N,)
        How many tokens each sequence has, eos included where it came.
    scores : Tensor of float64, shape (N,)
        The logarithm of each sequence's probability; in a beam search divided by the penalty of
        its length.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.decoding import Decoded
    >>> result = Decoded(torch.tensor([[5, 7, 2]]), torch.tensor([3]), torch.tensor([-0.5]))
    >>> result.lists(eos=2)
    [[5, 7]]
    """

    tokens: Tensor
    lengths: Tensor
    scores: Tensor

    def lists(self, eos: int | None = None) -> list[list[int]]:
        """Return the sequences as lists, one after the other.

        Parameters
        ----------
        eos : int, optional
            What to leave out at their ends.

        Returns
        -------
        list of list of int
            For several sequences of each prompt, those of the first prompt come first.
        """
        lengths = self.lengths.array.reshape(-1)
        tokens = self.tokens.array.reshape(len(lengths), self.tokens.array.shape[-1])
        rows = [row[:n].tolist() for row, n in zip(tokens, lengths, strict=True)]
        return [row[:-1] if row and row[-1] == eos else row for row in rows]


def uncached(model: Callable[[Tensor], Tensor]) -> Step:
    """Return a step function of a model that wants all tokens at every call.

    Parameters
    ----------
    model : callable
        Takes tokens (R, L); gives logits (R, L, V) of what follows each, or (R, V) of the last.

    Returns
    -------
    callable
        ``step(tokens, state)``; the state is all tokens so far.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> follows = nn.Embedding.from_pretrained(torch.eye(3).roll(1, 1))  # of 0, 1, 2: 1, 2, 0
    >>> step = nn.decoding.uncached(follows)
    >>> nn.decoding.greedy_search(step, torch.tensor([[0]]), max_length=4).tokens.tolist()
    [[1, 2, 0, 1]]
    """

    def step(tokens: Tensor, state: Any) -> tuple[Tensor, Tensor]:
        if state is not None:
            tokens = constant(np.concatenate([state.array, tokens.array], axis=1))
        return model(tokens), tokens

    return step


def select_rows(state: Any, indices: Tensor, dim: int = 0) -> Any:
    """Return a state in which sequence i is what sequence ``indices[i]`` was.

    Parameters
    ----------
    state : object
        A tensor; an object with a method ``reorder(indices)``, which changes it, such as a
        `KeyValueCache`; None; or lists, tuples and dicts of such.
    indices : Tensor of int64, shape (R,)
        Any sequences, more than once or not at all.
    dim : int
        The axis of the sequences in tensors: 1 for the states of recurrent layers.

    Returns
    -------
    object
        Of the same kind.

    Raises
    ------
    TypeError
        If the state holds anything else.
    IndexError
        If a tensor of it has fewer sequences along that axis.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.decoding import select_rows
    >>> h = torch.arange(6).reshape(1, 3, 2)
    >>> select_rows({"h": h}, torch.tensor([2, 2, 0]), dim=1)["h"].tolist()
    [[[4, 5], [4, 5], [0, 1]]]
    """
    if state is None:
        return None
    if hasattr(state, "reorder"):
        state.reorder(indices)
        return state
    if isinstance(state, Tensor):
        return constant(_taken(state.array, indices.array, dim))
    if isinstance(state, dict):
        return {key: select_rows(value, indices, dim) for key, value in state.items()}
    if isinstance(state, list | tuple):
        parts = [select_rows(value, indices, dim) for value in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    raise TypeError(
        "select_rows: a state is made of tensors, objects with a method reorder, lists, tuples, "
        f"dicts and None, got {type(state).__name__}: give the search a function as reorder="
    )


def _taken(x: np.ndarray, indices: np.ndarray, dim: int) -> np.ndarray:
    size = x.shape[dim] if -x.ndim <= dim < x.ndim else 0
    if indices.size and not -size <= indices.min() <= indices.max() < size:
        raise IndexError(
            f"select_rows: a state of shape {x.shape} has no sequence {int(indices.max())} along "
            f"axis {dim}; states of recurrent layers have their sequences along axis 1: give the "
            "search reorder=lambda state, i: select_rows(state, i, dim=1)"
        )
    return x.take(indices, axis=dim)


def run_step(
    step: Step, tokens: np.ndarray, state: Any, eos: int | None = None
) -> tuple[np.ndarray, Any]:
    """Call the step; return logits (R, V) and the state."""
    result = step(constant(tokens), state)
    if (
        not isinstance(result, tuple | list)
        or len(result) != 2
        or not isinstance(result[0], Tensor)
    ):
        got = result if isinstance(result, tuple | list) else (result,)
        raise TypeError(
            "step: a step function returns a tensor of logits and the state, got "
            f"{', '.join(type(part).__name__ for part in got)}: uncached(model) makes one of a "
            "model that gives logits alone"
        )
    logits, state = result
    x = logits.array
    if x.ndim == 3:
        x = x[:, -1]
    if x.ndim != 2 or len(x) != len(tokens):
        raise ValueError(
            "step: logits must be of shape (R, V) or (R, n, V) for tokens of shape (R, n), got "
            f"{logits.array.shape} for {tokens.shape}"
        )
    if eos is not None and eos >= x.shape[1]:
        raise ValueError(f"step: logits of {x.shape[1]} tokens have none for eos, {eos}")
    return x, state


def log_sums(x: np.ndarray) -> np.ndarray:
    """Return log sum_v exp(x_v) of rows, (R,) in float64: x_v minus it is log P(v).

    Raises
    ------
    ValueError
        If there is a NaN, an infinite logit or nothing but -inf: no probabilities follow from it.
    """
    top = x.max(axis=1, keepdims=True)
    if not np.isfinite(top).all():
        row = int(np.flatnonzero(~np.isfinite(top))[0])
        raise ValueError(f"step: the largest logit of row {row} is {top[row, 0]}, not finite")
    sums = np.add.reduce(np.exp(x - top), axis=1, dtype=np.float64)
    return np.asarray(np.log(sums) + top[:, 0])


def check_search(name: str, tokens: Any, max_length: int, eos: int | None) -> np.ndarray:
    """Return the prompts (N, L) as an array; raise an error if an argument is out of range."""
    prompt = getattr(tokens, "array", None)
    if prompt is None or prompt.ndim != 2 or prompt.dtype.kind not in "iu" or not prompt.shape[1]:
        what = type(tokens).__name__ if prompt is None else f"{prompt.dtype} {prompt.shape}"
        raise ValueError(
            f"{name}: tokens must be a tensor of integers of shape (N, L), L at least 1, got {what}"
        )
    for what, value, least in (("max_length", max_length, 1), ("eos", eos, 0)):
        if (what, value) != ("eos", None) and (not hasattr(value, "__index__") or value < least):  # type: ignore[operator]
            raise ValueError(f"{name}: {what} must be an integer from {least}, got {value!r}")
    return prompt.astype(np.int64, copy=False)


def padded(rows: Sequence[Sequence[int]], eos: int | None) -> tuple[Tensor, Tensor]:
    """Return lists of tokens as tokens (N, T) and lengths (N,)."""
    lengths = np.array([len(row) for row in rows], np.int64)
    tokens = np.full((len(rows), lengths.max(initial=0)), eos or 0, np.int64)
    for out, row in zip(tokens, rows, strict=True):
        out[: len(row)] = row
    return constant(tokens), constant(lengths)
