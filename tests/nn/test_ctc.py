"""CTC loss: against all alignments, differences, long inputs, impossible labellings, PyTorch."""

import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml import nn
from scratchml.nn.ops import ctc, ctc_kernels
from scratchml.nn.ops.ctc import ctc_loss_backward, ctc_loss_forward
from scratchml.nn.ops.softmax import log_softmax_backward, log_softmax_forward

from .ctc_cases import CASES, batch, by_enumeration, outcome
from .functions import tensor
from .pairs import check_pair

REFERENCE = Path(__file__).parent / "reference" / "ctc.npz"
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture(params=["compiled", "numpy"])
def both_ways(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr(ctc, "compiled", lambda: False)
    return request.param


def normalised(x):
    """Return log_softmax over the last axis."""
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def numbers(*values):
    return np.array(values, np.int64)


@st.composite
def problems(draw):
    T, C = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    N, S = draw(st.integers(1, 3)), draw(st.integers(0, 4)) if C > 1 else 0
    blank = draw(st.integers(0, C - 1))
    x, labels, times, counts = batch(T, N, C, S, blank, draw(st.integers(0, 99)))
    return normalised(x), labels, np.maximum(times, 1), counts, blank


@settings(max_examples=60, deadline=None)
@given(problems())
def test_every_alignment(problem):
    """p(l) is the sum over all C^T alignments; that of impossible labellings is zero."""
    lp, labels, times, counts, blank = problem
    y, _ = ctc_loss_forward(lp, labels, times, counts, blank, "none")
    for n in range(len(labels)):
        found = by_enumeration(lp[: times[n], n], blank)
        p = found.get(tuple(labels[n, : counts[n]].tolist()), 0.0)
        np.testing.assert_allclose(np.exp(-y[n]), p, rtol=1e-12)
        assert (p == 0) == (y[n] == np.inf)


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from(["none", "mean", "sum"]))
def test_gradient_of_the_logits(problem, reduction):
    """The pair behind log_softmax, as it is used; the derivative by log y itself lacks y."""
    x, *rest = problem
    args = (*rest, reduction, True)

    def forward(x):
        lp, first = log_softmax_forward(x, 2)
        y, second = ctc_loss_forward(lp, *args)
        return y, (first, second)

    def backward(dy, cache):
        return log_softmax_backward(ctc_loss_backward(dy, cache[1]), cache[0])

    check_pair(forward, backward, [2 * x])

    def free_backward(dy, cache):
        dx = ctc_loss_backward(dy, cache)
        *_, g = cache
        used = np.arange(len(x))[:, None] < rest[1]
        return dx - (g * dy * used)[:, :, None] * np.exp(x)

    check_pair(lambda x: ctc_loss_forward(x, *args), free_backward, [x])


@pytest.mark.parametrize("shape", [(1, 1, 2, 1, 0), (7, 3, 4, 3, 0), (40, 5, 30, 12, 29)])
@FLOATS
def test_kernels_are_the_definition(monkeypatch, shape, dtype):
    lp, labels, times, counts = batch(*shape)
    lp = normalised(lp).astype(dtype)
    lp.setflags(write=False)
    tolerance = 2 * np.finfo(dtype).eps if dtype is np.float32 else 1e-12  # roundings of 40 times
    results = []
    for way in (True, False):
        monkeypatch.setattr(ctc, "compiled", lambda way=way: way)
        y, cache = ctc_loss_forward(lp, labels, times, counts, shape[-1], "none", True)
        results.append((y, ctc_loss_backward(np.ones_like(y), cache)))
    for a, b in zip(*results, strict=True):
        assert a.dtype == b.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def test_kernels_as_plain_python():
    lp, labels, times, counts = batch(5, 3, 4, 2, 0)
    lp = normalised(lp)
    walks = ctc._walks(labels, times, counts, 0)
    alphas, gammas, dxs = [], [], []
    losses, g = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.5])
    for plain in (False, True):
        run = [
            getattr(kernel, "py_func" if plain else "__call__")
            for kernel in (ctc_kernels.forward, ctc_kernels.occupy, ctc_kernels.gradient)
        ]
        alpha, gamma, dx = np.zeros((3, 5, 7)), np.zeros((3, 6, 7)), np.zeros(lp.shape)
        run[0](lp, *walks, alpha, 0, 3)
        run[1](lp, *walks, alpha, losses, gamma, 0)
        shares = np.zeros(4)
        run[2](lp, walks.states, walks.lengths, gamma, g, shares, dx, 0)
        assert not shares.any()
        alphas.append(alpha)
        gammas.append(gamma)
        dxs.append(dx)
    for pair in (alphas, gammas, dxs):
        np.testing.assert_allclose(*pair, rtol=1e-13)


