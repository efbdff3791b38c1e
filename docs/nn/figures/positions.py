"""Sinusoidal encodings, their inner products, and those of vectors that were turned."""

import matplotlib.pyplot as plt
import numpy as np

import scratchml.nn.functional as F
import scratchml.tensor as torch

LENGTH, DIM = 128, 64

encodings = F.sinusoidal_positional_encoding(LENGTH, DIM).numpy()
ones = F.rotary_positional_embedding(torch.ones(LENGTH, 1, DIM)).squeeze(1).numpy()
distance = np.arange(LENGTH)

figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.0), width_ratios=(1, 1.25))
left.imshow(encodings.T, cmap="RdBu", aspect="auto", vmin=-1, vmax=1)
left.set_xlabel("position")
left.set_ylabel("feature")
left.set_title("sinusoidal encodings")
right.plot(distance, encodings @ encodings[0] / (DIM / 2), label="two encodings")
right.plot(distance, ones @ ones[0] / DIM, "--", label="two equal vectors, turned")
right.axhline(0, color="#9aa5ae", linewidth=0.8, zorder=0)
right.set_xlabel("distance of their positions")
right.set_ylabel("inner product, of 1")
right.set_title("what is far apart is less alike")
right.legend()
