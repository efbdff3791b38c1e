"""BLEU: how much of a translation's wording is in the reference translation.

For hypotheses h and references r of a whole corpus, with n-grams counted in each sentence,

    p_n  = sum min(count in h, count in r) / sum count in h         n = 1, ..., 4
    BP   = min(1, exp(1 - |r| / |h|))                               lengths in tokens
    BLEU = 100 BP exp(mean of log p_n)

Where no n-gram of some order matches, the k-th such order counts as 2^-k of one match.

Papineni, Roukos, Ward, Zhu (2002), "BLEU: a method for automatic evaluation of machine
translation", section 2.3. The smoothing is the third of Chen, Cherry (2014), the tokens are those
of NIST's mteval-v13a, and so the numbers are those of sacrebleu's default.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

ENTITIES = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}
# Each pattern is given blanks about its middle: symbols of ASCII except the apostrophe, the hyphen,
# the full stop and the comma; these two unless a digit is on both sides; a hyphen after a digit.
SYMBOLS = re.compile(r"([ -&(-+:-@/\[-`{-~])")
STOP_AFTER = re.compile(r"([^0-9])([.,])")
STOP_BEFORE = re.compile(r"([.,])([^0-9])")
HYPHEN = re.compile(r"([0-9])(-)")


def tokens(line: str) -> list[str]:
    """Return the words and signs of a line."""
    line = line.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, sign in ENTITIES.items():
        line = line.replace(entity, sign)
    line = SYMBOLS.sub(r" \1 ", f" {line} ")
    line = STOP_AFTER.sub(r"\1 \2 ", line)
    line = STOP_BEFORE.sub(r" \1 \2", line)
    return HYPHEN.sub(r"\1 \2 ", line).split()


def ngrams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """Return how often each sequence of n words is there."""
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def corpus_bleu(hypotheses: Sequence[str], references: Sequence[str], order: int = 4) -> float:
    """Return BLEU, 0 to 100, of translations beside one reference each.

    Parameters
    ----------
    hypotheses, references : sequence of str
        Lines of running text, as many of the one as of the other.
    order : int
        The longest n-grams.
    """
    matches, totals = [0] * order, [0] * order
    length = reference_length = 0
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        ours, theirs = tokens(hypothesis.rstrip()), tokens(reference.rstrip())
        length, reference_length = length + len(ours), reference_length + len(theirs)
        for n in range(1, order + 1):
            counts = ngrams(ours, n)
            matches[n - 1] += (counts & ngrams(theirs, n)).total()
            totals[n - 1] += counts.total()
    if not matches[0] or not all(totals):
        return 0.0
    brevity = min(0.0, 1 - reference_length / length)
    return 100 * math.exp(brevity + _mean_log_precision(matches, totals))


def _mean_log_precision(matches: Sequence[int], totals: Sequence[int]) -> float:
    total, share = 0.0, 1.0
    for found, of in zip(matches, totals, strict=True):
        if not found:
            share /= 2
        total += math.log((found or share) / of)
    return total / len(matches)
