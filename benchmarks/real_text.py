"""Language models of single characters: an LSTM, or a small Transformer, on Shakespeare.

    python -m benchmarks.real_text lstm ../shared/data/translation/tinyshakespeare.txt.gz
    python -m benchmarks.real_text transformer ../shared/data/translation/tinyshakespeare.txt.gz

The models predict each character of a text from those before it. They learn from the first nine
tenths and are judged on the last, by the mean of -log2 P(next character): bits per character, of
which 2.4 are to be had within ten minutes on two cores. Then a text is drawn from them, by their
cache or state.

Sources: Graves (2013), "Generating sequences with recurrent neural networks", section 3.1;
Al-Rfou et al. (2019), "Character-level language modeling with deeper self-attention".
"""

from __future__ import annotations

import gzip
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import scratchml.nn as nn
import scratchml.optim as optim
import scratchml.tensor as torch
from scratchml.data import DataLoader, TensorDataset

LENGTH = 128  # characters that are learnt from together
GOOD = 2.4  # bits per character


class LSTM(nn.Module):
    """Characters through an LSTM layer."""

    def __init__(self, size: int, width: int = 256) -> None:
        super().__init__()
        self.embedding = nn.Embedding(size, 64)
        self.lstm = nn.LSTM(64, width, batch_first=True)
        self.out = nn.Linear(width, size)

    def forward(self, x: Any) -> Any:
        return self.step(x, None)[0].transpose(1, 2)

    def step(self, x: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores of what follows each character (n, T), and the state after them."""
        y, state = self.lstm(self.embedding(x), state)
        return self.out(y), state


class Transformer(nn.Module):
    """Characters through layers of attention to those before."""

    def __init__(self, size: int, width: int = 128, depth: int = 3) -> None:
        super().__init__()
        self.embedding = nn.Embedding(size, width)
        self.places = nn.SinusoidalPositionalEncoding(width, batch_first=True)
        layer = nn.TransformerEncoderLayer(
            width, 4, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, depth, nn.LayerNorm(width))
        self.out = nn.Linear(width, size)
        nn.init.normal_(self.embedding.weight, std=0.5)

    def forward(self, x: Any) -> Any:
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        y = self.layers(self.places(self.embedding(x)), mask=mask, is_causal=True)
        return self.out(y).transpose(1, 2)

    def step(self, x: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores of what follows each character (n, T), and the cache after them."""
        state = state or self.layers.new_cache(capacity=512)
        y = self.places(self.embedding(x), offset=state[0].length)
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.out(self.layers(y, mask=mask, is_causal=True, cache=state)), state


class Characters:
    """A text as numbers: the first nine tenths to learn from, the last to be judged on."""

    def __init__(self, path: Path) -> None:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            text = file.read()
        self.letters = sorted(set(text))
        numbers = {letter: i for i, letter in enumerate(self.letters)}
        coded = np.array([numbers[letter] for letter in text], dtype=np.int64)
        cut = len(coded) * 9 // 10
        self.train, self.held = coded[:cut], coded[cut:]

    def pieces(self, part: np.ndarray, shift: int = 0) -> TensorDataset:
        """Return pieces of the text (n, LENGTH), each with that one character later."""
        n = (len(part) - shift - 1) // LENGTH
        x, y = (part[s : s + n * LENGTH].reshape(n, LENGTH) for s in (shift, shift + 1))
        return TensorDataset(torch.from_numpy(x.copy()), torch.from_numpy(y.copy()))

    def read(self, numbers: Any) -> str:
        """Return numbers as text."""
        return "".join(self.letters[i] for i in numbers)


class Pieces:
    """Batches of a text, cut elsewhere each time that they are looped over."""

    def __init__(self, text: Characters, batch_size: int = 32) -> None:
        self.text, self.batch_size = text, batch_size
        self.random = np.random.RandomState(0)

    def __iter__(self) -> Any:
        pieces = self.text.pieces(self.text.train, self.random.randint(LENGTH))
        return iter(DataLoader(pieces, self.batch_size, shuffle=True, drop_last=True))

    def __len__(self) -> int:
        return (len(self.text.train) // LENGTH - 1) // self.batch_size


def bits(scores: Any, wanted: Any) -> Any:
    """Return the mean of -log2 P(character) for scores (n, letters, T) and characters (n, T)."""
    return nn.functional.cross_entropy(scores, wanted) / math.log(2)


def train(model: Any, text: Characters, epochs: int, rate: float) -> float:
    """Return the bits per character of the last tenth, each piece read from its beginning."""
    loader = Pieces(text)
    optimizer = optim.AdamW(model.parameters(), lr=rate)
    scheduler = optim.lr_scheduler.OneCycleLR(
        optimizer, rate, epochs=epochs, steps_per_epoch=len(loader) + 1
    )
    history = nn.fit(
        model, loader, bits, optimizer, epochs=epochs, scheduler=scheduler, step_scheduler="batch",
        validation=DataLoader(text.pieces(text.held), batch_size=64), max_grad_norm=1.0,
    )  # fmt: skip
    return history["validation_loss"][-1]


def main() -> None:
    name, path, *rest = sys.argv[1:]
    torch.manual_seed(0)
    text = Characters(Path(path))
    size = len(text.letters)
    model, epochs, rate, more = {
        "lstm": (LSTM(size), 5, 4e-3, 400),
        "transformer": (Transformer(size), 7, 3e-3, LENGTH - 32),  # knows places to LENGTH only
    }[name]
    begun = time.perf_counter()
    held = train(model, text, int(rest[0]) if rest else epochs, rate)
    seconds = time.perf_counter() - begun
    print(f"{name}: {held:.3f} bits per character ({GOOD} wanted) after {seconds:.0f} s")
    model.eval()
    begin = torch.from_numpy(text.held[None, :32].copy())
    drawn = nn.decoding.sample(model.step, begin, max_length=more, temperature=0.8, top_p=0.95)
    print(text.read(text.held[:32]) + " ... " + text.read(drawn.lists()[0]))


if __name__ == "__main__":
    main()
