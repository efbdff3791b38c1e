"""The command line: ``python -m scratchml``.

Exit status: 0, 1 for what could not be done, 2 for a wrong command line, 130 after Ctrl-C, 141 when
the reader of a pipe has gone.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

import scratchml


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after the program's name; by default those of this process.
    """
    try:
        try:
            status = _run(_parser().parse_args(arguments))
        finally:
            sys.stdout.flush()  # a closed pipe shows here rather than at exit
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        with contextlib.suppress(OSError):  # so that the flush at exit has somewhere to go
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scratchml", description="Machine learning from scratch."
    )
    parser.add_argument("--version", action="version", version=f"scratchml {scratchml.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    tour = commands.add_parser(
        "tour",
        help="train every algorithm on real data, print scores and times",
        description="Train every algorithm on real data that comes with the package; print its "
        "score beside the reference library's, and the times of the first and second fit.",
    )
    tour.add_argument(
        "names", nargs="*", help="entries, algorithms or data sets, with wildcards; all by default"
    )
    tour.add_argument("--plots", metavar="DIR", help="draw a picture of each into this folder")
    commands.add_parser("warmup", help="compile all kernels into the cache")
    commands.add_parser("info", help="print versions, threads, cache folder, CPU")
    parser.set_defaults(tour_parser=tour)
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.command == "tour":
        return _tour(options)
    from scratchml._tour import system

    return system.warm_up() if options.command == "warmup" else system.print_info()


def _tour(options: argparse.Namespace) -> int:
    from pathlib import Path

    from scratchml._tour.entries import select

    try:
        entries = select(options.names)
    except ValueError as error:
        options.tour_parser.error(str(error))
    folder = None
    if options.plots is not None:
        folder = Path(options.plots)
        problem = _cannot_draw(folder)
        if problem:
            print(f"cannot draw pictures: {problem}", file=sys.stderr)
            return 1
    from scratchml._tour.run import tour

    tour(entries, folder)
    return 0


def _cannot_draw(folder: os.PathLike[str]) -> str | None:
    """Return why there can be no pictures in `folder`, which is made if need be, or None."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        return f"{error}; install the extra: pip install 'scratchml-numba[plot]'"
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
