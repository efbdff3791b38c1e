"""RNN, LSTM and GRU over arrays: against a restatement for numbers, and central differences."""

import math

import numpy as np
import pytest

from scratchml._core.threads import set_num_threads
from scratchml.nn.ops import recurrent_compiled, smooth
from scratchml.nn.ops.recurrent import (
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)
from scratchml.nn.ops.recurrent_order import full_order, make_order

from .pairs import numerical_gradient

PAIRS = {
    "tanh": (rnn_forward, rnn_backward, 1),
    "relu": (rnn_forward, rnn_backward, 1),
    "lstm": (lstm_forward, lstm_backward, 4),
    "projected": (lstm_forward, lstm_backward, 4),
    "gru": (gru_forward, gru_backward, 3),
}
SIZES = {
    "full": (3, 3, 3),
    "packed": (3, 2, 2, 1),
    "long tail": (2, 1, 1, 1),
    "one step": (2,),
    "one row": (1,),
    "one sequence": (1, 1, 1),
    "no sequence": (0, 0),
    "no step": (),
}
kinds = pytest.mark.parametrize("kind", PAIRS)
sizes = pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
ways = pytest.mark.parametrize("reverse", [False, True], ids=["forwards", "backwards"])


@pytest.fixture(autouse=True, params=["definition", "compiled"])
def _both(request, monkeypatch):
    """Run every test with the loops that one reads, and with those that run."""
    if request.param == "definition":
        monkeypatch.setattr(recurrent_compiled, "serves", lambda *_: False)
        monkeypatch.setattr(smooth, "compiled", lambda: False)


def make(kind, sizes, inner=2, H=4, P=3, dtype=np.float64, scale=1.0):
    """Return the inputs of a forward half, as a dict in their order."""
    rng, G = np.random.default_rng(len(kind) + sum(sizes)), PAIRS[kind][2]
    B, N, S = max(sizes, default=0), sum(sizes), P if kind == "projected" else H
    shapes = {"x": (N, inner), "h0": (B, S)}
    if G == 4:
        shapes["c0"] = B, H
    shapes |= {"w_ih": (G * H, inner), "w_hh": (G * H, S), "b_ih": (G * H,), "b_hh": (G * H,)}
    if kind == "projected":
        shapes["w_hr"] = P, H
    return {k: (scale * rng.standard_normal(s)).astype(dtype) for k, s in shapes.items()}


def options(kind, order):
    return {"order": order} | ({"relu": True} if kind == "relu" else {})


def one_by_one(kind, arrays, sizes, reverse):
    """Return y and the final states: every sequence, step and gate on its own."""
    a = arrays
    H, lengths = len(a["w_ih"]) // PAIRS[kind][2], [sum(n > b for n in sizes) for b in range(99)]
    starts = np.cumsum(sizes) - sizes if sizes else []
    y, finals = np.zeros((len(a["x"]), a["w_hh"].shape[1])), []
    for b in range(max(sizes, default=0)):
        h, c = a["h0"][b], a["c0"][b] if "c0" in a else None
        for t in range(lengths[b])[:: -1 if reverse else 1]:
            v = a["w_ih"] @ a["x"][starts[t] + b] + a["b_ih"]
            s = a["w_hh"] @ h + a["b_hh"]
            h, c = step(kind, v, s, h, c, H, a.get("w_hr"))
            y[starts[t] + b] = h
        finals.append([h, c])
    hn = np.array([h for h, _ in finals]).reshape(len(finals), y.shape[1])
    if "c0" not in a:
        return y, hn
    return y, hn, np.array([c for _, c in finals]).reshape(len(finals), H)


