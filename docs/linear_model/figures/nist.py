"""NIST's reference problems for linear least squares, from the files that the tests use."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

FOLDER = Path(__file__).parents[3] / "tests" / "linear_model" / "nist"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))


class Problem(NamedTuple):
    """A problem with its certified solution, the intercept first if there is one."""

    X: np.ndarray  # (n, p)
    y: np.ndarray  # (n,)
    intercept: bool
    certified: np.ndarray  # (p,) or (p + 1,)

    @property
    def design(self):
        """X with a column of ones where an intercept is fitted."""
        return np.column_stack([np.ones(len(self.X)), self.X]) if self.intercept else self.X

    def digits(self, coefficients):
        """The number of right decimal digits in the worst coefficient, at most 15."""
        error = np.abs(coefficients - self.certified)
        scale = np.where(self.certified == 0, 1.0, np.abs(self.certified))
        return float(np.clip(-np.log10(np.max(error / scale) + 1e-300), 0, 15))


def load(name):
    """Read one file: lines of comment, model and certified values, then columns y and x."""
    lines = [line for line in (FOLDER / f"{name}.txt").read_text().splitlines() if line[:1] != "#"]
    start = next(i for i, line in enumerate(lines) if line.startswith("data"))
    certified = [float(line.split()[2]) for line in lines if line.startswith("certified")]
    model = next(line.split()[1:] for line in lines if line.startswith("model"))
    rows = np.array([line.split() for line in lines[start + 1 :] if line.strip()], dtype=float)
    X, y = rows[:, 1:], rows[:, 0]
    if model[0] == "polynomial":
        X = X ** np.arange(1, int(model[1]) + 1)
    return Problem(X, y, "without" not in model, np.array(certified))
