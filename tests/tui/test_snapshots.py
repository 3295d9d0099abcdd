"""Pictures of what is the same on every machine: rooms before anything is open, and the widgets.

After a change that is meant, `pytest --snapshot-update` on this file draws them anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from textual.app import App, ComposeResult

from tui.app import Reelrank
from tui.screens.dialogs import Ask, Choose
from tui.screens.train.form import Form
from tui.screens.train.form_list import FormList
from tui.session.session import Options
from tui.terminal.abilities import Terminal
from tui.terminal.themes import THEMES
from tui.text import glyphs
from tui.text.figures import bar, gauge, stars
from tui.text.lines import Line, line, rule
from tui.widgets.chart import Chart, Picture, Series
from tui.widgets.film_map import MapBox
from tui.widgets.map_text import Look
from tui.widgets.painted import Lines
from tui.widgets.topbar import Status, TopBar

Compare = Callable[..., bool]


class Unopened(Reelrank):
    """The app in the moment before anything is open."""

    def __init__(self, terminal: Terminal | None = None) -> None:
        super().__init__(terminal or Terminal(), Options())

    def _begin(self) -> None:
        """Open nothing."""
        self.session.begun = True
        self.sync()


@pytest.mark.parametrize("key", ["d", "t", "r", "f", "x"])
def test_a_room_says_what_would_fill_it(snap_compare: Compare, key: str) -> None:
    assert snap_compare(Unopened(), press=[key], terminal_size=(80, 24))


def test_a_room_in_plain_ascii_without_colour(snap_compare: Compare) -> None:
    terminal = Terminal(markers="ascii", few_colours=True)
    assert snap_compare(Unopened(terminal), press=["t"], terminal_size=(80, 24))


def test_help(snap_compare: Compare) -> None:
    assert snap_compare(Unopened(), press=["question_mark"], terminal_size=(80, 24))


class Gallery(App[None]):
    """The widgets with fixed figures."""

    CSS = (
        "Chart { height: 12; } FormList { height: 6; } #lines { height: 5; } #map { height: 1fr; }"
    )

    def __init__(self, theme: str) -> None:
        super().__init__(css_path=Path(__file__).parents[2] / "tui" / "app.tcss")
        glyphs.use("braille")
        for one in THEMES:
            self.register_theme(one)
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield TopBar("train")
        yield FormList(Form("ALS"))
        yield Lines(_inks, id="lines")
        yield Chart("braille", 0)
        yield MapBox(id="map")

    def on_mount(self) -> None:
        self.query_one(TopBar).show(Status("small", "ALS 8", "you", "training 43 %"))
        xs = tuple(float(i) for i in range(1, 21))
        train = Series("train", xs, tuple(0.4 + 1 / x for x in xs))
        test = Series("test", xs, tuple(0.7 + 1 / x for x in xs), "own", dotted=True)
        self.query_one(Chart).show(Picture((train, test), "MSE", "pass", (0, 30)))
        self._draw_map()

    def _draw_map(self) -> None:
        places = np.array([[np.cos(i) * i, np.sin(i) * i / 2] for i in range(90)], np.float32)
        groups = (np.arange(90) % 5).astype(np.int32)
        look = Look(groups, True, "braille", lambda i: f"Film {i}", frozenset({7}), labels=8)
        self.query_one(MapBox).show(places, look, 12)


def _inks(width: int, height: int) -> list[Line]:
    return [
        rule(width),
        line(" plain ", ("dim ", "dim"), ("bold ", "bold"), ("accent ", "accent"), ("own ", "own")),
        line(" ", ("good ", "good"), ("bad ", "bad"), ("warn ", "warn"), ("rule ", "rule")),
        line(" ", (stars(4.5), "own"), "  ", (bar(0.63, 20), "accent"), "  ", gauge(0.43, 20)),
        rule(width),
    ]


@pytest.mark.parametrize("theme", ["reelrank-dark", "reelrank-light"])
def test_the_widgets(snap_compare: Compare, theme: str) -> None:
    assert snap_compare(Gallery(theme), terminal_size=(100, 40))


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
def test_a_question(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = Unopened()

    async def ask(pilot: object) -> None:
        app.push_screen(Ask("NNLS-ALS 16 is still running. Leave all the same?", "leave", "stay"))

    assert snap_compare(app, run_before=ask, terminal_size=size)


def test_a_choice(snap_compare: Compare) -> None:
    app = Unopened()

    async def ask(pilot: object) -> None:
        genres = [("any genre", ""), ("Drama", "4,361 films"), ("Sci-Fi", "980 films")]
        app.push_screen(Choose("Genre", genres))

    assert snap_compare(app, run_before=ask, terminal_size=(80, 24))
