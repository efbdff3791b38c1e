"""Text for translation: words as they are inside a sentence, and the pieces that they are made of.

Byte pair encoding begins with characters and joins, again and again, the two neighbouring pieces
that are most often side by side in the words of the text. Frequent words become one piece, rare
ones several, and nothing is unknown but a character never seen.

Sennrich, Haddow, Birch (2016), "Neural machine translation of rare words with subword units",
section 3.2, algorithm 1; as there, the last piece of a word ends in a mark.
"""

from __future__ import annotations

import gzip
import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.bleu import tokens

END = "</w>"  # of a word; the tokens have no such sign, for it would have been cut
Pair = tuple[str, str]


def read(path: Path) -> list[list[str]]:
    """Return the words of each line of a compressed file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [tokens(line) for line in file]


def usual_case(sentences: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return for each word in small letters how it is mostly written, first words left out."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for words in sentences:
        for word in words[1:]:
            seen[word.lower()][word] += 1
    return {word: forms.most_common(1)[0][0] for word, forms in seen.items()}


def begin_small(words: Sequence[str], usual: dict[str, str]) -> list[str]:
    """Return a sentence whose first word is written as it is inside of sentences."""
    return [usual.get(words[0].lower(), words[0]), *words[1:]] if words else []


def to_line(words: Sequence[str]) -> str:
    """Return a sentence as running text, with a capital letter."""
    line = " ".join(words)
    for sign in ".,!?;:":
        line = line.replace(f" {sign}", sign)
    return line[:1].upper() + line[1:]


class BytePairs:
    """Pieces of words, learnt from their frequencies.

    Parameters
    ----------
    words : Counter
        How often each word is in the text.
    merges : int
        How many pairs are joined.
    """

    def __init__(self, words: Counter[str], merges: int) -> None:
        self.rank: dict[Pair, int] = {}
        pieces, frequency = [_split(word) for word in words], list(words.values())
        counts: Counter[Pair] = Counter()
        where: dict[Pair, set[int]] = defaultdict(set)
        for i in range(len(pieces)):
            _count(pieces[i], i, frequency[i], counts, where)
        most = [(-count, pair) for pair, count in counts.items()]
        heapq.heapify(most)
        while len(self.rank) < merges and most:
            negative, pair = heapq.heappop(most)
            if -negative != counts[pair]:  # others have taken some of them
                if counts[pair]:
                    heapq.heappush(most, (-counts[pair], pair))
                continue
            self.rank.setdefault(pair, len(self.rank))
            changed = set()
            for i in list(where[pair]):
                _count(pieces[i], i, -frequency[i], counts, where)
                pieces[i] = _join(pieces[i], pair)
                _count(pieces[i], i, frequency[i], counts, where)
                changed.update(p for p in pairwise(pieces[i]) if "".join(pair) in p)
            for new in changed:
                heapq.heappush(most, (-counts[new], new))
        self._known: dict[str, list[str]] = dict(zip(words, pieces, strict=True))

    def pieces(self, words: Iterable[str]) -> list[str]:
        """Return the pieces of the words of a sentence."""
        return [piece for word in words for piece in self._of(word)]

    def words(self, pieces: Iterable[str]) -> list[str]:
        """Return the words that pieces make."""
        return "".join(pieces).replace(END, " ").split()

    def _of(self, word: str) -> list[str]:
        if word not in self._known:
            parts = _split(word)
            while len(parts) > 1:
                first = min(pairwise(parts), key=self._rank)
                if first not in self.rank:
                    break
                parts = _join(parts, first)
            self._known[word] = parts
        return self._known[word]

    def _rank(self, pair: Pair) -> int:
        return self.rank.get(pair, len(self.rank))


def _split(word: str) -> list[str]:
    return [*word[:-1], word[-1] + END]


def _count(
    parts: list[str], i: int, by: int, counts: Counter[Pair], where: dict[Pair, set[int]]
) -> None:
    """Count the pairs of word `i`, or take them back."""
    for pair in pairwise(parts):
        counts[pair] += by
        (where[pair].add if by > 0 else where[pair].discard)(i)


def _join(parts: list[str], pair: Pair) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return joined
