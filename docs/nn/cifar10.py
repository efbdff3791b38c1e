"""The network of PyTorch's CIFAR-10 tutorial: only the import lines are other than there.

python cifar10.py cifar10.npz          arrays x_train, x_test (N, 32, 32, 3), y_train, y_test
"""

import sys

import numpy as np
from tqdm import tqdm

import scratchml.nn as nn
import scratchml.nn.functional as F
import scratchml.optim as optim
import scratchml.tensor as torch
from scratchml.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 5)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x


def images(path, part):
    arrays = np.load(path)
    x = arrays[f"x_{part}"].transpose(0, 3, 1, 2).astype(np.float32) / 255
    x = (x - 0.5) / 0.5
    return TensorDataset(
        torch.from_numpy(x), torch.from_numpy(arrays[f"y_{part}"].astype(np.int64))
    )


def train(path, epochs=10, steps=None, seed=0):
    """Return the network and the loss of every step."""
    torch.manual_seed(seed)
    trainloader = DataLoader(images(path, "train"), batch_size=4, shuffle=True)
    model = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    losses = []
    for epoch in range(epochs):
        for data in tqdm(trainloader, f"epoch {epoch + 1}"):
            inputs, labels = data
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if len(losses) == steps:
                return model, losses
    return model, losses


def test(model, path):
    """Return how many of a hundred held-back images are recognised."""
    testloader = DataLoader(images(path, "test"), batch_size=4, shuffle=False)
    correct = 0
    total = 0
    with torch.no_grad():
        for data in testloader:
            images_, labels = data
            outputs = model(images_)
            _, predicted = torch.max(outputs.data, 1)
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
    return 100 * correct / total


if __name__ == "__main__":
    model, losses = train(sys.argv[1])
    print(f"accuracy {test(model, sys.argv[1]):.1f} %")
