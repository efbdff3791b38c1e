"""Layers for sequences that are compared with PyTorch's: how they are made, and what goes in.

A case has a label, ``build(nn)``, which makes the layer out of either library's ``nn``, and
``inputs(rng)``: positional arguments and options, nested as the layer takes them, of arrays. Floats
are differentiated; masks and numbers are not.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

B, L, S, E, H = 2, 5, 4, 3, 4  # batch, lengths of two sequences, features in, hidden


class SequenceCase(NamedTuple):
    label: str
    build: object
    inputs: object


def label(case):
    return case.label


# Recurrent layers: the grid, and beyond it.


def recurrent(kind, layers=1, bidirectional=False, batch_first=False, bias=True, **more):
    options = {"num_layers": layers, "bidirectional": bidirectional, "batch_first": batch_first}
    options |= {"bias": bias, **more}

    def inputs(rng):
        rows = layers * (1 + bidirectional)
        x = rng.standard_normal((B, L, E) if batch_first else (L, B, E))
        h0 = rng.standard_normal((rows, B, more.get("proj_size", H)))
        c0 = rng.standard_normal((rows, B, H))
        return (x, (h0, c0) if kind == "LSTM" else h0), {}

    told = [f"{layers} layers", *(name for name, value in options.items() if value is True)]
    told += [f"{name}={value}" for name, value in more.items()]
    return SequenceCase(
        f"{kind}({', '.join(told)})", lambda nn: getattr(nn, kind)(E, H, **options), inputs
    )


def at_rest(kind, shape):
    """Return a layer without a first state, of a batch or of one sequence."""
    return SequenceCase(
        f"{kind}(at rest, {shape})",
        lambda nn: getattr(nn, kind)(E, H, 2),
        lambda rng: ((rng.standard_normal(shape),), {}),
    )


def one_sequence(kind):
    """Return a layer with a first state and no axis of a batch."""

    def inputs(rng):
        h0, c0 = rng.standard_normal((2, 2, H))
        return (rng.standard_normal((L, E)), (h0, c0) if kind == "LSTM" else h0), {}

    return SequenceCase(
        f"{kind}(one sequence)", lambda nn: getattr(nn, kind)(E, H, bidirectional=True), inputs
    )


def cell(kind, **options):
    def inputs(rng):
        h, c = rng.standard_normal((2, B, H))
        return (rng.standard_normal((B, E)), (h, c) if kind == "LSTMCell" else h), {}

    return SequenceCase(f"{kind}({options})", lambda nn: getattr(nn, kind)(E, H, **options), inputs)


KINDS = ("RNN", "LSTM", "GRU")
GRID = [
    recurrent(kind, *choice)
    for kind in KINDS
    for choice in product((1, 2), (False, True), (False, True), (False, True))
]
RECURRENT = [
    *GRID,
    recurrent("RNN", 2, True, nonlinearity="relu"),
    recurrent("LSTM", proj_size=2),
    recurrent("LSTM", 2, True, True, proj_size=3),
    *(at_rest(kind, shape) for kind in KINDS for shape in ((L, B, E), (L, E), (1, 1, E))),
    *(one_sequence(kind) for kind in KINDS),
    *(cell(f"{kind}Cell") for kind in KINDS),
    *(cell(f"{kind}Cell", bias=False) for kind in KINDS),
    cell("RNNCell", nonlinearity="relu"),
]

# Attention. A sequence of D features, 2 heads.

D, HEADS = 6, 2


def causal(length):
    """Return what nn.Transformer.generate_square_subsequent_mask does: -inf above the diagonal."""
    return np.triu(np.full((length, length), -np.inf), 1)


def padding(length):
    """Return which keys are none: the last two of the second sequence."""
    mask = np.zeros((B, length), bool)
    mask[1, -2:] = True
    return mask


def attention(label, masks=None, kdim=D, vdim=D, **options):
    """Return multi-head attention from L queries to S keys; `masks` are options of the call."""
    batch_first = options.get("batch_first", False)
    called = dict(options, kdim=kdim, vdim=vdim)

    def inputs(rng):
        q, k, v = (
            rng.standard_normal((B, n, d) if batch_first else (n, B, d))
            for n, d in ((L, D), (S, kdim), (S, vdim))
        )
        return (q, k, v), masks(rng) if masks else {}

    return SequenceCase(
        f"MultiheadAttention({label})",
        lambda nn: nn.MultiheadAttention(D, HEADS, **called),
        inputs,
    )


def ruled_out(rng):
    """Return a mask for each head that leaves every query some key."""
    mask = rng.random((B * HEADS, L, S)) < 0.4
    mask[:, :, 1] = False
    return mask


ATTENTION = [
    attention("plain"),
    attention("batch_first", batch_first=True),
    attention("no bias", bias=False),
    attention("without weights", lambda rng: {"need_weights": False}),
    attention("weights of heads", lambda rng: {"average_attn_weights": False}),
    attention("other widths", kdim=5, vdim=7, batch_first=True),
    attention("other widths, no bias", kdim=5, bias=False),
    attention("bias_kv", add_bias_kv=True),
    attention("zero", add_zero_attn=True, batch_first=True),
    attention(
        "bias_kv, zero, padding",
        lambda rng: {"key_padding_mask": padding(S)},
        add_bias_kv=True,
        add_zero_attn=True,
    ),
    attention("padding", lambda rng: {"key_padding_mask": padding(S)}),
    attention(
        "padding, without weights",
        lambda rng: {"key_padding_mask": padding(S), "need_weights": False},
        batch_first=True,
    ),
    attention("scores added", lambda rng: {"attn_mask": rng.standard_normal((L, S))}),
    attention("ruled out", lambda rng: {"attn_mask": ruled_out(rng)}),
    attention(
        "ruled out, without weights",
        lambda rng: {"attn_mask": ruled_out(rng), "need_weights": False},
    ),
    attention(
        "padding and scores",
        lambda rng: {
            "key_padding_mask": np.where(padding(S), -np.inf, 0.0),
            "attn_mask": rng.standard_normal((B * HEADS, L, S)),
        },
    ),
    SequenceCase(
        "MultiheadAttention(causal)",
        lambda nn: nn.MultiheadAttention(D, HEADS),
        lambda rng: (
            (rng.standard_normal((L, B, D)),) * 3,  # one tensor
            {"attn_mask": causal(L), "is_causal": True, "need_weights": False},
        ),
    ),
    SequenceCase(
        "MultiheadAttention(one sequence)",
        lambda nn: nn.MultiheadAttention(D, HEADS),
        lambda rng: (tuple(rng.standard_normal((n, D)) for n in (L, S, S)), {}),
    ),
]

# Transformers. Dropout is left out: its draws are compared elsewhere.


def layer_of(nn, name, **options):
    return getattr(nn, name)(D, HEADS, 8, dropout=0.0, **options)


def encoder_layer(label, masks=None, **options):
    shape = (B, L, D) if options.get("batch_first") else (L, B, D)
    return SequenceCase(
        f"TransformerEncoderLayer({label})",
        lambda nn: layer_of(nn, "TransformerEncoderLayer", **options),
        lambda rng: ((rng.standard_normal(shape),), masks() if masks else {}),
    )


def decoder_layer(label, masks=None, **options):
    shapes = [(B, n, D) if options.get("batch_first") else (n, B, D) for n in (L, S)]
    return SequenceCase(
        f"TransformerDecoderLayer({label})",
        lambda nn: layer_of(nn, "TransformerDecoderLayer", **options),
        lambda rng: (tuple(map(rng.standard_normal, shapes)), masks() if masks else {}),
    )


def encoder(nn, norm, **options):
    layer = layer_of(nn, "TransformerEncoderLayer", **options)
    last = nn.LayerNorm(D) if norm else None
    return nn.TransformerEncoder(layer, 2, last, enable_nested_tensor=False)


def decoder(nn, norm, **options):
    layer = layer_of(nn, "TransformerDecoderLayer", **options)
    return nn.TransformerDecoder(layer, 2, nn.LayerNorm(D) if norm else None)


def both_masks():
    return {"src_mask": causal(L), "src_key_padding_mask": np.where(padding(L), -np.inf, 0.0)}


def decoder_masks():
    return {
        "tgt_mask": causal(L),
        "memory_mask": np.eye(L, S, dtype=bool),
        "tgt_key_padding_mask": np.where(padding(L), -np.inf, 0.0),
        "memory_key_padding_mask": padding(S),
    }


def source_and_target(rng):
    return tuple(rng.standard_normal((B, n, D)) for n in (S, L))


TRANSFORMERS = [
    encoder_layer("plain"),
    encoder_layer("gelu, batch_first", activation="gelu", batch_first=True),
    encoder_layer("norm_first, no bias", norm_first=True, bias=False),
    encoder_layer("masks", both_masks),
    encoder_layer("masks, norm_first", both_masks, norm_first=True, layer_norm_eps=1e-3),
    encoder_layer("causal", lambda: {"src_mask": causal(L), "is_causal": True}),
    decoder_layer("plain"),
    decoder_layer("gelu, batch_first", activation="gelu", batch_first=True),
    decoder_layer("norm_first, no bias", norm_first=True, bias=False),
    decoder_layer("masks", decoder_masks),
    decoder_layer("masks, norm_first", decoder_masks, norm_first=True),
    decoder_layer("causal", lambda: {"tgt_mask": causal(L), "tgt_is_causal": True}),
    SequenceCase(
        "TransformerEncoder",
        lambda nn: encoder(nn, norm=True, batch_first=True),
        lambda rng: (
            (rng.standard_normal((B, L, D)),),
            {"mask": causal(L), "src_key_padding_mask": np.where(padding(L), -np.inf, 0.0)},
        ),
    ),
    SequenceCase(
        "TransformerEncoder(norm_first)",
        lambda nn: encoder(nn, norm=False, norm_first=True),
        lambda rng: ((rng.standard_normal((L, B, D)),), {}),
    ),
    SequenceCase(
        "TransformerDecoder",
        lambda nn: decoder(nn, norm=True),
        lambda rng: (
            (rng.standard_normal((L, B, D)), rng.standard_normal((S, B, D))),
            {"tgt_mask": causal(L), "memory_key_padding_mask": padding(S)},
        ),
    ),
    SequenceCase(
        "Transformer",
        lambda nn: nn.Transformer(D, HEADS, 2, 2, 8, dropout=0.0, batch_first=True),
        lambda rng: (
            source_and_target(rng),
            {
                "tgt_mask": causal(L),
                "src_key_padding_mask": padding(S),
                "memory_key_padding_mask": padding(S),
            },
        ),
    ),
    SequenceCase(
        "Transformer(norm_first, no bias)",
        lambda nn: nn.Transformer(
            D,
            HEADS,
            1,
            2,
            8,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
            bias=False,
        ),
        lambda rng: (source_and_target(rng), {}),
    ),
]

SEQUENCES = RECURRENT + ATTENTION + TRANSFORMERS
