"""Labellings out of probabilities for each time: best alignment, and search over prefixes.

A network trained with `scratchml.nn.CTCLoss` gives probabilities y_t(k) of classes, one of them the
blank, and the labelling l of an input is what its alignments collapse to: see
`scratchml.nn.ops.ctc`. The most probable alignment is that of the most probable class at each
time; but the most probable labelling may be another one, which many alignments share:
`scratchml.nn.decoding.ctc_prefixes` adds up the alignments of the likely ones.

Reference: A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist temporal
classification", ICML 2006, section 3.2.
"""

from typing import Any

import numpy as np

from scratchml.nn.decoding.ctc_prefixes import Bonus, search
from scratchml.nn.decoding.steps import Decoded, padded
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant, no_tensor


def ctc_greedy_search(log_probs: Tensor, input_lengths: Any = None, *, blank: int = 0) -> Decoded:
    """Return what the most probable class at each time says, without repetitions and blanks.

    Parameters
    ----------
    log_probs : Tensor of shape (T, N, C)
        Logarithms of probabilities, or logits: T times, a batch of N, C classes.
    input_lengths : Tensor of shape (N,), or tuple of int, optional
        How many times each sequence has; T by default.
    blank : int
        The class of no label.

    Returns
    -------
    Decoded
        Labels (N, S), blanks behind their ends; lengths (N,); and the logarithms of the
        probabilities of the alignments (N,), if log_probs are such.

    Raises
    ------
    ValueError
        If shapes or lengths do not fit, or a number is nan.
    TypeError
        If log_probs is not a tensor of floats.

    See Also
    --------
    ctc_beam_search : Finds labellings that are more probable.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> classes = torch.tensor([1, 1, 0, 1, 2, 2])
    >>> log_probs = torch.eye(3)[classes].unsqueeze(1).log_softmax(2)
    >>> nn.decoding.ctc_greedy_search(log_probs).lists()
    [[1, 1, 2]]
    """
    x, times = _checked("ctc_greedy_search", log_probs, input_lengths, blank)
    best = x.argmax(axis=2)
    inside = np.arange(len(x))[:, None] < times
    new = np.ones(best.shape, bool)
    new[1:] = best[1:] != best[:-1]
    labels = [best[new[:, n] & (best[:, n] != blank) & inside[:, n], n] for n in range(len(times))]
    scores = np.where(inside, x.max(axis=2, initial=-np.inf), 0.0).sum(axis=0, dtype=np.float64)
    return Decoded(*padded([row.tolist() for row in labels], blank), constant(scores))


def ctc_beam_search(
    log_probs: Tensor,
    input_lengths: Any = None,
    *,
    width: int = 16,
    blank: int = 0,
    n_best: int | None = None,
    bonus: Bonus | None = None,
) -> Decoded:
    """Search for the most probable labellings, adding up the alignments of each.

    Parameters
    ----------
    log_probs : Tensor of shape (T, N, C)
        Logarithms of probabilities: T times, a batch of N, C classes.
    input_lengths : Tensor of shape (N,), or tuple of int, optional
        How many times each sequence has; T by default.
    width : int
        How many beginnings are followed at a time.
    blank : int
        The class of no label.
    n_best : int, optional
        How many labellings of each sequence are returned, at most as many as `width`; the best
        alone by default, without an axis.
    bonus : callable, optional
        Given a beginning, as a list of labels, it returns C numbers that are added to the
        score when each of the labels comes next: a language model's log-probabilities times a
        weight, for one.

    Returns
    -------
    Decoded
        Labels (N, S), blanks behind their ends; lengths (N,); and scores (N,), the logarithms of
        the probabilities that were found, bonuses included. With `n_best` (N, n_best, S) and
        (N, n_best), from the best to the worst; where there are not so many, lengths are 0 and
        scores -inf.

    Raises
    ------
    ValueError
        If shapes or lengths do not fit, a number is nan, an option is out of range, or `bonus`
        returns anything but C numbers.
    TypeError
        If log_probs is not a tensor of floats.

    Notes
    -----
    Source: A. Hannun, A. Maas, D. Jurafsky, A. Ng, "First-pass large vocabulary continuous speech
    recognition using bi-directional recurrent DNNs", arXiv 1408.2873, algorithm 1.

    Examples
    --------
    The blank is the most probable class at both times; but of three alignments of the label 1
    each has nearly as much.

    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> log_probs = torch.tensor([0.6, 0.4]).log().expand(2, 1, 2)
    >>> nn.decoding.ctc_greedy_search(log_probs).lists()  # P = 0.36
    [[]]
    >>> result = nn.decoding.ctc_beam_search(log_probs)
    >>> result.lists(), round(result.scores.exp().item(), 2)
    ([[1]], 0.64)
    """
    x, times = _checked("ctc_beam_search", log_probs, input_lengths, blank)
    if not hasattr(width, "__index__") or width < 1:
        raise ValueError(f"ctc_beam_search: width must be an integer from 1, got {width!r}")
    if n_best is not None and (not hasattr(n_best, "__index__") or not 1 <= n_best <= width):
        raise ValueError(
            f"ctc_beam_search: n_best must be an integer from 1 to width={width}, got {n_best!r}"
        )
    most = n_best or 1
    found: list[tuple[float, list[int]]] = []
    for n, T in enumerate(times):
        best = search(x[:T, n].astype(np.float64), width, blank, bonus)[:most]
        found += best + [(-np.inf, [])] * (most - len(best))
    labels, lengths = padded([row for _, row in found], blank)
    scores = constant(np.array([score for score, _ in found]))
    if n_best is None:
        return Decoded(labels, lengths, scores)
    shape = len(times), most
    return Decoded(
        labels.reshape(*shape, labels.array.shape[1]), lengths.reshape(shape), scores.reshape(shape)
    )


def _checked(
    name: str, log_probs: Tensor, input_lengths: Any, blank: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return log_probs as an array, and the lengths."""
    try:
        x: np.ndarray = log_probs.array
    except AttributeError:
        raise no_tensor(name, (log_probs,)) from None
    if x.ndim != 3 or not x.shape[2]:
        cure = ": use .unsqueeze(1)" if x.ndim == 2 else ""
        raise ValueError(f"{name}: log_probs must have shape (T, N, C), got {x.shape}{cure}")
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: log_probs must be of floats, got {x.dtype}")
    T, N, C = x.shape
    if not 0 <= blank < C:
        raise ValueError(f"{name}: blank must be one of the {C} classes, got {blank}")
    if input_lengths is None:
        times = np.full(N, T)
    else:
        times = np.asarray(getattr(input_lengths, "array", input_lengths))
    if times.shape != (N,) or ((times < 0) | (times > T)).any() or times.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: input_lengths must be {N} integers in [0, {T}], for log_probs {x.shape}, got "
            f"{times.tolist()}"
        )
    if (np.isnan(x).any(axis=2) & (np.arange(T)[:, None] < times)).any():
        raise ValueError(f"{name}: log_probs must not be nan")
    return x, times
