"""safetensors files of tensors: the package's names and call forms."""

import io
import os
from pathlib import Path

import numpy as np
import pytest

import scratchml.nn as nn
import scratchml.tensor as torch
from scratchml.nn.safetensors import load, load_file, safe_open, save, save_file

STORED = Path(__file__).parents[1] / "_core" / "reference" / "numbers.safetensors"


def test_a_state_dict_there_and_back(tmp_path):
    path = tmp_path / "model.safetensors"
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Linear(4, 2, bias=False))
    save_file(model.state_dict(), path, metadata={"format": "pt"})
    other = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Linear(4, 2, bias=False))
    assert not any(other.load_state_dict(load_file(path)))
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[key].numpy(), value.numpy())
    assert path.read_bytes() == save(model.state_dict(), {"format": "pt"})
    assert os.listdir(tmp_path) == ["model.safetensors"]


def test_parameters_and_views_are_written_as_they_look():
    base = nn.Parameter(torch.arange(6.0).reshape(2, 3))
    found = load(save({"p": base, "t": base.t(), "a": np.ones(2, np.float32)}))
    assert found["p"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["t"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found["a"].tolist() == [1, 1]
    assert not any(tensor.requires_grad for tensor in found.values())


def test_one_by_one():
    with safe_open(STORED, framework="pt", device="cpu") as file:
        assert set(file.keys()) > {"float32", "bool", "empty"}
        assert file.metadata() == {"format": "pt"}
        assert isinstance(file.get_tensor("float32"), torch.Tensor)
        with pytest.raises(KeyError, match="no tensor has the name 'none'"):
            file.get_tensor("none")
    with safe_open(STORED, framework="np") as file:
        assert isinstance(file.get_tensor("float32"), np.ndarray)


def test_the_file_is_closed_after_an_error(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"no")
    with pytest.raises(ValueError, match=r"cannot load '.*a': it ends early"):
        load_file(path)
    with pytest.raises(ValueError, match="cannot load the file: it ends early"):
        load(b"")
    with pytest.raises(KeyError), safe_open(STORED) as file:
        file.get_tensor("none")


@pytest.mark.parametrize(
    ("tensors", "error", "match"),
    [
        ({"a": [1.0]}, TypeError, "'a' must be a tensor or an array, got list"),
        ({1: torch.ones(1)}, TypeError, "names of arrays must be str"),
        ({"a": np.ones(1, complex)}, TypeError, "no place for 'a', of complex128"),
    ],
)
def test_nothing_is_written_after_an_error(tensors, error, match, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(error, match=match):
        save_file(tensors, path)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["file"]


def test_what_is_not_there():
    with pytest.raises(ValueError, match="framework must be 'pt' or 'np', got 'tf'"):
        safe_open(STORED, framework="tf")
    with pytest.raises(RuntimeError, match="'cpu', the only one"):
        load_file(STORED, device="cuda:0")
    with pytest.raises(ValueError, match="is of uint16, and no tensors are"):
        load(save({"a": np.ones(1, np.uint16)}))
    with pytest.raises(TypeError, match="open in text mode"):
        load_file(io.StringIO("x"))


@pytest.mark.peer
def test_the_package_reads_ours_and_we_its_files(tmp_path):
    package = pytest.importorskip("safetensors.torch")
    peer = pytest.importorskip("torch")
    model = nn.Linear(3, 2)
    save_file(model.state_dict(), tmp_path / "ours")
    found = package.load_file(tmp_path / "ours")
    np.testing.assert_array_equal(found["weight"].numpy(), model.weight.detach().numpy())
    twin = peer.nn.Linear(3, 2)
    twin.load_state_dict(found)
    package.save_file({**twin.state_dict(), "h": peer.ones(2).bfloat16()}, tmp_path / "theirs")
    ours = load_file(tmp_path / "theirs")
    np.testing.assert_array_equal(ours["weight"].numpy(), model.weight.detach().numpy())
    assert ours["h"].dtype == torch.float32
