"""The networks for sequences of the tour: sunspots, and digits cut into patches."""

import matplotlib.pyplot as plt

from scratchml._tour import entries, run

figure = plt.figure(figsize=(9, 7), layout="constrained")
chosen = entries.select(["lstm-sunspots", "transformer-digits"])
for entry, panel in zip(chosen, figure.subfigures(2, 1), strict=True):
    entry.draw(run.train(entry), panel)
