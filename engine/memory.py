"""Memory is asked for beforehand: what would not fit is refused before it begins."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from engine.errors import NotEnoughMemory

WORKING = 1 << 28
"""Bytes that an algorithm may take beside its model and the ratings, at every rank and shape."""
VIEWS = 48
"""Bytes that a rating takes: half of them in the two views, by user and by movie, and the rest in
what some algorithms keep beside them."""
MODELS = 6
"""So many times a model is held at once: as it is learned, as it was before this half of a pass,
ready to be looked up, at the end of this pass and of the last one, and as it is drawn to begin."""
ROW = 96
"""Bytes that a user or a movie takes at every rank: where it begins, how often it is rated, and
its place in the stacks."""

_MEMINFO, _CONTAINER = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


class Need(NamedTuple):
    """Bytes that a run takes at its highest, beside the ratings themselves."""

    model: int
    views: int
    working: int = WORKING

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)


def need(n_ratings: int, n_rows: int, columns: int, models: int = MODELS) -> Need:
    """Return what it takes to learn `columns` numbers for each of `n_rows` users and movies."""
    return Need(models * 4 * n_rows * columns + ROW * n_rows, VIEWS * n_ratings)


def ask(what: str, need: Need) -> None:
    """Raise NotEnoughMemory if there is less than a run of `what` needs."""
    free = available()
    if free is not None and need.total > free:
        raise NotEnoughMemory(
            f"{what} needs about {_gb(need.total)} of memory ({_gb(need.model)} for the model, "
            f"{_gb(need.views)} for the ratings, {_gb(need.working)} to work in), but only "
            f"{_gb(free)} are free."
        )


def available() -> int | None:
    """Return how many bytes are free, or None where the system does not tell."""
    limits = [_of_system(), _of_container()]
    known = [limit for limit in limits if limit is not None]
    return min(known, default=None)


def _of_system() -> int | None:
    with suppress(OSError, ValueError, StopIteration):
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if "MemAvailable" in line)
    with suppress(AttributeError, OSError, ValueError):  # all there is, where nobody counts
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_container() -> int | None:
    with suppress(OSError, ValueError):
        most, used = (
            int((_CONTAINER / name).read_text(encoding="ascii"))
            for name in ("memory.max", "memory.current")
        )
        return max(most - used, 0)
    return None


def _gb(n: int) -> str:
    return f"{n / 1e9:,.1f} GB"
