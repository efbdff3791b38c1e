"""x[index] and x[index] = value.

Whole numbers, slices, None and ... give views. Masks and tensors of whole numbers pick values, as
a copy; they act on what the others have left, which is PyTorch's order and not always NumPy's. A
value picked more than once has the sum of the gradients.
"""

from operator import getitem as _getitem
from typing import Any

import numpy as np

from scratchml.tensor.operands import fold
from scratchml.tensor.tape import Taped, record
from scratchml.tensor.views import before, overwrite, tracked, viewed


def getitem(input: Any, index: Any) -> Any:
    """Return the values at an index."""
    x = input.array
    basic, picks = split_index(index, x.ndim, x.shape)
    try:
        y = x[basic]
        if picks is not None:
            y = y[picks]
    except IndexError as error:
        raise IndexError(
            f"index {index} does not fit a tensor of shape {x.shape}: {error}"
        ) from error
    shape, dtype = x.shape, x.dtype
    if picks is None:

        def getitem_backward(dy: np.ndarray) -> np.ndarray:
            dx = np.zeros(shape, dtype)
            dx[basic] = dy
            return dx

        return viewed(input, y, _getitem, (basic,), getitem_backward, "getitem")

    def pick_backward(dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(shape, dtype)
        add_at(dx[basic], picks, dy)
        return dx

    return record(y, (input,), pick_backward)


def setitem(input: Any, index: Any, value: Any) -> None:
    """Change the values at an index."""
    x = input.array
    basic, picks = split_index(index, x.ndim, x.shape)
    new = value.array if isinstance(value, Taped) else value
    part = x[basic]
    try:
        if not tracked(input) and not (isinstance(value, Taped) and value.node is not None):
            part[... if picks is None else picks] = new
            input.version[0] += 1
            return
        changed = x.copy()
        changed[basic][... if picks is None else picks] = new
    except ValueError as error:
        target = part.shape if picks is None else part[picks].shape
        raise ValueError(
            f"values of shape {np.shape(new)} do not broadcast to {target}, the shape of what "
            f"index {index} names in a tensor of shape {x.shape}"
        ) from error
    source = value if isinstance(value, Taped) else None
    at = ... if picks is None else picks

    def setitem_backward(dy: np.ndarray) -> Any:
        rest = dy.copy()
        rest[basic][at] = 0
        if source is None or source.node is None:
            return rest, None
        return rest, _to_value(dy[basic][at], shape, dtype)

    shape, dtype = np.shape(new), getattr(new, "dtype", None)
    overwrite(input, record(changed, (before(input), source), setitem_backward))


def _to_value(dy: np.ndarray, shape: tuple, dtype: Any) -> np.ndarray:
    """Return the gradient of a value that was broadcast, or had axes of length one too many."""
    extra = len(shape) - dy.ndim
    return fold(dy, shape[extra:] if extra > 0 else shape, dtype).reshape(shape).copy()


def split_index(index: Any, ndim: int, shape: tuple) -> tuple[tuple, tuple | None]:
    """Return an index as one of numbers and slices, and one of arrays for what that leaves."""
    if type(index) is int or type(index) is slice:
        return (index, ...), None
    items = list(index) if isinstance(index, tuple) else [index]
    items = [_plain(item) for item in items]
    arrays = [isinstance(item, np.ndarray) for item in items]
    if True not in arrays:
        return tuple(items) if any(i is Ellipsis for i in items) else (*items, ...), None
    used = sum(_consumes(item) for item in items)
    if not any(item is Ellipsis for item in items):
        items.append(Ellipsis)
    basic: list[Any] = []
    picks: list[Any] = []
    for item in items:
        if item is Ellipsis:
            basic += [slice(None)] * (ndim - used)
            picks += [slice(None)] * (ndim - used)
        elif isinstance(item, np.ndarray):
            basic += [slice(None)] * _consumes(item)
            picks.append(item)
        else:
            basic.append(item)
            if not isinstance(item, int):
                picks.append(slice(None))
    return (*basic, ...), tuple(picks)


def _plain(item: Any) -> Any:
    """Return one part of an index as a number, a slice, None, ... or an array."""
    if item is None or item is Ellipsis or isinstance(item, int | slice):
        if isinstance(item, slice):
            return slice(*[_whole(bound) for bound in (item.start, item.stop, item.step)])
        return np.asarray(item) if isinstance(item, bool) else item
    array = item.array if isinstance(item, Taped) else np.asarray(item)
    if array.size == 0 and not isinstance(item, Taped | np.ndarray):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub":
        raise IndexError(f"an index must hold whole numbers or bools, got {array.dtype}")
    if array.ndim == 0 and array.dtype.kind != "b":
        return int(array)
    return array


def _whole(bound: Any) -> Any:
    return int(bound.item()) if isinstance(bound, Taped) else bound  # type: ignore[attr-defined]


def _consumes(item: Any) -> int:
    """Return how many axes a part of an index speaks of."""
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype.kind == "b" else 1


def add_at(out: np.ndarray, picks: tuple, dy: np.ndarray) -> None:
    """Add to the values at an index of arrays, as often as each is named."""
    if all(isinstance(i, slice) or i.dtype.kind == "b" for i in picks) and (
        sum(not isinstance(i, slice) for i in picks) == 1
    ):
        out[picks] = dy  # a mask names each value once
    else:
        np.add.at(out, picks, dy)
