"""The loss of connectionist temporal classification beside PyTorch's: forward and backward.

A run is some calls of log_softmax and the loss on the same logits (T, N, C), for T times, a batch
of N and C classes: short words, a line of handwriting, a sentence by characters and by pieces of
words. The quality is the largest error of loss and gradient beside our own in float64, relative
to the largest value of each.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.nn_ops import _tensor_like, layer


def ctc(labels: int, F: Any, x: Any) -> Any:
    """Return the loss of up to so many labels for each sequence."""
    T, N, C = x.shape
    random = np.random.default_rng(0)
    most = min(labels, T // 3)
    arrays = (
        random.integers(1, C, (N, most)),
        random.integers(3 * T // 4, T + 1, N),
        random.integers(most // 2, most + 1, N),
    )
    targets, times, counts = (_tensor_like(x, a) for a in arrays)
    return F.ctc_loss(F.log_softmax(x, 2), targets, times, counts)


CASES = [
    layer("nn-ctc-50x4x20-s10", (50, 4, 20), partial(ctc, 10), 1.0),
    layer("nn-ctc-150x16x40-s30", (150, 16, 40), partial(ctc, 30), 2.0),
    layer("nn-ctc-500x32x80-s60", (500, 32, 80), partial(ctc, 60), 2.0),
    layer("nn-ctc-1000x8x5000-s100", (1000, 8, 5000), partial(ctc, 100), 2.0),
]
