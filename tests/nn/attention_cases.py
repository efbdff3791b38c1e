"""Calls of attention that are compared with PyTorch's: what goes in, and what comes out."""

import numpy as np

# (shapes of query, key and value, mask, further arguments)
FUNCTIONS = [
    (((3, 4), (5, 4), (5, 6)), None, {}),
    (((2, 3, 4), (2, 5, 4), (2, 5, 4)), "bool", {}),
    (((2, 3, 7, 4), (2, 3, 5, 4), (2, 3, 5, 4)), "float", {}),
    (((2, 3, 7, 4), (2, 3, 5, 4), (2, 3, 5, 2)), None, {"is_causal": True}),
    (((2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4)), None, {"is_causal": True, "scale": 0.3}),
    (((2, 3, 5, 4), (1, 3, 7, 4), (3, 7, 4)), "padding", {}),
    (((2, 6, 5, 4), (2, 2, 7, 4), (2, 2, 7, 4)), "heads", {"enable_gqa": True}),
    (((2, 6, 5, 4), (2, 3, 5, 4), (2, 1, 5, 3)), None, {"enable_gqa": True, "is_causal": True}),
    (((2, 1, 5, 4), (2, 1, 1, 4), (2, 1, 1, 4)), None, {}),
    (((2, 2, 4, 3, 5), (2, 2, 4, 6, 5), (2, 2, 4, 6, 5)), "bool", {"scale": -1.0}),
    (((2, 3, 5, 4), (2, 3, 5, 4), (2, 3, 5, 4)), "hidden", {}),
    (((2, 4, 4), (2, 0, 4), (2, 0, 4)), None, {}),
]


def function_inputs(case, dtype=np.float64):
    """Return query, key, value and mask (None if there is none)."""
    shapes, mask, _ = case
    rng = np.random.default_rng(len(shapes[0]) + shapes[0][-2])
    q, k, v = (rng.standard_normal(shape).astype(dtype) for shape in shapes)
    L, S = q.shape[-2], k.shape[-2]
    if mask == "bool":
        mask = rng.random((L, S)) < 0.7
    elif mask == "float":
        mask = rng.standard_normal((*q.shape[:-2], L, S)).astype(dtype)
        mask[..., 1, :2] = -np.inf
    elif mask == "padding":
        mask = np.arange(S) < np.array([S, S - 2])[:, None, None, None]
    elif mask == "heads":
        mask = rng.standard_normal((q.shape[1], 1, S)).astype(dtype)
    elif mask == "hidden":
        mask = np.ones((2, 1, L, S), bool)
        mask[0, :, 1] = mask[1, :, :, 1:] = False
        mask[1, :, 2] = False
    return q, k, v, mask


_MASKED = {"attn_mask": "bool", "key_padding_mask": "float"}

# (arguments of the layer, how the inputs are related, arguments of the call)
LAYERS = [
    ({}, "self", {}),
    ({"batch_first": True}, "self", {"need_weights": False}),
    ({"batch_first": True, "bias": False}, "keys", {"average_attn_weights": False}),
    ({"bias": False}, "apart", {"need_weights": False}),
    ({"kdim": 5, "vdim": 3}, "apart", {}),
    ({"kdim": 5, "bias": False, "batch_first": True}, "apart", {"key_padding_mask": "bool"}),
    ({"add_bias_kv": True, "batch_first": True}, "keys", _MASKED),
    ({"add_zero_attn": True}, "keys", {**_MASKED, "need_weights": False}),
    ({"add_bias_kv": True, "add_zero_attn": True}, "apart", {"attn_mask": "each"}),
    ({"add_bias_kv": True}, "self", {"attn_mask": "causal", "is_causal": True}),
    ({"batch_first": True}, "self", {"attn_mask": "causal", "is_causal": True}),
    (
        {"batch_first": True},
        "self",
        {"attn_mask": "causal", "is_causal": True, "need_weights": False},
    ),
    (
        {},
        "self",
        {
            "attn_mask": "causal",
            "is_causal": True,
            "key_padding_mask": "bool",
            "need_weights": False,
        },
    ),
    ({"batch_first": True}, "keys", {"attn_mask": "each", "average_attn_weights": False}),
    ({}, "single", {}),
    ({"batch_first": True}, "single", {"key_padding_mask": "bool", "attn_mask": "each"}),
    ({"kdim": 5, "vdim": 3}, "single", {"average_attn_weights": False}),
    ({"batch_first": True}, "query is key", {"attn_mask": "bool"}),
    ({"batch_first": True}, "query is value", {}),
]
SIZE, HEADS = 8, 2


