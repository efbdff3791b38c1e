"""Write reference/sequences.npz: PyTorch's outputs and gradients for all cases of sequences.

    python -m tests.nn.make_sequences_reference        (from the top of the checkout, with PyTorch)

Keys are "<index of the case>:<name>"; names are those of `run`. Computed in float64, rounded to
float32.
"""

import numpy as np

from .sequence_cases import SEQUENCES
from .test_sequences import REFERENCE, fill, run


def main():
    """Run every layer in training, with the weights of `fill`."""
    import torch

    stored = {}
    for i, case in enumerate(SEQUENCES):
        layer = case.build(torch.nn).double()
        fill(layer)
        stored |= {f"{i}:{name}": value for name, value in run(torch, layer, case).items()}
    shapes = np.full((len(stored), 5), -1, np.int16)
    for row, value in zip(shapes, stored.values(), strict=True):
        row[: value.ndim] = value.shape
    values = np.concatenate([value.ravel() for value in stored.values()]).astype(np.float32)
    REFERENCE.parent.mkdir(exist_ok=True)
    np.savez_compressed(REFERENCE, names="\n".join(stored), shapes=shapes, values=values)


if __name__ == "__main__":
    main()
