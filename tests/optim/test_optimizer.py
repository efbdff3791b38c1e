"""The base class: groups, states, errors, and what a step does to the tensors it is given."""

import copy
import pickle

import numpy as np
import pytest

from scratchml import optim
from scratchml.nn import Parameter
from scratchml.tensor.tape import constant, mode, record

ALL = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]


def make(*shapes, dtype=np.float64):
    random = np.random.default_rng(0)
    params = [Parameter(random.standard_normal(shape).astype(dtype)) for shape in shapes]
    for p in params:
        p.grad = constant(random.standard_normal(p.array.shape).astype(dtype))
    return params


@pytest.mark.parametrize("name", ALL)
def test_parameters_without_gradient_are_left_alone(name):
    a, b = make((2,), (3,))
    b.grad = None
    before = b.array.copy()
    optimizer = getattr(optim, name)([a, b], weight_decay=0.5)
    optimizer.step()
    np.testing.assert_array_equal(b.array, before)
    assert b not in optimizer.state
    assert (a.version[0], b.version[0]) == (1, 0)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("layout", ["transposed", "strided", "broadcast gradient"])
def test_layouts_of_memory_do_not_matter(name, layout):
    (p,) = make((4, 6))
    q = Parameter(p.array.copy())
    q.grad = constant(p.grad.array.copy())
    if layout == "transposed":
        q = Parameter(np.asfortranarray(p.array))
        q.grad = constant(np.asfortranarray(p.grad.array))
    elif layout == "strided":
        wide = np.zeros((4, 13))
        q = Parameter(wide[:, 1::2])
        q.array[...] = p.array
        q.grad = constant(np.repeat(p.grad.array, 2, axis=1)[:, ::2])
    else:
        p.grad = constant(np.full((4, 6), 2.0))
        q.grad = constant(np.broadcast_to(2.0, (4, 6)))
    array = q.array
    ours, theirs = (getattr(optim, name)([t], lr=0.1) for t in (p, q))
    for _ in range(3):
        ours.step()
        theirs.step()
    assert q.array is array
    np.testing.assert_array_equal(q.array, p.array)
    if layout == "strided":
        assert not wide[:, ::2].any()


def test_the_tape_notices_a_step():
    (p,) = make((3,))
    y = record(p.array * 2, [p], lambda dy: 2 * dy, saved=[p])
    optim.SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward(constant(np.ones(3)))


def test_step_keeps_gradients_and_zero_grad_drops_them():
    (p,) = make((3,))
    gradient = p.grad
    optimizer = optim.Adam([p])
    before = gradient.array.copy()
    optimizer.step()
    assert p.grad is gradient
    np.testing.assert_array_equal(gradient.array, before)
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is gradient
    assert not gradient.array.any()
    assert gradient.version[0] == 1
    optimizer.zero_grad()
    assert p.grad is None


def test_closure_is_recorded_and_its_loss_returned():
    (p,) = make((3,))
    seen = []

    def closure():
        seen.append(mode.recording)
        p.grad = constant(np.ones(3))
        return "loss"

    optimizer = optim.SGD([p], lr=1.0)
    before = p.array.copy()
    mode.recording = False
    try:
        assert optimizer.step(closure) == "loss"
        assert seen == [True]
        assert mode.recording is False
    finally:
        mode.recording = True
    np.testing.assert_array_equal(p.array, before - 1)
    assert optimizer.step() is None


def test_groups_have_settings_of_their_own():
    a, b, c = make((2,), (2,), (2,))
    before = [p.array.copy() for p in (a, b, c)]
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.0}], lr=1.0)
    optimizer.add_param_group({"params": iter([c]), "lr": 2.0})
    optimizer.step()
    for p, old, lr in zip((a, b, c), before, (1.0, 0.0, 2.0), strict=True):
        np.testing.assert_array_equal(p.array, old - lr * p.grad.array)
    optimizer.param_groups[0]["lr"] = 0.0
    after = a.array.copy()
    optimizer.step()
    np.testing.assert_array_equal(a.array, after)


