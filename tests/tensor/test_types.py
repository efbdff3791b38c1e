"""Types of results: PyTorch's table, and conversions."""

import copy
import itertools
import pickle

import numpy as np
import pytest

import scratchml.tensor as st

TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64"]
OPERANDS = [
    *((name, ndim) for name in TYPES for ndim in (0, 1)),
    (True, None),
    (2, None),
    (2.5, None),
]


def operand(library, kind):
    value, ndim = kind
    if ndim is None:
        return value
    return library.ones((1,) * ndim, dtype=getattr(library, value))


def name_of(dtype):
    return str(dtype).removeprefix("torch.")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("float32", 1), ("float64", 0), "float32"),
        (("float32", 1), ("float64", 1), "float64"),
        (("int64", 1), ("float32", 0), "float32"),
        (("int64", 1), ("float32", 1), "float32"),
        (("int32", 1), (2.5, None), "float32"),
        (("float64", 1), (2.5, None), "float64"),
        (("uint8", 1), (2, None), "uint8"),
        (("uint8", 1), ("int64", 0), "uint8"),
        (("uint8", 1), ("int8", 1), "int16"),
        (("bool", 1), (2, None), "int64"),
        (("bool", 1), (True, None), "bool"),
        (("bool", 0), ("uint8", 1), "uint8"),
    ],
)
def test_the_rules(first, second, expected):
    a, b = operand(st, first), operand(st, second)
    assert (a * b).dtype == (b * a).dtype == expected
    assert st.result_type(a, b) == expected


@pytest.mark.peer
@pytest.mark.parametrize("op", ["add", "mul", "div", "pow", "maximum", "gt"])
def test_the_whole_table_is_pytorchs(op):
    torch = pytest.importorskip("torch")
    for first, second in itertools.product(OPERANDS, OPERANDS):
        if first[1] is None and (second[1] is None or op == "maximum"):
            continue
        if second[1] is None and op == "maximum":
            continue
        try:
            expected = getattr(torch, op)(operand(torch, first), operand(torch, second))
        except (RuntimeError, TypeError):
            continue  # pow and comparisons of some bools and numbers have no PyTorch answer
        got = getattr(st, op)(operand(st, first), operand(st, second))
        assert name_of(got.dtype) == name_of(expected.dtype), (op, first, second)
        np.testing.assert_allclose(got.numpy(), expected.numpy())


@pytest.mark.peer
def test_types_of_reductions_and_functions_are_pytorchs():
    torch = pytest.importorskip("torch")
    names = "sum prod exp sqrt abs neg sigmoid floor argmax amax sign isnan square cumsum sort"
    for name, kind in itertools.product(names.split(), TYPES):
        args = (0,) if name == "cumsum" else ()
        try:
            expected = getattr(torch, name)(torch.ones(3, dtype=getattr(torch, kind)), *args)
        except RuntimeError:
            continue
        got = getattr(st, name)(st.ones(3, dtype=kind), *args)
        if name == "sort":
            expected, got = expected[0], got[0]
        assert name_of(got.dtype) == name_of(expected.dtype), (name, kind)


def test_creation():
    assert st.tensor(1.0).dtype == st.float32
    assert st.tensor([1, 2]).dtype == st.int64
    assert st.tensor([True]).dtype == st.bool
    assert st.tensor([1, 2.5]).dtype == st.float32
    assert st.tensor([]).dtype == st.float32
    assert st.tensor(np.float64(1)).dtype == st.float64
    assert st.tensor(np.zeros(2)).dtype == st.float64
    assert st.tensor([np.float64(1), np.float64(2)]).dtype == st.float64
    assert st.tensor([st.tensor(1.5), st.tensor(2.5)]).tolist() == [1.5, 2.5]
    assert st.tensor([[1, 2]], dtype=st.uint8).dtype == st.uint8
    assert st.arange(3).dtype == st.int64
    assert st.arange(3.0).dtype == st.float32
    assert st.full((2,), 1).dtype == st.int64
    assert st.zeros(2, dtype=float).dtype == st.float32, "Python's float is the default type"
    assert st.float is st.float32
    assert st.long is st.int64
    assert st.double is st.float64
    for bad in ("complex64", "float16", "uint32", object):
        with pytest.raises(TypeError, match="dtype must be one of|not understood"):
            st.zeros(2, dtype=bad)
    with pytest.raises(TypeError, match="numbers"):
        st.tensor(["a"])
    with pytest.raises(ValueError, match="inhomogeneous"):
        st.tensor([[1], [1, 2]])


