"""Line charts drawn by plotext: the only file that knows it.

Each drawing has a figure of its own, since plotext's own is shared by the whole process. Points
that are not finite are dropped, at most two a column are drawn, and rows that did not change are
not sent again.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from plotext._figure import _figure_class
from textual.events import Resize
from textual.timer import Timer

from tui.terminal.abilities import Markers
from tui.text import glyphs
from tui.text.lines import Ink, Line, Span, width, wrap
from tui.widgets.line_diff import affordable
from tui.widgets.painted import Painted

_MARKERS: dict[Markers, tuple[str, str]] = {
    "braille": ("braille", "braille"),
    "blocks": ("hd", "hd"),
    "ascii": ("*", "."),
}
"""What a line and a dotted line are drawn with."""
_FIRST_COLOUR = 201
"""Colours are numbers here that stand for inks, and never reach the terminal."""
_AXES = 250
_CODES = re.compile(r"\x1b\[([0-9;]*)m")
_A_FRAME = 1000
"""Bytes that a live chart may send at once; what is beyond waits for the next paint."""
_LONGEST_TAIL = 2.5
"""Errors beyond so many medians, as in the first pass, are cut off the chart."""


@dataclass(frozen=True)
class Series:
    """A curve."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    ink: Ink = "accent"
    dotted: bool = False


@dataclass(frozen=True)
class Picture:
    """What a chart shows."""

    series: tuple[Series, ...] = ()
    title: str = ""
    """What the y axis measures, in the corner above it."""
    x_title: str = ""
    x_range: tuple[float, float] | None = None
    """Fixed where it is known beforehand, so that the axis does not move."""
    from_zero: bool = False
    empty: str = ""
    """What to say where there is nothing to draw."""


def draw(picture: Picture, cells: int, rows: int, markers: Markers) -> list[Line]:
    """Return the picture as lines of at most `cells`; a sentence where nothing can be drawn."""
    curves = [thinned(series, 2 * cells) for series in picture.series]
    curves = [series for series in curves if series.xs]
    if cells < 16 or rows < 5 or not curves:
        return [[Span(" "), *part] for part in wrap(picture.empty, max(cells - 2, 1), "dim")]
    low, high = y_limits([y for series in curves for y in series.ys], picture.from_zero)
    left, right = picture.x_range or x_limits(curves)
    figure: Any = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(cells, rows - 1)
    for number, series in enumerate(curves):
        dots = np.linspace(left, right, 2 * cells + 1)
        _add(figure, series, _FIRST_COLOUR + number, (low, high), markers, dots)
    _axes(figure, (left, right), (low, high), cells, rows)
    inks: dict[str, Ink] = {str(_FIRST_COLOUR + i): s.ink for i, s in enumerate(curves)}
    body = [_inked(row, inks | {str(_AXES): "dim"}) for row in figure.build().splitlines()]
    title = picture.title
    if not _with_title(body, picture.x_title, cells):
        title = f"{title} by {picture.x_title}" if title else picture.x_title
    return [_legend(title, curves, cells), *body]


def thinned(series: Series, most: int) -> Series:
    """Return the series without what is not finite, and with at most `most` points."""
    xs, ys = np.asarray(series.xs, float), np.asarray(series.ys, float)
    finite = np.isfinite(xs) & np.isfinite(ys)
    xs, ys = xs[finite], ys[finite]
    if len(xs) > most:
        # The same points stay while others come, so that what is drawn already need not be sent.
        stride = 1 << math.ceil(math.log2(len(xs) / most))
        xs, ys = xs[::stride], ys[::stride]
    return Series(series.name, tuple(xs.tolist()), tuple(ys.tolist()), series.ink, series.dotted)


def y_limits(ys: Sequence[float], from_zero: bool) -> tuple[float, float]:
    """Return round limits for the y axis, from which it does not move with every point."""
    low, high = min(ys), max(ys)
    if from_zero:
        low = 0.0
    else:
        high = max(min(high, _LONGEST_TAIL * float(np.median(ys))), low)
    step = _round_step((high - low) / 4 or abs(high) / 4 or 1.0)
    bottom = math.floor(low / step + 1e-9) * step
    top = math.ceil(high / step - 1e-9) * step
    return bottom, top if top > bottom else bottom + step


def x_limits(curves: Sequence[Series]) -> tuple[float, float]:
    """Return the range that the points span, never empty."""
    left = min(min(series.xs) for series in curves)
    right = max(max(series.xs) for series in curves)
    return (left, right) if right > left else (left - 0.5, left + 0.5)


def _round_step(span: float) -> float:
    base = 10.0 ** math.floor(math.log10(span))
    return next(base * factor for factor in (1, 2, 2.5, 5, 10) if base * factor >= span * 0.999)


