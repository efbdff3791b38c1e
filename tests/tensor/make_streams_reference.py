"""Write reference/streams.npz: PyTorch's random numbers, all calls of `streams` from one seed.

python -m tests.tensor.make_streams_reference       (from the top of the checkout, with PyTorch)
"""

import numpy as np

from .streams import drawn
from .test_random import REFERENCE


def main():
    """Draw."""
    import torch

    arrays = drawn(torch)
    np.savez_compressed(REFERENCE, **{name.replace(" ", "_"): a for name, a in arrays.items()})


if __name__ == "__main__":
    main()
