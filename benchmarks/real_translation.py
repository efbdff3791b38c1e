"""From English to German with a small Transformer, beside a dictionary learnt from the same text.

    python -m benchmarks.real_translation ../shared/data/translation [epochs]

Vaswani et al. (2017), "Attention is all you need", with the normalisation before each part, and
one table of vectors for both languages and for the scores of the next piece (section 3.4). Trained
for some minutes on the 29,000 pairs of Multi30k; BLEU of the 1,014 pairs of its validation part,
whose greedy and beam search take the keys and values of earlier pieces from a cache.
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import scratchml.nn as nn
import scratchml.nn.functional as F
import scratchml.optim as optim
import scratchml.tensor as torch
from benchmarks.bleu import corpus_bleu
from benchmarks.translation_text import BytePairs, begin_small, read, to_line, usual_case
from benchmarks.word_for_word import learn_dictionary, translate

PAD, BEGIN, STOP, UNKNOWN = range(4)
PLACES = 2000  # of the targets of a batch
Pair = tuple[list[int], list[int]]


class Text:
    """Both languages of a part of the data, and numbers for the pieces of their words."""

    def __init__(self, folder: Path, merges: int = 4000) -> None:
        files = {
            n: folder / f"multi30k_{n}.gz" for n in ("train.en", "train.de", "val.en", "val.de")
        }
        self.raw = {name: read(path) for name, path in files.items()}
        usual = {name[-2:]: usual_case(self.raw[name]) for name in ("train.en", "train.de")}
        self.words = {
            name: [begin_small(words, usual[name[-2:]]) for words in sentences]
            for name, sentences in self.raw.items()
        }
        known = (
            w for name in ("train.en", "train.de") for words in self.words[name] for w in words
        )
        self.byte_pairs = BytePairs(Counter(known), merges)
        pieces = {
            piece
            for name in ("train.en", "train.de")
            for words in self.words[name]
            for piece in self.byte_pairs.pieces(words)
        }
        self.names = ["<pad>", "<begin>", "<stop>", "<unknown>", *sorted(pieces)]
        self.numbers = {piece: i for i, piece in enumerate(self.names)}

    def encode(self, name: str) -> list[list[int]]:
        """Return each sentence as numbers, with a stop at the end."""
        return [
            [self.numbers.get(p, UNKNOWN) for p in self.byte_pairs.pieces(words)] + [STOP]
            for words in self.words[name]
        ]

    def decode(self, numbers: Sequence[int]) -> str:
        """Return numbers, up to the first stop, as running text."""
        ended = [*numbers, STOP].index(STOP)
        pieces = [self.names[i] for i in numbers[:ended] if i > UNKNOWN]
        return to_line(self.byte_pairs.words(pieces))


class Translator(nn.Module):
    """A Transformer with one table of vectors for everything."""

    def __init__(self, size: int, width: int = 128, heads: int = 4, depth: int = 3) -> None:
        super().__init__()
        self.width = width
        self.embedding = nn.Embedding(size, width, padding_idx=PAD)
        self.places = nn.SinusoidalPositionalEncoding(width, dropout=0.1, batch_first=True)
        self.transformer = nn.Transformer(
            width, heads, depth, depth, 2 * width, 0.1, batch_first=True, norm_first=True
        )
        nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def forward(self, source: Any, target: Any) -> Any:
        hidden = source == PAD
        causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        y = self.transformer(
            self.embed(source),
            self.embed(target),
            tgt_mask=causal,
            src_key_padding_mask=hidden,
            memory_key_padding_mask=hidden,
            tgt_is_causal=True,
        )
        return self.scores(y)

    def embed(self, numbers: Any, offset: int = 0) -> Any:
        return self.places(self.embedding(numbers) * math.sqrt(self.width), offset=offset)

    def scores(self, y: Any) -> Any:
        return F.linear(y, self.embedding.weight)

    def start(self, source: Any) -> dict[str, Any]:
        """Return what is known of sentences (n, S) before the first piece of a translation."""
        hidden = source == PAD
        memory = self.transformer.encoder(self.embed(source), src_key_padding_mask=hidden)
        return {
            "memory": memory,
            "hidden": hidden,
            "cache": self.transformer.decoder.new_cache(capacity=32),
        }

    def step(self, tokens: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the scores of what follows the new pieces (n, T), and the state after them."""
        cache = state["cache"]
        y = self.transformer.decoder(
            self.embed(tokens, offset=cache[0][0].length),
            state["memory"],
            memory_key_padding_mask=state["hidden"],
            cache=cache,
        )
        return self.scores(y[:, -1]), state