def test_all_labellings_are_certain_together(both_ways):
    lp = normalised(np.random.default_rng(0).standard_normal((4, 1, 3)))
    total = 0.0
    for labelling in by_enumeration(lp[:, 0], 0):
        labels = np.array([[*labelling, 1]])[:, : max(len(labelling), 1)]
        y, _ = ctc_loss_forward(lp, labels, numbers(4), numbers(len(labelling)), 0, "sum")
        total += np.exp(-y)
    np.testing.assert_allclose(total, 1, rtol=1e-13)


def test_names_of_classes_and_places_in_the_batch_play_no_part(both_ways):
    x, labels, times, counts = batch(11, 5, 6, 4, 0)
    lp = normalised(x)
    y, cache = ctc_loss_forward(lp, labels, times, counts, 0, "none")
    dx = ctc_loss_backward(np.ones(5), cache)
    order, names = np.array([3, 1, 4, 0, 2]), np.array([5, 2, 0, 1, 4, 3])
    shuffled = np.empty_like(lp)
    shuffled[:, :, names] = lp[:, order]
    z, cache = ctc_loss_forward(
        shuffled, names[labels[order]], times[order], counts[order], 5, "none"
    )
    np.testing.assert_allclose(z, y[order], rtol=1e-14)
    dz = ctc_loss_backward(np.ones(5), cache)
    np.testing.assert_allclose(dz[:, :, names], dx[:, order], atol=1e-14)


def test_what_lies_behind_the_ends_plays_no_part(both_ways):
    x, labels, times, counts = batch(9, 4, 5, 5, 0)
    times, counts = numbers(9, 6, 3, 8), numbers(5, 3, 0, 1)
    lp = normalised(x)
    y, cache = ctc_loss_forward(lp, labels, times, counts, reduction="none")
    dx = ctc_loss_backward(np.ones(4), cache)
    for n in range(4):
        T, S = times[n], counts[n]
        alone, cache = ctc_loss_forward(
            lp[:T, n : n + 1], labels[n : n + 1, :S], times[n : n + 1], counts[n : n + 1]
        )
        np.testing.assert_allclose(alone * max(S, 1), y[n], rtol=1e-14)
        da = ctc_loss_backward(np.asarray(float(max(S, 1))), cache)
        np.testing.assert_allclose(da[:, 0], dx[:T, n], atol=1e-15)
        assert not dx[T:, n].any()
        lp[T:, n] = np.nan
        labels[n, S:] = 3
    z, cache = ctc_loss_forward(lp, labels, times, counts, reduction="none")
    np.testing.assert_array_equal(z, y)
    np.testing.assert_array_equal(ctc_loss_backward(np.ones(4), cache), dx)


def test_more_than_a_number_can_hold(both_ways):
    """p(l) is about exp(-10,000): its logarithm and its gradient keep all their digits."""
    T, S = 1000, 20
    x = np.random.default_rng(0).standard_normal((T, 1, 7))
    x[:, :, :4] -= 30
    lp = normalised(x)
    labels = np.random.default_rng(1).integers(1, 4, (1, S))
    y, cache = ctc_loss_forward(lp, labels, numbers(T), numbers(S), reduction="sum")
    assert 2e4 < y < 4e4
    dx = ctc_loss_backward(np.ones(()), cache)
    np.testing.assert_allclose(dx.sum(axis=2), 0, atol=1e-10)  # two distributions' difference
    assert (np.exp(lp) - dx).min() > -1e-10
    single, cache = ctc_loss_forward(
        lp.astype(np.float32), labels, numbers(T), numbers(S), reduction="sum"
    )
    np.testing.assert_allclose(single, y, rtol=1e-6)
    np.testing.assert_allclose(ctc_loss_backward(np.ones((), "f4"), cache), dx, atol=1e-4)


