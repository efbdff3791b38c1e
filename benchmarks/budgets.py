"""What a process pays before its first result: imports, first fits, compilation."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping

REPEATS = 7

# Each child prints the milliseconds of its last line, measured inside, on a fresh interpreter.
SNIPPETS = {
    "import numpy": ("", "import numpy"),
    "import scratchml": ("", "import scratchml"),
    "import numpy, LinearRegression": ("", "from scratchml.linear_model import LinearRegression"),
    "first fit of LinearRegression": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.linear_model import LinearRegression; LinearRegression().fit(X, X[:, 0])",
    ),
    "first fit of Lasso": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.linear_model import Lasso; Lasso(0.1).fit(X, X[:, 0])",
    ),
    "first fit of LogisticRegression": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.linear_model import LogisticRegression; "
        "LogisticRegression().fit(X, X[:, 0] > 0)",
    ),
    "first fit of DecisionTreeClassifier": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.tree import DecisionTreeClassifier; "
        "DecisionTreeClassifier().fit(X, X[:, 0] > 0)",
    ),
    "first fit of RandomForestClassifier": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.ensemble import RandomForestClassifier; "
        "RandomForestClassifier().fit(X, X[:, 0] > 0)",
    ),
    "first fit of RandomForestRegressor": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.ensemble import RandomForestRegressor; "
        "RandomForestRegressor().fit(X, X[:, 0])",
    ),
}
COLD_BUDGET_MS = {
    "first fit of Lasso": 3000,
    "first fit of LogisticRegression": 3000,
    "first fit of DecisionTreeClassifier": 5000,
    "first fit of RandomForestClassifier": 5000,
    "first fit of RandomForestRegressor": 5000,
}
BUDGET_MS = {"import scratchml": 10, **dict.fromkeys(COLD_BUDGET_MS, 800)}


def main() -> None:
    """Print the table of budgets: median milliseconds over fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "SCRATCHML_CACHE_DIR": folder}
        print(f"{'what':<36}{'ms':>8}{'budget':>8}")
        for what in COLD_BUDGET_MS:
            with tempfile.TemporaryDirectory() as empty:
                cold = _milliseconds(what, {**os.environ, "SCRATCHML_CACHE_DIR": empty})
            print(f"{what + ', nothing cached':<36}{cold:>8.0f}{COLD_BUDGET_MS[what]:>8}")
        for what in SNIPPETS:
            _milliseconds(what, env)  # fills the cache
            ms = statistics.median(_milliseconds(what, env) for _ in range(REPEATS))
            print(f"{what:<36}{ms:>8.1f}{BUDGET_MS.get(what, ''):>8}")


def _milliseconds(what: str, env: Mapping[str, str]) -> float:
    before, timed = SNIPPETS[what]
    code = (
        f"import time, json\n{before}\nstart = time.perf_counter()\n{timed}\n"
        "print(json.dumps(1e3 * (time.perf_counter() - start)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    return json.loads(run.stdout)
