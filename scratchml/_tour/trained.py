"""A network with the loop that trains it, in the form of an estimator, for the tour.

The loop is written once for any library that has PyTorch's names: for a seed both begin at the same
weights and see the samples in one order.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scratchml._tour import terminal


class Trained:
    """What the networks of the tour have in common.

    Parameters
    ----------
    library : module
        With ``tensor``, ``nn``, ``optim`` and ``data``: `scratchml`, or PyTorch under these names.
    epochs : int, optional
        How often all samples are seen.
    random_state : int
        Seed of the weights and of the order of the samples.

    Attributes
    ----------
    net_ : Module
        The network.
    losses_, scores_ : list of float
        Of each epoch: the mean loss of the training samples as they were met, and the score on
        samples held out, if `fit` was given them.
    """

    epochs = 30
    batch_size = 16
    rate = 3e-3  # of Adam
    falling = False  # to nothing in the end, as a cosine does

    def __init__(self, library: Any, epochs: int | None = None, random_state: int = 0) -> None:
        self.library, self.random_state = library, random_state
        self.epochs = self.epochs if epochs is None else epochs

    def set_params(self, **parameters: Any) -> Self:
        """Change parameters, as scikit-learn's estimators do."""
        vars(self).update(parameters)
        return self

    def network(self, nn: Any) -> Any:
        """Return the untrained network."""
        raise NotImplementedError

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """Return what the network is given of the samples X."""
        raise NotImplementedError

    def targets(self, y: np.ndarray) -> np.ndarray:
        """Return what the loss compares outputs with."""
        raise NotImplementedError

    def loss(self, nn: Any) -> Any:
        """Return the loss."""
        raise NotImplementedError

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        """Return how good the predictions are."""
        raise NotImplementedError

    def fit(self, X: np.ndarray, y: np.ndarray, X_held: Any = None, y_held: Any = None) -> Self:
        """Train on samples X (n, d) and targets y (n,); note the loss and score of each epoch."""
        nn, optim = self.library.nn, self.library.optim
        self.library.tensor.manual_seed(self.random_state)
        self.net_ = self.network(nn)
        loader, loss_function = self._loader(X, y), self.loss(nn)
        optimizer = optim.Adam(self.net_.parameters(), lr=self.rate)
        scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, self.epochs)
        self.losses_: list[float] = []
        self.scores_: list[float] = []
        with terminal.progress() as bar:
            for epoch in range(self.epochs):
                bar.at(epoch, self.epochs, f"epochs of {type(self).__name__}")
                total = 0.0
                for inputs, targets in loader:
                    optimizer.zero_grad()
                    loss = loss_function(self.net_(inputs), targets)
                    loss.backward()
                    optimizer.step()
                    total += loss.item() * len(targets)
                if self.falling:
                    scheduler.step()
                self.losses_.append(total / len(y))
                if X_held is not None:
                    self.scores_.append(self.score(X_held, y_held))
        return self

    def _loader(self, X: np.ndarray, y: np.ndarray) -> Any:
        tensor, data = self.library.tensor, self.library.data
        pair = tensor.from_numpy(self.inputs(X)), tensor.from_numpy(self.targets(y))
        return data.DataLoader(data.TensorDataset(*pair), self.batch_size, shuffle=True)

    def outputs(self, X: np.ndarray) -> np.ndarray:
        """Return what the network makes of samples X (n, d)."""
        with self.library.tensor.no_grad():
            return self.net_(self.library.tensor.from_numpy(self.inputs(X))).numpy()


class TrainedClassifier(Trained):
    """A network whose outputs are a score of each class."""

    def targets(self, y: np.ndarray) -> np.ndarray:
        """Return the classes as they are."""
        return y

    def loss(self, nn: Any) -> Any:
        """Return the cross entropy."""
        return nn.CrossEntropyLoss()

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        """Return the share of samples whose class has the largest score."""
        return float((self.outputs(X).argmax(axis=1) == y).mean())
