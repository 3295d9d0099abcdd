"""An algorithm is one file and one line: one without factors goes through every room."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine
from tests.support.biases import Biases
from tests.support.tui_driver import choose_algorithm, driven, small_folder
from tui.session.runs import Setup

pytestmark = pytest.mark.usefixtures("registered")


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register it as a file of the engine would."""
    monkeypatch.setitem(engine.ALGORITHMS, "Biases", Biases())


async def test_a_new_algorithm_goes_through_every_room(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("t")
        await choose_algorithm(driver, "Biases", "")
        await driver.press("enter")
        run = driver.session.runs[-1]
        await driver.until(lambda: run.state == "done")
        assert run.kept
        assert run.rmse < 2
        runs = driver.list("#runs")
        runs.focus()
        assert runs.select(run)
        await driver.press("space")
        await driver.until_ready()
        assert driver.session.used is run
        await driver.press("s")
        assert "no rank" in driver.said[-1]
        await driver.press("r", "5", "j", "1", "f")
        listed = driver.text("#picks").splitlines()
        assert len(listed) == 18
        await driver.press("=")
        assert "your taste" in driver.text("#why")
        await driver.press("x")
        assert "there is no map" in " ".join(driver.text("#map").split())
    async with driven(folder) as again:
        await again.until_ready()
        assert again.session.used is not None
        assert again.session.used.name == "Biases"
        assert not again.said
        await again.press("f")
        assert again.text("#picks").splitlines() == listed


async def test_a_map_that_cannot_be_drawn_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        monkeypatch.setattr("engine.naming.clusters", broken)
        monkeypatch.setattr("tui.session.film_map.draw", broken)
        run = driver.session.trainings.train(engine.ALS(factors=2, epochs=1), Setup())
        assert run is not None
        await driver.until(lambda: run.state == "done")
        driver.session.trainings.use(run)
        await driver.until_ready()
        await driver.press("x")
        assert "memory" in driver.text("#map")
