"""The whole loop: open, train, rate, be recommended, walk the map, leave, come back."""

from __future__ import annotations

import socket
import zipfile
from functools import partial
from pathlib import Path

import pytest

from data import saved_models
from data.dataset import Dataset
from engine import ALGORITHMS, ALS, NMF
from tests.support.narrowing import present
from tests.support.tui_driver import Driver, choose_algorithm, driven, small_folder
from tui.screens.dialogs import Ask, Enter
from tui.screens.explore.screen import ExploreRoom
from tui.screens.for_you.screen import ForYouRoom
from tui.screens.rate.screen import RateRoom
from tui.screens.train.screen import TrainRoom
from tui.session.jobs import Failed, Finished, Progressed
from tui.session.runs import Setup
from tui.terminal.abilities import Terminal
from tui.widgets.chart import Chart
from tui.widgets.film_map import MapBox

RATINGS = ("5", "4", "1", "5", "2", "3", "4", "5", "1", "2")


async def rate_ten(driver: Driver) -> None:
    """Rate the ten films that are asked about first."""
    await driver.press("r")
    for stars in RATINGS:
        await driver.press(stars, "space")


def own_stars(driver: Driver) -> dict[str, float]:
    """Return the person's stars by film."""
    dataset = driver.session.dataset
    assert dataset is not None
    return {dataset.catalogue[m].label: s for m, s in driver.session.person.stars.items()}


def has_another_dataset(driver: Driver, before: Dataset | None) -> bool:
    """Return whether another dataset is open than before, or none."""
    return driver.session.dataset is not before


async def train_and_use(driver: Driver, name: str, passes: str = "2") -> None:
    """Train with an algorithm, wait, and use what it found."""
    await driver.press("t")
    await choose_algorithm(driver, name, passes)
    await driver.press("enter")
    run = driver.session.runs[-1]
    assert run.name == name
    await driver.until(lambda: run.state == "done")
    await driver.until_ready()
    runs = driver.list("#runs")
    runs.focus()
    assert runs.select(run)
    await driver.press("space")
    await driver.until_ready()
    opened = driver.session.opened
    assert opened is not None
    assert run is (opened.interest if run.is_of_interest else opened.used)
    assert run.kept


async def test_the_whole_loop_on_the_demo(home: Path) -> None:
    async with driven() as driver:
        await driver.until(lambda: driver.session.dataset is not None)
        assert isinstance(driver.room, RateRoom)
        await driver.until_ready()
        await driver.calm()
        assert "demo, synthetic" in driver.text("#top")
        assert "Made-up ratings: d gets real ones" in driver.text("#rate-hint")
        assert "i takes in yours" in driver.text("#rate-hint")
        assert driver.heard(Progressed, "train")
        assert [type(m) for m in driver.heard(Finished, "train")] == [Finished]
        before = driver.text("#rate-side")
        assert "Liked by most" in before
        await rate_ten(driver)
        after = driver.text("#rate-side")
        assert "the model had expected" in " ".join(after.split())
        assert "For you" in after
        assert after != before
        assert len(driver.session.person.stars) == 10
        for name in ALGORITHMS:
            await train_and_use(driver, name)
        assert not driver.heard(Failed, "train")
        await driver.press("f")
        assert isinstance(driver.room, ForYouRoom)
        listed = driver.text("#picks").splitlines()[:20]
        assert any(lead in driver.text("#why") for lead in ("because you loved", "unlike"))
        await driver.press("=")
        assert "your taste" in driver.text("#why")
        await driver.press("x")
        await driver.until(
            lambda: driver.session.film_map is not None and driver.session.film_map.factors
        )
        assert isinstance(driver.room, ExploreRoom)
        await driver.press("right", "down", "plus")
        assert driver.text("#about").strip()
        rated = dict(driver.session.person.stars)
        model = driver.session.used
        assert model is not None
    async with driven() as again:
        await again.until_ready()
        assert isinstance(again.room, ExploreRoom)
        assert again.session.person.stars == rated
        assert again.session.used is not None
        assert again.session.used.kept == model.kept
        assert not again.heard(Progressed, "train")
        await again.press("f")
        assert again.text("#picks").splitlines()[:20] == listed


