"""Arriving with files: an export before the first rating, and datasets that do not tell it all."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from tests.support.exported import LETTERBOXD, write
from tests.support.tui_driver import Driver, driven, small_folder
from tui.screens.dialogs import Choose
from tui.session.datasets import target

RATED = f"{LETTERBOXD},Rating"


def asks_for(driver: Driver, column: str) -> bool:
    """Return whether the dialog asks which column holds this."""
    dialog = isinstance(driver.app.screen, Choose)
    return dialog and f"the {column}" in driver.text("#title")


async def test_one_arrives_with_an_export_and_lands_on_the_list(tmp_path: Path) -> None:
    lines = (
        "2024-01-02,Alien,1979,https://boxd.it/b,5",
        "2024-01-03,Heat,1995,https://boxd.it/c,2",
    )
    export = write(tmp_path, "ratings.csv", RATED, *lines)
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        assert "i takes in yours" in driver.text("#rate-hint")
        await driver.press("r", "i")
        await driver.write(str(export))
        await driver.press("enter")
        await driver.until(lambda: driver.app.screen.query("#sums"))
        await driver.press("y")
        await driver.until(lambda: driver.room.NAME == "for_you")
        assert driver.said[-1].startswith("2 films taken in from ratings.csv. Here is your list")
        assert len(driver.session.person.stars) == 2
        await driver.press("r")
        assert "i takes in yours" not in driver.text("#rate-hint")


async def test_films_without_stars_are_asked_about(tmp_path: Path) -> None:
    header = ("Date", "Name", "Year", "Letterboxd URI")
    export = tmp_path / "films of mine.csv"
    export.write_text(",".join(header) + "\n2024-01-02,Alien,1979,https://boxd.it/b\n")
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("d", "i")
        await driver.write(str(export))
        await driver.press("enter")
        await driver.until(lambda: isinstance(driver.app.screen, Choose))
        assert "holds no stars" in driver.text("#title")
        await driver.press("enter")
        await driver.until(lambda: driver.app.screen.query("#sums"))
        await driver.press("y")
        await driver.until(lambda: driver.session.person.marks)
        assert list(driver.session.person.marks.values()) == ["watchlist"]


async def test_columns_that_nothing_tells_are_asked_about(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = {(int(u), int(m)) for u, m in rng.integers(1, 6, (60, 2))}
    file = tmp_path / "odd.csv"
    file.write_text("alpha,beta,gamma\n" + "".join(f"{u},{m},{(u * m) % 5 + 1}\n" for u, m in rows))
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        driver.session.open(target(str(file)))
        await driver.press("d")
        for column in ("person", "film", "stars"):
            await driver.until(partial(asks_for, driver, column))
            await driver.press({"person": "a", "film": "b", "stars": "g"}[column], "enter")
        await driver.until(lambda: driver.session.dataset and driver.session.dataset.name == "odd")
        dataset = driver.session.dataset
        assert dataset is not None
        assert len(dataset.ratings) == len(rows)


async def test_a_value_that_may_mean_not_rated_is_asked_about(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    pairs = [(u, m) for u in range(1, 30) for m in range(1, 20) if rng.random() < 0.6]
    values = [-1 if rng.random() < 0.3 else int(rng.integers(1, 11)) for _ in pairs]
    file = tmp_path / "anime.csv"
    lines = [f"{u},{m},{v}" for (u, m), v in zip(pairs, values, strict=True)]
    file.write_text("user_id,anime_id,rating\n" + "\n".join(lines) + "\n")
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        driver.session.open(target(str(file)))
        await driver.press("d")
        await driver.until(lambda: isinstance(driver.app.screen, Choose))
        assert "-1" in driver.text("#title")
        await driver.press("enter")
        await driver.until(
            lambda: driver.session.dataset and driver.session.dataset.name == "anime"
        )
        dataset = driver.session.dataset
        assert dataset is not None
        assert len(dataset.ratings) == sum(value > 0 for value in values)
