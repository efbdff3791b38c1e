"""What the tour shows: an entry for each algorithm, and how users name them.

To add an algorithm, add an `Entry` to the list in its package's file (listed in `all_entries`);
then ``python -m benchmarks.reference_scores`` stores the reference library's score.  A test fails
for each public estimator with ``fit`` and ``predict`` that no entry builds.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One row of the tour.

    Attributes
    ----------
    name : str
        On the command line, of the picture, and in ``reference.json``.
    algorithm, data : str
        As printed; ``datasets.load_<data>`` is the data.
    build : callable
        ``build(library)`` returns the unfitted model from `scratchml` or from a library with the
        same names, so that both build one and the same.
    draw : callable
        ``draw(result, figure)`` draws on an empty Matplotlib figure.
    classify : bool
        The score is the accuracy of a stratified split, else R^2 of a plain one.
    seeds : int
        Of a randomised algorithm: the reference is the mean of its scores for the values 0, 1, ...
        of ``random_state``. 0 if the seed does not matter.
    peer : {"scikit-learn", "PyTorch"}
        Whose score is the reference.
    held_out : int
        Of a series: the score is that of so many last samples. 0 where samples have no order.
    """

    name: str
    algorithm: str
    data: str
    build: Callable[[Any], Any]
    draw: Callable[[Any, Any], None]
    classify: bool = False
    seeds: int = 0
    peer: str = "scikit-learn"
    held_out: int = 0

    @property
    def metric(self) -> str:
        """What ``model.score`` returns."""
        return "accuracy" if self.classify else "R^2"

    def split(self, library: Any) -> tuple[Any, list[Any]]:
        """Return the data set, and ``[X_train, X_test, y_train, y_test]``, the same from both."""
        data = getattr(library.datasets, f"load_{self.data}")()
        options: dict[str, Any] = {"random_state": 0}
        if self.held_out:
            options = {"shuffle": False, "test_size": self.held_out}
        elif self.classify:
            options["stratify"] = data.target
        parts = library.model_selection.train_test_split(data.data, data.target, **options)
        return data, parts


def all_entries() -> tuple[Entry, ...]:
    """Return all entries in the order of the tour."""
    from scratchml._tour import ensemble, linear_model, networks, sequences, svm, svr, tree

    packages = (linear_model, svm, svr, tree, ensemble, networks, sequences)
    return tuple(entry for package in packages for entry in package.ENTRIES)


def select(names: Sequence[str]) -> tuple[Entry, ...]:
    """Return the entries that `names` mean, in the order of the tour; all for none.

    Parameters
    ----------
    names : sequence of str
        Of entries, algorithms or data sets, in any case, with wildcards.

    Raises
    ------
    ValueError
        If a name means no entry; the message lists those that there are.
    """
    entries = all_entries()
    chosen: set[str] = set()
    for name in names:
        found = [entry.name for entry in entries if _means(name, entry)]
        if not found:
            known = ", ".join(entry.name for entry in entries)
            raise ValueError(f"the tour has nothing named {name!r}; it has {known}")
        chosen.update(found)
    return tuple(entry for entry in entries if not names or entry.name in chosen)


def _means(name: str, entry: Entry) -> bool:
    pattern = name.lower().replace("_", "-")
    known = (entry.name, entry.algorithm.lower(), entry.data.replace("_", "-"))
    return any(fnmatch.fnmatchcase(k, pattern) for k in known)
