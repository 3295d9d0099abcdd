"""Bad input: each says in a sentence what is wrong and what to do, and nothing is lost."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from data import paths, saved_models
from data.profile import Profile
from tests.support.tui_driver import Driver, driven, small_folder
from tui.screens.train.form_list import FormList
from tui.widgets.field import Field


async def open_path(driver: Driver, path: Path) -> None:
    """Type a path into the Data screen's dialog."""
    await driver.press("d", "a")
    await driver.write(str(path))
    await driver.press("enter")


def no_traceback(driver: Driver) -> bool:
    return not any("Traceback" in said or "Error" in said for said in driver.said)


async def test_a_path_that_is_not_there_is_refused_in_the_dialog(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await open_path(driver, tmp_path / "nowhere")
        assert "There is nothing at" in driver.text("#said").replace("\n", " ")
        await driver.press("escape")
        assert driver.session.dataset is not None


async def test_a_dataset_of_the_command_line_that_is_not_there_falls_back_to_the_demo() -> None:
    async with driven("/nowhere/at-all") as driver:
        await driver.until(lambda: driver.session.dataset is not None)
        assert driver.session.dataset.source.synthetic  # type: ignore[union-attr]
        assert any("/nowhere/at-all" in said for said in driver.said)
        assert no_traceback(driver)


async def test_a_zip_that_is_no_zip_says_so_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "fake.zip").write_bytes(b"PK\x03\x04 this is not really a zip" * 20)
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("4", "down", "2")
        before, model = driver.session.dataset, driver.session.model
        rated = dict(driver.session.person.stars)
        await open_path(driver, tmp_path / "fake.zip")
        await driver.until(lambda: any("fake.zip" in said for said in driver.said))
        assert driver.session.dataset is before
        assert driver.session.model is model
        assert no_traceback(driver)
    async with driven() as again:
        await again.until_ready()
        assert again.session.person.stars == rated
        assert again.session.target is not None
        assert again.session.target.path == tmp_path / "small"


async def test_a_path_typed_behind_the_one_that_stands_there_takes_its_place(
    tmp_path: Path,
) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("d", "a", *str(tmp_path / "nowhere"))
        assert driver.app.screen.query_one(Field).value == str(tmp_path / "nowhere")
        await driver.press("enter")
        said = "".join(driver.text("#said").split())
        assert f"Thereisnothingat{tmp_path / 'nowhere'};" in said


