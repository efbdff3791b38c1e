"""Training and timing the entries of the tour, and its table."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import scratchml
from scratchml._tour import terminal
from scratchml._tour.entries import Entry

_COLUMNS = (
    f"{'algorithm':<22} {'data':<14} {'score':>17}  {'reference':<29} {'cold':>8} {'warm':>8}"
)


class Result(NamedTuple):
    """A trained entry: what the table prints and the pictures show.

    Attributes
    ----------
    entry : Entry
        What was trained.
    library : module
        `scratchml`, from which pictures take further parts.
    model : object
        Fitted to the training part.
    data : Bunch
        The whole data set, with its names.
    X_train, X_test, y_train, y_test : ndarray
        The split.
    score : float
        Of the test part.
    cold, warm : float
        Seconds of the first fit, with whatever it loads and compiles, and of the second.
    """

    entry: Entry
    library: Any
    model: Any
    data: Any
    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any
    score: float
    cold: float
    warm: float


def tour(entries: Sequence[Entry], folder: Path | None) -> None:
    """Train `entries`, print a row for each as it is done, and draw into `folder`.

    Parameters
    ----------
    entries : sequence of Entry
        What to show.
    folder : Path or None
        Of the pictures; None draws none.
    """
    print(_COLUMNS)
    results = []
    with terminal.progress() as bar:
        for done, entry in enumerate(entries):
            bar.at(done, len(entries), entry.name)
            result = train(entry)
            bar.print(format_row(result))
            if folder is not None:
                from scratchml._tour import pictures

                pictures.save(result, folder)
                results.append(result)
    print("\ncold: the first fit in this process; warm: the second.  Scores: held-out rows.")
    if any(entry.seeds for entry in entries):
        print("Reference of a randomised algorithm: the mean over several seeds.")
    if folder is not None:
        from scratchml._tour import pictures

        pictures.save_overview(results, folder)
        print(f"Pictures: {folder}")


def train(entry: Entry, library: Any = scratchml) -> Result:
    """Return the entry trained twice, the first time cold."""
    data, (X_train, X_test, y_train, y_test) = entry.split(library)
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        model = entry.build(library).fit(X_train, y_train)
        seconds.append(time.perf_counter() - start)
    score = float(model.score(X_test, y_test))
    return Result(entry, library, model, data, X_train, X_test, y_train, y_test, score, *seconds)


def format_row(result: Result) -> str:
    """Return the line of the table."""
    entry, reference = result.entry, references().get(result.entry.name)
    known = f"{reference['score']:.6f} {reference['library']}" if reference else "not stored"
    score = f"{entry.metric} {result.score:.6f}"
    times = f"{format_time(result.cold):>8} {format_time(result.warm):>8}"
    return f"{entry.algorithm:<22} {entry.data:<14} {score:>17}  {known:<29} {times}"


def format_time(seconds: float) -> str:
    """Return e.g. "1.23 s", "45.6 ms" or "789 us"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= 0.9995 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.0f} us"


@cache
def references() -> dict[str, dict[str, Any]]:
    """Return the stored scores by the name of their entry.

    Each is ``{"score": ..., "library": ...}``, with ``"scores"`` for each seed where they differ.
    """
    text = resources.files("scratchml._tour").joinpath("reference.json").read_text("utf-8")
    return json.loads(text)
