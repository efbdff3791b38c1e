"""Write what PyTorch's optimizers and schedules compute, for the tests to compare with.

python tests/optim/make_optim_reference.py
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import cases
import schedules

FOLDER = Path(__file__).parent / "reference"


def torch_trajectory(name, options, dtype=np.float64, **implementation):
    """Return the parameters after each step, as one flat array a step."""
    import torch

    params = [torch.nn.Parameter(torch.tensor(p)) for p in cases.start(dtype)]
    optimizer = getattr(torch.optim, name)(params, **options, **implementation)
    path = []
    for step in range(cases.STEPS):
        for p in params:
            p.grad = torch.tensor(cases.gradient(p.detach().numpy(), step))
        optimizer.step()
        path.append(np.concatenate([p.detach().numpy().ravel() for p in params]))
    return np.array(path)


def torch_rates(name):
    """Return the learning rate and the momentum of each group at each epoch."""
    import torch

    params = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    return schedules.rates(torch.optim, name, params)


def main():
    at = np.array(cases.KEPT) - 1
    paths = [torch_trajectory(*case)[at] for case in cases.CASES]
    names = json.dumps([cases.label(case) for case in cases.CASES])
    np.savez_compressed(FOLDER / "trajectories.npz", names=names, paths=np.array(paths))
    rates = {name: torch_rates(name) for name in schedules.SCHEDULES}
    np.savez_compressed(FOLDER / "schedules.npz", **rates)


if __name__ == "__main__":
    main()
