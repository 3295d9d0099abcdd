"""The map as a widget: it draws, zooms, and walks from film to film."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.message import Message

from engine.arrays import Floats
from tui.text.lines import Line, wrap
from tui.widgets import map_text
from tui.widgets.map_text import Look, Window
from tui.widgets.painted import Painted

ZOOM = 1.6
MOST, LEAST = 400.0, 0.5
"""Zoomed in and out at most so many times."""


class MapBox(Painted, can_focus=True):
    """Places on a plane; the cursor is always on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "walk(-1,0)", "walk", key_display="←", tooltip="Walk left"),
        Binding("h", "walk(-1,0)", "walk", show=False, tooltip="Walk left"),
        Binding("down", "walk(0,1)", "walk", key_display="↓", tooltip="Walk down"),
        Binding("j", "walk(0,1)", "walk", show=False, tooltip="Walk down"),
        Binding("up", "walk(0,-1)", "walk", key_display="↑", tooltip="Walk up"),
        Binding("k", "walk(0,-1)", "walk", show=False, tooltip="Walk up"),
        Binding("right", "walk(1,0)", "walk", key_display="→", tooltip="Walk right"),
        Binding("l", "walk(1,0)", "walk", show=False, tooltip="Walk right"),
        Binding("plus", "zoom(1)", "zoom", tooltip="Nearer"),
        Binding("equals_sign", "zoom(1)", "nearer", show=False, tooltip="Nearer"),
        Binding("minus", "zoom(-1)", "zoom", tooltip="Farther"),
        Binding("shift+left,H", "pan(-1,0)", "pan", show=False, tooltip="Move the window left"),
        Binding("shift+down,J", "pan(0,1)", "pan", show=False, tooltip="Move the window down"),
        Binding("shift+up,K", "pan(0,-1)", "pan", show=False, tooltip="Move the window up"),
        Binding("shift+right,L", "pan(1,0)", "pan", show=False, tooltip="Move the window right"),
        Binding("0,home", "whole", "whole", show=False, tooltip="The whole map"),
    ]

    class Walked(Message):
        """The cursor is on another place."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: Floats = np.zeros((0, 2), np.float32)
        self._window: Window | None = None
        self._whole: Window | None = None
        self._look: Look | None = None
        self._empty = ""
        self.cursor: int | None = None
        """Position among the places."""

    def show(self, places: Floats, look: Look, cursor: int | None, *, keep: bool = True) -> None:
        """Show places; `keep` says whether the window stays where it is."""
        self._places, self._look, self.cursor = places, look, cursor
        if not keep:
            self._window = None
        self._draw()

    def say(self, sentence: str) -> None:
        """Show a sentence in place of a map."""
        self._look, self._empty = None, sentence
        self._draw()

    def go_to(self, place: int) -> None:
        """Put the cursor on a place, and the window around it."""
        self.cursor = place
        self._follow()
        self._draw()
        self.post_message(self.Walked())

    def on_resize(self, event: Resize) -> None:
        """Show the same part in the new size."""
        self._window = None
        self._draw()

    def on_click(self, event: Click) -> None:
        """Go to the nearest film to where the mouse is."""
        if self._window is None or not len(self._places):
            return
        across, down = self._window.cells(self._places, *self.size)
        far = np.hypot(across - event.x - 0.5, map_text.ASPECT * (down - event.y - 0.5))
        self.go_to(int(far.argmin()))

    def on_mouse_scroll_up(self) -> None:
        """Zoom in."""
        self.action_zoom(1)

    def on_mouse_scroll_down(self) -> None:
        """Zoom out."""
        self.action_zoom(-1)

    def action_walk(self, dx: int, dy: int) -> None:
        """Go to the nearest film in a direction."""
        if self._window is None or self.cursor is None:
            return
        cells = map_text.grid(self._places, self._window, *self.size)
        place = map_text.step(cells, self.cursor, dx, dy)
        if place is not None:
            self.go_to(place)

    def action_zoom(self, by: int) -> None:
        """Zoom around the cursor."""
        if self._window is None or self._whole is None:
            return
        scale = self._whole.step / self._window.step * ZOOM**by
        if not LEAST <= scale <= MOST:
            return
        x, y = (self._window.x, self._window.y)
        if self.cursor is not None:
            x, y = self._places[self.cursor].tolist()
        self._window = self._window.zoomed(ZOOM**by, x, y)
        self._draw()

    def action_pan(self, dx: int, dy: int) -> None:
        """Move the window by a quarter of what it shows."""
        if self._window is None:
            return
        step = self._window.step
        x = self._window.x + dx * step * self.size.width / 4
        y = self._window.y - dy * step * map_text.ASPECT * self.size.height / 4
        self._window = Window(x, y, step)
        self._draw()

    def action_whole(self) -> None:
        """Show all of it."""
        self._window = None
        self._draw()

    def _follow(self) -> None:
        if self._window is not None and self.cursor is not None:
            self._window = self._window.following(self._places[self.cursor], *self.size)

    def _draw(self) -> None:
        columns, rows = self.size
        if not columns or not rows:
            return
        if self._look is None:
            self.paint([[], *([*part] for part in _sentence(self._empty, columns))])
            return
        self._whole = map_text.whole(self._places, columns, rows)
        if self._window is None:
            self._window = self._whole
            self._follow()
        cells = map_text.grid(self._places, self._window, columns, rows)
        self.paint(map_text.draw(cells, self._look, self.cursor))


def _sentence(text: str, columns: int) -> list[Line]:
    return wrap(f" {text}", max(columns - 2, 8), "dim")
