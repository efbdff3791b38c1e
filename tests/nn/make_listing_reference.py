"""Make reference/listing.npz: PyTorch's losses of the tutorial's listing, and its accuracy.

python -m tests.nn.make_listing_reference ../shared/data/images/cifar10_8k2k.npz
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.nn.listing import listing, synthetic

if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    code = listing("torch")
    path = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        made_up = code.train(synthetic(Path(folder) / "images.npz"), 2, 100)[1]
    model, losses = code.train(path)
    np.savez_compressed(
        Path(__file__).parent / "reference" / "listing.npz",
        synthetic=made_up,
        cifar=losses[:100],
        accuracy=code.test(model, path),
        torch=torch.__version__,
    )