@FLOATS
def test_extreme_logits(both_ways, dtype):
    """Certainty costs nothing; its opposite has a slope of one, not of nan."""
    x = np.full((3, 2, 3), -1e4, dtype)
    x[[0, 1, 2], 0, [1, 0, 1]] = 1e4
    x[:, 1, 0] = 1e4
    lp = normalised(x).astype(dtype)
    args = (np.array([[1, 1], [1, 2]]), numbers(3, 3), numbers(2, 2), 0, "none")
    y, cache = ctc_loss_forward(lp, *args)
    assert y[0] == 0
    np.testing.assert_allclose(y[1], 4e4 - np.log(3), rtol=1e-6)
    dx = ctc_loss_backward(np.ones(2, dtype), cache)
    np.testing.assert_allclose(dx[:, 0], 0, atol=1e-300)
    # of the alignments -12, 1-2 and 12-, equally likely, one has a blank at a given time
    np.testing.assert_allclose(dx[:, 1, 0], 2 / 3, rtol=1e-6)
    np.testing.assert_allclose(dx[:, 1, 1], [-2 / 3, -1 / 3, 0], rtol=1e-6, atol=1e-6)


@FLOATS
def test_classes_that_are_impossible(both_ways, dtype):
    """log 0 = -inf for a class off the way changes nothing and gives no nan; on it, no way."""
    x, labels, *_ = batch(6, 2, 5, 2, 0)
    labels[:] = [[1, 2], [2, 3]]
    lp = normalised(x).astype(dtype)
    lp[:, :, 4] = -np.inf
    lp[2:4, 0, 3] = -np.inf
    y, cache = ctc_loss_forward(lp, labels, numbers(6, 6), numbers(2, 2), 0, "none")
    dx = ctc_loss_backward(np.ones(2, dtype), cache)
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()
    assert not dx[:, :, 4].any()
    lp[:, 0, 2] = -np.inf
    y, _ = ctc_loss_forward(lp, labels, numbers(6, 6), numbers(2, 2), 0, "none")
    assert y[0] == np.inf
    assert np.isfinite(y[1])


def test_labellings_without_an_alignment(both_ways):
    """Two equal labels need a blank between them; infinite, as in PyTorch, or zero if asked."""
    lp = normalised(np.random.default_rng(0).standard_normal((2, 3, 3)))
    args = (np.array([[1, 1], [1, 2], [1, 2]]), numbers(2, 2, 0), numbers(2, 2, 1), 0)
    y, cache = ctc_loss_forward(lp, *args, "none")
    dx = ctc_loss_backward(np.ones(3), cache)
    np.testing.assert_array_equal(np.isinf(y), [True, False, True])
    assert np.isnan(dx[:, 0]).all()
    assert np.isfinite(dx[:, 1]).all()
    assert not dx[:, 2].any()  # no times, no gradient
    for reduction, expected in [("none", [0, y[1], 0]), ("sum", y[1]), ("mean", y[1] / 2 / 3)]:
        z, cache = ctc_loss_forward(lp, *args, reduction, True)
        np.testing.assert_allclose(z, expected, rtol=1e-15)
        dz = ctc_loss_backward(np.ones_like(z), cache)
        scale = 1 / 6 if reduction == "mean" else 1
        np.testing.assert_allclose(dz[:, 1], dx[:, 1] * scale, rtol=1e-13)
        assert not dz[:, [0, 2]].any()


def test_no_labels_and_no_times(both_ways):
    lp = normalised(np.random.default_rng(0).standard_normal((3, 2, 4)))
    none = np.zeros((2, 0), np.int64)
    y, cache = ctc_loss_forward(lp, none, numbers(3, 0), numbers(0, 0), 2, "none")
    np.testing.assert_allclose(y, [-lp[:, 0, 2].sum(), 0], rtol=1e-15)
    dx = ctc_loss_backward(np.ones(2), cache)
    np.testing.assert_allclose(dx[:, 0], np.exp(lp[:, 0]) - np.eye(4)[2], atol=1e-15)
    assert not dx[:, 1].any()