async def test_the_whole_loop_on_real_movielens(movielens: Path) -> None:
    async with driven(movielens / "ml-latest-small") as driver:
        await driver.until(lambda: driver.session.dataset is not None)
        await driver.press("d")
        await driver.calm()
        assert "100,836 ratings" in driver.text("#summary")
        assert "26,818" in driver.text("#histogram") or "39,954" in driver.text("#histogram")
        await driver.until_ready()
        # The last is one of stars, whose errors are looked at below.
        for name in sorted(ALGORITHMS, key=lambda name: ALGORITHMS[name].feedback == "explicit"):
            await train_and_use(driver, name)
        assert {run.name for run in driver.session.runs} >= set(ALGORITHMS)
        assert not driver.heard(Failed, "train")
        await driver.press("r")
        before = driver.text("#rate-side")
        await rate_ten(driver)
        after = driver.text("#rate-side")
        assert before != after
        rated = dict(driver.session.person.stars)
        assert len(rated) == 10
        used = driver.session.used
        assert used is not None
        await driver.press("f")
        first = driver.text("#picks").splitlines()[:10]
    async with driven() as again:
        await again.until_ready()
        assert again.session.dataset is not None
        assert again.session.dataset.name == "ml-latest-small"
        assert isinstance(again.room, ForYouRoom)
        assert again.session.person.stars == rated
        assert again.session.used is not None
        assert again.session.used.label == used.label
        assert {run.name for run in again.session.runs} >= set(ALGORITHMS)
        await again.calm()
        assert again.text("#picks").splitlines()[:10] == first
        await again.press("t")
        again.list("#runs").select(again.session.used)
        await again.calm()
        train, test = again.app.screen.query_one(Chart).picture.series
        assert (train.name, test.name) == ("train", "test")
        assert len(train.ys) == len(test.ys) == len(used.passes)


async def test_a_zip_and_the_older_form_are_opened_by_their_paths(
    movielens: Path, tmp_path: Path
) -> None:
    folder = small_folder(tmp_path / "small")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"packed/{file.name}")
    async with driven(folder) as driver:
        await driver.until_ready()
        for path, ratings in ((tmp_path / "packed.zip", None), (movielens / "ml-100k", "100,000")):
            before = driver.session.dataset
            await driver.press("d", "a")
            await driver.write(str(path))
            await driver.press("enter")
            await driver.until(partial(has_another_dataset, driver, before))
            await driver.until_ready()
            assert driver.session.target is not None
            assert driver.session.target.path == path
            n = ratings or f"{len(present(driver.session.dataset).ratings):,}"
            assert f"{n} ratings" in driver.text("#summary")
            assert "in use" in driver.text("#datasets")
        assert "34,174" in driver.text("#histogram")


async def test_the_first_run_asks_nothing_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: asked.append(address))
    async with driven() as driver:
        await driver.until_ready()
        assert driver.session.dataset is not None
        assert driver.session.dataset.source.synthetic
        for key in "dtrfx":
            await driver.press(key)
    assert asked == []


async def test_ratings_follow_the_films_into_another_dataset_and_back(
    movielens: Path, home: Path
) -> None:
    async with driven(movielens / "ml-latest-small") as driver:
        await driver.until_ready()
        await driver.press("slash", *"toy story", "enter", "5")
        await driver.press("escape", "slash", *"spirited away", "enter", "4", "full_stop")
        kept = own_stars(driver)
        assert kept == {"Toy Story (1995)": 5.0, "Spirited Away (2001)": 4.5}
    async with driven("demo") as driver:
        await driver.until_ready()
        assert own_stars(driver) == kept


