"""summary: rows, counts and totals of networks of several shapes."""

import numpy as np
import pytest

import scratchml.nn as nn
from scratchml.nn.summaries import Row
from scratchml.tensor.tape import constant, mode


class LeNet(nn.Module):
    """The first tutorial's net: activations are functions, and pool is called twice."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 10))

    def forward(self, x):
        x = self.pool(self.conv1(x))
        x = self.pool(self.conv2(x))
        return self.fc(x.view(-1, 400))


def test_the_table():
    assert repr(nn.summary(LeNet(), (4, 3, 32, 32))) == (
        "Layer                             Output shape     Parameters  Multiply-adds\n"
        "----------------------------------------------------------------------------\n"
        "LeNet                             (4, 10)\n"
        "  conv1: Conv2d                   (4, 6, 28, 28)          456      1,411,200\n"
        "  pool: MaxPool2d (called twice)  (4, 6, 14, 14)\n"
        "  conv2: Conv2d                   (4, 16, 10, 10)       2,416        960,000\n"
        "  fc: Sequential                  (4, 10)\n"
        "    0: Linear                     (4, 120)             48,120        192,000\n"
        "    1: ReLU                       (4, 120)\n"
        "    2: Linear                     (4, 10)               1,210          4,800\n"
        "----------------------------------------------------------------------------\n"
        "Parameters     52,202, 52,202 of them trainable\n"
        "Multiply-adds  2,568,000\n"
        "Memory         inputs 48.0 KB, outputs 127.0 KB, parameters 203.9 KB"
    )


def test_rows_and_totals():
    net = LeNet()
    net.conv1.requires_grad_(False)
    told = nn.summary(net, (4, 3, 32, 32))
    conv1 = Row("conv1", "Conv2d", 1, (4, 6, 28, 28), 456, 4 * 6 * 28 * 28 * 75, 75264, 1)
    assert told.rows[1] == conv1
    assert told.rows[2].calls == 2
    assert told.rows[2].output_bytes == 4 * (4 * 6 * 14 * 14 + 4 * 16 * 5 * 5)
    assert told.parameters == sum(p.array.size for p in net.parameters())
    assert told.trainable == told.parameters - 456
    assert told.input_bytes == 4 * 4 * 3 * 32 * 32
    assert told.parameter_bytes == 4 * told.parameters


def test_depth_hides_rows_and_changes_no_total():
    told, whole = (nn.summary(LeNet(), (4, 3, 32, 32), depth=d) for d in (1, None))
    assert [row.name for row in told.rows] == ["", "conv1", "pool", "conv2", "fc"]
    assert told.multiply_adds == whole.multiply_adds
    assert told.output_bytes == whole.output_bytes


def test_the_network_is_left_as_it_was():
    net = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    net[1].eval()
    before = {k: v.array.copy() for k, v in net.state_dict().items()}
    nn.summary(net, (2, 3))
    assert [m.training for m in net.modules()] == [True, True, False]
    assert not any("_hooks" in vars(m) for m in net.modules())
    assert mode.recording
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(value.array, before[key])
    with pytest.raises(ValueError):
        nn.summary(net, (2, 4))
    assert [m.training for m in net.modules()] == [True, True, False]
    assert not any("_hooks" in vars(m) for m in net.modules())
    assert mode.recording


def test_several_inputs_and_outputs():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.both = nn.Bilinear(3, 4, 5)
            self.unused = nn.Linear(7, 7)

        def forward(self, a, b):
            y = self.both(a, b)
            return y, {"again": y}

    told = nn.summary(Two(), [(2, 3), (2, 4)])
    assert told.rows[0].output_shape == ((2, 5), (2, 5))
    assert told.multiply_adds == 2 * 5 * 3 * 4
    assert told.input_bytes == 4 * 2 * 7
    assert "unused: Linear  not called" in repr(told)
    assert nn.summary(Two(), [constant(np.ones((1, 3), np.float32)), (1, 4)]).multiply_adds == 60


def test_transposed_and_grouped_convolutions():
    assert nn.summary(nn.Conv2d(4, 6, 3, groups=2), (1, 4, 5, 5)).multiply_adds == 6 * 9 * 2 * 9
    told = nn.summary(nn.ConvTranspose2d(3, 4, 3, stride=2), (1, 3, 5, 5))
    assert told.multiply_adds == 3 * 25 * 4 * 9


def test_indices_and_dtypes():
    net = nn.Sequential(nn.Embedding(10, 3), nn.Linear(3, 2))
    assert nn.summary(net, (4, 5), dtype=np.int64).rows[0].output_shape == (4, 5, 2)
    assert nn.summary(nn.Linear(3, 2).double(), (1, 3)).parameter_bytes == 64


def test_shared_modules_are_listed_once():
    net = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    net.append(net[0])
    told = nn.summary(net, (1, 3))
    assert [row.calls for row in told.rows] == [1, 2, 1]
    assert told.multiply_adds == 18
    assert told.parameters == 12


@pytest.mark.parametrize("first", [False, True])
def test_products_of_attention(first):
    layer = nn.MultiheadAttention(8, 2, kdim=5, vdim=3, batch_first=first)
    L, S, N = 4, 6, 2
    shapes = [(N, n, e) if first else (n, N, e) for n, e in ((L, 8), (S, 5), (S, 3))]
    told = nn.summary(layer, shapes)
    projections = N * L * 8 * 8 + N * S * 5 * 8 + N * S * 3 * 8
    assert told.rows[0].multiply_adds == projections + 2 * N * 2 * L * S * 4
    assert told.rows[1].multiply_adds == N * L * 8 * 8
    assert told.rows[0].output_shape == (shapes[0], (N, L, S))
    single = nn.summary(layer, [(L, 8), (S, 5), (S, 3)])
    assert 2 * single.multiply_adds == told.multiply_adds
