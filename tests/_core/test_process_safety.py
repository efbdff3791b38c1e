"""Kernels among threads and processes: the ways in which compiled Python packages hang or crash.

Each test runs in a fresh process with an empty cache, so that the first compilation is part of it.
"""

import os

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("compiled")]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

START = """
import os, signal, sys, threading, time, warnings
import numpy as np
from scratchml._core.random import below, splitmix64, uniform
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.mini.caller import total
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks beside threads
x = np.arange(1000.0) % 7
x.flags.writeable = False
bounds = chunk_bounds(1000, 100)
def parts(n_jobs=4):
    return parallel_chunks(lambda a, b: total(x[a:b], b - a), bounds, n_jobs)
expected = [float(2 * x[a:b].sum()) for a, b in bounds]

def child_exit(work):
    # Fork, work in the child, and return its exit status; a child that hangs is ended.
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            os._exit(0 if work() else 1)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def test_eight_threads_make_the_first_call_at_once(sandbox):
    sandbox.run(
        START
        + """
line = threading.Barrier(8)
answers = []
def work(i):
    line.wait()
    # each thread meets the kernels in another order, and half of them through the pool
    if i % 2:
        answers.append((parts(), uniform(1, 2, 3), below(10, 1, 2, 3)))
    else:
        last = below(10, 1, 2, 3)
        answers.append((parts(1), uniform(1, 2, 3), last))
threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
for t in threads: t.start()
for t in threads: t.join(60)
assert answers == [(expected, uniform(1, 2, 3), below(10, 1, 2, 3))] * 8, answers
(variant,) = total._variants.values()
assert sum(variant.stats.cache_misses.values()) == 1  # compiled once, for all eight
"""
    )


def test_one_two_and_eight_threads_give_the_same_bits(sandbox):
    sandbox.run(START + "assert parts(1) == parts(2) == parts(8) == expected")


@needs_fork
def test_a_fork_after_a_call(sandbox):
    sandbox.run(
        START
        + """
assert parts() == expected
assert child_exit(lambda: parts() == expected) == 0         # compiled before the fork
assert child_exit(lambda: 0 <= uniform(1, 2, 3) < 1) == 0   # compiled in the child
assert parts() == expected
"""
    )


FORK_DURING_A_COMPILATION = """
thread = threading.Thread(target=parts)
thread.start()
statuses = []
while thread.is_alive():
    statuses.append(child_exit(lambda: parts(1) == expected))
    time.sleep(0.1)
thread.join()
assert parts() == expected
assert statuses and set(statuses) == {0}, statuses
"""


@needs_fork
def test_a_fork_during_a_compilation(sandbox):
    sandbox.run(START + FORK_DURING_A_COMPILATION)


@needs_fork
def test_a_fork_waits_for_numbas_lock(sandbox):
    """Without the hooks the child would wait for ever."""
    code = (
        START
        + """
total(x, 3)
from numba.core.compiler_lock import global_compiler_lock
held, release = threading.Event(), threading.Event()
def hold():
    with global_compiler_lock:
        held.set()
        release.wait(30)
thread = threading.Thread(target=hold)
thread.start()
held.wait()
threading.Timer(0.3, release.set).start()
print(child_exit(lambda: (signal.alarm(int(sys.argv[1])), 0 <= uniform(1, 2, 3) < 1)[1]))
"""
    )
    assert sandbox.run(code, "60") == "0"
    without_hooks = "import os; os.register_at_fork = lambda **hooks: None" + code
    assert sandbox.run(without_hooks, "2") == "-14"  # ended by its alarm


def test_spawned_workers(sandbox):
    (sandbox.folder / "work.py").write_text(
        START
        + """
def job(kernel):
    return kernel(1, 2, 3), parts(2) == expected
if __name__ == "__main__":
    import multiprocessing
    total(x, 3)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(job, [uniform, splitmix64], 1) == [
            (uniform(1, 2, 3), True), (splitmix64(1, 2, 3), True)
        ]
"""
    )
    sandbox.run("import runpy; runpy.run_path('work.py', run_name='__main__')")


@needs_fork
def test_ctrl_c_during_a_compilation_leaves_kernels_usable(sandbox):
    sandbox.run(
        START
        + """
import numba
for delay in (0.05, 0.1, 0.2, 0.3):
    timer = threading.Timer(delay, os.kill, [os.getpid(), signal.SIGINT])
    try:
        timer.start()
        parts()
        time.sleep(1)
    except KeyboardInterrupt:
        pass
    timer.join()
assert parts() == expected
"""
    )
