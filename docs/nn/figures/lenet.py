"""The network of the tour: filters, the way of its loss, and its mistakes."""

import matplotlib.pyplot as plt

from scratchml._tour import networks, run

entry = networks.ENTRIES[0]
figure = plt.figure(figsize=(9.2, 4.2), layout="constrained")
entry.draw(run.train(entry), figure)
