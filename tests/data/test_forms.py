"""Forms that ratings files have in the wild: each gives the same ratings."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

import data
from data.errors import DataError, UnknownFormat

Row = tuple[str, str, float]
TIME = 1_100_000_000
_random = random.Random(5)
ROWS: list[Row] = [
    (str(user), str(movie), float(_random.randint(1, 5)))
    for user in range(1, 25)
    for movie in sorted(_random.sample(range(101, 161), 12))
]


def rated(dataset: data.Dataset) -> set[Row]:
    ratings = dataset.ratings
    told = zip(ratings.users, ratings.movies, ratings.values, strict=True)
    return {(dataset.user_ids[u], dataset.catalogue.ids[m], float(v)) for u, m, v in told}


def lines(
    delimiter: str, *columns: Callable[[Row], object] | str, header: str = "", end: str = "\n"
) -> str:
    """Every rating as a line; a column is made from the rating, or always the same."""
    body = (
        delimiter.join(str(one if isinstance(one, str) else one(row)) for one in columns)
        for row in ROWS
    )
    return end.join([*([header] if header else []), *body, ""])


def user(row: Row) -> str:
    return row[0]


def movie(row: Row) -> str:
    return row[1]


def stars(row: Row) -> str:
    return f"{row[2]:g}"


def comma(row: Row) -> str:
    return f"{row[2]:.1f}".replace(".", ",")


time = str(TIME)

FORMS = {
    "spaces": lines(" ", user, movie, stars),
    "many spaces and tabs": "".join(f"  {u}  {m} \t {v:g}   {TIME} \n" for u, m, v in ROWS),
    "semicolons": lines(";", user, movie, stars),
    "semicolons and decimal commas": lines(";", user, movie, comma, time),
    "bars": lines("|", user, movie, stars, time),
    "commas": lines(",", user, movie, stars, time),
    "tabs": lines("\t", user, movie, stars, time),
    "colons": lines("::", user, movie, stars, time),
    "comments, KONECT": "% bip weighted\n% 288 24 60\n" + lines(" ", user, movie, stars, time),
    "comments in the middle": "# ratings\n" + lines("\t", user, movie, stars) + "# the end\n",
    "a header in a comment": "# user\titem\trating\n" + lines("\t", user, movie, stars),
    "a header below comments": "# ours\n\n"
    + lines(",", movie, user, stars, header="item,user,stars"),
    "RecBole": lines(
        "\t", user, movie, stars, time,
        header="user_id:token\titem_id:token\trating:float\ttimestamp:float",
    ),
    "quoted": lines(",", *(lambda row, f=f: f'"{f(row)}"' for f in (user, movie, stars))),
    "quoted, with decimal commas": lines(
        ",", *(lambda row, f=f: f'"{f(row)}"' for f in (user, movie, comma)),
        header="userId,movieId,rating",
    ),
    "books first": lines(",", movie, user, stars, header="book_id,user_id,rating"),
    "rating first": lines(",", stars, user, movie, header="rating,user_id,book_id"),
    "rating first, official names": lines(",", stars, movie, user, header="rating,movieId,userId"),
    "Book-Crossing": lines(";", *(lambda row, f=f: f'"{f(row)}"' for f in (user, movie, stars)),
                           header='"User-ID";"ISBN";"Book-Rating"'),
    "Amazon's names": lines(",", movie, time, stars, user,
                            header="asin,unixReviewTime,overall,reviewerID"),
    "one's own names": lines(",", stars, user, movie, header="Overall,uid,movieId"),
    "an index column of pandas": "".join(
        f"{i},{u},{m},{v},{TIME}\n" for i, (u, m, v) in
        enumerate([("userId", "movieId", "rating"), *ROWS], start=-1)
    ).replace("-1,", ",", 1).replace(f"rating,{TIME}", "rating,timestamp"),
    "numbered lines of R": '"user" "item" "rating"\n' + "".join(
        f'"{i}" {u} {m} {v:g}\n' for i, (u, m, v) in enumerate(ROWS, start=1)
    ),
    "numbers of pandas that may be missing": lines(
        ",", lambda row: f"{row[0]}.0", lambda row: f"{row[1]}.0", lambda row: f"{row[2]}",
        lambda row: f"{TIME}.0", header="userId,movieId,rating,timestamp",
    ),
    "exponents": lines(",", user, movie, lambda row: f"{row[2]:e}", time,
                       header="userId,movieId,rating,timestamp"),
    "old Macintosh": lines(",", movie, user, stars, header="film,user,stars", end="\r"),
    "Windows": lines(";", movie, user, stars, header="film;user;stars", end="\r\n"),
    "one column without a name that tells": lines(
        ",", user, movie, stars, header="user,item,how_good"
    ),
    "films in a column without such a name": lines(
        ",", movie, user, stars, header="thing,user,rating"
    ),
    "people in a column without such a name": lines(
        ",", movie, "de", lambda row: f"2001-01-{int(row[0]):02d}", user, stars,
        header="film,lang,date,who,rating",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_ratings(tmp_path: Path, form: str) -> None:
    path = tmp_path / "some.txt"
    path.write_text(FORMS[form])
    dataset = data.read(path)
    assert rated(dataset) == set(ROWS)
    assert len(dataset.ratings) == len(ROWS)
    assert dataset.ratings.scale in {(1, 5), (0.5, 5)}
    assert not [one for one in dataset.warnings if "skipped" in str(one)]


@pytest.mark.parametrize("form", ["spaces", "semicolons", "bars", "commas"])
def test_columns_that_no_header_names_are_told(tmp_path: Path, form: str) -> None:
    path = tmp_path / "some.txt"
    path.write_text(FORMS[form])
    assert "has no header; its columns were taken for user, film" in str(
        data.read(path).warnings[0]
    )


def test_a_column_that_is_told_by_what_is_left_is_told_to_the_person(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text(FORMS["one column without a name that tells"])
    says = str(data.read(path).warnings[0])
    assert says.startswith("“how_good” in ")
    assert "was taken for the rating" in says


def test_the_netflix_prize(tmp_path: Path) -> None:
    films = sorted({row[1] for row in ROWS})
    days = [f"200{n}-0{n + 1}-1{n}" for n in range(6)]
    with (tmp_path / "combined_data_1.txt").open("w") as file:
        for film in films:
            file.write(f"{film}:\n")
            rows = [row for row in ROWS if row[1] == film]
            file.writelines(f"{u},{v:g},{days[i % 6]}\n" for i, (u, _, v) in enumerate(rows))
    titles = (f"{film},19{int(film) % 100:02d},Film, the, {film}\n" for film in films[1:])
    (tmp_path / "movie_titles.csv").write_text("".join(titles) + f"{films[0]},NULL,Unknown\n")
    for path in (tmp_path, tmp_path / "combined_data_1.txt"):
        dataset = data.read(path)
        assert rated(dataset) == set(ROWS)
        assert dataset.source.format == "Netflix Prize"
        assert dataset.catalogue[0].label == f"Film, the, {films[1]} (1902)"
        assert dataset.ratings.times is not None
        assert dataset.years == (2000, 2005)


def test_the_film_of_a_block_is_known_where_the_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.loading.gathering.BLOCK", 64)
    test_the_netflix_prize(tmp_path)


AMAZON = [(f"A{u}2SUAM1J3GNN3B", f"B000{m}2XYZ"[:10], v) for u, m, v in ROWS]


@pytest.mark.parametrize("order", ["user first", "item first"])
def test_amazons_files_without_a_header(tmp_path: Path, order: str) -> None:
    """Those of 2014 have the user first, those of 2018 the item."""
    path = tmp_path / "ratings_Movies.csv"
    pairs = ((u, m) if order == "user first" else (m, u) for u, m, _ in AMAZON)
    values = (f"{v:.1f},{TIME}\n" for _, _, v in AMAZON)
    path.write_text("".join(f"{a},{b},{c}" for (a, b), c in zip(pairs, values, strict=True)))
    assert rated(data.read(path)) == set(AMAZON)


def test_text_ids_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    rows = [(f"ann {u}", f"m{m}", v) for u, m, v in ROWS]
    path.write_text("".join(f"{u},{m},{v:g}\n" for u, m, v in rows))
    assert rated(data.read(path)) == set(rows)


IDS: dict[str, Callable[[Row], tuple[str, str]]] = {
    "one person by name": lambda row: ("ann" if row[0] == "7" else row[0], row[1]),
    "films by IMDb's id": lambda row: (row[0], f"tt0{row[1]}099"),
    "negative": lambda row: (f"-{row[0]}", row[1]),
    "thirty digits": lambda row: (row[0].rjust(30, "7"), row[1].rjust(30, "3")),
    "leading zeros": lambda row: (row[0].zfill(5), row[1].zfill(9)),
    "eight digits": lambda row: (row[0].rjust(8, "9"), row[1].rjust(8, "9")),
    "letters of many tongues": lambda row: (f"Zoë {row[0]}", f"фильм {row[1]} 字"),
}


@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("names", ["userId,movieId,rating", "user,item,rating"])
def test_ids_of_every_kind_lose_nothing_under_any_names(
    tmp_path: Path, kind: str, quote: str, names: str
) -> None:
    rows = [(*IDS[kind](row), row[2]) for row in ROWS]
    path = tmp_path / "ratings.csv"
    body = "".join(f"{quote}{u}{quote},{quote}{m}{quote},{v:g}\n" for u, m, v in rows)
    path.write_text(f"{names}\n{body}")
    dataset = data.read(path)
    assert rated(dataset) == set(rows)
    assert len(dataset.ratings) == len(rows)
    if kind == "films by IMDb's id":
        assert {film.imdb for film in dataset.catalogue} == {int(row[1][2:]) for row in rows}


@pytest.mark.parametrize(("name", "attribute"), [("imdbId", "imdb"), ("tmdb_id", "tmdb")])
def test_films_known_by_the_number_of_a_site(tmp_path: Path, name: str, attribute: str) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(lines(",", user, movie, stars, header=f"user,{name},rating"))
    dataset = data.read(path)
    numbers = [str(getattr(film, attribute)) for film in dataset.catalogue]
    assert numbers == list(dataset.catalogue.ids)


def test_films_of_one_title_and_two_years_are_two(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("user,title,year,rating\nann,Heat,1995,5\nbob,Heat,1972,2\ncid,Heat,1995,4\n")
    dataset = data.read(path)
    assert [film.label for film in dataset.catalogue] == ["Heat (1995)", "Heat (1972)"]
    assert dataset.ratings.movies.tolist() == [0, 1, 0]


KINDS = {
    "parquet": (b"PAR1" + bytes(range(256)) * 9, "to_csv"),
    "gz": (b"\x1f\x8b\x08" + bytes(99), "unpack"),
    "sqlite": (b"SQLite format 3\0" + bytes(99), "save it as CSV"),
    "json": (b'{"reviewerID": "A2SUAM1J3GNN3B", "asin": "0000013714"}\n' * 9, "save it as CSV"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["file", "folder"])
def test_other_kinds_of_file_are_refused_with_what_to_do(
    tmp_path: Path, kind: str, way: str
) -> None:
    raw, says = KINDS[kind]
    path = tmp_path / f"ratings.{kind if way == 'file' else 'csv'}"
    path.write_bytes(raw)
    with pytest.raises(UnknownFormat, match=says):
        data.read(path if way == "file" else tmp_path)


def test_a_matrix_of_ratings_is_refused_with_what_to_do(tmp_path: Path) -> None:
    rng = random.Random(3)
    films = [f"Film {i}" for i in range(12)]
    rows = [
        ",".join([f"u{u}", *(rng.choice(["", "1", "4", "5"]) for _ in films)]) for u in range(30)
    ]
    path = tmp_path / "matrix.csv"
    path.write_text("\n".join([",".join(["user", *films]), *rows]) + "\n")
    with pytest.raises(DataError, match="a line for each rating"):
        data.read(path)


def test_files_that_hold_ratings_as_well_are_named(tmp_path: Path) -> None:
    for name, header in (("train.csv", "user,item,rating"), ("test.csv", "user,item,rating")):
        (tmp_path / name).write_text(lines(",", user, movie, stars, header=header))
    (tmp_path / "notes.csv").write_text("this,is,nothing\n")
    dataset = data.read(tmp_path)
    assert str(dataset.warnings[0]).endswith("only, and not from train.csv.")
