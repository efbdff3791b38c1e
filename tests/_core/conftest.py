"""Fresh processes for the tests of the compiler's door, and a small package to compile in them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import scratchml

ROOT = Path(scratchml.__file__).parent

CALLEE = """
from scratchml._core.jit import jit

@jit
def twice(x):
    return 2.0 * x
"""

CALLER = """
from scratchml._core.elementary import exp
from scratchml._core.jit import jit
from scratchml.mini.callee import twice

@jit("float64(const T[::1], int64)")
def total(x, n):
    s = 0.0
    for i in range(n):
        s += twice(x[i])
    return s

@jit("float64(const T[::1])")
def partition(x):
    s = 0.0
    for i in range(x.shape[0]):
        s += exp(x[i])
    return s
"""

# Prints the result, and how many kernels were compiled rather than loaded.
CALL = """
import numpy as np
from scratchml.mini.caller import total
result = total(np.arange(4.0), 4)
print(result, sum(sum(v.stats.cache_misses.values()) for v in total._variants.values()))
"""
COMPILED, LOADED = "12.0 1", "12.0 0"


class Sandbox:
    """A copy of scratchml's core with a package of kernels, in a folder of its own."""

    def __init__(self, folder, template=None):
        self.folder = folder
        self.cache = folder / "cache"
        self.package = folder / "scratchml"
        self.callee = self.package / "mini" / "callee.py"
        if template is None:
            self._build()
        else:
            shutil.copytree(template.folder, folder, dirs_exist_ok=True)

    def _build(self):
        shutil.copytree(
            ROOT / "_core",
            self.package / "_core",
            ignore=lambda _, names: [n for n in names if n in ("__pycache__", "persistence")],
        )
        shutil.copy(ROOT / "__init__.py", self.package)
        self.callee.parent.mkdir()
        (self.package / "mini" / "__init__.py").touch()
        self.callee.write_text(CALLEE)
        (self.package / "mini" / "caller.py").write_text(CALLER)

    def start(self, code, *arguments, **environment):
        """Start Python on `code`; an environment variable given as None is removed."""
        settings = {
            "PYTHONPATH": str(self.folder),
            "SCRATCHML_CACHE_DIR": str(self.cache),
            "NUMBA_DISABLE_JIT": None,
            "NUMBA_BOUNDSCHECK": None,
            "PYTHONWARNINGS": "error",
        } | environment
        inherited = {k: v for k, v in os.environ.items() if k not in settings}
        return subprocess.Popen(
            [sys.executable, "-c", dedent(code), *arguments],
            cwd=self.folder,
            env=inherited | {k: v for k, v in settings.items() if v is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, code, *arguments, **environment):
        """Run `code` to its end and return what it printed; fail if it fails or hangs."""
        return self.finish(self.start(code, *arguments, **environment))

    @staticmethod
    def finish(process):
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail(f"the process hangs: {process.communicate()}")
        assert process.returncode == 0, err
        return out.strip()

    def entries(self):
        """List the cache's files."""
        return sorted(p for p in self.cache.rglob("*") if p.is_file())


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(tmp_path)


@pytest.fixture(scope="session")
def warm_template(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("warm"))
    assert sandbox.run(CALL) == COMPILED
    assert sandbox.run(CALL) == LOADED
    return sandbox


@pytest.fixture
def warm(tmp_path, warm_template):
    """A sandbox whose kernels are in its cache: the stamp does not depend on the folder's place."""
    return Sandbox(tmp_path, warm_template)


@pytest.fixture
def compiled():
    """Skip when kernels run as plain Python."""
    from scratchml._core.jit import compiler

    if compiler() is None:
        pytest.skip("about compiled kernels")
