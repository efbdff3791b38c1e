"""Recurrent layers, attention and a Transformer's layer beside PyTorch's, from the same weights.

A run is some calls of a layer: forward alone without a tape, or forward and backward with the
gradients of the input and of all parameters. Both libraries are called in the same words. The
quality is the largest error of outputs and gradients beside our own in float64 (which the tests
hold against PyTorch's), relative to the largest value of each; where dropout draws, beside the same
library's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from benchmarks.harness import Case
from benchmarks.nn_ops import gelu, layer, layer_norm, silu

VOCABULARY = 10_000


@dataclass(frozen=True)
class Work:
    """What one run does.

    Parameters
    ----------
    shapes : tuple of tuple
        Shapes of the inputs, all of one length.
    call : callable
        ``call(library, model, *inputs)``: the output whose gradient is given.
    build : callable, optional
        Makes the model out of a library's ``nn``.
    calls : int
        Calls in a run.
    backward : bool
        Whether gradients are wanted.
    indices : bool
        Whether the inputs are numbers of rows rather than values.
    random : bool
        Whether the two libraries draw different numbers.
    """

    shapes: tuple[tuple[int, ...], ...]
    call: Callable[..., Any]
    build: Callable[[Any], Any] | None = None
    calls: int = 3
    backward: bool = True
    indices: bool = False
    random: bool = False

    def data(self, n: int) -> tuple[np.ndarray, ...]:
        """Return the inputs, cut to n along the first axis."""
        return tuple(_numbers(s, i, self.indices)[:n] for i, s in enumerate(self.shapes))


class Found(NamedTuple):
    """The output, and the gradients if they are wanted, of one of the libraries."""

    library: str
    arrays: list[np.ndarray]


@cache
def _numbers(shape: tuple[int, ...], seed: int, indices: bool = False) -> np.ndarray:
    """Return the same numbers at each call: a run is not to be the making of them."""
    random = np.random.default_rng(seed)
    if indices:
        return random.integers(0, VOCABULARY, shape)
    return random.standard_normal(shape, dtype=np.float32)


# --------------------------------------------------------------------------------- both libraries


def ours() -> Any:
    import scratchml.nn as nn
    import scratchml.nn.functional as F
    from scratchml import tensor

    return SimpleNamespace(name="ours", torch=tensor, nn=nn, F=F)


def theirs() -> Any:
    import torch
    import torch.nn.functional as F

    return SimpleNamespace(name="theirs", torch=torch, nn=torch.nn, F=F)


LIBRARIES: dict[str, Callable[[], Any]] = {"ours": ours, "theirs": theirs}


@cache
def _model(work: Work, name: str, double: bool) -> Any:
    """Return the model of a library, made and filled once for each kind of run."""
    if work.build is None:
        return None
    library = LIBRARIES[name]()
    library.torch.manual_seed(0)
    model = work.build(library.nn)
    if name == "theirs":
        mine = _model(work, "ours", double).state_dict()
        model.load_state_dict(
            {key: library.torch.from_numpy(value.numpy().copy()) for key, value in mine.items()}
        )
    return model.double() if double else model


def _run(work: Work, library: Any, double: bool, *arrays: np.ndarray) -> Found:
    """Do the work, and return what the last call gave."""
    torch, model = library.torch, _model(work, library.name, double)
    inputs = [
        torch.from_numpy(a.astype(np.float64) if double and a.dtype.kind == "f" else a)
        for a in arrays
    ]
    if not work.backward:
        if model is not None:
            model.eval()
        with torch.no_grad():
            for _ in range(work.calls):
                y = work.call(library, model, *inputs)
        return Found(library.name, [y.numpy()])
    leaves = [] if work.indices else [x.requires_grad_() for x in inputs]
    leaves += [] if model is None else list(model.parameters())
    torch.manual_seed(0)  # dropout, where there is any
    dy = None
    for _ in range(work.calls):
        for leaf in leaves:
            leaf.grad = None
        y = work.call(library, model, *inputs)
        if dy is None:
            values = _numbers(tuple(y.shape), 9)
            dy = torch.from_numpy(values.astype(np.float64) if double else values.copy())
        y.backward(dy)
    gradients = [leaf.grad.numpy() for leaf in leaves]
    return Found(library.name, [y.detach().numpy(), *gradients])


@cache
def _exact(work: Work, name: str, n: int) -> Found:
    return _run(work, LIBRARIES[name](), True, *work.data(n))


def _error(work: Work, found: Found, *data: np.ndarray) -> float:
    exact = _exact(work, found.library if work.random else "ours", len(data[0]))
    pairs = zip(found.arrays, exact.arrays, strict=True)
    return max(float(np.abs(a - e).max() / np.abs(e).max()) for a, e in pairs)


def case(name: str, target: float, work: Work) -> Case:
    """Return the case of some work beside PyTorch."""

    def mine(*data: np.ndarray) -> Found:
        return _run(work, ours(), False, *data)

    def peer() -> Callable[..., Found]:
        return partial(_run, work, theirs(), False)

    n = work.shapes[0][0]
    error = partial(_error, work)
    return Case(name, work.data, n, mine, {"PyTorch": peer}, error, "error", target)


# --------------------------------------------------------------------------------- recurrent layers

STEPS, BATCH, FEATURES, HIDDEN = 100, 32, 128, 256


def recurrent(name: str, forward: float, both: float) -> list[Case]:
    """Return the cases of one kind of layer: forward alone, and with the gradients."""

    def build(nn: Any) -> Any:
        return getattr(nn, name)(FEATURES, HIDDEN)

    def call(library: Any, model: Any, x: Any) -> Any:
        return model(x)[0]

    shapes = ((STEPS, BATCH, FEATURES),)
    return [
        case(f"nn-{name.lower()}-forward", forward, Work(shapes, call, build, 6, backward=False)),
        case(f"nn-{name.lower()}", both, Work(shapes, call, build, 3)),
    ]


# --------------------------------------------------------------------------------- attention


def attention(
    target: float, shape: tuple[int, ...], *, is_causal: bool = False, forward: bool = False
) -> Case:
    """Return the case of attention, (batch, heads, length, dimensions), each token to each."""

    def call(library: Any, model: Any, q: Any, k: Any, v: Any) -> Any:
        return library.F.scaled_dot_product_attention(q, k, v, is_causal=is_causal)

    work = Work((shape,) * 3, call, None, 2 if shape[2] < 2048 else 1, backward=not forward)
    name = f"nn-attention-b{shape[0]}-l{shape[2]}" + "-causal" * is_causal + "-forward" * forward
    return case(name, target, work)


def multi_head(library: Any, model: Any, x: Any) -> Any:
    """Return what nn.MultiheadAttention makes of a sequence that attends to itself."""
    return model(x, x, x, need_weights=False)[0]


# --------------------------------------------------------------------------------- Transformer


def encoder_layer(name: str, target: float, *, forward: bool = False, **options: Any) -> Case:
    """Return the case of an encoder's layer: 512 features, 8 heads, 2048 within."""

    def build(nn: Any) -> Any:
        return nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True, **options)

    def call(library: Any, model: Any, x: Any) -> Any:
        return model(x)

    work = Work(
        ((8, 128, 512),),
        call,
        build,
        6 if forward else 2,
        backward=not forward,
        random=options["dropout"] > 0,
    )
    return case(name, target, work)


