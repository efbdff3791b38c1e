"""The tutorial's listing, docs/nn/cifar10.py, as a module of either library."""

import sys
import types
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).resolve().parents[2] / "docs" / "nn" / "cifar10.py"
IMPORTS = {
    "import scratchml.nn as nn": "import torch.nn as nn",
    "import scratchml.nn.functional as F": "import torch.nn.functional as F",
    "import scratchml.optim as optim": "import torch.optim as optim",
    "import scratchml.tensor as torch": "import torch",
    "from scratchml.data import": "from torch.utils.data import",
}


def listing(library):
    """Return the listing's names, run with the import lines of "scratchml" or "torch"."""
    source = SOURCE.read_text()
    for ours, theirs in IMPORTS.items():
        assert source.count(ours + "\n") + source.count(ours + " ") == 1
        if library == "torch":
            source = source.replace(ours, theirs)
    names = {"__name__": f"listing_{library}"}
    quiet = types.ModuleType("tqdm")
    quiet.tqdm = lambda loader, _: loader
    loud = sys.modules.get("tqdm")  # mock.patch.dict would forget what is imported meanwhile
    sys.modules["tqdm"] = quiet
    try:
        exec(compile(source, str(SOURCE), "exec"), names)
    finally:
        if loud is None:
            del sys.modules["tqdm"]
        else:
            sys.modules["tqdm"] = loud
    return types.SimpleNamespace(**names)


def synthetic(path):
    """Write a file as the listing reads it: coloured noise, brighter for some classes."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, n in (("train", 300), ("test", 100)):
        labels = rng.integers(0, 10, n)
        x = rng.integers(0, 160, (n, 32, 32, 3)) + 9 * labels[:, None, None, None]
        arrays |= {f"x_{part}": x.astype(np.uint8), f"y_{part}": labels.astype(np.uint8)}
    np.savez(path, **arrays)
    return path