def step(kind, v, s, h, c, H, w_hr):
    def logistic(u):
        return np.array([1 / (1 + math.exp(-z)) for z in u])

    if kind == "tanh":
        return np.array([math.tanh(z) for z in v + s]), None
    if kind == "relu":
        return np.array([max(z, 0.0) for z in v + s]), None
    if kind == "gru":
        r, z = logistic(v[:H] + s[:H]), logistic(v[H : 2 * H] + s[H : 2 * H])
        n = np.tanh(v[2 * H :] + r * s[2 * H :])
        return (1 - z) * n + z * h, None
    i, f, o = (logistic((v + s)[k * H : (k + 1) * H]) for k in (0, 1, 3))
    c = f * c + i * np.tanh((v + s)[2 * H : 3 * H])
    m = o * np.tanh(c)
    return (m if w_hr is None else w_hr @ m), c


@kinds
@sizes
@ways
def test_forward_is_every_sequence_on_its_own(kind, sizes, reverse):
    arrays = make(kind, sizes)
    ys, _ = PAIRS[kind][0](*arrays.values(), **options(kind, make_order(sizes, reverse)))
    expected = one_by_one(kind, arrays, sizes, reverse)
    for y, e in zip(ys, expected, strict=True):
        np.testing.assert_allclose(y, e, rtol=1e-12, atol=1e-14)


def check_gradients(kind, arrays, order, given=(True, True, True)):
    """Compare with central differences of <outputs, r>, r for those outputs that are `given`."""
    forward, backward, _ = PAIRS[kind]
    more = options(kind, order)
    ys, cache = forward(*arrays.values(), **more)
    rng = np.random.default_rng(5)
    rs = [rng.standard_normal(y.shape) if g else None for y, g in zip(ys, given, strict=False)]
    before = [None if r is None else r.copy() for r in rs]
    needs = (True,) * len(arrays)
    computed = backward(tuple(rs), cache, needs)
    again = backward(tuple(rs), cache, needs)  # as with retain_graph=True: the cache is unchanged
    for r, b in zip(rs, before, strict=True):
        np.testing.assert_array_equal(r, b, err_msg="the backward half changed dy")

    def outputs():
        found = forward(*arrays.values(), **more)[0]
        return np.concatenate([y.ravel() for y, r in zip(found, rs, strict=True) if r is not None])

    flat = np.concatenate([r.ravel() for r in rs if r is not None])
    for (name, a), dx, twin in zip(arrays.items(), computed, again, strict=True):
        if a is None:
            continue
        expected = numerical_gradient(outputs, a, flat)
        np.testing.assert_allclose(dx, expected, rtol=1e-6, atol=1e-7, err_msg=name)
        np.testing.assert_array_equal(dx, twin, err_msg=name)
        assert not np.shares_memory(dx, twin)


@kinds
@sizes
@ways
def test_gradients(kind, sizes, reverse):
    check_gradients(kind, make(kind, sizes), make_order(sizes, reverse))


@kinds
@pytest.mark.parametrize("given", [(True, False, False), (False, True, False), (False, True, True)])
def test_gradients_of_some_outputs(kind, given):
    if not any(given[:2]):
        given = (True, *given[1:])
    sizes = (3, 2, 1)
    check_gradients(kind, make(kind, sizes), make_order(sizes), given)


@kinds
@ways
def test_states_and_biases_that_are_left_out_are_zeros(kind, reverse):
    sizes = (3, 2, 2)
    order = make_order(sizes, reverse)
    full = make(kind, sizes)
    for name in ("h0", "c0", "b_ih", "b_hh"):
        if name in full:
            full[name][...] = 0
    left = {k: None if k in ("h0", "c0", "b_ih", "b_hh") else a for k, a in full.items()}
    for y, e in zip(
        PAIRS[kind][0](*left.values(), **options(kind, order))[0],
        PAIRS[kind][0](*full.values(), **options(kind, order))[0],
        strict=True,
    ):
        np.testing.assert_array_equal(y, e)
    check_gradients(kind, left, order)
    # one bias without the other
    for name in ("b_ih", "b_hh"):
        check_gradients(kind, make(kind, sizes) | {name: None}, order)


