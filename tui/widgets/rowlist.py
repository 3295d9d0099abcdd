"""A list of any length: only the rows on screen are ever drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from tui.text.lines import Line, Span, wrap
from tui.widgets.painted import INKS, strip


class PlainBar(ScrollBarRender):
    """A scroll bar of whole cells: its halves and eighths are not in every font."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


ScrollBar.renderer = PlainBar


class Rows(Protocol):
    """What a list shows."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def key(self, index: int) -> object:
        """Return what a row is of, so that the cursor can stay on it when the rows change."""
        ...

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return the line of a row; `current` is the one under the cursor."""
        ...

    def note(self, index: int, width: int) -> Line | None:
        """Return a second line for the row under the cursor, where there is something to say."""
        ...


class Nothing:
    """No rows."""

    def __len__(self) -> int:
        return 0

    def key(self, index: int) -> object:
        """There is none."""
        raise IndexError(index)

    def row(self, index: int, width: int, current: bool) -> Line:
        """There is none."""
        raise IndexError(index)

    def note(self, index: int, width: int) -> Line | None:
        """There is none."""
        return None


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """A list with a cursor that keeps its place."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*INKS, "row--cursor", "row--blurred"}
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, tooltip="Up"),
        Binding("down,j", "move(1)", "down", show=False, tooltip="Down"),
        Binding("pageup,ctrl+u", "page(-1)", "a page up", show=False, tooltip="A page up"),
        Binding("pagedown,ctrl+d", "page(1)", "a page down", show=False, tooltip="A page down"),
        Binding("home", "jump(0)", "to the first", show=False, tooltip="To the first"),
        Binding("end,G", "jump(-1)", "to the last", show=False, tooltip="To the last"),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor is on another row, or the rows are others."""

        def __init__(self, rows: RowList) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> RowList:
            """The list, for `@on` selectors."""
            return self.rows

    class Chosen(Message):
        """A row was clicked twice."""

        def __init__(self, rows: RowList) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> RowList:
            """The list, for `@on` selectors."""
            return self.rows

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id, classes="inked")
        self.rows: Rows = Nothing()
        self._empty = empty
        self._noted = False
        self._drawn: dict[int, tuple[Line, str]] = {}
        """What stands on each line of the window."""

    @property
    def current(self) -> object | None:
        """What the row under the cursor is of; None in an empty list."""
        return self.rows.key(self.cursor) if len(self.rows) else None

    def show(self, rows: Rows, *, keep: bool = True, empty: str = "") -> None:
        """Show other rows, the cursor on the same film as before if it is still there.

        Parameters
        ----------
        rows : what to show
        keep : whether the cursor stays; else it goes to the first row
        empty : what to say where there are none
        """
        place = self._place(rows) if keep else 0
        top = self.scroll_offset.y
        self.rows = rows
        self._empty = empty or self._empty
        self.set_reactive(RowList.cursor, place)
        self._measure()
        if not keep or top > max(0, len(rows) - self.size.height):
            self.scroll_to(y=0, animate=False, force=True)
        self._follow()
        self.refresh()
        self.post_message(self.Moved(self))

    def renew(self) -> None:
        """Draw anew the rows that say something else by now."""
        for y, drawn in list(self._drawn.items()):
            if self._line(y) != drawn:
                self.refresh(Region(0, y, self.size.width, 1))

    def refresh_row(self, index: int) -> None:
        """Draw one row anew, with its note."""
        self.refresh_lines(self._line_of(index), 2 if index == self.cursor else 1)

    def select(self, key: object) -> bool:
        """Put the cursor on the row of `key`; return whether there is one."""
        for index in range(len(self.rows)):
            if self.rows.key(index) == key:
                self.cursor = index
                return True
        return False

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, len(self.rows) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the rows between the two places and scroll if need be."""
        first, last = sorted((old, new))
        self._measure()
        self.refresh_lines(first, last - first + 3)
        self._follow()
        self.post_message(self.Moved(self))

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        spans, style = self._drawn[y] = self._line(y)
        return strip(self, spans, self.scrollable_content_region.width, style)

    def _line(self, y: int) -> tuple[Line, str]:
        """Return what stands on a line of the window, and the style that lies under it."""
        width = self.scrollable_content_region.width
        if not len(self.rows):
            lines = wrap(self._empty, max(width - 2, 1), "dim")
            return ([Span(" "), *lines[y]] if y < len(lines) else []), ""
        y += self.scroll_offset.y
        style = self._cursor_style
        if self._noted and y == self.cursor + 1:
            return self.rows.note(self.cursor, width) or [], style
        index = y - 1 if self._noted and y > self.cursor else y
        if index >= len(self.rows):
            return [], ""
        current = index == self.cursor
        return self.rows.row(index, width, current), style if current else ""

    def on_resize(self, event: Resize) -> None:
        """Keep the cursor in sight."""
        self._measure()
        self._follow()

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.refresh_row(self.cursor)

    def on_blur(self) -> None:
        """Show the cursor as resting."""
        self.refresh_row(self.cursor)

    def on_click(self, event: Click) -> None:
        """Put the cursor where the mouse is; twice chooses."""
        y = event.y + self.scroll_offset.y
        index = y - 1 if self._noted and y > self.cursor else y
        if not 0 <= index < len(self.rows):
            return
        self.cursor = index
        if event.chain == 2:
            self.post_message(self.Chosen(self))

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Move the cursor by what fits on screen."""
        self.cursor += by * max(1, self.size.height - 1)

    def action_jump(self, to: int) -> None:
        """Move the cursor to the first row, or to the last for -1."""
        self.cursor = to if to >= 0 else len(self.rows) - 1

    def _place(self, rows: Rows) -> int:
        """Return where the row under the cursor is among the new ones, or the nearest place."""
        if not len(rows) or not len(self.rows):
            return 0
        key = self.current
        near = min(self.cursor, len(rows) - 1)
        if rows.key(near) == key:
            return near
        return next((i for i in range(len(rows)) if rows.key(i) == key), near)

    def _measure(self) -> None:
        """Tell Textual how many lines there are."""
        noted = bool(len(self.rows)) and self.rows.note(self.cursor, self.size.width) is not None
        self._noted = noted
        size = Size(self.size.width, len(self.rows) + noted)
        if size != self.virtual_size:
            self.virtual_size = size

    @property
    def _cursor_style(self) -> str:
        return "row--cursor" if self.has_focus else "row--blurred"

    def _line_of(self, index: int) -> int:
        return index + (self._noted and index > self.cursor)

    def _follow(self) -> None:
        """Scroll so that the cursor and its note are in sight."""
        if not self.size.height:
            return
        region = Region(0, self.cursor, 1, 1 + self._noted)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False)


class Page(RowList):
    """Lines to read: keys scroll, and no cursor is seen."""

    def action_move(self, by: int) -> None:
        """Scroll by a line."""
        self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by what fits on screen."""
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)

    def action_jump(self, to: int) -> None:
        """Scroll to the beginning, or to the end for -1."""
        self.scroll_to(y=0 if to >= 0 else len(self.rows), animate=False)

    @property
    def _cursor_style(self) -> str:
        return ""


class Fixed:
    """A few rows that are lines already."""

    def __init__(self, lines: Sequence[Line], keys: Sequence[object] | None = None) -> None:
        self._lines = lines
        self._keys = keys if keys is not None else range(len(lines))

    def __len__(self) -> int:
        return len(self._lines)

    def key(self, index: int) -> object:
        """Return the key that was given with the line."""
        return self._keys[index]

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return the line as it is."""
        return self._lines[index]

    def note(self, index: int, width: int) -> Line | None:
        """Lines have no notes."""
        return None
