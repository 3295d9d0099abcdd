"""What must hold for any ratings at all: random small matrices, every algorithm."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ALS, NMF, Ratings, Scale, training
from engine.factorisation import Ridge
from engine.metrics import mse
from tests.support.arrays import ratings_of
from tests.support.narrowing import changed, of_kind
from tests.support.training import NONNEGATIVE, VARIANTS, learned, loss

EVERY = pytest.mark.parametrize("variant", list(VARIANTS))


@st.composite
def matrices(draw: st.DrawFn) -> Ratings:
    """Up to 6 users, 6 movies and 20 ratings in halves, often the same stars over and over."""
    n_users, n_movies = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = st.tuples(st.integers(0, n_users - 1), st.integers(0, n_movies - 1))
    pairs = draw(st.lists(cells, min_size=1, max_size=20, unique=True))
    stars = draw(st.lists(st.integers(1, 10), min_size=len(pairs), max_size=len(pairs)))
    users, movies = np.array(pairs).T
    return ratings_of(users, movies, np.array(stars) / 2, n_users, n_movies, Scale(0.5, 5))


def everything(ratings: Ratings) -> tuple[np.ndarray, np.ndarray]:
    users, movies = np.divmod(np.arange(ratings.n_users * ratings.n_movies), ratings.n_movies)
    return users, movies


@EVERY
@given(ratings=matrices(), factors=st.integers(1, 8), seed=st.integers(0, 3))
@settings(max_examples=12, deadline=None)
def test_predictions_are_finite_on_the_scale_and_the_same_again(
    variant: str, ratings: Ratings, factors: int, seed: int
) -> None:
    algorithm = changed(VARIANTS[variant], factors=factors, epochs=3)
    runs = [list(training.train(algorithm, ratings, seed=seed)) for _ in range(2)]
    users, movies = everything(ratings)
    for one, two in zip(*runs, strict=True):
        predicted = one.model.predict(users, movies)
        assert np.isfinite(predicted).all()
        assert predicted.min() >= 0.5
        assert predicted.max() <= 5
        np.testing.assert_array_equal(predicted, two.model.predict(users, movies))
        told = mse(one.model.predict(ratings.users, ratings.movies), ratings.values)
        assert one.train_mse == pytest.approx(told, rel=1e-5, abs=1e-9)
        if variant in NONNEGATIVE:
            assert one.model.movie_factors.min() >= 0
            assert one.model.user_factors.min() >= 0


@EVERY
@given(ratings=matrices(), factors=st.integers(1, 8))
@settings(max_examples=12, deadline=None)
def test_anybody_can_be_folded_in_and_explained(
    variant: str, ratings: Ratings, factors: int
) -> None:
    model = list(training.train(changed(VARIANTS[variant], factors=factors, epochs=2), ratings))[
        -1
    ].model
    for user in range(ratings.n_users):
        viewer = model.fold_in(*ratings.by_user.row(user))
        stars = viewer.predict(clip=False)
        assert np.isfinite(stars).all()
        for movie in range(ratings.n_movies):
            told = viewer.explain(movie)
            size = 1 + float(np.abs(told.shares).sum()) + abs(told.prior)
            assert told.score == pytest.approx(float(stars[movie]), abs=1e-5 * size)


@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("biases", [False, True])
@given(
    ratings=matrices(),
    factors=st.integers(1, 6),
    weighting=st.sampled_from([0.0, 0.5, 1.0]),
    reg=st.sampled_from([0.02, 0.5, 3.0]),
)
@settings(max_examples=25, deadline=None)
def test_als_never_raises_its_objective(
    nonnegative: bool, biases: bool, ratings: Ratings, factors: int, weighting: float, reg: float
) -> None:
    algorithm = ALS(
        factors=factors,
        reg=reg,
        bias_reg=reg,
        epochs=5,
        weighting=weighting,
        nonnegative=nonnegative,
        biases=biases,
    )
    models = learned(algorithm, ratings)
    losses = [loss(model, ratings, algorithm.penalty) for model in models]
    assert all(later <= earlier * (1 + 1e-4) + 1e-4 for earlier, later in pairwise(losses))


@pytest.mark.parametrize("biases", [False, True])
@given(
    ratings=matrices(),
    factors=st.integers(1, 6),
    updates=st.integers(1, 4),
    weighting=st.sampled_from([0.0, 0.5, 1.0]),
    reg=st.sampled_from([0.0, 0.5, 3.0]),
)
@settings(max_examples=25, deadline=None)
def test_nmf_never_raises_its_loss(
    biases: bool, ratings: Ratings, factors: int, updates: int, weighting: float, reg: float
) -> None:
    algorithm = NMF(
        factors=factors,
        reg=reg,
        bias_reg=reg,
        epochs=6,
        updates=updates,
        weighting=weighting,
        biases=biases,
    )
    losses = []
    for model in learned(algorithm, ratings):
        assert (model.movie_factors > 0).all()
        losses.append(loss(model, ratings, of_kind(Ridge, model.fold).penalty))
    assert all(later <= earlier * (1 + 1e-4) + 1e-4 for earlier, later in pairwise(losses))
