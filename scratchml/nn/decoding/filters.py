"""Which tokens may be drawn: the k most probable, or as many as hold a share p of the probability.

Both set the logits of all other tokens to -inf. Of tokens that are equally probable, those with
smaller numbers count as more probable, so exactly k are left.

References: A. Fan, M. Lewis, Y. Dauphin, "Hierarchical neural story generation", ACL 2018,
section 5.4 (top-k); A. Holtzman et al., "The curious case of neural text degeneration", ICLR 2020,
section 3.1 (top-p, the nucleus).
"""

from typing import Any

import numpy as np

from scratchml.nn.ops.softmax import softmax_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant


def top_k(logits: Tensor, k: int) -> Tensor:
    """Leave the k most probable tokens, and give all others the logit -inf.

    Parameters
    ----------
    logits : Tensor of shape (..., V)
        Logits of V tokens.
    k : int
        How many are left, at least 1; more than V are all.

    Returns
    -------
    Tensor of shape (..., V)
        A copy, without a gradient.

    Raises
    ------
    ValueError
        If `k` is less than 1.

    Notes
    -----
    Source: A. Fan, M. Lewis, Y. Dauphin, "Hierarchical neural story generation", ACL 2018.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.decoding.top_k(torch.tensor([1.0, 3.0, 2.0, 2.0]), 2).tolist()
    [-inf, 3.0, 2.0, -inf]
    """
    check_k("top_k: k", k)
    kept: Tensor = constant(keep_largest(logits.array, k))
    return kept


def top_p(logits: Tensor, p: float) -> Tensor:
    """Leave the fewest tokens that hold a share p of the probability; all others get -inf.

    Parameters
    ----------
    logits : Tensor of shape (..., V)
        Logits of V tokens.
    p : float
        The probability that the tokens which are left have at least, taken together: more than 0,
        at most 1.

    Returns
    -------
    Tensor of shape (..., V)
        A copy, without a gradient.

    Raises
    ------
    ValueError
        If `p` is not in (0, 1].

    Notes
    -----
    Source: A. Holtzman et al., "The curious case of neural text degeneration", ICLR 2020, eq. 2.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> logits = torch.tensor([0.1, 0.5, 0.4]).log()
    >>> nn.decoding.top_p(logits, 0.8).isinf().tolist()
    [True, False, False]
    """
    check_p("top_p: p", p)
    kept: Tensor = constant(keep_nucleus(logits.array, p))
    return kept


def keep_largest(x: np.ndarray, k: int) -> np.ndarray:
    """Return x with -inf for all but the k largest of each row."""
    V = x.shape[-1]
    if k >= V:
        return x.copy()
    least = np.partition(x, V - k, axis=-1)[..., V - k, None]  # the k-th largest
    keep = x > least
    equal = x == least
    room = k - keep.sum(axis=-1, keepdims=True)
    keep |= equal & (np.cumsum(equal, axis=-1) <= room)
    return np.where(keep, x, x.dtype.type(-np.inf))


def keep_nucleus(x: np.ndarray, p: float) -> np.ndarray:
    """Return x with -inf for all but the largest of each row that have probability p together."""
    order = np.argsort(-x, axis=-1, kind="stable")
    probabilities = np.take_along_axis(softmax_forward(x)[0], order, axis=-1)
    before = np.cumsum(probabilities, axis=-1, dtype=np.float64) - probabilities
    keep = np.empty(x.shape, bool)
    np.put_along_axis(keep, order, before < p, axis=-1)
    return np.where(keep, x, x.dtype.type(-np.inf))


def check_k(name: str, k: Any) -> None:
    """Raise an error if `k` is not a positive integer."""
    if not hasattr(k, "__index__") or k < 1:
        raise ValueError(f"{name} must be an integer from 1, got {k!r}")


def check_p(name: str, p: Any) -> None:
    """Raise an error if `p` is not in (0, 1]."""
    if not 0 < p <= 1:
        raise ValueError(f"{name} must be more than 0 and at most 1, got {p!r}")
