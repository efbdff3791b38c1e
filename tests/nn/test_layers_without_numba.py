"""Networks need NumPy alone: every layer, and a net that is trained on, where Numba is missing."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scratchml
import scratchml.nn.functional as F
import scratchml.tensor as torch
from scratchml import nn, optim

from .layer_cases import LAYERS, label
from .test_layers import fill, inputs_of

CASES = [case for case in LAYERS if hasattr(nn, case[0])]

# Runs layers, and three steps of a net, with Numba blocked, and saves what they say.
RUN = """
import sys, warnings
sys.modules["numba"] = None  # importing it now raises ImportError
warnings.simplefilter("error")
import scratchml.tensor as torch
from tests.nn.test_layers_without_numba import answer, train
stored = torch.load(sys.argv[1])
torch.save({"layers": [answer(**entry) for entry in stored["layers"]],
            "net": train(**stored["net"])}, sys.argv[2])
assert "llvmlite" not in sys.modules
"""


class Net(nn.Module):
    """The net of the CIFAR-10 tutorial."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 5)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


def answer(name, args, options, state, inputs):
    """Return what a layer makes of its inputs, in training and in evaluation."""
    layer = getattr(nn, name)(*args, **options)
    layer.load_state_dict(state)
    answers = []
    for training in (True, False):
        torch.manual_seed(0)
        with torch.no_grad():
            answers.append(layer.train(training)(*[x.clone() for x in inputs]))
    return answers


def train(state, pictures, labels):
    """Return the losses of a net that goes on learning, and its weights afterwards."""
    net = Net()
    net.load_state_dict(state)
    optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(net(pictures), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, net.state_dict()


def questions():
    layers = []
    for name, args, options, shapes in CASES:
        layer = getattr(nn, name)(*args, **options)
        fill(layer.state_dict())
        inputs = [torch.from_numpy(x) for x in inputs_of((name, args, options, shapes), np.float32)]
        entry = {"name": name, "args": args, "options": options, "inputs": inputs}
        layers.append({**entry, "state": layer.state_dict()})
    torch.manual_seed(0)
    pictures, labels = torch.randn(16, 3, 32, 32), torch.arange(16) % 10
    return {
        "layers": layers,
        "net": {"state": Net().state_dict(), "pictures": pictures, "labels": labels},
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What was asked, and what a process without Numba answered."""
    folder = tmp_path_factory.mktemp("nets")
    asked = questions()
    torch.save(asked, folder / "asked")
    root = Path(scratchml.__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", RUN, str(folder / "asked"), str(folder / "answered")],
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    return asked, torch.load(folder / "answered")


@pytest.mark.parametrize("index", range(len(CASES)), ids=[label(case) for case in CASES])
def test_a_layer(index, told):
    asked, answered = told
    answers = answer(**asked["layers"][index])
    for found, expected in zip(answered["layers"][index], answers, strict=True):
        assert found.dtype == expected.dtype
        scale = max(1.0, float(np.abs(expected.numpy()).max(initial=0)))
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-5, atol=1e-6 * scale)


def test_a_net_that_learns(told):
    asked, answered = told
    found, expected = answered["net"], train(**asked["net"])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)
    for key, value in expected[1].items():
        np.testing.assert_allclose(found[1][key].numpy(), value.numpy(), rtol=1e-4, atol=1e-6)
