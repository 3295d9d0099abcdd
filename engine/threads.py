"""A small pool of threads: NumPy lets go of the interpreter inside its large calls."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS = min(4, os.cpu_count() or 1)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="engine")


def in_parallel(task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield `task(item)` for each item, in order, computed a few items ahead.

    Only as many items are under way as keep every thread busy, so that a caller who stops asking
    waits for those and no more.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(_pool().submit(task, item))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            if not future.cancel():
                future.exception()