def test_the_class_itself_makes_floats():
    assert st.Tensor([1, 2]).dtype == st.float32
    assert st.Tensor([1, 2]).tolist() == [1.0, 2.0]
    assert st.Tensor(2, 3).shape == (2, 3)
    assert st.Tensor().shape == (0,)
    array = np.zeros(2, np.float32)
    assert not np.shares_memory(st.Tensor(array).array, array)


def test_data_can_be_replaced():
    w = st.ones(2, requires_grad=True)
    w.data = st.tensor([3.0, 4.0])
    (w * w).sum().backward()
    assert w.is_leaf
    assert w.grad.tolist() == [6.0, 8.0]


def test_default_dtype():
    try:
        st.set_default_dtype(st.float64)
        assert st.tensor(1.0).dtype == st.zeros(2).dtype == st.rand(2).dtype == st.float64
        assert (st.tensor([1]) / 2).dtype == st.float64
    finally:
        st.set_default_dtype(st.float32)
    with pytest.raises(TypeError, match="float32 or float64"):
        st.set_default_dtype(st.int64)


def test_to():
    x = st.tensor([1.7, -1.7])
    assert x.to(st.float32) is x
    assert x.to("cpu") is x
    assert x.to(st.device("cpu"), st.float64).dtype == st.float64
    assert x.to(dtype=st.int64).tolist() == x.long().tolist() == [1, -1]
    assert x.int().dtype == st.int32
    assert x.bool().tolist() == [True, True]
    assert x.to(st.ones(1, dtype=st.float64)).dtype == st.float64
    assert x.double().float().dtype == st.float32
    assert x.type(st.uint8).dtype == st.uint8
    assert x.type_as(st.tensor([1])).dtype == st.int64
    assert x.to(st.float32, copy=True) is not x
    assert x.cpu() is x
    for where in ("cuda", "cuda:0", st.device("cuda", 0), st.device("mps")):
        with pytest.raises(RuntimeError, match="device must be 'cpu'"):
            x.to(where)
    with pytest.raises(RuntimeError, match="device must be 'cpu'"):
        st.zeros(2, device="cuda")


def test_gradients_pass_through_types():
    w = st.ones(2, requires_grad=True)
    (w.double() * st.tensor([2.0, 3.0], dtype=st.float64)).sum().backward()
    assert w.grad.dtype == st.float32
    assert w.grad.tolist() == [2.0, 3.0]
    (w * st.tensor([2.0, 3.0], dtype=st.float64)).sum().backward()
    assert w.grad.dtype == st.float32
    assert w.grad.tolist() == [4.0, 6.0]


def test_numpy_shares_memory_and_refuses_gradients():
    array = np.arange(3.0)
    t = st.from_numpy(array)
    assert t.numpy() is array
    assert st.as_tensor(array).array is array
    assert not np.shares_memory(st.tensor(array).numpy(), array)
    assert np.asarray(t) is array
    assert np.array(t).tolist() == [0.0, 1.0, 2.0]
    assert np.asarray(t, dtype=np.float32).dtype == np.float32
    with pytest.raises(RuntimeError, match=r"detach\(\).numpy\(\)"):
        np.asarray(st.ones(2, requires_grad=True))
    with pytest.raises(TypeError, match="must be a NumPy array"):
        st.from_numpy([1.0])
    with pytest.raises(TypeError, match="complex128"):
        st.from_numpy(np.zeros(2, complex))


def test_arrays_and_tensors_together():
    array, t = np.array([1.0, 2.0]), st.tensor([10.0, 20.0])
    for result in (array + t, t + array, np.float64(1) + t, np.float32(2) * t, t - np.int64(1)):
        assert isinstance(result, st.Tensor)
    assert (np.float64(1) + t).dtype == st.float32
    assert (t * np.float64(2)).dtype == st.float32
    assert (array + t).tolist() == [11.0, 22.0]
    with pytest.raises(TypeError, match="expected a Tensor or a number, got str"):
        t + "a"


