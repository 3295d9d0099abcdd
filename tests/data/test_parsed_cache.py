"""The parsed copy: the same dataset again, and never one of files that have changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import data
from data import paths
from data.loading import assembling, parsed_cache
from tests.support import shelves


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return shelves.csv(tmp_path / "shelf", [*shelves.ROWS, (1, 3, 2.0)])


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(found: object) -> None:
        raise AssertionError(f"{found} was read again")

    monkeypatch.setattr(assembling.Found, "read", refuse)


def _kept() -> Path:
    (folder,) = (paths.cache_folder() / "datasets").iterdir()
    return folder


def test_the_second_opening_gives_the_same(shelf: Path, request: pytest.FixtureRequest) -> None:
    first = data.read(shelf)
    request.getfixturevalue("unread")
    second = data.read(shelf)
    assert first.ratings.times is not None
    for name in ("users", "movies", "values", "times"):
        assert np.array_equal(getattr(first.ratings, name), getattr(second.ratings, name))
    assert first.ratings.scale == second.ratings.scale
    assert (first.ratings.n_users, first.ratings.n_movies) == (
        second.ratings.n_users,
        second.ratings.n_movies,
    )
    assert list(first.catalogue) == list(second.catalogue)
    assert first.catalogue.ids == second.catalogue.ids
    assert first.catalogue.counts.tolist() == second.catalogue.counts.tolist()
    assert first.warnings == second.warnings != ()
    assert first.source == second.source
    assert first.user_ids == second.user_ids
    assert first.years == second.years
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize("name", ["ratings.csv", "movies.csv", "links.csv"])
def test_a_changed_file_is_noticed(shelf: Path, name: str) -> None:
    before = data.read(shelf)
    path = shelf / name
    about = path.stat()
    text = path.read_text()
    path.write_text(
        text.replace("1,7,5.0", "1,7,4.5").replace("Matrix", "Matrex").replace("603", "604")
    )
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_size == about.st_size
    after = data.read(shelf)
    changed = (
        after.fingerprint != before.fingerprint,
        after.catalogue.titles != before.catalogue.titles,
        after.catalogue.tmdb.tolist() != before.catalogue.tmdb.tolist(),
    )
    assert changed == (name == "ratings.csv", name == "movies.csv", name == "links.csv")


def test_another_time_or_a_lost_file_is_noticed(shelf: Path) -> None:
    data.read(shelf)
    (shelf / "links.csv").unlink()
    assert not data.read(shelf).catalogue.imdb.any()


def test_a_changed_zip_is_noticed(shelf: Path, tmp_path: Path) -> None:
    path = shelves.packed(shelf, tmp_path / "a.zip")
    before = data.read(path)
    shelves.csv(shelf)
    shelves.packed(shelf, path)
    assert data.read(path).fingerprint != before.fingerprint


@pytest.mark.parametrize("name", ["header.json", "users.npy", "values.npy", "counts.npy"])
@pytest.mark.parametrize("harm", ["gone", "empty", "cut", "noise"])
def test_a_damaged_copy_counts_as_none(shelf: Path, name: str, harm: str) -> None:
    before = data.read(shelf)
    path = _kept() / name
    whole = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {"empty": b"", "cut": whole[: len(whole) // 2], "noise": b"\xff" * 99}[harm]
        )
    after = data.read(shelf)
    assert after.fingerprint == before.fingerprint
    assert list(after.catalogue) == list(before.catalogue)


def test_arrays_of_another_length_count_as_none(shelf: Path) -> None:
    data.read(shelf)
    np.save(_kept() / "users.npy", np.zeros(3, np.int32))
    assert len(data.read(shelf).ratings) == len(shelves.ROWS)


def test_a_pickle_in_the_copy_is_never_opened(shelf: Path) -> None:
    data.read(shelf)
    np.save(_kept() / "users.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert len(data.read(shelf).ratings) == len(shelves.ROWS)


def test_a_cache_folder_in_the_way_only_warns(shelf: Path) -> None:
    folder = paths.cache_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file")
    dataset = data.read(shelf)
    assert len(dataset.ratings) == len(shelves.ROWS)
    assert "could not be kept" in str(dataset.warnings[-1])


def test_nothing_half_written_is_left(shelf: Path) -> None:
    for _ in range(2):
        data.read(shelf)
        shutil.copy(shelf / "ratings.csv", shelf / "again.csv")
        (shelf / "again.csv").replace(shelf / "ratings.csv")
    assert sorted(path.name for path in _kept().iterdir()) == sorted(
        [
            *(f"{name}.npy" for name in ("users", "movies", "values", "times", "counts")),
            "header.json",
        ]
    )
    assert json.loads((_kept() / "header.json").read_text())["name"] == "shelf"


def test_the_copy_is_not_written_where_the_files_are(shelf: Path, home: Path) -> None:
    before = sorted(shelf.iterdir())
    data.read(shelf)
    assert sorted(shelf.iterdir()) == before
    assert paths.cache_folder().is_relative_to(home)


def test_a_stamp_is_of_the_path_too(shelf: Path, tmp_path: Path) -> None:
    other = tmp_path / "ratings.csv"
    shutil.copy2(shelf / "ratings.csv", other)
    assert parsed_cache.stamp([other]) != parsed_cache.stamp([shelf / "ratings.csv"])


def test_what_a_killed_program_left_is_swept_up_after_a_day(shelf: Path, tmp_path: Path) -> None:
    folder = paths.cache_folder() / "datasets"
    for name in ("0123456789abcdef.77", "0123456789abcdef.78"):
        (folder / name).mkdir(parents=True)
        (folder / name / "users.npy").write_bytes(b"half")
    os.utime(folder / "0123456789abcdef.77", (0, 0))
    data.read(shelf)
    data.read(shelves.csv(tmp_path / "another"))
    names = sorted(one.name for one in folder.iterdir())
    assert len(names) == 3
    assert "0123456789abcdef.78" in names
