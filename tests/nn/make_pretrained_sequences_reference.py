"""Write what PyTorch's recurrent networks with pretrained weights answer to the tests' inputs.

python -m tests.nn.make_pretrained_sequences_reference ../shared/data/pretrained
"""

import sys
from pathlib import Path

import numpy as np

from .pretrained_sequences import WORDS, networks, sounds, state_of

REFERENCE = Path(__file__).parent / "reference" / "pretrained_sequences.npz"


def answers(folder):
    """Return PyTorch's answers."""
    import torch
    import torch.nn.functional as F
    from torch import nn

    Detector, Speller = networks(torch, nn, F)
    detector, speller = Detector(), Speller()
    for net, file in ((detector, "silero_vad_16k_from_onnx.npz"), (speller, "g2p_en_gru.npz")):
        state = {key: torch.from_numpy(value) for key, value in state_of(folder / file).items()}
        net.load_state_dict(state)
    with torch.no_grad():
        speech = detector.listen(torch.from_numpy(sounds()))
        phonemes, states = speller(WORDS), speller.read(WORDS)
    return {"speech": speech.numpy(), "phonemes": phonemes.numpy(), "states": states.numpy()}


if __name__ == "__main__":
    np.savez_compressed(REFERENCE, **answers(Path(sys.argv[1])))
