"""Let Ctrl-C wait until a step is whole.

Python raises KeyboardInterrupt between any two instructions, so in the middle of an optimizer's
step too, when half of the parameters have moved. Within this context it is raised after the step.
"""

import signal
import threading
from collections.abc import Callable
from typing import Any


class WholeSteps:
    """A context in which `run` is not interrupted.

    Signals come to the main thread only, so elsewhere there is nothing to do; nor is there if the
    program ignores Ctrl-C or handles it outside of Python.
    """

    def __init__(self) -> None:
        self._before: Any = None
        self._running = self._asked = False

    def __enter__(self) -> "WholeSteps":
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def _handle(self, number: int, frame: Any) -> None:
        if self._running:
            self._asked = True
        else:
            self._before(number, frame)

    def run(self, *steps: Callable[[], Any] | None) -> None:
        """Call each of `steps` that is not None, and only then give way to Ctrl-C."""
        self._running = True
        try:
            for step in steps:
                if step is not None:
                    step()
        finally:
            self._running = False
        if self._asked:
            self._asked = False
            self._before(signal.SIGINT, None)