def test_named_parameters():
    a, b = make((2,), (3,))
    optimizer = optim.SGD(iter([("first", a), ("second", b)]))
    assert optimizer.param_groups[0]["param_names"] == ["first", "second"]
    assert optimizer.param_groups[0]["params"] == [a, b]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["first", "second"]


def test_types_may_be_mixed():
    params = [*make((3,)), *make((3,), dtype=np.float32)]
    optimizer = optim.Adam(params, lr=0.1)
    before = [p.array.copy() for p in params]
    optimizer.step()
    for p, old in zip(params, before, strict=True):
        assert p.array.dtype == old.dtype
        np.testing.assert_allclose(p.array, old - 0.1 * np.sign(p.grad.array), atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_a_state_dict_takes_up_training_where_it_was(name):
    options = {"lr": 0.1, **({"momentum": 0.9} if name in ("SGD", "RMSprop") else {})}
    whole, halves = make((4, 3), (5,)), make((4, 3), (5,))
    first, straight = (getattr(optim, name)(p, **options) for p in (halves, whole))
    for _ in range(10):
        straight.step()
    for _ in range(5):
        first.step()
    state = first.state_dict()
    kept = {k: v.array.copy() for k, v in state["state"][0].items()}
    resumed = getattr(optim, name)(halves, lr=9.0)
    resumed.load_state_dict(state)
    for _ in range(5):
        resumed.step()
    for a, b in zip(whole, halves, strict=True):
        np.testing.assert_array_equal(a.array, b.array)
    for k, v in kept.items():
        np.testing.assert_array_equal(state["state"][0][k].array, v, err_msg="nothing is kept")
    assert [group["params"] for group in state["param_groups"]] == [[0, 1]]
    copied = copy.deepcopy(state)
    assert copied["param_groups"] == state["param_groups"]


def test_a_state_dict_that_does_not_fit_changes_nothing():
    optimizer, other = optim.Adam(make((2,))), optim.Adam(make((3,)), lr=0.5)
    other.step()
    for state in (other.state_dict(), optim.Adam(make((2,), (2,))).state_dict()):
        with pytest.raises(ValueError, match=r"shape \(3,\)|sizes \[1\], got \[2\]"):
            optimizer.load_state_dict(state)
        assert optimizer.param_groups[0]["lr"] == 1e-3
        assert not optimizer.state
    state = optimizer.state_dict()
    state["param_groups"][0]["lr"] = float("nan")
    with pytest.raises(ValueError, match="'lr' parameter of Adam"):
        optimizer.load_state_dict(state)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_copies_and_pickles_step_alike(name):
    (p,) = make((3,))
    optimizer = getattr(optim, name)([p], lr=0.1)
    optimizer.step()
    gradient = p.grad
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        (q,) = twin.param_groups[0]["params"]
        assert q is not p
        q.grad = constant(gradient.array.copy())
        twin.step()
        reference = optim.SGD([Parameter(p.array)])  # shares p's memory, steps nothing
        assert reference.param_groups[0]["params"][0].array is p.array
        expected = copy.deepcopy(optimizer)
        (r,) = expected.param_groups[0]["params"]
        r.grad = constant(gradient.array.copy())
        expected.step()
        np.testing.assert_array_equal(q.array, r.array)


def test_it_shows_its_settings():
    assert repr(optim.SGD(make((2,)), lr=0.1)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.1\n    maximize: False\n"
        "    momentum: 0\n    nesterov: False\n    weight_decay: 0\n)"
    )


WRONG = [
    ("SGD", {"lr": -1}, "'lr' parameter of SGD must be a float in the range .0.0, inf.. Got -1"),
    ("SGD", {"lr": float("nan")}, "'lr' parameter of SGD must be .* Got nan"),
    ("SGD", {"lr": "0.1"}, "'lr' parameter"),
    ("SGD", {"momentum": -0.1}, "'momentum' parameter"),
    ("SGD", {"weight_decay": -1}, "'weight_decay' parameter"),
    ("SGD", {"dampening": float("inf")}, "'dampening' parameter"),
    ("SGD", {"nesterov": True}, "nesterov needs a momentum above 0"),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening of 0, got .* 0.1"),
    ("Adam", {"betas": (0.9, 1.0)}, "'betas' parameter of Adam must be a pair .* Got .0.9, 1.0."),
    ("Adam", {"betas": 0.9}, "'betas' parameter"),
    ("AdamW", {"eps": -1e-8}, "'eps' parameter of AdamW"),
    ("AdamW", {"weight_decay": float("nan")}, "'weight_decay' parameter of AdamW"),
    ("RMSprop", {"alpha": 1.5}, "'alpha' parameter of RMSprop"),
    ("Adagrad", {"lr_decay": -1}, "'lr_decay' parameter of Adagrad"),
]


@pytest.mark.parametrize(("name", "options", "message"), WRONG)
def test_settings_out_of_range(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(optim, name)(make((2,)), **options)
    with pytest.raises(ValueError, match=message):
        getattr(optim, name)([{"params": make((2,)), **options}])


def test_wrong_parameters():
    (p,) = make((2,))
    with pytest.raises(ValueError, match="SGD got an empty list"):
        optim.SGD([])
    with pytest.raises(TypeError, match="got one tensor: put it in a list"):
        optim.SGD(p)
    with pytest.raises(TypeError, match="a set has not"):
        optim.SGD({p})
    with pytest.raises(TypeError, match="params must be an iterable of tensors or dicts, got int"):
        optim.SGD(3)
    with pytest.raises(TypeError, match="params must hold tensors, got ndarray"):
        optim.SGD([np.ones(2)])
    with pytest.raises(TypeError, match="param_group must be a dict"):
        optim.SGD([p]).add_param_group([p])
    with pytest.raises(ValueError, match=r"shape \(2,\) more than once"):
        optim.SGD([p, p])
    with pytest.raises(ValueError, match="more than once"):
        optim.SGD([p]).add_param_group({"params": p})
    with pytest.raises(ValueError, match="leaves, got a tensor of shape"):
        optim.SGD([record(p.array * 2, [p], lambda dy: 2 * dy)])
    with pytest.raises(TypeError, match="capturable"):
        optim.Adam([p], capturable=True)


def test_wrong_gradients_change_nothing():
    a, b = make((2,), (3,))
    for gradient in (np.ones(2), np.ones(3, np.float32)):
        b.grad = constant(gradient)
        before = a.array.copy()
        with pytest.raises(ValueError, match=r"parameter's shape and type, \(3,\) float64, got"):
            optim.SGD([a, b]).step()
        np.testing.assert_array_equal(a.array, before)


def test_states_of_another_shape_are_refused_before_a_kernel_reads_past_their_end():
    (p,) = make((4,))
    optimizer = optim.Adam([p])
    optimizer.step()
    for wrong in (np.zeros(2), np.zeros(8)[::2], np.zeros(4, np.float32)):
        optimizer.state[p]["exp_avg"] = constant(wrong)
        with pytest.raises(ValueError, match="state of a parameter"):
            optimizer.step()


def test_memory_that_is_odd():
    odd = np.zeros(4 * 8 + 1, np.uint8)[1:].view(np.float64)
    assert not odd.flags.aligned
    p = Parameter(constant(odd))
    assert p.array is odd
    p.grad = constant(np.ones(4))
    optim.Adam([p], lr=0.5).step()
    np.testing.assert_allclose(odd, -0.5)
    fixed = np.zeros(3)
    fixed.flags.writeable = False
    p = Parameter(constant(fixed))
    p.grad = constant(np.ones(3))
    with pytest.raises(ValueError, match=r"memory must be writeable, that of one of shape \(3,\)"):
        optim.SGD([p]).step()


def test_an_optimizer_without_an_update_says_so():
    with pytest.raises(NotImplementedError, match="Optimizer does not say how it steps"):
        optim.Optimizer(make((2,)), {"lr": 0.1}).step()
