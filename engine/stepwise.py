"""Long work in steps: a generator that yields how far it is and returns what it has made."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeAlias, TypeVar

Result = TypeVar("Result")
Work: TypeAlias = Generator[float, None, Result]
"""Yields the share that is done, from 0 to 1, at least every few tenths of a second."""

CHUNK = 1 << 20
"""Ratings that are sorted, shuffled or summed over in one step."""


def chunks(n: int, size: int = 0) -> Iterator[slice]:
    """Yield consecutive slices of at most `size`, or `CHUNK`, that cover `n`."""
    size = size or CHUNK
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def finished(work: Work[Result]) -> Result:
    """Do all of `work` at once and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


def scaled(work: Work[Result], start: float, stop: float) -> Work[Result]:
    """Do `work` as the part from `start` to `stop` of something larger."""
    while True:
        try:
            done = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield start + (stop - start) * done
