"""Ratings written to a file and read again: nothing lost on the way, nothing half written."""

from __future__ import annotations

import csv
import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import export, importing, titles
from data.catalogue import Catalogue, Film, of
from data.errors import CannotWrite
from data.export import (
    FILE_FORMS,
    IMDB,
    LETTERBOXD,
    LETTERBOXD_WATCHLIST,
    MOVARY,
    OWN,
    SIMKL,
    FileForm,
)
from data.film import Film as AnyFilm
from data.importing.plan import plan_import
from data.profile import MARKS, STARS, Dated, Opinion, Profile

NOTHING = of([])
KEPT = [
    Dated(
        Opinion(Film("Alien", 1979, imdb=78748, tmdb=348), 4.5, None),
        "2024-01-02 03:04:05.678",
        "2023-12-31",
    ),
    Dated(Opinion(Film('Say "Hi", [/foo]', 2001), 0.5, "watchlist"), "2024-01-03"),
    Dated(Opinion(Film("Matrix, The"), None, "watchlist"), "2024-01-04"),
    Dated(Opinion(Film("Heat", 1995, imdb=113277), None, "seen"), "2024-01-05", "2024-01-04"),
    Dated(Opinion(Film("Saw (2004)"), None, "not interested"), "2024-01-06"),
    Dated(Opinion(Film("七人の侍", 1954), 5, "unseen"), "2024-01-07"),
]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def taken(path: Path, catalogue: Catalogue = NOTHING, name: str = "another") -> list[Dated]:
    """Return what a new profile holds after an import."""
    profile = Profile(name)
    profile.take_in(plan_import(importing.read(path), catalogue, profile).changes)
    return profile.dated_opinions()


