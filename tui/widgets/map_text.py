"""The map of films as text: which part is seen, what stands in each cell, how arrows walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats, Ids, Mask
from tui.terminal.abilities import Markers
from tui.text import glyphs
from tui.text.lines import Ink, Line, Span, shorten, width

ASPECT = 2.0
"""A cell is so many times as high as it is wide."""
EDGE = 0.12
"""The cursor is kept so far inside the window, as a share of it."""
GROUPS: tuple[Ink, ...] = (
    "group0", "group1", "group2", "group3", "group4", "group5", "group6", "group7",
)  # fmt: skip
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Bits of a braille cell by row and column."""
_BRAILLE = 0x2800


@dataclass(frozen=True)
class Window:
    """The part of the plane that is seen."""

    x: float
    y: float
    """Centre."""
    step: float
    """How much of the plane one cell is wide."""

    def zoomed(self, factor: float, x: float, y: float) -> Window:
        """Return a window in which things are `factor` times as large, (x, y) staying in place."""
        return Window(x + (self.x - x) / factor, y + (self.y - y) / factor, self.step / factor)

    def cells(self, places: Floats, columns: int, rows: int) -> tuple[Floats, Floats]:
        """Return the fractional column and row of each place, from the top left."""
        across = (places[:, 0] - self.x) / self.step + columns / 2
        down = rows / 2 - (places[:, 1] - self.y) / (self.step * ASPECT)
        return across.astype(np.float32), down.astype(np.float32)

    def following(self, place: Floats, columns: int, rows: int) -> Window:
        """Return the window moved just so far that `place` is well inside it."""
        across, down = self.cells(place[None], columns, rows)
        dx = _outside(float(across[0]), columns * EDGE, columns * (1 - EDGE))
        dy = _outside(float(down[0]), rows * EDGE, rows * (1 - EDGE))
        return replace(self, x=self.x + dx * self.step, y=self.y - dy * self.step * ASPECT)


def _outside(value: float, low: float, high: float) -> float:
    return min(value - low, 0.0) + max(value - high, 0.0)


def whole(places: Floats, columns: int, rows: int) -> Window:
    """Return the window that shows all but the farthest few of the places."""
    if not len(places):
        return Window(0, 0, 1)
    low, high = np.quantile(places, 0.004, axis=0), np.quantile(places, 0.996, axis=0)
    across, upright = (high - low).tolist()
    step = max(across / max(columns - 4, 1), upright / (ASPECT * max(rows - 2, 1)), 1e-6)
    return Window(float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2, step)


@dataclass(frozen=True, eq=False)
class Grid:
    """The places by cell."""

    columns: int
    rows: int
    first: NDArray[np.int64]
    """(rows, columns) position of the best-known film in each cell; -1 for none."""
    dots: NDArray[np.int64]
    """(rows, columns) bits of the braille character."""
    inside: NDArray[np.int64]
    """Positions of the places that are seen, in their order."""
    across: NDArray[np.int64]
    down: NDArray[np.int64]
    """(n,) column and row of every place, seen or not."""


def grid(places: Floats, window: Window, columns: int, rows: int) -> Grid:
    """Return what falls into each cell."""
    across, down = window.cells(places, columns, rows)
    seen: Mask = (across >= 0) & (across < columns) & (down >= 0) & (down < rows)
    inside = np.flatnonzero(seen)
    column, row = np.floor(across).astype(np.int64), np.floor(down).astype(np.int64)
    first = np.full((rows, columns), -1, np.int64)
    backwards = inside[::-1]
    first[row[backwards], column[backwards]] = backwards
    dots = np.zeros((rows, columns), np.int64)
    fine = (
        np.floor(across[inside] * 2).astype(np.int64) % 2,
        np.floor(down[inside] * 4).astype(np.int64) % 4,
    )
    np.bitwise_or.at(dots, (row[inside], column[inside]), _DOTS[fine[1], fine[0]])
    return Grid(columns, rows, first, dots, inside, column, row)


@dataclass(frozen=True)
class Look:
    """How the places are drawn."""

    groups: Ids | None
    """(n,) which group each place is of, -1 for none."""
    shapes: bool
    """Whether groups have shapes of their own, and not only colours."""
    markers: Markers
    label: Callable[[int], str]
    """Returns the name of a place."""
    own: frozenset[int] = frozenset()
    """Places that are stars, for one's own."""
    labels: int = 10
    """At most so many names."""