@kinds
def test_gradients_that_are_not_wanted_are_none(kind):
    sizes = (3, 2)
    arrays, order = make(kind, sizes), make_order(sizes)
    forward, backward, _ = PAIRS[kind]
    ys, cache = forward(*arrays.values(), **options(kind, order))
    dys = tuple(np.ones_like(y) for y in ys)
    whole = backward(dys, cache, (True,) * len(arrays))
    for k, name in enumerate(arrays):
        needs = tuple(i == k for i in range(len(arrays)))
        found = backward(dys, cache, needs)
        np.testing.assert_allclose(found[k], whole[k], rtol=1e-13)
        unwanted = [d for i, d in enumerate(found) if i != k and list(arrays)[i] not in "h0c0"]
        assert all(d is None for d in unwanted), name


@kinds
@ways
def test_float32_stays_and_is_close(kind, reverse):
    sizes = (5, 4, 4, 2)
    arrays = make(kind, sizes, inner=7, H=9, P=5)
    order = make_order(sizes, reverse)
    forward, backward, _ = PAIRS[kind]
    results = []
    for dtype in (np.float64, np.float32):
        cast = [a.astype(dtype) for a in arrays.values()]
        ys, cache = forward(*cast, **options(kind, order))
        grads = backward(tuple(np.ones_like(y) for y in ys), cache, (True,) * len(cast))
        assert {a.dtype for a in (*ys, *grads)} == {np.dtype(dtype)}
        results.append((*ys, *grads))
    for exact, close in zip(*results, strict=True):
        np.testing.assert_allclose(close, exact, rtol=1e-4, atol=3e-5)


@kinds
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gates_that_are_shut_or_open_give_no_missing_numbers(kind, dtype):
    sizes = (3, 3, 2)
    arrays = make(kind, sizes, dtype=dtype, scale=1e4 if kind != "relu" else 10.0)
    order = make_order(sizes)
    forward, backward, _ = PAIRS[kind]
    ys, cache = forward(*arrays.values(), **options(kind, order))
    grads = backward(tuple(np.ones_like(y) for y in ys), cache, (True,) * len(arrays))
    assert all(np.isfinite(a).all() for a in (*ys, *grads))


@kinds
def test_missing_numbers_reach_what_comes_after_them_and_nothing_else(kind):
    sizes = (3, 3, 3)
    arrays = make(kind, sizes)
    arrays["x"][4] = np.nan  # step 1 of sequence 1
    (y, hn, *_), _ = PAIRS[kind][0](*arrays.values(), **options(kind, make_order(sizes)))
    missing = np.isnan(y).all(axis=1)
    assert missing.tolist() == [False] * 4 + [True] + [False] * 2 + [True, False]
    assert np.isnan(hn).all(axis=1).tolist() == [False, True, False]
    assert not np.isnan(y[~missing]).any()


@pytest.mark.parametrize("kind", ["tanh", "relu", "lstm", "gru"])
def test_one_wide_row_takes_the_way_without_strips(kind):
    arrays, order = make(kind, (1,), H=300), full_order(1, 1)
    arrays["w_hh"] /= 20
    forward, backward, _ = PAIRS[kind]
    twice = {k: np.concatenate([a, a]) if k in ("x", "h0", "c0") else a for k, a in arrays.items()}
    ys, cache = forward(*arrays.values(), **options(kind, order))
    zs, other = forward(*twice.values(), **options(kind, full_order(1, 2)))
    for y, z in zip(ys, zs, strict=True):
        np.testing.assert_allclose(y[0], z[1], rtol=1e-12, atol=1e-15)
    needs = (True,) * len(arrays)
    grads = backward(tuple(np.ones_like(y) for y in ys), cache, needs)
    sums = backward(tuple(np.ones_like(z) for z in zs), other, needs)
    for name, g, s in zip(arrays, grads, sums, strict=True):
        expected = s[1:] if name in ("x", "h0", "c0") else s / 2
        np.testing.assert_allclose(g, expected, rtol=1e-11, atol=1e-14, err_msg=name)


