"""Two networks whose weights others trained, written once for PyTorch and for this library.

P-Net    Zhang et al. 2016, "Joint Face Detection and Alignment Using Multitask Cascaded
         Convolutional Networks", figure 2: is there a face in a window of 12 x 12, and where
CREPE    Kim et al. 2018, "CREPE: A Convolutional Representation for Pitch Estimation", the tiny
         model: 1024 samples at 16 kHz to 360 pitches, 20 cents apart
"""

import numpy as np


def networks(torch, nn, F):
    """Return the classes (PNet, Crepe), made of the library that is given."""

    class PNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 10, kernel_size=3)
            self.prelu1 = nn.PReLU(10)
            self.pool1 = nn.MaxPool2d(2, 2, ceil_mode=True)
            self.conv2 = nn.Conv2d(10, 16, kernel_size=3)
            self.prelu2 = nn.PReLU(16)
            self.conv3 = nn.Conv2d(16, 32, kernel_size=3)
            self.prelu3 = nn.PReLU(32)
            self.conv4_1 = nn.Conv2d(32, 2, kernel_size=1)
            self.softmax4_1 = nn.Softmax(dim=1)
            self.conv4_2 = nn.Conv2d(32, 4, kernel_size=1)

        def forward(self, x):  # (B, 3, H, W) -> (B, 2, h, w) and (B, 4, h, w)
            x = self.pool1(self.prelu1(self.conv1(x)))
            x = self.prelu2(self.conv2(x))
            x = self.prelu3(self.conv3(x))
            return self.softmax4_1(self.conv4_1(x)), self.conv4_2(x)

    class Crepe(nn.Module):
        def __init__(self):
            super().__init__()
            widths = [1, 128, 16, 16, 16, 32, 64]
            for i in range(1, 7):
                size, stride = ((512, 1), (4, 1)) if i == 1 else ((64, 1), (1, 1))
                conv = nn.Conv2d(widths[i - 1], widths[i], kernel_size=size, stride=stride)
                norm = nn.BatchNorm2d(widths[i], eps=0.0010000000474974513, momentum=0.0)
                setattr(self, f"conv{i}", conv)
                setattr(self, f"conv{i}_BN", norm)
            self.classifier = nn.Linear(256, 360)

        def forward(self, x):  # (B, 1024) -> (B, 360)
            x = x.reshape(-1, 1, 1024, 1)
            for i in range(1, 7):
                x = F.pad(x, (0, 0, 254, 254) if i == 1 else (0, 0, 31, 32))
                x = F.relu(getattr(self, f"conv{i}")(x))
                x = F.max_pool2d(getattr(self, f"conv{i}_BN")(x), (2, 1), (2, 1))
            x = x.permute(0, 2, 1, 3).reshape(-1, 256)
            return torch.sigmoid(self.classifier(x))

    return PNet, Crepe


def picture():
    """Return two pictures of odd sizes with edges and gradients, (2, 3, 47, 50), in [-1, 1]."""
    y, x = np.mgrid[:47, :50] / 25.0 - 1.0
    planes = [np.sin(7 * x * y + k) * np.cos(3 * k * x) + (x > 0.2 * k) for k in range(6)]
    return np.clip(np.array(planes).reshape(2, 3, 47, 50), -1, 1).astype(np.float32)


HERTZ = (110.0, 440.0, 783.99)


def tones():
    """Return a frame of a tone with overtones for each of `HERTZ`, standardised, (3, 1024)."""
    t = np.arange(1024) / 16000
    frames = [sum(np.sin(2 * np.pi * f * k * t + k) / k for k in range(1, 5)) for f in HERTZ]
    centred = np.array(frames) - np.mean(frames, axis=1, keepdims=True)
    return (centred / centred.std(axis=1, keepdims=True)).astype(np.float32)


def pitch(activations):
    """Return the frequency that each row of activations is for."""
    cents = 20 * activations.argmax(axis=1) + 1997.3794084376191
    return 10 * 2 ** (cents / 1200)
