"""Shapes: broadcasting, indices and views against NumPy, and errors that show what did not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from hypothesis.extra import numpy as hnp

import scratchml.tensor as st

BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "maximum": np.maximum,
    "lt": np.less,
    "logical_and": np.logical_and,
}


@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0, max_side=3),
    name=hs.sampled_from(sorted(BINARY)),
    seed=hs.integers(0, 99),
)
def test_broadcasting(shapes, name, seed):
    rng = np.random.default_rng(seed)
    a, b = (rng.standard_normal(shape) for shape in shapes.input_shapes)
    x, y = st.from_numpy(a).requires_grad_(), st.from_numpy(b).requires_grad_()
    z = getattr(st, name)(x, y)
    assert z.shape == shapes.result_shape
    np.testing.assert_array_equal(z.detach().numpy(), BINARY[name](a, b))
    if name in ("lt", "logical_and"):
        return
    r = rng.standard_normal(z.shape)
    z.backward(st.from_numpy(r))
    assert (x.grad.shape, y.grad.shape) == (a.shape, b.shape)
    if name in ("add", "sub", "mul"):  # linear in each: <dz, z(x + d)> - <dz, z(x)> = <dx, d>
        for t, d in ((x, rng.standard_normal(a.shape)), (y, rng.standard_normal(b.shape))):
            other = (a + d, b) if t is x else (a, b + d)
            change = np.vdot(r, BINARY[name](*other) - BINARY[name](a, b))
            np.testing.assert_allclose(np.vdot(t.grad.numpy(), d), change, rtol=1e-9, atol=1e-9)


@hs.composite
def indexed(draw):
    """A shape, and an index of numbers, slices, None, ... for it."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    index = draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    return shape, index


@given(case=indexed())
def test_basic_indices_are_views(case):
    shape, index = case
    a = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    x = st.from_numpy(a).requires_grad_()
    y = x[index]
    np.testing.assert_array_equal(y.detach().numpy(), a[index])
    assert not y.numel() or np.shares_memory(y.array, a)
    y.sum().backward()
    expected = np.zeros(shape)
    expected[index] += 1
    np.testing.assert_array_equal(x.grad.numpy(), expected)
    changed = st.from_numpy(a.copy())
    changed[index] = -1.0
    a[index] = -1.0
    np.testing.assert_array_equal(changed.numpy(), a)


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4),
    seed=hs.integers(0, 999),
)
def test_index_tensors(shape, seed):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal(shape)
    size = tuple(rng.integers(1, 4, rng.integers(1, 3)))
    count = rng.integers(1, len(shape) + 1)
    index = tuple(rng.integers(-n, n, size) for n in shape[:count])
    x = st.from_numpy(a).requires_grad_()
    y = x[tuple(st.from_numpy(i) for i in index)]
    np.testing.assert_array_equal(y.detach().numpy(), a[index])
    r = rng.standard_normal(y.shape)
    y.backward(st.from_numpy(r))
    expected = np.zeros(shape)
    np.add.at(expected, index, r)
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-12, atol=1e-12)


INDICES = [
    lambda T: (0, slice(None), T.tensor([1, 0])),
    lambda T: (slice(None), 1, T.tensor([1, 0])),
    lambda T: (T.tensor([1, 0]), 1),
    lambda T: (T.tensor([1, 0]), slice(None), 0),
    lambda T: (Ellipsis, T.tensor([1, 0])),
    lambda T: (None, T.tensor([1, 0]), Ellipsis, 1),
    lambda T: (T.tensor([1, 0]), None, T.tensor([2, 2])),
    lambda T: (T.tensor([True, False]), 2),
    lambda T: (0, T.tensor([True, False, True])),
    lambda T: (T.ones(2, 3).bool(), 1),
    lambda T: (slice(None), T.tensor([[0, 1], [2, 2]])),
    lambda T: T.tensor(1),
    lambda T: (T.tensor(1), T.tensor([0, 2])),
    lambda T: ([0, 1], [2, 0]),
    lambda T: T.tensor([], dtype=T.int64),
    lambda T: (slice(None), []),
    lambda T: (slice(T.tensor(1), None),),
]