async def test_training_is_drawn_as_it_goes_and_the_app_stays_usable(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small", users=2000)) as driver:
        await driver.until_ready()
        await driver.press("t")
        await choose_algorithm(driver, "SGD", "1000")
        await driver.press("enter")
        run = driver.session.runs[-1]
        await driver.until(lambda: len(run.passes) >= 3)
        assert isinstance(driver.room, TrainRoom)
        assert "pass" in driver.text("#progress")
        assert "training" in driver.text("#top")
        chart = driver.app.screen.query_one(Chart)
        assert {series.name for series in chart.picture.series} == {"train", "test"}
        assert chart.picture.x_range == (0, 1000)
        await driver.press("p")
        job = driver.session.jobs.of("train")
        assert job is not None
        assert job.paused
        assert "paused" in driver.text("#top")
        await driver.press("r", "4", "p", "t", "p")
        assert not job.paused
        assert len(driver.session.person.stars) == 1
        for key, pane in (("d", "#summary"), ("f", "#why"), ("x", "#about"), ("r", "#rate-side")):
            await driver.press(key, "down")
            assert driver.text(pane).strip()
            assert "training" in driver.text("#top")
        await driver.press("2", "t")
        assert len(driver.session.person.stars) == 2
        assert driver.session.jobs.of("train") is job
        await driver.press("c")
        await driver.until(lambda: run.state == "stopped")
        assert run in driver.session.runs
        assert run.model is not None
        driver.list("#runs").focus()
        driver.list("#runs").select(run)
        await driver.press("space")
        await driver.until_ready()
        assert driver.session.used is run
        assert run.kept


async def test_enter_twice_starts_one_training_and_on_a_run_it_uses_it(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        first = driver.session.used
        await driver.press("t")
        await choose_algorithm(driver, "NMF", "1000")
        await driver.burst("enter", "enter", "enter")
        run = driver.session.runs[-1]
        await driver.until(lambda: run.passes)
        assert [one.name for one in driver.session.runs] == ["ALS", "NMF"]
        await driver.press("c")
        await driver.until(lambda: run.state == "stopped")
        await driver.calm()
        assert run.planned == len(run.passes)
        driver.list("#runs").focus()
        driver.list("#runs").select(run)
        await driver.press("enter")
        await driver.until_ready()
        assert driver.session.used is run
        assert first is not run
        assert len(driver.session.runs) == 2


async def test_a_second_training_takes_the_place_of_the_first(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("t")
        first = driver.session.trainings.train(ALS(factors=200, epochs=1000), Setup())
        assert first is not None
        await driver.until(lambda: first.passes)
        second = driver.session.trainings.train(NMF(epochs=3), Setup())
        assert second is not None
        await driver.until(lambda: second.state == "done")
        assert first.state == "stopped"
        assert len(driver.session.jobs.running) == 0


async def test_leaving_asks_while_work_runs_and_only_once(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("t")
        await choose_algorithm(driver, "ALS", "1000")
        await driver.press("enter")
        await driver.press("q", "q")
        assert len(driver.app.screen_stack) == 2
        await driver.press("n")
        assert len(driver.app.screen_stack) == 1
        assert driver.app.is_running
        await driver.press("q", "y")
        await driver.until(lambda: not driver.app.is_running)


async def test_a_sweep_draws_error_against_rank_and_its_runs_join_the_board(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("t")
        await choose_algorithm(driver, "ALS", "2")
        await driver.press("s", "s")
        assert len(driver.app.screen_stack) == 2
        await driver.write("2 four")
        await driver.press("enter")
        assert "whole numbers" in driver.text("#said")
        await driver.write("1 2 3")
        await driver.press("enter", "tab")
        await driver.until(lambda: driver.heard(Finished, "train")[1:])
        picture = driver.app.screen.query_one(Chart).picture
        assert picture.x_title == "rank"
        assert [series.xs for series in picture.series] == [(1.0, 2.0, 3.0)] * 2
        await driver.calm()
        assert driver.app.screen.query_one(Chart).picture.x_title == "rank"
        await driver.press("end", "home")
        assert driver.app.screen.query_one(Chart).picture.x_title == "pass"
        assert len([run for run in driver.session.runs if run.state == "done"]) == 4


async def test_a_run_keeps_the_name_that_it_is_given(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        run = driver.session.used
        assert run is not None
        await driver.press("t", "tab", "n")
        await driver.until(lambda: isinstance(driver.app.screen, Enter))
        await driver.write("x" * 41)
        await driver.press("enter")
        assert isinstance(driver.app.screen, Enter)
        await driver.write("my [best] one")
        await driver.press("enter")
        await driver.until(lambda: run.label == "my [best] one")
        assert "my [best] one" in driver.text("#runs")
        await driver.press("delete")
        await driver.until(lambda: isinstance(driver.app.screen, Ask))
    async with driven() as again:
        await again.until_ready()
        assert [run.label for run in again.session.runs] == ["my [best] one"]
        assert [entry.name for entry in saved_models.saved()] == ["my [best] one"]


async def test_runs_are_overlaid_measured_and_deleted(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        first = driver.session.used
        assert first is not None
        await train_and_use(driver, "NMF")
        runs = driver.list("#runs")
        assert runs.select(first)
        await driver.press("o")
        assert first.overlaid
        runs.select(driver.session.used)
        await driver.press("m")
        picture = driver.app.screen.query_one(Chart).picture
        assert picture.title == "RMSE"
        assert [s.name for s in picture.series] == ["train", "test", first.label]
        await driver.press("delete", "y")
        assert any("in use" in said for said in driver.said)
        runs.select(first)
        await driver.press("delete", "delete", "y")
        assert first not in driver.session.runs
    async with driven() as again:
        await again.until_ready()
        assert [run.name for run in again.session.runs] == ["NMF"]


async def test_the_map_is_walked_zoomed_coloured_searched_and_unfolded(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small", users=120), size=(120, 40)) as driver:
        await driver.until_ready()
        await driver.press("x")
        await driver.until(
            lambda: driver.session.film_map is not None and driver.session.film_map.factors
        )
        await driver.calm()
        box = driver.app.screen.query_one(MapBox)
        start = box.cursor
        walked = set()
        for key in ("right", "down", "left", "up", "l", "j", "h", "k"):
            await driver.press(key)
            walked.add(box.cursor)
        assert len(walked | {start}) > 2
        for key in ("plus", "minus", "shift+left", "0", "c", "s", "c", "c"):
            await driver.press(key)
        await driver.press("slash", *"alien", "enter", "enter")
        assert "Alien (1979)" in driver.text("#about")
        assert "Alien" in driver.text("#map")
        await driver.press("tab", "down", "enter")
        assert "Alien (1979)" not in driver.text("#about")
        await driver.press("o", "o")
        assert "factor 1" in driver.text("#reading")
        await driver.press("escape", "p")
        await driver.until(lambda: driver.heard(Finished, "unfold"))
        await driver.calm()
        assert "t-SNE" in driver.text("#map-head")
        await driver.press("p")
        assert "PCA" in driver.text("#map-head")


async def test_every_room_holds_at_forty_by_ten_and_without_colour_or_utf8(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    plain = Terminal(markers="ascii", few_colours=True, no_colour=True)
    for size, terminal in (((40, 10), Terminal()), ((80, 24), plain), ((1, 1), Terminal())):
        async with driven(folder, size=size, terminal=terminal) as driver:
            await driver.until_ready()
            for key in ("d", "t", "f", "x", "r"):
                await driver.press(key, "down")
                if key == "x":
                    await driver.press("question_mark", "escape")
                assert terminal is not plain or driver.text().isascii(), driver.text()
            for key in ("question_mark", "g", "slash", "ctrl+p"):
                await driver.press(key)
                assert terminal is not plain or driver.text().isascii(), driver.text()
                await driver.press("escape")
            assert driver.app.is_running
