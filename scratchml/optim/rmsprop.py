"""RMSprop; the equations are in `scratchml.optim.rmsprop_update`."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np

from scratchml._core.rules import boolean, real
from scratchml.optim.optimizer import Optimizer, Step
from scratchml.optim.pieces import coefficients
from scratchml.optim.rmsprop_update import RMSPROP_UPDATES
from scratchml.tensor.tape import constant


class RMSprop(Optimizer):
    """Gradients divided by the root of the running mean of their squares.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The tensors to optimize, or groups of them with settings of their own.
    lr : float
        Learning rate.
    alpha : float
        What part of the running mean is kept at a step.
    eps : float
        Added to the root that is divided by.
    weight_decay : float
        Times the parameter, is added to the gradient: an L2 penalty.
    momentum : float
        What part of the last move is repeated; 0 for none.
    centered : bool
        Divide by the root of the running variance instead.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Notes
    -----
    See `scratchml.optim.rmsprop_update` for the equations. Tieleman & Hinton, lecture 6.5 of
    "Neural networks for machine learning", 2012; Graves, "Generating sequences with recurrent
    neural networks", 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import RMSprop
    >>> p = Parameter(np.array([1.0, 100.0]))
    >>> optimizer = RMSprop([p], lr=0.1, alpha=0.75)
    >>> p.grad = Parameter(2 * p.array, requires_grad=False)  # of p * p
    >>> _ = optimizer.step()
    >>> p.array.round(6)
    array([ 0.8, 99.8])
    """

    _rules: ClassVar = {
        "lr": real(0.0),
        "alpha": real(0.0, 1.0, closed="both"),
        "eps": real(0.0),
        "weight_decay": real(0.0),
        "momentum": real(0.0),
        "centered": boolean(),
        "maximize": boolean(),
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _steps(self, group: dict[str, Any], params: list[Any]) -> Iterator[Step]:
        sign = -1.0 if group["maximize"] else 1.0
        alpha, mu = group["alpha"], group["momentum"]
        values = (sign, group["weight_decay"], alpha, 1 - alpha, group["eps"], group["lr"], mu)
        update = RMSPROP_UPDATES[bool(group["centered"]), mu > 0]
        names = ["square_avg"]
        names += ["grad_avg"] if group["centered"] else []
        names += ["momentum_buffer"] if mu > 0 else []
        known: tuple[Any, ...] = ()  # what `form` and `c` are for
        for p in params:
            dtype, state = p.array.dtype, self.state[p]
            state["step"] = state.get("step", 0) + 1
            for name in names:
                if name not in state:
                    state[name] = constant(np.zeros(p.array.shape, dtype))
            if known != (dtype,):
                known, form, c = (dtype,), update.form(dtype), coefficients(values, dtype)
            yield p, [state[name] for name in names], form, c
