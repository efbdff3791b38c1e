"""The `reduction` argument of the losses, with PyTorch's two older spellings of it."""

import warnings

REDUCTIONS = ("none", "mean", "sum")


def reduction_of(
    name: str, reduction: str, size_average: bool | None = None, reduce: bool | None = None
) -> str:
    """Return "none", "mean" or "sum".

    Parameters
    ----------
    name : str
        The loss, for the error.
    reduction : str
        What was asked for.
    size_average, reduce : bool or None
        The older spellings: reduce=False is "none", size_average=False "sum", True "mean".

    Raises
    ------
    ValueError
        If there is no such reduction.
    """
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
        warnings.warn(
            f"{name}: size_average and reduce are out of use: give reduction={reduction!r}",
            stacklevel=3,
        )
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"{name}: reduction must be one of 'none', 'mean', 'sum', got {reduction!r}"
        )
    return reduction
