"""Functions of each value, one a row: y = f(x), and dy/dx from x or from y, whichever is shorter.

Rows whose slope is a constant 0 are the functions that round.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scratchml.tensor.operands import array_of, floats, quiet
from scratchml.tensor.tape import constant, record


class _Row(NamedTuple):
    formula: str
    value: Callable[[Any], Any]
    reads: str  # "x", "y" or "": what the slope is a function of
    slope: Callable[[Any], Any]
    at: float = 0.5  # where the example of the docstring is


_ROWS = {
    "exp": _Row("e^x", np.exp, "y", lambda y: y),
    "exp2": _Row("2^x", np.exp2, "y", lambda y: y * np.log(2.0).item()),
    "expm1": _Row("e^x - 1, exact near 0", np.expm1, "y", lambda y: y + 1),
    "log": _Row("log x", np.log, "x", lambda x: 1 / x),
    "log2": _Row("log x to the base of 2", np.log2, "x", lambda x: 1 / (x * np.log(2.0).item())),
    "log10": _Row(
        "log x to the base of 10", np.log10, "x", lambda x: 1 / (x * np.log(10.0).item())
    ),
    "log1p": _Row("log(1 + x), exact near 0", np.log1p, "x", lambda x: 1 / (1 + x)),
    "sqrt": _Row("the root of x", np.sqrt, "y", lambda y: 0.5 / y),
    "rsqrt": _Row("1 / the root of x", lambda x: 1 / np.sqrt(x), "y", lambda y: -0.5 * y**3),
    "reciprocal": _Row("1 / x", lambda x: 1 / x, "y", lambda y: -y * y),
    "square": _Row("x^2", lambda x: x * x, "x", lambda x: 2 * x),
    "abs": _Row("|x|, whose slope at 0 is 0", np.abs, "x", np.sign, -0.5),
    "neg": _Row("-x", np.negative, "", lambda _: -1),
    "sin": _Row("sin x", np.sin, "x", np.cos),
    "cos": _Row("cos x", np.cos, "x", lambda x: -np.sin(x)),
    "tan": _Row("tan x", np.tan, "y", lambda y: 1 + y * y),
    "asin": _Row("arcsin x", np.arcsin, "x", lambda x: 1 / np.sqrt(1 - x * x)),
    "acos": _Row("arccos x", np.arccos, "x", lambda x: -1 / np.sqrt(1 - x * x)),
    "atan": _Row("arctan x", np.arctan, "x", lambda x: 1 / (1 + x * x)),
    "sinh": _Row("sinh x", np.sinh, "x", np.cosh),
    "cosh": _Row("cosh x", np.cosh, "x", np.sinh),
    "asinh": _Row("arsinh x", np.arcsinh, "x", lambda x: 1 / np.sqrt(x * x + 1)),
    "acosh": _Row("arcosh x", np.arccosh, "x", lambda x: 1 / np.sqrt(x * x - 1), 1.5),
    "atanh": _Row("artanh x", np.arctanh, "x", lambda x: 1 / (1 - x * x)),
    "floor": _Row("x rounded down", np.floor, "", lambda _: 0),
    "ceil": _Row("x rounded up", np.ceil, "", lambda _: 0),
    "round": _Row(
        "x rounded to the nearest integer, halves to even ones", np.rint, "", lambda _: 0
    ),
    "trunc": _Row("x rounded towards 0", np.trunc, "", lambda _: 0),
    "frac": _Row("what truncating x leaves", lambda x: x - np.trunc(x), "", lambda _: 1),
    "sign": _Row("the sign of x: -1, 0 or 1", lambda x: _sign(x), "", lambda _: 0),
}


def _sign(x: Any) -> Any:
    return x.copy() if x.dtype.kind == "b" else np.sign(x)


_INTEGERS_STAY = {"abs", "neg", "square", "floor", "ceil", "round", "trunc", "sign"}

_DOC = """Return {formula}.

    Parameters
    ----------
    input : Tensor
        Of any shape{integers}.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> print(f"{{torch.{name}(torch.tensor({at})).item():.4f}}")
    {result}
    """


def _function(name: str) -> Any:
    """Return the function of tensors that a row stands for."""
    row = _ROWS[name]
    value, slope, reads = quiet(row.value), quiet(row.slope), row.reads
    stays = name in _INTEGERS_STAY

    def function(input: Any) -> Any:
        x = array_of(name, input) if stays else floats(array_of(name, input))
        if x.dtype.kind == "b" and name == "square":
            x = x.astype(np.int64)
        y = value(x)
        if input.node is None:
            return constant(y)
        if reads == "x":
            return record(y, (input,), lambda dy: dy * slope(x), (input,), name=name)
        if reads == "y":
            return record(y, (input,), lambda dy: dy * slope(y), saves_output=True, name=name)
        return record(y, (input,), lambda dy: dy * slope(None), name=name)

    result = f"{row.value(np.float32(row.at)):.4f}"
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _DOC.format(
        name=name,
        formula=row.formula,
        at=row.at,
        result=result,
        integers="" if stays else "; integers become floats",
    )
    return function


exp = _function("exp")
exp2 = _function("exp2")
expm1 = _function("expm1")
log = _function("log")
log2 = _function("log2")
log10 = _function("log10")
log1p = _function("log1p")
sqrt = _function("sqrt")
rsqrt = _function("rsqrt")
reciprocal = _function("reciprocal")
square = _function("square")
abs = _function("abs")
neg = _function("neg")
sin = _function("sin")
cos = _function("cos")
tan = _function("tan")
asin = _function("asin")
acos = _function("acos")
atan = _function("atan")
sinh = _function("sinh")
cosh = _function("cosh")
asinh = _function("asinh")
acosh = _function("acosh")
atanh = _function("atanh")
floor = _function("floor")
ceil = _function("ceil")
trunc = _function("trunc")
frac = _function("frac")
sign = _function("sign")
_round = _function("round")
_round.__doc__ = None


def round(input: Any, decimals: int = 0) -> Any:
    """Return the values rounded to the nearest, halves to even ones.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    decimals : int
        How many digits stay after the point.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.round(torch.tensor([0.5, 1.5, 2.25]))
    tensor([0., 2., 2.])
    """
    if not decimals:
        return _round(input)
    return record(np.round(input.array, decimals), (input,), np.zeros_like, name="round")
