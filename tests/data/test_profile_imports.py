"""Many opinions at once: all or none, and one undo takes them back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.film import Film
from data.profile import MARKS, STARS, Dated, Opinion, Profile, ProfileError
from tests.support.narrowing import present

ROOT = Path(__file__).parents[2]
ALIEN, HEAT, RAN = Film("Alien", 1979), Film("Heat", 1995), Film("Ran", 1985, imdb=89881)


def dated(film: Film, stars: float | None, mark: str | None = None, at: str = "") -> Dated:
    return Dated(Opinion(film, stars, mark), at)


def test_taking_in_again_changes_nothing() -> None:
    profile = Profile()
    profile.rate(HEAT, 3)
    wanted = [dated(ALIEN, 4.5), dated(HEAT, 3), dated(RAN, None, "watchlist", "2020-01-02")]
    assert profile.take_in(wanted) == 2
    before = profile.dated_opinions()
    assert profile.take_in(wanted) == 0
    assert profile.dated_opinions() == before
    assert [one.at[:10] for one in before if one.opinion.film == RAN] == ["2020-01-02"]


def test_one_undo_takes_an_import_back_and_the_next_what_came_before() -> None:
    profile = Profile()
    profile.rate(HEAT, 3)
    profile.take_in([dated(HEAT, 5), dated(ALIEN, 4), dated(RAN, 2)])
    profile.switch("Ann")
    profile.take_in([dated(ALIEN, 1)])
    profile.switch("you")
    profile.rate(RAN, 1)
    assert profile.undo() == (RAN, 2, None, 1)
    assert profile.undo() == (HEAT, 3, None, 3)
    assert [(one.film, one.stars) for one in profile.opinions()] == [(HEAT, 3)]
    assert profile.undo() == (HEAT, None, None, 1)
    assert profile.undo() is None
    profile.switch("Ann")
    assert profile.opinion(ALIEN).stars == 1


@pytest.mark.parametrize("wrong", [dated(HEAT, 0.3), dated(HEAT, None, "liked")])
def test_one_that_will_not_do_leaves_all_as_it_was(wrong: Dated) -> None:
    profile = Profile()
    profile.rate(RAN, 4)
    with pytest.raises(ProfileError):
        profile.take_in([dated(ALIEN, 4), dated(RAN, 1), wrong])
    assert [(one.film, one.stars) for one in profile.opinions()] == [(RAN, 4)]
    assert profile.undo() == (RAN, None, None, 1)


def test_a_film_is_kept_with_every_number_that_comes_along() -> None:
    profile = Profile()
    profile.rate(Film("Ran", 1985), 4)
    assert profile.kept(Film("RAN", 1985)) == Film("Ran", 1985)
    assert profile.kept(HEAT) is None
    assert profile.take_in([dated(RAN, 4)]) == 0
    assert profile.kept(Film("Any title", imdb=89881)) == RAN


IMPORTER = """
import sys
from data.film import Film
from data.profile import Dated, Opinion, Profile
def wanted(n):
    for i in range(n):
        if i % 50 == 0:
            print(i, flush=True)
        yield Dated(Opinion(Film(f"Film {i}", 1990), 3, None), "")
print(Profile(sys.argv[1]).take_in(wanted(int(sys.argv[2]))), flush=True)
"""


def importer(name: str, n: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", IMPORTER, name, str(n)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_one_that_is_killed_in_the_middle_leaves_nothing_behind() -> None:
    Profile().rate(HEAT, 4)
    with importer("you", 1_000_000) as process:
        for _ in range(10):
            assert present(process.stdout).readline()
        process.send_signal(signal.SIGKILL)
    profile = Profile()
    assert [(one.film, one.stars) for one in profile.opinions()] == [(HEAT, 4)]
    assert profile.undo() == (HEAT, None, None, 1)


def test_two_programs_that_import_at_once_both_do() -> None:
    with importer("you", 500) as one, importer("Ann", 500) as other:
        ends = [process.communicate()[0].split()[-1] for process in (one, other)]
    assert ends == ["500", "500"]
    profile = Profile()
    for name in ("you", "Ann"):
        profile.switch(name)
        assert len(profile.opinions()) == 500
        assert present(profile.undo()).n_films == 500


OPINIONS = st.tuples(
    st.integers(0, 5), st.sampled_from((None, *STARS)), st.sampled_from((None, *MARKS))
)


@settings(deadline=None)
@given(st.lists(st.lists(OPINIONS, max_size=6), max_size=5))
def test_undoing_every_step_ends_where_it_began(
    steps: list[list[tuple[int, float | None, str | None]]],
) -> None:
    profile = Profile()
    profile.switch(f"case {len(profile.names())}")
    states = []
    for step in steps:
        before = set(profile.dated_opinions())
        if profile.take_in(
            [dated(Film(f"Film {i}", 1990), stars, mark) for i, stars, mark in step]
        ):
            states.append(before)
    for before in reversed(states):
        assert profile.undo() is not None
        assert set(profile.dated_opinions()) == before
    assert profile.undo() is None
    profile.close()


def test_the_day_of_watching_comes_along_and_stays_when_stars_change() -> None:
    profile = Profile()
    alien = Film("Alien", 1979)
    profile.take_in([Dated(Opinion(alien, 4, None), "2024-05-01", "2024-04-30")])
    assert profile.dated_opinions()[0].watched == "2024-04-30"
    profile.rate(alien, 2)
    assert profile.dated_opinions()[0].watched == "2024-04-30"
    profile.take_in([Dated(Opinion(alien, 3, None), "2025-05-01", "2025-04-30")])
    assert profile.dated_opinions()[0].watched == "2025-04-30"
    profile.undo()
    assert profile.dated_opinions()[0].watched == "2024-04-30"
    profile.clear(alien)
    profile.undo()
    assert profile.dated_opinions()[0].watched == "2024-04-30"
