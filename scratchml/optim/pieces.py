"""How an update of many arrays is run: array by array, large ones in pieces for several threads.

An update changes each number of a parameter from that number, its gradient and its states alone.
So arrays are flattened, cut anywhere, and the pieces given to whoever is free: the bits are the
same for any number of threads. The compiled form does what the definition says, operation by
operation, and gives the same bits too.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.jit import EntryKernel, compiler
from scratchml._core.threads import parallel_chunks

PIECE = 1 << 17  # numbers: a piece costs 4 us beside its work, about 30 us
WORTH_THREADS = 1 << 18  # numbers in a whole step, from which on threads pay for their launch


class Update(NamedTuple):
    """One update in its two forms, both called as ``f(p, g, *states, c)``, both changing in place.

    Attributes
    ----------
    definition : callable
        The equations in NumPy, for arrays of any shape.
    kernel : EntryKernel
        The same, compiled, for flat contiguous arrays.
    """

    definition: Callable[..., None]
    kernel: EntryKernel

    def form(self, dtype: np.dtype) -> Callable[..., Any]:
        """Return the compiled form for a type, or the definition where there is no compiler."""
        compiled = compiler(needed=False) is not None
        return self.kernel.compile(dtype) if compiled else self.definition


Job = tuple[Callable[..., Any], list[np.ndarray], np.ndarray]
"""A form of an update, the flat arrays that it is called with, and its coefficients."""


def coefficients(values: tuple[float, ...], dtype: np.dtype) -> np.ndarray:
    """Return the numbers of an update in the precision that it is computed in."""
    return np.array(values, dtype)


def run_all(jobs: list[Job]) -> None:
    """Run the jobs in pieces of about `PIECE` numbers, by several threads if that is worth it."""
    pieces: list[Job] = []
    bounds, first, waiting = [], 0, 0  # a chunk is pieces[first:len(pieces)], of `waiting` numbers
    for form, arrays, c in jobs:
        for start in range(0, arrays[0].size, PIECE):
            part = [a[start : start + PIECE] for a in arrays]
            pieces.append((form, part, c))
            waiting += part[0].size
            if waiting >= PIECE:
                bounds.append((first, len(pieces)))
                first, waiting = len(pieces), 0
    if first < len(pieces):
        bounds.append((first, len(pieces)))

    def run(start: int, stop: int) -> None:
        for form, arrays, c in pieces[start:stop]:
            form(*arrays, c)

    parallel_chunks(run, bounds)
