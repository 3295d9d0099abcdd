"""How much memory a piece of work takes at its highest, beyond what was there before it."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak(work: Callable[[], object]) -> float:
    """Return the highest memory during `work`, in MiB above where it began; Linux only."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was freed earlier would be used again unseen
    before = _mib("VmRSS")
    _CLEAR.write_text("5")  # forgets the highest so far
    work()
    return _mib("VmHWM") - before


def highest() -> float:
    """Return the highest memory of the process since `peak` last began, in MiB."""
    return _mib("VmHWM")


def _mib(field: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024