def pad(rows: Sequence[Sequence[int]]) -> Any:
    """Return rows (n, longest) with zeros behind the shorter ones."""
    padded = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for row, values in zip(padded, rows, strict=True):
        row[: len(values)] = values
    return torch.from_numpy(padded)


def batches(pairs: Sequence[Pair], places: int, random: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield batches of pairs about as long as each other, in random order.

    Parameters
    ----------
    pairs : sequence of pair
        Source and target, numbers.
    places : int
        Of a batch's targets at most, padding counted.
    random : RandomState
        Draws the order.
    """
    length = np.array([(len(target), len(source)) for source, target in pairs])
    order = np.lexsort((random.rand(len(pairs)), length[:, 1], length[:, 0]))
    groups, start = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * length[order[end], 0] > places:
            groups.append(order[start:end])
            start = end
    for at in random.permutation(len(groups)):
        sources, targets = zip(*(pairs[i] for i in groups[at]), strict=True)
        given = [[BEGIN, *target[:-1]] for target in targets]
        yield pad(sources), pad(given), pad(targets)


def train(model: Any, pairs: Sequence[Pair], epochs: int, peak: float = 4e-3) -> None:
    """Train with label smoothing; the rate rises for one epoch, then falls as a cosine."""
    loss_function = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.1)
    optimizer = optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    random = np.random.RandomState(0)
    per_epoch = sum(1 for _ in batches(pairs, PLACES, random))

    def rate(step: int) -> float:
        if step < per_epoch:
            return (step + 1) / per_epoch
        spent = (step - per_epoch) / max(1, per_epoch * (epochs - 1))
        return 0.5 * (1 + math.cos(math.pi * min(1.0, spent)))

    for group in optimizer.param_groups:
        group["lr"] = peak
    scheduler = optim.lr_scheduler.LambdaLR(optimizer, rate)
    model.train()
    for epoch in range(epochs):
        total, begin = 0.0, time.perf_counter()
        for source, given, wanted in batches(pairs, PLACES, random):
            optimizer.zero_grad()
            loss = loss_function(model(source, given).flatten(0, 1), wanted.flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            total += loss.item()
        seconds = time.perf_counter() - begin
        print(f"epoch {epoch + 1}: loss {total / per_epoch:.3f}, {seconds:.0f} s", flush=True)


def translated(
    model: Translator, sources: Sequence[Sequence[int]], width: int, at_once: int = 64
) -> list[list[int]]:
    """Return translations by beam search, those of about as long sentences together."""
    order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
    found: dict[int, list[int]] = {}
    with torch.no_grad():
        for first in range(0, len(order), at_once):
            rows = order[first : first + at_once]
            state = model.start(pad([sources[i] for i in rows]))
            begin = torch.full((len(rows), 1), BEGIN)
            result = nn.decoding.beam_search(
                model.step, begin, state, width=width, max_length=60, eos=STOP
            )
            found.update(zip(rows, result.lists(), strict=True))
    return [found[i] for i in range(len(sources))]


def main() -> None:
    folder, *rest = sys.argv[1:]
    epochs = int(rest[0]) if rest else 6
    torch.manual_seed(0)
    text = Text(Path(folder))
    references = [to_line(words) for words in text.raw["val.de"]]

    dictionary = learn_dictionary(text.words["train.en"], text.words["train.de"])
    lines = [to_line(translate(dictionary, words)) for words in text.words["val.en"]]
    print(f"word for word: BLEU {corpus_bleu(lines, references):.1f}", flush=True)

    model = Translator(len(text.names))
    pairs = list(zip(text.encode("train.en"), text.encode("train.de"), strict=True))
    begin = time.perf_counter()
    train(model, pairs, epochs)
    print(f"trained in {time.perf_counter() - begin:.0f} s")
    model.eval()
    for width in (1, 4):
        begin = time.perf_counter()
        lines = [text.decode(row) for row in translated(model, text.encode("val.en"), width)]
        seconds = time.perf_counter() - begin
        bleu = corpus_bleu(lines, references)
        print(f"Transformer, beam of {width}: BLEU {bleu:.1f} in {seconds:.0f} s", flush=True)
    for i in range(0, 1000, 200):
        print(f"  {to_line(text.raw['val.en'][i])}\n  {lines[i]}\n  {references[i]}\n")


if __name__ == "__main__":
    main()
