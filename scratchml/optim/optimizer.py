"""The base of all optimizers: groups of parameters, their states, and one step over all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import numpy as np

from scratchml._core.rules import Rule, check_parameters
from scratchml.optim.groups import groups_of, new_group
from scratchml.optim.pieces import WORTH_THREADS, Job, run_all
from scratchml.optim.saved_state import restored_group, restored_state, saved_state
from scratchml.tensor.tape import mode

Step = tuple[Any, Sequence[Any], Callable[..., Any], np.ndarray]
"""A parameter, the tensors of its state, the form of the update to call, and its coefficients."""


class Optimizer:
    """Base of all optimizers.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The tensors to optimize, such as ``model.parameters()`` or ``model.named_parameters()``; or
        groups of them with settings of their own, ``{"params": ..., "lr": 0.1}``.
    defaults : dict
        The settings of groups that do not give their own.

    Attributes
    ----------
    param_groups : list of dict
        Each with ``"params"``, a list of tensors, and the settings. They may be changed
        between steps.
    state : dict
        What the optimizer remembers about each tensor.
    defaults : dict
        As given.

    Raises
    ------
    ValueError
        If there is no parameter, one is given twice or is not a leaf, or a setting is out of range.
    TypeError
        If something is not a tensor, or `params` has no order (a set).

    Examples
    --------
    An optimizer of one's own overrides ``step``:

    >>> from scratchml.optim import Optimizer
    >>> from scratchml.nn import Parameter
    >>> class SignDescent(Optimizer):
    ...     def step(self):
    ...         for group in self.param_groups:
    ...             for p in group["params"]:
    ...                 p.data.array[...] -= group["lr"] * np.sign(p.grad.array)
    >>> import numpy as np
    >>> p = Parameter(np.ones(2))
    >>> SignDescent([p], {"lr": 0.5})
    SignDescent (
    Parameter Group 0
        lr: 0.5
    )
    """

    _rules: ClassVar[Mapping[str, Rule]] = {}

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.state: dict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._size = 0  # numbers in all parameters
        self._stepped = False
        for group in groups_of(params, type(self).__name__):
            self.add_param_group(group)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [
                f"    {k}: {v}" for k, v in sorted(group.items()) if not k.startswith("param")
            ]
        return "\n".join([*lines, ")"])

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add tensors, as when layers are unfrozen during training.

        Parameters
        ----------
        param_group : dict
            ``"params"``, a tensor or an iterable of them, and settings that differ from the
            defaults.
        """
        seen = {id(p) for group in self.param_groups for p in group["params"]}
        group = new_group(self.defaults, param_group, seen)
        self._check_group(group)
        self.param_groups.append(group)
        self._size += sum(p.array.size for p in group["params"])

    def _check_group(self, group: dict[str, Any]) -> None:
        missing = self._rules.keys() - group.keys()
        if missing:
            raise ValueError(f"a group of parameters lacks {', '.join(sorted(missing))}")
        check_parameters(self._rules, group, type(self).__name__)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, which ``backward()`` would otherwise add to.

        Parameters
        ----------
        set_to_none : bool
            Drop the tensors; if False they are filled with zeros, which takes longer.
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.array[...] = 0
                    p.grad.version[0] += 1

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss anew, with its gradients, and returns it.

        Returns
        -------
        Tensor or None
            What `closure` returned.

        Raises
        ------
        ValueError
            If a gradient has not its parameter's shape and type (nothing is changed then), or a
            state has not, or a parameter's memory is read-only.
        """
        loss = None if closure is None else _recorded(closure)
        active = [[p for p in g["params"] if p.grad is not None] for g in self.param_groups]
        for params in active:
            for p in params:
                array, gradient = p.array, p.grad.array
                if array.shape != gradient.shape or array.dtype != gradient.dtype:
                    raise ValueError(_mismatch(array, gradient))
        together = self._size >= WORTH_THREADS
        jobs: list[Job] = []
        strided = []  # arrays that are not contiguous, each with the copy that was changed for it
        for group, params in zip(self.param_groups, active, strict=True):
            for p, states, form, c in self._steps(group, params):
                array = p.array
                flat = [array.ravel(), p.grad.array.ravel()]
                for state in states:
                    values = state.array
                    fits = values.size == array.size and values.dtype == array.dtype
                    if not fits or not values.flags.carray:
                        raise ValueError(_bad_state(array, values))
                    flat.append(values.ravel())
                if not array.flags.carray:
                    flat[0] = _copy(array)
                    strided.append((array, flat[0]))
                if together:
                    jobs.append((form, flat, c))
                else:
                    form(*flat, c)
                p.version[0] += 1
        if jobs:
            run_all(jobs)
        for array, flat_copy in strided:
            array[...] = flat_copy.reshape(array.shape)
        self._stepped = True
        return loss

    def _steps(self, group: dict[str, Any], params: list[Any]) -> Iterator[Step]:
        """Yield what is to be computed for each of `params`, tensors with a gradient."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it steps")

    def state_dict(self) -> dict[str, Any]:
        """Return settings and states, with a number in place of each tensor.

        Returns
        -------
        dict
            ``"state"``: for the number of each tensor its states, not copied;
            ``"param_groups"``: the groups, with numbers.
        """
        return saved_state(self.param_groups, self.state)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` of an optimizer of the same tensors returned.

        Parameters
        ----------
        state_dict : dict
            From `state_dict`, or from PyTorch's optimizer of the same name. Nothing of it is kept.

        Raises
        ------
        ValueError
            If groups or shapes differ; the optimizer is then unchanged.
        """
        saved = state_dict["param_groups"]
        ours = [len(group["params"]) for group in self.param_groups]
        theirs = [len(group["params"]) for group in saved]
        if ours != theirs:
            raise ValueError(
                "state_dict must have the optimizer's groups of parameters, which are of sizes "
                f"{ours}, got {theirs}"
            )
        groups = [restored_group(g, s) for g, s in zip(self.param_groups, saved, strict=True)]
        for group in groups:
            self._check_group(group)
        numbers = chain.from_iterable(group["params"] for group in saved)
        params = chain.from_iterable(group["params"] for group in groups)
        by_number = dict(zip(numbers, params, strict=True))
        state = restored_state(state_dict["state"], by_number)
        self.param_groups, self.state = groups, state


def _recorded(closure: Callable[[], Any]) -> Any:
    """Call `closure` with the tape on, whatever the caller has set."""
    before, mode.recording = mode.recording, True
    try:
        return closure()
    finally:
        mode.recording = before


def _mismatch(array: np.ndarray, gradient: np.ndarray) -> str:
    return (
        f"a gradient must have its parameter's shape and type, {array.shape} {array.dtype}, got "
        f"{gradient.shape} {gradient.dtype}"
    )


def _copy(array: np.ndarray) -> np.ndarray:
    if not array.flags.writeable:
        raise ValueError(
            f"a parameter's memory must be writeable, that of one of shape {array.shape} is not: "
            "it may come from a read-only array"
        )
    return array.flatten()


def _bad_state(array: np.ndarray, values: np.ndarray) -> str:
    return (
        f"the state of a parameter of shape {array.shape} and type {array.dtype} must be "
        f"contiguous and like it, got {values.shape} {values.dtype}; a model is moved to another "
        "type before its optimizer steps"
    )
