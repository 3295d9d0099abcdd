"""Keys in turn: each waits until all that the one before it began is done.

Textual hands a key to whatever has the focus in the moment it arrives. A slow link brings keys in
bursts, and while a field or a dialog is still opening, the letters meant for it would be taken for
commands: a search typed at once would rate films and leave the screen.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from textual.app import App
from textual.events import Event

LOOK_EVERY = 0.001
"""Seconds between two looks at whether all is quiet."""
PATIENCE = 0.4
"""Seconds after which the next key goes on all the same."""


class KeyQueue:
    """Holds back what was typed while what was typed before it still has effects to come."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._waiting: deque[Event] = deque()
        self._due: Event | None = None
        self._busy = False
        self._quiet = 0
        self._until = 0.0

    @property
    def busy(self) -> bool:
        """Whether something that was typed still has effects to come, or waits for its turn."""
        return self._busy

    def comes(self, event: Event) -> bool:
        """Return whether it is the turn of `event`; if not, it is kept and comes again."""
        if event is self._due:
            self._due = None
            return True
        if self._busy:
            self._waiting.append(event)
            return False
        self._busy = True
        return True

    def went(self) -> None:
        """Take note that an event was handed on, and wait for its effects."""
        self._quiet = 0
        self._until = time.monotonic() + PATIENCE
        asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        # Between two queues a message is in neither of them, so one look is not enough.
        self._quiet = self._quiet + 1 if settled(self._app) else 0
        if self._quiet < 2 and time.monotonic() < self._until:
            asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)
        elif self._waiting:
            self._due = self._waiting.popleft()
            self._app.post_message(self._due)
        else:
            self._busy = False


def settled(app: App[None]) -> bool:
    """Return whether no message waits, and the screen is ready to be typed into."""
    if app.message_queue_size or not app.screen_stack:
        return False
    screen = app.screen
    nodes = screen.walk_children(with_self=True)
    if not screen.is_current or any(node.message_queue_size for node in nodes):
        return False
    return screen.is_mounted and (screen.focused is not None or not screen.focus_chain)
