"""Two operands of one type, and gradients folded back to the shapes that were broadcast.

Broadcasting repeats x along the axes that it lacks or has of length one, so that several y depend
on the same x: the gradient of x is the sum of theirs over those axes.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from scratchml.tensor.dtypes import KINDS, get_default_dtype, promote_types, result_type
from scratchml.tensor.tape import Taped, constant, mode, no_tensor, record

quiet: Any = np.errstate(all="ignore")
"""Decorator: inf and nan come as they do in PyTorch, without NumPy's warnings."""


def operands(input: Any, other: Any) -> tuple[Any, Any]:
    """Return both values in the type of the result: arrays, or one array and a Python number."""
    if isinstance(input, Taped):
        x = input.array
        if isinstance(other, Taped):
            y = other.array
            if x.dtype is y.dtype:
                return x, y
            both = result_type(input, other)
            return x.astype(both, copy=False), y.astype(both, copy=False)
        return _with_number(x, other)
    y, x = operands(other, input)
    return x, y


def _with_number(x: np.ndarray, number: Any) -> tuple[Any, Any]:
    kind = type(number)
    if kind is not float and kind is not int and kind is not bool:
        if isinstance(number, np.ndarray):
            return operands(constant(x), constant(number))
        if isinstance(number, np.generic):
            number = number.item()
        elif not isinstance(number, float | int):
            raise TypeError(f"expected a Tensor or a number, got {kind.__name__}")
        kind = type(number)
    if x.dtype.kind != "f":
        if isinstance(number, float):
            return x.astype(get_default_dtype()), number
        if x.dtype.kind == "b" and kind is not bool:
            return x.astype(np.int64), number
    return x, number


def floats(x: Any) -> Any:
    """Return an array of integers as one of the default float type; others as they are."""
    if isinstance(x, np.ndarray) and x.dtype.kind != "f":
        return x.astype(get_default_dtype())
    return x


def same_types(tensors: Sequence[Any], name: str) -> list[np.ndarray]:
    """Return the arrays of several tensors in the one type that they promote to."""
    try:
        arrays = [t.array for t in tensors]
    except AttributeError:
        raise no_tensor(name, tensors) from None
    dtype = arrays[0].dtype
    if all(a.dtype is dtype for a in arrays):
        return arrays
    for a in arrays:
        dtype = promote_types(dtype, a.dtype)
    return [a.astype(dtype, copy=False) for a in arrays]


def pairwise(
    compute: Callable[[Any, Any], Any],
    x: Any,
    y: Any,
    input: Any,
    other: Any,
    to_input: Callable[[np.ndarray], Any],
    to_other: Callable[[np.ndarray], Any],
    saved: Sequence[Any] = (),
    name: str = "",
) -> Any:
    """Record ``compute(x, y)``, the elementwise function of two operands.

    Parameters
    ----------
    compute : callable
        Of x and y.
    x, y : ndarray or number
        The values of `input` and `other`: see `operands`.
    input, other : Tensor or number
        The operands.
    to_input, to_other : callable
        From dy, of the broadcast shape, to the gradient of each operand in that shape.
    saved : sequence
        The operands whose values those read.
    name : str
        The name of the step on the tape.
    """
    try:
        out = compute(x, y)
    except ValueError as error:
        raise ValueError(broadcast_message(name, x, y)) from error
    left = isinstance(input, Taped) and input.node is not None
    right = isinstance(other, Taped) and other.node is not None
    if not mode.recording or not (left or right):
        return constant(out)
    a = input.array if left else None
    b = other.array if right else None
    shape_a, dtype_a = (a.shape, a.dtype) if a is not None else ((), None)
    shape_b, dtype_b = (b.shape, b.dtype) if b is not None else ((), None)

    def backward(dy: np.ndarray) -> Any:
        return (
            fold(to_input(dy), shape_a, dtype_a) if left else None,
            fold(to_other(dy), shape_b, dtype_b) if right else None,
        )

    kept = [t for t in saved if isinstance(t, Taped)]
    return record(
        out, (input if left else None, other if right else None), backward, kept, name=name
    )


def fold(dx: Any, shape: tuple, dtype: Any) -> np.ndarray:
    """Sum a gradient over the axes along which its tensor was repeated."""
    if dx.shape != shape:
        lead = dx.ndim - len(shape)
        axes = tuple(range(lead)) + tuple(
            [lead + i for i, n in enumerate(shape) if n == 1 and dx.shape[lead + i] != 1]
        )
        dx = dx.sum(axis=axes).reshape(shape)
    return dx if dx.dtype is dtype else dx.astype(dtype, copy=False)


def broadcast_message(name: str, x: Any, y: Any) -> str:
    """Say why two shapes do not go together."""
    a, b = np.shape(x), np.shape(y)
    return (
        f"{name}: shapes {a} and {b} do not broadcast: counted from the last axis, two lengths "
        "must be equal, or one of them 1"
    )


def axis_of(dim: int, ndim: int, name: str = "dim") -> int:
    """Return a dimension counted from the front; a tensor of no axes is taken to have one."""
    n = max(ndim, 1)
    if not -n <= dim < n:
        raise IndexError(
            f"{name} must be in [{-n}, {n - 1}] for a tensor of {ndim} axes, got {dim}"
        )
    return dim % n


def axes_of(dim: Any, ndim: int) -> tuple[int, ...]:
    """Return dimensions counted from the front: of one number, of several, or all for None."""
    if dim is None or (isinstance(dim, tuple | list) and not dim):
        return tuple(range(ndim))
    axes = tuple([axis_of(d, ndim) for d in (dim if isinstance(dim, tuple | list) else (dim,))])
    if len(set(axes)) != len(axes):
        raise ValueError(f"dim must not name an axis twice, got {dim}")
    return axes if ndim else ()


def array_of(name: str, input: Any) -> np.ndarray:
    """Return the array of a tensor; raise TypeError, with the cure, for what is none."""
    try:
        x: np.ndarray = input.array
    except AttributeError:
        raise no_tensor(name, (input,)) from None
    return x


def need_floats(input: Any, name: str) -> None:
    """Raise unless `input` is a tensor of floats."""
    need_kind(array_of(name, input), "f", name)


def need_kind(x: np.ndarray, kind: str, name: str) -> None:
    """Raise unless the type of `x` is at least of a kind ("f": a float)."""
    if KINDS[x.dtype.kind] < KINDS[kind]:
        raise TypeError(f"{name} needs a tensor of floats, got {x.dtype}: use .float() first")
