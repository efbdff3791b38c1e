"""Write reference/transformer.npz: PyTorch's outputs and gradients of the Transformers' cases.

    python -m tests.nn.make_transformer_reference   (from the top of the checkout, with PyTorch)

Keys are the indices of the cases; of the parameters' gradients only sums are kept, see `summed`.
"""

import numpy as np

from .test_transformer import REFERENCE, summed
from .transformer_cases import CASES, build, outcome


def main():
    """Run every case in float64."""
    import torch

    stored = {}
    for i, case in enumerate(CASES):
        found = outcome(build(torch.nn, case).double(), torch.tensor, case)
        stored[str(i)] = np.concatenate([a.ravel() for a in summed(found).values()])
    np.savez_compressed(REFERENCE, **stored)
    print(f"{REFERENCE.name}: {len(stored)} arrays, {REFERENCE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
