"""Labellings out of CTC's probabilities: against all alignments, against the loss, by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml.nn.functional as F
from scratchml.nn.decoding import ctc_beam_search, ctc_greedy_search

from .ctc_cases import by_enumeration, collapse
from .functions import tensor
from .test_ctc import normalised


def random_log_probs(T, N, C, seed, scale=2.0):
    return normalised(scale * np.random.default_rng(seed).standard_normal((T, N, C)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5), st.integers(1, 3), st.integers(2, 4), st.integers(0, 99), st.data())
def test_wide_enough_it_finds_all_labellings(T, N, C, seed, data):
    """Scores are the probabilities of labellings, by enumeration; all of them, in their order."""
    blank = data.draw(st.integers(0, C - 1))
    times = data.draw(st.lists(st.integers(0, T), min_size=N, max_size=N))
    lp = random_log_probs(T, N, C, seed)
    result = ctc_beam_search(tensor(lp), tuple(times), width=1000, blank=blank, n_best=400)
    rows = result.lists()
    for n in range(N):
        expected = by_enumeration(lp[: times[n], n], blank)
        scores = result.scores.array[n]
        assert (np.diff(scores[np.isfinite(scores)]) <= 0).all()
        assert np.isfinite(scores).sum() == len(expected)
        for row, score in zip(rows[400 * n :], scores[: len(expected)], strict=False):
            np.testing.assert_allclose(np.exp(score), expected[tuple(row)], rtol=1e-12)


@pytest.mark.parametrize(("T", "width"), [(7, 5000), (30, 20)])
def test_scores_are_minus_the_loss(T, width):
    """Exactly, if no beginning was dropped; what was dropped is missing."""
    lp = random_log_probs(T, 4, 4, 0)
    result = ctc_beam_search(tensor(lp), width=width, n_best=3)
    for k in range(3):
        labels, counts = result.tokens.array[:, k], result.lengths.array[:, k]
        loss = F.ctc_loss(
            tensor(lp), tensor(labels), (T,) * 4, tensor(counts), reduction="none"
        ).array
        assert (-loss >= result.scores.array[:, k] - 1e-12).all()
        if width == 5000:
            np.testing.assert_allclose(-loss, result.scores.array[:, k], rtol=1e-12)


@pytest.mark.parametrize("width", [1, 2, 3, 10])
def test_search_by_dictionaries(width):
    """The same search written with a dictionary of labellings, as the paper has it."""
    lp = random_log_probs(12, 3, 5, 1)
    result = ctc_beam_search(tensor(lp), width=width, n_best=width, blank=2)
    for n in range(3):
        kept = {(): (0.0, -np.inf)}
        for y in lp[:, n]:
            found = {}

            def add(labels, b, e, found=found):
                old = found.get(labels, (-np.inf, -np.inf))
                found[labels] = np.logaddexp(old[0], b), np.logaddexp(old[1], e)

            for labels, (b, e) in kept.items():
                add(labels, np.logaddexp(b, e) + y[2], -np.inf)
                for k in (0, 1, 3, 4):
                    if labels and labels[-1] == k:
                        add(labels, -np.inf, e + y[k])
                        add((*labels, k), -np.inf, b + y[k])
                    else:
                        add((*labels, k), -np.inf, np.logaddexp(b, e) + y[k])
            best = sorted(found, key=lambda labels: -np.logaddexp(*found[labels]))[:width]
            kept = {labels: found[labels] for labels in best}
        rows = result.lists()[n * width : (n + 1) * width]
        assert [tuple(row) for row in rows] == list(kept)
        scores = [np.logaddexp(*pair) for pair in kept.values()]
        np.testing.assert_allclose(result.scores.array[n], scores, rtol=1e-12)


def test_greedy_takes_the_most_probable_class_each_time():
    lp = random_log_probs(20, 5, 4, 2)
    times = np.array([20, 0, 1, 13, 20])
    result = ctc_greedy_search(tensor(lp), tensor(times), blank=3)
    best = lp.argmax(axis=2)
    for n, T in enumerate(times):
        row = list(collapse(best[:T, n].tolist(), 3))
        assert result.lists()[n] == row
        assert (result.tokens.array[n, len(row) :] == 3).all()
        assert result.scores.array[n] == pytest.approx(lp[:T, n].max(axis=1).sum())


def test_certain_probabilities_and_impossible_classes():
    path = np.array([1, 1, 0, 1, 2, 2, 0])
    lp = np.where(np.eye(3)[path] > 0, 0.0, -np.inf)[:, None]
    for search in (ctc_greedy_search, ctc_beam_search):
        result = search(tensor(lp))
        assert result.lists() == [[1, 1, 2]]
        assert result.scores.array[0] == 0
    result = ctc_beam_search(tensor(lp), width=4, n_best=4)
    assert result.lists() == [[1, 1, 2], [], [], []]
    np.testing.assert_array_equal(result.scores.array, [[0, -np.inf, -np.inf, -np.inf]])


def test_a_bonus_decides_between_words():
    """A language model that knows what follows what, with its weight."""
    lp = np.log(np.array([[0.1, 0.5, 0.4, 1e-9], [0.8, 0.1, 0.05, 0.05], [0.1, 1e-9, 0.3, 0.6]]))
    follows = np.full((4, 4), -5.0)
    follows[0, 2] = follows[2, 3] = 0.0  # a beginning is followed by 2, 2 by 3
    asked = []

    def bonus(labels):
        asked.append(tuple(labels))
        return follows[labels[-1] if labels else 0]

    plain = ctc_beam_search(tensor(lp[:, None]))
    assert plain.lists() == [[1, 3]]
    found = ctc_beam_search(tensor(lp[:, None]), bonus=bonus)
    assert found.lists() == [[2, 3]]
    assert len(asked) == len(set(asked))  # each beginning is asked for once
    loss = F.ctc_loss(tensor(lp[:, None]), tensor([[2, 3]]), (3,), (2,), reduction="sum")
    assert found.scores.item() == pytest.approx(-loss.item(), rel=1e-6)  # the bonuses are 0


def test_float32_and_lengths():
    lp = random_log_probs(15, 3, 5, 3)
    lengths = np.array([15, 7, 0])
    wide = ctc_beam_search(tensor(lp), tensor(lengths))
    single = ctc_beam_search(tensor(lp.astype(np.float32)), (15, 7, 0))
    assert wide.lists() == single.lists()
    assert wide.lists()[2] == []
    assert wide.scores.dtype == single.scores.dtype == np.float64
    for n in range(2):
        alone = ctc_beam_search(tensor(lp[: lengths[n], n : n + 1]))
        assert alone.lists() == wide.lists()[n : n + 1]


def test_nothing_to_decode():
    for search in (ctc_greedy_search, ctc_beam_search):
        result = search(tensor(np.zeros((0, 2, 3))))
        assert result.lists() == [[], []]
        np.testing.assert_array_equal(result.scores.array, 0)
        assert search(tensor(np.zeros((4, 0, 3)))).lists() == []


@pytest.mark.parametrize("search", [ctc_greedy_search, ctc_beam_search])
def test_errors(search):
    lp = tensor(np.zeros((4, 2, 3)))
    with pytest.raises(ValueError, match=r"\(T, N, C\), got \(4, 3\): use .unsqueeze\(1\)"):
        search(lp[:, 0])
    with pytest.raises(ValueError, match="blank must be one of the 3 classes, got 3"):
        search(lp, blank=3)
    for lengths in [(4,), (4, 5), (-1, 4), (1.0, 2.0)]:
        with pytest.raises(ValueError, match=r"input_lengths must be 2 integers in \[0, 4\]"):
            search(lp, lengths)
    with pytest.raises(TypeError, match="floats, got int64"):
        search(tensor(np.zeros((4, 2, 3), np.int64)))
    with pytest.raises(TypeError, match="a Tensor is needed, got ndarray"):
        search(np.zeros((4, 2, 3)))
    bad = np.zeros((4, 2, 3))
    bad[3, 1, 0] = np.nan
    with pytest.raises(ValueError, match="must not be nan"):
        search(tensor(bad))
    assert len(search(tensor(bad), (4, 3)).lists()) == 2  # behind the end


def test_errors_of_the_search():
    lp = tensor(np.zeros((4, 2, 3)))
    for width in (0, 2.0):
        with pytest.raises(ValueError, match="width must be an integer from 1"):
            ctc_beam_search(lp, width=width)
    with pytest.raises(ValueError, match="n_best must be an integer from 1 to width=3, got 4"):
        ctc_beam_search(lp, width=3, n_best=4)
    for bonus in (None, 1.0, [1.0, 2.0], [1.0, 2.0, np.nan]):
        with pytest.raises(ValueError, match="bonus must return 3 numbers, one for each class"):
            ctc_beam_search(lp, bonus=lambda begun, bonus=bonus: bonus)
