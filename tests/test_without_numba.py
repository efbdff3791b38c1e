"""Prediction needs NumPy alone: models fitted anywhere predict where Numba cannot be imported."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scratchml

from .estimators import instances, kind
from .test_common import data, named, outputs

WITH_X = [e for e in instances() if kind(e) != "label"]

# Loads every model with Numba blocked and writes what it says about the saved rows.
PREDICT = """
import sys, warnings
from pathlib import Path
sys.modules["numba"] = None  # importing it now raises ImportError
warnings.simplefilter("error")
import numpy as np
import scratchml
folder = Path(sys.argv[1])
X = np.load(folder / "X.npy")
for path in sorted(folder.glob("*.model")):
    model = scratchml.load(path)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, method):
            np.save(folder / f"{path.stem}-{method}.npy", np.asarray(getattr(model, method)(X)))
assert "llvmlite" not in sys.modules
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for estimator in WITH_X:
        X, y = data(estimator)
        scratchml.save(estimator.fit(X, y), folder / f"{type(estimator).__name__}.model")
    np.save(folder / "X.npy", data(WITH_X[0])[0])
    root = str(Path(scratchml.__file__).parents[1])
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-c", PREDICT, str(folder)],
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return folder


@named(WITH_X)
def test_prediction_without_numba(estimator, folder):
    name = type(estimator).__name__
    X, _ = data(estimator)
    model = scratchml.load(folder / f"{name}.model")
    said = sorted(folder.glob(f"{name}-*.npy"))
    assert said
    for path in said:
        method = path.stem.removeprefix(f"{name}-")
        expected = np.asarray(getattr(model, method)(X))
        found = np.load(path, allow_pickle=False)
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
        else:
            np.testing.assert_array_equal(found, expected)
    assert outputs(model, X)
