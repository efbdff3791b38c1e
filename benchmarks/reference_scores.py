"""Store what the reference library scores on the tour: ``python -m benchmarks.reference_scores``.

Each entry is built from scikit-learn's classes of the same names and trained on the same rows.
"""

from __future__ import annotations

import inspect
import json
import statistics
from importlib import import_module
from pathlib import Path

import scratchml
from scratchml._tour.entries import Entry, all_entries
from scratchml._tour.run import train

FILE = Path(scratchml.__file__).parent / "_tour" / "reference.json"


def main() -> None:
    """Train every entry with scikit-learn and write ``reference.json``."""
    sklearn = reference_library()
    stored = {}
    for entry in all_entries():
        scores = [train(seeded(entry, seed), sklearn).score for seed in range(entry.seeds or 1)]
        stored[entry.name] = {
            "score": statistics.fmean(scores),
            **({"scores": scores} if entry.seeds else {}),
            "library": f"scikit-learn {sklearn.__version__}",
        }
        print(f"{entry.name:<28} {statistics.fmean(scores):.6f}")
    FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def seeded(entry: Entry, seed: int) -> Entry:
    """Return the entry with that value of ``random_state``, if it is randomised."""
    if not entry.seeds:
        return entry
    return entry._replace(build=lambda library: entry.build(library).set_params(random_state=seed))


def reference_library():
    """Return scikit-learn with the packages loaded that scratchml has too."""
    for package in scratchml.__all__:
        if inspect.ismodule(getattr(scratchml, package)):
            import_module(f"sklearn.{package}")
    return import_module("sklearn")


if __name__ == "__main__":
    main()
