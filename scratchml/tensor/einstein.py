"""Einstein's sums: products of tensors whose axes have letters, summed over the letters left out.

    y_o = sum over all letters not in o of a_i b_j ...       dL/da_i = sum of dy_o b_j ...

The gradient of an operand is an einsum again, with the operand and the result exchanged. Letters
that only the operand has were summed over: the gradient is repeated along them. A letter that an
operand has twice names its diagonal.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import same_types
from scratchml.tensor.tape import record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum(equation: str, *operands: Any) -> "Tensor":
    """Return the sum of products that letters describe.

    Parameters
    ----------
    equation : str
        For each operand a letter for each axis, then "->" and those of the result; without an
        arrow all that appear once, in their alphabetical order. "..." stands for any axes.
    *operands : Tensor
        The factors.

    Returns
    -------
    Tensor
        With the axes named.

    Raises
    ------
    ValueError
        If letters and axes do not fit.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.einsum("ij,jk->ik", torch.eye(2), torch.ones(2, 1))
    tensor([[1.],
            [1.]])
    """
    tensors = list(operands[0]) if isinstance(operands[0], tuple | list) else list(operands)
    arrays = same_types(tensors, "einsum")
    inputs, output = _spelled(equation, [a.ndim for a in arrays])
    try:
        y = np.einsum(f"{','.join(inputs)}->{output}", *arrays, optimize=len(arrays) > 2)
    except ValueError as error:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise ValueError(f"einsum: '{equation}' does not fit shapes {shapes}: {error}") from error
    wanted = [t.node is not None for t in tensors]
    kinds = [t.array.dtype for t in tensors]

    def einsum_backward(dy: np.ndarray) -> Any:
        return tuple(
            _share(i, dy, arrays, inputs, output).astype(kinds[i], copy=False)
            if wanted[i]
            else None
            for i in range(len(arrays))
        )

    return record(np.array(y), tensors, einsum_backward, tensors)


def _spelled(equation: str, ndims: list[int]) -> tuple[list[str], str]:
    """Return an equation with letters for "..." and with the letters of the result."""
    left, arrow, output = equation.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise ValueError(f"einsum: '{equation}' names {len(inputs)} operands, got {len(ndims)}")
    free = [c for c in LETTERS if c not in equation]
    extra = [n - len(term.replace("...", "")) for term, n in zip(inputs, ndims, strict=True)]
    longest = max([n for term, n in zip(inputs, extra, strict=True) if "..." in term], default=0)
    for term, n, ndim in zip(inputs, extra, ndims, strict=True):
        if n < 0 or (n and "..." not in term):
            raise ValueError(f"einsum: '{term}' does not name the {ndim} axes of its operand")
    dots = "".join(free[:longest])
    inputs = [t.replace("...", dots[longest - n :]) for t, n in zip(inputs, extra, strict=True)]
    if not arrow:
        every = "".join(inputs)
        output = dots + "".join(sorted(c for c in set(every) - set(dots) if every.count(c) == 1))
    return inputs, output.replace("...", dots)


def _share(i: int, dy: np.ndarray, arrays: list, inputs: list[str], output: str) -> np.ndarray:
    """Return the gradient of the i-th operand."""
    x, term = arrays[i], inputs[i]
    letters = "".join(dict.fromkeys(term))
    lengths = dict(zip(term, x.shape, strict=True))
    others = [k for k in range(len(arrays)) if k != i]
    known = set(output).union(*(inputs[k] for k in others)) if others else set(output)
    kept = "".join(c for c in letters if c in known)
    left = ",".join([output, *(inputs[k] for k in others)])
    part = np.einsum(f"{left}->{kept}", dy, *(arrays[k] for k in others), optimize=len(others) > 1)
    # A letter of length one here may be longer elsewhere ("..." is broadcast): its sum is taken.
    for axis, c in enumerate(kept):
        if part.shape[axis] != lengths[c]:
            part = part.sum(axis=axis, keepdims=True)
    index = tuple([slice(None) if c in known else None for c in letters])
    whole = np.broadcast_to(part[index], [lengths[c] for c in letters])
    if len(letters) == len(term):
        return whole.copy()
    dx = np.zeros(x.shape, x.dtype)
    diagonal = np.einsum(f"{term}->{letters}", dx)  # a view that can be written to
    diagonal[...] = whole
    return dx
