"""SGD: stochastic gradient descent; the equations are in `scratchml.optim.sgd_update`."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np

from scratchml._core.rules import boolean, real
from scratchml.optim.optimizer import Optimizer, Step
from scratchml.optim.pieces import coefficients
from scratchml.optim.sgd_update import MOMENTUM_UPDATE, NESTEROV_UPDATE, SGD_UPDATE
from scratchml.tensor.tape import constant


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The tensors to optimize, or groups of them with settings of their own.
    lr : float
        Learning rate.
    momentum : float
        What part of the last move is repeated; 0 for none.
    dampening : float
        One minus the weight of a new gradient in the momentum.
    weight_decay : float
        Times the parameter, is added to the gradient: an L2 penalty.
    nesterov : bool
        Look ahead along the momentum; needs `momentum` and no `dampening`.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Notes
    -----
    See `scratchml.optim.sgd_update` for the equations. Polyak, "Some methods of speeding up the
    convergence of iteration methods", 1964; Sutskever, Martens, Dahl & Hinton, "On the importance
    of initialization and momentum in deep learning", 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.tensor import Tensor
    >>> p = Parameter(np.array([1.0, 2.0]))
    >>> optimizer = SGD([p], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     p.grad = Parameter(2 * p.array, requires_grad=False)  # of p * p
    ...     _ = optimizer.step()
    >>> p.array
    array([0.46, 0.92])
    """

    _rules: ClassVar = {
        "lr": real(0.0),
        "momentum": real(0.0),
        "dampening": real(closed="neither"),
        "weight_decay": real(0.0),
        "nesterov": boolean(),
        "maximize": boolean(),
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check_group(self, group: dict[str, Any]) -> None:
        super()._check_group(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                "nesterov needs a momentum above 0 and a dampening of 0, got momentum "
                f"{group['momentum']} and dampening {group['dampening']}"
            )

    def _steps(self, group: dict[str, Any], params: list[Any]) -> Iterator[Step]:
        mu, nu = group["momentum"], 1 - group["dampening"]
        sign = -1.0 if group["maximize"] else 1.0
        update = SGD_UPDATE
        if mu:
            update = NESTEROV_UPDATE if group["nesterov"] else MOMENTUM_UPDATE
        known: tuple[Any, bool] | None = None  # what `form` and `c` are for
        for p in params:
            dtype, first = p.array.dtype, False
            states: tuple[Any, ...] = ()
            if mu:
                state = self.state[p]
                buffer = state.get("momentum_buffer")
                if buffer is None:
                    buffer = state["momentum_buffer"] = constant(np.zeros(p.array.shape, dtype))
                    first = True
                states = (buffer,)
            if known != (dtype, first):
                known = dtype, first
                values = (sign, group["weight_decay"], group["lr"], mu, 1.0 if first else nu)
                form, c = update.form(dtype), coefficients(values, dtype)
            yield p, states, form, c
