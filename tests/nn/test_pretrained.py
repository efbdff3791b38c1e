"""Networks that others trained, with their weights: PyTorch's answers, and sensible ones."""

from pathlib import Path

import numpy as np
import pytest

import scratchml.nn.functional as F
import scratchml.tensor as torch
from scratchml import nn

from .make_pretrained_reference import answers
from .pretrained import HERTZ, networks, picture, pitch, tones

STORED = Path(__file__).parent / "reference" / "pretrained.npz"
PNet, Crepe = networks(torch, nn, F)
NETS = {"mtcnn_pnet.npz": (PNet, picture), "crepe_tiny.npz": (Crepe, tones)}
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "pretrained"


def loaded(net, path):
    with np.load(path) as weights:
        state = {key: torch.from_numpy(weights[key]) for key in weights.files}
    missing, unexpected = net.load_state_dict(state)
    assert not unexpected
    assert not [key for key in missing if not key.endswith("num_batches_tracked")]
    return net.eval()


def ours(folder):
    found = []
    for file, (cls, make) in NETS.items():
        with torch.no_grad():
            found.append(loaded(cls(), folder / file)(torch.from_numpy(make())))
    (faces, boxes), pitches = found
    return {"faces": faces.numpy(), "boxes": boxes.numpy(), "pitches": pitches.numpy()}


def test_answers_are_pytorchs(folder):
    found = ours(folder)
    with np.load(STORED) as stored:
        for key, expected in stored.items():
            assert found[key].dtype == expected.dtype
            np.testing.assert_allclose(found[key], expected, **TOLERANCE)


@pytest.mark.peer
def test_answers_are_pytorchs_live(folder):
    pytest.importorskip("torch")
    found = ours(folder)
    for key, expected in answers(folder).items():
        np.testing.assert_allclose(found[key], expected, **TOLERANCE)


def test_float64_answers_are_close_to_the_float32_ones(folder):
    """So the 1e-5 above measures rounding, not luck."""
    net = loaded(PNet(), folder / "mtcnn_pnet.npz").double()
    with torch.no_grad():
        _, boxes = net(torch.from_numpy(picture().astype(np.float64)))
    with np.load(STORED) as stored:
        np.testing.assert_allclose(boxes.numpy(), stored["boxes"], **TOLERANCE)


def test_tones_are_heard(folder):
    assert np.abs(1200 * np.log2(pitch(ours(folder)["pitches"]) / HERTZ)).max() < 20  # cents


@pytest.mark.parametrize("file", NETS)
def test_gradients_of_a_batch_are_the_sum_of_those_of_its_members(folder, file):
    """The backward halves of a net that the library did not train."""
    cls, make = NETS[file]
    net = loaded(cls(), folder / file)

    def gradients(x):
        net.zero_grad()
        y = net(torch.from_numpy(x))
        ((y if cls is Crepe else y[1]) ** 2).sum().backward()
        return {name: p.grad.numpy() for name, p in net.named_parameters() if p.grad is not None}

    whole = gradients(make())
    parts = [gradients(row[None]) for row in make()]
    assert whole
    for name, gradient in whole.items():
        total = sum(part[name] for part in parts)
        np.testing.assert_allclose(gradient, total, rtol=1e-3, atol=1e-4 * np.abs(total).max())


@pytest.mark.parametrize("file", NETS)
def test_the_weights_survive_every_format(folder, file, tmp_path):
    from scratchml.nn.safetensors import load_file, save_file

    cls, _ = NETS[file]
    state = loaded(cls(), folder / file).state_dict()
    torch.save(state, tmp_path / "ours")
    save_file(state, tmp_path / "safe")
    for found in (torch.load(tmp_path / "ours"), load_file(tmp_path / "safe")):
        assert found.keys() == state.keys()
        for key, value in state.items():
            np.testing.assert_array_equal(found[key].numpy(), value.numpy())
