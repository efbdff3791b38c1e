"""Write reference/layers.npz: PyTorch's outputs and gradients of all layers' cases.

    python -m tests.nn.make_layers_reference        (from the top of the checkout, with PyTorch)

Keys are "<index of the case>:y" and "<index of the case>:<name>" for gradients; and
"fresh:<index>:<name>" for the weights that the layers of `FRESH` have after manual_seed(0).
"""

import numpy as np

from .layer_cases import FRESH, LAYERS
from .test_layers import REFERENCE, fill, inputs_of, torch_run


def main():
    """Run every layer in evaluation, in float32, with the weights of `fill`."""
    import torch

    stored = {}
    for i, case in enumerate(LAYERS):
        layer = getattr(torch.nn, case[0])(*case[1], **case[2]).eval()
        fill(layer.state_dict())
        y, grads = torch_run(torch, layer, inputs_of(case, np.float32))
        stored[f"{i}:y"] = y
        stored |= {f"{i}:{name}": grad for name, grad in grads.items()}
    for i, (name, args, options) in enumerate(FRESH):
        torch.manual_seed(0)
        layer = getattr(torch.nn, name)(*args, **options)
        stored |= {f"fresh:{i}:{key}": p.detach().numpy() for key, p in layer.named_parameters()}
    shapes = np.full((len(stored), 5), -1, np.int16)
    for row, value in zip(shapes, stored.values(), strict=True):
        row[: value.ndim] = value.shape
    values = np.concatenate([value.ravel() for value in stored.values()])
    REFERENCE.parent.mkdir(exist_ok=True)
    np.savez_compressed(REFERENCE, names="\n".join(stored), shapes=shapes, values=values)


if __name__ == "__main__":
    main()
