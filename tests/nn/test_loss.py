"""Losses: against their definitions, differences, extremes, bad labels, PyTorch."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops import cross_entropy as fused
from scratchml.nn.ops import likelihood, loss
from scratchml.nn.ops.cross_entropy import cross_entropy_backward, cross_entropy_forward
from scratchml.nn.ops.likelihood import nll_loss_backward, nll_loss_forward
from scratchml.nn.ops.soft_cross_entropy import (
    soft_cross_entropy_backward,
    soft_cross_entropy_forward,
)
from scratchml.nn.ops.softmax import log_softmax_backward, log_softmax_forward

from .function_cases import LOSSES, label
from .functions import both_ways, check_live, check_stored, tensor, without_kernels  # noqa: F401
from .pairs import check_pair

REDUCTIONS = st.sampled_from(["none", "mean", "sum"])
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def by_definition(x, target, weight, ignore_index, smoothing, reduction):
    """Compute cross-entropy row by row, class by class; x (N, C)."""
    losses, weights = [], []
    for row, t in zip(x, target, strict=True):
        if t == ignore_index:
            losses.append(0.0)
            weights.append(0.0)
            continue
        largest = max(row)
        log_s = math.log(sum(math.exp(v - largest) for v in row))
        total = 0.0
        for j, v in enumerate(row):
            q = weight[j] * ((1 - smoothing) * (j == t) + smoothing / len(row))
            total -= q * ((v - largest) - log_s)
        losses.append(total)
        weights.append(weight[t])
    if reduction == "none":
        return np.array(losses)
    return sum(losses) / (sum(weights) if reduction == "mean" else 1)


@st.composite
def problems(draw):
    n, classes = draw(st.integers(1, 6)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    target = rng.integers(0, classes, n)
    target[rng.random(n) < 0.3] = -100
    target[0] = 0  # one that counts
    weight = rng.random(classes) + 0.1 if draw(st.booleans()) else None
    smoothing = draw(st.sampled_from([0.0, 0.1, 1.0]))
    return 3 * rng.standard_normal((n, classes)), target, weight, smoothing


@given(problems(), REDUCTIONS)
def test_row_by_row(problem, reduction):
    x, target, weight, smoothing = problem
    options = (target, weight, -100, smoothing, reduction)
    y, _ = cross_entropy_forward(x, *options)
    w = np.ones(x.shape[1]) if weight is None else weight
    expected = by_definition(x, target, w, -100, smoothing, reduction)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    check_pair(cross_entropy_forward, cross_entropy_backward, [x], *options)


def test_gradients_in_plain_numpy(monkeypatch):
    without_kernels(monkeypatch)
    rng = np.random.default_rng(0)
    x, target, w = rng.standard_normal((5, 4)), np.array([0, 3, -100, 1, 1]), rng.random(4)
    for options in [(None, -100, 0.0, "mean"), (w, 1, 0.3, "none"), (w, -100, 0.1, "sum")]:
        clipped = np.where(target == -100, options[1], target)
        check_pair(cross_entropy_forward, cross_entropy_backward, [x], clipped, *options)


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 2, 3), (3, 1, 2), (0, 3), (2, 3, 0), (4,)])
def test_more_axes(both_ways, shape):  # noqa: F811
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    rest = shape[:1] + shape[2:] if len(shape) > 1 else ()
    target = np.asarray(rng.integers(0, shape[1] if len(shape) > 1 else shape[0], rest))
    y, cache = cross_entropy_forward(x, target, reduction="none")
    assert y.shape == rest
    for at in np.ndindex(*rest):
        row = x[at[0], :, *at[1:]] if len(shape) > 1 else x
        expected = by_definition([row], [target[at]], np.ones(row.size), -100, 0, "sum")
        np.testing.assert_allclose(y[at], expected, rtol=1e-12)
    if x.size:
        check_pair(cross_entropy_forward, cross_entropy_backward, [x], target)
    assert cross_entropy_backward(y, cache).shape == shape


@FLOATS
def test_fused_is_the_two_in_a_row(both_ways, dtype):  # noqa: F811
    """Cross-entropy is nll of log_softmax, forward and backward, to some roundings."""
    rng = np.random.default_rng(0)
    for n, classes in [(4, 10), (256, 10), (3, 5000)]:
        x = (3 * rng.standard_normal((n, classes))).astype(dtype)
        target = rng.integers(0, classes, n)
        w = (rng.random(classes) + 0.5).astype(dtype)
        y, cache = cross_entropy_forward(x, target, w)
        log_p, first = log_softmax_forward(x, 1)
        z, second = nll_loss_forward(log_p, target, w)
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(y, z, rtol=8 * eps)
        dy = np.asarray(1.5, dtype)
        dx = cross_entropy_backward(dy, cache)
        assert dx.dtype == dtype
        two = log_softmax_backward(nll_loss_backward(dy, second), first)
        np.testing.assert_allclose(dx, two, rtol=0, atol=8 * eps * np.abs(two).max())


@FLOATS
def test_extremes(both_ways, dtype):  # noqa: F811
    target = np.array([0, 1, 0, 1])
    x = np.array([[1e4, -1e4], [1e4, -1e4], [-1e30, 1e30], [3, 3]], dtype)
    y, cache = cross_entropy_forward(x, target, reduction="none")
    np.testing.assert_allclose(y, [0, 2e4, dtype(2e30), math.log(2)], rtol=1e-6)
    dx = cross_entropy_backward(np.ones(4, dtype), cache)
    np.testing.assert_allclose(dx, [[0, 0], [1, -1], [-1, 1], [0.5, -0.5]], rtol=1e-6)
    big = np.finfo(dtype).max
    with np.errstate(over="ignore"):  # the difference is beyond the largest number
        y, _ = cross_entropy_forward(np.array([[big, -big]], dtype), np.array([1]))
    assert y == np.inf


def test_digits_beside_large_logits(both_ways):  # noqa: F811
    """log(s) is not added to a maximum of 10,000, where float32 has three digits left."""
    x = np.array([[1e4, 1e4 + 0.5]], np.float32)
    y, _ = cross_entropy_forward(x, np.array([0]))
    np.testing.assert_allclose(y, math.log1p(math.exp(0.5)), rtol=2e-7)


def test_infinities_give_nan_only_where_pytorch_does(both_ways):  # noqa: F811
    inf = np.inf
    x = np.array([[-inf, 0.0, 1.0], [-inf, 0.0, 1.0], [-inf] * 3, [inf, 0.0, 0.0]])
    with np.errstate(all="ignore"):
        y, cache = cross_entropy_forward(x, np.array([1, 0, 0, 0]), reduction="none")
        dx = cross_entropy_backward(np.ones(4), cache)
    np.testing.assert_allclose(y[:2], [math.log1p(math.e), inf])
    assert np.isnan(y[2:]).all()
    assert np.isfinite(dx[:2]).all()
    np.testing.assert_allclose(dx[0], [0, -math.e / (1 + math.e), math.e / (1 + math.e)])


def test_nothing_to_average(both_ways):  # noqa: F811
    for x, target in [
        (np.ones((0, 3)), np.zeros(0, np.int64)),
        (np.ones((2, 3)), np.array([-100, -100])),
    ]:
        y, cache = cross_entropy_forward(x, target)
        assert np.isnan(y)
        np.testing.assert_array_equal(cross_entropy_backward(np.ones(()), cache), 0 * x)
        assert cross_entropy_forward(x, target, reduction="sum")[0] == 0
        y, cache = nll_loss_forward(x, target)
        assert np.isnan(y)
        np.testing.assert_array_equal(nll_loss_backward(np.ones(()), cache), 0 * x)
    for name in ("mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy"):
        assert np.isnan(getattr(F, name)(tensor(np.ones((0, 2))), tensor(np.ones((0, 2)))).array)


@pytest.mark.parametrize("bad", [5, -1, 2**40, -101])
@pytest.mark.parametrize("n", [9, 60_000])
def test_labels_out_of_range(both_ways, bad, n):  # noqa: F811
    """The first one is named, in small inputs and in those that are cut into chunks."""
    target = np.zeros(n, np.int64)
    target[[n - 3, n - 1]] = bad
    x = tensor(np.zeros((n, 5)))
    for name in ("cross_entropy", "nll_loss"):
        with pytest.raises(
            IndexError, match=rf"{name}: target {bad} at position {n - 3} .*\[0, 5\).*-100"
        ):
            getattr(F, name)(x, tensor(target))
    assert F.cross_entropy(x, tensor(target), ignore_index=bad).item() == pytest.approx(math.log(5))


def test_any_number_of_threads(monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((30_000, 20)).astype(np.float32)
    target, w = rng.integers(0, 20, 30_000), rng.random(20).astype(np.float32)
    target[::7] = -100
    for reduction in ("mean", "none"):
        results = []
        for threads in (1, 2):
            with scratchml.set_num_threads(threads):
                y, cache = cross_entropy_forward(x, target, w, smoothing=0.1, reduction=reduction)
                results.append((y, cross_entropy_backward(np.ones_like(y), cache)))
        for a, b in zip(*results, strict=True):
            np.testing.assert_array_equal(a, b)
        with monkeypatch.context() as patch:
            patch.setattr(fused, "_LARGE", 2**40)  # in one piece
            y, cache = cross_entropy_forward(x, target, w, smoothing=0.1, reduction=reduction)
        np.testing.assert_allclose(results[0][0], y, rtol=1e-6)
        np.testing.assert_array_equal(results[0][1].shape, x.shape)
        whole = cross_entropy_backward(np.ones_like(y), cache)
        np.testing.assert_allclose(results[0][1], whole, rtol=1e-5, atol=1e-12)


@given(st.sampled_from([(3, 4), (2, 3, 2), (1, 5)]), st.booleans(), st.floats(0, 0.9), REDUCTIONS)
def test_probabilities_for_targets(shape, weighted, smoothing, reduction):
    rng = np.random.default_rng(1)
    x, t = rng.standard_normal(shape), rng.random(shape)
    w = rng.random(shape[1]) if weighted else None
    check_pair(
        soft_cross_entropy_forward,
        soft_cross_entropy_backward,
        [x, t],
        w,
        smoothing,
        reduction,
    )
    labels = rng.integers(0, shape[1], shape[:1] + shape[2:])
    certain = np.moveaxis(np.eye(shape[1])[labels], -1, 1)
    y, _ = soft_cross_entropy_forward(x, certain, w, smoothing, "none")
    z, _ = cross_entropy_forward(x, labels, w, -100, smoothing, "none")
    np.testing.assert_allclose(y, z, rtol=1e-12)


@given(REDUCTIONS, st.booleans(), st.integers(0, 9))
def test_losses_of_differences(reduction, weighted, seed):
    rng = np.random.default_rng(seed)
    x, t = rng.standard_normal((2, 3, 4))
    w = rng.random((3, 4)) if weighted else None
    d = x - t

    def expected(elements, by_weight=True):
        elements = elements * (1 if w is None else w)
        total = w.sum() if by_weight and w is not None else elements.size
        return {"none": elements, "sum": elements.sum(), "mean": elements.sum() / total}[reduction]

    huber = np.where(np.abs(d) < 0.7, d * d / 2, 0.7 * (np.abs(d) - 0.35))
    for forward, options, elements in [
        (loss.mse_loss_forward, {"weight": w}, d * d),
        (loss.l1_loss_forward, {"weight": w}, np.abs(d)),
        (loss.huber_loss_forward, {"weight": w, "delta": 0.7}, huber),
    ]:
        y, _ = forward(x, t, reduction, **options)
        by_weight = forward is not loss.huber_loss_forward
        np.testing.assert_allclose(y, expected(elements, by_weight), rtol=1e-12)
        check_pair(forward, loss.difference_backward, [x, t], reduction, **options)
    w = None
    y, _ = loss.smooth_l1_loss_forward(x, t, reduction, 0.7)
    np.testing.assert_allclose(y, expected(huber / 0.7), rtol=1e-12)
    check_pair(loss.smooth_l1_loss_forward, loss.difference_backward, [x, t], reduction, 0.7)


def test_kinks_and_infinite_differences():
    x, t = np.array([1.0, 2.0, -3.0, np.inf]), np.array([1.0, 1.0, -2.0, 0.0])
    for forward, slopes, losses in [
        (loss.l1_loss_forward, [0, 1, -1, 1], [0, 1, 1, np.inf]),
        (loss.huber_loss_forward, [0, 1, -1, 1], [0, 0.5, 0.5, np.inf]),
        (loss.mse_loss_forward, [0, 2, -2, np.inf], [0, 1, 1, np.inf]),
    ]:
        y, cache = forward(x, t, "none")
        np.testing.assert_array_equal(y, losses)
        dx, dt = loss.difference_backward(np.ones(4), cache)
        np.testing.assert_array_equal(dx, slopes)
        np.testing.assert_array_equal(dt, -np.array(slopes))


@given(REDUCTIONS, st.booleans(), st.booleans(), st.integers(0, 9))
def test_binary_cross_entropy(reduction, weighted, positive, seed):
    rng = np.random.default_rng(seed)
    x, t = 0.01 + 0.98 * rng.random((2, 3, 4))
    w = rng.random((3, 4)) if weighted else None
    args = (w, reduction)
    check_pair(
        likelihood.binary_cross_entropy_forward,
        likelihood.binary_cross_entropy_backward,
        [x, t],
        *args,
        rtol=1e-5,
    )
    logits = np.log(x / (1 - x))
    y, _ = likelihood.logits_loss_forward(logits, t, w, None, reduction)
    np.testing.assert_allclose(
        y, likelihood.binary_cross_entropy_forward(x, t, *args)[0], rtol=1e-12
    )
    p = rng.random(4) + 0.5 if positive else None
    check_pair(
        likelihood.logits_loss_forward,
        likelihood.logits_loss_backward,
        [logits, t],
        w,
        p,
        reduction,
    )


@FLOATS
def test_logits_of_every_size_keep_their_digits(both_ways, dtype):  # noqa: F811
    x = np.array([-1e4, -80, -30, -1e-3, 0, 1e-3, 30, 80, 1e4], dtype)
    for target, expected in ((0, np.logaddexp(0, x.astype(float))), (1, None)):
        if expected is None:
            expected = np.logaddexp(0, -x.astype(float))
        t = np.full_like(x, target)
        y, cache = likelihood.logits_loss_forward(x, t, reduction="none")
        np.testing.assert_allclose(y, expected, rtol=8 * np.finfo(dtype).eps, atol=1e-37)
        dx, _ = likelihood.logits_loss_backward(np.ones_like(x), cache)
        slope = np.exp(-np.logaddexp(0, -x.astype(float) if target == 0 else x.astype(float)))
        sign = 1 if target == 0 else -1
        np.testing.assert_allclose(dx, sign * slope, rtol=60 * np.finfo(dtype).eps, atol=1e-37)


def test_certainty_is_no_infinite_loss():
    """Logarithms end at -100, and slopes at 1e12, where probabilities are 0 or 1."""
    x, t = tensor(np.array([0.0, 1.0, 0.0, 1.0]), True), tensor(np.array([0.0, 1.0, 1.0, 0.0]))
    y = F.binary_cross_entropy(x, t, reduction="none")
    np.testing.assert_array_equal(y.array, [0, 0, 100, 100])
    y.backward(tensor(np.ones(4)))
    np.testing.assert_array_equal(x.grad.array, [0, 0, -1e12, 1e12])


@given(REDUCTIONS, st.booleans(), st.integers(0, 9))
def test_divergence(reduction, log_target, seed):
    rng = np.random.default_rng(seed)
    x, t = rng.standard_normal((3, 4)), 0.1 + rng.random((3, 4))
    terms = t * (np.log(t) - x)
    expected = {"none": terms, "sum": terms.sum(), "mean": terms.mean()}[reduction]
    target = np.log(t) if log_target else t
    y, _ = likelihood.kl_div_forward(x, target, log_target, reduction)
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    check_pair(
        likelihood.kl_div_forward,
        likelihood.kl_div_backward,
        [x, target],
        log_target,
        reduction,
    )


def test_divergence_of_impossible_events():
    t = tensor(np.array([[0.0, 1.0]]), True)
    x = tensor(np.log([[0.5, 0.5]]), True)
    y = F.kl_div(x, t, reduction="batchmean")
    assert y.item() == pytest.approx(math.log(2))
    y.backward()
    np.testing.assert_allclose(x.grad.array, [[0, -1]])
    assert np.isfinite(t.grad.array).all()


@given(problems(), REDUCTIONS)
def test_negative_log_likelihood(problem, reduction):
    x, target, weight, _ = problem
    w = np.ones(x.shape[1]) if weight is None else weight
    rows = [0.0 if t == -100 else -w[t] * row[t] for row, t in zip(x, target, strict=True)]
    counted = sum(0.0 if t == -100 else w[t] for t in target)
    expected = {"none": rows, "sum": sum(rows), "mean": sum(rows) / counted}[reduction]
    y, _ = nll_loss_forward(x, target, weight, -100, reduction)
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    check_pair(nll_loss_forward, nll_loss_backward, [x], target, weight, -100, reduction)


@pytest.mark.parametrize("i", range(len(LOSSES)), ids=map(label, LOSSES))
def test_as_pytorch_stored(both_ways, i):  # noqa: F811
    check_stored("loss", i)


@pytest.mark.peer
@pytest.mark.parametrize("i", range(len(LOSSES)), ids=map(label, LOSSES))
def test_as_pytorch_live(i):
    check_live("loss", i, rtol=2e-5, atol=2e-6)


@pytest.mark.peer
def test_weighted_losses_live():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, t, w = rng.random((3, 2, 4))
    for name in ("mse_loss", "l1_loss", "huber_loss"):
        for reduction in ("mean", "sum", "none"):
            ours = getattr(F, name)(tensor(x), tensor(t), weight=tensor(w), reduction=reduction)
            theirs = getattr(torch.nn.functional, name)(
                *map(torch.tensor, (x, t)), weight=torch.tensor(w), reduction=reduction
            )
            np.testing.assert_allclose(ours.array, theirs.numpy(), rtol=1e-12)
    for name, p in (("binary_cross_entropy", None), ("binary_cross_entropy_with_logits", w[0])):
        more = {} if p is None else {"pos_weight": p}
        ours = getattr(F, name)(
            tensor(x), tensor(t), tensor(w), **{k: tensor(v) for k, v in more.items()}
        )
        theirs = getattr(torch.nn.functional, name)(
            *map(torch.tensor, (x, t, w)), **{k: torch.tensor(v) for k, v in more.items()}
        )
        np.testing.assert_allclose(ours.array, theirs.numpy(), rtol=1e-12)


def test_shapes_that_broadcast_are_warned_of():
    """(N, 1) beside (N,) is the mistake behind many a net that does not learn."""
    x, t = tensor(np.arange(3.0).reshape(3, 1), True), tensor(np.arange(3.0))
    with pytest.warns(UserWarning, match=r"mse_loss.*\(3, 1\) and \(3,\).*\(3, 3\)"):
        y = F.mse_loss(x, t)
    assert y.item() == pytest.approx(12 / 9)
    y.backward()
    assert x.grad.array.shape == (3, 1)


def test_older_spellings_of_reduction():
    x, t = tensor(np.array([0.0, 2.0])), tensor(np.array([1.0, 0.0]))
    with pytest.warns(UserWarning, match="give reduction='sum'"):
        assert F.mse_loss(x, t, size_average=False).item() == 5
    with pytest.warns(UserWarning, match="give reduction='none'"):
        assert F.mse_loss(x, t, None, False).array.tolist() == [1, 4]


def test_errors():
    x, labels = tensor(np.zeros((4, 3))), tensor(np.zeros(4, np.int64))
    for call, error, match in [
        (lambda: F.mse_loss(x, tensor(np.zeros((4, 2)))), ValueError, r"\(4, 3\) and \(4, 2\)"),
        (lambda: F.mse_loss(x, x, reduction="avg"), ValueError, "reduction must be.*'avg'"),
        (lambda: F.mse_loss(labels, labels), TypeError, "floats, got int64"),
        (lambda: F.mse_loss(x, x, weight=tensor(np.ones(2))), ValueError, r"weight.*got \(2,\)"),
        (
            lambda: F.mse_loss(x, x, weight=tensor(np.ones((4, 3)), True)),
            ValueError,
            "no gradient for weight",
        ),
        (lambda: F.huber_loss(x, x, delta=0.0), ValueError, "delta must be positive"),
        (lambda: F.smooth_l1_loss(x, x, beta=-1.0), ValueError, "beta must not be negative"),
        (
            lambda: F.cross_entropy(x, tensor(np.zeros(5, np.int64))),
            ValueError,
            r"input \(4, 3\) and target \(5,\), expected \(4,\)",
        ),
        (
            lambda: F.cross_entropy(x, tensor(np.zeros((4, 1), np.int64))),
            ValueError,
            r"target \(4, 1\), expected \(4,\)",
        ),
        (
            lambda: F.cross_entropy(x, tensor(np.zeros(4))),
            ValueError,
            r"labels are integers.*\(4,\) of float64.*target.long\(\)",
        ),
        (lambda: F.cross_entropy(x, np.zeros(4, np.int64)), TypeError, "Tensor is needed"),
        (lambda: F.nll_loss(x, tensor(np.zeros(4))), TypeError, "integers, got float64"),
        (
            lambda: F.cross_entropy(x, labels, weight=tensor(np.ones(2))),
            ValueError,
            r"3 classes.*got shape \(2,\)",
        ),
        (
            lambda: F.cross_entropy(x, labels, weight=tensor(np.ones(3, np.float32))),
            TypeError,
            "dtype float64, got float32",
        ),
        (lambda: F.cross_entropy(x, labels, label_smoothing=1.5), ValueError, "in \\[0, 1\\]"),
        (
            lambda: F.cross_entropy(tensor(np.zeros((4, 3), int)), labels),
            TypeError,
            "input must be of floats",
        ),
        (
            lambda: F.cross_entropy(tensor(np.zeros((4, 0))), labels),
            ValueError,
            "at least one class",
        ),
        (
            lambda: F.binary_cross_entropy(tensor(np.array([0.5, 1.5])), tensor(np.zeros(2))),
            ValueError,
            r"probabilities in \[0, 1\], got 1.5",
        ),
        (
            lambda: F.binary_cross_entropy_with_logits(x, labels),
            ValueError,
            r"one shape, got \(4, 3\) and \(4,\)",
        ),
    ]:
        with pytest.raises(error, match=match):
            call()
    with pytest.warns(UserWarning, match="batchmean"):
        F.kl_div(x, x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        F.kl_div(x, x, reduction="batchmean")
