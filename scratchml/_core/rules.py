"""Rules for hyper-parameters: what a value must be, in a form that can also say it.

An estimator lists them once, ``_rules = {"alpha": real(0.0), "solver": option("auto", "svd")}``,
and `check_parameters` turns a violation into
``The 'alpha' parameter of Ridge must be a float in the range [0.0, inf). Got -1 instead.``
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from scratchml._core.exceptions import InvalidParameterError


class Rule:
    """A predicate on a value and the words that state it; ``a | b`` accepts what either accepts."""

    def __init__(self, text: str, accepts: Callable[[Any], bool]):
        self.text = text
        self.accepts = accepts

    def __or__(self, other: Rule) -> Rule:
        return Rule(
            f"{self.text} or {other.text}",
            lambda value: self.accepts(value) or other.accepts(value),
        )


def real(low: float = -np.inf, high: float = np.inf, closed: str = "left") -> Rule:
    """Accept a real number (not a bool, not NaN) in the interval `low` to `high`.

    Parameters
    ----------
    low, high : float
        The bounds.
    closed : {"left", "right", "both", "neither"}
        Which of the bounds belong to the interval.
    """
    return Rule(
        f"a float in the range {_interval(low, high, closed)}",
        lambda value: (
            isinstance(value, Real) and not _is_bool(value) and _inside(value, low, high, closed)
        ),
    )


def integer(low: float = -np.inf, high: float = np.inf) -> Rule:
    """Accept an integer (not a bool) from `low` to `high`, both included."""
    closed = "left" if high == np.inf else "both"
    return Rule(
        f"an int in the range {_interval(low, high, closed)}",
        lambda value: (
            isinstance(value, Integral)
            and not _is_bool(value)
            and _inside(value, low, high, closed)
        ),
    )


def option(*values: str) -> Rule:
    """Accept one of a few strings."""
    listed = ", ".join(repr(v) for v in values)
    text = repr(values[0]) if len(values) == 1 else f"a str among {{{listed}}}"
    return Rule(text, lambda value: isinstance(value, str) and value in values)


def boolean() -> Rule:
    """Accept True or False."""
    return Rule("an instance of 'bool'", _is_bool)


def none() -> Rule:
    """Accept None."""
    return Rule("None", lambda value: value is None)


def array_like() -> Rule:
    """Accept a sequence, array, series or frame; its content is checked where it is used."""
    return Rule(
        "an array-like",
        lambda value: (
            (hasattr(value, "__len__") or hasattr(value, "__array__"))
            and not isinstance(value, str | bytes | Mapping)
            and np.ndim(value) > 0
        ),
    )


def mapping() -> Rule:
    """Accept a dict or another mapping."""
    return Rule("an instance of 'dict'", lambda value: isinstance(value, Mapping))


def callable_() -> Rule:
    """Accept a callable."""
    return Rule("a callable", callable)


def random_state() -> Rule:
    """Accept what seeds a generator: None, a non-negative int, a RandomState or a Generator."""
    return (
        integer(0, 2**32 - 1)
        | Rule(
            "an instance of 'numpy.random.RandomState' or 'numpy.random.Generator'",
            lambda value: isinstance(value, np.random.RandomState | np.random.Generator),
        )
        | none()
    )


def check_parameters(rules: Mapping[str, Rule], values: Mapping[str, Any], owner: str) -> None:
    """Raise InvalidParameterError for the first value that breaks its rule.

    Parameters
    ----------
    rules : mapping of str to Rule
        What each parameter must be; parameters without a rule are free.
    values : mapping of str to object
        The parameters.
    owner : str
        The estimator or function that the message names.

    Raises
    ------
    InvalidParameterError
        A ValueError and TypeError that names the parameter, the rule and the value.
    """
    for name, rule in rules.items():
        if not rule.accepts(values[name]):
            raise InvalidParameterError(
                f"The {name!r} parameter of {owner} must be {rule.text}. "
                f"Got {values[name]!r} instead."
            )


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _inside(value: Any, low: float, high: float, closed: str) -> bool:
    above = value >= low if closed in ("left", "both") or low == -np.inf else value > low
    below = value <= high if closed in ("right", "both") else value < high
    return bool(above and below)


def _interval(low: float, high: float, closed: str) -> str:
    left = "[" if closed in ("left", "both") and low != -np.inf else "("
    right = "]" if closed in ("right", "both") else ")"
    return f"{left}{low}, {high}{right}"