# --------------------------------------------------------------------------------- around them


def embedding() -> Case:
    def build(nn: Any) -> Any:
        return nn.Embedding(VOCABULARY, 256)

    def call(library: Any, model: Any, tokens: Any) -> Any:
        return model(tokens)

    return case("nn-embedding-32x128-of-10k", 1.0, Work(((32, 128),), call, build, 10, True, True))


CASES: Sequence[Case] = [
    *recurrent("LSTM", 0.95, 1.3),
    *recurrent("GRU", 1.2, 1.7),
    *recurrent("RNN", 1.4, 2.0),
    attention(1.0, (8, 8, 512, 64)),
    attention(1.2, (8, 8, 512, 64), is_causal=True),
    attention(1.0, (1, 8, 2048, 64)),
    attention(1.0, (1, 8, 2048, 64), is_causal=True),
    attention(1.0, (8, 8, 512, 64), forward=True),
    case(
        "nn-multihead-8x128x512",
        1.0,
        Work(
            ((8, 128, 512),),
            multi_head,
            lambda nn: nn.MultiheadAttention(512, 8, batch_first=True),
            3,
        ),
    ),
    encoder_layer("nn-encoder-layer", 1.0, dropout=0.0),
    encoder_layer("nn-encoder-layer-forward", 1.0, forward=True, dropout=0.0),
    # gelu: where float32 takes an edge of relu for another side than float64, gradients differ
    encoder_layer("nn-encoder-layer-dropout", 1.0, dropout=0.1, activation="gelu"),
    embedding(),
    layer("nn-gelu-8x128x512", (8, 128, 512), gelu, 1.0),
    layer("nn-silu-8x128x512", (8, 128, 512), silu, 1.0),
    layer("nn-layer-norm-8x128x512", (8, 128, 512), layer_norm, 1.5, (512,), (512,)),
    layer("nn-layer-norm-1024x2048", (1024, 2048), layer_norm, 1.5, (2048,), (2048,)),
]
