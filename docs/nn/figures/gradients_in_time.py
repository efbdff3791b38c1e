"""How much of the gradient of the last state reaches earlier steps: RNN, GRU, LSTM."""

import matplotlib.pyplot as plt
import numpy as np

import scratchml.tensor as torch
from scratchml import nn

STEPS, BATCH, WIDTH = 60, 32, 64


def norms(layer):
    """Return the gradient's norm at each step, for the sum of a random part of the last state."""
    torch.manual_seed(1)
    x = torch.randn(STEPS, BATCH, WIDTH).requires_grad_()
    y, _ = layer(x)
    y[-1].backward(torch.randn(BATCH, WIDTH))
    return np.sqrt((x.grad.numpy() ** 2).sum(axis=(1, 2)))


def forgetful(bias):
    """Return an LSTM whose gates f begin with a bias."""
    layer = nn.LSTM(WIDTH, WIDTH)
    with torch.no_grad():
        layer.bias_ih_l0[WIDTH : 2 * WIDTH] = bias
    return layer


torch.manual_seed(0)
layers = {
    "RNN": nn.RNN(WIDTH, WIDTH),
    "GRU": nn.GRU(WIDTH, WIDTH),
    "LSTM": forgetful(0.0),
    "LSTM, b_f = 1": forgetful(1.0),
    "LSTM, b_f = 3": forgetful(3.0),
}
figure, axes = plt.subplots(figsize=(6.4, 3.2))
for name, layer in layers.items():
    axes.semilogy(np.arange(STEPS) - STEPS + 1, norms(layer), label=name)
axes.set_ylim(1e-12, 1e2)
axes.set_xlabel("step, counted from the last one")
axes.set_ylabel("norm of the gradient")
axes.legend(frameon=False)
figure.tight_layout()