def _add(
    figure: Any,
    series: Series,
    colour: int,
    limits: tuple[float, float],
    markers: Markers,
    columns: NDArray[np.float64],
) -> None:
    ys = np.clip(series.ys, *limits).tolist()
    solid, dots = _MARKERS[markers]
    if series.dotted or len(series.xs) == 1:
        xs, ys = _dots(list(series.xs), ys, columns)
        figure.scatter(xs, ys, marker=dots, color=colour)
    else:
        figure.plot(list(series.xs), ys, marker=solid, color=colour)


def _dots(
    xs: list[float], ys: list[float], columns: NDArray[np.float64]
) -> tuple[list[float], list[float]]:
    """Return points along a curve at places that stay where they are while the curve grows."""
    at = columns[::3]
    at = at[(at >= xs[0]) & (at <= xs[-1])]
    return (at.tolist(), np.interp(at, xs, ys).tolist()) if len(at) else (xs, ys)


def _axes(
    figure: Any,
    across: tuple[float, float],
    upright: tuple[float, float],
    cells: int,
    rows: int,
) -> None:
    figure.xlim(*across)
    figure.ylim(*upright)
    figure.axes_color("default")
    figure.canvas_color("default")
    figure.ticks_color(_AXES)
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    xs = ticks(*across, max(2, min(6, cells // 10)), whole=True)
    figure.xticks(xs, [f"{x:,.0f}" for x in xs])
    ys = ticks(*upright, max(2, min(5, rows // 3)))
    digits = max(0, -math.floor(math.log10(ys[1] - ys[0]) + 1e-9)) if len(ys) > 1 else 1
    digits += len(ys) > 1 and not math.isclose(round(ys[1], digits), ys[1])
    figure.yticks(ys, [f"{y:,.{digits}f}" for y in ys])


def ticks(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """Return at most about `most` round values between two limits."""
    step = _round_step((high - low) / most)
    if whole:
        step = max(1.0, math.ceil(step))
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _inked(row: str, inks: dict[str, Ink]) -> Line:
    """Turn the colour codes of a row into inks."""
    line: Line = []
    ink: Ink = "plain"
    for i, part in enumerate(_CODES.split(row)):
        if i % 2:
            ink = inks.get(part.rpartition(";")[2], "plain")
        elif part:
            line.append(Span(part, ink))
    return line


def _legend(title: str, curves: Sequence[Series], cells: int) -> Line:
    line = [Span(title, "bold")]
    g = glyphs.now()
    for series in filter(lambda series: series.name, curves):
        mark = g.dot * 3 if series.dotted else g.rule * 2
        entry = [Span("   "), Span(f"{mark} ", series.ink), Span(series.name, "dim")]
        if width(line) + width(entry) > cells:
            break
        line += entry
    return line


def _with_title(body: list[Line], title: str, cells: int) -> bool:
    """Write the title of the x axis at the right end of its figures; return whether it fits."""
    if not title or not body:
        return True
    text = "".join(span.text for span in body[-1]).rstrip()
    room = cells - width(text) - 1
    if room > len(title):
        body[-1] = [Span(text, "dim"), Span(title.rjust(room), "dim")]
    return room > len(title)


class Chart(Painted):
    """A chart that may be given new points at any rate, and repaints at a calm one."""

    def __init__(self, markers: Markers, interval: float, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._markers = markers
        self._interval = interval
        self._picture = Picture()
        self._painted_at = 0.0
        self._live = False
        self._next = 0
        self._owing = False
        """Whether there is more to the picture than is shown."""
        self._timer: Timer | None = None

    @property
    def picture(self) -> Picture:
        """What it shows, or will at the next paint."""
        return self._picture

    def show(self, picture: Picture, *, live: bool = False) -> None:
        """Show another picture, now or as soon as the pace allows.

        Parameters
        ----------
        picture : what to show
        live : whether more will follow, so that no single paint may send much
        """
        if (picture, live) == (self._picture, self._live) and self.lines and not self._owing:
            return
        self._picture, self._live = picture, live
        wait = self._painted_at + self._interval - time.monotonic()
        if wait <= 0:
            self._draw()
        elif self._timer is None:
            self._timer = self.set_timer(wait, self._draw)

    def on_resize(self, event: Resize) -> None:
        """Fit the new size."""
        self._paint_all()

    def _draw(self) -> None:
        """Show the picture; of a live one as much as may be sent, and the rest in a while."""
        self._stop()
        self._owing = self.app.screen is not self.screen  # all that lies below would be sent
        if self._owing:
            return
        if not self._live or not self.lines:
            self._paint_all()
            return
        wanted = draw(self._picture, *self.size, self._markers)
        shown, self._next = affordable(self.lines, wanted, _A_FRAME, self._next)
        self._painted_at = time.monotonic()
        self.paint(shown)
        self._owing = shown != wanted
        if self._owing:
            self._timer = self.set_timer(self._interval, self._draw)

    def _paint_all(self) -> None:
        self._stop()
        if self.size.width and self.size.height:
            self.paint(draw(self._picture, *self.size, self._markers))
            self._painted_at = time.monotonic()
            self._owing = False

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
