"""Recurrent networks that others trained, with their weights: PyTorch's answers, sensible ones."""

from pathlib import Path

import numpy as np
import pytest

import scratchml.nn.functional as F
import scratchml.tensor as torch
from scratchml import nn

from .make_pretrained_sequences_reference import answers
from .pretrained_sequences import WORDS, networks, recording, sounds, spelled, state_of

STORED = Path(__file__).parent / "reference" / "pretrained_sequences.npz"
Detector, Speller = networks(torch, nn, F)
FILES = {Detector: "silero_vad_16k_from_onnx.npz", Speller: "g2p_en_gru.npz"}


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "pretrained"


def loaded(cls, folder):
    net, state = cls(), state_of(folder / FILES[cls])
    assert net.load_state_dict(state) == ([], [])
    return net.eval()


def ours(folder):
    detector, speller = loaded(Detector, folder), loaded(Speller, folder)
    with torch.no_grad():
        speech = detector.listen(torch.from_numpy(sounds()))
        phonemes, states = speller(WORDS), speller.read(WORDS)
    return {"speech": speech.numpy(), "phonemes": phonemes.numpy(), "states": states.numpy()}


def assert_close(found, expected):
    """1e-5 of the largest value: logits up to 27 are sums whose roundings are PyTorch's own."""
    bound = 1e-5 * max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=0, atol=bound)


def test_answers_are_pytorchs(folder):
    found = ours(folder)
    with np.load(STORED) as stored:
        assert sorted(stored) == sorted(found)
        for key, expected in stored.items():
            assert found[key].dtype == expected.dtype
            assert_close(found[key], expected)


@pytest.mark.peer
def test_answers_are_pytorchs_live(folder):
    pytest.importorskip("torch")
    found = ours(folder)
    for key, expected in answers(folder).items():
        assert_close(found[key], expected)


def test_words_are_spelled(folder):
    phonemes = dict(zip(WORDS, map(spelled, ours(folder)["phonemes"]), strict=True))
    assert phonemes["library"] == "L AY1 B R EH2 R IY0"
    assert phonemes["speech"] == "S P IY1 CH"


def test_words_are_spelled_the_same_alone(folder):
    speller = loaded(Speller, folder)
    with torch.no_grad():
        together = speller(WORDS).numpy()
        for word, logits in zip(WORDS, together, strict=True):
            np.testing.assert_allclose(speller([word]).numpy()[0], logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "speech"), [("yes", True), ("no", True), ("silence", False), ("noise", False)]
)
def test_speech_is_told_from_noise(folder, name, speech):
    detector = loaded(Detector, folder)
    sound = recording(folder.parent / "speech" / f"speechcmd_{name}_1000ms.wav")
    with torch.no_grad():
        found = detector.listen(torch.from_numpy(sound)).numpy()
    assert (found.max() > 0.8) == speech


def test_gradients_reach_every_weight(folder):
    """Through the packed batch, the steps of the decoder, and the cell's carried state."""
    speller, detector = loaded(Speller, folder), loaded(Detector, folder)
    (speller(WORDS) ** 2).mean().backward()
    detector.listen(torch.from_numpy(sounds())).sum().backward()
    for net in (speller, detector):
        for name, p in net.named_parameters():
            assert np.isfinite(p.grad.numpy()).all(), name
            assert p.grad.numpy().any(), name