@kinds
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(21, 21, 21), (21, 17, 9, 8, 1)], ids=["full", "packed"])
def test_the_same_bits_with_any_number_of_threads(kind, dtype, sizes, monkeypatch):
    monkeypatch.setattr(recurrent_compiled, "_WORTH_THREADS", 0)
    arrays, order = make(kind, sizes, inner=5, H=19, P=7, dtype=dtype), make_order(sizes)
    forward, backward, _ = PAIRS[kind]
    results = []
    for threads in (1, 2, 5):
        with set_num_threads(threads):
            ys, cache = forward(*arrays.values(), **options(kind, order))
            dys = tuple(np.cos(y) for y in ys)
            results.append((*ys, *backward(dys, cache, (True,) * len(arrays))))
    for others in results[1:]:
        for a, b in zip(results[0], others, strict=True):
            np.testing.assert_array_equal(a, b)


def test_relu_has_no_slope_at_zero():
    order = full_order(1, 1)
    zeros = [np.zeros(s) for s in ((1, 1), (1, 1), (1, 1), (1, 1), (1,), (1,))]
    ys, cache = rnn_forward(*zeros, order, relu=True)
    *_, db_ih, db_hh = rnn_backward((np.ones((1, 1)), None), cache)
    assert ys[0].item() == db_ih.item() == db_hh.item() == 0


@kinds
def test_what_comes_in_may_be_read_only_and_of_any_layout(kind):
    sizes = (3, 2, 2)
    arrays, order = make(kind, sizes), make_order(sizes)
    forward, backward, _ = PAIRS[kind]
    results = []
    for strange in (False, True):
        given = [np.asfortranarray(a) if strange else a for a in arrays.values()]
        for a in given:
            a.flags.writeable = not strange
        ys, cache = forward(*given, **options(kind, order))
        dys = [np.broadcast_to(y.dtype.type(1), y.shape) for y in ys]
        dys = dys if strange else [dy.copy() for dy in dys]
        results.append((*ys, *backward(tuple(dys), cache, (True,) * len(given))))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


# The order


def walked(sizes, reverse):
    """Return `previous` and `last` by walking through the steps."""
    starts = np.cumsum(sizes) - sizes if sizes else []
    N, B = sum(sizes), max(sizes, default=0)
    given, made = (N, 0) if reverse else (0, B)
    last, previous = [given + b for b in range(B)], [0] * N
    for t in range(len(sizes))[:: -1 if reverse else 1]:
        for i in range(sizes[t]):
            previous[starts[t] + i] = last[i]
            last[i] = made + starts[t] + i
    return previous, last


@pytest.mark.parametrize("sizes", [*SIZES.values(), (5, 5, 2, 2, 2, 1), (1, 1), (4, 3, 2, 1)])
@ways
def test_order_is_the_walk_through_the_steps(sizes, reverse):
    order = make_order(sizes, reverse)
    previous, last = walked(sizes, reverse)
    assert order.previous.tolist() == previous
    assert order.last.tolist() == last
    assert (order.batch, order.rows) == (max(sizes, default=0), sum(sizes))
    assert order.sizes.tolist() == list(sizes)[:: -1 if reverse else 1]
    assert order.full == (len(set(sizes)) <= 1)
    stack = order.stack(None, 2, np.dtype(np.float64))
    stack[...] = np.arange(len(stack))[:, None]
    np.testing.assert_array_equal(order.before(stack)[:, 0], previous)
    np.testing.assert_array_equal(order.final(stack)[:, 0], last)
    np.testing.assert_array_equal(order.computed(stack)[:, 0], np.arange(order.rows) + order.made)


def test_orders_are_made_once_and_cannot_be_changed():
    assert make_order([2, 1]) is make_order(np.array([2, 1]))
    assert full_order(3, 2) is full_order(3, 2)
    for array in full_order(3, 2)[:4]:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
