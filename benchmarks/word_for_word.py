"""A dictionary learnt from translated sentences, and translation with it word for word.

Model 1 of Brown et al.: each word f of a target sentence comes from one word e of the source
sentence, or from none (an empty word in each), any as likely as the other,

    P(f_1 ... f_m | e_0 ... e_l) ~ product over j of sum over i of t(f_j | e_i)

whose maximum expectation and maximisation approach, t(f | e) the same for all f at first:

    c(f, e) = sum over sentences, j with f_j = f, i with e_i = e of t(f | e) / sum_k t(f | e_k)
    t(f | e) = c(f, e) / sum_f c(f, e)

The dictionary has for each e the f of the largest t(f | e).

Brown, Della Pietra, Della Pietra, Mercer (1993), "The mathematics of statistical machine
translation: parameter estimation", section 4.1, equations 5, 11 and 12.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Sentences = Sequence[Sequence[str]]


def learn_dictionary(source: Sentences, target: Sentences, rounds: int = 10) -> dict[str, str]:
    """Return for each source word the target word that it most likely becomes.

    Parameters
    ----------
    source, target : sequence of sequence of str
        Words of sentences, and of their translations.
    rounds : int
        Of expectation and maximisation.
    """
    best: dict[str, tuple[float, str]] = {}
    for (e, f), t in probabilities(source, target, rounds).items():
        best[e] = max(best.get(e, (0.0, "")), (t, f))
    return {e: f for e, (_, f) in best.items() if e}


def probabilities(
    source: Sentences, target: Sentences, rounds: int
) -> dict[tuple[str, str], float]:
    """Return t(f | e) by (e, f), for all that are in a sentence and its translation."""
    e_names, e_words = _number([["", *words] for words in source])
    f_names, f_words = _number(target)
    pairs, cells = [], []  # (e, f) as one number; the place of f in the whole text
    start = 0
    for e, f in zip(e_words, f_words, strict=True):
        pairs.append((e[:, None] * len(f_names) + f).ravel())
        cells.append(np.tile(np.arange(start, start + len(f)), len(e)))
        start += len(f)
    known, pair = np.unique(np.concatenate(pairs), return_inverse=True)
    e, f = np.divmod(known, len(f_names))
    t = _maximise(e, pair, np.concatenate(cells), rounds)
    names = zip(e.tolist(), f.tolist(), t.tolist(), strict=True)
    return {(e_names[i], f_names[j]): value for i, j, value in names}


def _number(sentences: Sentences) -> tuple[list[str], list[np.ndarray]]:
    numbers: dict[str, int] = {}
    coded = [
        np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)
        for words in sentences
    ]
    return list(numbers), coded


def _maximise(e: np.ndarray, pair: np.ndarray, cell: np.ndarray, rounds: int) -> np.ndarray:
    """Return t of each known pair; `e` is its source word, `pair` and `cell` are of the text."""
    t = np.ones(len(e))
    for _ in range(rounds):
        share = t[pair]
        share /= np.bincount(cell, share)[cell]
        count = np.bincount(pair, share)
        t = count / np.bincount(e, count)[e]
    return t


def translate(dictionary: dict[str, str], words: Sequence[str]) -> list[str]:
    """Return each word's translation in its place; unknown words as they are."""
    return [dictionary.get(word, word) for word in words]
