"""Films that other sites spell otherwise: found where nothing else can be meant, else offered."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import data
from data.catalogue import Catalogue, Film
from data.importing.matching import Finder
from data.loose_titles import LooseTitles
from data.other_titles import other_titles
from data.profile import Profile
from data.title_keys import forms
from tests.benchmarks import matching

KNOWN, OBSCURE = 900, 3
LISTED = (
    ("Star Wars: Episode V - The Empire Strikes Back", 1980, KNOWN),
    ("Kill Bill: Vol. 2", 2004, KNOWN),
    ("Monty Python's Life of Brian", 1979, KNOWN),
    ("Mission: Impossible II", 2000, KNOWN),
    ("Wallace & Gromit: The Wrong Trousers", 1993, KNOWN),
    ("Naked Gun 33 1/3: The Final Insult", 1994, KNOWN),
    ("A Nightmare on Elm Street 5: The Dream Child", 1989, KNOWN),
    ("Friday the 13th Part VI: Jason Lives", 1986, OBSCURE),
    ("Three Colors: Blue", 1993, KNOWN),
    ("Birdman: Or (The Unexpected Virtue of Ignorance)", 2014, KNOWN),
    ("Twelve Monkeys", 1995, KNOWN),
    ("Dr. Dolittle", 1998, KNOWN),
    ("Jaws 3-D", 1983, OBSCURE),
    ("S.W.A.T.", 2003, KNOWN),
    ("Watchmen", 2009, KNOWN),
    ("Public Enemies", 2009, KNOWN),
    ("Superman/Batman: Public Enemies", 2009, OBSCURE),
    ("Mongol", 2007, OBSCURE),
    ("Transformers", 2007, KNOWN),
    ("Nymphomaniac: Volume I", 2013, KNOWN),
    ("Nymphomaniac: Volume II", 2013, KNOWN),
    ("Home", 2015, KNOWN),
    ("Daddy's Home", 2015, KNOWN),
    ("Pirate Radio", 2009, KNOWN),
    ("Untitled Spider-Man Reboot", 2017, KNOWN),
    ("Cube 2: Hypercube", 2002, KNOWN),
    ("The Crime of Father Amaro", 2002, OBSCURE),
    ("The Golem", 1920, OBSCURE),
    ("Richie Rich", 1994, OBSCURE),
    *((f"Filler {year} {n}", year, n) for year in range(1979, 2018) for n in range(4, 12)),
)
CATALOGUE = Catalogue(
    tuple(Film(title, year) for title, year, _ in LISTED),
    np.array([count for _, _, count in LISTED], np.int64),
)


def taken_for(title: str, year: int) -> str | None:
    movie = CATALOGUE.match(Film(title, year))
    return None if movie is None else CATALOGUE[movie].title


def offered(title: str, year: int) -> list[str]:
    found = Finder(CATALOGUE).find(Film(title, year))
    return [CATALOGUE[movie].title for movie in found.candidates]


@pytest.mark.parametrize(
    ("title", "year", "listed"),
    [
        ("The Empire Strikes Back", 1980, "Star Wars: Episode V - The Empire Strikes Back"),
        ("Kill Bill: Volume 2", 2004, "Kill Bill: Vol. 2"),
        ("Kill Bill: Volume Two", 2004, "Kill Bill: Vol. 2"),
        ("Life of Brian", 1979, "Monty Python's Life of Brian"),
        ("Mission: Impossible 2", 2000, "Mission: Impossible II"),
        ("The Wrong Trousers", 1993, "Wallace & Gromit: The Wrong Trousers"),
        ("Wallace and Gromit in The Wrong Trousers", 1993, "Wallace & Gromit: The Wrong Trousers"),
        ("The Naked Gun 33⅓: The Final Insult", 1994, "Naked Gun 33 1/3: The Final Insult"),
        ("A Nightmare on Elm Street: The Dream Child", 1989,
         "A Nightmare on Elm Street 5: The Dream Child"),
        ("Jason Lives: Friday the 13th Part VI", 1986, "Friday the 13th Part VI: Jason Lives"),
        ("Three Colours: Blue", 1993, "Three Colors: Blue"),
        ("Birdman", 2014, "Birdman: Or (The Unexpected Virtue of Ignorance)"),
        ("12 Monkeys", 1995, "Twelve Monkeys"),
        ("Doctor Dolittle", 1998, "Dr. Dolittle"),
        ("SWAT", 2003, "S.W.A.T."),
        ("Mongol: The Rise of Genghis Khan", 2007, "Mongol"),
        ("Nymphomaniac: Vol. I", 2013, "Nymphomaniac: Volume I"),
        ("The Boat That Rocked", 2009, "Pirate Radio"),
        ("Spider-Man: Homecoming", 2017, "Untitled Spider-Man Reboot"),
        ("Cube²: Hypercube", 2002, "Cube 2: Hypercube"),
        ("Golem", 1920, "The Golem"),
        ("Ri¢hie Ri¢h", 1994, "Richie Rich"),
    ],
)  # fmt: skip
def test_what_is_found_without_asking(title: str, year: int, listed: str) -> None:
    assert taken_for(title, year) == listed


@pytest.mark.parametrize(
    ("title", "year", "offer"),
    [
        ("Blue", 1993, "Three Colors: Blue"),
        ("Watchmen: Tales of the Black Freighter", 2009, "Watchmen"),
        ("Transformers: Beginnings", 2007, "Transformers"),
        ("Nymphomaniac", 2013, "Nymphomaniac: Volume I"),
        ("The Crime of Brother Amaro", 2002, "The Crime of Father Amaro"),
        ("Mission: Impossible 2", 2001, "Mission: Impossible II"),
    ],
)
def test_what_is_plausible_is_offered_and_never_written(title: str, year: int, offer: str) -> None:
    assert taken_for(title, year) is None
    assert offer in offered(title, year)


@pytest.mark.parametrize(
    ("title", "year"),
    [("Daddy", 2015), ("Empire", 1980), ("Three Colors: Red", 1993), ("Kill Bill: Vol. 3", 2004)],
)
def test_other_films_are_not_taken_for_these(title: str, year: int) -> None:
    assert taken_for(title, year) is None


def test_a_namesake_of_another_decade_hides_no_partner() -> None:
    films = (Film("The Avengers", 1998), Film("Marvel's The Avengers", 2012))
    catalogue = Catalogue(films, np.array([50, 900], np.int64))
    assert catalogue.match(Film("The Avengers", 2012)) == 1
    films = (Film("Home", 1950), Film("The Long Way Home to Ithaca", 2012))
    found = Finder(Catalogue(films)).find(Film("Long Road Home to Ithaca", 2012))
    assert (found.movie, found.candidates) == (None, (1,))


def test_numbers_that_tell_films_apart_outweigh_any_title() -> None:
    catalogue = Catalogue((Film("Kill Bill: Vol. 2", 2004, imdb=378194),), np.array([9]))
    assert catalogue.match(Film("Kill Bill: Volume 2", 2004, imdb=266697)) is None
    assert catalogue.match(Film("Kill Bill: Volume 2", 2004, tmdb=393)) == 0


def test_a_rating_moves_between_datasets_that_spell_a_title_otherwise() -> None:
    """It must not come to exist twice."""
    profile = Profile()
    one, other = (
        Catalogue((Film(title, 2002),)) for title in ("Cube²: Hypercube", "Cube 2: Hypercube")
    )
    profile.in_dataset(one)
    profile.rate(one[0], 3)
    assert profile.in_dataset(other).stars(0) == 3
    profile.rate(other[0], 4)
    assert [opinion.stars for opinion in profile.opinions()] == [4]


def test_the_list_of_other_titles_is_sound() -> None:
    """Every title of a line leads to the others, in its year and beside, and to no other film."""
    path = Path(data.__file__).with_name("other_titles.txt")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert len(lines) > 300
    for line in lines:
        year, *titles = line.split("|")
        assert 1890 < int(year) < 2030
        assert len(titles) > 1
        for one, other in itertools.permutations(titles, 2):
            names = {*other_titles(Film(one, int(year))), *Film(one, int(year)).folded}
            assert set(Film(other).folded) <= names, line
    assert other_titles(Film("Pirate Radio", 2015)) == ()
    assert other_titles(Film("Pirate Radio")) == ()


WORDS = st.sampled_from(
    ("the", "of", "a", "2", "II", "two", "Part", "X2", "Blue", ":", "-", "or", "(It)", "3-D", "&")
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=9).map(" ".join) | st.text(max_size=60))
def test_any_title_has_forms_and_is_itself(title: str) -> None:
    one = forms(title)
    assert one == forms.__wrapped__(title)
    films = (Film(title, 2000), Film("Something Else Entirely", 2000))
    loose = LooseTitles(["\t".join(film.folded) for film in films], films, np.array([5, 1]))
    assert loose.find(Film(title, 2000)) in ((0,) if one.words else (0, None))


def test_no_film_of_a_real_catalogue_is_taken_for_another_when_it_is_missing(
    movielens: Path,
) -> None:
    """Each film of ml-latest-small is looked for as if the dataset lacked it."""
    catalogue = data.read(movielens / "ml-latest-small").catalogue
    assert matching.taken_when_missing(catalogue) == []


EVERYBODYS = (
    ("Star Wars", 1977), ("The Empire Strikes Back", 1980), ("Return of the Jedi", 1983),
    ("Star Wars: The Force Awakens", 2015), ("Oldboy", 2003), ("Three Colours: Blue", 1993),
    ("Three Colours: White", 1994), ("Three Colours: Red", 1994), ("X2", 2003),
    ("Men in Black 3", 2012), ("Life of Brian", 1979), ("The Intouchables", 2011),
    ("Birdman or (The Unexpected Virtue of Ignorance)", 2014), ("Gone in Sixty Seconds", 2000),
    ("The Lion King 2: Simba's Pride", 1998), ("John Wick: Chapter 2", 2017),
    ("Man with a Movie Camera", 1929), ("Naked Gun 33⅓: The Final Insult", 1994),
    ("The Naked Gun 2½: The Smell of Fear", 1991), ("Alien³", 1992), ("WALL·E", 2008),
    ("Léon: The Professional", 1994), ("Harry Potter and the Philosopher's Stone", 2001),
)  # fmt: skip


def test_films_that_everybody_knows_are_found_by_their_names_on_other_sites(
    movielens: Path,
) -> None:
    catalogue = data.read(movielens / "ml-latest-small").catalogue
    finder = Finder(catalogue)
    for title, year in EVERYBODYS:
        found = finder.find(Film(title, year))
        assert found.movie is not None, title
        assert abs(catalogue[found.movie].year - year) <= 1
    assert finder.find(Film("tick, tick... BOOM!", 2021)).how == "none"
