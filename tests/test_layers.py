"""The floors of the house: who may import what, read off the source."""

import ast
from pathlib import Path

import pytest

import scratchml

PACKAGE = Path(scratchml.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
OPTIONAL = {"matplotlib", "tqdm", "pandas", "polars", "scipy", "sklearn", "torch", "dask"}


def imports(path, *, top_level):
    """Yield the dotted names that a file imports, everywhere or at its top level only."""
    tree = ast.parse(path.read_text())
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def names(path):
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", FILES, ids=names)
def test_optional_packages_are_imported_where_used(path):
    used = {name.split(".")[0] for name in imports(path, top_level=True)}
    assert not used & (OPTIONAL | {"numba", "llvmlite"})


@pytest.mark.parametrize("path", FILES, ids=names)
def test_one_door_to_numba(path):
    used = {name.split(".")[0] for name in imports(path, top_level=False)}
    door = path.parent.name == "_core" and path.name.startswith("jit")
    assert door or not used & {"numba", "llvmlite"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "_core").rglob("*.py")), ids=names)
def test_the_ground_stands_on_nothing(path):
    used = {n for n in imports(path, top_level=True) if n.split(".")[0] == "scratchml"}
    assert all(name == "scratchml" or name.startswith("scratchml._core") for name in used)


# Files of floor 2 without a public class: shared by such classes, or a public function's.
SHARED = {"__init__.py", "base.py", "settings.py"}
FUNCTIONS = {
    "bounds.py",
    "curve.py",
    "export.py",
    "graphviz.py",
    "libsvm_load.py",
    "libsvm_save.py",
    "plot.py",
    "text.py",
}
ALGORITHMS = [
    path for path in FILES if path.parent.name in ("calibration", "linear_model", "svm", "tree")
]


@pytest.mark.parametrize("path", ALGORITHMS, ids=names)
def test_algorithms_know_nothing_of_estimators(path):
    """A file without a public class is floor 1: of `_core` it takes compiler, threads, numbers."""
    tree = ast.parse(path.read_text())
    bases = {
        ast.unparse(base)
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    if bases - {"NamedTuple"} or path.name in SHARED | FUNCTIONS:
        return
    ground = {n for n in imports(path, top_level=False) if n.startswith("scratchml._core.")}
    allowed = {"jit", "threads", "random", "elementary", "blas", "finite"}
    assert {name.split(".")[-1] for name in ground} <= allowed


# Networks stand on floors of their own: functions over arrays, tensors, what is made of tensors.
PURE = [
    *sorted((PACKAGE / "nn" / "ops").rglob("*.py")),
    *sorted((PACKAGE / "optim").glob("*_update.py")),
    PACKAGE / "optim" / "pieces.py",
    PACKAGE / "data" / "transforms" / "images.py",
]


@pytest.mark.parametrize("path", PURE, ids=names)
def test_functions_over_arrays_know_nothing_of_tensors(path):
    used = {n for n in imports(path, top_level=False) if n.startswith("scratchml.")}
    allowed = ("scratchml._core.", "scratchml.nn.ops", "scratchml.optim.pieces")
    assert all(name.startswith(allowed) for name in used)


ABOVE = {"tensor": ("nn.modules", "nn.functional", "optim", "data"), "optim": ("nn", "data")}
BELOW = [path for package in ABOVE for path in sorted((PACKAGE / package).rglob("*.py"))]


@pytest.mark.parametrize("path", BELOW, ids=names)
def test_tensors_and_optimizers_stand_below_networks(path):
    above = tuple(f"scratchml.{name}" for name in ABOVE[path.relative_to(PACKAGE).parts[0]])
    assert not [name for name in imports(path, top_level=True) if name.startswith(above)]


@pytest.mark.parametrize("path", FILES, ids=names)
def test_no_assert_on_user_input(path):
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(path.read_text())))
