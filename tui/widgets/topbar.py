"""The line of tabs at the top, with the state of the session at the right."""

from __future__ import annotations

from typing import NamedTuple

from textual.app import ComposeResult
from textual.events import Click, Resize
from textual.message import Message

from tui.text.lines import Line, Span, shorten, width
from tui.widgets.painted import Painted


class Tab(NamedTuple):
    """A room's name, with the letter that goes there."""

    room: str
    name: str
    letter: str


TABS = (
    Tab("data", "Data", "D"),
    Tab("train", "Train", "T"),
    Tab("rate", "Rate", "R"),
    Tab("for_you", "For you", "F"),
    Tab("explore", "eXplore", "X"),
)


SHORT = 70
"""With fewer cells a tab is its letter, which leaves room for the state."""


LEAST = 8
"""A name that is cut keeps so many cells."""


class Status(NamedTuple):
    """What is open and what runs."""

    dataset: str = ""
    model: str = ""
    profile: str = ""
    work: str = ""
    """What runs in the background, with its progress."""


class TopBar(Painted):
    """Tabs at the left; dataset, model, profile and running work at the right."""

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, room: str) -> None:
            super().__init__()
            self.room = room

    def __init__(self, room: str) -> None:
        super().__init__(id="top")
        self._room = room
        self._status = Status()
        self._state = Painted(id="state")

    def compose(self) -> ComposeResult:
        """Lay the state over the line: a terminal is sent a row from where its pane begins."""
        yield self._state

    def show(self, status: Status) -> None:
        """Show another state."""
        if status != self._status:
            self._status = status
            self.renew()

    def on_resize(self, event: Resize) -> None:
        """Fit the new width."""
        self._state.styles.width = self.size.width - width(_left(self._room, self.size.width))
        self.renew()
        self.refresh()

    def renew(self) -> None:
        """Lay the line out, and send of it the state."""
        cells = self.size.width
        if cells:
            left = _left(self._room, cells)
            end = _end(self._status, cells - width(left))
            self._lines = [[*left, *end]]
            self._state.paint([end])

    def on_click(self, event: Click) -> None:
        """Go to the tab that was clicked."""
        x = 0
        for tab, spans in _tabs(self._room, short=self.size.width < SHORT):
            x += width(spans)
            if event.screen_x < x:
                if tab is not None:
                    self.post_message(self.Picked(tab.room))
                return


def bar(room: str, status: Status, cells: int) -> Line:
    """Return the line; the work is the last to give way, the tabs never do."""
    left = _left(room, cells)
    return [*left, *_end(status, cells - width(left))]


def _left(room: str, cells: int) -> Line:
    """Return the tabs of a line of so many cells."""
    return [span for _, spans in _tabs(room, short=cells < SHORT) for span in spans]


def _end(status: Status, cells: int) -> Line:
    """Return the state at the right end of so many cells."""
    state = _state(status, cells - 2)
    return [Span(" " * (cells - width(state) - 1)), *state, Span(" ")]


def _tabs(room: str, short: bool) -> list[tuple[Tab | None, Line]]:
    name: tuple[Tab | None, Line] = (None, [Span(" rr" if short else " reelrank ", "bold")])
    return [name, *((tab, _tab(tab, tab.room == room, short)) for tab in TABS)]


def _tab(tab: Tab, here: bool, short: bool) -> Line:
    text = tab.letter if short else tab.name
    before, _, after = text.partition(tab.letter)
    if here:
        return [Span(f"[{text}]", "accent")]
    return [Span(f" {before}", "dim"), Span(tab.letter, "bold"), Span(f"{after} ", "dim")]


def _state(status: Status, cells: int) -> Line:
    """Return as much of the state as fits, the less telling parts left out first."""
    state = [part for part in (status.dataset, status.model, status.profile) if part]
    if status.work and cells < 8:
        return [Span(shorten(status.work, cells), "own")] if cells > 3 else []
    work = shorten(status.work, cells)
    rest = cells - width(work) - (3 if work else 0)
    while len(state) > 1 and width(" · ".join(state)) > rest:
        # The dataset gives way to a few of its letters, then the model goes; the person stays.
        room = rest - width(" · ".join(["", *state[1:]]))
        if room >= LEAST:
            state[0] = shorten(state[0], room)
        else:
            state.pop(1 if len(state) > 2 else 0)
    said = shorten(" · ".join(state), rest) if rest > 3 else ""
    line = [Span(said, "dim")] if said else []
    if work:
        line += [Span(" · ", "dim")] if said else []
        line.append(Span(work, "own"))
    return line
