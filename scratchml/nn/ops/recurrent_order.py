"""The order in which a recurrent network goes through the rows of a batch of sequences.

The rows x (N, I) of all sequences lie step by step: first row 0 of each sequence, then row 1 of
each, and so on. Sequences are sorted by length, the longest first, so that those that are still
running at step t are the first ``sizes[t]``:

    lengths 3, 3, 1:      sizes = 3, 2, 2       rows  a0 b0 c0 | a1 b1 | a2 b2
    equal lengths T:      sizes = B, ..., B     rows  t B + b

Forwards or backwards, a network keeps one state for each sequence, h (B, H), and step t changes
the first ``sizes[t]`` of them: backwards, a short sequence joins where it ends, with the state that
it was given. What comes out is the state when the steps are done, whichever way they went.

All states that ever were lie in one *stack* of B + N rows, the given ones on the side from which
the steps come,

    forwards  [h0; y],       backwards  [y; h0],

so that, with sequences of one length, the state before row r is row r, or row r + B, of the
stack, and the states before all rows together are a view of it. For others there is an index.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np


class Order(NamedTuple):
    """Which rows belong to which step, in the order of processing.

    Attributes
    ----------
    starts, sizes : ndarray of shape (T,), int64
        Step k works on rows ``starts[k]`` to ``starts[k] + sizes[k]``, of the sequences from 0 on.
    previous : ndarray of shape (N,), int64
        The row of the stack that holds the state before row r.
    last : ndarray of shape (B,), int64
        The row of the stack that holds the final state of sequence b.
    batch, rows : int
        B and N.
    given, made : int
        The rows of the stack where the given states, and those that are computed, begin.
    full : bool
        Whether all sequences have the same length.
    """

    starts: np.ndarray
    sizes: np.ndarray
    previous: np.ndarray
    last: np.ndarray
    batch: int
    rows: int
    given: int
    made: int
    full: bool

    def stack(self, state, width, dtype):
        """Return a stack (B + N, width) that holds the given states; None stands for zeros."""
        stack = np.empty((self.batch + self.rows, width), dtype)
        stack[self.given : self.given + self.batch] = 0 if state is None else state
        return stack

    def computed(self, stack):
        """Return the rows of a stack (N, H) that the steps compute."""
        return stack[self.made : self.made + self.rows]

    def before(self, stack):
        """Return the states before each row (N, H)."""
        if self.full:
            return stack[self.given and self.batch :][: self.rows]
        return stack[self.previous]

    def final(self, stack):
        """Return the final states (B, H), an array of their own."""
        return stack[self.last]


def make_order(sizes, reverse=False):
    """Return the order of a batch.

    Parameters
    ----------
    sizes : sequence of int
        How many sequences are running at each step; never more than at the step before.
    reverse : bool
        Whether the last step comes first.
    """
    return _make_order(tuple(map(int, sizes)), bool(reverse))


@lru_cache(maxsize=64)
def full_order(steps, batch, reverse=False):
    """Return the order of a batch of sequences of one length."""
    return _make_order.__wrapped__((batch,) * steps, reverse)


@lru_cache(maxsize=64)
def _make_order(sizes, reverse):
    steps, batch = len(sizes), max(sizes, default=0)
    counts = np.array(sizes, np.int64)
    lengths = np.searchsorted(-counts, -np.arange(batch), side="left")  # where the size is <= b
    starts = np.cumsum(counts) - counts
    rows = int(counts.sum())
    given, made = (rows, 0) if reverse else (0, batch)
    last = made + (0 if reverse else starts[lengths - 1]) + np.arange(batch)
    step = np.repeat(np.arange(steps), counts)
    sequence = np.arange(rows) - starts[step]
    # The step before has made the state of those sequences that were running then; where there is
    # none, `before` is -1 or T and finds the 0 at the end.
    before = step + 1 if reverse else step - 1
    made_then = np.append(counts, 0)[before]
    row = np.append(starts, 0)[before] + sequence
    previous = np.where(sequence < made_then, made + row, given + sequence)
    if reverse:
        counts, starts = counts[::-1].copy(), starts[::-1].copy()
    for array in (starts, counts, previous, last):
        array.flags.writeable = False
    full = bool((counts == batch).all())
    return Order(starts, counts, previous, last, batch, rows, given, made, full)
