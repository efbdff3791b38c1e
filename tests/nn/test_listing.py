"""The tutorial's listing gives PyTorch's losses, from PyTorch's weights in PyTorch's order."""

from pathlib import Path

import numpy as np
import pytest

from .listing import listing, synthetic

REFERENCE = Path(__file__).parent / "reference" / "listing.npz"


@pytest.fixture(scope="module")
def reference():
    with np.load(REFERENCE) as arrays:
        return dict(arrays)


def test_losses_are_pytorchs(reference, tmp_path):
    """Seed, first weights, order of the images, gradients and steps are all the same."""
    _, losses = listing("scratchml").train(synthetic(tmp_path / "images.npz"), 2, 100)
    np.testing.assert_allclose(losses, reference["synthetic"], rtol=0, atol=1e-5)


@pytest.mark.peer
def test_losses_are_those_of_the_pytorch_here(tmp_path):
    pytest.importorskip("torch")
    path = synthetic(tmp_path / "images.npz")
    losses, expected = (listing(name).train(path, 1, 60)[1] for name in ("scratchml", "torch"))
    np.testing.assert_allclose(losses, expected, rtol=0, atol=1e-5)


def test_losses_on_real_images(reference, shared_data):
    path = shared_data / "images" / "cifar10_8k2k.npz"
    _, losses = listing("scratchml").train(path, 1, 100)
    np.testing.assert_allclose(losses, reference["cifar"], rtol=0, atol=1e-4)


@pytest.mark.long
def test_accuracy_on_real_images(reference, shared_data):
    path = shared_data / "images" / "cifar10_8k2k.npz"
    code = listing("scratchml")
    model, _ = code.train(path)
    assert abs(code.test(model, path) - reference["accuracy"]) <= 1.0
