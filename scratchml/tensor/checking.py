"""Whether gradients are the derivatives: central differences, one number at a time.

    dy_j / dx_i  =  (y_j(x + h e_i) - y_j(x - h e_i)) / 2h  +  O(h^2)

in float64 with h = 1e-6, where the error of the formula and that of rounding are about 1e-10. The
whole matrix of derivatives is compared: each output is differentiated on its own.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchml.tensor.modes import no_grad
from scratchml.tensor.tape import LEAF, Taped, constant


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compare the gradients of a function with central differences.

    Parameters
    ----------
    func : callable
        Takes the inputs, gives a tensor or several.
    inputs : Tensor or sequence of Tensor
        Those that require grad, float64, are checked; their ``grad`` stays as it is.
    eps : float
        How far each value is moved.
    atol, rtol : float
        How far apart the derivatives may be.
    raise_exception : bool
        Whether a difference is an error.

    Returns
    -------
    bool
        Whether all are close.

    Raises
    ------
    ValueError
        If no input is float64 and requires grad.
    RuntimeError
        If a derivative is wrong, naming the first that is.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(torch.sin, x)
    True
    """
    xs = [inputs] if isinstance(inputs, Taped) else list(inputs)
    checked = [i for i, x in enumerate(xs) if isinstance(x, Taped) and x.node is LEAF]
    if not checked or any(xs[i].array.dtype != np.float64 for i in checked):
        raise ValueError("gradcheck needs inputs of float64 that require grad")
    problem = _first_difference(func, xs, checked, eps, atol, rtol)
    if problem and raise_exception:
        raise RuntimeError(problem)
    return not problem


def _first_difference(
    func: Any, xs: list, checked: list[int], eps: float, atol: float, rtol: float
) -> str:
    from scratchml.tensor.autograd import grad

    outputs = _outputs(func(*xs))
    for i in checked:
        expected = _differences(func, xs, xs[i].array, eps)
        for j, y in enumerate(outputs):
            if y.array.dtype.kind != "f":
                continue
            for k in np.ndindex(y.array.shape):
                computed = np.zeros(xs[i].array.shape)
                if y.node is not None:
                    one = np.zeros_like(y.array)
                    one[k] = 1
                    found = grad(y, xs[i], constant(one), retain_graph=True, allow_unused=True)[0]
                    computed = computed if found is None else found.array
                central = expected[j][(..., *k)]
                if not np.allclose(computed, central, rtol, atol):
                    return (
                        f"the derivative of output {j}{list(k)} with respect to input {i} is "
                        f"\n{computed}\nand by central differences\n{central}"
                    )
    return ""


def _outputs(y: Any) -> list:
    return [y] if isinstance(y, Taped) else list(y)


def _differences(func: Any, xs: list, x: np.ndarray, eps: float) -> list[np.ndarray]:
    """Return for each output its derivatives, of shape x.shape + y.shape."""
    rows = []
    for i in np.ndindex(x.shape):
        at = x[i]
        x[i] = at + eps
        above = _values(func, xs)
        x[i] = at - eps
        below = _values(func, xs)
        x[i] = at
        rows.append([(a - b) / (2 * eps) for a, b in zip(above, below, strict=True)])
    if not rows:
        return [np.zeros(x.shape + y.shape) for y in _values(func, xs)]
    return [
        np.array(column).reshape((*x.shape, *column[0].shape)) for column in zip(*rows, strict=True)
    ]


@no_grad()
def _values(func: Any, xs: list) -> list[np.ndarray]:
    return [y.array.astype(np.float64) for y in _outputs(func(*xs))]
