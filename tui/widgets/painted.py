"""Inks: how the names in `tui.lines` become colours, and widgets that paint lines sparingly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, get_args

from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui.text import glyphs
from tui.text.lines import Ink, Line, Span, crop, joined
from tui.widgets.line_diff import differ_until

INKS: frozenset[str] = frozenset(f"ink--{ink}" for ink in get_args(Ink))
"""Component classes, one an ink; `app.tcss` gives them their colours under `.inked`."""


def strip(widget: Widget, spans: Line, width: int, row: str = "") -> Strip:
    """Return `spans` as a strip of exactly `width` in the colours that `widget` gives its inks.

    Parameters
    ----------
    widget : one whose component classes hold `INKS`
    spans : what to draw
    width : cells
    row : a component class that lies under the whole row, as for a cursor; one that reverses
        leaves the inks' colours out, which would become blocks
    """
    base = widget.rich_style
    plain = False
    if row:
        under = widget.get_component_rich_style(row, partial=True)
        base, plain = base + under, bool(under.reverse)
    shown = _led(joined(crop(spans, width)))
    return Strip(
        [Segment(glyphs.shown(s.text), base if plain else _style(widget, base, s)) for s in shown],
        width,
    )


def _led(spans: Line) -> Line:
    """Return the spans with a blank beginning in the ink of what follows: one code less to send."""
    if len(spans) > 1 and not spans[0].text.strip(" "):
        return [Span(spans[0].text + spans[1].text, spans[1].ink), *spans[2:]]
    return spans


def _style(widget: Widget, base: Style, span: Span) -> Style:
    if span.ink == "plain":
        return base
    return base + widget.get_component_rich_style(f"ink--{span.ink}", partial=True)


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if y < len(lines) else []


class Painted(Widget):
    """A widget that holds lines and repaints only those that changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INKS)
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.add_class("inked")
        self._lines: list[Line] = []

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    def paint(self, lines: list[Line]) -> None:
        """Show `lines`, and send the terminal only the rows that differ, as far as they do."""
        old, self._lines = self._lines, lines
        for y in range(max(len(old), len(lines))):
            end = differ_until(_at(old, y), _at(lines, y))
            if end:
                self.refresh(Region(0, y, min(end, self.size.width), 1))

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        spans = self._lines[y] if y < len(self._lines) else []
        return strip(self, spans, self.size.width)


class Lines(Painted):
    """A pane whose lines are built for its size by a function."""

    def __init__(
        self,
        build: Callable[[int, int], list[Line]],
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._build = build

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are, for a pane whose height is `auto`."""
        return len(self._build(width, viewport.height))

    def renew(self) -> None:
        """Build the lines anew and show what changed."""
        width, height = self.size
        if width and height:
            self.paint(self._build(width, height))

    def on_resize(self, event: Resize) -> None:
        """Build for the new size."""
        self.renew()