@pytest.mark.peer
@pytest.mark.parametrize("index", INDICES)
def test_indices_are_pytorchs(index):
    torch = pytest.importorskip("torch")
    a = np.arange(24.0).reshape(2, 3, 4)
    for library in (st, torch):
        x = library.from_numpy(a.copy()).requires_grad_()
        y = x[index(library)]
        (y * y).sum().backward()
        z = library.from_numpy(a.copy())
        z[index(library)] = -1.0
        parts = [y.detach().numpy(), x.grad.numpy(), z.numpy()]
        if library is st:
            got = parts
    for ours, theirs in zip(got, parts, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_indices_that_do_not_fit():
    x = st.zeros(2, 3)
    for index in (5, (0, 0, 0), st.tensor([0, 2]), (slice(None), st.tensor([3]))):
        with pytest.raises(IndexError, match=r"\(2, 3\)"):
            x[index]
    with pytest.raises(IndexError, match=r"\(2, 3\)"):
        x[st.tensor([True, False, True])]
    with pytest.raises(IndexError, match="whole numbers or bools"):
        x[st.tensor([0.5])]


VIEWS = {
    "view": lambda x: x.view(6, 4),
    "reshape": lambda x: x.reshape(-1),
    "flatten": lambda x: x.flatten(1),
    "permute": lambda x: x.permute(2, 0, 1),
    "T": lambda x: x.T,
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "expand": lambda x: x.expand(5, 2, 3, 4),
    "index": lambda x: x[1],
    "number": lambda x: x[1, 2, 3],
    "slice": lambda x: x[:, 1:],
    "split": lambda x: x.split(1)[1],
    "chunk": lambda x: x.chunk(2, 2)[0],
    "unbind": lambda x: x.unbind(1)[0],
    "narrow": lambda x: x.narrow(1, 0, 2),
    "detach": lambda x: x.detach(),
    "data": lambda x: x.data,
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_share_memory(name):
    x = st.arange(24.0).reshape(2, 3, 4)
    y = VIEWS[name](x)
    assert np.shares_memory(x.array, y.array)
    with st.no_grad():
        x.fill_(7)
    assert set(y.reshape(-1).tolist()) == {7.0}


def test_copies_do_not_share_memory():
    x = st.arange(24.0).reshape(2, 3, 4)
    copies = [
        *(x.clone(), x.T.reshape(-1), x.T.contiguous(), x[st.tensor([0])], x[x > 3], x.flip(0)),
        *(x.tril(), x.repeat(1, 1, 1), x + 0, x.abs(), x.sort()[0], x.clamp(0), x.round()),
        *(x.relu(), x.long().float(), x.cumsum(0), st.cat([x]), st.where(x > 3, x, 0)),
    ]
    for y in copies:
        assert not np.shares_memory(x.array, y.array)
    assert x.contiguous() is x


ERRORS = [
    (lambda: st.ones(2, 3) + st.ones(4), r"add: shapes \(2, 3\) and \(4,\)"),
    (lambda: st.ones(2, 3) * st.ones(2), r"mul: shapes \(2, 3\) and \(2,\)"),
    (lambda: st.ones(2) < st.ones(3), r"lt: shapes \(2,\) and \(3,\)"),
    (lambda: st.ones(2, 3) @ st.ones(2, 3), r"matmul: shapes \(2, 3\) and \(2, 3\)"),
    (lambda: st.mm(st.ones(2), st.ones(2)), r"mm: both must have 2 axes"),
    (lambda: st.bmm(st.ones(2, 3, 4), st.ones(1, 4, 3)), r"bmm.*one length"),
    (lambda: st.ones(2, 3).view(4), r"\(2, 3\) with 6 values cannot become \(4,\)"),
    (lambda: st.ones(2, 3).t().view(6), r"use reshape\(\)"),
    (lambda: st.ones(2, 3).expand(3, 3), r"\(2, 3\) cannot become \(3, 3\)"),
    (lambda: st.ones(2, 3).permute(0, 0), "each axis"),
    (lambda: st.cat([st.ones(2, 3), st.ones(3, 2)]), r"\(2, 3\), \(3, 2\)"),
    (lambda: st.stack([st.ones(2), st.ones(3)]), r"\(2,\), \(3,\)"),
    (lambda: st.cat([]), "at least one"),
    (lambda: st.ones(5).split([2, 2]), "sum to 5"),
    (lambda: st.ones(2, 3).unflatten(1, (2, 2)), "multiply to 3"),
    (lambda: st.ones(2, 3, 4).t(), "matrix"),
    (lambda: st.ones(2).sum((0, 0)), "twice"),
    (lambda: st.ones(3).repeat(), "each axis"),
    (lambda: st.einsum("ij,jk->ik", st.ones(2, 3), st.ones(2, 3)), r"\(2, 3\), \(2, 3\)"),
    (lambda: st.einsum("ij->i", st.ones(2)), "'ij' does not name"),
    (lambda: st.ones(2, 3).scatter(0, st.tensor([0]), 1.0), "as many axes"),
    (lambda: st.topk(st.ones(3), 4), r"k must be in \[0, 3\]"),
    (lambda: st.zeros(-1), "negative"),
    (lambda: st.zeros(2).clamp(), "clamp needs"),
    (lambda: st.div(st.ones(2), 2, rounding_mode="up"), "rounding_mode"),
]


@pytest.mark.parametrize(("wrong", "message"), ERRORS)
def test_shape_errors_show_both_shapes(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: st.ones(2).sum(1),
        lambda: st.ones(2, 3).max(2),
        lambda: st.ones(2).transpose(0, 1),
        lambda: st.ones(0, 3).max(0),
        lambda: st.ones(0).argmax(),
        lambda: st.ones(2, 3).gather(1, st.tensor([[3]])),
        lambda: st.ones(2, 3).index_select(0, st.tensor([-1])),
        lambda: st.ones(5).narrow(0, 3, 3),
        lambda: st.ones(0).max(),
    ],
)
def test_index_errors(wrong):
    with pytest.raises(IndexError, match=r"in \[|axis|holds no value"):
        wrong()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: st.tensor([1, 2]).mean(),
        lambda: st.tensor([1, 2]).std(),
        lambda: st.ones(2, 2) @ st.ones(2, 2, dtype=st.float64),
        lambda: st.where(st.ones(2), 1, 2),
        lambda: st.ones(2, 3).gather(1, st.ones(2, 3)),
        lambda: st.tensor([1, 2]).softmax(0),
        lambda: st.randn(2, dtype=st.int64),
    ],
)
def test_type_errors(wrong):
    with pytest.raises(TypeError, match=r"float|one type|bools|integers"):
        wrong()


