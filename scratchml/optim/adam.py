"""Adam and AdamW; the equations are in `scratchml.optim.adam_update`."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np

from scratchml._core.rules import Rule, boolean, real
from scratchml.optim.adam_update import ADAM_UPDATE, AMSGRAD_UPDATE, adam_coefficients
from scratchml.optim.optimizer import Optimizer, Step
from scratchml.optim.pieces import coefficients
from scratchml.tensor.tape import constant

_below_one = real(0.0, 1.0)
_betas = Rule(
    "a pair of floats in the range [0.0, 1.0)",
    lambda value: (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(_below_one.accepts(beta) for beta in value)
    ),
)


class Adam(Optimizer):
    """Steps of a size of about `lr` for every number, whatever the scale of its gradient.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The tensors to optimize, or groups of them with settings of their own.
    lr : float
        Learning rate.
    betas : pair of float
        What part of the running means, of the gradient and of its square, is kept at a step.
    eps : float
        Added to the root that is divided by.
    weight_decay : float
        Times the parameter, is added to the gradient: an L2 penalty.
    amsgrad : bool
        Divide by the root of the largest mean square so far.
    maximize : bool
        Climb instead of descending.
    decoupled_weight_decay : bool
        Shrink the parameter itself: `AdamW`.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Notes
    -----
    See `scratchml.optim.adam_update` for the equations. Kingma & Ba, "Adam: a method for stochastic
    optimization", 2015; Reddi, Kale & Kumar, "On the convergence of Adam and beyond", 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import Adam
    >>> p = Parameter(np.array([1.0, 100.0]))
    >>> optimizer = Adam([p], lr=0.1)
    >>> p.grad = Parameter(2 * p.array, requires_grad=False)  # of p * p
    >>> _ = optimizer.step()
    >>> p.array.round(6)
    array([ 0.9, 99.9])
    """

    _rules: ClassVar = {
        "lr": real(0.0),
        "betas": _betas,
        "eps": real(0.0),
        "weight_decay": real(0.0),
        "amsgrad": boolean(),
        "maximize": boolean(),
        "decoupled_weight_decay": boolean(),
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _steps(self, group: dict[str, Any], params: list[Any]) -> Iterator[Step]:
        names = ["exp_avg", "exp_avg_sq"]
        update = ADAM_UPDATE
        if group["amsgrad"]:
            names.append("max_exp_avg_sq")
            update = AMSGRAD_UPDATE
        known: tuple[Any, int] | None = None  # what `form` and `c` are for
        for p in params:
            dtype, state = p.array.dtype, self.state[p]
            step = state["step"] = state.get("step", 0) + 1
            if names[-1] not in state:
                for name in names:
                    state.setdefault(name, constant(np.zeros(p.array.shape, dtype)))
            if known != (dtype, step):
                known = dtype, step
                form, c = update.form(dtype), coefficients(self._coefficients(step, group), dtype)
            yield p, [state[name] for name in names], form, c

    def _coefficients(self, step: int, group: dict[str, Any]) -> tuple[float, ...]:
        return adam_coefficients(
            step,
            lr=group["lr"],
            betas=group["betas"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled_weight_decay"],
            maximize=group["maximize"],
        )


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself, whatever its gradient.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The tensors to optimize, or groups of them with settings of their own.
    lr : float
        Learning rate.
    betas : pair of float
        What part of the running means, of the gradient and of its square, is kept at a step.
    eps : float
        Added to the root that is divided by.
    weight_decay : float
        A step takes ``lr * weight_decay`` of the parameter away.
    amsgrad : bool
        Divide by the root of the largest mean square so far.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Notes
    -----
    Loshchilov & Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import AdamW
    >>> p = Parameter(np.array([1.0, 100.0]))
    >>> optimizer = AdamW([p], lr=0.1, weight_decay=0.5)
    >>> p.grad = Parameter(2 * p.array, requires_grad=False)
    >>> _ = optimizer.step()
    >>> p.array.round(6)
    array([ 0.85, 94.9 ])
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
        )
