"""Talking to a terminal or a pipe: a progress bar on the one, plain lines on the other."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

_FORMAT = "{bar:30} {n_fmt}/{total_fmt} {elapsed}{postfix}"


class Lines:
    """No bar: what is printed shows how far it is."""

    def at(self, done: int, total: int, name: str) -> None:
        """Show that `name` begins, after `done` of `total` steps."""

    def print(self, line: str) -> None:
        """Print a line at once."""
        print(line, flush=True)


class NumberedLines(Lines):
    """No bar: a line for each step."""

    def at(self, done: int, total: int, name: str) -> None:
        """Print that `name` begins."""
        print(f"{done + 1}/{total} {name}", flush=True)


class Bar(Lines):
    """A bar of tqdm, below the lines that are printed.

    Parameters
    ----------
    bar : tqdm.tqdm
        The bar.
    """

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def at(self, done: int, total: int, name: str) -> None:
        """Move the bar."""
        self._bar.total = total
        self._bar.n = done
        self._bar.set_postfix_str(name.rpartition(".")[2])

    def print(self, line: str) -> None:
        """Print a line above the bar."""
        self._bar.write(line, file=sys.stdout)
        sys.stdout.flush()


@contextlib.contextmanager
def progress(otherwise: type[Lines] = Lines) -> Iterator[Lines]:
    """Show a bar if standard error is a terminal and tqdm is there, else what `otherwise` does."""
    bars = _find_tqdm()
    if bars is None:
        yield otherwise()
        return
    with bars(total=0, leave=False, file=sys.stderr, ncols=90, bar_format=_FORMAT) as bar:
        yield Bar(bar)


def _find_tqdm() -> Any:
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm
