"""Three filters made by hand, and what they make of a digit."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml.datasets import load_digits
from scratchml.nn.ops.conv import conv2d_forward

image = load_digits().data[0].reshape(1, 1, 8, 8)
across = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 4
blur = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]) / 16
filters = np.stack([across, across.T, blur])[:, None]
y, _ = conv2d_forward(image, filters, padding=1)
figure, panels = plt.subplots(2, 4, figsize=(8.6, 4.0))
panels[0, 0].imshow(image[0, 0], cmap="Greys")
panels[0, 0].set_title("image")
for k, name in enumerate(("left to right", "downwards", "blurred"), start=1):
    panels[0, k].imshow(filters[k - 1, 0], cmap="RdBu_r", vmin=-0.5, vmax=0.5)
    panels[0, k].set_title(name)
    panels[1, k].imshow(y[0, k - 1], cmap="RdBu_r", vmin=-13, vmax=13)
for axes in panels.flat:
    axes.set_axis_off()
