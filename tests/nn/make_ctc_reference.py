"""Write reference/ctc.npz: what PyTorch answers to the cases of `ctc_cases`, in float64.

python -m tests.nn.make_ctc_reference        (from the top of the checkout, with PyTorch)
"""

from pathlib import Path

import numpy as np

from tests.nn.ctc_cases import CASES, outcome

REFERENCE = Path(__file__).parent / "reference" / "ctc.npz"


def main():
    """Store "<index of the case>:loss" and "<index of the case>:gradient"."""
    import torch

    stored = {}
    for i, case in enumerate(CASES):
        stored[f"{i}:loss"], stored[f"{i}:gradient"] = outcome(torch, torch.tensor, case)
    np.savez_compressed(REFERENCE, **stored)


if __name__ == "__main__":
    main()
