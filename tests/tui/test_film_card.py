"""A film's card, finding a film from any room, and keys that do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.film import Film
from tests.support.tui_driver import driven, small_folder
from tui.screens.film_card import FilmCard, links
from tui.screens.find import Find
from tui.session.datasets import target

ROOMS = {"d": "data", "t": "train", "f": "for_you"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_folder(tmp_path_factory.mktemp("cards") / "small")


@pytest.mark.parametrize("room", ROOMS)
async def test_a_film_is_found_from_any_room_and_its_letters_command_nothing(
    folder: Path, room: str
) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press(room, "/", *"rec")
        assert isinstance(driver.app.screen, Find)
        assert "[REC]" in driver.text("#found")
        await driver.press("enter")
        screen = driver.app.screen
        assert isinstance(screen, FilmCard)
        assert "[REC] (2007)" in driver.text("#title")
        assert not driver.session.person.stars
        await driver.press("5", "escape")
        assert ROOMS[room] == driver.room.NAME
        assert list(driver.session.person.stars) == [screen.movie]


@pytest.mark.parametrize("room", ["r", "x"])
async def test_rate_and_explore_search_in_place(folder: Path, room: str) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press(room, "/", *"[re")
        assert not isinstance(driver.app.screen, Find)
        listed = "#rate-list" if room == "r" else "#near"
        assert "[REC]" in driver.text(listed)


async def test_the_card_tells_what_is_known(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("f", "enter")
        said = " ".join(driver.text("#reading").split())
        assert "others" in said
        assert "ratings" in said
        dataset, screen = driver.session.dataset, driver.app.screen
        assert isinstance(screen, FilmCard)
        assert dataset is not None
        values = dataset.ratings.values[dataset.ratings.movies == screen.movie]
        assert f"others {values.mean():.1f} from {len(values)} ratings" in said
        await driver.press("w")
        assert "on your watchlist" in driver.text("#reading")
        await driver.press("o")
        assert "no link" in driver.said[-1]


def test_links_are_those_of_the_known_numbers() -> None:
    assert links(Film("Alien", 1979)) == []
    assert links(Film("Alien", 1979, imdb=78748, tmdb=348)) == [
        ("IMDb", "https://www.imdb.com/title/tt0078748/"),
        ("TMDB", "https://www.themoviedb.org/movie/348"),
        ("Letterboxd", "https://letterboxd.com/tmdb/348"),
    ]


async def test_a_key_that_does_nothing_says_so_once(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("f", "z", "z", "k", "/", "escape")
        assert [said for said in driver.said if "does nothing" in said] == [
            "z does nothing here; ? shows the keys that do."
        ]


async def test_another_profile_has_its_own_balance_and_questions(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("r", "5", "down", "1", "f", "right", "right")
        mine = driver.session.settings.balance
        driver.session.become("Ana")
        await driver.press("r")
        asked = driver.list("#rate-list").rows
        assert not driver.session.person.stars
        assert driver.list("#rate-list").cursor == 0
        assert len(asked) == 20
        await driver.press("f")
        assert driver.session.settings.balance != mine
        driver.session.become("you")
        await driver.press("r", "f")
        assert driver.session.settings.balance == mine


async def test_the_name_of_the_profile_stays_at_80_columns(folder: Path) -> None:
    async with driven(folder, profile="Anastasia") as driver:
        await driver.until_ready()
        assert "Anastasia" in driver.text("#top")


async def test_another_model_is_another_list_and_is_looked_at_from_the_top(folder: Path) -> None:
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("f", "end")
        assert driver.list("#picks").cursor > 10
        driver.session.improving.turn(True)
        await driver.press("t", "enter")
        run = driver.session.runs[-1]
        await driver.until(lambda: run.state == "done")
        driver.session.trainings.use(run)
        await driver.press("f")
        assert driver.list("#picks").cursor == 0


async def test_of_one_dataset_s_map_nothing_stays_in_another(folder: Path, tmp_path: Path) -> None:
    other = small_folder(tmp_path / "other", seed=1)
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("x", "p")
        opened = driver.session.opened
        assert opened is not None
        assert opened.unfolded is not None
        driver.session.open(target(str(other)))
        await driver.until(lambda: driver.session.opened is not opened and driver.session.model)
        await driver.until_ready()
        after = driver.session.opened
        assert after is not None
        assert after.unfolded is None
        assert after.film_map is None or after.film_map.model is after.model
