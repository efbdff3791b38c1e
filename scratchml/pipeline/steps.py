"""How Pipeline treats its steps: which methods it takes over, what it refuses, what it restores."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from scratchml._core.exceptions import InvalidParameterError
from scratchml.pipeline.composition import Composition, is_active


class Available:
    """A method that exists only while ``condition(estimator)`` does not raise AttributeError."""

    def __init__(self, function: Callable, condition: Callable[[Any], Any]):
        self.function = function
        self.condition = condition
        self.__doc__ = function.__doc__

    def __get__(self, estimator: Any, owner: type) -> Any:
        if estimator is not None:
            try:
                self.condition(estimator)
            except AttributeError as reason:
                name = self.function.__name__
                message = f"This {owner.__name__!r} has no attribute {name!r}: {reason}"
                raise AttributeError(message) from reason
        return self.function.__get__(estimator, owner)


def if_last_has(*names: str) -> Callable[[Callable], Any]:
    """Offer a method if the last step has any of `names`; "passthrough" can only transform.

    Parameters
    ----------
    *names : str
        Methods of the last step.
    """

    def condition(pipeline: Composition) -> None:
        last = pipeline._last
        if not any(hasattr(last, name) for name in names[:-1]):
            if "transform" in names and last == "passthrough":
                return
            getattr(last, names[-1])  # raises, naming the step's class

    return lambda function: Available(function, condition)


def if_all_have(name: str) -> Callable[[Callable], Any]:
    """Offer a method if every step has it.

    Parameters
    ----------
    name : str
        The method's name.
    """

    def condition(pipeline: Composition) -> None:
        for label, step in pipeline._active():
            if not hasattr(step, name):
                hint = "Did you mean to call it on pipeline[:-1]?"
                raise AttributeError(f"Estimator {label} does not provide {name}. {hint}")

    return lambda function: Available(function, condition)


@contextmanager
def timed(pipeline: Composition, k: int) -> Iterator[None]:
    """Print the time that step `k` takes, if the pipeline is verbose.

    Parameters
    ----------
    pipeline : Pipeline
        Whose ``verbose`` decides.
    k : int
        Number of the step.
    """
    start = time.perf_counter()
    yield
    if pipeline.verbose:
        head = f" (step {k + 1} of {len(pipeline.steps)}) Processing {pipeline.steps[k][0]}"
        print(f"[Pipeline] {head:.>59}, total={time.perf_counter() - start:6.1f}s")


@contextmanager
def all_or_nothing(pipeline: Composition) -> Iterator[None]:
    """Put the steps, and the estimators that are their parameters, back after an exception.

    Parameters
    ----------
    pipeline : Pipeline
        Whose steps are being fitted.
    """
    parts = {id(step): step for _, step in pipeline._active()}
    for value in pipeline.get_params().values():
        if hasattr(value, "get_params") and not isinstance(value, type):
            parts[id(value)] = value
    objects = [p for p in parts.values() if hasattr(p, "__dict__") and not isinstance(p, type)]
    before = [(part, dict(vars(part))) for part in objects]
    try:
        yield
    except BaseException:  # Ctrl-C too
        for part, state in before:
            vars(part).clear()
            vars(part).update(state)
        raise


def fit_transform_step(step: Any, X: Any, y: Any, params: dict) -> Any:
    """Fit one step and return what it makes of `X`.

    Parameters
    ----------
    step : transformer, "passthrough" or None
        The step.
    X, y : array-like
        Its input and the targets.
    params : dict
        Passed to its fit.
    """
    if not is_active(step):
        return X
    if hasattr(step, "fit_transform"):
        return step.fit_transform(X, y, **params)
    return step.fit(X, y, **params).transform(X)


def split_params(params: dict, names: list[str]) -> dict[str, dict]:
    """Return for each step its own parameters, from ``step__parameter=value``.

    Parameters
    ----------
    params : dict
        What the pipeline's fit was given.
    names : list of str
        Names of the steps.

    Raises
    ------
    ValueError
        If a parameter names no step.
    """
    by_step: dict[str, dict] = {name: {} for name in names}
    for key, value in params.items():
        name, found, parameter = key.partition("__")
        if not found:
            raise ValueError(
                f"Pipeline.fit does not accept the {key} parameter. You can pass parameters to "
                "specific steps as stepname__parameter, e.g. "
                f"`Pipeline.fit(X, y, {names[-1]}__{key}=...)`."
            )
        if name not in by_step:
            raise ValueError(f"Pipeline.fit got {key!r}, but its steps are {names}.")
        by_step[name][parameter] = value
    return by_step


def check_steps(pipeline: Composition) -> None:
    """Raise unless the steps are named, distinct, and able to do what their place asks for.

    Parameters
    ----------
    pipeline : Pipeline
        Whose steps are checked.

    Raises
    ------
    ValueError, TypeError
        Which say what is wrong with which step.
    """
    steps = pipeline.steps
    if len(steps) == 0:
        raise ValueError("The pipeline is empty. Please add steps.")
    names = [name for name, _ in pipeline._named()]
    if not names or not all(isinstance(name, str) for name in names):
        raise InvalidParameterError(
            f"The 'steps' parameter of Pipeline must be a list of (str, estimator) tuples. "
            f"Got {steps!r} instead."
        )
    if len(set(names)) != len(names):
        raise ValueError(f"Names provided are not unique: {names!r}")
    taken = sorted(set(names).intersection(pipeline.get_params(deep=False)))
    if taken:
        raise ValueError(f"Estimator names conflict with constructor arguments: {taken!r}")
    nested = [name for name in names if "__" in name]
    if nested:
        raise ValueError(f"Estimator names must not contain __: got {nested!r}")
    for k, (name, step) in enumerate(steps):
        if is_active(step):
            _check_step(name, step, is_last=k == len(steps) - 1)


def _check_step(name: str, step: Any, is_last: bool) -> None:
    if isinstance(step, type):
        cls = step.__name__
        raise TypeError(
            f"Expected an estimator instance ({cls}()), got estimator class instead ({cls}). "
            f"See step {name!r}."
        )
    can_fit = hasattr(step, "fit") or (not is_last and hasattr(step, "fit_transform"))
    if is_last and not can_fit:
        raise TypeError(
            "Last step of Pipeline should implement fit or be the string 'passthrough'. "
            f"{step!r} (type {type(step)}) doesn't"
        )
    if not is_last and not (can_fit and hasattr(step, "transform")):
        raise TypeError(
            "All intermediate steps should be transformers and implement fit and transform or be "
            f"the string 'passthrough'. {step!r} (type {type(step)}) doesn't"
        )
