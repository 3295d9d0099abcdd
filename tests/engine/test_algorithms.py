"""One suite that every algorithm runs through, whatever it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    ALGORITHMS,
    InvalidParameter,
    InvalidRatings,
    Model,
    Ratings,
    Scale,
    factorisation,
    training,
)
from engine.metrics import rmse
from engine.parameters import parameters
from tests.support.arrays import ids, ratings_of
from tests.support.narrowing import changed
from tests.support.narrowing import factorisation as factorised
from tests.support.training import EVERY, HARD, STARS, last_model, planted, small


def everything(model: Model) -> np.ndarray:
    """What the model predicts for everybody."""
    return model.predict_all(ids(np.arange(model.n_users)))


@EVERY
def test_progress_rises_to_one_and_every_pass_ends_with_a_model(name: str) -> None:
    steps = list(small(name).run(planted(), 0))
    progress = [step.progress for step in steps]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1)
    assert steps[-1].model is not None


@STARS
def test_planted_low_rank_ratings_are_predicted(name: str) -> None:
    train, test = planted().split(0.1, 1)
    algorithm = small(name, epochs=60)
    if hasattr(algorithm, "reg"):
        algorithm = changed(algorithm, reg=0.1)
    if name == "SGD":
        algorithm = changed(algorithm, learning_rate=0.05, decay=0.99)
    *_, epoch = training.train(algorithm, train, test, 0)
    mean = rmse(np.full(len(test), train.mean), test.values)
    # Held-out error well below guessing the mean: the structure was found, not memorised.
    assert np.sqrt(epoch.test_mse) < 0.6 * mean


@EVERY
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    ratings = planted()
    one, two = (last_model(small(name), ratings, 5) for _ in range(2))
    np.testing.assert_array_equal(everything(one), everything(two))


@EVERY
def test_models_yielded_earlier_do_not_change(name: str) -> None:
    run = small(name).run(planted(), 0)
    first = next(step.model for step in run if step.model)
    before = everything(first)
    list(run)
    np.testing.assert_array_equal(everything(first), before)


@pytest.mark.parametrize(
    "name", [name for name in ALGORITHMS if name not in ("Implicit ALS", "SGD", "NMF")]
)
def test_folding_a_training_user_in_gives_back_their_predictions(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for what a newcomer's bias costs more than in a pass."""
    monkeypatch.setattr(factorisation, "NEWCOMERS_BIAS", 0.0)
    ratings = planted()
    model = last_model(small(name), ratings)
    for user in (0, 7, 41):
        viewer = model.fold_in(*ratings.by_user.row(user))
        theirs = model.predict(ids(np.full(model.n_movies, user)), ids(np.arange(model.n_movies)))
        np.testing.assert_allclose(viewer.predict(), theirs, atol=2e-3)


@EVERY
def test_an_explanation_adds_up_to_the_score(name: str) -> None:
    ratings = planted()
    model = last_model(small(name), ratings)
    viewer = model.fold_in(*ratings.by_user.row(3))
    stars = viewer.predict(clip=False)
    for movie in (0, 11, 59):
        explanation = viewer.explain(movie)
        assert len(explanation.shares) == ratings.by_user.counts[3]
        assert explanation.score == pytest.approx(stars[movie], abs=1e-3)


@EVERY
def test_nobody_in_particular_gets_finite_predictions(name: str) -> None:
    model = last_model(small(name), planted())
    nobody = model.fold_in(np.array([], np.int32), np.array([], np.float32))
    assert np.isfinite(nobody.predict()).all()


@EVERY
def test_similar_movies_leave_out_the_movie_itself(name: str) -> None:
    neighbours = last_model(small(name), planted()).similar(4, 10)
    assert 4 not in neighbours.movies
    assert len(neighbours.movies) == 10
    assert (np.diff(neighbours.similarity) <= 0).all()


@EVERY
@pytest.mark.parametrize("case", list(HARD))
def test_odd_shapes_give_a_sensible_model(name: str, case: str) -> None:
    ratings = HARD[case]
    model = last_model(small(name, factors=8), ratings)
    predicted = model.predict(ratings.users, ratings.movies)
    assert np.isfinite(predicted).all()
    if model.algorithm.feedback == "explicit":
        assert predicted.min() >= ratings.scale.low
        assert predicted.max() <= ratings.scale.high


@STARS
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_random_small_matrices(name: str, data: st.DataObject) -> None:
    n_users, n_movies = data.draw(st.integers(1, 7)), data.draw(st.integers(1, 7))
    cells = st.tuples(st.integers(0, n_users - 1), st.integers(0, n_movies - 1))
    pairs = data.draw(st.lists(cells, min_size=1, max_size=30, unique=True))
    stars = data.draw(st.lists(st.integers(1, 10), min_size=len(pairs), max_size=len(pairs)))
    u, m = np.array(pairs).T
    ratings = ratings_of(u, m, np.array(stars) / 2, n_users, n_movies, Scale(0.5, 5))
    model = last_model(small(name, factors=2, epochs=2), ratings)
    everything = model.predict(
        np.repeat(np.arange(n_users), n_movies), np.tile(np.arange(n_movies), n_users)
    )
    assert np.isfinite(everything).all()
    assert everything.min() >= 0.5
    assert everything.max() <= 5
    if name in ("NMF", "NNLS-ALS"):
        learned = factorised(model)
        assert learned.movie_factors.min() >= 0
        assert learned.user_factors.min() >= 0


WRONG = {"int": (0, 2.5, -1), "float": (float("nan"), "much", -1.0), "bool": (2,), "choice": ("?",)}


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        (name, parameter.name, value)
        for name, preset in ALGORITHMS.items()
        for parameter in parameters(type(preset))
        for value in WRONG[parameter.kind]
        if (name, parameter.name, value) != ("Bayesian", "burn_in", 0)
    ],
)
def test_a_parameter_out_of_range_is_named(name: str, field: str, value: object) -> None:
    with pytest.raises(InvalidParameter, match=field):
        replace(ALGORITHMS[name], **{field: value})


def test_predicting_for_unknown_ids_is_refused() -> None:
    model = last_model(small("ALS"), planted())
    with pytest.raises(InvalidRatings, match="movie id"):
        model.predict(np.array([0]), np.array([60]))
    with pytest.raises(InvalidRatings, match="twice"):
        model.fold_in(np.array([1, 1]), np.array([3.0, 4.0]))


@pytest.mark.parametrize(
    ("users", "movies", "values", "says"),
    [
        ([], [], [], "no ratings"),
        ([0], [0], [np.nan], "not a number"),
        ([0], [0], [np.inf], "not a number"),
        ([-1], [0], [3], "out of range"),
        ([0.5], [0], [3], "whole number"),
        ([0, 1], [0], [3], "one length"),
    ],
)
def test_ratings_that_cannot_be_learned_are_refused(
    users: list[float], movies: list[int], values: list[float], says: str
) -> None:
    with pytest.raises(InvalidRatings, match=says):
        Ratings(np.array(users), np.array(movies), np.array(values))
