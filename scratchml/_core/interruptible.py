"""Let Ctrl-C end a long computation in compiled code.

Python looks for signals between two instructions of its main thread, so a kernel that runs there
for a minute holds Ctrl-C up for a minute. Here the kernel runs in a second thread while the main
one waits; interrupted, it sets a flag that the kernel reads from time to time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

Result = TypeVar("Result")

_GLANCE = 0.1  # seconds; on Windows a wait without end would not see Ctrl-C


def interruptible(task: Callable[[Any], Result]) -> Result:
    """Return ``task(stop)``; after Ctrl-C make ``stop[0]`` 1, wait for the task's end, and raise.

    It costs about 100 us. The task runs in another thread, to which `set_num_threads` in a ``with``
    statement does not reach: read `get_num_threads` before.

    Parameters
    ----------
    task : callable
        Called with an int64 array of one element. Once that is not zero, the task should return
        soon, with anything.

    Raises
    ------
    BaseException
        What the task raised, or KeyboardInterrupt.
    """
    stop = np.zeros(1, dtype=np.int64)
    if threading.current_thread() is not threading.main_thread():
        return task(stop)  # signals do not come here
    results: list[Result] = []
    errors: list[BaseException] = []
    ended = threading.Event()  # Python 3.11 takes a thread for ended once its join is interrupted

    def work() -> None:
        try:
            results.append(task(stop))
        except BaseException as error:
            errors.append(error)
        finally:
            ended.set()

    worker = threading.Thread(target=work, name="scratchml-task")
    try:
        worker.start()
        while not ended.wait(_GLANCE):
            pass
    except BaseException:
        stop[0] = 1
        if worker.ident is not None:  # it was started
            ended.wait()
        raise
    if errors:
        raise errors[0]
    return results[0]
