"""The generator that is used where none is given: its seed and its state."""

from typing import TYPE_CHECKING

from scratchml.tensor.generator import Generator, default_generator

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def manual_seed(seed: int) -> Generator:
    """Start the stream of a seed in the generator that is used where none is given.

    Parameters
    ----------
    seed : int
        Its lowest 32 bits count.

    Returns
    -------
    Generator
        The default generator.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.rand(2)
    tensor([0.4963, 0.7682])
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start a stream that nobody can foresee.

    Returns
    -------
    int
        Its seed.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.seed() == torch.initial_seed()
    True
    """
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed of the default generator.

    Returns
    -------
    int
        The seed.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> _ = torch.manual_seed(3)
    >>> torch.initial_seed()
    3
    """
    return default_generator.initial_seed()


def get_rng_state() -> "Tensor":
    """Return what the default generator goes on from.

    Returns
    -------
    Tensor of uint8
        For `set_rng_state`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> state = torch.get_rng_state()
    >>> first = torch.rand(3)
    >>> torch.set_rng_state(state)
    >>> (torch.rand(3) == first).sum()
    tensor(3)
    """
    state: Tensor = default_generator.get_state()
    return state


def set_rng_state(new_state: "Tensor") -> None:
    """Let the default generator go on from where `get_rng_state` was called.

    Parameters
    ----------
    new_state : Tensor of uint8
        What `get_rng_state` returned.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.set_rng_state(torch.get_rng_state())
    """
    default_generator.set_state(new_state)
