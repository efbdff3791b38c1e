"""Batches prepared ahead by threads, and handed out in their order."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any


def in_threads(
    task: Callable[[Any], Any], items: Iterator[Any], threads: int, ahead: int
) -> Iterator[Any]:
    """Yield ``task(item)`` for each item, in order, up to `ahead` of them computed in advance.

    An error of a task is raised in its place. Whoever stops early waits for the tasks that run.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="scratchml-data")
    waiting = deque()  # type: ignore[var-annotated]
    try:
        waiting.extend(pool.submit(task, item) for item in islice(items, ahead))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(task, item) for item in islice(items, 1))
            yield result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
