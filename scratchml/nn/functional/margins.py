"""Losses that ask for a margin, between scores or distances, as functions of tensors."""

from scratchml.nn.functional.distance import pairwise_distance
from scratchml.nn.functional.reduction import reduced, reduction_of
from scratchml.nn.functional.sigmoids import logsigmoid
from scratchml.tensor.core import Tensor


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of max(0, margin - target (input1 - input2)).

    Parameters
    ----------
    input1, input2 : Tensor
        Scores, of one shape.
    target : Tensor
        1 where the first should be larger, -1 where the second; of the same shape.
    margin : float
        By how much.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.margin_ranking_loss(torch.tensor([2.0]), torch.tensor([1.0]), torch.tensor([-1.0])).item()
    1.0
    """
    reduction = reduction_of("margin_ranking_loss", reduction, size_average, reduce)
    _same("margin_ranking_loss", input1=input1, input2=input2, target=target)
    return reduced((margin - target * (input1 - input2)).clamp(min=0), reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of the distance where the target is 1, of max(0, margin - it) where -1.

    Parameters
    ----------
    input : Tensor
        Distances.
    target : Tensor
        1 for what is alike, -1 for what is not; of the same shape.
    margin : float
        How far apart what is not alike should be.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.hinge_embedding_loss(torch.tensor([0.25, 0.25]), torch.tensor([1, -1])).item()
    0.5
    """
    reduction = reduction_of("hinge_embedding_loss", reduction, size_average, reduce)
    _same("hinge_embedding_loss", input=input, target=target)
    apart = (margin - input).clamp(min=0).masked_fill(target == 1, 0)
    return reduced(apart + input.masked_fill(target == -1, 0), reduction)


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of log(1 + exp(-target input)).

    Parameters
    ----------
    input : Tensor
        Scores.
    target : Tensor
        1 or -1, of the same shape.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.soft_margin_loss(torch.tensor([0.0]), torch.tensor([1.0])).item(), 4)
    0.6931
    """
    reduction = reduction_of("soft_margin_loss", reduction, size_average, reduce)
    _same("soft_margin_loss", input=input, target=target)
    return reduced(-logsigmoid(target * input), reduction)


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of 1 - cos where the target is 1, of max(0, cos - margin) where -1.

    Parameters
    ----------
    input1, input2 : Tensor of shape (N, D) or (D,)
        Vectors.
    target : Tensor of shape (N,) or ()
        1 for pairs that should have one direction, -1 for others.
    margin : float
        The cosine that others may have.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([[1.0, 0.0]])
    >>> F.cosine_embedding_loss(x, x, torch.tensor([-1]), margin=0.25).item()
    0.75
    """
    reduction = reduction_of("cosine_embedding_loss", reduction, size_average, reduce)
    _same("cosine_embedding_loss", input1=input1, input2=input2)
    if input1.array.ndim not in (1, 2) or target.array.shape != input1.array.shape[:-1]:
        raise ValueError(
            "cosine_embedding_loss: inputs of shape (N, D) go with a target of shape (N,), (D,) "
            f"with (), got {input1.array.shape} and {target.array.shape}"
        )
    # As PyTorch has it: 1e-12 is added to each squared norm.
    squares = ((input1 * input1).sum(-1) + 1e-12) * ((input2 * input2).sum(-1) + 1e-12)
    cosine = (input1 * input2).sum(-1) / squares.sqrt()
    alike = (1 - cosine).masked_fill(target != 1, 0)
    return reduced(alike + (cosine - margin).clamp(min=0).masked_fill(target != -1, 0), reduction)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of max(0, margin + |anchor - positive| - |anchor - negative|).

    Parameters
    ----------
    anchor, positive, negative : Tensor of shape (N, D) or (D,)
        Vectors: the positive should be nearer to the anchor than the negative.
    margin : float
        By how much, positive.
    p : float
        Which norm.
    eps : float
        Added to each difference.
    swap : bool
        Whether the distance of positive and negative stands for the last one where it is less
        (Balntas et al. 2016, "Learning shallow convolutional feature descriptors with triplet
        losses").
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> a, b = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]])
    >>> round(F.triplet_margin_loss(a, b, a).item(), 4)
    6.0
    """
    reduction = reduction_of("triplet_margin_loss", reduction, size_average, reduce)
    if not margin > 0:
        raise ValueError(f"triplet_margin_loss: margin must be positive, got {margin}")
    near, far = (pairwise_distance(anchor, x, p, eps) for x in (positive, negative))
    if swap:
        far = far.minimum(pairwise_distance(positive, negative, p, eps))
    return reduced((margin + near - far).clamp(min=0), reduction)


def _same(name: str, **tensors: Tensor) -> None:
    shapes = {word: tensor.array.shape for word, tensor in tensors.items()}
    if len(set(shapes.values())) > 1:
        got = ", ".join(f"{word} {shape}" for word, shape in shapes.items())
        raise ValueError(f"{name}: {' and '.join(shapes)} must have one shape, got {got}")