def test_missing_numbers_stay_in_their_sequence(both_ways):
    lp, labels, times, counts = batch(6, 3, 4, 2, 0)
    lp = normalised(lp)
    clean, cache = ctc_loss_forward(lp, labels, times, counts, 0, "none")
    expected = ctc_loss_backward(np.ones(3), cache)
    lp[1, 0, 0] = np.nan
    y, cache = ctc_loss_forward(lp, labels, times, counts, 0, "none")
    dx = ctc_loss_backward(np.ones(3), cache)
    assert np.isnan(y[0])
    assert np.isnan(dx[:, 0]).any()
    np.testing.assert_array_equal(y[1:], clean[1:])
    np.testing.assert_array_equal(dx[:, 1:], expected[:, 1:])


def test_any_number_of_threads():
    lp, labels, times, counts = batch(60, 24, 10, 20, 0)
    lp = normalised(lp).astype(np.float32)
    assert ctc._LARGE < 60 * 24 * 43
    results = []
    for threads in (1, 2, 8):
        with scratchml.set_num_threads(threads):
            y, cache = ctc_loss_forward(lp, labels, times, counts)
            results.append((y, ctc_loss_backward(np.ones((), np.float32), cache)))
    for y, dx in results[1:]:
        np.testing.assert_array_equal(y, results[0][0])
        np.testing.assert_array_equal(dx, results[0][1])


def test_strided_log_probs(both_ways):
    x, labels, times, counts = batch(8, 3, 5, 2, 0)
    lp = normalised(x)
    y, cache = ctc_loss_forward(lp, labels, times, counts)
    dx = ctc_loss_backward(np.ones(()), cache)
    for view in (np.asfortranarray(lp), np.repeat(lp, 2, axis=1)[:, ::2]):
        z, cache = ctc_loss_forward(view, labels, times, counts)
        assert z == y
        np.testing.assert_array_equal(ctc_loss_backward(np.ones(()), cache), dx)


@pytest.mark.parametrize("i", range(len(CASES)))
def test_stored_answers_of_pytorch(both_ways, i):
    with np.load(REFERENCE) as stored:
        expected = stored[f"{i}:loss"], stored[f"{i}:gradient"]
    for found, value in zip(outcome(scratchml_like(), tensor, CASES[i]), expected, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("i", range(len(CASES)))
@FLOATS
@pytest.mark.peer
def test_answers_of_pytorch(both_ways, i, dtype):
    torch = pytest.importorskip("torch")
    ours = outcome(scratchml_like(), tensor, CASES[i], dtype)
    theirs = outcome(torch, torch.tensor, CASES[i], dtype)
    for found, value in zip(ours, theirs, strict=True):
        assert found.dtype == value.dtype
        tolerance = 1e-11 if dtype is np.float64 else 1e-5  # PyTorch's recursion is in float32
        np.testing.assert_allclose(found, value, rtol=tolerance, atol=tolerance)


def scratchml_like():
    """Stand for the library where `outcome` says library.nn.functional."""
    return scratchml


def test_targets_in_a_row_lengths_of_other_types_and_one_sequence():
    x, labels, times, counts = batch(7, 3, 4, 3, 0)
    lp = tensor(normalised(x))
    expected = F.ctc_loss(lp, tensor(labels), tensor(times), tensor(counts), reduction="none")
    used = np.arange(3) < counts[:, None]
    row = labels[used]
    for t, a, b in [
        (row, tuple(times.tolist()), counts.tolist()),
        (row.astype(np.uint8), times.astype(np.int32), tensor(counts.astype(np.int16))),
        (np.where(used, labels, -1), tensor(times), tuple(counts.tolist())),
        (labels.astype(np.float32), tensor(times), tensor(counts)),
    ]:
        y = F.ctc_loss(lp, tensor(t), a, b, reduction="none")
        np.testing.assert_array_equal(y.array, expected.array)
    for n in range(3):
        one = tensor(normalised(x)[:, n], requires_grad=True)
        t = tensor(labels[n, : counts[n]])
        for a, b in [(int(times[n]), int(counts[n])), ((times[n],), (counts[n],))]:
            y = F.ctc_loss(one, t, a, b, reduction="none")
            assert y.shape == ()
            np.testing.assert_allclose(y.item(), expected.array[n], rtol=1e-15)
            mean = F.ctc_loss(one, t, a, b)
            assert mean.item() == pytest.approx(y.item() / max(counts[n], 1))
        mean.backward()
        assert one.grad.shape == (7, 4)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"log_probs": np.ones((5, 2, 3, 1))}, ValueError, r"\(T, N, C\) .* got \(5, 2, 3, 1\)"),
        ({"log_probs": np.ones((0, 2, 3))}, ValueError, r"none of them 0, got \(0, 2, 3\)"),
        ({"log_probs": np.ones((5, 2, 3), int)}, TypeError, "floats, got int64"),
        ({"blank": 3}, ValueError, r"blank must be one of the 3 classes .*\(5, 2, 3\), got 3"),
        ({"blank": -1}, ValueError, "got -1"),
        ({"input_lengths": (5, 6)}, ValueError, r"in \[0, 5\].* got 6 for sequence 1"),
        ({"input_lengths": (-1, 5)}, ValueError, "got -1 for sequence 0"),
        ({"input_lengths": (5,)}, ValueError, r"batch of 2, got shape \(1,\)"),
        ({"input_lengths": (5.0, 5.0)}, TypeError, "input_lengths must be integers, got float64"),
        ({"target_lengths": (2, 3)}, ValueError, r"\[0, 2\].*targets \(2, 2\), got 3 for seq.* 1"),
        ({"target_lengths": (2, -1)}, ValueError, "got -1 for sequence 1"),
        ({"targets": np.array([1, 2, 1])}, ValueError, "lengths' sum 4, got 3"),
        ({"targets": np.array([[1, 2]])}, ValueError, r"\(2, S\).*got \(1, 2\)"),
        ({"targets": np.array(1)}, ValueError, r"got \(\)"),
        ({"targets": np.array([[1, 2], [3, 1]])}, IndexError, r"label 0 of sequence 1 is 3.*\[0, "),
        ({"targets": np.array([[1, -2], [1, 1]])}, IndexError, "label 1 of sequence 0 is -2"),
        ({"targets": np.array([[1, 2], [1, 0]])}, ValueError, "label 1 of sequence 1 is the blank"),
        ({"reduction": "max"}, ValueError, "reduction must be one of"),
    ],
)
def test_errors_name_both_sides(change, error, message):
    arguments = {
        "log_probs": np.zeros((5, 2, 3)),
        "targets": np.array([[1, 2], [2, 1]]),
        "input_lengths": (5, 5),
        "target_lengths": (2, 2),
        **change,
    }
    for name in ("log_probs", "targets"):
        arguments[name] = tensor(arguments[name])
    with pytest.raises(error, match=message):
        F.ctc_loss(**arguments)


