"""Progress of a long fit: a bar on a terminal that has tqdm, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

_LINES = 10  # of a whole fit, unless every step is asked for


@contextlib.contextmanager
def progress(
    name: str, total: int, steps: str, verbose: int | bool
) -> Iterator[Callable[[int], None]]:
    """Give a function to call with the number of steps done, which shows it.

    Parameters
    ----------
    name : str
        Who is at work.
    total : int
        Number of steps.
    steps : str
        What they are, in the plural.
    verbose : int or bool
        0 shows nothing, 1 a bar if standard error is a terminal and tqdm is installed, else up to
        ten lines, 2 and more a line for each step.
    """
    if not verbose:
        yield lambda done: None
        return
    bar = _bar(name, total, steps) if verbose == 1 else None
    if bar is not None:
        with bar:
            yield lambda done: bar.update(done - bar.n)
        return
    begin = time.perf_counter()
    every = 1 if verbose > 1 else -(-total // _LINES)

    def show(done: int) -> None:
        if done % every == 0 or done == total:
            seconds = time.perf_counter() - begin
            print(f"{name}: {done} of {total} {steps}, {seconds:.1f} s", flush=True)

    yield show


def _bar(name: str, total: int, steps: str) -> Any:
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(desc=name, total=total, unit=f" {steps}", file=sys.stderr, leave=False)
