"""Driving the app in tests: a small dataset with odd titles, and waiting for what must come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from textual.events import Key
from textual.message import Message
from textual.notifications import Notify
from textual.pilot import Pilot

from engine import ALGORITHMS
from tui.app import Reelrank
from tui.screens.room import Room
from tui.screens.train.form_list import FormList
from tui.session.jobs import JobMessage
from tui.session.session import Options, Session
from tui.terminal.abilities import Terminal
from tui.terminal.key_queue import settled
from tui.text.lines import plain
from tui.widgets.field import Field
from tui.widgets.painted import Painted
from tui.widgets.rowlist import RowList

TITLES = (
    "[REC] (2007)", "[/foo] (2001)", "Alien (1979)", "Amélie (2001)", "Heat (1995)", "Ran (1985)",
    "[bold]Loud[/bold] (1999)", "\x1b[31mRed\x1b[0m (1994)",
    "Matrix, The (1999)", "七人の侍 (1954)",
    "Fargo (1996)", "Brazil (1985)", "Solaris (1972)", "Stalker (1979)", "Gattaca (1997)",
    "Paprika (2006)", "Alphaville (1965)", "Casablanca (1942)", "Parasite (2019)", "WALL·E (2008)",
)  # fmt: skip
GENRES = ("Horror", "Drama|Romance", "Sci-Fi|Horror", "Comedy", "Action|Crime")
SIZE = (80, 24)
NAMES = {
    "/": "slash", ",": "comma", ".": "full_stop", "?": "question_mark", " ": "space",
    "+": "plus", "-": "minus", "=": "equals_sign",
}  # fmt: skip
"""How Textual calls keys that are not letters or digits."""


def small_folder(folder: Path, users: int = 40, seed: int = 0) -> Path:
    """Write a dataset in the MovieLens form, with titles that look like markup."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=(users, 2)) @ rng.normal(size=(2, len(TITLES)))
    rows = [
        f"{u + 1},{m + 1},{np.clip(np.rint((3.3 + taste[u, m]) * 2) / 2, 0.5, 5)},{964982703 + u}"
        for u in range(users)
        for m in range(len(TITLES))
        if rng.random() < 0.6
    ]
    films = [f'{m + 1},"{t}",{GENRES[m % len(GENRES)]}' for m, t in enumerate(TITLES)]
    _write(folder / "ratings.csv", ["userId,movieId,rating,timestamp", *rows])
    _write(folder / "movies.csv", ["movieId,title,genres", *films])
    return folder


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class Driver:
    """The running app, with what it was told and what it said."""

    app: Reelrank
    pilot: Pilot[None]
    messages: list[Message]

    @property
    def room(self) -> Room:
        """The room on screen, under any dialog."""
        room = self.app.screen_stack[0]
        assert isinstance(room, Room)
        return room

    @property
    def session(self) -> Session:
        """What is open and what runs."""
        return self.app.session

    @property
    def said(self) -> list[str]:
        """Every sentence shown in a corner, oldest first."""
        notices = [m.notification for m in self.messages if isinstance(m, Notify)]
        return [notice.message for notice in notices]

    def has_said(self, words: str) -> bool:
        """Return whether a sentence in a corner had these words."""
        return any(words in said for said in self.said)

    def heard(self, kind: type[JobMessage], job: str) -> list[JobMessage]:
        """Return the messages of one type from jobs of one kind."""
        return [m for m in self.messages if isinstance(m, kind) and m.job.slot == job]

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each when all that the one before began is done."""
        for key in keys:
            self.app.post_message(_typed(key))
            await self.calm()

    async def burst(self, *keys: str) -> None:
        """Let keys arrive all at once, as a slow link delivers them."""
        for key in keys:
            self.app.post_message(_typed(key))
        await self.calm()

    async def calm(self) -> None:
        """Wait until every message is dealt with and what changed is laid out and drawn.

        Pilot waits until the process uses no time, which on a busy machine it also does not when
        it has not had its turn yet, and which never comes beside a training.
        """
        for _ in range(2):
            await self._after(self.app.call_later)
            await self.until(lambda: not self.app.key_queue.busy)
            await self._after(self.app.screen.call_after_refresh)
            await self.until(lambda: not self.app.is_running or settled(self.app))

    async def _after(self, schedule: Callable[[Callable[[], object]], bool]) -> None:
        """Wait for a call that is put behind what waits already; not where nobody will call."""
        done = asyncio.Event()
        if schedule(done.set):
            await self.until(lambda: done.is_set() or not self.app.is_running)

    async def write(self, text: str) -> None:
        """Write a text into the field of a dialog, as a paste does."""
        self.app.screen.query_one(Field).value = text
        await self.calm()

    async def until(self, true: Callable[[], object], patience: float = 90) -> None:
        """Wait until something holds; fail if it never does."""
        end = time.monotonic() + patience
        while not true():
            assert time.monotonic() < end, f"waited in vain; the app said {self.said}"
            await asyncio.sleep(0.002)

    async def until_ready(self) -> None:
        """Wait until a dataset is open, a model is used, and nothing runs."""
        await self.until(lambda: self.session.model is not None and not self.session.jobs.running)
        await self.calm()

    def text(self, selector: str = "") -> str:
        """Return what a pane shows; all of the screen without a selector."""
        if not selector:
            return "\n".join(_line(self.app, y) for y in range(self.app.size.height))
        widget = self.app.screen.query_one(selector)
        if isinstance(widget, Painted):
            return "\n".join(plain(line) for line in widget.lines)
        assert isinstance(widget, RowList)
        rows = widget.rows
        return "\n".join(plain(rows.row(i, 200, i == widget.cursor)) for i in range(len(rows)))

    def list(self, selector: str) -> RowList:
        """Return a list of the screen."""
        return self.app.screen.query_one(selector, RowList)


def _typed(key: str) -> Key:
    """Return a key, told by its name or by its character, as a terminal sends it."""
    if len(key) == 1:
        return Key(NAMES.get(key, key), key)
    character = next((sign for sign, name in NAMES.items() if name == key), None)
    return Key(key, character)


def _line(app: Reelrank, y: int) -> str:
    return "".join(segment.text for segment in app.screen._compositor.render_strips()[y])


@asynccontextmanager
async def driven(
    dataset: str | Path = "",
    *,
    size: tuple[int, int] = SIZE,
    terminal: Terminal | None = None,
    profile: str = "",
    improve: bool = False,
) -> AsyncIterator[Driver]:
    """Run the app without a terminal; it trains no better models unless told to `improve`."""
    app = Reelrank(terminal or Terminal(), Options(str(dataset), profile))
    app.session.settings.keep("improve", "yes" if improve else "no")
    messages: list[Message] = []
    async with app.run_test(size=size, message_hook=messages.append) as pilot:
        yield Driver(app, pilot, messages)


async def choose_algorithm(driver: Driver, name: str, passes: str) -> None:
    """Choose an algorithm in the form, and few passes where it has any."""
    form = driver.app.screen.query_one(FormList)
    form.focus()
    form.cursor = 0
    names = list(ALGORITHMS)
    while form.form_rows.form.algorithm_name != name:
        await driver.press("right")
    entries = [entry.name for entry in form.form_rows.form.entries]
    if "epochs" in entries:
        form.cursor = entries.index("epochs")
        await driver.press(*passes, "enter")
    assert name in names
