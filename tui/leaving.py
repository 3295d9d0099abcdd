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
from functools import partial

PATIENCE = 0.9
"""Seconds until the process ends even if the terminal takes no more bytes."""
GONE = 0.3
"""The same where there is no terminal left to be restored."""
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def watch(leave: Callable[[], None]) -> None:
    """Call `leave`, in the running loop, on SIGTERM, SIGHUP and when the input is closed.

    Textual handles none of these: after SIGTERM the terminal would stay in the alternate screen,
    and with its terminal closed the process would go on reading nothing for ever.
    """
    loop = asyncio.get_running_loop()

    def go(patience: float) -> None:
        last = threading.Thread(target=_last_resort, args=(patience,), daemon=True)
        last.start()
        leave()

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            loop.add_signal_handler(getattr(signal, name), go, PATIENCE)
    gone = partial(go, GONE)
    threading.Thread(target=_watch_input, args=(loop, gone), name="input", daemon=True).start()


def _watch_input(loop: asyncio.AbstractEventLoop, go: Callable[[], None]) -> None:
    """Wait until the terminal hangs up; nothing is read, so nothing is taken from Textual."""
    if sys.__stdin__ is None or not hasattr(select, "poll"):
        return
    poller = select.poll()
    poller.register(sys.__stdin__.fileno(), 0)
    while True:
        for _, event in poller.poll():
            if event & _GONE and not loop.is_closed():
                loop.call_soon_threadsafe(go)
                return


def _last_resort(patience: float) -> None:
    """End the process if leaving in order takes too long; all that matters is on disk."""
    time.sleep(patience)
    os._exit(1)
