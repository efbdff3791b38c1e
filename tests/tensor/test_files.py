"""torch.save and torch.load: three formats, whole checkpoints, and what is refused."""

import copy
import io
import os
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

import scratchml
import scratchml.tensor as torch
from scratchml import nn, optim
from scratchml.nn import safetensors

STORED = Path(__file__).parents[1] / "_core" / "reference"


def saved(value):
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file


def again(value):
    return torch.load(saved(value))


def alike(a, b):
    """Whether two values agree in type, in every bit, and in what wants gradients."""
    if isinstance(a, torch.Tensor):
        same = (a.requires_grad, a.dtype, a.shape) == (b.requires_grad, b.dtype, b.shape)
        return type(a) is type(b) and same and a.array.tobytes() == b.array.tobytes()
    if isinstance(a, dict):
        return type(a) is type(b) and [*a] == [*b] and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(alike, a, b))
    return type(a) is type(b) and a == b


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(16, 2)

    def forward(self, x):
        return self.head(self.norm(self.conv(x)).reshape(len(x), -1))


def trained(make=lambda p: optim.SGD(p, lr=0.1, momentum=0.9)):
    torch.manual_seed(0)
    net = Net()
    optimizer = make(net.parameters())
    for _ in range(2):
        optimizer.zero_grad()
        (net(torch.randn(5, 3, 4, 4)) ** 2).sum().backward()
        optimizer.step()
    return net, optimizer


VALUES = [
    torch.tensor([1.5, -0.0]),
    torch.tensor(7),
    torch.zeros(0, 3),
    torch.tensor([True, False]),
    torch.arange(6, dtype=torch.int16).reshape(2, 3).t(),
    torch.ones(2, dtype=torch.float64, requires_grad=True),
    nn.Parameter(torch.ones(2)),
    nn.Parameter(torch.ones(2), requires_grad=False),
    {"a": [torch.ones(1), (None, 1.5)], 3: "text"},
    OrderedDict(a=torch.ones(1)),
    torch.float32,
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_round_trip(value):
    assert alike(again(value), value)
    assert alike(pickle.loads(pickle.dumps(value)), value)
    assert alike(copy.deepcopy(value), value)


def test_scratchml_save_is_the_same():
    value = {"a": torch.ones(2), "epoch": 3}
    file = io.BytesIO()
    scratchml.save(value, file)
    assert file.getvalue() == saved(value).getvalue()
    assert alike(scratchml.load(saved(value)), value)


def test_a_computed_tensor_becomes_a_leaf():
    w = torch.ones(2, requires_grad=True)
    found = again(w * 2)
    assert found.is_leaf
    assert found.requires_grad
    found.sum().backward()
    assert found.grad.tolist() == [1, 1]
    assert pickle.loads(pickle.dumps(w * 2)).is_leaf
    with pytest.raises(RuntimeError, match="deep-copied"):
        copy.deepcopy(w * 2)


def test_deep_copies_are_of_their_own():
    w = torch.ones(2, 3, requires_grad=True)
    (w.t() * 3).sum().backward()
    twin, same = copy.deepcopy([w, w])
    assert twin is same
    assert alike(twin.grad, w.grad)
    assert not np.shares_memory(twin.array, w.array)
    assert not np.shares_memory(twin.grad.array, w.grad.array)


def test_tied_weights_stay_tied():
    w = nn.Parameter(torch.ones(2))
    found = again({"a": w.detach(), "b": w.detach()})
    assert np.shares_memory(found["a"].array, found["b"].array)


def test_a_view_is_saved_without_the_rest():
    large = torch.zeros(1_000_000)
    assert len(saved(large[:10]).getvalue()) < 2000
    assert alike(again(large[:10]), large[:10])


@pytest.mark.parametrize("make", [
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    lambda p: optim.Adam(p, lr=0.01),
], ids=["sgd", "adam"])  # fmt: skip
def test_a_checkpoint_goes_on_where_it_was(make):
    net, optimizer = trained(make)
    found = again({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 2})
    assert alike(found["net"], net.state_dict())
    assert alike(found["optimizer"], optimizer.state_dict())
    torch.manual_seed(5)
    other = Net()
    follower = make(other.parameters())
    assert str(other.load_state_dict(found["net"])) == "<All keys matched successfully>"
    follower.load_state_dict(found["optimizer"])
    x = torch.randn(5, 3, 4, 4)
    for model, steps in ((net, optimizer), (other, follower)):
        steps.zero_grad()
        (model(x) ** 2).sum().backward()
        steps.step()
    assert alike(other.state_dict(), net.state_dict())


@pytest.mark.parametrize("model", [nn.Linear(2, 3), Net(), nn.Sequential(nn.ReLU())], ids=type)
def test_modules_are_not_saved_but_their_values(model, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    for value in (model, {"net": model}, [model]):
        with pytest.raises(TypeError, match=r"cannot save .* save its state_dict\(\), and give"):
            torch.save(value, path)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["file"]


def test_optimizers_are_not_saved_but_their_state():
    with pytest.raises(TypeError, match=r"cannot save SGD: .*save its state_dict\(\)"):
        torch.save(optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1), io.BytesIO())


# Files of others


@pytest.mark.parametrize("file", ["checkpoint.pt", "legacy.pt"])
def test_pytorchs_files(file):
    found = torch.load(STORED / file)
    numbers = found["numbers"]
    assert type(numbers["float32"]) is nn.Parameter
    assert numbers["float32"].requires_grad
    assert type(numbers["float64"]) is torch.Tensor
    assert numbers["float64"].requires_grad
    assert not numbers["int64"].requires_grad
    assert numbers["bool"].tolist() == [True, False, True]
    assert found["layouts"]["transposed"].tolist() == np.arange(24.0).reshape(4, 6).T.tolist()
    assert found["halves"]["brain"].dtype == torch.float32
    assert found["plain"]["sizes"] == (2, (3, 4))
    layouts = found["layouts"]
    layouts["base"][2] = 9.0
    assert layouts["row"].tolist() == [9.0] * 6
    assert alike(again(found["numbers"]), numbers)


def test_a_gradient_of_a_loaded_parameter():
    w = torch.load(STORED / "checkpoint.pt")["numbers"]["float32"]
    (w * 2).sum().backward()
    assert w.grad.tolist() == [[2, 2, 2], [2, 2, 2]]


def test_safetensors_are_recognised():
    found = torch.load(STORED / "numbers.safetensors")
    assert type(found) is dict
    assert found["bool"].tolist() == [True, False, True]
    assert alike(found, safetensors.load_file(STORED / "numbers.safetensors"))


def test_the_position_of_an_open_file_counts():
    for data in (
        saved([1]).getvalue(),
        (STORED / "legacy.pt").read_bytes(),
        (STORED / "numbers.safetensors").read_bytes(),
    ):
        file = io.BytesIO(b"before" + data)
        file.seek(6)
        assert torch.load(file)


def test_a_stream_that_cannot_seek():
    class Stream(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *_):
            raise io.UnsupportedOperation

    for name in ("checkpoint.pt", "numbers.safetensors"):
        assert torch.load(Stream((STORED / name).read_bytes())).keys()


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", b"\x80\2}.", b"junk" * 30, b"\x93NUMPY" + bytes(50)]
)
def test_other_files(data, tmp_path):
    path = tmp_path / "some.pt"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"cannot load '.*some\.pt': "):
        torch.load(path)


