"""What benchmarks of translation measure with: BLEU, a learnt dictionary, pieces of words."""

import random
from collections import Counter
from itertools import pairwise

import pytest

from benchmarks.bleu import corpus_bleu, tokens
from benchmarks.translation_text import BytePairs, begin_small, to_line, usual_case
from benchmarks.word_for_word import learn_dictionary, probabilities, translate

# hypotheses, references, and what sacrebleu 2.6.0 says of them
SCORES = [
    (["a b c d e"], ["a b c d f"], 66.87403049764218),
    (["The cat sat on the mat."], ["The cat is on the mat."], 48.892302243490086),
    (["the the the the the the the"], ["The cat is on the mat."], 6.567274736060395),
    (
        ['It costs 1,000.50 dollars, or 3-4 "good" ones &amp; more.'],
        ["It cost 1,000.50 dollars or 3-4 good ones & more!"],
        25.947507140745756,
    ),
    (
        ["Ein Hund rennt.", "Zwei Männer stehen im Freien in der Nähe."],
        ["Ein Hund läuft.", "Zwei junge Männer stehen im Freien in der Nähe vieler Büsche."],
        52.17186600407447,
    ),
    (["don't stop-gap U.S. 'tis"], ["don't stop - gap U.S. 'tis so"], 41.91742490576712),
    (["a b c d", "  e f g h  "], ["a b c d", "e f g h"], 100.0),
    (["x"], ["x"], 0.0),
    (["", ""], ["a b", "c"], 0.0),
]


@pytest.mark.parametrize(("hypotheses", "references", "score"), SCORES)
def test_bleu_equals_stored_scores_of_sacrebleu(hypotheses, references, score):
    assert corpus_bleu(hypotheses, references) == pytest.approx(score, abs=1e-9)


@pytest.mark.peer
def test_bleu_equals_sacrebleu():
    sacrebleu = pytest.importorskip("sacrebleu")
    draw = random.Random(0)
    for _ in range(200):
        n = draw.randint(1, 4)
        h, r = (
            ["".join(draw.choice("aab.,9-' \"&ß") for _ in range(draw.randint(0, 25)))
             for _ in range(n)] for _ in range(2)
        )  # fmt: skip
        assert corpus_bleu(h, r) == pytest.approx(sacrebleu.corpus_bleu(h, [r]).score, abs=1e-9)


def test_bleu_by_hand():
    """1-grams 5 of 6, 2-grams 3 of 5, 3-grams 1 of 4, 4-grams 0 of 3: the half of one counts."""
    expected = 100 * (5 / 6 * 3 / 5 * 1 / 4 * 0.5 / 3) ** 0.25
    assert corpus_bleu(["The cat sat on the mat"], ["The cat is on the mat"]) == pytest.approx(
        expected
    )


def test_bleu_wants_as_many_references():
    with pytest.raises(ValueError, match="zip"):
        corpus_bleu(["a"], ["a", "b"])


def test_tokens():
    assert tokens("Two 1,000.5-metre runs, he said: (it's &quot;fast&quot;.)") == [
        "Two", "1,000.5", "-", "metre", "runs", ",", "he", "said", ":", "(", "it's", '"', "fast",
        '"', ".", ")",
    ]  # fmt: skip


# The dictionary


def split(*lines):
    return [line.split() for line in lines]


def test_a_dictionary_from_three_sentences():
    """The text-book example: which word is which follows from what they share."""
    source = split("the house", "the book", "a book")
    target = split("das Haus", "das Buch", "ein Buch")
    assert learn_dictionary(source, target) == {
        "the": "das", "house": "Haus", "book": "Buch", "a": "ein",
    }  # fmt: skip


def test_one_round_by_hand():
    """At first each of two words, and the empty one, gives a third of each target word."""
    t = probabilities(split("the house", "the book"), split("das Haus", "das Buch"), 1)
    assert t == pytest.approx({
        ("", "das"): 1 / 2, ("", "Haus"): 1 / 4, ("", "Buch"): 1 / 4,
        ("the", "das"): 1 / 2, ("the", "Haus"): 1 / 4, ("the", "Buch"): 1 / 4,
        ("house", "das"): 1 / 2, ("house", "Haus"): 1 / 2,
        ("book", "das"): 1 / 2, ("book", "Buch"): 1 / 2,
    })  # fmt: skip


def test_the_second_round_by_hand():
    """House gives 1/2 of Haus where 1/4 + 1/4 + 1/2 are given; of das, a third as before."""
    t = probabilities(split("the house", "the book"), split("das Haus", "das Buch"), 2)
    assert t["house", "Haus"] == pytest.approx((1 / 2) / (1 / 2 + 1 / 3))


def test_words_are_translated_in_their_place_and_unknown_ones_stay():
    assert translate({"a": "ein"}, ["a", "b", "a"]) == ["ein", "b", "ein"]


# Words and pieces


def test_byte_pairs_by_hand():
    """w e is there 13 times; then s t, 9 times, for the e before it may be part of w e."""
    words = Counter({"lower": 7, "newest": 6, "widest": 3})
    assert list(BytePairs(words, 2).rank) == [("w", "e"), ("s", "t</w>")]
    learnt = BytePairs(words, 2)
    assert learnt.pieces(["west", "we"]) == ["we", "st</w>", "w", "e</w>"]
    assert learnt.words(learnt.pieces(["west", "we"])) == ["west", "we"]


def joins_by_definition(words, merges):
    """Count everything again for each pair."""
    pieces = {word: [*word[:-1], word[-1] + "</w>"] for word in words}
    pairs = []
    for _ in range(merges):
        counts = Counter()
        for word, parts in pieces.items():
            for pair in pairwise(parts):
                counts[pair] += words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        pairs.append(best)
        for word, parts in pieces.items():
            i, joined = 0, []
            while i < len(parts):
                both = tuple(parts[i : i + 2]) == best
                joined.append("".join(best) if both else parts[i])
                i += 1 + both
            pieces[word] = joined
    return pairs, pieces


@pytest.mark.parametrize("seed", range(5))
def test_byte_pairs_equal_counting_again_and_again(seed):
    draw = random.Random(seed)
    words = Counter(
        "".join(draw.choice("aab") for _ in range(draw.randint(1, 7))) for _ in range(40)
    )
    pairs, pieces = joins_by_definition(words, 25)
    learnt = BytePairs(words, 25)
    assert list(learnt.rank) == list(dict.fromkeys(pairs))
    assert {word: learnt.pieces([word]) for word in words} == pieces


def test_the_case_of_first_words():
    sentences = split("A dog runs", "the Dog , a dog", "Berlin is a dog", "In Berlin")
    usual = usual_case(sentences)
    assert begin_small(sentences[0], usual) == ["a", "dog", "runs"]
    assert begin_small(sentences[2], usual) == ["Berlin", "is", "a", "dog"]
    assert begin_small(["Unseen", "A"], usual) == ["Unseen", "A"]
    assert begin_small([], usual) == []
    assert to_line(["ein", "Hund", ",", "ja", "."]) == "Ein Hund, ja."
