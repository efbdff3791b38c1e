"""Transformers that are compared with PyTorch's: (class, options, masks), and how they are run.

`run(library, case)` is the same for both libraries: `library` gives modules, tensors and arrays.
"""

import warnings

import numpy as np

D, HEADS, FF = 8, 2, 12
N, S, T = 3, 5, 4  # sequences, places of src (or memory), places of tgt

FORMS = [
    {},
    {"activation": "gelu", "batch_first": True},
    {"norm_first": True, "batch_first": True},
    {"norm_first": True, "bias": False, "layer_norm_eps": 1e-2},
]

# Kinds of masks: which of them are given, and of what type.
MASKS = ["none", "causal", "bool", "float", "padding", "both", "heads"]

CASES = (
    [(name, FORMS[i % 4], masks) for name in ("EncoderLayer", "DecoderLayer", "Encoder", "Decoder")
     for i, masks in enumerate(MASKS)]
    + [("Transformer", FORMS[i % 4], masks) for i, masks in enumerate(MASKS)]
    + [("EncoderLayer", {}, "alone"), ("DecoderLayer", FORMS[1], "alone")]
    + [("Transformer", FORMS[2], "alone")]
)  # fmt: skip


def label(case):
    name, options, masks = case
    return ", ".join([name, masks, *(f"{k}={v}" for k, v in options.items())])


def build(nn, case):
    """Return a module of `nn`, scratchml's or PyTorch's, that drops nothing."""
    name, options, _ = case
    options = {"dim_feedforward": FF, "dropout": 0.0, **options}
    if name == "Transformer":
        with warnings.catch_warnings():  # PyTorch's, of a faster way that is not taken
            warnings.simplefilter("ignore")
            return nn.Transformer(D, HEADS, 2, 1, **options)
    kind = name.removesuffix("Layer")
    layer = getattr(nn, f"Transformer{kind}Layer")(D, HEADS, **options)
    if name.endswith("Layer"):
        return layer
    more = {"enable_nested_tensor": False} if kind == "Encoder" else {}
    return getattr(nn, f"Transformer{kind}")(layer, 2, nn.LayerNorm(D), **more)


def arguments(case):
    """Return the sequences and the masks as arrays: (positional, by name)."""
    name, options, masks = case
    rng = np.random.default_rng(sum(map(ord, name + masks)))

    def sequence(length):
        if masks == "alone":
            return rng.standard_normal((length, D))
        return rng.standard_normal((N, length, D) if options.get("batch_first") else (length, N, D))

    def mask(n, m):
        if masks == "causal" and n == m:
            return np.where(np.tri(n), 0.0, -np.inf)
        some = rng.random((n, m)) < 0.4
        some[:, 0] = False  # no row sees nothing
        if masks in ("bool", "both"):
            return some
        if masks == "heads":
            return np.repeat(some[None], N * HEADS, 0) & (rng.random((N * HEADS, n, m)) < 0.8)
        return np.where(some, -np.inf, rng.standard_normal((n, m))) if masks == "float" else None

    def padding(n):
        hidden = np.arange(n) >= np.array([[n], [n - 1], [n - 2]])
        return hidden if masks in ("padding", "both") else None

    src, tgt = sequence(S), sequence(T)
    if name in ("EncoderLayer", "Encoder"):
        first = "src_mask" if name == "EncoderLayer" else "mask"
        args, more = [src], {first: mask(S, S), "src_key_padding_mask": padding(S)}
    else:
        more = {
            "tgt_mask": mask(T, T),
            "memory_mask": mask(T, S),
            "tgt_key_padding_mask": padding(T),
            "memory_key_padding_mask": padding(S),
        }
        args = [tgt, src]
        if name == "Transformer":
            args = [src, tgt]
            more |= {"src_mask": mask(S, S), "src_key_padding_mask": padding(S)}
    return args, {key: value for key, value in more.items() if value is not None}


def fill(module):
    """Give the parameters of a module of either library values of this case's own."""
    rng = np.random.default_rng(7)
    for tensor in module.state_dict().values():
        values = np.asarray(getattr(tensor, "array", tensor))
        values[...] = 0.3 * rng.standard_normal(values.shape) + (values.ndim == 1)


def outcome(module, tensor, case):
    """Return output and gradients of <y, r> for a fixed r, as arrays by name."""
    fill(module)
    args, more = arguments(case)
    xs = [tensor(a, requires_grad=True) for a in args]
    y = module(*xs, **{key: tensor(value) for key, value in more.items()})
    r = np.random.default_rng(3).standard_normal(tuple(y.shape))
    (y * tensor(r)).sum().backward()
    found = {"y": y} | {f"x{i}": x.grad for i, x in enumerate(xs)}
    found |= {name: p.grad for name, p in module.named_parameters()}
    return {name: np.array(value.detach().numpy()) for name, value in found.items()}
