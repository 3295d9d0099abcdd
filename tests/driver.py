"""Drives the app as a person would: keys in, the text of the screen out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.pilot import Pilot

from tui.app import Reelrank
from tui.house import Options
from tui.terminal import detect


def app(dataset: str = "", profile: str = "") -> Reelrank:
    """Return the app as the command line makes it."""
    return Reelrank(detect(), Options(dataset, profile))


def text(app: Reelrank) -> str:
    """Return what stands on the screen, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot, done: Callable[[], object], seconds: float = 60) -> None:
    """Wait until `done()` holds."""
    for _ in range(int(seconds / 0.02)):
        await pilot.pause(0.02)
        if done():
            await pilot.pause(0.05)
            return
    raise AssertionError(f"waited {seconds} s in vain; on screen:\n{text(pilot.app)}")


async def ready(pilot: Pilot) -> None:
    """Wait until a dataset is open, a model in use, and nothing runs any more."""
    house = pilot.app.house
    await until(pilot, lambda: house.dataset and house.model and not house.jobs.running)


async def press(pilot: Pilot, *keys: str) -> None:
    """Press keys one after another, and let the app paint."""
    for key in keys:
        await pilot.press(key)
    await asyncio.sleep(0)
    await pilot.pause()


async def write(pilot: Pilot, words: str) -> None:
    """Type text into what has the focus."""
    names = {" ": "space", "/": "slash", ".": "full_stop", "-": "minus", "_": "underscore"}
    await press(pilot, *(names.get(letter, letter) for letter in words))
