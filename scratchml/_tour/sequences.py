"""Networks for sequences on the tour, and their pictures.

An LSTM reads twelve years of sunspots and predicts the next, as the networks of Weigend, Huberman
and Rumelhart (1990, "Predicting the future: a connectionist approach") did with the same years.
A small Transformer reads a digit as sixteen patches, after Dosovitskiy et al. (2021, "An image is
worth 16x16 words: transformers for image recognition at scale", figure 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour.entries import Entry
from scratchml._tour.pictures import BLUE, GREY, ORANGE, RED, draw_training
from scratchml._tour.trained import Trained, TrainedClassifier

if TYPE_CHECKING:
    from scratchml._tour.run import Result

VARIANCE = 1535.0  # of the sunspots in Weigend et al.: what squared errors are divided by


class SunspotLSTM(Trained):
    """Twelve years, one after the other, through an LSTM; from its last state the next year."""

    epochs = 100
    batch_size = 32
    rate = 5e-3
    falling = True

    def network(self, nn: Any) -> Any:
        """Return an LSTM of 32 units and a linear layer."""

        class Forecaster(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.lstm = nn.LSTM(1, 32, batch_first=True)
                self.out = nn.Linear(32, 1)

            def forward(self, x: Any) -> Any:
                y, _ = self.lstm(x)
                return self.out(y[:, -1])

        return Forecaster()

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """Return the years in hundreds of spots, (n, 12, 1)."""
        return (X / 100).astype(np.float32)[:, :, None]

    def targets(self, y: np.ndarray) -> np.ndarray:
        """Return the next year in hundreds, (n, 1)."""
        return (y / 100).astype(np.float32)[:, None]

    def loss(self, nn: Any) -> Any:
        """Return the mean squared error."""
        return nn.MSELoss()

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the sunspots of the next year."""
        return 100.0 * self.outputs(X)[:, 0]

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        """Return R^2."""
        return 1 - float(((y - self.predict(X)) ** 2).sum() / ((y - y.mean()) ** 2).sum())


class DigitsTransformer(TrainedClassifier):
    """Sixteen patches of 2 x 2 pixels and an empty one, from whose vector the class is read."""

    epochs = 20
    batch_size = 32
    falling = True

    def network(self, nn: Any) -> Any:
        """Return two layers of four heads over vectors of 32."""

        class Reader(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.patch = nn.Linear(4, 32)
                self.place = nn.Embedding(17, 32)
                layer = nn.TransformerEncoderLayer(
                    32, 4, 64, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
                )
                self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
                self.norm = nn.LayerNorm(32)
                self.out = nn.Linear(32, 10)

            def forward(self, x: Any) -> Any:
                y = self.encoder(self.patch(x) + self.place.weight)
                return self.out(self.norm(y[:, 0]))

        return Reader()

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """Return the patches of 8 x 8 pixels, the empty one first: (n, 17, 4)."""
        patches = (X / 16).reshape(-1, 4, 2, 4, 2).swapaxes(2, 3).reshape(-1, 16, 4)
        return np.pad(patches, ((0, 0), (1, 0), (0, 0))).astype(np.float32)

    def attention(self, X: np.ndarray) -> np.ndarray:
        """Return how much the empty patch attends to each other in the last layer, (n, 4, 4)."""
        net, tensor = self.net_, self.library.tensor
        with tensor.no_grad():
            first, last = net.encoder.layers
            x = first(net.patch(tensor.from_numpy(self.inputs(X))) + net.place.weight)
            x = last.norm1(x)
            _, weights = last.self_attn(x, x, x, need_weights=True)
        return weights.numpy()[:, 0, 1:].reshape(-1, 4, 4)


def draw_sunspots(result: Result, figure: Any) -> None:
    """The held-out years and their predictions, and the loss beside the error of those years."""
    left, right = figure.subplots(1, 2, width_ratios=(5, 2))
    _draw_years(result, left)
    model = SunspotLSTM(result.library, result.model.epochs, result.model.random_state)
    model.fit(result.X_train, result.y_train, result.X_test, result.y_test)
    at = np.arange(1, model.epochs + 1)
    spread = result.y_train.std() / 100, result.y_test.std() / 100
    right.plot(at, np.array(model.losses_) / spread[0] ** 2, color=ORANGE, label="to 1920")
    right.plot(at, 1 - np.array(model.scores_), color=BLUE, label="after 1920")
    right.set(title="squared error / variance", yscale="log", xlabel="epoch")
    right.legend()


def _draw_years(result: Result, axes: Any) -> None:
    years, series = result.data.years, result.data.series
    held = years[len(result.y_train) :]
    predicted = result.model.predict(result.X_test)
    axes.plot(np.arange(1700, 1700 + len(series)), series, color=GREY, linewidth=1)
    axes.plot(held, predicted, color=BLUE, label="predicted, one year ahead")
    axes.plot(held, result.y_test, ".", color=RED, markersize=4, label="counted")
    axes.axvline(held[0] - 0.5, color=GREY, linestyle=":", linewidth=1)
    errors = (result.y_test - predicted) ** 2 / VARIANCE
    early, late = errors[held <= 1955].mean(), errors[(held > 1955) & (held <= 1979)].mean()
    axes.set(xlim=(1850, held[-1] + 1), ylim=(0, 230), xlabel="year", ylabel="sunspots")
    axes.set_title(
        f"1921-55: {early:.3f} of the variance, 1956-79: {late:.2f} (Weigend et al.: 0.086, 0.35)",
        fontsize=8.5,
    )
    axes.legend(loc="upper left", ncols=2)


def draw_digits(result: Result, figure: Any) -> None:
    """The way of loss and accuracy, and where the last layer looks."""
    left, right = figure.subfigures(1, 2, width_ratios=(2, 5))
    draw_training(result, left.subplots())
    digits = [int(np.flatnonzero(result.y_test == k)[0]) for k in range(10)]
    maps = result.model.attention(result.X_test[digits])
    right.suptitle("what the scores are read from: attention to 4 x 4 patches", fontsize=9.5,
                   fontweight="bold")  # fmt: skip
    for axes, at, weights in zip(right.subplots(2, 5).flat, digits, maps, strict=True):
        axes.imshow(result.X_test[at].reshape(8, 8), cmap="Greys", extent=(0, 8, 8, 0))
        axes.imshow(weights, cmap="Oranges", alpha=0.6, extent=(0, 8, 8, 0), vmin=0)
        axes.set_axis_off()


ENTRIES = (
    Entry("lstm-sunspots", "LSTM", "sunspots", SunspotLSTM, draw_sunspots,
          seeds=10, peer="PyTorch", held_out=88),
    Entry("transformer-digits", "Transformer", "digits", DigitsTransformer, draw_digits,
          classify=True, seeds=10, peer="PyTorch"),
)  # fmt: skip
