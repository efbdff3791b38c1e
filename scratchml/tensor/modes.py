"""Whether the tape records: ``no_grad`` and its like, as context managers and as decorators."""

from collections.abc import Callable
from functools import wraps
from inspect import isgeneratorfunction
from types import TracebackType
from typing import Any, TypeVar

from scratchml.tensor.tape import mode

F = TypeVar("F", bound=Callable[..., Any])


class set_grad_enabled:  # noqa: N801 (PyTorch's name)
    """Let the tape record, or not: at once, until the end of a ``with``, or in a function.

    Parameters
    ----------
    mode : bool
        Whether what is computed can be differentiated.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.set_grad_enabled(False):
    ...     (w * 2).requires_grad
    False
    """

    def __init__(self, mode: bool) -> None:
        self._recording = mode
        self._before: list[bool] = []
        self._outside = _state.recording  # what a ``with`` around this call goes back to
        _state.recording = mode

    def __enter__(self) -> None:
        self._before.append(self._outside)
        _state.recording = self._recording

    def __exit__(
        self, kind: type | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _state.recording = self._before.pop()

    def __call__(self, function: F) -> F:
        """Return the function, run in this mode."""
        _state.recording = self._outside
        return _decorated(function, type(self), self._recording)


_state = mode


class _Mode:
    """What `no_grad` and its like share: the mode is set on entry, not when they are made."""

    _recording = False

    def __init__(self) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(_state.recording)
        _state.recording = self._recording

    def __exit__(
        self, kind: type | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _state.recording = self._before.pop()

    def __call__(self, function: F) -> F:
        """Return the function, run in this mode."""
        return _decorated(function, type(self))


class no_grad(_Mode):  # noqa: N801 (PyTorch's name)
    """Compute without recording: faster, and nothing is kept for backward().

    Parameters
    ----------
    orig_func : callable, optional
        The function that is decorated, where it is used without parentheses.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad():
    ...     (w * 2).requires_grad
    False
    >>> @torch.no_grad()
    ... def double(x):
    ...     return x * 2
    >>> double(w).requires_grad
    False
    """

    def __new__(cls, orig_func: Any = None) -> Any:
        """Return the mode, or the function that it decorates without parentheses."""
        return super().__new__(cls) if orig_func is None else _decorated(orig_func, cls)

    def __init__(self, orig_func: Any = None) -> None:
        super().__init__()


class enable_grad(no_grad):  # noqa: N801 (PyTorch's name)
    """Record again, inside of `no_grad`.

    Parameters
    ----------
    orig_func : callable, optional
        The function that is decorated, where it is used without parentheses.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad(), torch.enable_grad():
    ...     (w * 2).requires_grad
    True
    """

    _recording = True


class inference_mode(_Mode):  # noqa: N801 (PyTorch's name)
    """The same as `no_grad`, under the name that PyTorch recommends for serving models.

    Parameters
    ----------
    mode : bool or callable
        Whether to stop recording; or the function that is decorated.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.inference_mode():
    ...     (w * 2).requires_grad
    False
    """

    def __new__(cls, mode: Any = True) -> Any:
        """Return the mode, or the function that it decorates without parentheses."""
        return _decorated(mode, cls) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self._mode = mode

    def __enter__(self) -> None:
        super().__enter__()
        if not self._mode:
            _state.recording = self._before[-1]

    def __call__(self, function: F) -> F:
        """Return the function, run in this mode."""
        return _decorated(function, type(self), self._mode)


def is_grad_enabled() -> bool:
    """Return whether what is computed now can be differentiated.

    Returns
    -------
    bool
        False inside of `no_grad`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.is_grad_enabled()
    True
    """
    return _state.recording


def _decorated(function: Any, kind: Any, *args: Any) -> Any:
    """Return `function` run in a mode; a generator is in it while it runs, not between."""
    if not isgeneratorfunction(function):

        @wraps(function)
        def inside(*a: Any, **k: Any) -> Any:
            with kind(*args):
                return function(*a, **k)

        return inside

    @wraps(function)
    def generator(*a: Any, **k: Any) -> Any:
        steps = function(*a, **k)
        while True:
            with kind(*args):
                try:
                    value = next(steps)
                except StopIteration as end:
                    return end.value
            yield value

    return generator
