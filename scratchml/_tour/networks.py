"""The network of the tour, and its pictures.

A small relative of LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document
recognition", figure 2) for images of 8 x 8 pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour.entries import Entry
from scratchml._tour.pictures import RED, draw_training
from scratchml._tour.trained import TrainedClassifier

if TYPE_CHECKING:
    from scratchml._tour.run import Result


def digits_net(nn: Any) -> Any:
    """Return the network: 1 x 8 x 8 pixels to ten scores."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 2 * 2, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


class LeNet(TrainedClassifier):
    """The network with the loop that trains it."""

    def network(self, nn: Any) -> Any:
        """Return `digits_net`."""
        return digits_net(nn)

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """Return images (n, 1, 8, 8)."""
        return (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)


def draw_network(result: Result, figure: Any) -> None:
    """The first layer's filters, the way of loss and accuracy, and the hardest held-out images."""
    left, middle, right = figure.subfigures(1, 3, width_ratios=(3, 4, 5))
    _draw_filters(result.model, left)
    draw_training(result, middle.subplots())
    _draw_mistakes(result, right)


def _draw_filters(model: LeNet, figure: Any) -> None:
    filters = model.net_[0].weight.detach().numpy()[:, 0]
    figure.suptitle("filters of the first layer", fontsize=9.5, fontweight="bold")
    for axes, values in zip(figure.subplots(4, 2).flat, filters, strict=True):
        bound = np.abs(filters).max()
        axes.imshow(values, cmap="RdBu_r", vmin=-bound, vmax=bound)
        axes.set_axis_off()


def _draw_mistakes(result: Result, figure: Any, shown: int = 8) -> None:
    """The images whose digit is furthest below the largest score of another one."""
    scores, y = result.model.outputs(result.X_test), result.y_test
    own = np.take_along_axis(scores, y[:, None], axis=1)[:, 0]
    others = np.where(np.arange(10) == y[:, None], -np.inf, scores)
    rival, hardest = others.argmax(axis=1), np.argsort(own - others.max(axis=1))[:shown]
    wrong = np.count_nonzero(own < others.max(axis=1))
    title = f"{wrong} of {len(y)} mistaken (red), and the closest"
    figure.suptitle(title, fontsize=9.5, fontweight="bold")
    for axes, i in zip(figure.subplots(2, shown // 2).flat, hardest, strict=True):
        axes.imshow(result.X_test[i].reshape(8, 8), cmap="Greys")
        mistaken = scores[i].argmax() != y[i]
        colour = RED if mistaken else "#333f48"
        text = f"{y[i]} as {rival[i]}" if mistaken else f"{y[i]}, nearly {rival[i]}"
        axes.set_title(text, fontsize=8, fontweight="normal", color=colour)
        axes.set_axis_off()


ENTRIES = (
    Entry("lenet-digits", "LeNet", "digits", LeNet, draw_network,
          classify=True, seeds=10, peer="PyTorch"),
)  # fmt: skip
