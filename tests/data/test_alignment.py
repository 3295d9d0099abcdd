"""Two files of one dataset as one matrix: who is who goes by the files' ids, never by position."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import data
from data.errors import NothingShared
from engine import ALS, metrics
from tests.support import shelves

HEADER = "userId,movieId,rating,timestamp\n"


def write(
    folder: Path, rows: Sequence[tuple[object, object, float]], name: str = "ratings.csv"
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(HEADER + "".join(f"{u},{m},{r},{964982703}\n" for u, m, r in rows))
    return folder / name


def named(dataset: data.Dataset) -> set[tuple[str, str, float]]:
    ratings = dataset.ratings
    return {
        (dataset.user_ids[u], dataset.catalogue.ids[m], float(v))
        for u, m, v in zip(ratings.users, ratings.movies, ratings.values, strict=True)
    }


def test_users_and_films_of_either_file_are_numbered_alike(tmp_path: Path) -> None:
    train = [(5, 10, 4.0), (2, 30, 3.0), (9, 10, 1.0)]
    test = [(9, 30, 5.0), (7, 20, 2.0), (5, 40, 0.5)]
    one, other = data.read_split(
        write(tmp_path / "a", train, "train.csv"), write(tmp_path / "b", test, "test.csv")
    )
    assert one.user_ids == other.user_ids == ("2", "5", "9", "7")
    assert one.catalogue.ids == other.catalogue.ids == ("10", "30", "20", "40")
    assert named(one) == {(str(u), str(m), r) for u, m, r in train}
    assert named(other) == {(str(u), str(m), r) for u, m, r in test}
    assert one.catalogue.counts.tolist() == [2, 1, 0, 0]
    assert other.catalogue.counts.tolist() == [0, 1, 1, 1]
    for dataset in (one, other):
        assert (dataset.ratings.n_users, dataset.ratings.n_movies) == (4, 4)
        assert dataset.ratings.scale == (0.5, 5)
        assert dataset.ratings.times is not None
        assert not dataset.known_fingerprint
    assert not [said for said in other.warnings if "train.csv" in str(said)]


def test_a_film_is_described_as_the_file_does_that_tells_more(tmp_path: Path) -> None:
    shelf = shelves.csv(tmp_path / "shelf")
    bare = write(tmp_path / "bare", [(1, 3, 4.0), (9, 8, 2.0), (9, 99, 2.0)], "bare.csv")
    for one, other in (data.read_split(shelf, bare), data.read_split(bare, shelf)):
        assert list(one.catalogue) == list(other.catalogue)
        film = one.catalogue[one.catalogue.ids.index("3")]
        assert (film.title, film.year, film.imdb) == ("The Matrix", 1999, 133093)
        assert one.catalogue[one.catalogue.ids.index("99")].title == "Film 99"


def test_ratings_of_both_and_strangers_are_told(tmp_path: Path) -> None:
    train = write(tmp_path / "a", [(1, 3, 4.0), (2, 3, 5.0), (2, 4, 5.0)], "train.csv")
    leaking = write(tmp_path / "b", [(2, 4, 1.0), (1, 4, 3.0)], "leaking.csv")
    strangers = write(tmp_path / "c", [(7, 3, 1.0), (8, 4, 3.0)], "strangers.csv")
    _, test = data.read_split(train, leaking)
    assert str(test.warnings[-1]) == (
        "1 rating of leaking.csv stands in train.csv too, where a model learns them."
    )
    _, test = data.read_split(train, strangers)
    assert str(test.warnings[-1]) == (
        "Nobody in strangers.csv is in train.csv, so they are predicted as anybody is."
    )


def test_files_without_a_film_in_common_are_refused(tmp_path: Path) -> None:
    train = write(tmp_path / "a", [(1, 3, 4.0), (2, 3, 5.0)], "train.csv")
    other = write(tmp_path / "b", [(1, 5, 4.0), (2, 6, 5.0)], "other.csv")
    with pytest.raises(NothingShared, match=r"train\.csv and other\.csv have no film in common"):
        data.read_split(train, other)


def test_datasets_whose_users_have_no_names_go_by_number() -> None:
    demo = data.demo()
    one, other = demo.align(demo)
    for dataset in (one, other):
        np.testing.assert_array_equal(dataset.ratings.users, demo.ratings.users)
        np.testing.assert_array_equal(dataset.ratings.movies, demo.ratings.movies)
        assert dataset.ratings.n_users == demo.ratings.n_users


@pytest.mark.parametrize("fold", [1, 2, 3, 4, 5])
def test_the_published_folds_are_one_matrix(movielens: Path, fold: int) -> None:
    """Against the files' own ids, which count users and films from 1 over the whole dataset."""
    files = [movielens / "ml-100k" / f"u{fold}.{part}" for part in ("base", "test")]
    for file, dataset in zip(files, data.read_split(*files), strict=True):
        table = np.loadtxt(file, dtype=int)
        names = np.array(dataset.user_ids, int), np.array(dataset.catalogue.ids, int)
        assert np.array_equal(names[0][dataset.ratings.users], table[:, 0])
        assert np.array_equal(names[1][dataset.ratings.movies], table[:, 1])
        assert np.array_equal(dataset.ratings.values, table[:, 2])
        assert (dataset.ratings.n_users, dataset.ratings.n_movies) == (943, 1682)


def test_a_model_of_the_base_is_tested_on_the_right_people(movielens: Path) -> None:
    files = [movielens / "ml-100k" / f"u1.{part}" for part in ("base", "test")]
    train, test = (dataset.ratings for dataset in data.read_split(*files))
    *_, last = ALS(factors=8, epochs=5).run(train)
    assert last.model is not None
    predicted = last.model.predict(test.users, test.movies)
    assert metrics.rmse(predicted, test.values) < 0.94
