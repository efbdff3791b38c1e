"""Write reference/attention.npz: PyTorch's outputs and gradients of the cases of attention.

    python -m tests.nn.make_attention_reference        (from the top of the checkout, with PyTorch)

One flat array of float32 for each case, "function <i>" and "layer <i>": output, weights and
gradients in the order of `outcome`; and "fresh <i>", a layer's first weights of manual_seed(0).
"""

import numpy as np

from .attention_cases import (
    FUNCTIONS,
    HEADS,
    LAYERS,
    SIZE,
    fill,
    function_inputs,
    layer_outcome,
    outcome,
)
from .test_attention import REFERENCE


def flat(found):
    """Return all values, one array after the other."""
    return np.concatenate([value.ravel() for value in found.values()]).astype(np.float32)


def make(array, requires_grad):
    """Return PyTorch's tensor of an array."""
    import torch

    return torch.tensor(array, requires_grad=requires_grad)


def main():
    """Run the cases in float64."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    stored = {}
    for i, case in enumerate(FUNCTIONS):
        *arrays, mask = function_inputs(case)
        masks = {} if mask is None else {"attn_mask": mask}
        stored[f"function {i}"] = flat(
            outcome(scaled_dot_product_attention, make, arrays, masks, case[2])
        )
    for i, case in enumerate(LAYERS):
        layer = torch.nn.MultiheadAttention(SIZE, HEADS, dtype=torch.float64, **case[0])
        stored[f"layer {i}"] = flat(layer_outcome(fill(layer, float), make, case, np.float64))
        torch.manual_seed(0)
        fresh = torch.nn.MultiheadAttention(SIZE, HEADS, **case[0])
        stored[f"fresh {i}"] = flat({k: p.detach().numpy() for k, p in fresh.named_parameters()})
    np.savez_compressed(REFERENCE, **stored)


if __name__ == "__main__":
    main()
