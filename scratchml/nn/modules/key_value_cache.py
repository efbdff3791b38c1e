"""KeyValueCache: the keys and values of the positions that attention has seen.

Whoever decodes position after position needs the query of the new one only, but the keys and
values of all that came before. Kept here they are computed once: position t then costs t products
of vectors, not the t^2 of running everything again.

    buffers   (B, H, capacity, E), of which `length` positions are in use
    append    writes behind them; a full buffer is copied into one twice as long, so that T
              positions cost less than 2 T copies in all
    reorder   sequence i of the batch becomes what sequence indices[i] was: what a beam search
              does when it drops and doubles hypotheses

The keys and values of an encoder's output stay as they are: with ``fixed=True`` they are taken at
the first call, and what is given later is not looked at.
"""

from typing import Any

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant, mode

_LEAST = 32  # positions of a first buffer


class KeyValueCache:
    """Keys and values of earlier positions, for `MultiheadAttention` and what is built of it.

    Each attention layer has one of its own, given as ``cache=`` at every call; the layer appends
    to it. There are no gradients through it: it is for use under ``no_grad()``.

    Parameters
    ----------
    capacity : int
        For how many positions there is room at first; more is made when it is needed.
    fixed : bool
        Whether the keys and values of the first call are those of all calls, as in attention to
        an encoder's output.

    Attributes
    ----------
    length : int
        How many positions are kept.
    keys, values : Tensor of shape (B, H, length, E), or None
        What is kept; views, which stay as they are when more is appended. None before the first.
    buffers : tuple of two ndarrays of shape (B, H, capacity, E), or None
        The memory of both.

    See Also
    --------
    scratchml.nn.MultiheadAttention : The layer that fills it.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> attention, cache = nn.MultiheadAttention(8, 2, batch_first=True), nn.KeyValueCache()
    >>> x = torch.ones(1, 5, 8)
    >>> with torch.no_grad():
    ...     for t in range(5):
    ...         y, _ = attention(*[x[:, t : t + 1]] * 3, cache=cache)
    >>> cache.length, tuple(cache.keys.shape)
    (5, (1, 2, 5, 4))
    """

    __slots__ = ("buffers", "capacity", "fixed", "length")

    def __init__(self, capacity: int = 0, *, fixed: bool = False) -> None:
        if capacity < 0:
            raise ValueError(f"capacity of KeyValueCache must be at least 0, got {capacity}")
        self.capacity = capacity
        self.fixed = fixed
        self.length = 0
        self.buffers: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def keys(self) -> Tensor | None:
        """The keys so far."""
        return self._kept(0)

    @property
    def values(self) -> Tensor | None:
        """The values so far."""
        return self._kept(1)

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put new positions behind those that are kept.

        Parameters
        ----------
        keys : Tensor of shape (B, H, n, E)
            Keys of n positions, for a batch of B and H heads.
        values : Tensor of shape (B, H, n, Ev)
            Their values.

        Returns
        -------
        keys : Tensor of shape (B, H, length, E)
            All of them, old and new.
        values : Tensor of shape (B, H, length, Ev)
            All of them.

        Raises
        ------
        ValueError
            If the shapes are not those of a batch like the one that is kept.
        RuntimeError
            If a gradient is wanted for what is given.
        """
        if mode.recording and not keys.node is values.node is None:
            raise RuntimeError(
                "KeyValueCache holds no gradients, and one is wanted for the new keys or values: "
                "use it under torch.no_grad()"
            )
        k, v = self.make_room(keys.array, values.array)
        start, stop = self.length, self.length + keys.array.shape[2]
        k[:, :, start:stop] = keys.array
        v[:, :, start:stop] = values.array
        self.length = stop
        return constant(k[:, :, :stop]), constant(v[:, :, :stop])

    def make_room(self, keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the buffers, with room for arrays like these behind the positions that are kept.

        For code that writes there itself, and then adds to ``length``.

        Parameters
        ----------
        keys : ndarray of shape (B, H, n, E)
            Keys of n positions.
        values : ndarray of shape (B, H, n, Ev)
            Their values.

        Returns
        -------
        keys : ndarray of shape (B, H, capacity, E)
            Where the keys are.
        values : ndarray of shape (B, H, capacity, Ev)
            Where the values are.

        Raises
        ------
        ValueError
            If the shapes are not those of a batch like the one that is kept.
        TypeError
            If the dtype is another one.
        """
        _check(keys, values, self.buffers)
        stop = self.length + keys.shape[2]
        if self.buffers is None:
            self.capacity = stop if self.fixed else max(stop, self.capacity, _LEAST)
        elif stop <= self.capacity:
            return self.buffers
        else:
            self.capacity = max(stop, 2 * self.capacity)
        return self._move(_longer(keys, self.capacity), _longer(values, self.capacity))

    def reorder(self, indices: Any) -> None:
        """Let sequence i of the batch be what sequence ``indices[i]`` was.

        Parameters
        ----------
        indices : Tensor or sequence of int, of shape (B',)
            From 0 to B - 1, any of them more than once or not at all; B' need not be B.

        Raises
        ------
        IndexError
            If an index is not below B.
        """
        if self.buffers is None:
            return
        k, v = self.buffers
        chosen = np.asarray(getattr(indices, "array", indices), np.int64)
        if not np.array_equal(chosen, np.arange(len(k))):
            n = len(chosen)
            self._move(
                np.empty((n, *k.shape[1:]), k.dtype), np.empty((n, *v.shape[1:]), v.dtype), chosen
            )

    def clear(self) -> None:
        """Forget all positions."""
        self.buffers, self.length = None, 0

    def _kept(self, which: int) -> Tensor | None:
        if self.buffers is None:
            return None
        kept: Tensor = constant(self.buffers[which][:, :, : self.length])
        return kept

    def _move(
        self, keys: np.ndarray, values: np.ndarray, chosen: Any = slice(None)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Copy what is kept of the chosen sequences into new buffers."""
        if self.buffers is not None:
            keys[:, :, : self.length] = self.buffers[0][chosen, :, : self.length]
            values[:, :, : self.length] = self.buffers[1][chosen, :, : self.length]
        self.buffers = keys, values
        return self.buffers

    def __repr__(self) -> str:
        return f"KeyValueCache(length={self.length}, fixed={self.fixed})"


def _longer(like: np.ndarray, n: int) -> np.ndarray:
    B, H, _, E = like.shape
    return np.empty((B, H, n, E), like.dtype)


def _check(
    keys: np.ndarray, values: np.ndarray, kept: tuple[np.ndarray, np.ndarray] | None
) -> None:
    k, v = kept or (keys, values)
    for new, old, what in ((keys, k, "keys"), (values, v, "values")):
        if new.ndim != 4 or new.shape[:2] + new.shape[3:] != old.shape[:2] + old.shape[3:]:
            shape = (
                "(B, H, n, E)"
                if kept is None
                else f"({old.shape[0]}, {old.shape[1]}, n, {old.shape[3]})"
            )
            raise ValueError(f"KeyValueCache takes {what} of shape {shape}, got {new.shape}")
        if new.dtype != old.dtype:
            raise TypeError(f"KeyValueCache keeps {what} of {old.dtype}, got {new.dtype}")
    if keys.shape[:3] != values.shape[:3]:
        raise ValueError(
            "keys and values of KeyValueCache must be of the same sequences, heads and positions, "
            f"got {keys.shape} and {values.shape}"
        )
