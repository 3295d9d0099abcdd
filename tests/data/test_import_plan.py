"""What an import would change, and what it then does: sure of what it writes, the rest asked."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import data
from data import importing
from data.catalogue import Catalogue, Film
from data.film import told_apart
from data.importing import plan
from data.importing.entry import Entry, merged
from data.importing.plan import Plan, plan_import, planning, stands_alone
from data.profile import MARKS, STARS, Opinion, Profile
from tests.benchmarks import matching
from tests.support import exported
from tests.support.exported import LETTERBOXD, write
from tests.support.narrowing import present

Said = tuple[float | None, str | None]
"""Stars and a mark."""
Line = tuple[str, int, str, float]
"""Title, year, the address' last letter and stars."""
FILMS = (
    Film("The Matrix", 1999, imdb=133093, tmdb=603),
    Film("Amelie", 2001, imdb=211915, aliases=("Le Fabuleux destin d'Amélie Poulain",)),
    Film("Emma", 1996, imdb=116191),
    Film("Emma", 1996, imdb=118308),
    Film("Whiplash", 2013, imdb=2654562),
    Film("Whiplash", 2014, imdb=2582802),
    Film("Solaris", 1972, imdb=69293),
    Film("Spider-Man", 2002, imdb=145487),
    Film("[REC]", 2007, imdb=1038988),
    Film("The Mummy", 1932, imdb=23245),
)
CATALOGUE = Catalogue(FILMS)


def rows(tmp_path: Path, *lines: str) -> Path:
    return write(tmp_path, "ratings.csv", f"{LETTERBOXD},Rating", *lines)


def planned(path: Path, profile: Profile | None = None, catalogue: Catalogue = CATALOGUE) -> Plan:
    return plan_import(importing.read(path), catalogue, profile or Profile())


def take(plan: Plan, profile: Profile) -> int:
    return profile.take_in(plan.changes)


def kept(profile: Profile) -> dict[str, tuple[float | None, str | None]]:
    return {one.film.label: (one.stars, one.mark) for one in profile.opinions()}


@pytest.mark.parametrize(
    ("title", "year", "how", "movie"),
    [
        ("Matrix, The", 1999, "title", 0),
        ("THE MATRIX", 1999, "title", 0),
        ("The Matrix", 2000, "title, a year apart", 0),
        ("The Matrix", 2001, "ambiguous", None),
        ("The Matrix", "", "ambiguous", None),
        ("The Matrix", 2019, "none", None),
        ("Le fabuleux destin d'Amelie Poulain", 2001, "title", 1),
        ("Amélie (Le Fabuleux destin d'Amélie Poulain)", 2001, "title", 1),
        ("Emma", 1996, "ambiguous", None),
        ("Whiplash", 2014, "ambiguous", None),
        ("Whiplash", 2015, "title, a year apart", 5),
        ("Solaris", 2002, "none", None),
        ("Solaris", 1971, "title, a year apart", 6),
        ("Spiderman", 2002, "spelt otherwise", 7),
        ("Spiderman", 2003, "ambiguous", None),
        ("Spi der man", 1977, "none", None),
        ("REC", 2007, "title", 8),
        ("[Rec]", 2007, "title", 8),
        ("The Mummy", 1999, "none", None),
        ("千と千尋の神隠し", 2001, "none", None),
    ],
)
def test_what_a_title_and_a_year_are_taken_for(
    tmp_path: Path, title: str, year: object, how: str, movie: int | None
) -> None:
    (item,) = planned(rows(tmp_path, f'2024-01-01,"{title}",{year},u,4')).items
    assert (item.match.how, item.match.movie) == (how, movie)


@pytest.mark.parametrize(
    ("const", "title", "year", "how", "movie"),
    [
        ("tt0133093", "Any Title", 1900, "id", 0),
        ("tt133093", "Any Title", 1900, "id", 0),
        ("tt0118308", "Emma", 1996, "id", 3),
        ("tt7777777", "The Matrix", 1999, "ambiguous", None),
        ("tt7777777", "The Matrix", 2000, "none", None),
    ],
)
def test_what_a_number_is_taken_for(
    tmp_path: Path, const: str, title: str, year: int, how: str, movie: int | None
) -> None:
    line = exported.imdb(const, 8, title, year)
    (item,) = planned(write(tmp_path, "r.csv", exported.IMDB, line)).items
    assert (item.match.how, item.match.movie) == (how, movie)


