"""The person's ratings: kept by film, one transaction each, and never lost."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

import data
from data.catalogue import Film, of
from data.profile import Dated, Opinion, Profile, ProfileError
from tests.support.narrowing import present

ALIEN, HEAT = Film("Alien", 1979), Film("Heat", 1995)
ROOT = Path(__file__).parents[2]


def test_ratings_are_there_again() -> None:
    profile = Profile()
    profile.rate(ALIEN, 4.5)
    profile.mark(HEAT, "watchlist")
    profile.close()
    again = Profile()
    assert again.opinion(ALIEN).stars == 4.5
    assert again.opinion(HEAT).mark == "watchlist"


def test_undo_restores_what_was() -> None:
    profile = Profile()
    profile.rate(ALIEN, 4)
    profile.rate(ALIEN, 2)
    profile.clear(ALIEN)
    assert present(profile.undo()).stars == 2
    assert present(profile.undo()).stars == 4
    assert present(profile.undo()).stars is None
    assert profile.undo() is None
    assert profile.opinions() == []


def test_undo_reaches_into_the_last_session() -> None:
    Profile().rate(ALIEN, 4)
    profile = Profile()
    assert present(profile.undo()).film.title == "Alien"
    assert profile.opinion(ALIEN).stars is None


@pytest.mark.parametrize("stars", [0, 0.3, 5.5, -1, float("nan")])
def test_stars_off_the_scale_are_refused(stars: float) -> None:
    with pytest.raises(ProfileError, match="half a star to five"):
        Profile().rate(ALIEN, stars)


def test_rating_a_shelved_film_takes_it_off_the_shelf() -> None:
    profile = Profile()
    profile.mark(ALIEN, "unseen")
    profile.rate(ALIEN, 4)
    assert profile.opinion(ALIEN)[1:] == (4, None)


def test_profiles_are_apart() -> None:
    profile = Profile()
    profile.rate(ALIEN, 5)
    profile.switch("Ann")
    assert profile.opinions() == []
    profile.rate(ALIEN, 1)
    profile.rename("Anne")
    profile.switch("you")
    assert profile.opinion(ALIEN).stars == 5
    assert profile.names() == ["you", "Anne"]
    with pytest.raises(ProfileError, match="called Anne"):
        profile.rename("Anne")


def test_a_film_is_one_film_with_and_without_its_number() -> None:
    profile = Profile()
    profile.rate(ALIEN, 5)
    profile.rate(Film("Alien", 1979, imdb=78748), 4)
    assert [opinion.stars for opinion in profile.opinions()] == [4]
    profile.rate(Film("alien", 1979), 3)
    assert len(profile.opinions()) == 1


def test_titles_that_look_like_markup_or_sql_are_only_titles() -> None:
    profile = Profile()
    for title in ("[REC]", "[/foo]", "'; DROP TABLE film; --", "日本"):
        profile.rate(Film(title, 2007), 3)
    assert len(profile.opinions()) == 4


def test_ratings_follow_the_film_from_the_demo_to_movielens_and_back(movielens: Path) -> None:
    demo, latest = data.demo(), data.read(movielens / "ml-latest-small")
    profile = Profile()
    for title, year in (("Alien", 1979), ("The Godfather", 1972), ("Amélie", 2001)):
        profile.rate(Film(title, year), 4.5)
    profile.rate(Film("A Film Nobody Knows", 1931), 2)
    there, here = profile.in_dataset(latest.catalogue), profile.in_dataset(demo.catalogue)
    assert len(there.movies) == len(here.movies) == 3
    assert {latest.catalogue[m].year for m in there.movies} == {1979, 1972, 2001}
    assert [opinion.film.title for opinion in there.unmatched] == ["A Film Nobody Knows"]
    godfather = latest.catalogue[there.movies[1]]
    assert godfather.imdb == 68646
    profile.rate(godfather, 5)
    assert len(profile.opinions()) == 4
    assert sorted(profile.in_dataset(demo.catalogue).values.tolist()) == [4.5, 4.5, 5]


def test_a_film_kept_by_another_title_is_changed_and_cleared_by_any_of_its_titles() -> None:
    profile = Profile()
    short, long = Film("Star Wars", 1977), Film("Star Wars: A New Hope", 1977, imdb=76759)
    named = replace(long, aliases=("Star Wars",))
    profile.rate(short, 3)
    assert profile.in_dataset(of([HEAT, named])).stars(1) == 3
    profile.rate(named, 4)
    assert [(one.film.title, one.stars) for one in profile.opinions()] == [("Star Wars", 4)]
    assert profile.opinions()[0].film.imdb == 76759
    profile.clear(named)
    assert profile.in_dataset(of([short])).stars(0) is None
    assert len(profile.in_dataset(of([named])).movies) == 0


def test_a_film_is_known_by_tmdb_too_and_films_that_numbers_tell_apart_are_two() -> None:
    profile = Profile()
    profile.rate(Film("Alien", 1979, tmdb=348), 5)
    profile.rate(Film("Alien, the eighth passenger", 1980, tmdb=348, imdb=78748), 4)
    assert [one[1:] for one in profile.opinions()] == [(4, None)]
    assert profile.opinions()[0].film == Film("Alien", 1979, imdb=78748, tmdb=348)
    profile.rate(Film("Emma", 1996, imdb=116191, tmdb=3573), 3)
    profile.rate(Film("Emma", 1996, imdb=118308, tmdb=12254), 2)
    assert len(profile.opinions()) == 3


def test_opinions_stand_in_the_order_of_their_last_change() -> None:
    profile = Profile()
    films = [Film(f"Film {i}", 1990) for i in range(30)]
    for film in films:
        profile.rate(film, 3)
    for film in films[10::-1]:
        profile.rate(film, 4)
    expected = [*films[11:], *films[10::-1]]
    assert [one.film.title for one in profile.opinions()] == [film.title for film in expected]


def test_undo_gives_back_the_day_of_the_rating_too() -> None:
    profile = Profile()
    profile.rate(ALIEN, 4)
    profile._file._db.execute("UPDATE opinion SET at = '2001-02-03 04:05:06'")
    profile.rate(ALIEN, 2)
    assert profile._file.read("SELECT at > '2020' FROM opinion") == [(1,)]
    profile.undo()
    assert profile._file._db.execute("SELECT at FROM opinion").fetchone() == (
        "2001-02-03 04:05:06",
    )


def test_a_film_is_kept_with_all_its_titles() -> None:
    profile = Profile()
    profile.rate(Film("Seven", 1995, aliases=("Se7en",)), 5)
    profile.rate(Film("Spirited Away", 2001), 4)
    profile.rate(Film("Spirited Away", 2001, original="Sen to Chihiro no kamikakushi"), 4.5)
    elsewhere = of([Film("Sen to Chihiro no kamikakushi", 2001), Film("Se7en", 1995)])
    assert profile.in_dataset(elsewhere).values.tolist() == [5, 4.5]
    assert profile.in_dataset(elsewhere).movies.tolist() == [1, 0]


def test_every_film_that_two_datasets_share_is_found_again(movielens: Path) -> None:
    """What can be told from all that a dataset knows of a film is told from what is kept of it."""
    known = [data.demo(), *(data.read(movielens / n) for n in ("ml-latest-small", "ml-100k"))]
    for one in known:
        profile = Profile(one.name, Path(":memory:"))
        profile.take_in(Dated(Opinion(film, 3, None), "2020-01-01") for film in one.catalogue)
        for other in known:
            shared = {other.catalogue.match(film) for film in one.catalogue} - {None}
            assert set(profile.in_dataset(other.catalogue).movies.tolist()) == shared


def test_in_dataset_gives_rows_and_marks() -> None:
    profile, films = Profile(), of([HEAT, ALIEN])
    profile.rate(ALIEN, 2.5)
    profile.mark(HEAT, "not interested")
    own = profile.in_dataset(films)
    assert own.movies.tolist() == [1]
    assert own.stars(1) == 2.5
    assert own.stars(0) is None
    assert own.marks == {0: "not interested"}


WRITER = """
import sys
from data.profile import Profile
from data.film import Film
profile = Profile(sys.argv[1])
for i in range(int(sys.argv[2])):
    profile.rate(Film(f"Film {i}", 1990), 3)
    print(i, flush=True)
