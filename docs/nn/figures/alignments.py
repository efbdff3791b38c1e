"""Where a labelling's states are at each time: before a network has learned, and afterwards."""

import matplotlib.pyplot as plt
import numpy as np

import scratchml.tensor as torch
from scratchml import nn, optim
from scratchml.nn.ops import ctc

WORD, T = "letters", 24
names = "-" + "".join(sorted(set(WORD)))
labels = np.array([[names.index(letter) for letter in WORD]])
lengths = np.array([T]), np.array([len(WORD)])

torch.manual_seed(0)
logits = nn.Parameter(0.1 * torch.randn(T, 1, len(names)))
loss = nn.CTCLoss()
optimizer = optim.Adam([logits], lr=0.1)


def occupied():
    """Return the probability of each state at each time: what is taken off the softmax."""
    lp = logits.log_softmax(2).array
    walks = ctc._walks(labels, *lengths, 0)
    alone = np.arange(2 * len(WORD) + 1)[None]  # as if each state were a class of its own
    split = np.ascontiguousarray(lp[:, :, walks.states[0]])
    alpha = np.empty((1, T, alone.size + 2))
    own = ctc.Walks(alone, *walks[1:])
    ctc._forward(split, own, alpha)
    losses, dx = ctc._losses(alpha, *lengths), np.empty_like(split)
    ctc._backward(split, own, alpha, losses, np.ones(1), dx)
    return (np.exp(split) - dx)[:, 0]


maps = {"at first": occupied()}
for _ in range(60):
    optimizer.zero_grad()
    loss(
        logits.log_softmax(2), torch.from_numpy(labels), *map(torch.from_numpy, lengths)
    ).backward()
    optimizer.step()
maps["after 60 steps"] = occupied()

figure, panels = plt.subplots(1, 2, figsize=(8.6, 3.4), sharey=True)
for axes, (title, probabilities) in zip(panels, maps.items(), strict=True):
    axes.imshow(probabilities.T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_title(title)
    axes.set_xlabel("time")
panels[0].set_yticks(range(2 * len(WORD) + 1), "-" + "".join(f"{c}-" for c in WORD))
panels[0].set_ylabel("state")
figure.tight_layout()
