"""PyTorch's outputs and gradients of convolutions: writes reference/conv.npz.

Run as ``python -m tests.nn.make_conv_reference`` where PyTorch is installed.
"""

from pathlib import Path

import numpy as np

from tests.nn.conv_cases import Case

CASES = [
    ("conv", Case((2, 3, 9), (4, 3, 3), True, 2, 1, 1, 1)),
    ("conv", Case((3, 12), (6, 1, 4), False, 1, "same", 2, 3)),
    ("conv", Case((2, 3, 9, 8), (4, 3, 5, 5), True, 1, 0, 1, 1)),
    ("conv", Case((2, 4, 9, 8), (6, 2, 3, 2), True, (2, 3), (1, 2), (2, 1), 2)),
    ("conv", Case((2, 6, 9, 18), (6, 1, 3, 3), True, 1, 1, 1, 6)),
    ("conv", Case((1, 2, 7, 20), (4, 1, 5, 5), False, 1, (2, 1), (1, 2), 2)),
    ("conv", Case((2, 4, 5, 5), (3, 4, 1, 1), True, 1, 0, 1, 1)),
    ("conv", Case((2, 2, 4, 5, 6), (3, 2, 2, 3, 2), True, (1, 2, 1), 1, 1, 1)),
    ("conv_transpose", Case((2, 3, 5), (3, 2, 4), True, 2, 1, 1, 1, 1)),
    ("conv_transpose", Case((2, 4, 4, 5), (4, 3, 3, 3), True, 2, 1, 1, 2, 1)),
    ("conv_transpose", Case((4, 3, 3), (4, 1, 3, 3), False, 1, 1, 1, 4)),
    ("conv_transpose", Case((1, 2, 3, 4), (2, 3, 2, 3), True, (1, 2), 0, (3, 2), 1, (2, 1))),
    ("conv_transpose", Case((1, 2, 2, 3, 2), (2, 2, 2, 2, 3), True, 2, (0, 1, 1), 1, 1)),
]


def gradient(y):
    """The gradient that comes in: the same for both libraries, its sums far from 0."""
    return (np.cos(np.arange(y.size, dtype=np.float32)) + np.float32(0.5)).reshape(y.shape)


def answer(kind, case, x, w, b):
    """This library's y, dx, dw, db."""
    import scratchml.nn.ops.conv as conv
    import scratchml.nn.ops.conv_transpose as conv_transpose

    module = conv if kind == "conv" else conv_transpose
    numbers = case.numbers if kind == "conv" else case.transposed_numbers
    y, cache = getattr(module, f"{kind}{case.n}d_forward")(x, w, b, *numbers)
    return (y, *getattr(module, f"{kind}{case.n}d_backward")(gradient(y), cache))


def pytorch(kind, case, x, w, b):
    """PyTorch's y, dx, dw, db."""
    import torch

    numbers = case.numbers if kind == "conv" else case.transposed_numbers
    tensors = [None if a is None else torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    y = getattr(torch.nn.functional, f"{kind}{case.n}d")(*tensors, *numbers)
    y.backward(torch.tensor(gradient(y.detach().numpy())))
    return [y.detach().numpy(), *[None if t is None else t.grad.numpy() for t in tensors]]


def main():
    """Write the file."""
    stored = {}
    for i, (kind, case) in enumerate(CASES):
        arrays = case.arrays(i, np.float32, kind == "conv_transpose")
        for name, value in zip(("y", "dx", "dw", "db"), pytorch(kind, case, *arrays), strict=True):
            if value is not None:
                stored[f"{i}_{name}"] = value
    np.savez_compressed(Path(__file__).parent / "reference" / "conv.npz", **stored)


if __name__ == "__main__":
    main()
