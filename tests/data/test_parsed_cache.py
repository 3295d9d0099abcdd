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
from data.loading import array_files, found, parsed_cache
from engine.stepwise import finished
from tests.support import shelves
from tui.__main__ import main


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return shelves.csv(tmp_path / "shelf", [*shelves.ROWS, (1, 3, 2.0)])


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: object) -> None:
        raise AssertionError(f"{file} was read again")

    monkeypatch.setattr(found.Found, "read", refuse)


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


MADE_AGAIN = str(parsed_cache.MADE_AGAIN)


def _told(dataset: data.Dataset) -> list[str]:
    return [str(one) for one in dataset.warnings if str(one) == MADE_AGAIN]


@pytest.mark.parametrize("name", ["users", "movies", "values", "times", "counts"])
def test_a_changed_body_is_noticed_and_told_once(shelf: Path, name: str) -> None:
    before = data.read(shelf)
    path = _kept() / f"{name}.npy"
    whole = bytearray(path.read_bytes())
    whole[-2] ^= 1
    path.write_bytes(whole)
    after = data.read(shelf)
    assert _told(after) == [MADE_AGAIN]
    assert after.fingerprint == before.fingerprint
    assert _told(data.read(shelf)) == []


def test_any_flipped_bit_gives_the_same_dataset(shelf: Path) -> None:
    """Every bit of every header of an array, and some hundred others anywhere."""
    before = data.read(shelf)
    rng = np.random.default_rng(0)
    for path in sorted(_kept().iterdir()):
        whole = path.read_bytes()
        if path.suffix == ".npy":
            bits = [*rng.choice(8 * 128, 40, replace=False), *range(8 * 128, 8 * len(whole), 29)]
        else:
            bits = [*range(64), *rng.choice(8 * len(whole), 60, replace=False)]
        for bit in bits:
            damaged = bytearray(whole)
            damaged[bit // 8] ^= 1 << bit % 8
            path.write_bytes(damaged)
            after = data.read(shelf)
            assert after.fingerprint == before.fingerprint
            assert list(after.catalogue) == list(before.catalogue)
            assert len(_told(after)) == 1
            assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[",
        b"[" * 100_000,
        b"{}",
        b"null",
        b"\xff",
        b'{"stamp": 1e999}',
        b"7" * 5000,
        b"\0" * 9,
    ],
)
def test_a_header_of_anything_counts_as_none(shelf: Path, header: bytes) -> None:
    data.read(shelf)
    (_kept() / "header.json").write_bytes(header)
    assert len(data.read(shelf).ratings) == len(shelves.ROWS)


@pytest.mark.parametrize(
    "change",
    [
        {"films": [7]},
        {"films": [["x", 1999, [], 0, 0, 0, []]] * 2},
        {"n_ratings": 10**18},
        {"n_users": "many"},
        {"scale": [5, None]},
        {"scale": 1},
        {"checksums": []},
        {"checksums": {"users": [1e400]}},
        {"warnings": [{"text": 1}]},
        {"ids": None},
        {"years": [1]},
        {"n_users": 10**30},
    ],
)
def test_a_sealed_header_of_the_wrong_types_counts_as_none(
    shelf: Path, change: dict[str, object]
) -> None:
    data.read(shelf)
    path = _kept() / "header.json"
    header = json.loads(path.read_text()) | change
    films = json.dumps(header.pop("films"))[1:-1]
    header.pop("checksum")
    about = json.dumps(header)[1:-1] + ', "films": ['
    path.write_bytes(parsed_cache.sealed(f"{about}\n{films}\n]}}"))
    dataset = data.read(shelf)
    assert len(dataset.ratings) == len(shelves.ROWS)
    assert dataset.years == (2000, 2000)


def test_an_array_that_claims_a_huge_shape_is_not_believed(shelf: Path) -> None:
    data.read(shelf)
    path = _kept() / "users.npy"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"(8,)", b"(8" + b"0" * 12 + b",)").replace(b" " * 12, b"", 1))
    assert len(data.read(shelf).ratings) == len(shelves.ROWS)


def test_numpy_can_read_what_is_kept(shelf: Path) -> None:
    dataset = data.read(shelf)
    assert np.array_equal(np.load(_kept() / "movies.npy"), dataset.ratings.movies)
    assert np.load(_kept() / "times.npy").dtype == np.int64


def test_a_file_changed_only_at_its_end_is_noticed(tmp_path: Path) -> None:
    """Where nobody looks but at the bytes themselves: same size, same time, same beginning."""
    path = tmp_path / "ratings.csv"
    rows = "".join(
        f"{user},{movie},3.5,{shelves.TIME}\n" for user in range(90) for movie in range(90)
    )
    path.write_text("userId,movieId,rating,timestamp\n" + rows)
    assert path.stat().st_size > 2 * parsed_cache.ENDS
    before = data.read(path)
    about = path.stat()
    path.write_text(
        "userId,movieId,rating,timestamp\n"
        + rows[: rows.rindex("3.5")]
        + "4.5"
        + rows[rows.rindex("3.5") + 3 :]
    )
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_size == about.st_size
    after = data.read(path)
    assert after.ratings.values[-1] == 4.5
    assert after.fingerprint != before.fingerprint


def test_copies_are_bounded_and_the_longest_unused_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [shelves.csv(tmp_path / name) for name in "abc"]
    for at, folder in enumerate(folders[:2]):
        data.read(folder)
        _age(folder, 100 - at)
    size = sum(one.stat().st_size for one in _folder(folders[0]).iterdir())
    monkeypatch.setattr(paths, "CACHE_LIMIT", int(2.5 * size))
    data.read(folders[0])  # it was the older, and is used again
    data.read(folders[2])
    assert [_folder(one).exists() for one in folders] == [True, False, True]
    monkeypatch.setattr(paths, "CACHE_LIMIT", 0)
    data.read(folders[1])
    assert [_folder(one).exists() for one in folders] == [False, True, False]


def _folder(shelf: Path) -> Path:
    return parsed_cache._folder(shelf)


def _age(shelf: Path, seconds: float) -> None:
    then = _folder(shelf).stat().st_mtime - seconds
    os.utime(_folder(shelf), (then, then))


def test_arrays_are_written_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_files, "PART", 64)
    rng = np.random.default_rng(0)
    for n in (0, 1, 7, 8, 9, 1000):
        array = rng.integers(0, 2**60, n)
        sums = finished(array_files.write(tmp_path / "a.npy", array))
        found = array_files.opened(tmp_path / "a.npy", "<i8", n)
        finished(array_files.check(found, sums))
        assert np.array_equal(found, array)
        assert np.array_equal(np.load(tmp_path / "a.npy"), array)
        for other in ((n + 1, "<i8"), (n, "<i4"), (2 * n, "<i4")):
            if other[0] != n or other[1] != "<i8":
                with pytest.raises(ValueError, match="not what was written"):
                    array_files.opened(tmp_path / "a.npy", other[1], other[0])


def test_the_bound_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--paths"]) == 0
    assert f"{paths.cache_folder()} (at most 4 GiB" in capsys.readouterr().out