def test_division_of_integers_by_zero():
    with pytest.raises(ZeroDivisionError):
        st.tensor([1]) // 0
    with pytest.raises(ZeroDivisionError):
        st.tensor([1]) % st.tensor([0])
    assert (st.tensor([1]) / 0).item() == float("inf")
    assert (st.tensor([1.0, 0.0]) // 0).isnan().tolist() == [False, True]


def test_infinities_come_without_warnings():
    x = st.tensor([0.0, -1.0, float("inf")], requires_grad=True)
    for f in (st.log, st.sqrt, st.reciprocal, st.rsqrt, st.exp, st.log1p, lambda x: x / 0):
        x.grad = None
        f(x).backward(st.ones(3))
    assert st.log(x).tolist()[0] == float("-inf")
    assert st.ones(0).mean().isnan().item()
    assert st.ones(1).var().isnan().item()
    assert st.logsumexp(st.full((2,), float("-inf")), 0).item() == float("-inf")


KINKS = [
    (lambda T, x: x.abs(), [0.0], [0.0]),
    (lambda T, x: x.relu(), [0.0], [0.0]),
    (lambda T, x: x.clamp(0, 1), [0.0, 1.0], [1.0, 1.0]),
    (lambda T, x: x.max(), [2.0, 2.0], [0.5, 0.5]),
    (lambda T, x: x.max(0)[0], [2.0, 2.0], [1.0, 0.0]),
    (lambda T, x: x.amax(0), [2.0, 2.0, 1.0], [0.5, 0.5, 0.0]),
    (lambda T, x: T.maximum(x, T.tensor([1.0])), [1.0], [0.5]),
    (lambda T, x: x.norm(), [0.0, 0.0], [0.0, 0.0]),
    (lambda T, x: x.norm(3), [0.0, 0.0], [0.0, 0.0]),
    (lambda T, x: x.norm(float("inf")), [2.0, -2.0], [0.5, -0.5]),
    (lambda T, x: x.prod(), [0.0, 3.0], [3.0, 0.0]),
    (lambda T, x: x.prod(), [0.0, 0.0], [0.0, 0.0]),
    (lambda T, x: x**0, [0.0], [0.0]),
    (lambda T, x: x**2.0, [0.0], [0.0]),
    (lambda T, x: x.sign(), [0.0], [0.0]),
    (lambda T, x: x.sort()[0][1], [1.0, 1.0], [0.0, 1.0]),
]


@pytest.mark.parametrize(("f", "at", "slope"), KINKS)
def test_slopes_at_kinks(f, at, slope):
    x = st.tensor(at, requires_grad=True)
    f(st, x).sum().backward()
    assert x.grad.tolist() == slope


@pytest.mark.peer
@pytest.mark.parametrize(("f", "at", "slope"), KINKS)
def test_slopes_at_kinks_are_pytorchs(f, at, slope):
    torch = pytest.importorskip("torch")
    x = torch.tensor(at, requires_grad=True)
    f(torch, x).sum().backward()
    assert x.grad.tolist() == slope
