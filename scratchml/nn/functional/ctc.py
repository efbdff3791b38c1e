"""The loss of connectionist temporal classification, as a function of tensors."""

from typing import Any

import numpy as np

from scratchml.nn.functional.reduction import reduction_of
from scratchml.nn.ops.ctc import ctc_loss_backward, ctc_loss_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply, no_tensor


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Return minus the logarithm of a labelling's probability, whenever its labels come.

    The network says at each time how probable each class is; one class is the blank, which stands
    for no label. A labelling has the probability of all the ways to say it: each label for one
    or more times, blanks in between where it pleases, and where a label comes twice in a row.

    Parameters
    ----------
    log_probs : Tensor of shape (T, N, C) or (T, C)
        Logarithms of probabilities, from `log_softmax`; T times, a batch of N, C classes. The
        gradient is right for what went into `log_softmax`, as PyTorch's is.
    targets : Tensor of shape (N, S), or all labellings one after the other, (sum(target_lengths),)
        Labels in [0, C) without the blank. Numbers after the end of a labelling play no part.
    input_lengths : Tensor of shape (N,) or (), or tuple of int
        How many times each sequence of the batch has, at most T.
    target_lengths : Tensor of shape (N,) or (), or tuple of int
        How many labels each sequence has, at most S.
    blank : int
        The class of no label.
    reduction : {"mean", "sum", "none"}
        "mean" divides each loss by the number of its labels, then takes the mean of the batch.
    zero_infinity : bool
        Whether an infinite loss, of a labelling too long for its input, and its gradient are zero.
        Otherwise that gradient is nan.

    Returns
    -------
    Tensor of shape () or (N,)
        The loss.

    Raises
    ------
    ValueError
        If shapes or lengths do not fit, a label is the blank, or an option is out of range.
    TypeError
        If an argument is not a tensor, or of another type.
    IndexError
        If a label is out of range.

    Notes
    -----
    Source: A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist temporal
    classification: labelling unsegmented sequence data with recurrent neural networks", ICML 2006,
    eq. 6 to 8.

    Examples
    --------
    Two times and one label: it is said twice, first or last, each way with probability 1/4.

    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> log_probs = torch.zeros(2, 1, 2).log_softmax(2)
    >>> loss = F.ctc_loss(log_probs, torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1]))
    >>> round(loss.exp().item(), 4)
    1.3333
    """
    reduction = reduction_of("ctc_loss", reduction)
    try:
        x, t = log_probs.array, targets.array
    except AttributeError:
        raise no_tensor("ctc_loss", (log_probs, targets)) from None
    if x.ndim not in (2, 3) or not x.size:
        raise ValueError(
            "ctc_loss: log_probs must have shape (T, N, C) or (T, C), none of them 0, got "
            f"{x.shape}"
        )
    if x.dtype.kind != "f":
        raise TypeError(f"ctc_loss: log_probs must be of floats, got {x.dtype}")
    times, batch = x.shape[0], x.shape[1] if x.ndim == 3 else 1
    if not 0 <= blank < x.shape[-1]:
        raise ValueError(
            f"ctc_loss: blank must be one of the {x.shape[-1]} classes of log_probs {x.shape}, "
            f"got {blank}"
        )
    steps = _lengths("input_lengths", input_lengths, batch)
    _check_range("input_lengths", steps, times, f"the times of log_probs {x.shape}")
    counts = _lengths("target_lengths", target_lengths, batch)
    labels = _labels(t, counts)
    _check_labels(labels, counts, x.shape[-1], blank)
    result: Tensor = apply(
        ctc_loss_forward,
        ctc_loss_backward,
        (log_probs if x.ndim == 3 else log_probs.unsqueeze(1),),
        labels,
        steps,
        counts,
        blank,
        reduction,
        zero_infinity,
    )
    return result[0] if reduction == "none" and x.ndim == 2 else result


def _lengths(word: str, lengths: Any, batch: int) -> np.ndarray:
    """Return lengths as int64 (N,)."""
    found = np.asarray(getattr(lengths, "array", lengths))
    if found.dtype.kind not in "iu" and found.size:
        raise TypeError(f"ctc_loss: {word} must be integers, got {found.dtype}")
    if found.size != batch or found.ndim > 1:
        raise ValueError(
            f"ctc_loss: {word} must have a length for each sequence of the batch of {batch}, got "
            f"shape {found.shape}"
        )
    return found.reshape(batch).astype(np.int64)


def _check_range(word: str, lengths: np.ndarray, most: int, of: str) -> None:
    outside = (lengths < 0) | (lengths > most)
    if outside.any():
        n = int(outside.argmax())
        raise ValueError(
            f"ctc_loss: {word} must be in [0, {most}], {of}, got {lengths[n]} for sequence {n}"
        )


def _labels(t: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the labels as int64 (N, S)."""
    if t.ndim not in (1, 2) or (t.ndim == 2 and len(t) != len(counts)):
        raise ValueError(
            f"ctc_loss: targets must have shape (N, S) = ({len(counts)}, S), or (sum of the target "
            f"lengths,), got {t.shape}"
        )
    if t.ndim == 2:
        _check_range("target_lengths", counts, t.shape[1], f"the length of targets {t.shape}")
        return t.astype(np.int64)
    _check_range("target_lengths", counts, t.size, f"the length of targets {t.shape}")
    if counts.sum() != t.size:
        raise ValueError(
            f"ctc_loss: targets in a row must be as many as the target lengths' sum "
            f"{counts.sum()}, got {t.size}"
        )
    labels = np.zeros((len(counts), counts.max()), np.int64)
    labels[np.arange(labels.shape[1]) < counts[:, None]] = t
    return labels


def _check_labels(labels: np.ndarray, counts: np.ndarray, classes: int, blank: int) -> None:
    used = np.arange(labels.shape[1]) < counts[:, None]
    bad = used & ((labels < 0) | (labels >= classes) | (labels == blank))
    if not bad.any():
        return
    n, s = np.unravel_index(bad.argmax(), bad.shape)
    if labels[n, s] == blank:
        raise ValueError(
            f"ctc_loss: label {s} of sequence {n} is the blank, {blank}: a labelling holds none "
            "(give shorter target_lengths where it pads, or another blank)"
        )
    raise IndexError(
        f"ctc_loss: label {s} of sequence {n} is {labels[n, s]}, which is out of range: labels are "
        f"in [0, {classes}) for {classes} classes"
    )