def test_our_own_file_holds_everything(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    assert export.write(OWN, KEPT, path, NOTHING) == 6
    assert taken(path) == KEPT
    assert path.read_bytes().isascii() is False
    assert rows(path)[0] == {
        "title": "Alien", "year": "1979", "imdb_id": "tt0078748", "tmdb_id": "348", "stars": "4.5",
        "mark": "", "rated_at": "2024-01-02 03:04:05.678", "watched": "2023-12-31",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["my-watchlist.csv", "watched.csv", "films.csv"])
def test_the_name_of_our_own_file_says_nothing(tmp_path: Path, name: str) -> None:
    export.write(OWN, KEPT, tmp_path / name, NOTHING)
    assert taken(tmp_path / name) == KEPT


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
)
CLEAN = WORDS.map(titles.clean).filter(bool)
NAMES = st.lists(
    st.tuples(
        CLEAN | st.sampled_from(["Matrix, The", "Alien (1979)", "[b]", "'", '"', "a,b", "I, A"]),
        st.integers(0, 2100),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda name: titles.fold(name[0]),
)
OPINIONS = st.tuples(st.sampled_from((None, *STARS)), st.sampled_from((None, *MARKS))).filter(any)
MOMENTS = st.sampled_from(["2024-01-01", "1999-12-31 23:59:59", "2026-05-06 07:08:09.123"])


@settings(max_examples=60, deadline=None)
@given(NAMES, st.data())
def test_whatever_a_profile_holds_comes_back_from_our_own_file(
    names: list[tuple[str, int]], more: st.DataObject
) -> None:
    films = [
        AnyFilm(
            *name, imdb=more.draw(st.sampled_from((0, i))), tmdb=more.draw(st.sampled_from((0, i)))
        )
        for i, name in enumerate(names, start=1)
    ]
    days = st.sampled_from(("", "2023-12-31"))
    said = more.draw(
        st.lists(st.tuples(st.sampled_from(films), OPINIONS, MOMENTS, days), max_size=9)
    )
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.csv", Path(folder) / "second.csv"
        profile = Profile("first", Path(folder) / "first.sqlite")
        profile.take_in(Dated(Opinion(film, *opinion), *dates) for film, opinion, *dates in said)
        held = profile.dated_opinions()
        profile.close()
        export.write(OWN, held, first, NOTHING)
        if not held:
            return
        other = Profile("other", Path(folder) / "other.sqlite")
        plan = plan_import(importing.read(first), NOTHING, other)
        assert other.take_in(plan.changes) == len(held)
        assert set(other.dated_opinions()) == set(held)
        assert plan_import(importing.read(first), NOTHING, other).changes == []
        export.write(OWN, other.dated_opinions(), second, NOTHING)
        assert sorted(second.read_bytes().splitlines()) == sorted(first.read_bytes().splitlines())
        other.close()


def test_our_own_file_is_kept_word_for_word_whatever_dataset_is_open(tmp_path: Path) -> None:
    """Also where the dataset has two films that it may be, and would have to ask."""
    films = of([Film("The Matrix", 1999, imdb=133093), Film("Alien", 1980), Film("Alien", 1979)])
    export.write(OWN, KEPT, tmp_path / "mine.csv", NOTHING)
    assert taken(tmp_path / "mine.csv", films) == KEPT


def test_letterboxd_gets_stars_and_what_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "letterboxd-ratings.csv"
    assert export.write(LETTERBOXD, KEPT, path, NOTHING) == 4
    assert rows(path)[0] == {
        "imdbID": "tt0078748", "tmdbID": "348", "Title": "Alien", "Year": "1979", "Rating": "4.5",
        "WatchedDate": "2023-12-31",
    }  # fmt: skip
    assert {row["Title"]: row["Rating"] for row in rows(path)} == {
        "Alien": "4.5", 'Say "Hi", [/foo]': "0.5", "Heat": "", "七人の侍": "5"
    }  # fmt: skip
    found = {entry.film.title: entry for entry in importing.read(path).entries}
    assert {title: entry.stars or entry.mark for title, entry in found.items()} == {
        "Alien": 4.5, 'Say "Hi", [/foo]': 0.5, "Heat": "seen", "七人の侍": 5
    }  # fmt: skip
    assert (found["Alien"].watched, found["Heat"].watched) == ("2023-12-31", "2024-01-04")


def test_simkl_and_movary_get_what_they_can_read(tmp_path: Path) -> None:
    path = tmp_path / "simkl.csv"
    assert export.write(SIMKL, KEPT, path, NOTHING) == 6
    found = {entry.film.title: entry for entry in importing.read(path).entries}
    assert {title: (entry.stars, entry.mark) for title, entry in found.items()} == {
        "Alien": (4.5, None), 'Say "Hi", [/foo]': (0.5, "watchlist"),
        "The Matrix": (None, "watchlist"), "Heat": (None, "seen"),
        "Saw (2004)": (None, "not interested"), "七人の侍": (5, None),
    }  # fmt: skip
    assert found["Alien"].watched == "2023-12-31"
    path = tmp_path / "ratings.csv"
    assert export.write(MOVARY, KEPT, path, NOTHING) == 1
    (entry,) = importing.read(path).entries
    assert (entry.film.tmdb, entry.stars) == (348, 4.5)


def test_letterboxds_watchlist(tmp_path: Path) -> None:
    path = tmp_path / "letterboxd-watchlist.csv"
    assert export.write(LETTERBOXD_WATCHLIST, KEPT, path, NOTHING) == 2
    assert [entry.mark for entry in importing.read(path).entries] == ["watchlist"] * 2


def test_imdbs_form_has_whole_numbers_and_only_films_with_a_number(tmp_path: Path) -> None:
    path = tmp_path / "imdb-ratings.csv"
    assert export.write(IMDB, KEPT, path, NOTHING) == 1
    (row,) = rows(path)
    assert (row["Const"], row["Your Rating"], row["Date Rated"]) == ("tt0078748", "9", "2024-01-02")
    (entry,) = importing.read(path).entries
    assert (entry.film.imdb, entry.stars, entry.at) == (78748, 4.5, "2024-01-02")


@settings(deadline=None)
@given(st.sampled_from(STARS))
def test_every_half_star_survives_every_form(stars: float) -> None:
    film = Film("Alien", 1979, imdb=78748, tmdb=348)
    with tempfile.TemporaryDirectory() as folder:
        for kind in (OWN, LETTERBOXD, IMDB, MOVARY, SIMKL):
            path = Path(folder) / kind.file
            export.write(kind, [Dated(Opinion(film, stars, None), "2024-01-01")], path, NOTHING)
            assert [entry.stars for entry in importing.read(path).entries] == [stars]


def test_numbers_that_the_dataset_knows_are_filled_in(tmp_path: Path) -> None:
    known = of([Film("Heat", 1995, ("Action", "Crime"), imdb=113277, tmdb=949)])
    said = [Dated(Opinion(Film("Heat", 1995), 4, None), "2024-01-01")]
    assert export.write(IMDB, said, tmp_path / "a.csv", known) == 1
    (row,) = rows(tmp_path / "a.csv")
    assert (row["Const"], row["Genres"]) == ("tt0113277", "Action, Crime")
    export.write(LETTERBOXD, said, tmp_path / "b.csv", known)
    assert rows(tmp_path / "b.csv")[0]["tmdbID"] == "949"


@pytest.mark.parametrize("kind", FILE_FORMS, ids=lambda kind: kind.file)
def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: FileForm
) -> None:
    path = tmp_path / kind.file
    path.write_text("old")

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(CannotWrite, match="disk is full"):
            export.write(kind, KEPT, path, NOTHING)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [path.name]


def test_a_folder_that_is_not_there_or_a_name_that_is_one(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="a folder on the way there is missing"):
        export.write(OWN, KEPT, tmp_path / "none" / "a.csv", NOTHING)
    with pytest.raises(CannotWrite, match="that is a folder"):
        export.write(OWN, KEPT, tmp_path, NOTHING)
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}*"))
