"""Copies of tensors, and tensors that need none."""

from typing import TYPE_CHECKING, Any

from scratchml.tensor.tape import record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def clone(input: "Tensor") -> "Tensor":
    """Return a copy, through which gradients pass.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        In memory of its own.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> x = torch.ones(2)
    >>> y = torch.clone(x)
    >>> y[0] = 5
    >>> x
    tensor([1., 1.])
    """
    return record(input.array.copy("C"), (input,), lambda dy: dy, name="clone")


def contiguous(input: "Tensor") -> "Tensor":
    """Return the values one after the other in memory, row by row.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input` itself if they lie so, otherwise a copy.
    """
    return input if input.array.flags.c_contiguous else clone(input)


def cpu(input: "Tensor") -> "Tensor":
    """Return the tensor itself: it is there already.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input`.
    """
    return input


def view_as(input: "Tensor", other: "Tensor") -> "Tensor":
    """Return the values in the shape of another tensor, in the same memory.

    Parameters
    ----------
    input : Tensor
        The values.
    other : Tensor
        Whose shape.

    Returns
    -------
    Tensor
        A view.
    """
    return input.view(other.array.shape)


def reshape_as(input: "Tensor", other: "Tensor") -> "Tensor":
    """Return the values in the shape of another tensor.

    Parameters
    ----------
    input : Tensor
        The values.
    other : Tensor
        Whose shape.

    Returns
    -------
    Tensor
        A view if memory allows.
    """
    return input.reshape(other.array.shape)


def cuda(input: "Tensor", device: Any = None) -> "Tensor":
    """Raise: there is no graphics card.

    Parameters
    ----------
    input : Tensor
        The values.
    device : int or device, optional
        Which one.

    Raises
    ------
    RuntimeError
        Always.
    """
    raise RuntimeError("cuda(): the CPU is the only device there is")