def test_arrays_are_no_tensors():
    lp = np.zeros((5, 1, 3), np.float32)
    with pytest.raises(TypeError, match=r"ctc_loss: a Tensor is needed, got ndarray: from_numpy"):
        F.ctc_loss(lp, tensor(np.array([[1]])), (5,), (1,))
    with pytest.raises(TypeError, match=r"ctc_loss: a Tensor is needed, got list"):
        F.ctc_loss(tensor(lp), [[1]], (5,), (1,))


def test_the_layer():
    layer = nn.CTCLoss(blank=2, reduction="sum", zero_infinity=True)
    twin = pickle.loads(pickle.dumps(layer))
    assert repr(twin) == "CTCLoss()"
    assert list(layer.state_dict()) == []
    x, labels, times, counts = batch(5, 3, 4, 4, 2)
    args = [tensor(normalised(x)), tensor(labels), tensor(times), tensor(counts)]
    y = twin(*args)
    assert y.item() == F.ctc_loss(*args, blank=2, reduction="sum", zero_infinity=True).item()
    with pytest.raises(ValueError, match="CTCLoss: reduction must be one of"):
        nn.CTCLoss(reduction="batchmean")


@pytest.mark.peer
def test_arguments_their_order_and_defaults_as_in_torch():
    torch = pytest.importorskip("torch")

    def told(thing):
        return [(p.name, p.kind, p.default) for p in inspect.signature(thing).parameters.values()]

    assert told(nn.CTCLoss) == told(torch.nn.CTCLoss)
    assert told(F.ctc_loss) == told(torch.nn.functional.ctc_loss)
    for mine, theirs in [(nn.CTCLoss.forward, torch.nn.CTCLoss.forward)]:
        assert list(inspect.signature(mine).parameters) == list(
            inspect.signature(theirs).parameters
        )
    assert repr(nn.CTCLoss()) == repr(torch.nn.CTCLoss())