def test_python_numbers():
    t = st.tensor(2.5)
    assert float(t) == 2.5
    assert int(t) == 2
    assert bool(t)
    assert [10, 20, 30][st.tensor(1)] == 20
    assert list(range(st.tensor(3))) == [0, 1, 2]
    assert t.item() == 2.5
    assert st.tensor([[7]]).item() == 7
    assert f"{t:.2f}" == "2.50"
    w = st.tensor([1.0, 2.0], requires_grad=True)
    assert f"{w.sum():.3f} {w.sum()}" == "3.000 3.0", "a loss is written without detach()"
    with pytest.raises(TypeError, match=r"'.2f' is for a number, got a tensor of shape \(2,\)"):
        f"{w:.2f}"
    assert f"{st.tensor([1, 2])}" == "tensor([1, 2])"
    with pytest.raises(RuntimeError, match=r"shape \(2,\)"):
        st.ones(2).item()
    with pytest.raises(RuntimeError, match=r"any\(\) or all\(\)"):
        bool(st.ones(2))
    with pytest.raises(TypeError, match="whole numbers"):
        [1][st.tensor(0.0)]
    with pytest.raises(TypeError, match="without axes"):
        len(t)
    with pytest.raises(TypeError, match="without axes"):
        iter(t)
    assert [x.tolist() for x in st.tensor([[1, 2], [3, 4]])] == [[1, 2], [3, 4]]
    assert len({st.ones(2), st.ones(2)}) == 2, "tensors hash by identity"


def test_pickle_and_copies():
    w = st.tensor([1.0, 2.0], requires_grad=True)
    (w * 3).sum().backward()
    for again in (pickle.loads(pickle.dumps(w)), copy.deepcopy(w)):
        assert again.requires_grad
        assert again.is_leaf
        assert again.tolist() == [1.0, 2.0]
        assert not np.shares_memory(again.array, w.array)
    assert copy.deepcopy(w).grad.tolist() == [3.0, 3.0]
    pair = copy.deepcopy([w, w])
    assert pair[0] is pair[1]
    with pytest.raises(RuntimeError, match="only leaves"):
        copy.deepcopy(w * 2)
    assert pickle.loads(pickle.dumps(w * 2)).is_leaf


def test_sizes():
    x = st.zeros(2, 3, 4)
    assert x.size() == x.shape == (2, 3, 4)
    assert x.size(-1) == 4
    assert x.numel() == 24
    assert x.dim() == x.ndim == 3
    assert x.stride() == (12, 4, 1)
    assert x.is_contiguous()
    assert not x.T.is_contiguous()
    assert x.T.shape == (4, 3, 2)
    assert x.mT.shape == (2, 4, 3)
    assert x.element_size() == 4
    assert x.nbytes == 96
    assert x.data_ptr() == x[0].data_ptr() != x[1].data_ptr()
    assert x.is_floating_point()
    assert x.device == st.device("cpu")
    assert not st.cuda.is_available()
    assert repr(st.device("cuda", 1)) == "device(type='cuda', index=1)"
    assert st.device("cuda:1") == st.device("cuda", 1) != "cuda:1"


def test_the_other_packages_under_their_names_in_pytorch():
    import scratchml

    assert scratchml.tensor.nn is scratchml.nn
    assert scratchml.tensor.nn.utils.clip_grad_norm_ is scratchml.nn.utils.clip_grad_norm_
    assert scratchml.tensor.optim is scratchml.optim
    assert scratchml.tensor.utils.data is scratchml.data
    with pytest.raises(AttributeError, match="no attribute 'jit'"):
        _ = scratchml.tensor.jit


def test_what_programs_ask_before_they_begin():
    """Constants, and accelerators and libraries of which there are none."""
    assert (st.inf, st.pi, st.e) == (np.inf, np.pi, np.e)
    assert np.isnan(st.nan)
    for place in (st.accelerator, st.cuda, st.mps, st.xpu):
        assert not place.is_available()
        assert place.device_count() == 0
        place.synchronize()
    assert st.accelerator.current_accelerator() is None
    for name in ("cuda", "cudnn", "mkldnn", "mps"):
        assert not getattr(st.backends, name).is_available()
    assert not st.backends.mps.is_built()
    st.backends.cudnn.deterministic = True  # as programs do
    assert st.backends.cudnn.deterministic
    st.backends.cuda.matmul.allow_tf32 = False


def test_clip_is_clamp():
    assert st.clip is st.clamp
    x = st.tensor([-1.0, 2.0])
    np.testing.assert_array_equal(x.clip(0, 1).array, [0, 1])
    assert x.clip_(min=0) is x
    np.testing.assert_array_equal(x.array, [0, 2])
