"""Networks on real images: what they reach, and in what time.

python -m benchmarks.real_nn lenet ../shared/data/images/mnist_5k1k.npz
python -m benchmarks.real_nn resnet ../shared/data/images/cifar10_8k2k.npz
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import scratchml.nn as nn
import scratchml.nn.functional as F
from scratchml import optim, tensor
from scratchml.data import DataLoader, TensorDataset
from scratchml.data.transforms import Compose, RandomCrop, RandomHorizontalFlip
from scratchml.nn.training import fit


class LeNet(nn.Module):
    """LeNet-5 (LeCun et al. 1998, figure 2), with maxima for its subsampling."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
            nn.Linear(84, 10),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x))


class Block(nn.Module):
    """Two convolutions and a way around them (He et al. 2016, figure 2)."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: Any) -> Any:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    """A residual network of three stages for images of 32 x 32."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.start = nn.Sequential(
            nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.stages = nn.Sequential(
            Block(width, width, 1), Block(width, 2 * width, 2), Block(2 * width, 4 * width, 2)
        )
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, 10))

    def forward(self, x: Any) -> Any:
        return self.head(self.stages(self.start(x)))


class Augmented:
    """Batches of a loader, each image cropped and flipped at random."""

    def __init__(self, loader: DataLoader, transform: Callable[[Any], Any]) -> None:
        self.loader, self.transform = loader, transform

    def __iter__(self) -> Any:
        return ((self.transform(x), y) for x, y in self.loader)

    def __len__(self) -> int:
        return len(self.loader)


def dataset(arrays: Any, part: str) -> TensorDataset:
    x = arrays[f"x_{part}"].astype(np.float32) / 255
    x = x[:, None] if x.ndim == 3 else x.transpose(0, 3, 1, 2)
    x = np.ascontiguousarray((x - 0.5) / 0.25)
    labels = arrays[f"y_{part}"].astype(np.int64)
    return TensorDataset(tensor.from_numpy(x), tensor.from_numpy(labels))


def lenet(arrays: Any) -> dict[str, list[float]]:
    """Train LeNet for ten epochs."""
    loader = DataLoader(dataset(arrays, "train"), batch_size=32, shuffle=True)
    test = DataLoader(dataset(arrays, "test"), batch_size=256)
    model = LeNet()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    return fit(model, loader, nn.CrossEntropyLoss(), optimizer, epochs=10, validation=test)


def resnet(arrays: Any, epochs: int = 30) -> dict[str, list[float]]:
    """Train a residual network with crops and flips, one cycle of the learning rate."""
    loader = DataLoader(dataset(arrays, "train"), batch_size=64, shuffle=True, drop_last=True)
    transform = Compose([RandomCrop(32, padding=4), RandomHorizontalFlip()])
    test = DataLoader(dataset(arrays, "test"), batch_size=250)
    model = ResNet()
    optimizer = optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    steps = epochs * len(loader)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, total_steps=steps)
    return fit(
        model,
        Augmented(loader, transform),
        nn.CrossEntropyLoss(label_smoothing=0.1),
        optimizer,
        epochs=epochs,
        scheduler=scheduler,
        step_scheduler="batch",
        validation=test,
    )


def main() -> None:
    name, path, *rest = sys.argv[1:]
    tensor.manual_seed(0)
    begin = time.perf_counter()
    with np.load(path) as file:
        arrays = dict(file)
    history = {"lenet": lenet, "resnet": resnet}[name](arrays, *map(int, rest))
    seconds = time.perf_counter() - begin
    print({key: round(values[-1], 4) for key, values in history.items()})
    print(f"{name}: {seconds:.0f} s")


if __name__ == "__main__":
    main()
