"""Joining a model of who rated what with a few films: by the objective, minimised another way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import data
from engine import ALGORITHMS, ImplicitALS, Ratings
from engine.newcomer import NOISE
from tests.support.arrays import floats, ids, ratings_of
from tests.support.narrowing import changed
from tests.support.training import last_factors, last_model, planted, watched

RATINGS = planted()
MODEL = last_factors(ImplicitALS(factors=4, alpha=1.5, epochs=6), RATINGS)
MOVIES = st.lists(st.integers(0, 59), unique=True, max_size=40)


def preferences(stars: list[float]) -> list[float]:
    """How much each film is preferred: from .1 for the lowest stars, 0.5, to 1 for the highest."""
    return [0.1 + 0.9 * (star - 0.5) / 4.5 for star in stars]


def objective(w: np.ndarray, own: list[int], stars: list[float]) -> float:
    """What the row of a person with these films minimises, film by film."""
    M, U = MODEL.movie_factors.astype(float), MODEL.user_factors.astype(float)
    typical = len(RATINGS) / RATINGS.n_users
    unknown = min(1.0, len(own) / typical)
    preferred = dict(zip(own, preferences(stars), strict=True))
    total = 0.0
    for movie in range(MODEL.n_movies):
        if movie in own:
            # A known pair has the weight 1 + alpha.
            total += (1 + 1.5) * (preferred[movie] - M[movie] @ w) ** 2
        else:
            total += unknown * (0 - M[movie] @ w) ** 2
    C = np.cov(U.T, bias=True)
    C = C + 1e-3 * np.trace(C) / len(C) * np.eye(len(C))
    away = w - U.mean(axis=0)
    return total + NOISE * float(away @ np.linalg.solve(C, away))


@pytest.mark.parametrize("own", [[3], [0, 7, 21], list(range(0, 60, 2))])
def test_the_row_minimises_the_objective(own: list[int]) -> None:
    stars = [1 + movie % 5 for movie in own]
    viewer = MODEL.fold_in(ids(own), floats(stars))
    found = minimize(
        objective, np.zeros(4), args=(own, stars), method="BFGS", options={"gtol": 1e-8}
    )
    np.testing.assert_allclose(viewer.predict(), MODEL.movie_factors @ found.x, atol=2e-3)


def test_who_told_of_nothing_is_the_average_person() -> None:
    nobody = MODEL.fold_in(ids([]), floats([])).predict()
    everybody = MODEL.predict_all(ids(np.arange(MODEL.n_users))).mean(axis=0)
    np.testing.assert_allclose(nobody, everybody, atol=1e-4)


def test_users_without_ratings_are_nobody_to_learn_from() -> None:
    more = planted(users=80)
    widened = type(more)(more.users, more.movies, more.values, 200, more.n_movies, more.scale)
    model = last_model(ImplicitALS(factors=4, epochs=6), widened)
    nobody = model.fold_in(ids([]), floats([])).predict()
    everybody = model.predict_all(ids(np.arange(80))).mean(axis=0)
    np.testing.assert_allclose(nobody, everybody, atol=1e-4)


@given(own=MOVIES, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_shares_add_up(own: list[int], seed: int) -> None:
    stars = floats(np.random.default_rng(seed).uniform(0.5, 5, len(own)))
    viewer = MODEL.fold_in(np.array(own, np.int32), stars)
    scores = viewer.predict()
    for movie in (0, 31):
        assert viewer.explain(movie).score == pytest.approx(scores[movie], abs=1e-4)


def test_of_the_same_films_those_liked_say_more() -> None:
    """Films alternate between two kinds."""
    ratings = watched()
    model = last_model(ImplicitALS(factors=4, epochs=6), ratings)
    own, kind = ids(np.arange(10)), np.arange(ratings.n_movies) % 2 == 0
    stars = floats(np.where(kind[own], 5.0, 2.0))
    one, other = model.fold_in(own, stars).predict(), model.fold_in(own, stars[::-1]).predict()
    assert (one - other)[kind].mean() > 0.05
    assert (one - other)[~kind].mean() < -0.05


@pytest.mark.parametrize("name", ["ALS", "NNLS-ALS", "SGD", "NMF", "SVD"])
def test_one_rating_or_two_never_tell_less_than_none(name: str, movielens: Path) -> None:
    ratings = data.read(movielens / "ml-100k").ratings
    known = ratings.users < 700
    train = Ratings(ratings.users[known], ratings.movies[known], ratings.values[known], 700, 1682)
    model = last_model(changed(ALGORITHMS[name], epochs=6), train)
    rng = np.random.default_rng(0)
    squared: list[list[float]] = [[], [], [], []]
    for user in range(700, ratings.n_users):
        movies, values = ratings.by_user.row(user)
        order = rng.permutation(len(movies))
        rest = order[3:]
        for told, sums in enumerate(squared):
            viewer = model.fold_in(movies[order[:told]], values[order[:told]])
            sums.extend(((viewer.predict()[movies[rest]] - values[rest]) ** 2).tolist())
    errors = [float(np.mean(sums)) for sums in squared]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("seed", range(6))
def test_where_ratings_bear_no_factors_a_newcomer_is_still_somebody(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 20))
    sparse = ratings_of(np.arange(n), rng.integers(0, n, n), np.full(n, 4.0))
    model = last_model(ALGORITHMS["Implicit ALS"], sparse)
    for movies in ([], [0]):
        viewer = model.fold_in(ids(movies), floats([4.0] * len(movies)))
        assert np.isfinite(viewer.predict(clip=False)).all()
        assert np.isfinite(viewer.explain(0).score)