def test_two_films_never_become_one_without_asking(tmp_path: Path) -> None:
    path = rows(
        tmp_path, "2024-01-01,Solaris,1972,a,4", "2024-01-01,Solaris,1971,b,2",
        "2024-01-01,The Matrix,1999,c,3", "2024-01-01,The Matrix,1999,d,5",
    )  # fmt: skip
    plan = planned(path)
    assert [item.match.how for item in plan.items] == ["title", "ambiguous"] + ["ambiguous"] * 2
    assert plan.items[1].match.candidates == (6,)


def test_an_import_keeps_what_the_dataset_knows_and_what_it_does_not(tmp_path: Path) -> None:
    profile = Profile()
    path = rows(
        tmp_path, '2024-01-05,"Matrix, The",2000,a,4.5', "2024-01-06,A Film Nobody Has,1931,b,3",
        "2024-01-07,Emma,1996,c,2",
    )  # fmt: skip
    plan = planned(path, profile)
    assert (plan.count("id"), plan.count("title", "title, a year apart")) == (0, 1)
    assert (plan.count("none"), plan.count("ambiguous"), len(plan.changes)) == (1, 1, 2)
    assert kept(profile) == {}
    assert take(plan, profile) == 2
    assert kept(profile) == {
        "The Matrix (1999)": (4.5, None),
        "A Film Nobody Has (1931)": (3, None),
    }
    assert profile.opinions()[0].film.imdb == 133093
    own = profile.in_dataset(CATALOGUE)
    assert own.stars(0) == 4.5
    assert [one.film.title for one in own.unmatched] == ["A Film Nobody Has"]
    assert [one.at for one in profile.dated_opinions()] == ["2024-01-05", "2024-01-06"]
    again = planned(path, profile)
    assert again.changes == []
    assert take(again, profile) == 0
    assert present(profile.undo()).n_films == 2
    assert kept(profile) == {}


def test_the_preview_tells_what_is_new_what_changes_and_what_does_not(tmp_path: Path) -> None:
    profile = Profile()
    profile.rate(FILMS[0], 2)
    profile.rate(FILMS[6], 4)
    path = rows(
        tmp_path, "2024-01-01,The Matrix,1999,a,4", "2024-01-01,Solaris,1972,b,4",
        "2024-01-01,Spider-Man,2002,c,1",
    )  # fmt: skip
    changed, same, new = planned(path, profile).items
    assert (changed.before.stars, changed.after.stars) == (2, 4)
    assert changed.changes
    assert not changed.is_new
    assert not same.changes
    assert new.is_new
    assert new.changes


def test_a_choice_is_kept_and_not_asked_for_again(tmp_path: Path) -> None:
    profile = Profile()
    path = rows(tmp_path, "2024-01-01,Emma,1996,a,4", "2024-01-01,Whiplash,2014,b,5")
    plan = planned(path, profile)
    assert [item.is_open for item in plan.items] == [True, True]
    assert plan.changes == []
    plan.choose(0, 3, CATALOGUE, profile)
    plan.choose(1, 5, CATALOGUE, profile)
    plan.choose(0, 2, CATALOGUE, profile)
    assert take(plan, profile) == 2
    assert [(one.film.imdb, one.stars) for one in profile.opinions()] == [(116191, 4), (2582802, 5)]
    again = planned(path, profile)
    assert [item.is_open for item in again.items] == [False, False]
    assert again.changes == []


def test_the_likeliest_is_the_nearest_in_its_year_and_no_film_is_taken_twice(
    tmp_path: Path,
) -> None:
    profile = Profile()
    path = rows(
        tmp_path, "2024-01-01,Whiplash,2014,a,4", "2024-01-01,Emma,1996,b,3",
        "2024-01-01,Emma,1996,c,2", "2024-01-01,Emma,1996,d,1", "2024-01-01,The Matrix,,e,5",
    )  # fmt: skip
    plan = planned(path, profile)
    assert sum(item.is_open for item in plan.items) == 5
    plan.choose_likeliest(CATALOGUE, profile)
    assert [item.movie for item in plan.items] == [5, 2, 3, None, 0]
    assert take(plan, profile) == 4
    assert profile.in_dataset(CATALOGUE).movies.tolist() == [5, 2, 3, 0]


