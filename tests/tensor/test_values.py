"""Functions without gradients, ranges and printing: PyTorch's values, and those worked out."""

import numpy as np
import pytest

import scratchml.tensor as st

NAN, INF = float("nan"), float("inf")


def data(T):
    return T.tensor([[3.0, -1.0, 3.0], [0.0, 2.5, -1.0]]), T.tensor([[1, 0, 2], [2, 2, 0]])


CASES = {
    "eq": lambda T, x, i: x == 3,
    "ne": lambda T, x, i: x != x[0],
    "ge": lambda T, x, i: 0 <= x,
    "isnan": lambda T, x, i: T.isnan(T.tensor([1.0, NAN, INF])),
    "isfinite": lambda T, x, i: T.isfinite(T.tensor([1.0, NAN, -INF])),
    "and": lambda T, x, i: (x > 0) & (i > 0) | (x < -0.5),
    "xor": lambda T, x, i: T.logical_xor(x, i),
    "invert": lambda T, x, i: ~(x > 0),
    "bits": lambda T, x, i: (i ^ 3) | (i & 1),
    "all": lambda T, x, i: T.stack([x.all(1), x.any(1)]),
    "all of": lambda T, x, i: T.all(x > -5),
    "argmax": lambda T, x, i: x.argmax(),
    "argmax 1": lambda T, x, i: x.argmax(1, keepdim=True),
    "argmin": lambda T, x, i: T.argmin(x, dim=0),
    "argmax kept": lambda T, x, i: T.argmax(x, keepdim=True),
    "max index": lambda T, x, i: T.max(x, 1).indices,
    "max nan": lambda T, x, i: T.max(T.tensor([[1.0, NAN, 2.0]]), 1)[0],
    "max nan index": lambda T, x, i: T.max(T.tensor([[1.0, NAN, 2.0]]), 1)[1],
    "max number": lambda T, x, i: T.tensor(2.0).max(0)[1],
    "sort": lambda T, x, i: T.sort(x, dim=1, stable=True)[1],
    "sort descending": lambda T, x, i: T.sort(x, dim=1, descending=True, stable=True)[1],
    "sort nan": lambda T, x, i: T.sort(T.tensor([NAN, 1.0, INF]))[1],
    "argsort": lambda T, x, i: T.argsort(x, dim=0, descending=True, stable=True),
    "topk": lambda T, x, i: T.tensor([4, 1, 9, 7]).topk(2)[1],
    "topk nan": lambda T, x, i: T.tensor([4.0, NAN, 9.0]).topk(2)[1],
    "median": lambda T, x, i: T.tensor([4, 1, 9, 7]).median(),
    "median nan": lambda T, x, i: T.tensor([4.0, NAN, 9.0, 1.0]).median(),
    "median dim": lambda T, x, i: T.median(T.tensor([[4, 1, 9], [3, 8, 5]]), 1, keepdim=True)[1],
    "unique": lambda T, x, i: x.unique(),
    "unique inverse": lambda T, x, i: T.unique(x, return_inverse=True)[1],
    "unique counts": lambda T, x, i: T.unique(i, return_counts=True)[1],
    "bincount": lambda T, x, i: T.bincount(i.reshape(-1), minlength=5),
    "bincount weights": lambda T, x, i: T.bincount(i[0], x[0]),
    "nonzero": lambda T, x, i: T.nonzero(x),
    "nonzero tuple": lambda T, x, i: T.stack(list(x.nonzero(as_tuple=True))),
    "where": lambda T, x, i: T.stack(list(T.where(x > 0))),
    "where numbers": lambda T, x, i: T.where(x > 0, 1.0, 0.0),
    "where ints": lambda T, x, i: T.where(x > 0, 1, 0),
    "sum bools": lambda T, x, i: (x > 0).sum(),
    "sum uint8": lambda T, x, i: T.full((300,), 200, dtype=T.uint8).sum(),
    "sum dtype": lambda T, x, i: i.sum(dtype=T.float64),
    "mean dtype": lambda T, x, i: i.mean(dtype=T.float32),
    "cumsum ints": lambda T, x, i: i.cumsum(1),
    "prod ints": lambda T, x, i: (i + 1).prod(0),
    "matmul ints": lambda T, x, i: i @ i.t(),
    "norm 0": lambda T, x, i: T.norm(x, 0, dim=1),
    "norm -inf": lambda T, x, i: T.norm(x, -INF, dim=1),
    "round": lambda T, x, i: T.round(T.tensor([0.5, 1.5, -2.5])),
    "round decimals": lambda T, x, i: T.round(T.tensor([0.125, 1.26]), decimals=1),
    "floor ints": lambda T, x, i: T.floor(i),
    "trunc div": lambda T, x, i: T.div(T.tensor([7, -7]), 2, rounding_mode="trunc"),
    "floor div": lambda T, x, i: T.tensor([7, -7]) // T.tensor([2, 2]),
    "floor div floats": lambda T, x, i: T.tensor([7.5, -7.5]) // 2,
    "mod": lambda T, x, i: T.tensor([7, -7]) % 3,
    "fmod": lambda T, x, i: T.fmod(T.tensor([7, -7]), 3),
    "rmod": lambda T, x, i: 7 % T.tensor([4.0, -4.0]),
    "rfloordiv": lambda T, x, i: 7 // T.tensor([4, 3]),
    "rpow": lambda T, x, i: 2 ** T.tensor([1, 3]),
    "pow ints": lambda T, x, i: i**3,
    "logsumexp inf": lambda T, x, i: T.logsumexp(T.tensor([[-INF, -INF], [INF, 1.0]]), 1),
    "clamp ints": lambda T, x, i: i.clamp(1, 1),
    "clip floats": lambda T, x, i: T.clamp(i, 0.5, 1.5),
    "masked_fill": lambda T, x, i: i.masked_fill(x > 0, -9),
    "softmax inf": lambda T, x, i: T.softmax(T.tensor([1.0, -INF, 1.0]), 0),
    "softmax number": lambda T, x, i: T.tensor(3.0).softmax(0),
    "var number": lambda T, x, i: T.tensor([5.0]).var(unbiased=False),
    "einsum ints": lambda T, x, i: T.einsum("ij,kj->ik", i, i),
    "cat types": lambda T, x, i: T.cat([x, i]),
    "cat empty": lambda T, x, i: T.cat([T.tensor([]), x[0]]),
    "stack types": lambda T, x, i: T.stack([x, i]),
    "repeat_interleave": lambda T, x, i: T.repeat_interleave(i[0], T.tensor([2, 0, 1])),
    "chunk": lambda T, x, i: T.arange(10).chunk(4)[-1],
    "split": lambda T, x, i: T.arange(10).split(4)[-1],
    "arange": lambda T, x, i: T.arange(5),
    "arange step": lambda T, x, i: T.arange(10, 0, -3),
    "arange floats": lambda T, x, i: T.arange(0, 1, 0.25),
    "arange end": lambda T, x, i: T.arange(0, 1, 0.1).numel() + T.zeros(1),
    "linspace": lambda T, x, i: T.linspace(-1, 1, 5),
    "linspace 1": lambda T, x, i: T.linspace(3, 10, 1),
    "logspace": lambda T, x, i: T.logspace(0, 2, 3),
    "eye": lambda T, x, i: T.eye(2, 3),
    "full": lambda T, x, i: T.full((2,), 3.5),
    "ones_like": lambda T, x, i: T.ones_like(i),
    "full_like": lambda T, x, i: T.full_like(x, 2),
    "zeros tuple": lambda T, x, i: T.zeros((2, 3)),
    "zeros empty": lambda T, x, i: T.zeros(()),
    "tensor nested": lambda T, x, i: T.tensor([[1, 2.5], (3, 4)]),
    "isclose": lambda T, x, i: T.isclose(x, x + 1e-6),
    "lerp ends": lambda T, x, i: T.lerp(x, x * 2, 1.0),
    "count_nonzero": lambda T, x, i: i.count_nonzero(0),
    "new_full": lambda T, x, i: T.stack([i.new_full((2,), 3), i.new_ones(2), i.new_tensor([1, 2])]),
    "new_zeros": lambda T, x, i: x.new_zeros((2, 3)) + x.new_empty(2, 3).zero_(),
    "concat": lambda T, x, i: T.concat((x, x), 1),
    "ravel": lambda T, x, i: x.ravel(),
    "axis sum": lambda T, x, i: x.sum(axis=1) + T.mean(x, axis=1) + x.std(axis=1),
    "axis max": lambda T, x, i: x.max(axis=1)[1] + T.argmax(x, axis=1),
    "axis prod": lambda T, x, i: T.prod(x, axis=0) + x.var(axis=0),
    "axis cat": lambda T, x, i: T.cat((x, x), axis=1).all(axis=0),
    "tril": lambda T, x, i: T.tril(T.ones(3, 3), diagonal=-1),
    "diag": lambda T, x, i: T.diag(T.tensor([1, 2]), 1),
}


