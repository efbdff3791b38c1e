"""An array, or a list, where a tensor is needed: the error says so, and what to do."""

from functools import partial

import numpy as np
import pytest

import scratchml.nn.functional as F
import scratchml.tensor as torch
from scratchml import nn

A = np.ones((2, 3), np.float32)
T = torch.ones(2, 3)

LOSSES = [
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "binary_cross_entropy",
    "cross_entropy",
    "nll_loss",
    "binary_cross_entropy_with_logits",
    "linear",
    "embedding",
]
ACTIVATIONS = [
    "dropout",
    "alpha_dropout",
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "hardtanh",
    "sigmoid",
    "tanh",
    "softplus",
]
CALLS = [
    *[(name, getattr(F, name), args) for name in LOSSES for args in ((A, T), (T, A))],
    *[(name, getattr(F, name), (A,)) for name in ACTIVATIONS],
    *[(name, getattr(F, name), (A, 1)) for name in ("softmax", "log_softmax")],
    *[
        (name, getattr(torch, name), (A,))
        for name in ["exp", "log", "abs", "sum", "mean", "var", "tanh", "sigmoid", "erf"]
    ],
    ("kl_div", partial(F.kl_div, reduction="batchmean"), (A, T)),
    ("kl_div", partial(F.kl_div, reduction="sum"), (T, A)),
    ("matmul", torch.matmul, (A, T.t())),
    ("matmul", T.matmul, (A.T,)),
    ("cat", torch.cat, ([T, A],)),
    ("stack", torch.stack, ([A, T],)),
    ("einsum", torch.einsum, ("ij,ij->", T, A)),
]


@pytest.mark.parametrize(("name", "function", "args"), CALLS)
def test_functions_name_themselves_and_the_cure(name, function, args):
    with pytest.raises(
        TypeError, match=rf"^{name}: a Tensor is needed, got ndarray: from_numpy\(\) makes one"
    ):
        function(*args)


def test_lists_have_no_such_cure():
    with pytest.raises(TypeError, match="^mse_loss: a Tensor is needed, got list$"):
        F.mse_loss([1.0], torch.ones(1))


@pytest.mark.parametrize(
    "layer",
    [nn.BatchNorm1d(3), nn.Embedding(3, 3), nn.GLU(), nn.Conv1d(2, 2, 1), nn.Tanh()],
    ids=repr,
)
def test_layers_name_themselves(layer):
    net = nn.Sequential(layer)
    with pytest.raises(TypeError, match="Tensor.* got ndarray") as caught:
        net(A)
    assert caught.value.__notes__ == [f"in 0: {layer!r}"]


def test_other_missing_attributes_are_left_alone():
    class Wrong(nn.Module):
        def forward(self, x):
            return x.arrays

    with pytest.raises(AttributeError, match="arrays"):
        Wrong()(A)
