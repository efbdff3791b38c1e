"""Writes reference/functions.npz: what PyTorch makes of the calls in function_cases.py.

python -m tests.nn.make_functions_reference
"""

import warnings
from pathlib import Path

import numpy as np

from tests.nn.function_cases import FAMILIES, key, outcome


def main():
    import torch
    import torch.nn.functional as functional

    def tensor(a, requires_grad):
        return torch.tensor(a, requires_grad=requires_grad)

    warnings.simplefilter("ignore")
    stored = {}
    for family, cases in FAMILIES.items():
        for i, case in enumerate(cases):
            for name, value in outcome(functional, tensor, case).items():
                stored[key(family, i, name)] = value
    path = Path(__file__).parent / "reference" / "functions.npz"
    np.savez_compressed(path, torch=torch.__version__, **stored)
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
