"""Ratings in and out, and whose they are, as a person does it: keys, previews, files."""

from __future__ import annotations

import csv
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from data import paths
from data.profile import database
from tests.support import exported
from tests.support.exported import DIARY, LETTERBOXD, write
from tests.support.tui_driver import Driver, driven, small_folder
from tui.__main__ import main
from tui.app import Reelrank
from tui.screens.dialogs import Ask, Choose, Enter
from tui.screens.importing.screen import Preview
from tui.session.jobs import Finished
from tui.session.session import Options
from tui.terminal.abilities import Terminal

RATED = f"{LETTERBOXD},Rating"


def export(tmp_path: Path, *lines: str, name: str = "ratings.csv") -> Path:
    """Write an export with a film of every kind."""
    usual = (
        '2024-01-01,"Matrix, The",1999,https://boxd.it/a,4.5',
        "2024-01-02,Alien,1980,https://boxd.it/b,5",
        "2024-01-03,Heat,1997,https://boxd.it/c,2",
        "2024-01-04,[/foo],2001,https://boxd.it/d,0.5",
        "2024-01-05,[bold]Nobody[/bold] \x1b[31mhas this,1931,https://boxd.it/e,3",
        "2024-01-06,Off the Scale,1931,https://boxd.it/f,7",
        "2024-01-07,Unrated,1931,https://boxd.it/g,",
    )
    return write(tmp_path, name, RATED, *(lines or usual))


async def bring(driver: Driver, path: Path) -> None:
    """Go to Data and give the path of an export."""
    await driver.press("d", "i")
    await driver.write(str(path))
    await driver.press("enter")


async def previewed(driver: Driver, path: Path) -> Preview:
    """Return the preview of an export."""
    await bring(driver, path)
    await driver.until(lambda: isinstance(driver.app.screen, Preview))
    await driver.pilot.pause()
    screen = driver.app.screen
    assert isinstance(screen, Preview)
    return screen


async def imported(driver: Driver) -> None:
    """Go through with the import on screen, and wait until it is done."""
    n = len(driver.heard(Finished, "import"))
    await driver.press("y")
    await driver.until(lambda: len(driver.heard(Finished, "import")) > n)
    await driver.pilot.pause()


def stars(driver: Driver) -> dict[str, float]:
    dataset = driver.session.dataset
    assert dataset is not None
    return {dataset.catalogue[m].label: s for m, s in driver.session.person.stars.items()}