def layer_inputs(case, dtype=np.float64):
    """Return query, key and value, some of which are one array, and the masks by name."""
    options, relation, call = case
    rng = np.random.default_rng(3)
    N, L, S = 3, 4, 4 if relation in ("self", "query is key", "query is value") else 6
    lengths = {"q": SIZE, "k": options.get("kdim", SIZE), "v": options.get("vdim", SIZE)}
    made = {}
    for name, size in lengths.items():
        x = rng.standard_normal((N, L if name == "q" else S, size)).astype(dtype)
        made[name] = x[0] if relation == "single" else x
        if relation != "single" and not options.get("batch_first"):
            made[name] = np.ascontiguousarray(x.swapaxes(0, 1))
    which = {"self": "qqq", "keys": "qkk", "query is key": "qqv", "query is value": "qkq"}
    inputs = [made[name] for name in which.get(relation, "qkv")]
    masks = {
        "causal": np.triu(np.ones((L, S), bool), 1),
        "bool": rng.random((L, S)) < 0.3,
        "each": rng.standard_normal(((1 if relation == "single" else N) * HEADS, L, S)),
    }
    padding = {"bool": np.arange(S) >= np.array([S, 2, S - 1])[:, None]}
    padding["float"] = np.where(padding["bool"], -1.5, 0.5)
    if relation == "single":
        padding = {name: values[1] for name, values in padding.items()}
    given = {}
    for name, table in (("attn_mask", masks), ("key_padding_mask", padding)):
        if name in call:
            mask = table[call[name]]
            given[name] = mask if mask.dtype == bool else mask.astype(dtype)
    return inputs, given


def outcome(call, make, arrays, masks, options):
    """Return outputs and gradients of `call` for the loss sum(y cos) + sum(weights sin).

    `make` makes a tensor of an array, that wants a gradient or not.
    """
    tensors = {id(a): make(a, True) for a in arrays}
    given = {name: make(a, False) for name, a in masks.items()}
    outputs = call(*[tensors[id(a)] for a in arrays], **given, **options)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    found, loss = {}, 0
    for name, y in zip(("y", "weights"), outputs, strict=False):
        if y is not None:
            found[name] = y.detach().numpy()
            wave = np.cos(np.arange(found[name].size)).reshape(found[name].shape)
            loss = loss + (y * make(wave.astype(found[name].dtype), False)).sum()
    loss.backward()
    for i, tensor in enumerate(tensors.values()):
        found[f"input{i}"] = tensor.grad.numpy()
    return found


def layer_outcome(layer, make, case, dtype):
    """Return what a layer gives, with the gradients of its parameters."""
    inputs, masks = layer_inputs(case, dtype)
    options = {k: v for k, v in case[2].items() if not k.endswith("mask")}
    found = outcome(layer, make, inputs, masks, options)
    return found | {name: p.grad.numpy() for name, p in layer.named_parameters()}


def fill(layer, dtype):
    """Give the parameters of a layer, of either library, values unlike those of a fresh one."""
    rng = np.random.default_rng(7)
    for parameter in layer.parameters():
        values = getattr(parameter, "array", None)
        values = parameter.detach().numpy() if values is None else values
        values[...] = rng.standard_normal(values.shape).astype(dtype)
    return layer
