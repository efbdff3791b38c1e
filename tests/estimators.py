"""Walk over every public estimator, so that tests of the protocol cover new ones unnamed."""

import inspect
from importlib import import_module

import scratchml
from scratchml._core.estimator import Estimator

# What a constructor needs where it has parameters without a default, or a slow one.
REQUIRED = {
    "CalibratedClassifierCV": lambda: {"estimator": scratchml.linear_model.LogisticRegression()},
    "Pipeline": lambda: {
        "steps": [
            ("scale", scratchml.preprocessing.StandardScaler()),
            ("model", scratchml.linear_model.Ridge()),
        ]
    },
}


def public_packages():
    """Yield each public subpackage or module of scratchml."""
    for name in scratchml.__all__:
        value = getattr(scratchml, name)
        if inspect.ismodule(value):
            yield value


def estimator_classes():
    """Return the public estimator classes that take samples or labels, sorted by name."""
    found = set()
    for package in public_packages():
        for name in package.__all__:
            value = getattr(package, name)
            if inspect.isclass(value) and issubclass(value, Estimator) and _takes_data(value):
                found.add(value)
    return sorted(found, key=lambda cls: cls.__name__)


def _takes_data(cls):
    """False for calibrators, which take the output of classifiers: see tests/calibration."""
    return list(inspect.signature(cls.fit).parameters)[1] != "decision_values"


def make(cls):
    """Return an instance of `cls` with default parameters, except that its draws repeat."""
    arguments = REQUIRED.get(cls.__name__, dict)()
    small_and_repeatable = {"random_state": 0, "n_estimators": 10}
    for name, value in small_and_repeatable.items():
        if name in inspect.signature(cls).parameters:
            arguments[name] = value
    return cls(**arguments)


def instances():
    """Return an instance of every public estimator."""
    return [make(cls) for cls in estimator_classes()]


def kind(estimator):
    """Return "classifier", "regressor", "transformer", "outlier" or "label" (takes y alone)."""
    parameters = list(inspect.signature(estimator.fit).parameters)
    if parameters[0] == "y":
        return "label"
    if hasattr(estimator, "transform") and not hasattr(estimator, "predict"):
        return "transformer"
    if getattr(estimator, "_estimator_type", "") == "outlier_detector":
        return "outlier"
    return (
        "classifier" if hasattr(estimator, "classes_") or _is_classifier(estimator) else "regressor"
    )


def _is_classifier(estimator):
    return getattr(estimator, "_estimator_type", "") == "classifier"


def load_class(module, name):
    """Return ``module.name``, imported."""
    return getattr(import_module(module), name)
