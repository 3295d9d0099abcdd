"""Lines of inked text: what every pane is made of, before any widget draws it.

A line is a list of spans, each a text and the name of an ink. Screens compute lines from data, so
that what they say can be tested without a terminal; `tui.widgets.ink` gives inks their colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from rich.cells import cell_len, set_cell_size

from tui.text import glyphs

Ink: TypeAlias = Literal[
    "plain", "dim", "bold", "accent", "own", "good", "bad", "warn", "rule", "head",
    "group0", "group1", "group2", "group3", "group4", "group5", "group6", "group7",
]  # fmt: skip


class Span(NamedTuple):
    """A piece of text in one ink."""

    text: str
    ink: Ink = "plain"


Line: TypeAlias = list[Span]


def line(*parts: str | tuple[str, Ink]) -> Line:
    """Return a line of plain strings and (text, ink) pairs."""
    return [Span(part) if isinstance(part, str) else Span(*part) for part in parts]


def printable(text: str) -> str:
    """Return `text` without control characters, which could drive the terminal."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def width(part: str | Line) -> int:
    """Return how many cells a text or a line takes."""
    if isinstance(part, str):
        return cell_len(part)
    return sum(cell_len(span.text) for span in part)


def fit(text: str, cells: int) -> str:
    """Return `text` cut or padded to exactly `cells`, with an ellipsis where it is cut."""
    text = printable(text)
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    if cells < 2:
        return set_cell_size(text, max(cells, 0))
    mark = glyphs.now().ellipsis
    return set_cell_size(set_cell_size(text, cells - 1).rstrip() + mark, cells)


def right(text: str, cells: int) -> str:
    """Return `text` padded on the left to `cells`, cut on the right if it is longer."""
    text = printable(text)
    space = cells - cell_len(text)
    return " " * space + text if space >= 0 else set_cell_size(text, max(cells, 0))


def shorten(text: str, cells: int) -> str:
    """Return `text` cut to at most `cells`, with an ellipsis where it is cut."""
    text = printable(text)
    return text if cell_len(text) <= cells else fit(text, cells)


def crop(spans: Iterable[Span], cells: int) -> Line:
    """Return the spans cut or padded to exactly `cells`."""
    out: Line = []
    left = cells
    for span in spans:
        if left <= 0:
            break
        text = span.text if cell_len(span.text) <= left else set_cell_size(span.text, left)
        out.append(Span(text, span.ink))
        left -= cell_len(text)
    if left > 0:
        out.append(Span(" " * left))
    return out


def joined(spans: Iterable[Span]) -> Line:
    """Return the spans with blanks joined to what stands before them: their ink is not seen."""
    out: Line = []
    for span in spans:
        if out and (span.ink == out[-1].ink or not span.text.strip(" ")):
            out[-1] = Span(out[-1].text + span.text, out[-1].ink)
        elif span.text:
            out.append(span)
    return out


def wrap(text: str, cells: int, ink: Ink = "plain") -> list[Line]:
    """Return `text` broken at spaces, and inside words too long, into lines of at most `cells`."""
    rows: list[str] = []
    row = ""
    for word in printable(text).split():
        for part in _pieces(word, cells):
            joined = f"{row} {part}" if row else part
            if cell_len(joined) <= cells or not row:
                row = joined
            else:
                rows.append(row)
                row = part
    rows.append(row)
    return [[Span(shorten(row, cells), ink)] for row in rows if row]


def _pieces(word: str, cells: int) -> Iterator[str]:
    """Yield a word in pieces of at most `cells`, each of at least one character."""
    begin = 0
    for end in range(1, len(word) + 1):
        if end == len(word) or cell_len(word[begin : end + 1]) > cells:
            yield word[begin:end]
            begin = end


def spread(left: Line, end: Line, cells: int) -> Line:
    """Return `left` and `end` pushed apart to fill `cells`; `left` is cut first."""
    room = cells - width(end) - 1
    if room <= 0:
        return crop(end, cells)
    return [*crop(left, room), Span(" "), *end]


def wall(width: int, height: int) -> list[Line]:
    """Return the line between two panes that stand beside each other."""
    return [line((glyphs.now().wall, "rule")) for _ in range(height)]


def rule(cells: int, wall: int = 0, *, below: bool = True) -> Line:
    """Return a horizontal rule, joined to the wall that begins below it, or ends above it."""
    g = glyphs.now()
    if not 0 < wall < cells:
        return [Span(g.rule * max(cells, 0), "rule")]
    joint = g.tee if below else g.foot
    return [Span(g.rule * wall + joint + g.rule * (cells - wall - 1), "rule")]


def plain(spans: Iterable[Span]) -> str:
    """Return the text alone."""
    return "".join(span.text for span in spans)