"""


def writer(name: str, n: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, name, str(n)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_kill_in_the_middle_loses_nothing_that_was_said_to_be_saved() -> None:
    with writer("you", 100_000) as process:
        told = present(process.stdout)
        seen = [int(told.readline()) for _ in range(100)]
        process.send_signal(signal.SIGKILL)
        rest = told.read().split()
    said = len(seen) + len(rest)
    assert said <= len(Profile().opinions()) <= said + 1


def test_two_programs_at_once_both_write() -> None:
    with writer("you", 60) as one, writer("Ann", 60) as two:
        for process in (one, two):
            process.communicate()
        assert one.returncode == two.returncode == 0
    profile = Profile()
    assert len(profile.opinions()) == 60
    profile.switch("Ann")
    assert len(profile.opinions()) == 60


STARTER = """
import sys
from data.profile import Profile
print("ready", flush=True)
sys.stdin.readline()
Profile(sys.argv[1]).close()
"""


def test_programs_that_start_at_once_wait_for_each_other(home: Path) -> None:
    for _ in range(5):
        shutil.rmtree(home, ignore_errors=True)
        with ExitStack() as stack:
            command = [sys.executable, "-c", STARTER]
            started = [
                stack.enter_context(
                    subprocess.Popen(
                        [*command, name], cwd=ROOT, text=True,
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    )
                )
                for name in "abc"
            ]  # fmt: skip
            for process in started:
                assert present(process.stdout).readline() == "ready\n"
            for process in started:
                told = present(process.stdin)
                told.write("go\n")
                told.flush()
            for process in started:
                process.communicate()
            assert [process.returncode for process in started] == [0, 0, 0]
        assert sorted(Profile("a").names()) == ["a", "b", "c"]


def test_a_locked_file_says_so_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = Profile()
    profile.rate(ALIEN, 4)
    profile._file._db.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(profile.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    with pytest.raises(ProfileError, match="another program"):
        profile.rate(ALIEN, 2)
    assert time.monotonic() - started < 30
    other.execute("ROLLBACK")
    other.close()
    assert profile.opinion(ALIEN).stars == 4


def test_a_damaged_file_says_so_and_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "profiles.sqlite"
    file.write_bytes(b"not a database, but somebody's" * 100)
    with pytest.raises(ProfileError, match="damaged"):
        Profile(path=file)
    assert file.read_bytes().startswith(b"not a database")


def test_a_newer_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "profiles.sqlite"
    Profile(path=file).close()
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ProfileError, match="newer"):
        Profile(path=file)


def test_a_folder_that_cannot_be_made_says_where(home: Path) -> None:
    home.mkdir(parents=True)
    (home / "data").write_text("in the way")
    with pytest.raises(ProfileError, match="is a file, not a folder"):
        Profile()


def test_settings_are_kept() -> None:
    Profile().keep("dataset", "demo")
    assert Profile().setting("dataset") == "demo"
    assert Profile().setting("model", "none") == "none"