def test_planning_can_be_left_at_any_step(tmp_path: Path) -> None:
    profile = Profile()
    lines = [f"2024-01-01,Film number {i},1990,u{i},3" for i in range(1000)]
    steps = planning(importing.read(rows(tmp_path, *lines)), CATALOGUE, profile)
    told = [next(steps) for _ in range(12)]
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] < 1
    steps.close()
    assert profile.opinions() == []


def test_none_of_these_is_kept_under_its_own_title(tmp_path: Path) -> None:
    profile = Profile()
    path = rows(tmp_path, "2024-01-01,The Matrix,2001,a,4", "2024-01-01,Whiplash,2014,b,5")
    plan = planned(path, profile)
    alone = [stands_alone(item, CATALOGUE, profile) for item in plan.items]
    assert alone == [True, False]
    plan.leave_alone(0, profile)
    take(plan, profile)
    assert kept(profile) == {"The Matrix (2001)": (4, None)}
    assert len(profile.in_dataset(CATALOGUE).unmatched) == 1
    assert not planned(path, profile).items[0].is_open


def test_what_is_left_out_stays_as_it_was(tmp_path: Path) -> None:
    profile = Profile()
    profile.rate(FILMS[0], 2)
    path = rows(tmp_path, "2024-01-01,The Matrix,1999,a,4", "2024-01-01,Solaris,1972,b,4")
    plan = planned(path, profile)
    plan.leave_out(0)
    assert take(plan, profile) == 1
    assert profile.opinion(FILMS[0]).stars == 2
    plan.leave_out(0)
    assert len(plan.changes) == 1 + 1


def test_a_film_kept_from_another_dataset_under_another_title_is_that_film(tmp_path: Path) -> None:
    profile = Profile()
    profile.rate(Film("Le fabuleux destin d'Amélie Poulain", 2001), 3)
    path = rows(tmp_path, "2024-01-01,Amélie,2001,a,5")
    (item,) = planned(path, profile).items
    assert item.before.stars == 3
    take(planned(path, profile), profile)
    assert [(one.film.imdb, one.stars) for one in profile.opinions()] == [(211915, 5)]


@pytest.mark.parametrize(
    ("before", "says", "after"),
    [
        ((None, None), (4, None), (4, None)),
        ((3, "watchlist"), (4, None), (4, None)),
        ((4, "watchlist"), (4, None), (4, "watchlist")),
        ((3, None), (None, "watchlist"), (3, "watchlist")),
        ((3, None), (None, "seen"), (3, None)),
        ((3, None), (None, "unseen"), (3, None)),
        ((None, "unseen"), (None, "seen"), (None, "seen")),
        ((None, "watchlist"), (None, "seen"), (None, "watchlist")),
        ((None, "not interested"), (None, "watchlist"), (None, "watchlist")),
        ((None, "seen"), (2, None), (2, None)),
    ],
)
def test_what_an_opinion_becomes(before: Said, says: Said, after: Said) -> None:
    entry = Entry(FILMS[0], *says)
    assert plan._after(Opinion(FILMS[0], *before), entry)[1:] == after


OPINIONS = st.tuples(st.sampled_from((None, *STARS)), st.sampled_from((None, *MARKS)))


@settings(deadline=None)
@given(OPINIONS, OPINIONS.filter(any))
def test_saying_a_thing_twice_is_saying_it_once(before: Said, says: Said) -> None:
    entry = Entry(FILMS[0], *says)
    once = plan._after(Opinion(FILMS[0], *before), entry)
    assert plan._after(once, entry) == once
    if says[0] is not None:
        assert once.stars == says[0]


NUMBERED = st.builds(
    Film, st.just("Same"), st.just(1999), imdb=st.integers(0, 3), tmdb=st.integers(0, 3)
)


@given(st.lists(NUMBERED, max_size=6), NUMBERED)
def test_a_film_is_among_namesakes_that_its_numbers_do_not_tell_it_apart_from(
    films: list[Film], film: Film
) -> None:
    namesakes = plan._Namesakes()
    for one in films:
        namesakes.add(one)
    assert namesakes.have(film) == any(not told_apart(film, one) for one in films)


def test_thousands_of_namesakes_are_planned_and_taken_in_bounded_time(tmp_path: Path) -> None:
    """Each is looked up by its number: a file of 3,500 took 45 seconds before."""
    header = "title,year,imdb_id,tmdb_id,stars,mark,rated_at"
    lines = [f"Same,1999,tt{n:07},{n},4,,2024-01-01" for n in range(1, 3501)]
    path = write(tmp_path, "mine.csv", header, *lines)
    profile = Profile()
    for _ in range(2):
        made = planned(path, profile)
        take(made, profile)
    assert len(profile.opinions()) == 3500
    assert made.changes == []


