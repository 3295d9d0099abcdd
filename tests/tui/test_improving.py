"""Better models come by themselves, unless the person has chosen one or turned it off."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import ALGORITHMS, BayesianMF
from tests.support.tui_driver import Driver, driven, small_folder
from tui.session import improving


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small dataset do, and few draws."""
    monkeypatch.setattr(improving, "LEAST_RATINGS", 10)
    monkeypatch.setitem(ALGORITHMS, "Bayesian", BayesianMF(factors=2, epochs=4))


def names(driver: Driver) -> tuple[str, str]:
    """Return which models are in use, of stars and of interest."""
    opened = driver.session.opened
    used = opened.used.name if opened is not None and opened.used is not None else ""
    interest = opened.interest.name if opened is not None and opened.interest is not None else ""
    return used, interest


async def test_both_come_and_stay(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    async with driven(folder, improve=True) as driver:
        await driver.until(lambda: names(driver) == ("Bayesian", "Implicit ALS"))
        await driver.until_ready()
        better = [said for said in driver.said if "have become better" in said]
        assert len(better) == 2
        await driver.press("f")
        first = driver.text("#picks").splitlines()[0]
        assert "±" in first
        assert any(word in first for word in ("surely", "likely", "perhaps", "hardly"))
    async with driven(folder, improve=True) as again:
        await again.until_ready()
        assert names(again) == ("Bayesian", "Implicit ALS")
        assert not again.said
        await again.press("f")
        assert again.text("#picks").splitlines()[0] == first


async def test_who_has_chosen_a_model_keeps_it(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    async with driven(folder) as driver:
        await driver.until_ready()
        driver.session.trainings.use(driver.session.runs[0])
        driver.session.improving.turn(True)
        await driver.until(lambda: names(driver)[1] == "Implicit ALS")
        await driver.until_ready()
        assert names(driver) == ("ALS", "Implicit ALS")


async def test_turned_off_nothing_comes(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        assert names(driver) == ("ALS", "")
        assert [run.name for run in driver.session.runs] == ["ALS"]


async def test_a_training_that_was_asked_for_goes_first(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        driver.session.improving.turn(True)
        await driver.press("t", "enter")
        run = driver.session.runs[-1]
        await driver.until(lambda: run.state == "done")
        await driver.until(lambda: names(driver) == ("Bayesian", "Implicit ALS"))


async def test_what_cannot_be_improved_is_left_and_never_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def broken(*_: object) -> None:
        tries.append(1)
        raise MemoryError

    monkeypatch.setattr("engine.implicit_als.ImplicitALS.run", broken)
    async with driven(small_folder(tmp_path / "small"), improve=True) as driver:
        await driver.until(lambda: names(driver)[0] == "Bayesian")
        await driver.until_ready()
        assert names(driver) == ("Bayesian", "")
        assert len(tries) == 1


async def test_it_is_turned_off_and_on_by_a_command(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        offered = [command.title for command in driver.app.get_system_commands(driver.app.screen)]
        assert "Better models by themselves: off" in offered
        driver.app.action_improving()
        assert driver.session.improving.is_on
        await driver.until(lambda: names(driver) == ("Bayesian", "Implicit ALS"))
        driver.app.action_improving()
        assert not driver.session.improving.is_on
