"""Write the files of PyTorch and of the safetensors package that the tests read.

    python tests/_core/make_torch_files.py

The values are those of `expected`, so the tests need neither package.
"""

from collections import Counter, OrderedDict
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "reference"
HALVES = np.array([0.0, -1.5, 65504.0, 2.0**-24, -0.0, np.inf], dtype=np.float32)
BRAINS = np.array([0.0, -1.5, 3.0e38, 1e-40, -0.0, np.inf], dtype=np.float32)
BRAINS = (BRAINS.view(np.uint32) & 0xFFFF0000).view(np.float32)
NUMBERS = {
    "float32": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
    "float64": np.linspace(-1, 1, 5),
    "int64": np.array([-(1 << 63), (1 << 63) - 1]),
    "int32": np.array([[-(1 << 31), (1 << 31) - 1]], dtype=np.int32),
    "int16": np.array([-5, 300], dtype=np.int16),
    "int8": np.array([-128, 127], dtype=np.int8),
    "uint8": np.array([0, 255], dtype=np.uint8),
    "bool": np.array([True, False, True]),
    "scalar": np.array(7),
    "empty": np.zeros((0, 3), dtype=np.float32),
}


def expected():
    """Return what the checkpoint holds, as arrays and plain values."""
    base = np.arange(24, dtype=np.float32).reshape(4, 6)
    layouts = {
        "base": base,
        "transposed": base.T,
        "window": base[1:3, 1::2],
        "row": base[2],
        "expanded": np.broadcast_to(np.arange(3, dtype=np.float32), (4, 3)),
    }
    plain = {
        "epoch": 3,
        "none": None,
        "flags": [True, False],
        "loss": 0.1,
        "sizes": (2, (3, 4)),
        "text": "\u00e9\n",
        "large": 1 << 70,
        "negative": -(1 << 40),
        "infinite": float("inf"),
        "milestones": Counter({30: 1, 60: 1}),
        "seen": {1, 2},
        7: "a number",
    }
    halves = {"half": HALVES, "brain": BRAINS, "brain transposed": BRAINS.reshape(2, 3).T}
    return {"layouts": layouts, "numbers": OrderedDict(NUMBERS), "halves": halves, "plain": plain}


def main():
    import torch
    from safetensors.torch import save_file

    value = expected()
    base = torch.from_numpy(value["layouts"]["base"])
    value["layouts"] = {
        "base": base,
        "transposed": base.T,
        "window": base[1:3, 1::2],
        "row": base[2],
        "expanded": torch.arange(3.0).expand(4, 3),
    }
    value["numbers"] = OrderedDict((k, torch.from_numpy(v)) for k, v in NUMBERS.items())
    value["numbers"]["float64"].requires_grad_(True)
    value["numbers"]["float32"] = torch.nn.Parameter(value["numbers"]["float32"])
    value["numbers"]._metadata = OrderedDict({"": {"version": 1}, "bn": {"version": 2}})
    brain = torch.from_numpy(BRAINS).bfloat16()
    value["halves"] = {
        "half": torch.from_numpy(HALVES).half(),
        "brain": brain,
        "brain transposed": brain.reshape(2, 3).T,
    }
    torch.save(value, FOLDER / "checkpoint.pt")
    torch.save(value, FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    tensors = {k: v.detach().contiguous() for k, v in value["numbers"].items()}
    tensors["\u00e9"] = base
    save_file(tensors, FOLDER / "numbers.safetensors", {"format": "pt"})
    halves = {"half": value["halves"]["half"], "brain": brain.clone()}
    save_file(halves, FOLDER / "halves.safetensors")


if __name__ == "__main__":
    main()
