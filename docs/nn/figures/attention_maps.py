"""Weights of attention: before and after it has learned to read backwards, and under masks."""

import matplotlib.pyplot as plt
import numpy as np

import scratchml.tensor as torch
from scratchml import nn, optim

LENGTH, SYMBOLS, WIDTH = 10, 8, 32


class Backwards(nn.Module):
    """Say the symbols of a sequence in reverse order, by one look from each place at all."""

    def __init__(self):
        super().__init__()
        self.symbols = nn.Embedding(SYMBOLS, WIDTH)
        self.places = nn.Embedding(LENGTH, WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, 1, batch_first=True)
        self.out = nn.Linear(WIDTH, SYMBOLS)

    def forward(self, x, **options):
        places = self.places(torch.arange(LENGTH)).expand(len(x), LENGTH, WIDTH)
        values = places + self.symbols(x)
        y, weights = self.attention(places, values, values, **options)
        return self.out(y), weights


torch.manual_seed(0)
model, loss = Backwards(), nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)
sample = torch.randint(SYMBOLS, (1, LENGTH))
maps = {"at first": model(sample)[1]}
for _ in range(200):
    x = torch.randint(SYMBOLS, (64, LENGTH))
    optimizer.zero_grad()
    loss(model(x)[0].transpose(1, 2), x.flip(1)).backward()
    optimizer.step()
maps["after 200 steps"] = model(sample)[1]
maps["causal"] = Backwards()(sample, is_causal=True)[1]
padding = torch.from_numpy(np.arange(LENGTH)[None] >= 7)
maps["3 keys of padding"] = Backwards()(sample, key_padding_mask=padding)[1]

figure, panels = plt.subplots(1, 4, figsize=(8.8, 2.5), sharey=True)
for axes, (title, weights) in zip(panels, maps.items(), strict=True):
    axes.imshow(weights[0].detach().numpy(), cmap="Blues", vmin=0)
    axes.set_title(title)
    axes.set_xlabel("key")
    axes.set_xticks([])
    axes.set_yticks([])
panels[0].set_ylabel("query")
figure.tight_layout()
