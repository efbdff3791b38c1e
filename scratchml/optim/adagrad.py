"""Adagrad; the equations are in `scratchml.optim.adagrad_update`."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np

from scratchml._core.rules import boolean, real
from scratchml.optim.adagrad_update import ADAGRAD_UPDATE
from scratchml.optim.optimizer import Optimizer, Step
from scratchml.optim.pieces import coefficients
from scratchml.tensor.tape import constant


class Adagrad(Optimizer):
    """Gradients divided by the root of the sum of all their squares so far.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The tensors to optimize, or groups of them with settings of their own.
    lr : float
        Learning rate.
    lr_decay : float
        The rate of step t is ``lr / (1 + (t - 1) * lr_decay)``.
    weight_decay : float
        Times the parameter, is added to the gradient: an L2 penalty.
    initial_accumulator_value : float
        Where the sum of squares begins.
    eps : float
        Added to the root that is divided by.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Notes
    -----
    See `scratchml.optim.adagrad_update` for the equations. Duchi, Hazan & Singer, "Adaptive
    subgradient methods for online learning and stochastic optimization", 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import Adagrad
    >>> p = Parameter(np.array([1.0, 100.0]))
    >>> optimizer = Adagrad([p], lr=0.1)
    >>> p.grad = Parameter(2 * p.array, requires_grad=False)  # of p * p
    >>> _ = optimizer.step()
    >>> p.array.round(6)
    array([ 0.9, 99.9])
    """

    _rules: ClassVar = {
        "lr": real(0.0),
        "lr_decay": real(0.0),
        "weight_decay": real(0.0),
        "initial_accumulator_value": real(0.0),
        "eps": real(0.0),
        "maximize": boolean(),
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _steps(self, group: dict[str, Any], params: list[Any]) -> Iterator[Step]:
        sign = -1.0 if group["maximize"] else 1.0
        known: tuple[Any, int] | None = None  # what `form` and `c` are for
        for p in params:
            dtype, state = p.array.dtype, self.state[p]
            step = state["step"] = state.get("step", 0) + 1
            if "sum" not in state:
                begin = group["initial_accumulator_value"]
                state["sum"] = constant(np.full(p.array.shape, begin, dtype))
            if known != (dtype, step):
                known = dtype, step
                lr = group["lr"] / (1 + (step - 1) * group["lr_decay"])
                values = (sign, group["weight_decay"], lr, group["eps"])
                form, c = ADAGRAD_UPDATE.form(dtype), coefficients(values, dtype)
            yield p, (state["sum"],), form, c
