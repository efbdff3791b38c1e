"""Write stored_splits.json: scikit-learn's splits, for machines that do not have it.

python tests/model_selection/make_stored_splits.py
"""

import json
from pathlib import Path

import sklearn
import sklearn.model_selection as reference

FILE = Path(__file__).with_name("stored_splits.json")
LABELS = [2, 0, 1, 0, 2, 2, 0, 1, 0, 0, 2, 1, 0, 2, 1, 0, 0, 2, 1, 0, 2, 0, 1]
GROUPS = [0, 0, 1, 1, 1, 2, 3, 3, 4, 4, 4, 4, 5, 6, 6, 7, 7, 7, 8, 8, 9, 9, 9]
CASES = {
    "KFold(4)": ("KFold", {"n_splits": 4}),
    "KFold(4, shuffled)": ("KFold", {"n_splits": 4, "shuffle": True, "random_state": 7}),
    "StratifiedKFold(3)": ("StratifiedKFold", {"n_splits": 3}),
    "StratifiedKFold(3, shuffled)": (
        "StratifiedKFold",
        {"n_splits": 3, "shuffle": True, "random_state": 7},
    ),
    "GroupKFold(3)": ("GroupKFold", {"n_splits": 3}),
    "GroupKFold(3, shuffled)": ("GroupKFold", {"n_splits": 3, "shuffle": True, "random_state": 7}),
    "ShuffleSplit": ("ShuffleSplit", {"n_splits": 2, "test_size": 0.3, "random_state": 0}),
    "StratifiedShuffleSplit": (
        "StratifiedShuffleSplit",
        {"n_splits": 3, "train_size": 11, "test_size": 0.27, "random_state": 42},
    ),
    "RepeatedKFold": ("RepeatedKFold", {"n_splits": 3, "n_repeats": 2, "random_state": 1}),
    "RepeatedStratifiedKFold": (
        "RepeatedStratifiedKFold",
        {"n_splits": 3, "n_repeats": 2, "random_state": 1},
    ),
}


def splits(module, name, options):
    """The (train, test) pairs as lists."""
    groups = GROUPS if name == "GroupKFold" else None
    pairs = getattr(module, name)(**options).split(LABELS, LABELS, groups)
    return [[train.tolist(), test.tolist()] for train, test in pairs]


def main():
    """Write the file."""
    stored = {
        "source": f"scikit-learn {sklearn.__version__}",
        "labels": LABELS,
        "groups": GROUPS,
        "cases": {
            case: {"name": name, "options": options, "splits": splits(reference, name, options)}
            for case, (name, options) in CASES.items()
        },
    }
    FILE.write_text(json.dumps(stored, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
