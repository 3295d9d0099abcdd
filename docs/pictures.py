"""Draw the README's pictures: the app on its demo, used as a person would.

    python -m docs.pictures

It takes a minute or two, keeps out of your own folders, and asks the network for nothing.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.cells import cell_len
from textual.pilot import Pilot

from engine import ALGORITHMS
from tui.app import Reelrank
from tui.screens.train.form_list import FormList
from tui.session.runs import Run, Setup
from tui.session.session import Options
from tui.terminal.abilities import Terminal

FOLDER = Path(__file__).parent
SIZE = (100, 30)
RATED = (
    ("blade runner", "4 ."), ("spirited away", "4 ."), ("stalker", "4"), ("fargo", "4"),
    ("amelie", "4 ."), ("the godfather", "4"), ("titanic", "2"), ("heat", "3 ."),
    ("transformers", "1 ."), ("paprika", "3 ."), ("toy story", "3"), ("the thing", "3 ."),
    ("alien", "5"),
)  # fmt: skip
TEXT = re.compile(
    r'<text class="([^"]*)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>([^<]*)</text>'
)
LONGEST = 12
"""Cells of text that are placed at once: fonts differ a little in width."""
LINES = {"─": 1.5, "━": 3.5, "╸": 3.5}
"""Characters that make lines, with how thick these are drawn: fonts leave seams between them."""


def tidy(svg: str) -> str:
    """Return the picture with every word at its place, and without fonts from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return TEXT.sub(_words, svg)


def _words(found: re.Match[str]) -> str:
    name, x, y, length, rest, body = found.groups()
    text = html.unescape(body).replace("\xa0", " ").rstrip("\n")
    cell = float(length) / max(cell_len(text), 1)
    parts = []
    for word in re.finditer(rf"─+|━+|╸|[^ ─━╸]{{1,{LONGEST}}}", text):
        at = float(x) + cell_len(text[: word.start()]) * cell
        place = f'class="{name}" x="{at:.5g}"'
        wide = (0.5 if word.group() == "╸" else cell_len(word.group())) * cell
        thick = LINES.get(word.group()[0])
        if thick is not None:
            top = float(y) - 6 - thick / 2
            parts.append(f'<rect {place} y="{top:.5g}" width="{wide:.5g}" height="{thick}"/>')
        else:
            said = html.escape(word.group())
            parts.append(f'<text {place} y="{y}" textLength="{wide:.5g}"{rest}>{said}</text>')
    return "".join(parts)


class Picturing:
    """The app, somebody who uses it, and a camera."""

    def __init__(self, app: Reelrank, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something holds."""
        while not true():
            await asyncio.sleep(0.01)

    async def ready(self) -> None:
        """Wait until a model is used and nothing runs."""
        session = self.app.session
        await self.until(lambda: session.model is not None and not session.jobs.running)
        await self.pilot.pause(0.3)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)
        await self.until(lambda: not self.app.key_queue.busy)

    async def train(self, name: str) -> Run:
        """Train with an algorithm as it comes."""
        run = self.app.session.trainings.train(ALGORITHMS[name], Setup())
        assert run is not None
        await self.until(lambda: run.state == "done")
        await self.ready()
        return run

    def shoot(self, name: str) -> None:
        """Save what is on the screen."""
        picture = tidy(self.app.export_screenshot(title="reelrank"))
        (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


async def draw() -> None:
    """Use the app, and save a picture of it now and then."""
    app = Reelrank(Terminal(), Options())
    async with app.run_test(size=SIZE) as pilot:
        one = Picturing(app, pilot)
        await one.ready()
        await one.train("NNLS-ALS")
        await one.train("SVD")
        app.session.trainings.use(await one.train("Bayesian"))
        await one.ready()
        await rate(one)
        one.shoot("rate")
        await one.press("f", "down", "down")
        one.shoot("for_you")
        await one.press("x", "p")
        await one.ready()
        one.shoot("explore")
        await watch(one)
        one.shoot("train")


async def rate(one: Picturing) -> None:
    """Rate films, and go back to being asked about others."""
    await one.press("r")
    for title, stars in RATED:
        letters = ("space" if sign == " " else sign for sign in title)
        await one.press("slash", "ctrl+a", "ctrl+k", *letters, "enter", *stars.split())
    await one.press("escape", "a")
    for stars in ("2", "2 .", "3", "3 .", "4"):
        await one.press(*stars.split(), "down")
    await one.press("up")


async def watch(one: Picturing) -> None:
    """Train once more and stop to look half-way, another run's curve beside."""
    session = one.app.session
    best = min((run for run in session.runs if run.name == "ALS"), key=lambda run: run.rmse)
    best.overlaid = True
    await one.press("t", "home")
    while one.app.screen.query_one(FormList).form_rows.form.algorithm_name != "SGD":
        await one.press("right")
    await one.press("enter")
    run = session.runs[-1]
    await one.until(lambda: len(run.passes) >= run.planned // 2)
    await one.pilot.pause(0.6)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        for kind in ("DATA", "CACHE", "CONFIG", "STATE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(home) / kind.lower())
        asyncio.run(draw())
