"""Films beside the ratings: by their header in any order, or told why they cannot be used."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import data
from data.catalogue import Film
from data.loading import films_file
from data.loading.films_table import genres, linked

ROWS = [(u, m, 1 + (u * m) % 5) for u in range(1, 13) for m in range(1, 9)]
EXPECTED = [Film(f"The Alpha, {i}", 1990 + i, ("Drama", "Children"), 100 + i) for i in range(1, 9)]


def ratings(folder: Path, user: str = "{u}", movie: str = "{m}", name: str = "ratings.csv") -> None:
    folder.mkdir(exist_ok=True)
    body = (f"{user},{movie},{{v}}\n".format(u=u, m=m, v=v) for u, m, v in ROWS)
    (folder / name).write_text("userId,movieId,rating\n" + "".join(body))


def films(line: str, movie: str = "{i}") -> str:
    lines = (line.replace("ID", movie).format(i=i, y=1990 + i) for i in range(1, 9))
    return "".join(one + "\n" for one in lines)


TABLES = {
    "MovieLens": ("movies.csv", 'movieId,title,genres\n,ID,"The Alpha, {i} ({y})",Drama|Children'),
    "another order": (
        "movies.csv",
        'genres,title,extra,movieId\n,Drama|Children\'s,"Alpha, {i}, The ({y})",x,ID',
    ),
    "semicolons": ("movies.csv", "movieId;title;genres\n,ID;The Alpha, {i} ({y});Drama|Children"),
    "tabs": ("movies.csv", "id\ttitle\tyear\tgenre\n,ID\tThe Alpha, {i}\t{y}\tDrama, Children"),
    "an index column": (
        "movies.csv",
        ',movieId,title,genres\n,{i},ID,"The Alpha, {i} ({y})",Drama|Children',
    ),
    "quoted": (
        "movies.csv",
        '"movieId","title","genres"\n,"ID","The Alpha, {i} ({y})","Drama|Children"',
    ),
    "numbers of sites": (
        "films.csv",
        "imdb_id,film_id,name,release_year,genres\n"
        ',tt0000{i:03d},ID,"The Alpha, {i}",{y}.0,Drama|Children',
    ),
    "JSON in a cell": (
        "movies.csv",
        'id,title,year,genres\n,ID,"The Alpha, {i}",{y},'
        "\"[{{'id': 1, 'name': 'Drama'}}, {{'id': 2, 'name': 'Children'}}]\"",
    ),
    "no header": ("movies.csv", ',ID,"The Alpha, {i} ({y})",Drama|Children'),
    "colons": ("movies.dat", ",ID::The Alpha, {i} ({y})::Drama|Children"),
    "RecBole": (
        "ratings.item",
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        ",ID\tThe Alpha, {i}\t{y}\tDrama|Children",
    ),
    "Netflix": ("movie_titles.csv", ",{i},{y},The Alpha, {i}"),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("way", ["folder", "zip"])
def test_films_are_named_whatever_their_table_looks_like(
    tmp_path: Path, kind: str, way: str
) -> None:
    folder = tmp_path / "a"
    ratings(folder)
    name, text = TABLES[kind]
    header, _, line = text.rpartition("\n,") if "\n," in text else ("", "", text[1:])
    (folder / name).write_text((header + "\n" if header else "") + films(line))
    if way == "zip":
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for one in folder.iterdir():
                archive.write(one, f"inner/{one.name}")
    dataset = data.read(folder if way == "folder" else tmp_path / "a.zip")
    told = [(film.title, film.year) for film in dataset.catalogue]
    assert told == [(film.title, film.year) for film in EXPECTED]
    if kind != "Netflix":
        assert dataset.catalogue.genres == ("Children", "Drama")
    if kind == "numbers of sites":
        assert dataset.catalogue.imdb.tolist() == list(range(1, 9))
    assert dataset.warnings == ()


MOVIES = {
    "text": "film {i:02d}",
    "zeros": "00{i}",
    "IMDb": "tt00001{i:02d}",
    "long": "7777777777777{i:02d}",
    "pandas": "{i}.0",
}


@pytest.mark.parametrize("kind", MOVIES)
@pytest.mark.parametrize("user", ["{u}", "ann {u}"])
def test_films_are_named_where_ids_are_text(tmp_path: Path, kind: str, user: str) -> None:
    ratings(tmp_path, user, MOVIES[kind].replace("{i", "{m"))
    table = films('ID,"The Alpha, {i} ({y})",Drama', MOVIES[kind])
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n" + table)
    dataset = data.read(tmp_path)
    assert [film.title for film in dataset.catalogue] == [film.title for film in EXPECTED]
    assert dataset.warnings == ()
    assert len(dataset.ratings) == len(ROWS)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("genres,votes\nDrama,7\n", "genres,votes"),
        ("nothing of the kind\n", "nothing of the kind"),
        ("\n\n", "no lines"),
        ("number,words\n1,Alpha\n", "number,words"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(tmp_path: Path, table: str, says: str) -> None:
    ratings(tmp_path)
    (tmp_path / "movies.csv").write_text(table)
    dataset = data.read(tmp_path)
    assert dataset.catalogue.titles == tuple(f"Film {i}" for i in range(1, 9))
    told = str(dataset.warnings[0])
    assert "movies.csv could not be used" in told
    assert f"“{says}”" in told


def test_films_that_nobody_rated_are_all_there_is_is_told(tmp_path: Path) -> None:
    ratings(tmp_path)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n" + films("9{i},Alpha {i} ({y}),X"))
    says = [str(one) for one in data.read(tmp_path).warnings]
    assert "8 films are not described in the files and shown by number." in says
    assert "8 films have no ratings." in says


def test_links_by_their_header_in_any_order(tmp_path: Path) -> None:
    ratings(tmp_path)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n" + films("ID,Alpha {i} ({y}),X"))
    (tmp_path / "links.csv").write_text("tmdbId,imdbId,movieId\n" + films("{i}7,tt0{i}5,ID"))
    catalogue = data.read(tmp_path).catalogue
    assert catalogue.imdb.tolist() == [10 * i + 5 for i in range(1, 9)]
    assert catalogue.tmdb.tolist() == [10 * i + 7 for i in range(1, 9)]


def test_a_stray_quotation_mark_costs_few_films(tmp_path: Path) -> None:
    ratings(tmp_path)
    lines = films("ID,Alpha {i} ({y}),X").splitlines()
    lines[2] = '3,"Alpha 3 (1993),X'
    rest = "".join(f"{i},Beta {i} (1950),Y\n" for i in range(100, 30_000))
    text = "movieId,title,genres\n" + "\n".join(lines) + "\n" + rest
    (tmp_path / "movies.csv").write_text(text)
    dataset = data.read(tmp_path)
    assert len(dataset.catalogue) == 8 + 29_900
    assert sum(film.title.startswith("Film") for film in dataset.catalogue) == 1
    assert "Line 4 of" in str(dataset.warnings[0])


def test_a_quoted_title_may_go_over_lines_and_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films_file, "STEP", 7)
    ratings(tmp_path)
    table = films('ID,"Alpha\n{i} ({y})",X')
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n" + table)
    assert data.read(tmp_path).catalogue.titles == tuple(f"Alpha {i}" for i in range(1, 9))


def test_more_films_than_there_are_in_the_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films_file, "MOST_FILMS", 5)
    ratings(tmp_path)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n" + films("ID,Alpha {i} ({y}),X"))
    dataset = data.read(tmp_path)
    assert len(dataset.catalogue) == 8
    assert "is too long: 5 of its films are known" in str(dataset.warnings[0])


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("Action|Children's", ("Action", "Children")),
        ("(no genres listed)", ()),
        ("Drama, Romance", ("Drama", "Romance")),
        ("unknown|Drama|Drama", ("Drama",)),
        ("[{'id': 16, 'name': 'Animation'}]", ("Animation",)),
        ("", ()),
    ],
)
def test_genres(listed: str, expected: tuple[str, ...]) -> None:
    assert genres(listed) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("0114709", 114709), ("tt0114709", 114709), ("862.0", 862), ("", 0), ("x", 0), ("9" * 30, 0)],
)
def test_numbers_of_sites(text: str, number: int) -> None:
    assert linked(text) == number