def draw(cells: Grid, look: Look, cursor: int | None) -> list[Line]:
    """Return the map, line by line."""
    canvas = [[_cell(cells, look, x, y) for x in range(cells.columns)] for y in range(cells.rows)]
    for place in look.own:
        x, y = int(cells.across[place]), int(cells.down[place])
        if 0 <= x < cells.columns and 0 <= y < cells.rows:
            canvas[y][x] = Span(glyphs.now().star, "own")
    taken = np.zeros((cells.rows, cells.columns), bool)
    order = [] if cursor is None else [cursor]
    order += [int(i) for i in cells.inside if int(i) != cursor]
    named = 0
    for place in order[: look.labels * 12]:
        if named > look.labels:
            break
        named += _name(canvas, taken, cells, look, place, place == cursor)
    return [_joined(row) for row in canvas]


def _cell(cells: Grid, look: Look, x: int, y: int) -> Span:
    place = int(cells.first[y, x])
    if place < 0:
        return Span(" ")
    group = -1 if look.groups is None else int(look.groups[place])
    ink: Ink = "dim" if group < 0 else GROUPS[group % len(GROUPS)]
    g = glyphs.now()
    if look.shapes or look.markers != "braille":
        return Span(g.marks[group % len(g.marks)] if group >= 0 else g.dot, ink)
    return Span(chr(_BRAILLE + int(cells.dots[y, x])), ink)


def _name(
    canvas: list[list[Span]], taken: Mask, cells: Grid, look: Look, place: int, here: bool
) -> bool:
    """Write the name of a place beside it, where there is room; return whether there was."""
    x, y = int(cells.across[place]), int(cells.down[place])
    if not (0 <= x < cells.columns and 0 <= y < cells.rows):
        return False
    text = shorten(look.label(place), 24 if here else 20)
    size = width(text)
    for start in (x + 2, x - size - 1):
        if start < 0 or start + size > cells.columns:
            continue
        if not here and taken[y, max(start - 1, 0) : start + size + 1].any():
            continue
        ink: Ink = "bold" if here else "own" if place in look.own else "plain"
        _write(canvas[y], text, start, ink)
        taken[y, start : start + size] = True
        break
    else:
        if not here:
            return False
    if here:
        canvas[y][x] = Span(glyphs.now().here, "accent")
    taken[y, x] = True
    return True


def _write(row: list[Span], text: str, start: int, ink: Ink) -> None:
    """Write over cells; a wide character leaves the next cell empty."""
    at = start
    for character in text:
        row[at] = Span(character, ink)
        cells = width(character)
        for empty in range(at + 1, at + cells):
            row[empty] = Span("")
        at += max(cells, 1)
    # Marks that are letters would read as part of the name.
    for beside in (start - 1, at):
        if 0 <= beside < len(row) and row[beside].ink in GROUPS:
            row[beside] = Span(" ")


def _joined(row: list[Span]) -> Line:
    """Join neighbours of one ink."""
    line: Line = []
    for span in row:
        if line and line[-1].ink == span.ink:
            line[-1] = Span(line[-1].text + span.text, span.ink)
        else:
            line.append(span)
    return line


def step(cells: Grid, cursor: int, dx: int, dy: int) -> int | None:
    """Return the nearest film in a direction: 1 to the right, 1 down; None where there is none.

    Only the best-known film of a cell counts, so that each step is seen.
    """
    found = cells.first[cells.first >= 0]
    found = found[found != cursor]
    right = (cells.across[found] - cells.across[cursor]).astype(np.float32)
    down = (cells.down[found] - cells.down[cursor]).astype(np.float32) * ASPECT
    ahead = right * dx + down * dy
    aside = np.abs(right * dy) + np.abs(down * dx)
    for cone in (1.0, 4.0):
        ok = (ahead > 0) & (aside <= cone * ahead)
        if ok.any():
            cost = np.where(ok, np.hypot(ahead, 2 * aside), np.inf)
            return int(found[cost.argmin()])
    return None
