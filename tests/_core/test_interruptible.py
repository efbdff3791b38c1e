"""Ctrl-C ends a computation in another thread, and nothing else about it changes."""

import signal
import threading
import time

import pytest

from scratchml._core.interruptible import interruptible


def test_result_and_thread():
    seen = []

    def task(stop):
        seen.append((threading.current_thread() is threading.main_thread(), stop.dtype, stop[0]))
        return "done"

    assert interruptible(task) == "done"
    assert seen == [(False, "int64", 0)]


def test_errors_come_through():
    def task(stop):
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        interruptible(task)


def test_ctrl_c_sets_the_flag_and_waits_for_the_end():
    ended = []

    def task(stop):
        deadline = time.monotonic() + 20.0
        while stop[0] == 0 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.05)
        ended.append(int(stop[0]))

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            interruptible(task)
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, handler)
    assert ended == [1]


def test_other_threads_call_directly():
    """Signals go to the main thread alone."""
    seen = []

    def call():
        seen.append(interruptible(lambda stop: threading.current_thread().name))

    thread = threading.Thread(target=call, name="caller")
    thread.start()
    thread.join()
    assert seen == ["caller"]