async def test_so_few_ratings_that_none_can_be_held_out_still_make_a_model(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("user,movie,rating\n1,A,4\n1,B,3\n2,A,5\n")
    async with driven(tmp_path / "few.csv") as driver:
        await driver.until_ready()
        assert driver.said == []
        await driver.press("5", "f", "t", "x", "d")
        assert no_traceback(driver)


async def test_a_cut_zip_says_so(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    whole = tmp_path / "cut.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    whole.write_bytes(whole.read_bytes()[:-200])
    async with driven(folder) as driver:
        await driver.until_ready()
        await open_path(driver, whole)
        await driver.until(lambda: any("cut.zip" in said for said in driver.said))
        assert no_traceback(driver)


async def test_broken_lines_and_ratings_off_the_scale_are_counted_and_shown(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    with (folder / "ratings.csv").open("a", encoding="utf-8") as file:
        file.write("1,2\nnot,a,rating,line\n1,3,99,964982703\n1,4,nan,964982703\n")
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("d")
        await driver.calm()
        assert "warning" in driver.text("#warnings")
        await driver.press("v", "v")
        assert len(driver.app.screen_stack) == 2
        shown = driver.text("#reading")
        assert "line" in shown
        await driver.press("escape")


async def test_a_folder_without_ratings_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await open_path(driver, tmp_path / "empty")
        await driver.until(lambda: any("empty" in said for said in driver.said))
        assert no_traceback(driver)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_may_not_be_written_is_told_at_once(tmp_path: Path, home: Path) -> None:
    home.mkdir(parents=True)
    home.chmod(0o500)
    try:
        await ratings_last_until_leaving(tmp_path)
    finally:
        home.chmod(0o700)


async def test_a_data_folder_that_is_a_file_is_told_and_the_app_goes_on(
    tmp_path: Path, home: Path
) -> None:
    home.mkdir(parents=True)
    (home / "data").write_text("in the way")
    await ratings_last_until_leaving(tmp_path)


async def ratings_last_until_leaving(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        (said,) = driver.said
        assert "Ratings and models last until you leave" in said
        assert "last only until you leave" in driver.text("#rate-hint")
        await driver.press("5")
        assert len(driver.session.person.stars) == 1
        assert no_traceback(driver)


async def test_a_form_field_that_is_no_number_says_what_it_takes(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        n = len(driver.session.runs)
        await driver.press("t", "down", *"1x2", "enter")
        assert "Rank is '1x2'" in driver.text("#train-help").replace("\n", " ")
        await driver.press("enter")
        assert len(driver.session.runs) == n
        await driver.press(*"9999", "enter", "enter")
        assert len(driver.session.runs) == n
        assert "1 to 500" in " ".join(driver.text("#train-help").split())
        form = driver.app.screen.query_one(FormList)
        assert not form.typing
        await driver.press(*"3", "escape", *"4", "enter")
        assert form.form_rows.form.entries[1].text == "4"


async def test_a_damaged_model_file_says_so_and_another_is_trained(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    async with driven(folder) as driver:
        await driver.until_ready()
    (file,) = saved_models.folder().glob("*.npz")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    async with driven(folder) as driver:
        await driver.until_ready()
        assert any(file.name in said or "damaged" in said for said in driver.said)
        assert driver.session.model is not None
        assert no_traceback(driver)
    async with driven(folder) as again:
        await again.until_ready()
        assert again.said == []


async def test_a_model_damaged_while_the_app_runs_says_so_when_it_is_used(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    async with driven(folder) as driver:
        await driver.until_ready()
        await driver.press("t", "enter")
        await driver.until(lambda: len([r for r in driver.session.runs if r.kept]) == 2)
    async with driven(folder) as driver:
        await driver.until_ready()
        used = driver.session.used
        other = next(run for run in driver.session.runs if run is not used)
        (saved_models.folder() / other.kept).write_bytes(b"no model")
        await driver.press("t")
        driver.list("#runs").focus()
        driver.list("#runs").select(other)
        await driver.press("space")
        assert driver.session.used is used
        assert driver.said
        assert no_traceback(driver)


async def test_a_damaged_file_of_ratings_is_left_alone(tmp_path: Path) -> None:
    Profile("you").close()
    file = paths.data_folder() / "profiles.sqlite"
    file.write_bytes(b"this is no database at all, and long enough to be looked at" * 40)
    before = file.read_bytes()
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        assert any("damaged" in said for said in driver.said)
        await driver.press("4")
    assert file.read_bytes() == before


async def test_titles_are_text_and_never_markup_or_control(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small", users=80)) as driver:
        await driver.until_ready()
        await driver.press("slash", *"rec")
        assert "[REC]" in driver.text("#rate-list")
        await driver.press("enter", "5")
        assert "You gave [REC] 5" in driver.text("#rate-side").replace("\n", " ")
        await driver.press("escape", "slash", *"foo", "enter", "4", "escape")
        for key in ("f", "x", "t", "d", "r"):
            await driver.press(key)
            await driver.calm()
            assert "\x1b" not in driver.text()
        await driver.press("m")
        assert "[/foo]" in driver.text("#rate-list")
        await driver.press("f", "v", "v", "w")
        assert any("watchlist" in said for said in driver.said)


async def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("5", "f", "e", "e")
        assert len(driver.app.screen_stack) == 2
        await driver.write(str(tmp_path / "none" / "list.csv"))
        await driver.press("enter")
        assert any("Could not write" in said for said in driver.said)
        await driver.press("e")
        await driver.write(str(tmp_path / "list.csv"))
        await driver.press("enter")
        rows = (tmp_path / "list.csv").read_text().splitlines()
        assert rows[0].startswith("place,title,year,stars")
        assert len(rows) == 20
