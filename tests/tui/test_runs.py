"""What a run tells: measures of its own kind, how it was trained, and the same after a restart."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from engine import ALS, EASE, SGD
from engine.splits import Split
from tests.support.tui_driver import Driver, driven, small_folder
from tui.screens.dialogs import Ask
from tui.screens.train.panes import head, picture
from tui.session.runs import Run, Setup, leaderboard


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_folder(tmp_path_factory.mktemp("runs") / "small", users=120)


async def trained(driver: Driver, algorithm: ALS | EASE, setup: Setup) -> Run:
    """Train and wait."""
    run = driver.session.trainings.train(algorithm, setup)
    assert run is not None
    await driver.until(lambda: run.state == "done")
    await driver.until_ready()
    return run


async def test_a_model_of_interest_has_no_error_in_stars(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        interest = await trained(driver, EASE(), Setup())
        stars = await trained(driver, ALS(factors=2, epochs=2), Setup())
        assert set(interest.scores) == {"ndcg20", "recall20", "seconds", "passes"}
        assert 0 <= interest.scores["ndcg20"] <= 1
        assert {"rmse", "mse", "mae", "ndcg", "ndcg20", "recall20"} <= set(stars.scores)
        assert leaderboard([interest, stars]) == [stars, interest]
        drawn = picture(driver.session, interest, True)
        assert [curve.name for curve in drawn.series] == ["NDCG@20", "recall@20"]
        stars.overlaid = True
        assert len(picture(driver.session, interest, True).series) == 2
        await driver.press("t")
        said = "".join(span.text for span in head(80, 1)[0])
        assert "RMSE" in said
        assert "NDCG@20" in said
        row = next(row for row in driver.text("#runs").splitlines() if "EASE" in row)
        assert "–" in row


@pytest.mark.parametrize("how", ["by time", "per user", "per user, by time"])
async def test_what_is_held_out_is_kept_with_the_model(folder: Path, how: Split) -> None:
    setup = Setup(held_out=20, split=how, seed=3)
    async with driven(folder) as driver:
        await driver.until_ready()
        run = await trained(driver, ALS(factors=2, epochs=2), setup)
        reached = run.rmse
        assert math.isfinite(reached)
    async with driven(folder) as again:
        await again.until_ready()
        kept = next(one for one in again.session.runs if one.kept == run.kept)
        assert kept.setup == setup
        assert kept.rmse == reached
        assert [one.test_mse for one in kept.passes] == [one.test_mse for one in run.passes]


async def test_enter_while_training_asks_and_what_was_learned_stays(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        run = driver.session.trainings.train(ALS(factors=100, epochs=1000), Setup())
        assert run is not None
        await driver.until(lambda: len(run.passes) >= 2)
        await driver.press("t", "enter")
        assert isinstance(driver.app.screen, Ask)
        assert "is being trained" in driver.text("#question")
        await driver.press("n")
        assert driver.session.trainings.running is run
        await driver.press("enter", "y")
        await driver.until(lambda: run.state == "stopped")
        assert run.kept
        last = driver.session.runs[-1]
        await driver.until(lambda: last.state == "done")
        await driver.until_ready()
    async with driven(folder) as again:
        await again.until_ready()
        kept = next(one for one in again.session.runs if one.kept == run.kept)
        assert len(kept.passes) == len(run.passes)
        assert kept.rmse == run.rmse
        assert again.session.trainings.use(kept)


async def test_a_diverging_rank_is_left_out_and_the_others_go_on(folder: Path) -> None:
    wild = SGD(learning_rate=1.0, reg=0.0, epochs=8)
    async with driven(folder) as driver:
        await driver.until_ready()
        driver.session.trainings.start_sweep(ALS(factors=2, epochs=2), Setup(), (1, 2))
        await driver.until(lambda: driver.session.jobs.of("train") is None)
        swept = [run for run in driver.session.runs if run.kept and run.algorithm.factors in (1, 2)]
        assert [run.algorithm.factors for run in swept] == [1, 2]
        driver.session.trainings.start_sweep(wild, Setup(), (2, 200))
        await driver.until(lambda: driver.session.jobs.of("train") is None)
        await driver.calm()
        assert not driver.session.jobs.running or driver.session.jobs.of("train") is None
        left_out = [said for said in driver.said if "diverged and is left out" in said]
        assert len(left_out) == 1
