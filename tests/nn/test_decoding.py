"""Searches against their definitions: all sequences of a small vocabulary, and step by step."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml.nn as nn
import scratchml.tensor as torch
from scratchml.nn.decoding import beam_search, greedy_search, sample, select_rows, uncached

EOS, V = 0, 4


def logits_after(prefix, seed):
    """The logits of a language in which everything depends on all that came before."""
    return np.random.default_rng([seed, *prefix]).normal(size=V)


def language(seed):
    def model(tokens):
        return torch.tensor(np.array([logits_after(row, seed) for row in tokens.tolist()]))

    return uncached(model)


def log_p(prompt, tokens, seed):
    total = 0.0
    for t, token in enumerate(tokens):
        x = logits_after([*prompt, *tokens[:t]], seed)
        total += x[token] - math.log(np.exp(x).sum())
    return total


def score(prompt, tokens, seed, alpha):
    return log_p(prompt, tokens, seed) / ((5 + len(tokens)) / 6) ** alpha


def every_sequence(longest):
    """All that end with EOS, and those of the greatest length without it."""
    others = range(1, V)
    for n in range(longest):
        yield from ((*begin, EOS) for begin in itertools.product(others, repeat=n))
    yield from itertools.product(others, repeat=longest)


def beam_by_definition(prompt, seed, width, longest, alpha, patience):
    """The algorithm as its paper has it, one hypothesis at a time."""
    live, finished = [((), 0.0)], []
    for t in range(1, longest + 1):
        candidates = [
            ((*tokens, v), total + log_p((*prompt, *tokens), (v,), seed))
            for tokens, total in live
            for v in range(V)
        ]
        candidates.sort(key=lambda candidate: -candidate[1])
        live = []
        for tokens, total in candidates:
            if len(live) == width:
                break
            (finished if tokens[-1] == EOS else live).append((tokens, total))
        if t == longest:
            finished += live
        elif len(finished) >= patience * width:
            break
    return sorted(
        ((total / ((5 + len(tokens)) / 6) ** alpha, tokens) for tokens, total in finished),
        reverse=True,
    )


PROMPTS = [[1, 2], [3, 0], [2, 2]]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_wide_patient_beam_finds_the_best_of_all_sequences(seed, alpha):
    result = beam_search(
        language(seed),
        torch.tensor(PROMPTS),
        width=3**4,
        max_length=4,
        eos=EOS,
        length_penalty=alpha,
        patience=math.inf,
        n_best=5,
    )
    assert result.tokens.shape[:2] == result.scores.shape == (3, 5)
    for prompt, tokens, lengths, scores in zip(PROMPTS, *(x.numpy() for x in result), strict=True):
        best = sorted(
            ((score(prompt, y, seed, alpha), y) for y in every_sequence(4)), reverse=True
        )[:5]
        found = [tuple(y[:n]) for y, n in zip(tokens.tolist(), lengths, strict=True)]
        assert found == [y for _, y in best]
        np.testing.assert_allclose(scores, [s for s, _ in best], rtol=1e-12)


@pytest.mark.parametrize("patience", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_a_beam_does_what_the_algorithm_says(width, patience):
    for seed in range(12):
        found = beam_search(
            language(seed),
            torch.tensor([[1]]),
            width=width,
            max_length=6,
            eos=EOS,
            patience=patience,
        )
        best, tokens = beam_by_definition([1], seed, width, 6, 0.6, patience)[0]
        assert found.lists() == [list(tokens)], seed
        assert found.scores.item() == pytest.approx(best, rel=1e-12)


def test_the_languages_are_such_that_widths_differ():
    def found(seed, width):
        begin = torch.tensor([[1]])
        return beam_search(language(seed), begin, width=width, max_length=6, eos=EOS).lists()

    assert sum(found(seed, 1) != found(seed, 4) for seed in range(12)) > 3


@pytest.mark.parametrize("eos", [EOS, None])
def test_a_beam_of_width_one_is_the_greedy_search(eos):
    for seed in range(10):
        step, prompts = language(seed), torch.tensor(PROMPTS)
        greedy = greedy_search(step, prompts, max_length=7, eos=eos)
        beam = beam_search(step, prompts, width=1, max_length=7, eos=eos, length_penalty=0.0)
        assert beam.lists() == greedy.lists()
        np.testing.assert_allclose(beam.scores.numpy(), greedy.scores.numpy(), rtol=1e-12)


def test_prompts_of_a_batch_do_not_know_of_each_other():
    step = language(3)
    together = beam_search(step, torch.tensor(PROMPTS), width=3, max_length=6, eos=EOS)
    alone = [beam_search(step, torch.tensor([p]), width=3, max_length=6, eos=EOS) for p in PROMPTS]
    assert together.lists() == [one.lists()[0] for one in alone]
    together = greedy_search(step, torch.tensor(PROMPTS), max_length=6, eos=EOS)
    alone = [greedy_search(step, torch.tensor([p]), max_length=6, eos=EOS) for p in PROMPTS]
    assert together.lists() == [one.lists()[0] for one in alone]


def test_scores_are_the_logarithms_of_probabilities():
    for search in (greedy_search, sample):
        result = search(language(1), torch.tensor(PROMPTS), max_length=5, eos=EOS)
        for prompt, tokens, total in zip(
            PROMPTS, result.lists(), result.scores.tolist(), strict=True
        ):
            assert total == pytest.approx(log_p(prompt, tokens, 1), rel=1e-12)


def test_behind_its_end_a_sequence_is_eos_and_lists_may_leave_it_out():
    result = greedy_search(language(4), torch.tensor([[i, j] for i in range(4) for j in range(4)]),
                           max_length=5, eos=EOS)  # fmt: skip
    tokens, lengths = result.tokens.numpy(), result.lengths.numpy()
    assert len(set(lengths.tolist())) > 1
    for row, n in zip(tokens, lengths, strict=True):
        assert (row[n:] == EOS).all()
        assert EOS not in row[: n - 1].tolist()
    for whole, cut in zip(result.lists(), result.lists(EOS), strict=True):
        assert whole in (cut, [*cut, EOS])


def test_the_search_ends_with_its_last_sequence():
    calls = []

    def step(tokens, state):
        calls.append(tokens.shape)
        return torch.tensor([[5.0, 0.0]] * len(tokens)), None

    greedy_search(step, torch.tensor([[1], [1]]), max_length=50, eos=0)
    assert calls == [(2, 1)]
    beam_search(step, torch.tensor([[1], [1]]), width=2, max_length=50, eos=0, patience=math.inf)
    assert len(calls) < 8, "what is left of the beam cannot become the best"


def test_fewer_sequences_than_are_asked_for():
    def step(tokens, state):
        return torch.tensor([[0.0, -math.inf]] * len(tokens)), None

    result = beam_search(step, torch.tensor([[1]]), width=3, max_length=2, eos=0, n_best=3)
    assert result.lengths.tolist() == [[1, 0, 0]]
    assert result.scores.tolist() == [[0.0, -math.inf, -math.inf]]


def test_an_empty_batch():
    def step(tokens, state):
        return torch.zeros(len(tokens), 3), state

    for search in (greedy_search, sample, beam_search):
        result = search(step, torch.zeros(0, 2, dtype=torch.int64), max_length=3, eos=0)
        assert result.lists() == []


# Sampling


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-6, 6), min_size=1, max_size=9),
    st.integers(1, 10),
    st.floats(0.01, 1.0),
)
def test_filters_leave_what_their_definitions_say(values, k, p):
    x = np.array(values) / 2.0  # with many that are equal
    order = sorted(range(len(x)), key=lambda v: (-x[v], v))
    kept = np.isfinite(nn.decoding.top_k(torch.tensor(x), k).numpy())
    assert set(np.flatnonzero(kept)) == set(order[:k])
    probabilities = np.exp(x) / np.exp(x).sum()
    kept = np.isfinite(nn.decoding.top_p(torch.tensor(x), p).numpy())
    held = np.cumsum(probabilities[order])
    n = int(kept.sum())
    assert set(np.flatnonzero(kept)) == set(order[:n])
    assert held[n - 1] >= p - 1e-12
    assert n == 1 or held[n - 2] < p + 1e-12


def test_a_share_that_is_just_reached_is_enough():
    kept = nn.decoding.top_p(torch.zeros(4), 0.5)  # a quarter each
    assert kept.isinf().tolist() == [False, False, True, True]


def test_filters_change_nothing_that_they_keep_and_work_row_by_row():
    x = torch.tensor(np.random.default_rng(0).normal(size=(3, 2, 7)))
    for f, option in ((nn.decoding.top_k, 3), (nn.decoding.top_p, 0.6)):
        y = f(x, option)
        kept = np.isfinite(y.numpy())
        np.testing.assert_array_equal(y.numpy()[kept], x.numpy()[kept])
        for i, j in np.ndindex(3, 2):
            np.testing.assert_array_equal(f(x[i, j], option).numpy(), y[i, j].numpy())
    assert nn.decoding.top_k(x, 99).tolist() == nn.decoding.top_p(x, 1.0).tolist() == x.tolist()


def test_sampling_draws_as_often_as_the_probabilities_say():
    n, x = 4000, torch.tensor([0.5, 0.3, 0.15, 0.05]).log()

    def step(tokens, state):
        return x.expand(len(tokens), 4), state

    def shares(**options):
        g = torch.Generator().manual_seed(3)
        begin = torch.zeros(n, 1, dtype=torch.int64)
        drawn = sample(step, begin, max_length=1, generator=g, **options).tokens.numpy()
        return np.bincount(drawn[:, 0], minlength=4) / n

    within = 4 * math.sqrt(0.25 / n)  # four standard deviations of a share
    assert np.abs(shares() - [0.5, 0.3, 0.15, 0.05]).max() < within
    half = np.sqrt([0.5, 0.3, 0.15, 0.05])
    assert np.abs(shares(temperature=2.0) - half / half.sum()).max() < within
    assert np.abs(shares(top_k=2) - [0.625, 0.375, 0, 0]).max() < within
    assert np.abs(shares(top_p=0.9) - np.array([50, 30, 15, 0]) / 95).max() < within
    assert np.abs(shares(top_k=3, top_p=0.8) - [0.625, 0.375, 0, 0]).max() < within
    assert shares(top_k=1).tolist() == shares(temperature=1e-3).tolist() == [1, 0, 0, 0]
    assert shares(temperature=1e-40).tolist() == shares(temperature=1e-300).tolist() == [1, 0, 0, 0]


@pytest.mark.peer
def test_a_seed_gives_the_tokens_that_pytorchs_multinomial_draws():
    theirs = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(5, 50)).astype(np.float32)
    generator = theirs.Generator().manual_seed(7)
    expected = [
        theirs.multinomial(theirs.softmax(theirs.tensor(x) / 0.8, -1), 1, generator=generator)
        for _ in range(6)
    ]
    found = sample(
        lambda tokens, state: (torch.tensor(x), state),
        torch.zeros(5, 1, dtype=torch.int64),
        max_length=6,
        temperature=0.8,
        generator=torch.Generator().manual_seed(7),
    )
    np.testing.assert_array_equal(found.tokens.numpy(), theirs.cat(expected, 1).numpy())


# States


def test_select_rows_goes_through_whatever_holds_tensors():
    class Kept:
        def reorder(self, indices):
            self.seen = indices.tolist()

    kept, x = Kept(), torch.arange(6).reshape(3, 2)
    chosen = select_rows({"a": [x, (None, kept)]}, torch.tensor([2, 0, 0]))
    assert chosen["a"][0].tolist() == [[4, 5], [0, 1], [0, 1]]
    assert chosen["a"][1] == (None, kept)
    assert kept.seen == [2, 0, 0]
    assert select_rows(x, torch.tensor([1, 1]), dim=1).tolist() == [[1, 1], [3, 3], [5, 5]]
    with pytest.raises(TypeError, match="select_rows: a state .* got int: give .* reorder="):
        select_rows([x, 3], torch.tensor([0]))


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_recurrent_states_follow_the_beam(kind):
    torch.manual_seed(0)
    emb, net, head = (
        nn.Embedding(9, 8),
        kind(8, 16, num_layers=2, batch_first=True),
        nn.Linear(16, 9),
    )

    def step(tokens, state):
        y, state = net(3 * emb(tokens), state)
        return 4 * head(y), state

    prompts = torch.tensor([[1, 5], [2, 2], [7, 1]])
    plain = uncached(lambda tokens: step(tokens, None)[0])
    options = {"width": 3, "max_length": 8, "eos": 0, "n_best": 3}
    expected = beam_search(plain, prompts, **options)
    found = beam_search(
        step, prompts, reorder=lambda state, i: select_rows(state, i, dim=1), **options
    )
    assert found.tokens.tolist() == expected.tokens.tolist()
    np.testing.assert_allclose(found.scores.numpy(), expected.scores.numpy(), rtol=1e-4)
    greedy = greedy_search(step, prompts, max_length=8)
    assert greedy.tokens.tolist() == greedy_search(plain, prompts, max_length=8).tokens.tolist()


# What is asked of the arguments

STEP = language(0)
BEGIN = torch.tensor([[1]])


@pytest.mark.parametrize(
    ("search", "options", "message"),
    [
        (greedy_search, {"max_length": 0}, "greedy_search: max_length must be .* from 1, got 0"),
        (sample, {"max_length": 2.5}, "sample: max_length must be an integer from 1, got 2.5"),
        (beam_search, {"max_length": 1, "eos": -1}, "beam_search: eos must be .* from 0, got -1"),
        (sample, {"max_length": 1, "temperature": 0}, "temperature must be more than 0 .* got 0"),
        (sample, {"max_length": 1, "temperature": math.inf}, "temperature must be .* finite, got"),
        (sample, {"max_length": 1, "top_k": 0}, "sample: top_k must be an integer from 1, got 0"),
        (sample, {"max_length": 1, "top_p": 0.0}, "top_p must be more than 0 and at most 1, got 0"),
        (sample, {"max_length": 1, "top_p": math.nan}, "top_p must be more than 0"),
        (beam_search, {"max_length": 1, "width": 0}, "width must be an integer from 1, got 0"),
        (beam_search, {"max_length": 1, "width": 2, "n_best": 3}, "n_best .* from 1 to width=2"),
        (beam_search, {"max_length": 1, "patience": 0}, "patience must be more than 0, got 0"),
        (beam_search, {"max_length": 1, "length_penalty": -1}, "length_penalty .* got -1"),
    ],
)
def test_arguments_out_of_range(search, options, message):
    with pytest.raises(ValueError, match=message):
        search(STEP, BEGIN, **options)


@pytest.mark.parametrize("search", [greedy_search, sample, beam_search])
def test_tokens_and_logits_that_cannot_be_used(search):
    for tokens in (torch.tensor([1]), torch.tensor([[1.0]]), torch.zeros(1, 0).long(), [[1]]):
        with pytest.raises(ValueError, match="tokens must be a tensor of integers of shape"):
            search(STEP, tokens, max_length=1)
    for logits, message in (
        ([1.0, 2.0], "logits must be of shape"),
        ([[1.0], [2.0]], "logits must be of shape"),
        ([[math.nan, 1.0]], "the largest logit of row 0 is nan"),
        ([[-math.inf, -math.inf]], "the largest logit of row 0 is -inf"),
    ):
        with pytest.raises(ValueError, match=message):
            search(lambda t, s, x=logits: (torch.tensor(x), s), BEGIN, max_length=1)
    with pytest.raises(ValueError, match="logits of 4 tokens have none for eos, 4"):
        search(STEP, BEGIN, max_length=1, eos=4)


@pytest.mark.parametrize("search", [greedy_search, sample, beam_search])
def test_steps_that_return_something_else(search):
    logits = torch.zeros(1, V)
    for result, message in (
        (logits, r"the state, got Tensor: uncached\(model\)"),
        ((logits.numpy(), None), "the state, got ndarray, NoneType"),
        ((logits,), "the state, got Tensor"),
    ):
        with pytest.raises(TypeError, match=message):
            search(lambda t, s, r=result: r, BEGIN, max_length=1)


def test_states_with_their_sequences_along_another_axis():
    lstm, head = nn.LSTM(3, 3, batch_first=True), nn.Linear(3, V)

    def step(tokens, state):
        y, state = lstm(torch.ones(*tokens.shape, 3), state)
        return head(y), state

    begin = torch.tensor([[1], [2]])
    with pytest.raises(IndexError, match=r"shape \(1, 2, 3\) has no sequence 1 along axis 0"):
        beam_search(step, begin, width=2, max_length=3)
    found = beam_search(
        step, begin, width=2, max_length=3, reorder=lambda s, i: select_rows(s, i, dim=1)
    )
    assert found.tokens.shape == (2, 3)


def test_nothing_is_recorded():
    x = torch.zeros(1, 4, requires_grad=True)
    seen = []

    def step(tokens, state):
        seen.append((x * 2).requires_grad)
        return (x * 2).expand(len(tokens), 4), state

    for search in (greedy_search, sample, beam_search):
        search(step, BEGIN, max_length=2)
    assert not any(seen)
