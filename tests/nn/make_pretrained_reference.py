"""Write what PyTorch's networks with pretrained weights answer to the tests' inputs.

python -m tests.nn.make_pretrained_reference ../shared/data/pretrained
"""

import sys
from pathlib import Path

import numpy as np

from .pretrained import networks, picture, tones

REFERENCE = Path(__file__).parent / "reference" / "pretrained.npz"


def answers(folder):
    """Return PyTorch's answers."""
    import torch
    import torch.nn.functional as F
    from torch import nn

    PNet, Crepe = networks(torch, nn, F)
    found = []
    for net, file, x in (
        (PNet(), "mtcnn_pnet.npz", picture()),
        (Crepe(), "crepe_tiny.npz", tones()),
    ):
        with np.load(folder / file) as weights:
            state = {key: torch.from_numpy(weights[key]) for key in weights.files}
        net.load_state_dict(state)
        with torch.no_grad():
            found.append(net.eval()(torch.from_numpy(x)))
    (faces, boxes), pitches = found
    return {"faces": faces.numpy(), "boxes": boxes.numpy(), "pitches": pitches.numpy()}


if __name__ == "__main__":
    np.savez_compressed(REFERENCE, **answers(Path(sys.argv[1])))
