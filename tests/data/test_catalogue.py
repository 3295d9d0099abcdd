"""Titles taken apart, found by a few letters, and matched with nothing but certainty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import data
from data import titles
from data.catalogue import Catalogue, Film


@pytest.mark.parametrize(
    ("text", "name", "year", "aliases"),
    [
        ("Matrix, The (1999)", "The Matrix", 1999, ()),
        ("Avventura, L' (L'avventura) (1960)", "L'Avventura", 1960, ("L'avventura",)),
        ("Seven (a.k.a. Se7en) (1995)", "Seven", 1995, ("Se7en",)),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009, ()),
        (
            "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
            "The City of Lost Children",
            1995,
            ("La Cité des enfants perdus",),
        ),
        (
            "Birdman: Or (The Unexpected Virtue of Ignorance) (2014)",
            "Birdman: Or (The Unexpected Virtue of Ignorance)",
            2014,
            (),
        ),
        ("Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto", 2006, ()),
        ("Land Before Time III, The (1995) (V)", "The Land Before Time III", 1995, ()),
        (
            "Evangelion: 1.0 You Are (Not) Alone (2007)",
            "Evangelion: 1.0 You Are (Not) Alone",
            2007,
            (),
        ),
        ("  Babylon 5 ", "Babylon 5", 0, ()),
        ("unknown", "unknown", 0, ()),
        ("Run Silent, Run Deep (1958)", "Run Silent, Run Deep", 1958, ()),
        ("1984 (1956)", "1984", 1956, ()),
        ("2001: A Space Odyssey", "2001: A Space Odyssey", 0, ()),
        ("(2009)", "", 2009, ()),
        ("[b]Heat[/b] (1995)", "[b]Heat[/b]", 1995, ()),
        ("Tab\there\x1b[31m \x00red\x9b (1995) ", "Tab here [31m red", 1995, ()),
    ],
)
def test_titles(text: str, name: str, year: int, aliases: tuple[str, ...]) -> None:
    assert titles.parse(text) == (name, year, aliases)


@given(st.text(max_size=60))
def test_any_text_is_a_title_on_one_line(text: str) -> None:
    title = titles.parse(text)
    for one in (title.name, *title.aliases):
        assert one == one.strip()
        assert all(ord(letter) >= 32 and not 127 <= ord(letter) < 160 for letter in one)
    assert 0 <= title.year <= 9999


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = titles.fold(text)
    assert titles.fold(once) == once
    assert titles.fold(text.upper()) == titles.fold(text.upper().lower())


@given(st.lists(st.text(st.characters(exclude_characters="\n\t"), max_size=12), min_size=1))
def test_folding_many_is_folding_each(names: list[str]) -> None:
    names = [titles.clean(name) for name in names]
    assert titles.fold_lines("\n".join(names)).split("\n") == [titles.fold(n) for n in names]


def test_folding() -> None:
    assert titles.fold("Amélie") == "amelie"
    assert titles.fold("Schindler’s List") == titles.fold("Schindler's List") == "schindlers list"
    assert titles.fold("8½") == titles.fold("8 1/2")
    assert titles.fold("Fast & Furious") == titles.fold("Fast and Furious")
    assert titles.fold("Kølig Łódź") == "kolig lodz"
    assert titles.fold("WALL·E") == titles.fold("Wall-E")
    assert titles.fold("千と千尋の神隠し") == titles.fold("千と千尋の神隠し") != ""


@pytest.fixture
def catalogue() -> Catalogue:
    films = (
        Film("The Matrix", 1999, ("Action", "Sci-Fi"), imdb=133093),
        Film("Matrix Mania", 2004),
        Film("The Animatrix", 2003),
        Film("Amélie", 2001, original="Le Fabuleux Destin d'Amélie Poulain"),
        Film("Emma", 1996, imdb=116191),
        Film("Emma", 1996, imdb=118308),
        Film("Solaris", 1972),
        Film("Solaris", 2002),
        Film("Seven", 1995, aliases=("Se7en",)),
        Film("Ghost", 1990),
        Film("Ghost", 1991),
        Film("Moonlight"),
        Film("Chasing Amy", 1997, ("Drama",)),
        Film("Chasing Amy", 1997, ("Drama",)),
    )
    return Catalogue(films, np.array([300, 5, 40, 200, 30, 4, 20, 60, 80, 9, 9, 50, 3, 7]))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("matrix", [1, 0, 2]),
        ("the matrix", [0, 2]),
        ("AMELIE", [3]),
        ("destin amelie", [3]),
        ("solaris", [7, 6]),
        ("solaris 1972", [6]),
        ("se7en", [8]),
        ("em", [4, 5]),
        ("nothing like it", []),
        ("amy chasing", [13, 12]),
        ("matr 1999", [0]),
    ],
)
def test_search(catalogue: Catalogue, text: str, first: list[int]) -> None:
    assert catalogue.search(text, 5).tolist() == first


def test_an_empty_search_shows_the_best_known(catalogue: Catalogue) -> None:
    assert catalogue.search("  ", 3).tolist() == [0, 3, 8]
    assert catalogue.search("!?", 1).tolist() == [0]


@given(st.text(max_size=10))
def test_any_text_can_be_searched_for(text: str) -> None:
    found = CATALOGUE.search(text, 100)
    words = titles.fold(text).split()
    names = [titles.fold(" ".join((*film.names, str(film.year or "")))) for film in CATALOGUE]
    if words:
        expected = {i for i, name in enumerate(names) if all(word in name for word in words)}
        assert set(found.tolist()) >= {i for i in expected if len(words) == 1}
        assert set(found.tolist()) <= expected


CATALOGUE = Catalogue(
    (Film("Aba", 1999), Film("Bab A", 2001, aliases=("Éa",)), Film("千と千尋", 2001), Film("9"))
)


@pytest.mark.parametrize(
    ("film", "movie", "how"),
    [
        (Film("Whatever", 1900, imdb=133093), 0, "id"),
        (Film("Matrix", 1999), 0, "spelt otherwise"),
        (Film("the matrix", 1999), 0, "title"),
        (Film("The Matrix", 2000), 0, "title, a year apart"),
        (Film("The Matrix", 2001), None, "ambiguous"),
        (Film("The Matrix"), None, "ambiguous"),
        (Film("The Matrix", 1999, imdb=999), None, "ambiguous"),
        (Film("Le fabuleux destin d'Amelie Poulain", 2001), 3, "title"),
        (Film("Der Film", 2001, original="Amélie"), 3, "title"),
        (Film("Emma", 1996), None, "ambiguous"),
        (Film("Emma", 1996, imdb=118308), 5, "id"),
        (Film("Solaris", 2002), 7, "title"),
        (Film("Solaris", 1973), 6, "title, a year apart"),
        (Film("Se7en", 1995), 8, "title"),
        (Film("Ghost", 1990), 9, "title"),
        (Film("Ghost", 1989), 9, "title, a year apart"),
        (Film("Moonlight", 2016), None, "ambiguous"),
        (Film("Moonlight"), 11, "title"),
        (Film("Chasing Amy", 1997), 13, "title"),
        (Film("", 1999), None, "none"),
    ],
)
def test_match(catalogue: Catalogue, film: Film, movie: int | None, how: str) -> None:
    found = catalogue.find(film)
    assert (found.movie, found.how) == (movie, how)
    assert catalogue.match(film) == movie
    if how == "ambiguous":
        assert found.candidates


def test_a_year_between_two_is_left_to_the_person() -> None:
    catalogue = Catalogue((Film("Ghost", 1990), Film("Ghost", 1992)))
    found = catalogue.find(Film("Ghost", 1991))
    assert found.movie is None
    assert set(found.candidates) == {0, 1}


def test_a_catalogue_in_figures(catalogue: Catalogue) -> None:
    assert len(catalogue) == len(list(catalogue)) == 14
    assert catalogue[np.int32(0)].label == "The Matrix (1999)"
    assert catalogue.genres == ("Action", "Drama", "Sci-Fi")
    assert catalogue.genre_matrix.sum() == 4
    assert catalogue.genre_matrix[0].tolist() == [True, False, True]
    assert catalogue.years.dtype == np.int16


def test_every_film_of_the_real_catalogue_is_itself(movielens: Path) -> None:
    catalogue = data.read(movielens / "ml-latest-small").catalogue
    assert all(catalogue.match(film) == movie for movie, film in enumerate(catalogue))


def test_by_title_alone_nothing_is_taken_for_another(movielens: Path) -> None:
    """Each film as a person would write it: no ids, no accents, and the year as it is."""
    catalogue = data.read(movielens / "ml-latest-small").catalogue
    found = [catalogue.match(Film(titles.fold(one.title), one.year)) for one in catalogue]
    wrong = [movie for movie, match in enumerate(found) if match not in {movie, None}]
    assert wrong == []
    assert sum(match is not None for match in found) > 0.998 * len(catalogue)


def test_the_real_search(movielens: Path) -> None:
    catalogue = data.read(movielens / "ml-latest-small").catalogue
    for text, label in [
        ("matrix", "The Matrix (1999)"),
        ("godf", "The Godfather (1972)"),
        ("star wars", "Star Wars: Episode IV - A New Hope (1977)"),
        ("se7en", "Seven (1995)"),
        ("fabuleux amelie", "Amelie (2001)"),
        ("heat", "Heat (1995)"),
    ]:
        assert catalogue[catalogue.search(text, 1)[0]].label == label


def test_genres_and_years_in_figures() -> None:
    films = (
        Film("One", 1984, ("Drama",)),
        Film("Two", 1990, ("Comedy", "Drama")),
        Film("Three", 0, ("Comedy",)),
    )
    genres, decades = np.hsplit(Catalogue(films).features, [2])
    np.testing.assert_array_equal(genres, [[0, 1], [1, 1], [1, 0]])
    # Columns for 1980, 1990 and 2000; a year that is unknown counts as the others on average.
    expected: list[list[float]] = [[0.6, 0.4, 0], [0, 1, 0], [0.3, 0.7, 0]]
    np.testing.assert_allclose(decades, expected, atol=1e-6)


def test_films_of_which_nothing_is_known_have_no_figures() -> None:
    assert Catalogue((Film("One"), Film("Two"))).features.shape == (2, 0)


def test_a_dataset_describes_its_films_to_algorithms(movielens: Path) -> None:
    dataset = data.read(movielens / "ml-latest-small")
    described = dataset.described
    assert described.values is dataset.ratings.values
    assert described.movie_features is not None
    np.testing.assert_array_equal(described.movie_features, dataset.catalogue.features)
    assert dataset.described is described
