"""Each room's keys on a small dataset: what they do, and that a key pressed twice does it once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.releases import movielens
from engine import ALS, BayesianMF
from tests.support.tui_driver import Driver, driven, small_folder
from tui.screens.data.panes import Item
from tui.screens.data.screen import DataRoom
from tui.screens.dialogs import Ask, Choose
from tui.screens.explore.screen import ExploreRoom
from tui.screens.for_you.screen import ForYouRoom
from tui.screens.help import Help
from tui.screens.rate.screen import RateRoom
from tui.session.jobs import Failed
from tui.session.runs import Setup
from tui.text import lines
from tui.widgets.keyline import KeyLine
from tui.widgets.topbar import TopBar


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_folder(tmp_path / "small")


def current(driver: Driver, selector: str) -> int:
    movie = driver.list(selector).current
    assert isinstance(movie, int)
    return movie


async def test_rating_with_one_key(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        person = driver.session.person
        movie = current(driver, "#rate-list")
        await driver.press("4")
        assert person.stars[movie] == 4
        await driver.press("full_stop", "full_stop", "full_stop")
        assert person.stars[movie] == 5
        await driver.press("comma")
        assert person.stars[movie] == 4.5
        await driver.press("0")
        assert movie not in person.stars
        await driver.press("u", "u")
        assert person.stars[movie] == 5
        await driver.press("w")
        assert person.marks[movie] == "watchlist"
        assert current(driver, "#rate-list") != movie
        await driver.press("up", "w")
        assert movie not in person.marks
        assert person.stars[movie] == 5
        for _ in range(12):
            await driver.press("u")
        assert not person.stars
        assert not person.marks
        assert "nothing to take back" in driver.text("#rate-side")


async def test_a_prediction_is_told_only_once_the_film_is_rated(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("3", "down")
        assert "expected" in driver.text("#rate-side")
        row = driver.text("#rate-list").splitlines()[1]
        assert "·····" in row


async def test_films_not_seen_give_way_and_are_not_asked_again(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        movie = current(driver, "#rate-list")
        await driver.press("s")
        assert driver.session.person.marks[movie] == "unseen"
        assert current(driver, "#rate-list") != movie
        await driver.press("a")
        assert movie not in [
            driver.list("#rate-list").rows.key(i)
            for i in range(len(driver.list("#rate-list").rows))
        ]


async def test_keys_that_arrive_at_once_go_where_each_was_meant_to(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.burst("slash", *"alien", "enter", "5", "escape", "down", "4", "t", "r")
        await driver.until(lambda: len(driver.session.person.stars) == 2)
        assert driver.session.dataset is not None
        first, _ = driver.session.person.stars
        assert driver.session.dataset.catalogue[first].title == "Alien"
        await driver.burst("d", "a", "ctrl+u", *"nowhere", "enter", "escape", "f")
        await driver.until(lambda: isinstance(driver.room, ForYouRoom))
        assert driver.session.person.marks == {}
        assert len(driver.app.screen_stack) == 1


async def test_search_filters_and_back(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("down", "down")
        place = current(driver, "#rate-list")
        await driver.press("slash", *"amelie")
        assert "Amélie" in driver.text("#rate-list")
        await driver.press("escape")
        assert current(driver, "#rate-list") == place
        await driver.press("slash", *"no such film")
        assert "Esc goes back" in driver.text()
        await driver.press("escape", "g", "g")
        assert isinstance(driver.app.screen, Choose)
        await driver.press("h", "enter")
        assert isinstance(driver.room, RateRoom)
        titles = driver.text("#rate-list")
        assert "[REC]" in titles
        assert "Amélie" not in titles
        await driver.press("escape")
        assert "Amélie" in driver.text("#rate-list")
        await driver.press("y", "down", "enter")
        assert "2010s" in driver.text("#rate-head")


async def test_what_teaches_most_is_asked_as_soon_as_a_model_can_tell(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until(lambda: driver.session.dataset is not None)
        await driver.calm()
        first = current(driver, "#rate-list")
        await driver.until(lambda: driver.session.questions is not None)
        await driver.until_ready()
        rows = driver.list("#rate-list").rows
        shown = [rows.key(i) for i in range(len(rows))]
        questions = driver.session.questions
        assert questions is not None
        none = driver.session.person.movies
        skip = np.array([first], np.int32)
        best = questions.next(none, none, len(shown) - 1, skip)
        assert shown == [first, *best.tolist()]


async def test_other_wishes_are_seen_from_their_top_and_ratings_keep_the_place(
    folder: Path,
) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("f", "down", "down", "down")
        place = driver.list("#picks").cursor
        await driver.press("4")
        assert driver.list("#picks").cursor == place
        await driver.press("right")
        assert driver.list("#picks").cursor == 0
        await driver.press("g", "h", "enter")
        assert "Horror" in driver.text("#picks-head")
        assert all("Horror" in row for row in driver.text("#picks").splitlines())
        assert "2 films" not in driver.text("#picks-head")


async def test_columns_stand_only_where_something_is_in_them(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("f")
        unsure = driver.text("#picks").splitlines()[0]
        run = driver.session.trainings.train(BayesianMF(factors=2, epochs=4, burn_in=1), Setup())
        assert run is not None
        await driver.until(lambda: run.state == "done")
        driver.session.trainings.use(run)
        await driver.until_ready()
        assert "±" not in unsure
        assert "±" in driver.text("#picks").splitlines()[0]
        assert "most likely" in " ".join(driver.text("#why").split())


async def test_for_you_filters_slides_rates_and_takes_back(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("5", "down", "1", "f")
        await driver.calm()
        n = len(driver.list("#picks").rows)
        assert n == 18
        movie = current(driver, "#picks")
        await driver.press("n")
        assert driver.session.person.marks[movie] == "not interested"
        assert len(driver.list("#picks").rows) == n - 1
        await driver.press("u")
        assert len(driver.list("#picks").rows) == n
        await driver.press("right", "right", "l", "h")
        assert driver.session.settings.balance == 0.7
        await driver.press("p")
        assert "well known" in driver.text("#picks-head") or len(driver.list("#picks").rows) < n
        await driver.press("escape", "v")
        assert "watchlist" in driver.text("#picks-head")
        assert "w puts a film on it" in driver.text()
        await driver.press("v")
        assert len(driver.list("#picks").rows) == 20


async def test_the_data_room_opens_remembers_and_forgets(folder: Path, tmp_path: Path) -> None:
    other = small_folder(tmp_path / "other", seed=1)
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("d", "a", "a")
        assert len(driver.app.screen_stack) == 2
        await driver.write(str(tmp_path / "oth"))
        await driver.press("tab", "enter")
        await driver.until(
            lambda: driver.session.dataset is not None and driver.session.dataset.name == "other"
        )
        await driver.until_ready()
        assert driver.session.settings.recents[:2] == [other, folder]
        rows = driver.text("#datasets").splitlines()
        assert "in use" in rows[1]
        assert folder.name in rows[2]
        assert "40" in rows[2].split()
        stock = driver.list("#datasets")
        items = [stock.rows.key(i) for i in range(len(stock.rows))]
        old = next(i for i in items if isinstance(i, Item) and i.target.path == folder)
        stock.select(old)
        await driver.press("delete")
        assert driver.session.settings.recents == [other]


async def test_a_release_is_fetched_only_after_its_terms_were_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(movielens.MIRROR, "http://127.0.0.1:9")
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("d", "home", "down", "down", "enter", "enter")
        assert isinstance(driver.app.screen, Ask)
        assert driver.session.jobs.of("download") is None
        await driver.press("y")
        await driver.calm()
        assert isinstance(driver.room, DataRoom)
        await driver.until(lambda: driver.heard(Failed, "download"))
        assert any("127.0.0.1" in said and "zip" in said for said in driver.said), driver.said
        assert driver.session.dataset is not None


async def test_the_terms_are_told_and_no_means_no(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("d", "home", "down", "down", "enter")
        assert isinstance(driver.app.screen, Ask)
        said = " ".join(driver.text("#question").split())
        assert "100,836 ratings" in said
        assert "research" in said
        await driver.press("n")
        assert driver.session.jobs.of("download") is None


async def test_help_names_every_key_of_the_room_and_opens_once(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        for key in ("d", "t", "r", "f", "x"):
            await driver.press(key, "question_mark", "f1")
            assert isinstance(driver.app.screen, Help)
            assert len(driver.app.screen_stack) == 2
            shown = driver.text("#reading")
            assert "Leave; asks if work is running" in shown
            for binding in type(driver.room).BINDINGS:
                assert getattr(binding, "tooltip", "") in shown
            await driver.press("escape")
            keys = driver.text("#keys")
            assert "?" in keys
            assert len(keys) <= 80
            assert len(driver.app.screen.query_one(KeyLine).hints) <= 8


@pytest.mark.parametrize("width", [40, 60, 80, 120])
async def test_every_row_fits_its_terminal(folder: Path, width: int) -> None:
    async with driven(folder, size=(width, 30)) as driver:
        await driver.until_ready()
        lists = {"r": "#rate-list", "f": "#picks", "t": "#runs", "d": "#datasets", "x": "#near"}
        for key, selector in lists.items():
            await driver.press(key)
            shown = driver.list(selector)
            cells = shown.size.width or width - 1
            for index in range(len(shown.rows)):
                row = lines.plain(shown.rows.row(index, cells, index == 0)).rstrip()
                assert selector in ("#runs", "#datasets") or lines.width(row) <= cells, row
                assert lines.width(row) <= cells + 8, row


async def test_the_keys_that_count_fit_into_eighty_columns(folder: Path) -> None:
    wanted = {
        "d": ("enter open or download", "a add a path"),
        "t": ("enter start", "s sweep", "o overlay", "space use"),
        "r": ("1-5 rate", ", . half", "s not seen", "w watchlist", "u undo", "/ search"),
        "f": ("1-5 rate", "←→ balance", "n not for me", "g genre", "y year", "e export"),
        "x": ("←↓↑→ walk", "+ - zoom", "tab nearest", "c colour", "p PCA/t-SNE", "/ find"),
    }
    async with driven(folder) as driver:
        await driver.until_ready()
        for key, hints in wanted.items():
            await driver.press(key)
            shown = driver.text("#keys")
            assert lines.width(shown) <= 80
            assert all(hint in shown for hint in hints), shown
        await driver.press("t")
        assert "pause" not in driver.text("#keys")
        driver.session.trainings.train(ALS(factors=50, epochs=1000), Setup())
        await driver.until(lambda: "p pause  c cancel" in driver.text("#keys"))


async def test_profiles_are_apart_and_the_last_one_returns(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("5")
        driver.app.action_profile()
        await driver.calm()
        await driver.press("down", "enter", *"ana", "enter")
        assert driver.session.person.profile.name == "ana"
        assert not driver.session.person.stars
        assert "ana" in driver.text("#top")
    async with driven() as again:
        await again.until_ready()
        assert again.session.person.profile.name == "ana"
        again.app.action_profile()
        await again.calm()
        await again.press("home", "enter")
        assert len(again.session.person.stars) == 1


async def test_a_theme_sticks(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        driver.app.action_theme()
        await driver.calm()
        await driver.press("down", "enter")
        assert driver.app.theme == "reelrank-light"
    async with driven() as again:
        assert again.app.theme == "reelrank-light"


async def test_the_mouse_works(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.pilot.click("#rate-list", offset=(6, 4))
        assert driver.list("#rate-list").cursor == 3
        await driver.pilot.click(TopBar, offset=(12, 0))
        assert isinstance(driver.room, DataRoom)
        await driver.pilot.click("#keys", offset=(3, 0))
        await driver.calm()
        assert driver.session.target is not None
        assert driver.session.target.path == folder


async def test_the_palette_offers_what_keys_do(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        offered = [c.title for c in driver.app.get_system_commands(driver.app.screen)]
        for title in ("Go to Train", "Theme", "Profile", "Help", "Leave", "Search by title"):
            assert title in offered


async def test_a_release_of_the_command_line_that_is_not_here_is_offered() -> None:
    async with driven("ml-100k") as driver:
        await driver.until(lambda: isinstance(driver.app.screen, Ask))
        await driver.calm()
        assert isinstance(driver.room, DataRoom)
        assert "ml-100k: 100,000 ratings" in " ".join(driver.text("#question").split())
        await driver.press("n")
        await driver.until(lambda: driver.session.dataset is not None)
        assert driver.session.dataset is not None
        assert driver.session.dataset.source.synthetic


async def test_from_its_card_one_goes_to_a_film_on_the_map_where_it_can_be_rated(
    folder: Path,
) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("slash", *"heat", "enter", "enter", "m")
        await driver.until(lambda: isinstance(driver.room, ExploreRoom))
        await driver.until(lambda: "Heat (1995)" in driver.text("#about"))
        await driver.press("5")
        assert "★★★★★" in driver.text("#about")
        await driver.press("u")
        assert "★" not in driver.text("#about")
        await driver.press("v")
        assert "values" in driver.text("#reading")


async def test_training_stops_early_when_it_is_told_to(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        run = driver.session.trainings.train(
            ALS(factors=8, reg=0.01, epochs=400), Setup(patience=2)
        )
        assert run is not None
        await driver.until(lambda: run.state == "done")
        assert len(run.passes) < 400
        assert any("is trained: test RMSE" in said for said in driver.said)
