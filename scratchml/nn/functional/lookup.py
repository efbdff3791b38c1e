"""Tables looked up by number, as functions of tensors: see `scratchml.nn.ops.embedding`."""

import numpy as np

from scratchml.nn.ops.embedding import embedding_backward, embedding_forward, shorten_rows
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import array_of
from scratchml.tensor.tape import apply, constant


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Return the row of a table for each index.

    Parameters
    ----------
    input : Tensor
        Indices, integers in [0, V), of any shape.
    weight : Tensor of shape (V, D)
        The table.
    padding_idx : int, optional
        A row without a gradient; negative ones count from the end.
    max_norm : float, optional
        Rows that are looked up and are longer are shortened to it, in the table itself.
    norm_type : float
        The p of the p-norm for `max_norm`.
    scale_grad_by_freq : bool
        Whether a row's gradient is divided by how often it was looked up.
    sparse : bool
        Only False: there are no sparse gradients.

    Returns
    -------
    Tensor of shape (..., D)
        The rows.

    Raises
    ------
    IndexError
        If an index is out of range.
    TypeError
        If the indices are not integers.
    ValueError
        If the table has not two axes, or an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> table = torch.tensor([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
    >>> F.embedding(torch.tensor([2, 0]), table).numpy()
    array([[2. , 2.5],
           [0. , 0.5]], dtype=float32)
    """
    i, w = array_of("embedding", input), array_of("embedding", weight)
    if sparse:
        raise ValueError("embedding: sparse must be False: there are no sparse gradients")
    if w.ndim != 2:
        raise ValueError(f"embedding: weight must have shape (V, D), got {w.shape}")
    i = _indices("embedding", i)
    if i.size and i.view(np.uint64).max() >= len(w):  # negative ones are large without a sign
        bad = i[(i < 0) | (i >= len(w))][0]
        raise IndexError(
            f"embedding: index {bad} is out of range: the table of shape {w.shape} has rows 0 to "
            f"{len(w) - 1}"
        )
    if padding_idx is not None:
        if not -len(w) <= padding_idx < len(w):
            raise ValueError(
                f"embedding: padding_idx must be a row of the table {w.shape}, got {padding_idx}"
            )
        padding_idx %= len(w)
    if max_norm is not None:
        shorten_rows(w, i, max_norm, norm_type)
        weight.version[0] += 1
    result: Tensor = apply(
        embedding_forward,
        embedding_backward,
        (weight,),
        i,
        padding_idx,
        scale_grad_by_freq,
        saves="nothing",
    )
    return result


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Return rows with a 1 in the place of each label, and 0 in the others.

    Parameters
    ----------
    tensor : Tensor
        Labels, integers from 0, of any shape.
    num_classes : int
        The length of the rows; -1 for one more than the largest label.

    Returns
    -------
    Tensor of shape (..., num_classes)
        Of int64.

    Raises
    ------
    ValueError
        If a label is negative or not below `num_classes`, or nothing says how many there are.
    TypeError
        If the labels are not integers.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.one_hot(torch.tensor([0, 2])).numpy()
    array([[1, 0, 0],
           [0, 0, 1]])
    """
    labels = _indices("one_hot", tensor.array)
    if num_classes == -1:
        if not labels.size:
            raise ValueError("one_hot: num_classes must be given where there are no labels")
        num_classes = int(labels.max()) + 1
    if labels.size and not (labels.min() >= 0 and labels.max() < num_classes):
        bad = labels[(labels < 0) | (labels >= num_classes)][0]
        raise ValueError(f"one_hot: labels must be in [0, {num_classes}), got {bad}")
    result: Tensor = constant((labels[..., None] == np.arange(num_classes)).astype(np.int64))
    return result


def _indices(name: str, i: np.ndarray) -> np.ndarray:
    if i.dtype.kind not in "iu":
        raise TypeError(f"{name}: indices must be integers, got {i.dtype}: use .long()")
    return i if i.dtype == np.int64 else i.astype(np.int64)
