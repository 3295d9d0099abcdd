"""Joining a model of who rated what with a few films: by the objective, minimised another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from engine import ImplicitALS
from engine.newcomer import NOISE
from tests.support.training import last_model, planted

RATINGS = planted()
MODEL = last_model(ImplicitALS(factors=4, alpha=1.5, epochs=6), RATINGS)
MOVIES = st.lists(st.integers(0, 59), unique=True, max_size=40)


def objective(w: np.ndarray, own: list[int]) -> float:
    """What the row of a person with these films minimises, film by film."""
    M, U = MODEL.movie_factors.astype(float), MODEL.user_factors.astype(float)
    typical = len(RATINGS) / RATINGS.n_users
    unknown = min(1.0, len(own) / typical)
    total = 0.0
    for movie in range(MODEL.n_movies):
        if movie in own:
            # A known pair has the weight 1 + alpha and the target 1.
            total += (1 + 1.5) * (1 - M[movie] @ w) ** 2
        else:
            total += unknown * (0 - M[movie] @ w) ** 2
    C = np.cov(U.T, bias=True)
    C = C + 1e-3 * np.trace(C) / len(C) * np.eye(len(C))
    away = w - U.mean(axis=0)
    return total + NOISE * float(away @ np.linalg.solve(C, away))


@pytest.mark.parametrize("own", [[3], [0, 7, 21], list(range(0, 60, 2))])
def test_the_row_minimises_the_objective(own: list[int]) -> None:
    viewer = MODEL.fold_in(np.array(own), np.full(len(own), 4.0))
    found = minimize(objective, np.zeros(4), args=(own,), method="BFGS", options={"gtol": 1e-8})
    np.testing.assert_allclose(viewer.predict(), MODEL.movie_factors @ found.x, atol=2e-3)


def test_who_told_of_nothing_is_the_average_person() -> None:
    nobody = MODEL.fold_in(np.zeros(0, int), np.zeros(0)).predict()
    everybody = MODEL.predict_all(np.arange(MODEL.n_users)).mean(axis=0)
    np.testing.assert_allclose(nobody, everybody, atol=1e-4)


def test_users_without_ratings_are_nobody_to_learn_from() -> None:
    more = planted(users=80)
    widened = type(more)(more.users, more.movies, more.values, 200, more.n_movies, more.scale)
    model = last_model(ImplicitALS(factors=4, epochs=6), widened)
    nobody = model.fold_in(np.zeros(0, int), np.zeros(0)).predict()
    everybody = model.predict_all(np.arange(80)).mean(axis=0)
    np.testing.assert_allclose(nobody, everybody, atol=1e-4)


@given(own=MOVIES, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_stars_do_not_matter_and_the_shares_add_up(own: list[int], seed: int) -> None:
    movies = np.array(own, np.int32)
    stars = np.random.default_rng(seed).uniform(0.5, 5, len(own))
    viewer = MODEL.fold_in(movies, stars)
    scores = viewer.predict()
    np.testing.assert_array_equal(scores, MODEL.fold_in(movies, 0 * stars + 3).predict())
    for movie in (0, 31):
        assert viewer.explain(movie).score == pytest.approx(scores[movie], abs=1e-4)


@given(own=MOVIES.filter(len))
@settings(max_examples=40, deadline=None)
def test_a_film_told_of_is_thought_likelier_than_before(own: list[int]) -> None:
    before = MODEL.fold_in(np.array(own[1:], np.int32), np.full(len(own) - 1, 4.0)).predict()
    after = MODEL.fold_in(np.array(own, np.int32), np.full(len(own), 4.0)).predict()
    # More films also let the unknown ones weigh more, which lowers every score a little.
    assert after[own[0]] > before[own[0]] - 0.02