TITLES = st.sampled_from(
    ["Emma", "The Matrix", "Matrix, The", "Whiplash", "Solaris", "Else", "AMELIE"]
)
LINES = st.lists(
    st.tuples(TITLES, st.integers(1995, 2003), st.sampled_from("abc"), st.sampled_from(STARS)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(LINES, st.lists(LINES, max_size=2))
def test_importing_any_file_again_changes_nothing(
    first: list[Line], others: list[list[Line]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        profile = Profile("somebody", Path(folder) / "profiles.sqlite")
        for lines in (first, *others, first):
            cells = (f'2024-01-01,"{name}",{year},{uri},{n:g}' for name, year, uri, n in lines)
            path = rows(Path(folder), *cells)
            plan = planned(path, profile)
            taken = [item.match.movie for item in plan.items if item.match.movie is not None]
            assert len(taken) == len(set(taken))
            take(plan, profile)
            own = profile.in_dataset(CATALOGUE)
            for item in plan.items:
                if item.match.movie is not None:
                    assert own.stars(item.match.movie) == item.entry.stars
        assert planned(path, profile).changes == []
        profile.close()


@settings(deadline=None)
@given(st.lists(st.tuples(TITLES, st.sampled_from(["", "a", "b"]), OPINIONS), max_size=8))
def test_merging_loses_no_film_and_no_stars(said: list[tuple[str, str, Said]]) -> None:
    entries = [Entry(Film(title, 1999), *opinion, uri=uri) for title, uri, opinion in said]
    found = merged(entries)
    assert {one.film.title for one in found} == {entry.film.title for entry in entries}
    assert len({(one.film.folded, one.uri) for one in found}) == len(found)
    for one in found:
        exact = [e for e in entries if e.film == one.film and e.uri == one.uri and e.stars]
        if exact:
            assert one.stars == exact[-1].stars


@pytest.fixture(scope="module")
def latest(movielens: Path) -> tuple[Catalogue, list[str]]:
    folder = movielens / "ml-latest-small"
    catalogue = data.read(folder).catalogue
    return catalogue, matching.raw_titles(folder, catalogue)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_wrong_is_written_without_asking(
    tmp_path: Path, latest: tuple[Catalogue, list[str]], seed: int
) -> None:
    drawn = matching.case(*latest, seed)
    for export in (matching.letterboxd, matching.imdb):
        path = tmp_path / f"{export.__name__}.csv"
        export(drawn, path)
        got = matching.score(drawn, path, Profile(export.__name__))
        assert got.wrong == []
        assert got.missed == []
        assert got.recall > 0.99
        assert got.right + got.asked + got.kept_apart + got.namesakes == matching.FILMS


def test_the_benchmarks_truth_is_no_tautology(
    tmp_path: Path, latest: tuple[Catalogue, list[str]]
) -> None:
    """An export with its titles in disorder must come out wrong, or nothing is measured."""
    drawn = matching.case(*latest, 0)
    titles = [row[1:3] for row in drawn.rows]
    mixed = zip(drawn.rows, [*titles[1:], titles[0]], strict=True)
    rows = [(row[0], *title, *row[3:]) for row, title in mixed]
    path = tmp_path / "ratings.csv"
    matching.letterboxd(replace(drawn, rows=rows), path)
    assert matching.score(drawn, path, Profile()).precision < 0.05


def test_an_import_follows_into_another_dataset(
    tmp_path: Path, movielens: Path, latest: tuple[Catalogue, list[str]]
) -> None:
    profile = Profile()
    path = write(
        tmp_path, "r.csv", exported.IMDB,
        exported.imdb("tt0095765", 10, "Nuovo Cinema Paradiso", 1988),
        exported.imdb("tt0111161", 9, "The Shawshank Redemption", 1994),
    )  # fmt: skip
    take(planned(path, profile, latest[0]), profile)
    other = data.read(movielens / "ml-100k").catalogue
    own = profile.in_dataset(other)
    assert sorted(other[movie].title for movie in own.movies) == [
        "Cinema Paradiso", "The Shawshank Redemption"
    ]  # fmt: skip
    assert planned(path, profile, other).changes == []
