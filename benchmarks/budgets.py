"""What a process pays before its first result, and what memory a large fit takes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

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
    "first fit of SVC": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.svm import SVC; SVC().fit(X, X[:, 0] > 0)",
    ),
    "first fit of SVR": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.svm import SVR; SVR().fit(X, X[:, 0])",
    ),
    "first fit of LinearSVC": (
        "import numpy as np; X = np.random.default_rng(0).normal(size=(200, 5))",
        "from scratchml.svm import LinearSVC; LinearSVC().fit(X, X[:, 0] > 0)",
    ),
    "first step of LSTM": (
        "import numpy as np; x = np.ones((100, 32, 128), np.float32)",
        "import scratchml.nn as nn, scratchml.tensor as torch; "
        "nn.LSTM(128, 256)(torch.from_numpy(x))[0].sum().backward()",
    ),
    "first step of GRU": (
        "import numpy as np; x = np.ones((100, 32, 128), np.float32)",
        "import scratchml.nn as nn, scratchml.tensor as torch; "
        "nn.GRU(128, 256)(torch.from_numpy(x))[0].sum().backward()",
    ),
    "first step of a Transformer's layer": (
        "import numpy as np; x = np.ones((8, 128, 512), np.float32)",
        "import scratchml.nn as nn, scratchml.tensor as torch; "
        "nn.TransformerEncoderLayer(512, 8)(torch.from_numpy(x)).sum().backward()",
    ),
}
COLD_BUDGET_MS = {
    "first fit of Lasso": 3000,
    "first fit of LogisticRegression": 3000,
    "first fit of DecisionTreeClassifier": 5000,
    "first fit of RandomForestClassifier": 5000,
    "first fit of RandomForestRegressor": 5000,
    "first fit of SVC": 3000,
    "first fit of SVR": 3000,
    "first fit of LinearSVC": 3000,
    "first step of LSTM": 5000,
    "first step of GRU": 5000,
    "first step of a Transformer's layer": 5000,
}
BUDGET_MS = {"import scratchml": 10, **dict.fromkeys(COLD_BUDGET_MS, 800)}

# A child's fit, and its limit in bytes: kernel rows kept, 64 bytes a sample, the support vectors.
LARGE_FIT = """
import json
from benchmarks.harness import _peak_bytes, _restart_peak
from benchmarks.svm import clusters
from scratchml.svm import SVC
X, y, *_ = clusters({n}, 20)
model = SVC(cache_size={cache_size}).fit(X[:2000], y[:2000])  # loads the kernels
before = _restart_peak()
model.fit(X, y)
peak = _peak_bytes()
limit = model.cache_size * 2**20 + 64 * len(X) + model.support_vectors_.nbytes
print(json.dumps([size / 1e6 for size in (peak - before, limit, peak)]))
"""

# Attention forward and backward: the peak beyond queries, keys, values and what comes in.
ATTENTION = """
import json
import numpy as np
import scratchml.tensor as torch
from scratchml.nn.functional import scaled_dot_product_attention
from benchmarks.harness import _peak_bytes, _restart_peak
def leaves(length):
    shape = 1, 8, length, 64
    arrays = [np.random.default_rng(i).standard_normal(shape, np.float32) for i in range(4)]
    return [torch.from_numpy(a).requires_grad_() for a in arrays]
def step(q, k, v, dy):
    scaled_dot_product_attention(q, k, v, is_causal={causal}).backward(dy.detach())
step(*leaves(64))  # loads the kernels
data = leaves(4096)
before = _restart_peak()
step(*data)
print(json.dumps((_peak_bytes() - before) / 1e6))
"""
ATTENTION_MB = 200


def main() -> None:
    """Print the tables of budgets: median milliseconds over fresh processes, and megabytes."""
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
        print(f"\n{'what':<36}{'MB':>8}{'budget':>8}")
        for cache_size in (20, 200):
            code = LARGE_FIT.format(n=50_000, cache_size=cache_size)
            used, limit, whole = _child(code, env)
            print(f"{f'SVC, 50000 x 20, cache_size={cache_size}':<36}{used:>8.0f}{limit:>8.0f}")
            print(f"{'  the whole process':<36}{whole:>8.0f}{1000:>8}")
        for causal in (False, True):
            what = f"attention, 4096 places{', causal' if causal else ''}"
            used = _child(ATTENTION.format(causal=causal), env)
            print(f"{what:<36}{used:>8.0f}{ATTENTION_MB:>8}")


def _milliseconds(what: str, env: Mapping[str, str]) -> float:
    before, timed = SNIPPETS[what]
    return _child(
        f"import time, json\n{before}\nstart = time.perf_counter()\n{timed}\n"
        "print(json.dumps(1e3 * (time.perf_counter() - start)))",
        env,
    )


def _child(code: str, env: Mapping[str, str]) -> Any:
    """Run code in a fresh interpreter, and return what it prints."""
    run = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    return json.loads(run.stdout)
