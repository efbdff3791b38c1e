"""One network under three optimizers: loss and held-out accuracy by epoch."""

import matplotlib.pyplot as plt
import numpy as np

import scratchml
from scratchml import data, nn, optim, tensor
from scratchml._tour.networks import ENTRIES, digits_net
from scratchml._tour.pictures import BLUE, GREEN, ORANGE

_, (X, X_held, y, y_held) = ENTRIES[0].split(scratchml)
X, X_held = ((a / 16).astype(np.float32).reshape(-1, 1, 8, 8) for a in (X, X_held))
train = data.TensorDataset(tensor.from_numpy(X), tensor.from_numpy(y))
held = data.TensorDataset(tensor.from_numpy(X_held), tensor.from_numpy(y_held))
figure, (left, right) = plt.subplots(1, 2)
for name, colour, make in (
    ("SGD, lr 0.1", ORANGE, lambda p: optim.SGD(p, lr=0.1)),
    ("lr 0.05, momentum 0.9", GREEN, lambda p: optim.SGD(p, lr=0.05, momentum=0.9)),
    ("Adam, lr 0.003", BLUE, lambda p: optim.Adam(p, lr=3e-3)),
):
    tensor.manual_seed(0)
    model = digits_net(nn)
    history = nn.fit(
        model,
        data.DataLoader(train, batch_size=32, shuffle=True),
        nn.CrossEntropyLoss(),
        make(model.parameters()),
        epochs=15,
        validation=data.DataLoader(held, batch_size=450),
        progress=False,
    )
    at = np.arange(1, 16)
    left.plot(at, history["loss"], color=colour, label=name)
    right.plot(at, history["validation_accuracy"], color=colour)
left.set(title="mean loss, training images", yscale="log", xlabel="epoch")
left.legend()
right.set(title="accuracy, held-out images", xlabel="epoch", ylim=(0.7, 1.0))
