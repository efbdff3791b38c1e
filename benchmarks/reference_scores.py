"""Store what the reference library scores on the tour: ``python -m benchmarks.reference_scores``.

Each entry is built from its peer's classes of the same names, scikit-learn's or PyTorch's, and
trained on the same rows. Names of entries, with wildcards, compute those only.
"""

from __future__ import annotations

import inspect
import json
import statistics
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import scratchml
from scratchml._tour.entries import Entry, all_entries, select
from scratchml._tour.run import train

FILE = Path(scratchml.__file__).parent / "_tour" / "reference.json"


def main(names: list[str]) -> None:
    """Train the entries that `names` mean with their peers, and write ``reference.json``."""
    stored = json.loads(FILE.read_text("utf-8")) if names else {}
    for entry in select(names):
        library = reference_library(entry)
        scores = [train(seeded(entry, seed), library).score for seed in range(entry.seeds or 1)]
        stored[entry.name] = {
            "score": statistics.fmean(scores),
            **({"scores": scores} if entry.seeds else {}),
            "library": f"{entry.peer} {library.__version__}",
        }
        print(f"{entry.name:<28} {statistics.fmean(scores):.6f}")
    in_order = {entry.name: stored[entry.name] for entry in all_entries() if entry.name in stored}
    FILE.write_text(json.dumps(in_order, indent=1) + "\n", encoding="utf-8")


def seeded(entry: Entry, seed: int) -> Entry:
    """Return the entry with that value of ``random_state``, if it is randomised."""
    if not entry.seeds:
        return entry
    return entry._replace(build=lambda library: entry.build(library).set_params(random_state=seed))


def reference_library(entry: Entry):
    """Return the entry's peer under scratchml's names, with what is needed of it loaded."""
    if entry.peer == "PyTorch":
        return pytorch()
    for package in scratchml.__all__:
        known = inspect.ismodule(getattr(scratchml, package))
        if known and find_spec(f"sklearn.{package}") is not None:
            import_module(f"sklearn.{package}")
    return import_module("sklearn")


def pytorch():
    """Return PyTorch under scratchml's names, with our data and scikit-learn's split."""
    import sklearn.model_selection
    import torch.utils.data

    torch.set_num_threads(1)  # in many short steps threads mostly wait for each other
    return SimpleNamespace(
        tensor=torch,
        nn=torch.nn,
        optim=torch.optim,
        data=torch.utils.data,
        datasets=scratchml.datasets,
        model_selection=sklearn.model_selection,
        __version__=torch.__version__.partition("+")[0],
    )


if __name__ == "__main__":
    main(sys.argv[1:])
