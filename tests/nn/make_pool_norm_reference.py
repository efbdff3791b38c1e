"""Write reference/pool_norm.npz: what PyTorch answers to the cases of `pool_norm_cases`, float64.

python -m tests.nn.make_pool_norm_reference        (from the top of the checkout, with PyTorch)
"""

from pathlib import Path

import numpy as np

from tests.nn.pool_norm_cases import NORMALISATION, POOLING, run_torch

REFERENCE = Path(__file__).parent / "reference" / "pool_norm.npz"


def main():
    """Store "<name of the list>:<index of the case>:<index of the result>"."""
    stored = {}
    for name, cases in (("pooling", POOLING), ("normalisation", NORMALISATION)):
        for i, case in enumerate(cases):
            for j, value in enumerate(run_torch(case, np.float64)):
                stored[f"{name}:{i}:{j}"] = value
    np.savez_compressed(REFERENCE, **stored)


if __name__ == "__main__":
    main()
