"""The thread pool: order, errors, interruption, nesting, and the setting of its width."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import scratchml
from scratchml._core import threads
from scratchml._core.threads import (
    chunk_bounds,
    effective_n_jobs,
    get_num_threads,
    parallel_chunks,
    set_num_threads,
)

WIDTHS = pytest.mark.parametrize("n_jobs", [1, 2, 8])


@pytest.fixture(autouse=True)
def default_setting():
    yield
    set_num_threads(None)


@pytest.mark.parametrize("n", [0, 1, 5, 8, 9, 1000])
@pytest.mark.parametrize("size", [1, 3, 8, 2000])
def test_chunks_cover_the_range_in_order(n, size):
    bounds = chunk_bounds(n, size)
    assert [i for start, stop in bounds for i in range(start, stop)] == list(range(n))
    assert all(stop - start == size for start, stop in bounds[:-1])
    assert all(stop > start for start, stop in bounds)


def test_chunk_size_is_positive():
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        chunk_bounds(5, 0)


@WIDTHS
def test_results_come_in_the_chunks_order(n_jobs):
    bounds = chunk_bounds(50, 3)

    def task(start, stop):
        time.sleep(0.001 * (start % 4))
        return start, stop

    assert parallel_chunks(task, bounds, n_jobs) == bounds
    assert parallel_chunks(task, [], n_jobs) == []


def test_several_threads_do_work():
    meeting = threading.Barrier(4)  # passes only if four tasks run at once
    parallel_chunks(lambda start, stop: meeting.wait(10), chunk_bounds(4, 1), 4)


@WIDTHS
def test_the_earliest_chunks_exception_is_raised_and_later_chunks_do_not_start(n_jobs):
    started = []

    def task(start, stop):
        started.append(start)
        if start == 3:
            time.sleep(0.02)  # a later chunk fails first
            raise KeyError(start)
        if start > 3:
            raise ValueError(start)

    with pytest.raises(KeyError, match="3"):
        parallel_chunks(task, chunk_bounds(1000, 1), n_jobs)
    assert len(started) <= 4 + n_jobs
    assert parallel_chunks(lambda a, b: a, chunk_bounds(3, 1), n_jobs) == [0, 1, 2]  # it goes on


def test_all_running_chunks_have_ended_when_the_call_returns():
    running = set()

    def task(start, stop):
        running.add(start)
        time.sleep(0.02)
        running.discard(start)
        if start == 0:
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        parallel_chunks(task, chunk_bounds(100, 1), 4)
    assert not running


def test_nested_calls_run_in_the_thread_that_makes_them():
    def outer(start, stop):
        inner = parallel_chunks(lambda a, b: threading.get_ident(), chunk_bounds(6, 1), 4)
        return set(inner) == {threading.get_ident()}

    assert all(parallel_chunks(outer, chunk_bounds(4, 1), 4))


def test_eight_python_threads_may_call_at_once():
    answers = [None] * 8
    start_line = threading.Barrier(8)

    def caller(i):
        start_line.wait()
        for _ in range(20):
            parts = parallel_chunks(lambda a, b: sum(range(a, b)), chunk_bounds(100 + i, 7), 3)
            answers[i] = sum(parts)

    callers = [threading.Thread(target=caller, args=(i,)) for i in range(8)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join(30)
    assert answers == [sum(range(100 + i)) for i in range(8)]


def test_more_jobs_than_the_pool_has_threads():
    bounds = chunk_bounds(300, 1)
    assert parallel_chunks(lambda a, b: (a, b), bounds, 300) == bounds


@pytest.mark.skipif(not hasattr(signal, "raise_signal") or os.name == "nt", reason="POSIX signals")
def test_ctrl_c_stops_soon():
    started = []

    def task(start, stop):
        started.append(start)
        if len(started) == 10:
            signal.raise_signal(signal.SIGINT)
        time.sleep(0.002)

    with pytest.raises(KeyboardInterrupt):
        parallel_chunks(task, chunk_bounds(2000, 1), 2)
    assert len(started) < 50
    assert parallel_chunks(lambda a, b: a, chunk_bounds(3, 1), 2) == [0, 1, 2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_the_pool_is_rebuilt_in_a_forked_child():
    bounds = chunk_bounds(4, 1)

    def all_four_work():
        meeting = threading.Barrier(4)
        return sorted(parallel_chunks(lambda a, b: meeting.wait(20), bounds, 4)) == [0, 1, 2, 3]

    assert all_four_work()
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a hang ends the child
        try:
            os._exit(0 if all_four_work() else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert all_four_work()


def test_the_setting_is_the_processs(monkeypatch):
    set_num_threads(3)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(get_num_threads()))
    thread.start()
    thread.join()
    assert seen == [3]
    assert scratchml.get_num_threads() == 3
    set_num_threads(None)
    assert get_num_threads() == threads._default_width()


def test_a_with_statement_is_the_threads_own_and_ends():
    set_num_threads(5)
    seen = {}

    def elsewhere():
        with scratchml.set_num_threads(7):
            seen["inside"] = get_num_threads()
        seen["after"] = get_num_threads()

    with set_num_threads(2):
        with set_num_threads(1):
            assert get_num_threads() == 1
        assert get_num_threads() == 2
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert get_num_threads() == 2
    assert get_num_threads() == 5
    assert seen == {"inside": 7, "after": 5}
    with pytest.raises(KeyError), set_num_threads(4):
        raise KeyError
    assert get_num_threads() == 5


def test_a_plain_call_inside_a_with_statement_outlives_it():
    with set_num_threads(2):
        set_num_threads(6)
        assert get_num_threads() == 2
    assert get_num_threads() == 6


def test_n_jobs_means_what_it_means_in_scikit_learn(monkeypatch):
    monkeypatch.setattr(threads, "_usable_cpus", lambda: 6)
    set_num_threads(4)
    assert effective_n_jobs(None) == 4
    assert [effective_n_jobs(n) for n in (1, 9, -1, -2, -6, -7, -100)] == [1, 9, 6, 5, 1, 1, 1]
    for function in (effective_n_jobs, set_num_threads):
        with pytest.raises(ValueError, match="must not be 0"):
            function(0)
        with pytest.raises(TypeError, match=r"must be an integer or None, got 1\.5"):
            function(1.5)
    assert get_num_threads() == 4


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, 8),
        ({"OMP_NUM_THREADS": "3"}, 3),
        ({"NUMBA_NUM_THREADS": "2", "OMP_NUM_THREADS": "3"}, 2),
        ({"OMP_NUM_THREADS": "64"}, 8),
        ({"OMP_NUM_THREADS": "4,2"}, 4),
        ({"OMP_NUM_THREADS": "0", "NUMBA_NUM_THREADS": "many"}, 8),
    ],
)
def test_the_default_is_lowered_by_the_environment(monkeypatch, environment, expected):
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(threads, "_usable_cpus", lambda: 8)
    monkeypatch.setattr(threads, "_default", None)
    assert threads._default_width() == expected


def test_importing_costs_nothing():
    code = "import sys, scratchml._core.threads; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "numba", "concurrent.futures", "typing"} & set(run.stdout.split())


def test_benchmark_of_a_launch(benchmark):
    bounds = chunk_bounds(8, 4)
    benchmark(parallel_chunks, lambda start, stop: None, bounds, 2)
