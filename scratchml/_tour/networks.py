"""The network of the tour, and its pictures.

A small relative of LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document
recognition", figure 2) for images of 8 x 8 pixels. The class below trains it with any library that
has PyTorch's names: for a seed both begin at the same weights and see the images in one order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour import terminal
from scratchml._tour.entries import Entry
from scratchml._tour.pictures import BLUE, ORANGE, RED

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


class LeNet:
    """The network with the loop that trains it, in the form of an estimator.

    Parameters
    ----------
    library : module
        With ``tensor``, ``nn``, ``optim`` and ``data``: `scratchml`, or PyTorch under these names.
    epochs : int
        How often all images are seen.
    random_state : int
        Seed of the weights and of the order of the images.
    """

    def __init__(self, library: Any, epochs: int = 30, random_state: int = 0) -> None:
        self.library, self.epochs, self.random_state = library, epochs, random_state

    def set_params(self, **parameters: Any) -> LeNet:
        """Change parameters, as scikit-learn's estimators do."""
        vars(self).update(parameters)
        return self

    def fit(self, X: np.ndarray, y: np.ndarray, X_held: Any = None, y_held: Any = None) -> LeNet:
        """Train on images X (n, 64) and digits y; after each epoch note the loss and accuracy."""
        nn, data = self.library.nn, self.library.data
        self.library.tensor.manual_seed(self.random_state)
        self.net_ = digits_net(nn)
        images = data.TensorDataset(self._images(X), self.library.tensor.from_numpy(y))
        loader = data.DataLoader(images, batch_size=16, shuffle=True)
        loss_function = nn.CrossEntropyLoss()
        optimizer = self.library.optim.Adam(self.net_.parameters(), lr=3e-3)
        self.losses_, self.scores_ = [], []
        with terminal.progress() as bar:
            for epoch in range(self.epochs):
                bar.at(epoch, self.epochs, "epochs of LeNet")
                total = 0.0
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss = loss_function(self.net_(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    total += loss.item() * len(labels)
                self.losses_.append(total / len(y))
                if X_held is not None:
                    self.scores_.append(self.score(X_held, y_held))
        return self

    def predict_scores(self, X: np.ndarray) -> np.ndarray:
        """Return the logits (n, 10) of images X (n, 64)."""
        with self.library.tensor.no_grad():
            return self.net_(self._images(X)).numpy()

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        """Return the share of images whose digit has the largest score."""
        return float((self.predict_scores(X).argmax(axis=1) == y).mean())

    def _images(self, X: np.ndarray) -> Any:
        images = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)
        return self.library.tensor.from_numpy(images)


def draw_network(result: Result, figure: Any) -> None:
    """The first layer's filters, the way of loss and accuracy, and the hardest held-out images."""
    left, middle, right = figure.subfigures(1, 3, width_ratios=(3, 4, 5))
    _draw_filters(result.model, left)
    _draw_curves(result, middle.subplots())
    _draw_mistakes(result, right)


def _draw_filters(model: LeNet, figure: Any) -> None:
    filters = model.net_[0].weight.detach().numpy()[:, 0]
    figure.suptitle("filters of the first layer", fontsize=9.5, fontweight="bold")
    for axes, values in zip(figure.subplots(4, 2).flat, filters, strict=True):
        bound = np.abs(filters).max()
        axes.imshow(values, cmap="RdBu_r", vmin=-bound, vmax=bound)
        axes.set_axis_off()


def _draw_curves(result: Result, axes: Any) -> None:
    model = LeNet(result.library, result.model.epochs, result.model.random_state)
    model.fit(result.X_train, result.y_train, result.X_test, result.y_test)
    at = np.arange(1, model.epochs + 1)
    axes.plot(at, model.losses_, color=ORANGE)
    axes.set(title="loss and accuracy", yscale="log", xlabel="epoch")
    axes.set_ylabel("mean loss, training images", color=ORANGE)
    score = axes.twinx()
    score.plot(at, model.scores_, color=BLUE)
    score.set_ylabel("accuracy, held-out images", color=BLUE)


def _draw_mistakes(result: Result, figure: Any, shown: int = 8) -> None:
    """The images whose digit is furthest below the largest score of another one."""
    scores, y = result.model.predict_scores(result.X_test), result.y_test
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
