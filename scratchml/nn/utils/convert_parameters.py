"""All parameters as one vector, and back."""

from collections.abc import Iterable

from scratchml.tensor.core import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return the values of parameters, one after the other.

    Parameters
    ----------
    parameters : iterable of Tensor
        The parameters.

    Returns
    -------
    Tensor of shape (n,)
        A copy, through which gradients flow back.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> nn.utils.parameters_to_vector(nn.Linear(10, 20).parameters()).shape
    (220,)
    """
    from scratchml.tensor import cat

    return cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give parameters the values of a vector; they share its memory.

    Parameters
    ----------
    vec : Tensor of shape (n,)
        Their values, one after the other.
    parameters : iterable of Tensor
        The parameters.

    Raises
    ------
    ValueError
        If the vector is not as long as all parameters together; none is changed.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Linear(2, 1)
    >>> nn.utils.vector_to_parameters(torch.tensor([1.0, 2.0, 3.0]), layer.parameters())
    >>> layer.weight.tolist(), layer.bias.tolist()
    ([[1.0, 2.0]], [3.0])
    """
    given = list(parameters)
    sizes = [parameter.array.size for parameter in given]
    if vec.array.shape != (sum(sizes),):
        raise ValueError(
            f"vec must have one axis of the length of all parameters together, {sum(sizes)}, got "
            f"shape {tuple(vec.shape)}"
        )
    start = 0
    for parameter, size in zip(given, sizes, strict=True):
        parameter.array = vec.array[start : start + size].reshape(parameter.array.shape)
        parameter.version[0] += 1
        start += size
