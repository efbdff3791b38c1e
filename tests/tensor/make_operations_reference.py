"""Write reference/operations.npz: PyTorch's values and gradients of all operations, in float64.

    python -m tests.tensor.make_operations_reference    (from the top of the checkout, with PyTorch)

Keys are "<name of the case>:0" for the values and ":1", ":2" for the gradients of the inputs.
"""

import numpy as np

from .cases import CASES
from .test_operations import REFERENCE, run


def main():
    """Run every case."""
    import torch

    stored = {}
    for case in CASES:
        for i, array in enumerate(run(torch, case, np.float64)):
            stored[f"{case[0]}:{i}"] = array
    shapes = np.full((len(stored), 4), -1, np.int16)
    for row, value in zip(shapes, stored.values(), strict=True):
        row[: value.ndim] = value.shape
    flat = np.concatenate([value.ravel() for value in stored.values()])
    REFERENCE.parent.mkdir(exist_ok=True)
    np.savez_compressed(REFERENCE, names="\n".join(stored), shapes=shapes, values=flat)


if __name__ == "__main__":
    main()
