"""The public surface: lazy packages that say the same twice, and docstrings that match their code.

Each package is walked, so that what is added later is covered without being named here.
"""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys

import pytest

import scratchml

PACKAGES = ["scratchml"] + [
    module.name
    for module in pkgutil.walk_packages(scratchml.__path__, "scratchml.")
    if module.ispkg and "._" not in module.name
]


def attach_call(package):
    """Return the source's exports, subpackages and the imports that type checkers see."""
    module = importlib.import_module(package)
    tree = ast.parse(inspect.getsource(module))
    exports, subpackages, seen = {}, (), {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            _, *arguments = node.value.args
            exports = ast.literal_eval(arguments[0])
            subpackages = ast.literal_eval(arguments[1]) if len(arguments) > 1 else ()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            for statement in node.body:
                for alias in statement.names:
                    assert alias.asname == alias.name, "type checkers take `x as x` for an export"
                    seen[alias.name] = statement.module.removeprefix(f"{package}.")
    return exports, subpackages, seen


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_see_what_attach_exports(package):
    exports, _, seen = attach_call(package)
    assert seen == exports


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_resolves_and_all_is_sorted(package):
    exports, subpackages, _ = attach_call(package)
    module = importlib.import_module(package)
    assert module.__all__ == sorted([*exports, *subpackages])
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None
    for name, where in exports.items():
        if callable(getattr(module, name)):
            assert f"{getattr(module, name).__module__}.".startswith(f"{package}.{where}.")
    with pytest.raises(AttributeError, match=f"'{package}' has no attribute 'no_such_name'"):
        _ = module.no_such_name


def test_every_package_is_offered_above_it():
    for package in PACKAGES[1:]:
        parent, _, name = package.rpartition(".")
        assert name in importlib.import_module(parent).__all__


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_loads_no_numpy(package):
    code = (
        f"import sys, {package} as p; p.__all__, dir(p);"
        "print(*(m in sys.modules for m in ('numpy', 'numba', 'scipy', 'sklearn', 'typing')))"
    )
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False"] * 5


def public_objects():
    for package in PACKAGES:
        for name in attach_call(package)[0]:
            if callable(getattr(importlib.import_module(package), name)):  # a constant needs none
                yield pytest.param(package, name, id=f"{package}.{name}")


def documented_parameters(doc):
    """Return the names in a numpydoc Parameters section, in their order."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n---|\Z)", doc, re.M | re.S)
    names = re.findall(r"^([*\w][\w*, ]*?) : ", section[1], re.M) if section else []
    return [name.strip().lstrip("*") for group in names for name in group.split(",")]


def check_docstring(function, doc, name):
    parameters = [p for p in inspect.signature(function).parameters if p != "self"]
    assert doc, f"{name} has no docstring"
    assert documented_parameters(doc) == parameters, f"Parameters of {name}"


@pytest.mark.parametrize(("package", "name"), list(public_objects()))
def test_docstrings_match_signatures_and_have_examples(package, name):
    thing = getattr(importlib.import_module(package), name)
    doc = inspect.getdoc(thing) or ""
    check_docstring(thing, doc, name)
    assert "\nExamples\n--------\n" in doc
    assert doctest.DocTestParser().get_examples(doc), "the examples run with the other doctests"
    if inspect.isclass(thing):
        for method, function in vars(thing).items():
            if inspect.isfunction(function) and not method.startswith("_"):
                check_docstring(function, inspect.getdoc(function), f"{name}.{method}")
    else:
        returns_nothing = inspect.signature(thing).return_annotation in (None, "None")
        assert returns_nothing or "\nReturns\n-------\n" in doc


def test_the_docstring_check_sees_a_difference():
    def wrong(a, b):
        """Do.

        Parameters
        ----------
        a, c : int
            Numbers.
        """

    with pytest.raises(AssertionError, match="Parameters of wrong"):
        check_docstring(wrong, inspect.getdoc(wrong), "wrong")
