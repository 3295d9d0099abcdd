"""Implicit ALS against its objective and its normal equations in plain loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine import Factorisation, ImplicitALS, Ratings
from tests.support.training import learned, planted

RATINGS = planted(users=30, movies=24, share=0.3)
SETTINGS = [
    ImplicitALS(factors=4, epochs=3, alpha=2.5, reg=3.0),
    ImplicitALS(factors=4, epochs=3, alpha=0.5, reg=0.5, weighting=0.0, liking=0.0),
    ImplicitALS(factors=40, epochs=3, alpha=40.0, reg=20.0, weighting=1.0, liking=1.0),
]
EACH = pytest.mark.parametrize("algorithm", SETTINGS, ids=str)


def preferences(ratings: Ratings, liking: float) -> np.ndarray:
    """(users, movies) from 1 - liking for half a star to 1 for five, and 0 where there is none."""
    p = np.zeros((ratings.n_users, ratings.n_movies))
    for user, movie, stars in zip(ratings.users, ratings.movies, ratings.values, strict=True):
        p[user, movie] = 1 - liking + liking * (float(stars) - 0.5) / 4.5
    return p


def rated(ratings: Ratings) -> np.ndarray:
    known = np.zeros((ratings.n_users, ratings.n_movies), bool)
    known[ratings.users, ratings.movies] = True
    return known


def penalties(known: np.ndarray, algorithm: ImplicitALS) -> np.ndarray:
    """What each row pays, by the formula."""
    n, N = known.sum(axis=1), known.shape[1]
    fitted = (algorithm.alpha * n + N) / (algorithm.alpha * n.mean() + N)
    return algorithm.reg * fitted**algorithm.weighting


def objective(model: Factorisation, ratings: Ratings, algorithm: ImplicitALS) -> float:
    """Over all pairs, known and unknown, one by one."""
    p, known = preferences(ratings, algorithm.liking), rated(ratings)
    M, U = model.movie_factors.astype(float), model.user_factors.astype(float)
    total = 0.0
    for user in range(ratings.n_users):
        for movie in range(ratings.n_movies):
            trust = 1 + algorithm.alpha * known[user, movie]
            total += trust * (p[user, movie] - M[movie] @ U[user]) ** 2
    total += penalties(known, algorithm) @ (U**2).sum(axis=1)
    return float(total + penalties(known.T, algorithm) @ (M**2).sum(axis=1))


@EACH
def test_each_user_solves_the_normal_equations(algorithm: ImplicitALS) -> None:
    model = learned(algorithm, RATINGS)[-1]
    assert isinstance(model, Factorisation)
    p, known = preferences(RATINGS, algorithm.liking), rated(RATINGS)
    M = model.movie_factors.astype(float)
    lam = penalties(known, algorithm)
    for user in range(RATINGS.n_users):
        A, b = lam[user] * np.eye(algorithm.factors), np.zeros(algorithm.factors)
        for movie in range(RATINGS.n_movies):
            trust = 1 + algorithm.alpha * known[user, movie]
            A += trust * np.outer(M[movie], M[movie])
            b += trust * p[user, movie] * M[movie]
        np.testing.assert_allclose(model.user_factors[user], np.linalg.solve(A, b), atol=2e-4)


@EACH
def test_a_pass_is_half_movies_and_half_users(algorithm: ImplicitALS) -> None:
    """Each movie solves its own with the users as the pass before left them."""
    before, after = learned(algorithm, RATINGS)[-2:]
    assert isinstance(before, Factorisation)
    assert isinstance(after, Factorisation)
    p, known = preferences(RATINGS, algorithm.liking).T, rated(RATINGS).T
    U = before.user_factors.astype(float)
    for movie, lam in enumerate(penalties(known, algorithm)):
        trust = 1 + algorithm.alpha * known[movie]
        A = U.T @ (trust[:, None] * U) + lam * np.eye(algorithm.factors)
        expected = np.linalg.solve(A, U.T @ (trust * p[movie]))
        np.testing.assert_allclose(after.movie_factors[movie], expected, atol=2e-4)


@EACH
def test_the_objective_never_rises(algorithm: ImplicitALS) -> None:
    reached = [objective(model, RATINGS, algorithm) for model in learned(algorithm, RATINGS)]
    for earlier, later in itertools.pairwise(reached):
        assert later <= earlier * (1 + 1e-5)


def test_rows_without_ratings_are_nowhere() -> None:
    wider = Ratings(RATINGS.users, RATINGS.movies, RATINGS.values, 40, 30, RATINGS.scale)
    model = learned(SETTINGS[0], wider)[-1]
    assert isinstance(model, Factorisation)
    assert not model.user_factors[30:].any()
    assert not model.movie_factors[24:].any()
