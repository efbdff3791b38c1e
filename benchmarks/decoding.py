"""Greedy decoding with a cache of keys and values beside PyTorch's, from the same weights.

The model has six layers of 256 features, 8 heads and 1024 features within; given 16 tokens, it
adds 96. Ours is run by `nn.decoding.greedy_search` and the caches of `TransformerEncoder`;
for PyTorch, which has neither, the step is written out with its layers, its fused attention and
buffers that are long enough from the start. In the cases named "plain" ours runs that very code.
The quality is the share of tokens that differ from those of our model in float64 without a cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.harness import Case
from benchmarks.sequences import LIBRARIES, theirs

VOCABULARY, FEATURES, HEADS, WITHIN, LAYERS = 256, 256, 8, 1024, 6
PROMPT, NEW = 16, 96


@cache
def _model(name: str, dtype: str = "float32") -> Any:
    """Return a library's model in parts, with the same numbers in each library."""
    library = LIBRARIES[name]()
    torch, nn = library.torch, library.nn
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(FEATURES, HEADS, WITHIN, dropout=0.0, batch_first=True)
    model = nn.ModuleDict(
        {
            "tokens": nn.Embedding(VOCABULARY, FEATURES),
            "places": nn.Embedding(PROMPT + NEW, FEATURES),
            "encoder": nn.TransformerEncoder(layer, LAYERS),
            "head": nn.Linear(FEATURES, VOCABULARY),
        }
    )
    random = np.random.default_rng(0)
    state = {
        key: random.normal(0, 0.1, tuple(value.shape)) + ("norm" in key and "weight" in key)
        for key, value in sorted(model.state_dict().items())
    }
    model.load_state_dict({k: torch.from_numpy(v.astype(np.float32)) for k, v in state.items()})
    return model.to(getattr(torch, dtype)).eval()


def prompts(n: int) -> tuple[np.ndarray]:
    """Return the tokens that n sequences begin with."""
    return (np.random.default_rng(1).integers(0, VOCABULARY, (n, PROMPT)),)


def with_caches(tokens: np.ndarray) -> np.ndarray:
    """Decode as a user of this library would."""
    library = LIBRARIES["ours"]()
    torch, model = library.torch, _model("ours")

    def step(new: Any, caches: Any) -> tuple[Any, Any]:
        start = caches[0].length
        places = torch.arange(start, start + new.shape[1])
        x = model["tokens"](new) + model["places"](places)
        x = model["encoder"](x, is_causal=True, cache=caches)
        return model["head"](x[:, -1]), caches

    caches = model["encoder"].new_cache(PROMPT + NEW)
    found = library.nn.decoding.greedy_search(
        step, torch.from_numpy(tokens), caches, max_length=NEW
    )
    return found.tokens.numpy()


def written_out(library: Any, tokens: np.ndarray) -> np.ndarray:
    """Decode by code that both libraries run."""
    torch, model = library.torch, _model(library.name)
    with torch.no_grad():
        new, start, out = torch.from_numpy(tokens), 0, []
        shape = (len(tokens), HEADS, PROMPT + NEW, FEATURES // HEADS)
        caches = [(torch.empty(shape), torch.empty(shape)) for _ in range(LAYERS)]
        for _ in range(NEW):
            stop = start + new.shape[1]
            x = model["tokens"](new) + model["places"](torch.arange(start, stop))
            for layer, kept in zip(model["encoder"].layers, caches, strict=True):
                x = _layer(library, layer, x, kept, start, stop)
            new = model["head"](x[:, -1]).argmax(-1)[:, None]
            out.append(new)
            start = stop
        return torch.cat(out, 1).numpy()


def _layer(library: Any, layer: Any, x: Any, kept: Any, start: int, stop: int) -> Any:
    """Return the output of an encoder's layer for the places start to stop."""
    attention, (keys, values), (B, L, D) = layer.self_attn, kept, x.shape
    qkv = library.F.linear(x, attention.in_proj_weight, attention.in_proj_bias)
    q, k, v = qkv.view(B, L, 3, HEADS, D // HEADS).permute(2, 0, 3, 1, 4)
    keys[:, :, start:stop], values[:, :, start:stop] = k, v
    y = library.F.scaled_dot_product_attention(
        q, keys[:, :, :stop], values[:, :, :stop], is_causal=L > 1
    )
    x = layer.norm1(x + attention.out_proj(y.transpose(1, 2).reshape(B, L, D)))
    return layer.norm2(x + layer.linear2(library.F.relu(layer.linear1(x))))


@cache
def _exact(n: int) -> np.ndarray:
    """Return the tokens of our model in float64, without a cache."""
    library = LIBRARIES["ours"]()
    torch, model = library.torch, _model("ours", "float64")

    def logits(tokens: Any) -> Any:
        x = model["tokens"](tokens) + model["places"](torch.arange(tokens.shape[1]))
        return model["head"](model["encoder"](x, is_causal=True)[:, -1:])

    step = library.nn.decoding.uncached(logits)
    found = library.nn.decoding.greedy_search(step, torch.from_numpy(*prompts(n)), max_length=NEW)
    return found.tokens.numpy()


def _wrong(found: np.ndarray, tokens: np.ndarray) -> float:
    return float((found != _exact(len(tokens))).mean())


def case(name: str, target: float, n: int, ours: Callable[[np.ndarray], np.ndarray]) -> Case:
    """Return the case of decoding n sequences at once."""

    def peer() -> Callable[[np.ndarray], np.ndarray]:
        return partial(written_out, theirs())

    return Case(name, prompts, n, ours, {"PyTorch": peer}, _wrong, "wrong", target)


def _plain(tokens: np.ndarray) -> np.ndarray:
    library: SimpleNamespace = LIBRARIES["ours"]()
    return written_out(library, tokens)


CASES: Sequence[Case] = [
    case("nn-decoding-1", 2.0, 1, with_caches),
    case("nn-decoding-plain-1", 1.0, 1, _plain),
    case("nn-decoding-8", 1.0, 8, with_caches),
]
