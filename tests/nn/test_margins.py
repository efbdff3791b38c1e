"""Losses of margins and densities, and distances: against their definitions, and PyTorch."""

import math

import numpy as np
import pytest

import scratchml.nn.functional as F

from .functions import tensor

RNG = np.random.default_rng(0)
X, Y, Z = RNG.standard_normal((3, 5, 4))
SIGNS = RNG.choice([-1.0, 1.0], (5, 4))
VAR = RNG.random((5, 4)) + 0.1
COUNTS = RNG.poisson(2, (5, 4)).astype(float)
ORIGIN = np.where(np.arange(5)[:, None] == 2, 0, X)  # one vector is zero

# name, inputs, how many of them have gradients, options
CALLS = [
    ("margin_ranking_loss", [X, Y, SIGNS], 2, {"margin": 0.3}),
    ("hinge_embedding_loss", [np.abs(X), SIGNS], 1, {}),
    ("hinge_embedding_loss", [np.abs(X), SIGNS], 1, {"margin": 0.4}),
    ("soft_margin_loss", [X, SIGNS], 1, {}),
    ("soft_margin_loss", [300 * X, SIGNS], 1, {}),
    ("cosine_embedding_loss", [X, Y, SIGNS[:, 0]], 2, {"margin": 0.1}),
    ("cosine_embedding_loss", [X[0], Y[0], SIGNS[0, 0]], 2, {}),
    ("triplet_margin_loss", [X, Y, Z], 3, {}),
    ("triplet_margin_loss", [X, Y, Z], 3, {"swap": True, "p": 3.0, "margin": 0.5}),
    ("gaussian_nll_loss", [X, Y, VAR], 3, {"full": True}),
    ("gaussian_nll_loss", [X, Y, VAR[:, :1]], 3, {}),
    ("gaussian_nll_loss", [X, Y, VAR[:, 0]], 3, {"eps": 0.5}),
    ("poisson_nll_loss", [X, COUNTS], 1, {"full": True}),
    ("poisson_nll_loss", [VAR, COUNTS], 1, {"log_input": False}),
]
DISTANCES = [
    ("cosine_similarity", [X, Y], 2, {}),
    ("cosine_similarity", [ORIGIN, Y], 2, {"dim": -1}),
    ("cosine_similarity", [X, Y], 2, {"dim": 0}),
    ("normalize", [ORIGIN], 1, {}),
    ("normalize", [X], 1, {"p": 1.0, "dim": 0}),
    ("pairwise_distance", [X, Y], 2, {}),
    ("pairwise_distance", [X, X], 2, {"p": 1.0, "keepdim": True}),
]


@pytest.mark.peer
@pytest.mark.parametrize("reduction", ["mean", "sum", "none", None])
def test_as_pytorch(reduction):
    torch = pytest.importorskip("torch")
    for name, arrays, n, options in DISTANCES if reduction is None else CALLS:
        if reduction is not None:
            options = {**options, "reduction": reduction}
        ours = [tensor(a, i < n) for i, a in enumerate(arrays)]
        theirs = [torch.tensor(a, requires_grad=i < n) for i, a in enumerate(arrays)]
        y = getattr(F, name)(*ours, **options)
        z = getattr(torch.nn.functional, name)(*theirs, **options)
        np.testing.assert_allclose(y.array, z.detach().numpy(), rtol=1e-11, err_msg=name)
        dy = np.asarray(np.random.default_rng(1).standard_normal(z.shape))
        y.backward(tensor(dy))
        z.backward(torch.tensor(dy))
        for a, b in zip(ours[:n], theirs[:n], strict=True):
            np.testing.assert_allclose(a.grad.array, b.grad.numpy(), 1e-9, 1e-12, err_msg=name)


def test_definitions():
    x, y, z, t = map(tensor, (X, Y, Z, SIGNS))
    cosine = (X * Y).sum(1) / np.linalg.norm(X, axis=1) / np.linalg.norm(Y, axis=1)
    near, far = np.linalg.norm(X - Y, axis=1), np.linalg.norm(X - Z, axis=1)
    for value, expected in [
        (F.margin_ranking_loss(x, y, t, 0.3), np.maximum(0, 0.3 - SIGNS * (X - Y)).mean()),
        (F.soft_margin_loss(x, t), np.log1p(np.exp(-SIGNS * X)).mean()),
        (F.cosine_similarity(x, y), cosine),
        (F.cosine_embedding_loss(x, y, tensor(np.ones(5))), (1 - cosine).mean()),
        (F.cosine_embedding_loss(x, y, tensor(-np.ones(5))), np.maximum(cosine, 0).mean()),
        (F.gaussian_nll_loss(x, y, 2.0), ((X - Y) ** 2 / 4 + math.log(2) / 2).mean()),
        (F.poisson_nll_loss(x, tensor(COUNTS)), (np.exp(X) - COUNTS * X).mean()),
        (F.normalize(x), X / np.linalg.norm(X, axis=1, keepdims=True)),
    ]:
        np.testing.assert_allclose(value.array, expected, rtol=1e-12)
    np.testing.assert_allclose(F.pairwise_distance(x, y).array, near, rtol=1e-5)  # eps is added
    loss = F.triplet_margin_loss(x, y, z)
    np.testing.assert_allclose(loss.item(), np.maximum(0, 1 + near - far).mean(), rtol=1e-5)


def test_errors():
    x, t = tensor(X), tensor(SIGNS)
    for call, match in [
        (lambda: F.margin_ranking_loss(x, x, tensor(np.ones(5))), r"target \(5,\)"),
        (lambda: F.soft_margin_loss(x, tensor(np.ones(5))), r"input \(5, 4\), target \(5,\)"),
        (lambda: F.cosine_embedding_loss(x, x, t), r"target of shape \(N,\).*\(5, 4\)"),
        (lambda: F.triplet_margin_loss(x, x, x, margin=0.0), "margin must be positive"),
        (lambda: F.gaussian_nll_loss(x, x, tensor(-VAR)), "var must not be negative"),
        (lambda: F.gaussian_nll_loss(x, x, tensor(np.ones(3))), r"last axis, got \(3,\)"),
        (lambda: F.soft_margin_loss(x, t, reduction="avg"), "reduction must be"),
    ]:
        with pytest.raises(ValueError, match=match):
            call()