@pytest.mark.peer
@pytest.mark.parametrize("name", CASES)
def test_values_are_pytorchs(name):
    torch = pytest.importorskip("torch")
    got, expected = (CASES[name](T, *data(T)).numpy() for T in (st, torch))
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=2e-7, atol=1e-7)


SHOWN = {
    "float": lambda T: T.tensor([1.0, 2.5, -3.0]),
    "whole": lambda T: T.tensor([[1.0, 20.0], [3.0, 4.0]]),
    "number": lambda T: T.tensor(3.14159),
    "ints": lambda T: T.tensor([[1, -20], [300, 4]]),
    "bools": lambda T: T.tensor([True, False]),
    "empty": lambda T: T.tensor([]),
    "empty shape": lambda T: T.zeros(0, 3),
    "nan": lambda T: T.tensor([1.0, NAN, INF, -INF]),
    "wide": lambda T: T.tensor([1.0, 1e5, 1e-5]),
    "large whole": lambda T: T.tensor([1.0, 1e10]),
    "small": lambda T: T.tensor([1e-5, 2e-5]),
    "leaf": lambda T: T.tensor([1.0], requires_grad=True),
    "deep": lambda T: T.arange(24).reshape(2, 3, 4),
    "deeper": lambda T: T.arange(16.0).reshape(2, 2, 2, 2),
    "long line": lambda T: T.arange(40.0) / 3,
    "long ints": lambda T: T.arange(100),
    "edges": lambda T: T.arange(2000),
    "edges of rows": lambda T: T.arange(10000.0).reshape(100, 100),
    "edges deep": lambda T: T.arange(9000).reshape(30, 30, 10),
    "negative zero": lambda T: T.tensor([-0.0, 0.5]),
    "zeros": lambda T: T.zeros(2, 2),
}


