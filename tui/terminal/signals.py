"""Leaving when the terminal is gone or the system says so: within a second, all restored."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable

PATIENCE = 0.9
"""Seconds until the process ends even if the terminal takes no more bytes."""
GONE = 0.3
"""The same where there is no terminal left to be restored."""
_HUNG_UP = select.POLLHUP | select.POLLERR | select.POLLNVAL


def watch(leave: Callable[[], None]) -> None:
    """Call `leave`, in the running loop, on SIGTERM, SIGHUP and when the input is closed.

    Textual handles none of these: after SIGTERM the terminal would stay in the alternate screen,
    and with its terminal closed the process would go on reading nothing for ever.
    """
    loop = asyncio.get_running_loop()

    def go() -> None:
        last = threading.Thread(target=_last_resort, name="last resort", daemon=True)
        last.start()
        leave()

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            loop.add_signal_handler(getattr(signal, name), go)
    threading.Thread(target=_watch_input, args=(loop, go), name="input", daemon=True).start()


def _watch_input(loop: asyncio.AbstractEventLoop, go: Callable[[], None]) -> None:
    """Wait until the terminal hangs up; nothing is read, so nothing is taken from Textual."""
    if sys.__stdin__ is not None and hasattr(select, "poll"):
        while not _gone(None):
            pass
        if not loop.is_closed():
            loop.call_soon_threadsafe(go)


def _gone(timeout: float | None) -> bool:
    """Return whether the terminal hung up within so many milliseconds; None waits for it."""
    if sys.__stdin__ is None or not hasattr(select, "poll"):
        return False
    poller = select.poll()
    poller.register(sys.__stdin__.fileno(), 0)
    return any(event & _HUNG_UP for _, event in poller.poll(timeout))


def _last_resort() -> None:
    """End the process if leaving in order takes too long; all that matters is on disk."""
    time.sleep(GONE)
    if not _gone(0):
        time.sleep(PATIENCE - GONE)
    os._exit(1)
