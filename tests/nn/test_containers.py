"""Sequential, ModuleList, ModuleDict, ParameterList: as lists and dicts, and as modules."""

from collections import OrderedDict

import numpy as np
import pytest

import scratchml.nn as nn
from scratchml.tensor.tape import constant


def ones(*shape):
    return constant(np.ones(shape, np.float32))


def names(module):
    return [name for name, _ in module.named_children()]


def test_sequential_calls_in_turn():
    a, b = nn.Linear(3, 4), nn.Linear(4, 2)
    net = nn.Sequential(a, nn.ReLU(), b)
    x = ones(5, 3)
    np.testing.assert_array_equal(net(x).array, b(net[1](a(x))).array)
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert nn.Sequential()(x) is x


def test_sequential_with_names():
    net = nn.Sequential(OrderedDict(fc=nn.Linear(3, 4), act=nn.ReLU()))
    assert names(net) == ["fc", "act"]
    assert net.fc is net[0]
    assert names(net[:1]) == ["fc"]
    assert names(net[1:]) == ["act"]
    del net[0]
    assert names(net) == ["0"]  # numbered anew, as in PyTorch
    net.insert(0, nn.Identity())
    assert names(net) == ["0", "1"]


def test_a_dict_without_order_is_no_module():
    with pytest.raises(TypeError, match="cannot add a dict"):
        nn.Sequential({"fc": nn.Linear(3, 4)})


@pytest.mark.parametrize("kind", [nn.Sequential, nn.ModuleList])
def test_as_a_list(kind):
    a, b, c, d = (nn.Linear(1, n) for n in (1, 2, 3, 4))
    row = kind(a, b) if kind is nn.Sequential else kind([a, b])
    assert len(row) == 2
    assert list(row) == [a, b]
    assert row[-1] is b
    assert row.append(c) is row
    assert row.extend([d]) is row
    assert isinstance(row[1:3], kind)
    assert list(row[1:3]) == [b, c]
    assert list(row[::-1]) == [d, c, b, a]
    assert names(row[1:3]) == (["1", "2"] if kind is nn.Sequential else ["0", "1"])
    assert list(row[2:].append(a)) == [c, d, a]
    row[0] = d
    assert list(row) == [d, b, c, d]
    row[-1] = a
    assert row.insert(1, a) is row
    assert list(row) == [d, a, b, c, a]
    row.insert(-1, d)
    assert list(row) == [d, a, b, c, d, a]
    row.insert(6, c)
    assert list(row) == [d, a, b, c, d, a, c]
    del row[0], row[-1]
    assert list(row) == [a, b, c, d, a]
    del row[1:3]
    assert list(row) == [a, d, a]
    assert [name for name, _ in row._modules.items()] == ["0", "1", "2"]
    assert row.pop(1) is d
    assert list(row) == [a, a]
    for bad in (2, -3):
        with pytest.raises(IndexError, match=f"index {bad} of a {kind.__name__} of 2"):
            row[bad]
    with pytest.raises(IndexError, match="index 3"):
        row.insert(3, a)
    with pytest.raises(TypeError, match="cannot add a int"):
        row.append(3)


def test_sums_and_products():
    a, b = nn.ReLU(), nn.Identity()
    both = nn.Sequential(a) + nn.Sequential(b)
    assert list(both) == [a, b]
    assert list(nn.Sequential(a) * 3) == list(3 * nn.Sequential(a)) == [a, a, a]
    row = nn.Sequential(a)
    same = row
    row += nn.Sequential(b)
    row *= 2
    assert row is same
    assert list(row) == [a, b, a, b]
    with pytest.raises(ValueError, match="positive number of times"):
        row * 0
    with pytest.raises(TypeError):
        row + 3
    more = nn.ModuleList([a]).__add__([b])
    more += [a]
    assert isinstance(more, nn.ModuleList)
    assert list(more) == [a, b, a]


def test_a_module_list_is_not_called():
    with pytest.raises(NotImplementedError, match='ModuleList has no "forward"'):
        nn.ModuleList([nn.ReLU()])(ones(1))


def test_module_list_shows_equal_neighbours_once():
    layers = [nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)]
    text = repr(nn.ModuleList(layers))
    assert text == (
        "ModuleList(\n"
        "  (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)\n"
        "  (2): ReLU()\n"
        "  (3): Linear(in_features=2, out_features=2, bias=True)\n"
        ")"
    )
    assert repr(nn.ModuleList()) == "ModuleList()"


def test_module_dict_as_a_dict():
    a, b, c = nn.ReLU(), nn.Identity(), nn.Tanh() if hasattr(nn, "Tanh") else nn.Flatten()
    d = nn.ModuleDict({"a": a, "b": b})
    assert list(d) == list(d.keys()) == ["a", "b"]
    assert list(d.values()) == [a, b]
    assert list(d.items()) == [("a", a), ("b", b)]
    assert "a" in d
    assert "c" not in d
    d["c"] = c
    d["a"] = b
    assert list(d) == ["a", "b", "c"]
    assert d["a"] is b
    assert d.pop("b") is b
    d.update([("z", a)])
    d.update(nn.ModuleDict({"y": a}))
    assert list(d) == ["a", "c", "z", "y"]
    del d["z"]
    assert len(d) == 3
    d.clear()
    assert len(d) == 0
    with pytest.raises(KeyError):
        d["a"]
    with pytest.raises(KeyError):
        del d["a"]
    with pytest.raises(KeyError, match="has an attribute 'pop'"):
        d["pop"] = a


def test_parameter_list():
    row = nn.ParameterList([ones(2, 2), nn.Parameter(np.ones(3, np.float32)), "note"])
    assert [n for n, _ in row.named_parameters()] == ["0", "1"]
    assert isinstance(row[0], nn.Parameter)
    assert row[-1] == "note"
    assert len(row) == 3
    row += [ones(1)]
    row[2] = ones(5)
    assert [p.shape for p in row] == [(2, 2), (3,), (5,), (1,)]
    assert [p.shape for p in row[1:3]] == [(3,), (5,)]
    assert repr(row[1:2]) == "ParameterList((0): Parameter of shape (3,) and dtype float32)"
    with pytest.raises(IndexError, match="index 4"):
        row[4]
    with pytest.raises(TypeError, match="needs an iterable, got Tensor"):
        nn.ParameterList(ones(3))


@pytest.mark.peer
def test_the_same_story_in_torch():
    torch = pytest.importorskip("torch")

    def story(lib):
        row = lib.Sequential(lib.Linear(1, 2), lib.ReLU(), lib.Linear(2, 3))
        row.insert(1, lib.Identity())
        row.append(lib.ReLU())
        del row[0]
        told = [list(row.state_dict()), repr(row), repr(row[1:]), len(row)]
        many = lib.ModuleList([lib.Linear(2, 2) for _ in range(3)] + [lib.ReLU()])
        many.insert(0, lib.ReLU())
        many.pop(2)
        told += [list(many.state_dict()), repr(many), repr(many[:2])]
        named = lib.ModuleDict({"x": lib.ReLU(), "w": lib.Linear(1, 1)})
        named.update({"v": lib.Linear(1, 2), "x": lib.Identity()})
        named.pop("w")
        return [*told, list(named.state_dict()), repr(named)]

    assert story(nn) == story(torch.nn)
