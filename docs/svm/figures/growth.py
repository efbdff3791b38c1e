"""Time of a fit against the number of rows, from the stored benchmark figures."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import scratchml
from scratchml._tour.pictures import BLUE, GREY, ORANGE

CASE = "svc-rbf-20000x20-C1"
results = Path(scratchml.__file__).parents[1] / "benchmarks" / "results"
stored = [json.loads(path.read_text()) for path in sorted(results.glob("*.json"))]
rows = [row for figures in stored for row in figures["rows"] if row["case"] == CASE]
figure, axes = plt.subplots(figsize=(6.4, 3.8))
axes.set(title="two classes, 20 features, C = 1", xlabel="rows", ylabel="seconds")
if not rows:
    axes.text(
        0.5, 0.5, f"no figures are stored; python -m benchmarks --peers {CASE}\nmeasures yours",
        ha="center", va="center", color=GREY, transform=axes.transAxes,
    )  # fmt: skip
    axes.set(xticks=[], yticks=[])
for row in rows[:1]:
    n = np.array(row["growth"]["n"])
    sides = [("scratchml", row["growth"]["s"], row["exponent"], BLUE)]
    for name, peer in row["peers"].items():
        if "growth_s" in peer:
            name = f"LIBSVM in {name}"
            sides.append((name, peer["growth_s"], peer["exponent"], ORANGE))
    for name, seconds, exponent, colour in sides:
        label = f"{name}: $n^{{{exponent:.2f}}}$"
        axes.plot(n, seconds, "o-", color=colour, label=label)
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(n, [f"{k:,}" for k in n])
    axes.minorticks_off()
    axes.legend()