@pytest.mark.peer
@pytest.mark.parametrize("name", SHOWN)
def test_tensors_look_like_pytorchs(name):
    torch = pytest.importorskip("torch")
    assert repr(SHOWN[name](st)) == repr(SHOWN[name](torch))


def test_what_is_said_beside_the_values():
    w = st.tensor([1.0], requires_grad=True)
    assert repr(w * 2) == "tensor([2.], grad_fn=<mul>)"
    assert repr(st.zeros(1, dtype=st.float64)) == "tensor([0.], dtype=float64)"
    assert repr(st.zeros(0, 2, dtype=st.int32)) == "tensor([], size=(0, 2), dtype=int32)"
    assert str(st.tensor(2)) == "tensor(2)"
    assert str(st.tensor([0.5, 5000.0])) == "tensor([5.0000e-01, 5.0000e+03])"
    assert str(st.tensor([0.5, 500.0])) == "tensor([  0.5000, 500.0000])"
    assert str(st.arange(2000)) == "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"


def test_equal_and_allclose():
    x = st.tensor([1.0, NAN])
    assert not st.equal(x, x)
    assert not st.allclose(x, x)
    assert st.allclose(x, x, equal_nan=True)
    assert st.allclose(st.tensor([1.0]), st.tensor([1.0 + 1e-6]))
    assert not st.equal(st.ones(2), st.ones(3))
    assert (st.ones(2) == None) is False  # noqa: E711
    assert (st.ones(2) != "a") is True


def test_numpys_functions_of_tensors():
    x = st.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.exp(x).shape == (2, 2)
    assert float(np.mean(x.numpy())) == 2.5
    assert sum([x[0, 0], x[1, 1]]).item() == 5
    assert max(st.tensor([3, 1])).item() == 3


def test_finfo():
    assert float(st.finfo(st.float32).eps) == 2**-23
    assert st.finfo().bits == 32
    assert st.iinfo(st.int64).max == 2**63 - 1
    x = st.zeros(2).masked_fill(st.tensor([True, False]), st.finfo(st.float32).min)
    assert x.dtype == st.float32


def test_the_tutorials_evaluation():
    outputs = st.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], requires_grad=True)
    labels = st.tensor([1, 0, 0])
    with st.no_grad():
        _, predicted = st.max(outputs.data, 1)
        assert (predicted == labels).sum().item() == 2
        assert labels.size(0) == 3
    device = st.device("cuda:0" if st.cuda.is_available() else "cpu")
    assert outputs.to(device) is outputs
