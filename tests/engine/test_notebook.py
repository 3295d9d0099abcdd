"""The engine by hand, as in a notebook: what it prints, takes, lists and explains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import data
import engine
from engine import (
    ALGORITHMS,
    ALS,
    SGD,
    InvalidParameter,
    InvalidRatings,
    Ratings,
    Scale,
    metrics,
    training,
)
from engine.parameters import parameters
from tests.support.arrays import ratings_of
from tests.support.narrowing import made
from tests.support.training import EVERY, last_model, planted, small


@EVERY
def test_what_is_printed_fits_on_a_line_or_two(name: str) -> None:
    ratings = planted(users=300, movies=200)
    model = last_model(small(name), ratings)
    viewer = model.fold_in(*ratings.by_user.row(3))
    for thing in (ratings, model, viewer, ratings.by_user):
        assert len(repr(thing)) < 400
        assert "array" not in repr(thing)
    assert "300 users" in repr(model)
    assert type(model.algorithm).__name__ in repr(viewer)


def test_ratings_and_datasets_print_their_size_and_scale() -> None:
    ratings = ratings_of(np.arange(3), np.arange(3), np.array([1, 4, 5]), 7, 1500, Scale(1, 5))
    assert repr(ratings) == "Ratings(3 of 7 users and 1,500 movies, 1 to 5)"
    demo = data.demo()
    assert repr(demo).startswith("Dataset('")
    assert "synthetic" in repr(demo)
    assert len(repr(demo)) < 200
    assert repr(demo.catalogue) == f"Catalogue({len(demo.catalogue):,} films)"


def test_the_version_is_that_of_the_package() -> None:
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    assert f'version = "{engine.__version__}"' in project.read_text("utf-8")


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "factors": np.int64(3),
        "epochs": np.uint8(2),
        "reg": np.float32(0.5),
        "nonnegative": np.bool_(True),
    }
    algorithm = ALS(**given)
    assert algorithm == ALS(factors=3, epochs=2, reg=0.5, nonnegative=True)
    assert [type(getattr(algorithm, name)) for name in given] == [int, int, float, bool]
    engine.save(last_model(algorithm, planted()), tmp_path / "model.npz")
    assert engine.load(tmp_path / "model.npz").algorithm == algorithm
    for odd in (np.float64(3.0), np.int64(0), np.array([3])):
        with pytest.raises(InvalidParameter, match=r"factors is .*; it takes a whole number"):
            made(ALS, factors=odd)


@EVERY
def test_the_best_films_are_those_with_the_highest_predictions(name: str) -> None:
    ratings = planted(users=60, movies=40)
    ratings = Ratings(ratings.users, ratings.movies, ratings.values, 60, 43, ratings.scale)
    model = last_model(small(name), ratings)
    movies, values = ratings.by_user.row(5)
    viewer = model.fold_in(movies, values)
    movies_in_order, scores = viewer.top(7)
    unclipped, shown = viewer.predict(clip=False), viewer.predict()
    others = [m for m in range(40) if m not in set(movies.tolist())]
    best = sorted(others, key=lambda movie: -unclipped[movie])[:7]
    assert movies_in_order.tolist() == best
    np.testing.assert_array_equal(scores, shown[best])
    everything = viewer.top(1000)
    assert sorted(everything.movies.tolist()) == others


@EVERY
def test_stars_off_the_scale_are_not_folded_in(name: str) -> None:
    model = last_model(small(name), planted())
    for low_or_high in (0.0, 5.5, -3.0, 100.0):
        with pytest.raises(InvalidRatings, match=r"off the scale of this model.* from 0\.5 to 5;"):
            model.fold_in(np.array([1, 2]), np.array([3.0, low_or_high]))
    model.fold_in(np.array([1, 2]), np.array([0.5, 5.0]))


def test_titles_are_told_from_ids() -> None:
    model = last_model(small("ALS"), planted())
    titles: Any = ["Toy Story"]
    title: Any = "Toy Story"
    with pytest.raises(InvalidRatings, match=r"'Toy Story' is no movie id.*catalogue\.find"):
        model.fold_in(titles, np.array([5.0]))
    with pytest.raises(InvalidRatings, match=r"'Toy Story' is no movie id.*catalogue\.find"):
        model.similar(title)
    with pytest.raises(InvalidRatings, match="is no user id"):
        model.predict(titles, np.array([1]))


def test_a_class_is_told_from_an_algorithm() -> None:
    unmade: Any = SGD
    with pytest.raises(InvalidParameter, match=r"the class SGD; give an instance, as SGD\(\)"):
        training.train(unmade, planted())
    with pytest.raises(InvalidParameter, match="the class SGD"):
        next(iter(training.steps(unmade, planted())))


@EVERY
def test_help_lists_the_parameters(name: str) -> None:
    kind = type(ALGORITHMS[name])
    told = kind.__doc__ or ""
    assert told.count("Parameters\n----------") == 1
    for parameter in parameters(kind):
        assert f"\n{parameter.name} : {parameter.takes}, {parameter.default!r} unless" in told
        assert parameter.help in told


def test_a_film_is_found_by_its_title() -> None:
    films = [
        data.Film("Toy Story", 1995),
        data.Film("Heat", 1995),
        data.Film("Heat", 1986),
        data.Film("The Matrix", 1999),
        data.Film("Toy Story 2", 1999),
    ]
    catalogue = data.Catalogue(tuple(films))
    assert catalogue.find("Toy Story") == catalogue.find("toy story (1995)") == 0
    assert catalogue.find("Heat (1986)") == 2
    assert catalogue.find("Matrix, The") == catalogue.find("The Matrix (1999)") == 3
    with pytest.raises(data.DataError, match=r"Several films are called Heat: Heat \(1995\); Heat"):
        catalogue.find("Heat")
    with pytest.raises(data.DataError, match=r"No film .* called Heat \(1971\); there is Heat"):
        catalogue.find("Heat (1971)")
    with pytest.raises(data.DataError, match=r"No film in this catalogue is called Stalker\."):
        catalogue.find("Stalker")


def test_the_first_lines_of_a_notebook(movielens: Path) -> None:
    dataset = data.read(movielens / "ml-latest-small")
    train, test = dataset.ratings.split(0.1, seed=0)
    *_, epoch = training.train(ALS(factors=8, epochs=4), train, test)
    predicted = epoch.model.predict(test.users, test.movies)
    assert metrics.rmse(predicted, test.values) < 0.9
    toy_story = dataset.catalogue.find("Toy Story")
    assert dataset.catalogue[toy_story].year == 1995
    viewer = epoch.model.fold_in(np.array([toy_story]), np.array([5.0]))
    assert len(viewer.top(5).movies) == 5