def test_types_that_tensors_lack():
    data = safetensors.save({"a": np.ones(2, np.uint32)})
    with pytest.raises(ValueError, match="its array 'a' is of uint32, and no tensors are"):
        torch.load(io.BytesIO(data))


def test_where_to():
    file = saved(torch.ones(1))
    for place in (None, "cpu", torch.device("cpu")):
        file.seek(0)
        assert torch.load(file, map_location=place, weights_only=True).tolist() == [1]
    with pytest.raises(RuntimeError, match="'cpu', the only one"):
        torch.load(file, map_location="cuda")
    with pytest.raises(TypeError):
        torch.load(file, mmap=True)


def test_a_missing_file():
    with pytest.raises(FileNotFoundError):
        torch.load("no such file")


# Lies


def craft(cls, **state):
    """A model file that says it holds a tensor of this state."""
    import json

    from scratchml._core.persistence import archive, npy

    members, fields = [], {}
    for key, value in state.items():
        fields[key] = value
        if isinstance(value, np.ndarray):
            description = npy.describe(value)
            fields[key] = {"array": [key, *description]}
            members.append((f"{key}.npy", [npy.header(description), npy.raw_bytes(value, "C")]))
    tree = {"object": {"class": cls, "state": fields}}
    text = {"format": "scratchml", "version": 1, "scratchml": "1", "value": tree}
    file = io.BytesIO()
    archive.write_archive(file, [("manifest.json", [json.dumps(text).encode()]), *members])
    file.seek(0)
    return file


ONES = np.ones(2, np.float32)


@pytest.mark.parametrize(
    ("cls", "state", "match"),
    [
        ("tensor.Tensor", {"data": ONES}, "stored with the parts"),
        ("tensor.Tensor", {"data": ONES, "requires_grad": True, "a": 1}, "stored with the parts"),
        ("tensor.Tensor", {"data": 1, "requires_grad": True}, "with 1 as its values"),
        ("tensor.Tensor", {"data": ONES, "requires_grad": 1}, "cannot require"),
        ("nn.Parameter", {"data": np.ones(1, int), "requires_grad": True}, "cannot require"),
        ("tensor.Tensor", {"data": np.ones(1, ">f4"), "requires_grad": False}, "as its values"),
        ("tensor.Tensor", {"data": np.ones(1, "f2"), "requires_grad": False}, "as its values"),
        ("tensor.Tensor", {"data": np.array(["a"]), "requires_grad": False}, "as its values"),
        ("tensor.Generator", {}, "lacks"),
        ("nn.Module", {}, "lacks"),
        ("nn.Linear", {"weight": 1}, "lacks"),
    ],
)
def test_lies(cls, state, match):
    assert torch.load(craft("tensor.Tensor", data=ONES, requires_grad=True)).tolist() == [1, 1]
    with pytest.raises(ValueError, match=match):
        torch.load(craft(cls, **state))
