"""Calls of nn.functional whose PyTorch outputs and gradients are stored: pooling, normalisation.

(function, shape of the input, arguments after it, options); "w" stands for a vector over the
channels, "v" for one over the normalised shape, "m" and "s" for running mean and variance.
"""

POOLING = [
    ("max_pool1d", (2, 3, 9), (3,), {"stride": 2, "padding": 1}),
    ("max_pool1d", (2, 3, 9), (2, 3), {"ceil_mode": True}),  # a fourth would begin behind
    ("max_pool2d", (2, 3, 8, 8), (2, 2), {}),
    ("max_pool2d", (3, 7, 9), (2,), {"ceil_mode": True}),
    ("max_pool2d", (2, 3, 9, 8), ((3, 2), (2, 1)), {"padding": (1, 0), "dilation": (2, 3)}),
    ("max_pool3d", (2, 2, 5, 6, 4), (2,), {"stride": (1, 2, 2)}),
    ("avg_pool1d", (2, 3, 9), (3,), {"padding": 1, "count_include_pad": False}),
    ("avg_pool1d", (2, 3, 9), (2, 3, 1), {"ceil_mode": True}),
    ("avg_pool2d", (2, 3, 8, 8), (2,), {}),
    ("avg_pool2d", (2, 3, 8, 9), (3, 2, 1, True), {}),
    ("avg_pool2d", (3, 5, 5), (2, 1), {"divisor_override": 3}),
    ("avg_pool3d", (1, 2, 4, 6, 5), (3, 1, 1), {}),
    ("adaptive_avg_pool1d", (2, 3, 8), (3,), {}),
    ("adaptive_avg_pool2d", (2, 3, 8, 7), ((None, 3),), {}),
    ("adaptive_avg_pool2d", (2, 3, 8, 7), (1,), {}),
    ("adaptive_avg_pool3d", (2, 4, 5, 6), ((2, 7, 3),), {}),
    ("adaptive_max_pool1d", (2, 3, 8), (5,), {}),
    ("adaptive_max_pool2d", (2, 3, 8, 7), ((3, 9),), {}),
]

NORMALISATION = [
    ("batch_norm", (6, 5), ("m", "s", "w", "w", True), {}),
    ("batch_norm", (6, 5), ("m", "s", "w", "w"), {}),
    ("batch_norm", (3, 5, 4), ("m", "s", None, None, True, 0.3, 1e-3), {}),
    ("batch_norm", (4, 3, 5, 6), (None, None, "w", "w", True), {}),
    ("batch_norm", (4, 3, 9, 6), ("m", "s", "w", "w", True), {}),
    ("batch_norm", (4, 3, 9, 6), ("m", "s", "w", None, False), {}),
    ("batch_norm", (2, 3, 4, 5, 2), ("m", "s", None, "w", True, 1.0), {}),
    ("group_norm", (3, 6), (2, "w", "w"), {}),
    ("group_norm", (3, 6, 5, 4), (3, "w", "w", 1e-3), {}),
    ("group_norm", (3, 6, 5, 4), (1,), {}),
    ("instance_norm", (2, 3, 7), ("m", "s", "w", "w"), {}),
    ("instance_norm", (2, 3, 5, 6), (), {}),
    ("layer_norm", (4, 6), ((6,), "v", "v"), {}),
    ("layer_norm", (2, 5, 3, 4), ((3, 4), "v"), {"eps": 1e-3}),
    ("rms_norm", (4, 6), ((6,), "v"), {}),
    ("rms_norm", (2, 3, 4), ([3, 4],), {"eps": 1e-3}),
    ("normalize", (4, 5), (), {}),
    ("normalize", (4, 5, 2), (3.0, -2), {}),
    ("normalize", (4, 5), (float("inf"),), {}),
    ("local_response_norm", (2, 7, 3), (4,), {"alpha": 0.5, "k": 2.0}),
    ("local_response_norm", (2, 2, 3, 2), (5, 0.5, 0.6), {}),
]


def arguments(case, rng, dtype):
    """Return the arguments of a case as arrays and plain values, in float64 or float32."""
    name, shape, given, _ = case
    ending = given[0] if name in ("layer_norm", "rms_norm") else ()
    made = [rng.standard_normal(shape).astype(dtype)]
    for a in given:
        if a == "w":
            made.append(rng.standard_normal(shape[1]).astype(dtype))
        elif a == "v":
            made.append(rng.standard_normal(ending).astype(dtype))
        elif a in ("m", "s") and isinstance(a, str):
            made.append((0.5 + rng.random(shape[1])).astype(dtype))
        else:
            made.append(a)
    return made


def differentiated(case):
    """Return the positions of the arguments that have gradients."""
    return [0] + [i for i, a in enumerate(case[2], 1) if isinstance(a, str) and a in "wv"]


def run_torch(case, dtype, seed=0):
    """Return PyTorch's output, its gradients for a random dy, and the running averages after."""
    import numpy as np
    import torch

    rng = np.random.default_rng(seed)
    made = [torch.tensor(a) if hasattr(a, "shape") else a for a in arguments(case, rng, dtype)]
    for i in differentiated(case):
        made[i].requires_grad_()
    y = getattr(torch.nn.functional, case[0])(*made, **case[3])
    y.backward(torch.tensor(rng.standard_normal(tuple(y.shape)).astype(dtype)))
    averages = [made[i + 1].numpy() for i, a in enumerate(case[2]) if str(a) in ("m", "s")]
    return [y.detach().numpy()] + [made[i].grad.numpy() for i in differentiated(case)] + averages


def run_ours(case, dtype, seed=0):
    """Return the same of ours."""
    import numpy as np

    import scratchml.nn.functional as F
    from scratchml.tensor.tape import constant

    rng = np.random.default_rng(seed)
    made = [constant(a) if hasattr(a, "shape") else a for a in arguments(case, rng, dtype)]
    for i in differentiated(case):
        made[i].requires_grad_()
    y = getattr(F, case[0])(*made, **case[3])
    y.backward(constant(rng.standard_normal(y.shape).astype(dtype)))
    averages = [made[i + 1].array for i, a in enumerate(case[2]) if str(a) in ("m", "s")]
    return [y.array] + [made[i].grad.array for i in differentiated(case)] + averages
