"""Every format, as folder, zip and bare file; the real MovieLens; files of one's own."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import data
from data.loading.reader import Reading
from tests.support import shelves

WRITERS = {
    "csv": shelves.csv,
    "1m": lambda folder: shelves.dat(folder, "latin-1"),
    "10m": lambda folder: shelves.dat(folder, halves=True),
    "100k": shelves.hundred_k,
}


def _check(dataset: data.Dataset, shift: float = 0.0) -> None:
    ratings = dataset.ratings
    got = {
        (dataset.user_ids[u], dataset.catalogue.ids[m], float(v))
        for u, m, v in zip(ratings.users, ratings.movies, ratings.values, strict=True)
    }
    assert got == {(str(u), str(m), r + shift) for u, m, r in shelves.ROWS}
    assert dataset.catalogue.titles == (
        "The Matrix",
        "Amélie",
        "[bold]Heat[/bold], with, commas",
        '"Great Performances" Cats',
        "Never Rated",
    )
    assert dataset.catalogue.years.tolist() == [1999, 2001, 1995, 1998, 0]
    assert dataset.catalogue[1].aliases == ("Le Fabuleux destin d'Amélie Poulain",)
    assert dataset.catalogue[1].genres == ("Comedy", "Romance")
    assert dataset.catalogue.counts.tolist() == [3, 2, 1, 1, 0]
    assert dataset.ratings.n_movies == 5
    assert "1 film has no ratings." in map(str, dataset.warnings)
    assert dataset.years == (2000, 2000)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("way", ["folder", "zip", "file", "zip under another name"])
def test_every_format_every_way(tmp_path: Path, form: str, way: str) -> None:
    folder = WRITERS[form](tmp_path / "some-name")
    ratings = next(
        f for f in folder.iterdir() if f.name in {"ratings.csv", "ratings.dat", "u.data"}
    )
    path = {
        "folder": lambda: folder,
        "zip": lambda: shelves.packed(folder, tmp_path / "x.zip"),
        "file": lambda: ratings,
        "zip under another name": lambda: shelves.packed(folder, tmp_path / "x.data"),
    }[way]()
    dataset = data.read(path)
    _check(dataset, -0.5 if form == "10m" else 0.0)
    assert dataset.ratings.scale == ((0.5, 5) if form in {"csv", "10m"} else (1, 5))
    assert dataset.name == "some-name"


def test_the_format_is_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    folder = shelves.hundred_k(tmp_path / "a")
    (folder / "u.data").rename(folder / "mine.csv")
    (folder / "u1.base").unlink()
    assert data.read(folder).source.format == "MovieLens 100K"


def test_a_parent_folder_and_a_home_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelves.csv(tmp_path / "home" / "films" / "ml-latest-small")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    _check(data.read("~/films"))


def test_ids_of_imdb_and_tmdb_come_from_links(tmp_path: Path) -> None:
    catalogue = data.read(shelves.csv(tmp_path / "a")).catalogue
    assert catalogue.imdb.tolist() == [133093, 211915, 113277, 0, 0]
    assert catalogue.tmdb.tolist() == [603, 194, 0, 0, 0]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends(tmp_path: Path, end: str) -> None:
    _check(data.read(shelves.csv(tmp_path / "a", end=end)))


def test_a_byte_order_mark(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    _check(data.read(folder))


def test_no_last_line_end(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    path = folder / "ratings.csv"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    _check(data.read(folder))


def test_ratings_without_films_beside_them_go_by_number(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    (folder / "movies.csv").unlink()
    dataset = data.read(folder)
    assert dataset.catalogue.titles == ("Film 3", "Film 7", "Film 8", "Film 21")
    assert any("shown by number" in str(one) for one in dataset.warnings)


def test_rated_films_that_are_not_described_come_after_the_others(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a", [*shelves.ROWS, (1, 999, 3.5)])
    dataset = data.read(folder)
    assert dataset.catalogue.titles[-1] == "Film 999"
    assert dataset.catalogue.counts[-1] == 1


OWN = {
    "comma": 'user,item,rating\nann,Alien (1979),4.5\nbob,Alien (1979),3\nann,"Heat, The",2\n',
    "semicolon": "Film;User ID;Stars\nAlien (1979);ann;4,5\nAlien (1979);bob;3\nHeat, The;ann;2\n",
    "tab": "username\tmovie_title\tscore\nann\tAlien (1979)\t4.5\n"
    "bob\tAlien (1979)\t3\nann\tHeat, The\t2\n",
}


@pytest.mark.parametrize("form", OWN)
def test_a_file_of_ones_own(tmp_path: Path, form: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(OWN[form])
    dataset = data.read(path)
    assert dataset.user_ids == ("ann", "bob")
    assert [film.label for film in dataset.catalogue] == ["Alien (1979)", "The Heat"]
    assert dataset.ratings.values.tolist() == [4.5, 3, 2]
    assert dataset.name == "mine"
    assert dataset.ratings.scale == (0.5, 5)


@pytest.mark.parametrize(
    "names",
    [
        ("userId", "movieId", "rating"),
        ("user", "item", "rating"),
        ("USER_ID", "ITEM_ID", "RATING"),
        ("user-id", "film id", "Stars"),
        ("uid", "iid", "r_a_t_i_n_g"),
        ("reviewerID", "productId", "score"),
        ("username", "movie_title", "value"),
        ("customer_id", "Film", "Your Rating"),
        ("Viewer", "title", "grade"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoted", [False, True])
def test_columns_go_by_any_of_the_usual_names_in_any_order(
    tmp_path: Path, names: tuple[str, str, str], delimiter: str, quoted: bool
) -> None:
    user, item, rating = names
    rows = [("seen on", rating, user, item), ("", "4.5", "7", "30"), ("", "3", "8", "30")]
    mark = '"' if quoted else ""
    lines = (delimiter.join(f"{mark}{field}{mark}" for field in row) for row in rows)
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines) + "\n")
    dataset = data.read(path)
    assert dataset.user_ids == ("7", "8")
    assert dataset.catalogue.ids == ("30",)
    assert dataset.ratings.values.tolist() == [4.5, 3]


def test_a_file_of_ones_own_with_ids_and_titles(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "userId,movieId,title,year,rating\n7,tt0078748,Alien,1979,9\n8,tt0078748,,,10\n"
    )
    dataset = data.read(path)
    assert dataset.catalogue[0] == data.Film("Alien", 1979, imdb=78748)
    assert dataset.ratings.scale == (1, 10)


def test_one_odd_id_late_in_a_file_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    rows = "".join(f"{i},{i % 7},{i % 5 + 1}\n" for i in range(20_000))
    path.write_text(f"user,item,rating\n{rows}ann,5,3\n")
    dataset = data.read(path)
    assert len(dataset.ratings) == 20_001
    assert dataset.user_ids[-1] == "ann"
    assert [str(one) for one in dataset.warnings] == [
        "7 films are not described in the files and shown by number."
    ]


def test_ids_too_high_for_a_table(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("user,item,rating\n900000000000,5,3\n2,800000000000,4\n2,5,1\n")
    dataset = data.read(path)
    assert dataset.user_ids == ("2", "900000000000")
    assert dataset.catalogue.ids == ("5", "800000000000")
    assert dataset.ratings.users.tolist() == [1, 0, 0]


def test_reading_tells_how_far_it_is_and_can_be_left(tmp_path: Path) -> None:
    steps = list(data.reading(shelves.csv(tmp_path / "a")))
    shares = [step.progress for step in steps]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert [step.dataset is not None for step in steps] == [False] * (len(steps) - 1) + [True]
    started = data.reading(tmp_path / "a")
    assert next(started) == Reading(0.0)
    started.close()
    seen: list[float] = []
    data.read(tmp_path / "a", progress=seen.append)
    assert seen[-1] == 1


def test_the_fingerprint_follows_the_ratings(tmp_path: Path) -> None:
    one = data.read(shelves.csv(tmp_path / "a")).fingerprint
    assert data.read(shelves.csv(tmp_path / "b")).fingerprint == one
    other = data.read(shelves.csv(tmp_path / "c", [*shelves.ROWS[:-1], (9, 3, 4.5)])).fingerprint
    assert other != one


def test_the_real_latest_small(movielens: Path) -> None:
    """Against Python's own csv reader, rating by rating."""
    dataset = data.read(movielens / "ml-latest-small")
    with (movielens / "ml-latest-small" / "ratings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    users = {name: i for i, name in enumerate(dataset.user_ids)}
    movies = {name: i for i, name in enumerate(dataset.catalogue.ids)}
    assert dataset.ratings.users.tolist() == [users[row["userId"]] for row in rows]
    assert dataset.ratings.movies.tolist() == [movies[row["movieId"]] for row in rows]
    assert dataset.ratings.values.tolist() == [float(row["rating"]) for row in rows]
    assert (dataset.ratings.n_users, dataset.ratings.n_movies) == (610, 9742)
    assert dataset.summary.n_rated_movies == 9724
    assert dataset.years == (1996, 2018)
    assert [str(one) for one in dataset.warnings] == [
        "18 films have no ratings.",
        "5 titles stand under more than one id.",
    ]
    assert (dataset.catalogue.years == 0).sum() == 12


def test_the_real_100k(movielens: Path, tmp_path: Path) -> None:
    dataset = data.read(movielens / "ml-100k")
    table = np.loadtxt(movielens / "ml-100k" / "u.data", dtype=int)
    users = np.array(dataset.user_ids, int)[dataset.ratings.users]
    movies = np.array(dataset.catalogue.ids, int)[dataset.ratings.movies]
    assert np.array_equal(users, table[:, 0])
    assert np.array_equal(movies, table[:, 1])
    assert np.array_equal(dataset.ratings.values, table[:, 2])
    assert dataset.ratings.scale == (1, 5)
    assert dataset.catalogue[266].title == "unknown"
    assert "Children" in dataset.catalogue.genres
    assert "unknown" not in dataset.catalogue.genres
    packed = shelves.packed(movielens / "ml-100k", tmp_path / "ml-100k.zip")
    assert data.read(packed).fingerprint == dataset.fingerprint


def test_a_published_fold_keeps_the_movies_of_the_whole(movielens: Path) -> None:
    fold = data.read(movielens / "ml-100k" / "u1.test")
    assert fold.ratings.n_movies == 1682
    assert len(fold.ratings) == 20_000
