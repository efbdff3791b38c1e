"""Parameter rules: what they accept, and the words in which they refuse."""

from fractions import Fraction

import numpy as np
import pytest

from scratchml._core.exceptions import InvalidParameterError
from scratchml._core.rules import (
    array_like,
    boolean,
    callable_,
    check_parameters,
    integer,
    mapping,
    none,
    option,
    random_state,
    real,
)

NAN, INF = float("nan"), float("inf")

CASES = {
    "real": (real(), [0, -1.5, np.float32(2), Fraction(1, 3)], [True, "1", None, NAN, INF, [1.0]]),
    "left": (real(0.0), [0, 1e300], [-1e-300, INF, NAN]),
    "both": (real(0.0, 1.0, "both"), [0, 1, 0.5], [-0.1, 1.1]),
    "neither": (real(0.0, 1.0, "neither"), [0.5], [0, 1]),
    "right": (real(0.0, INF, "right"), [1, INF], [0, -1]),
    "integer": (integer(1), [1, np.int64(7), 10**30], [0, 1.0, True, "1", None]),
    "range": (integer(1, 3), [1, 3], [0, 4]),
    "option": (option("a", "b"), ["a", "b"], ["c", "", 1, None, ["a"]]),
    "boolean": (boolean(), [True, np.False_], [0, 1, "True", None]),
    "none": (none(), [None], [0, False, ""]),
    "array": (array_like(), [[1], (1, 2), np.ones(2)], ["ab", 1.0, np.float64(1), {1: 2}, None]),
    "mapping": (mapping(), [{}, {1: 2}], [[], "a", None]),
    "callable": (callable_(), [len, lambda: 0], ["len", None]),
    "random": (
        random_state(),
        [None, 0, 2**32 - 1, np.random.RandomState(0), np.random.default_rng(0)],
        [-1, 2**32, 0.5, "0", True],
    ),
    "either": (real(0.0) | option("auto"), [1.5, "auto"], [-1, "automatic"]),
}


@pytest.mark.parametrize("name", CASES)
def test_rule(name):
    rule, good, bad = CASES[name]
    for value in good:
        check_parameters({"p": rule}, {"p": value}, "Model")
    for value in bad:
        with pytest.raises(InvalidParameterError) as caught:
            check_parameters({"p": rule}, {"p": value}, "Model")
        assert (
            str(caught.value)
            == f"The 'p' parameter of Model must be {rule.text}. Got {value!r} instead."
        )
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (real(0.0), "a float in the range [0.0, inf)"),
        (real(0.0, INF, "both"), "a float in the range [0.0, inf]"),
        (real(0.0, 1.0, "neither"), "a float in the range (0.0, 1.0)"),
        (integer(1), "an int in the range [1, inf)"),
        (integer(1, 9), "an int in the range [1, 9]"),
        (option("a", "b") | none(), "a str among {'a', 'b'} or None"),
        (option("balanced"), "'balanced'"),
    ],
)
def test_words(rule, text):
    assert rule.text == text
