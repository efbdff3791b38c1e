"""Store what the reference library scores on the tour: ``python -m benchmarks.reference_scores``.

Each entry is built from scikit-learn's classes of the same names and trained on the same rows.
"""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from pathlib import Path

import scratchml
from scratchml._tour.entries import all_entries
from scratchml._tour.run import train

FILE = Path(scratchml.__file__).parent / "_tour" / "reference.json"


def main() -> None:
    """Train every entry with scikit-learn and write ``reference.json``."""
    sklearn = reference_library()
    scores = {}
    for entry in all_entries():
        result = train(entry, sklearn)
        library = f"scikit-learn {sklearn.__version__}"
        scores[entry.name] = {"score": result.score, "library": library}
        print(f"{entry.name:<28} {result.score:.6f}")
    FILE.write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")


def reference_library():
    """Return scikit-learn with the packages loaded that scratchml has too."""
    for package in scratchml.__all__:
        if inspect.ismodule(getattr(scratchml, package)):
            import_module(f"sklearn.{package}")
    return import_module("sklearn")


if __name__ == "__main__":
    main()