async def test_an_import_with_its_preview_and_its_undo(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await previewed(driver, export(tmp_path))
        assert "Import ratings.csv (Letterboxd): 5 films" in driver.text("#title")
        sums = " ".join(driver.text("#sums").split())
        assert "Found in small: 2 by title and year, 1 a year apart." in sums
        assert "1 not in it, kept for datasets that have them." in sums
        assert "1 film could be one of several" in sums
        assert "4 new." in sums
        assert "2 lines of the export left out: v tells why." in sums
        rows = driver.text("#items").splitlines()
        assert rows[0].startswith("▸? Heat")
        assert "which of 1 film?" in rows[0]
        assert any("Alien" in row and "is 1979" in row for row in rows)
        assert any("[bold]Nobody[/bold]" in row and "not in the dataset" in row for row in rows)
        assert "\x1b" not in driver.text()
        assert driver.session.person.profile.opinions() == []
        await driver.press("enter")
        assert isinstance(driver.app.screen, Choose)
        assert "Heat (1995)" in driver.text("#choices")
        await driver.press("enter")
        assert isinstance(driver.app.screen, Preview)
        assert "5 new." in driver.text("#sums")
        await imported(driver)
        assert stars(driver) == {
            "The Matrix (1999)": 4.5, "Alien (1979)": 5, "Heat (1995)": 2, "[/foo] (2001)": 0.5
        }  # fmt: skip
        assert len(driver.session.person.unmatched) == 1
        assert any("5 films taken in from ratings.csv" in said for said in driver.said)
        await driver.press("r")
        assert "4 rated" in driver.text("#rate-head")
        await previewed(driver, tmp_path / "ratings.csv")
        assert "Nothing would change." in driver.text("#sums")
        await driver.press("y", "r", "u")
        assert "the import of 5 films" in " ".join(driver.text("#rate-side").split())
        assert stars(driver) == {}
        assert driver.session.person.unmatched == ()


async def test_a_preview_that_is_cancelled_changes_nothing(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        for key in ("escape", "n", "q"):
            await previewed(driver, export(tmp_path))
            await driver.press(key)
            assert not isinstance(driver.app.screen, Preview)
        assert driver.session.person.profile.opinions() == []
        assert driver.app.is_running


async def test_what_an_import_changes_and_what_one_leaves_out(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("r", "slash", *"gattaca", "enter", "1", "escape")
        path = export(
            tmp_path, "2024-01-01,Gattaca,1997,a,4", "2024-01-01,Brazil,1985,b,3",
            "2024-01-01,Ran,1985,c,2",
        )  # fmt: skip
        await previewed(driver, path)
        assert "2 new, 1 changed." in driver.text("#sums")
        assert "★     > ★★★★" in driver.text("#items").splitlines()[0]
        await driver.press("down", "space")
        assert "1 new, 1 changed, 1 as they are." in driver.text("#sums")
        await driver.press("space", "up", "space")
        await imported(driver)
        assert set(stars(driver).items()) >= {("Gattaca (1997)", 4)}
        assert len(stars(driver)) == 2


async def test_films_are_chosen_by_guess_by_search_or_kept_apart(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        path = export(
            tmp_path, "2024-01-01,Heat,1997,a,4", "2024-01-01,Ran,1987,b,3",
            "2024-01-01,Le Huitieme Passager,1979,c,5",
        )  # fmt: skip
        await previewed(driver, path)
        await driver.press("down", "enter", "down", "enter")
        assert "keep" not in driver.text("#sums")
        assert "1 film could be" in driver.text("#sums")
        items = driver.list("#items")
        items.cursor = 2
        await driver.press("enter", "end", "enter")
        assert isinstance(driver.app.screen, Enter)
        await driver.write("no such film")
        await driver.press("enter")
        assert "No film of the dataset" in driver.text("#said")
        await driver.write("alien")
        await driver.press("enter", "enter")
        assert "is 1979" in driver.text("#items").splitlines()[2]
        await driver.press("g")
        assert "could be" not in driver.text("#sums")
        assert "3 new." in driver.text("#sums")
        await imported(driver)
        assert stars(driver) == {"Alien (1979)": 5, "Heat (1995)": 4}
        (apart,) = driver.session.person.unmatched
        assert (apart.film.label, apart.stars) == ("Ran (1987)", 3)


async def test_what_was_left_out_of_an_export_is_told(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await previewed(driver, export(tmp_path))
        await driver.press("v", "v")
        said = " ".join(driver.text("#reading").split())
        assert "Line 7 of" in said
        assert "off the scale of Letterboxd" in said
        assert "1 line without stars" in said
        await driver.press("escape", "question_mark")
        assert "Import as it stands here" in driver.text("#reading")


async def test_the_whole_of_letterboxd_with_what_was_seen_and_what_is_to_be(tmp_path: Path) -> None:
    path = tmp_path / "letterboxd.zip"
    path.write_bytes(exported.zipped(exported.whole()))
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await previewed(driver, path)
        await imported(driver)
        assert stars(driver) == {"Alien (1979)": 4.5, "Heat (1995)": 4}
        dataset, person = driver.session.dataset, driver.session.person
        assert dataset is not None
        marks = {dataset.catalogue[m].title: mark for m, mark in person.marks.items()}
        assert marks == {"Ran": "seen", "Brazil": "seen", "Fargo": "seen", "Stalker": "watchlist"}
        await driver.press("r")
        assert "2 rated · 1 shelved" in driver.text("#rate-head")
        await driver.press("f")
        assert "Ran" not in [row[27:30] for row in driver.text("#picks").splitlines()]
        assert not any(" Fargo " in row for row in driver.text("#picks").splitlines())
        assert any("Stalker" in row for row in driver.text("#picks").splitlines())


BAD = {
    "empty.csv": (b"", "is empty"),
    "other.csv": (b"a,b\n1,2\n", "no export that this program knows"),
    "nothing.csv": (f"{RATED}\n".encode(), "holds nothing of use"),
    "cut.zip": (exported.zipped(exported.whole())[:-100], "damaged or cut short"),
    "wide.csv": (("x," * 10_000 + "\n").encode() * 3, "no export"),
    "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "no export"),
    "many.csv": (b"userId,movieId,rating,timestamp\n1,2,3,4\n", "opens it as a dataset"),
    "diary.csv": (f"{DIARY}\n1,2\n".encode(), "tells no film"),
}


async def test_exports_that_will_not_do_say_so_and_the_app_goes_on(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        for name, (content, says) in BAD.items():
            (tmp_path / name).write_bytes(content)
            await bring(driver, tmp_path / name)
            await driver.until(partial(driver.has_said, says))
            assert not isinstance(driver.app.screen, Preview)
        await bring(driver, tmp_path / "not there.csv")
        assert "There is nothing at" in driver.text("#said").replace("\n", " ")
        await driver.press("escape")
        assert not any("Traceback" in said for said in driver.said)
        await previewed(driver, export(tmp_path))


async def test_a_locked_file_of_ratings_says_so_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await previewed(driver, export(tmp_path))
        monkeypatch.setattr(database, "PATIENCE", 0.05)
        other = sqlite3.connect(paths.data_folder() / "profiles.sqlite", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        await driver.press("y")
        await driver.until(lambda: any("another program" in said for said in driver.said))
        other.execute("ROLLBACK")
        other.close()
        monkeypatch.undo()
        assert driver.session.person.profile.opinions() == []
        await previewed(driver, tmp_path / "ratings.csv")
        await imported(driver)
        assert len(stars(driver)) == 3


async def test_without_a_file_of_ratings_an_import_lasts_until_leaving(
    tmp_path: Path, home: Path
) -> None:
    home.mkdir(parents=True)
    (home / "data").write_text("in the way")
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await previewed(driver, export(tmp_path))
        await driver.press("y")
        await driver.until(lambda: len(stars(driver)) == 3)


async def test_a_preview_waits_on_data_for_one_who_went_elsewhere(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("r")
        dataset = driver.session.dataset
        assert dataset is not None
        driver.session.import_export.look(export(tmp_path), dataset.catalogue)
        await driver.until(lambda: any("ratings.csv is read" in said for said in driver.said))
        assert not isinstance(driver.app.screen, Preview)
        await driver.press("4", "d")
        await driver.until(lambda: isinstance(driver.app.screen, Preview))


async def test_the_preview_holds_on_any_terminal(tmp_path: Path) -> None:
    folder, path = small_folder(tmp_path / "small"), export(tmp_path)
    plain = Terminal(markers="ascii", few_colours=True, no_colour=True)
    for size, terminal in (
        ((80, 24), plain), ((40, 10), Terminal()), ((120, 40), Terminal()), ((20, 5), Terminal())
    ):  # fmt: skip
        async with driven(folder, size=size, terminal=terminal) as driver:
            await driver.until_ready()
            await previewed(driver, path)
            keys = driver.app.screen.query_one("#keys").region
            assert size[0] < 40 or keys.bottom <= size[1], (size, keys)
            for key in ("down", "space", "v", "escape", "end", "enter", "escape", "question_mark"):
                await driver.press(key)
                if terminal is plain:
                    assert driver.text().isascii()
            assert driver.app.is_running


async def test_many_films_are_read_while_the_app_goes_on(tmp_path: Path) -> None:
    lines = [f"2024-01-01,Film number {i},{1950 + i % 70},u{i},3" for i in range(3000)]
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await previewed(driver, export(tmp_path, *lines))
        assert "3,000 not in it" in driver.text("#sums")
        await driver.press("end")
        assert "Film number 2999" in driver.text()
        await imported(driver)
        assert len(driver.session.person.unmatched) == 3000


# Out


async def exports(driver: Driver, form: str, path: Path) -> None:
    """Write one's ratings in a form, told by the letter it begins with."""
    await driver.press("d", "e", "e")
    assert isinstance(driver.app.screen, Choose)
    await driver.press(*form, "enter")
    assert isinstance(driver.app.screen, Enter)
    await driver.write(str(path))
    await driver.press("enter")


async def test_ratings_are_written_and_read_again_by_somebody_else(tmp_path: Path) -> None:
    folder, path = small_folder(tmp_path / "small"), tmp_path / "mine.csv"
    async with driven(folder) as driver:
        await driver.until_ready()
        await previewed(driver, export(tmp_path))
        await imported(driver)
        await driver.press("r", "slash", *"fargo", "enter", "w", "escape")
        await exports(driver, "r", path)
        await driver.until(lambda: driver.heard(Finished, "export"))
        assert any("5 films written to" in said for said in driver.said)
        kept = driver.session.person.profile.dated_opinions()
    async with driven(folder, profile="Ann") as driver:
        await driver.until_ready()
        assert stars(driver) == {}
        await previewed(driver, path)
        await imported(driver)
        assert set(driver.session.person.profile.dated_opinions()) == set(kept)


async def test_other_forms_and_a_file_that_is_there(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await previewed(driver, export(tmp_path))
        await imported(driver)
        path = tmp_path / "out.csv"
        await exports(driver, "l", path)
        await driver.until(lambda: driver.heard(Finished, "export"))
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(row["Title"], row["Rating"]) for row in rows][:1] == [("The Matrix", "4.5")]
        before = path.read_bytes()
        await exports(driver, "i", path)
        assert isinstance(driver.app.screen, Ask)
        await driver.press("n")
        assert path.read_bytes() == before
        await exports(driver, "i", path)
        await driver.press("y")
        await driver.until(lambda: len(driver.heard(Finished, "export")) == 2)
        await driver.pilot.pause()
        assert any("4 ratings of films without IMDb's number" in said for said in driver.said)
        await exports(driver, "r", tmp_path / "none" / "out.csv")
        await driver.until(lambda: any("Could not write" in said for said in driver.said))


# Whose


async def test_profiles_are_added_named_anew_and_changed(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("5", "d", "p", "p")
        assert isinstance(driver.app.screen, Choose)
        await driver.press("a", "enter")
        for wrong, says in (("you", "There is a profile called you"), ("x" * 41, "1 to 40")):
            await driver.write(wrong)
            await driver.press("enter")
            assert says in driver.text("#said").replace("\n", " ")
        await driver.write("  Ann[/b]\x1b  ")
        await driver.press("enter")
        assert driver.session.person.profile.name == "Ann[/b]"
        assert "Ann[/b]" in driver.text("#top")
        assert stars(driver) == {}
        await driver.press("p", "end", "enter")
        await driver.write("you")
        await driver.press("enter")
        assert "There is a profile called you" in driver.text("#said").replace("\n", " ")
        await driver.write("Anne")
        await driver.press("enter")
        assert driver.session.person.profile.names() == ["you", "Anne"]
        await driver.press("p", "home", "enter")
        assert driver.session.person.profile.name == "you"
        assert len(stars(driver)) == 1
        await driver.press("p", "down", "enter")
    async with driven() as again:
        await again.until_ready()
        assert again.session.person.profile.name == "Anne"


# Elsewhere


async def test_every_room_offers_them_among_its_commands(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        for room, import_, write_ in (
            ("r", "Import ratings", "Export ratings"),
            ("d", "Import your ratings from another site", "Write your ratings to a file"),
        ):
            await driver.press(room)
            commands = {
                command.title: command.callback
                for command in driver.app.get_system_commands(driver.app.screen)
            }
            assert {import_, write_, "Profile"} <= commands.keys()
        await driver.press("r", "question_mark")
        await driver.press("escape")
        driver.app.action_import_ratings()
        await driver.until(lambda: isinstance(driver.app.screen, Enter))
        assert driver.room.NAME == "data"
        await driver.press("escape", "question_mark")
        said = driver.text("#reading")
        for does in ("Import your ratings", "Write your ratings", "Whose ratings"):
            assert does in said


async def test_the_command_line_asks_for_an_import(tmp_path: Path) -> None:
    app_options = Options(str(small_folder(tmp_path / "small")), import_file=str(export(tmp_path)))
    app = Reelrank(Terminal(), app_options)
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot, [])
        await driver.until(lambda: isinstance(app.screen, Preview))
        await driver.press("y")
        await driver.until(lambda: len(stars(driver)) == 3)


def test_the_command_line_tells_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--import FILE" in capsys.readouterr().out
    assert main(["--import", "ratings.csv"]) == 2
