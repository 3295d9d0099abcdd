"""Side information in the prior: features, solvers and links against dense algebra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import BayesianMF, InvalidRatings, Ratings, Scale, side
from engine.features import Dense, Features, standardised, who_rated_what
from engine.gibbs import Gaussian
from engine.metrics import rmse
from engine.products import large_product, product, square
from engine.side import ConjugateGradients, Decomposed, Gram, linked
from engine.stepwise import finished
from tests.support.arrays import floats, ids, ratings_of
from tests.support.narrowing import present
from tests.support.training import last_factors, last_model, planted

sizes = st.integers(1, 12)


def scattered(seed: int, n_users: int, n_movies: int, share: float = 0.4) -> Ratings:
    rng = np.random.default_rng(seed)
    known = rng.random((n_users, n_movies)) < share
    known[0, 0] = True
    u, m = np.nonzero(known)
    stars = rng.integers(1, 6, len(u))
    return ratings_of(u, m, stars, n_users, n_movies, Scale(1, 5))


def both(ratings: Ratings) -> tuple[Features, Features]:
    return finished(who_rated_what(ratings.by_movie, ratings.by_user))


def dense(ratings: Ratings, by_user: bool) -> np.ndarray:
    """Who rated what, entry by entry."""
    F = np.zeros((ratings.n_users, ratings.n_movies))
    F[ratings.users, ratings.movies] = 1
    F = F if by_user else F.T
    for row in F:
        row /= np.sqrt(max(row.sum(), 1))
    return F


# Products


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 40), D=sizes, c=sizes, turned=st.booleans())
def test_products_in_pieces_are_products(seed: int, n: int, D: int, c: int, turned: bool) -> None:
    rng = np.random.default_rng(seed)
    F = rng.normal(size=(D, n) if turned else (n, D)).astype(np.float32)
    F = F.T if turned else F
    X = rng.normal(size=(D, c)).astype(np.float32)
    np.testing.assert_allclose(product(F, X), F @ X, atol=1e-4)
    np.testing.assert_allclose(finished(large_product(F, X)), F @ X, atol=1e-4)
    np.testing.assert_allclose(square(F), F.T @ F, atol=1e-4)


def test_large_products_are_products() -> None:
    rng = np.random.default_rng(0)
    F = rng.normal(size=(3001, 1500)).astype(np.float32)
    X = rng.normal(size=(1500, 40)).astype(np.float32)
    np.testing.assert_allclose(product(F, X), F @ X, atol=1e-3)
    np.testing.assert_allclose(finished(large_product(F, X)), F @ X, atol=1e-3)
    np.testing.assert_allclose(square(F[:, :7]), F[:, :7].T @ F[:, :7], rtol=1e-3, atol=1e-2)


# Features


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n_users=sizes, n_movies=sizes)
def test_who_rated_what_multiplies_like_the_dense_matrix(
    seed: int, n_users: int, n_movies: int
) -> None:
    ratings = scattered(seed, n_users, n_movies)
    rng = np.random.default_rng(seed)
    for features, F in zip(
        both(ratings), (dense(ratings, False), dense(ratings, True)), strict=True
    ):
        n, D = F.shape
        assert features.shape == (n, D)
        B, E = (rng.normal(size=(rows, 3)).astype(np.float32) for rows in (D, n))
        np.testing.assert_allclose(finished(features.times(B)), F @ B, atol=1e-5)
        np.testing.assert_allclose(finished(features.transposed_times(E)), F.T @ E, atol=1e-5)
        np.testing.assert_allclose(finished(features.squares()), (F**2).sum(axis=0), atol=1e-5)


def test_who_rated_what_with_long_rows_and_many_batches() -> None:
    ratings = scattered(1, 700, 900, 0.7)  # 441,000 ratings: rows in pieces, several batches
    movies, users = both(ratings)
    B = np.random.default_rng(0).normal(size=(900, 20)).astype(np.float32)
    np.testing.assert_allclose(
        finished(users.times(B)), dense(ratings, True) @ B, rtol=1e-3, atol=1e-4
    )
    np.testing.assert_allclose(
        finished(movies.transposed_times(B)), dense(ratings, False).T @ B, rtol=1e-3, atol=1e-4
    )


def test_given_features_need_no_scaling() -> None:
    rng = np.random.default_rng(0)
    F = rng.normal(size=(50, 3)) * [1, 1000, 1e-3] + [5, 2000, 0]
    F = np.column_stack([F, np.full(50, 7.0)])
    known = finished(standardised(floats(F)).times(np.eye(4, dtype=np.float32)))
    np.testing.assert_allclose(known.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose((known**2).sum(axis=1).mean(), 1, rtol=1e-4)
    np.testing.assert_allclose(known[:, :3].std(axis=0), 3**-0.5, rtol=1e-3)
    np.testing.assert_array_equal(known[:, 3], 0)
    nothing = finished(standardised(np.ones((4, 2), np.float32)).times(np.eye(2, dtype=np.float32)))
    np.testing.assert_array_equal(nothing, np.zeros((4, 2)))


@pytest.mark.parametrize(
    ("features", "says"),
    [
        (np.zeros((59, 2)), "60 rows"),
        (np.zeros(60), "60 rows"),
        (np.full((60, 1), np.nan), "not a number"),
        (np.full((60, 1), np.inf), "not a number"),
    ],
)
def test_features_that_do_not_fit_are_refused(features: np.ndarray, says: str) -> None:
    ratings = planted()
    with pytest.raises(InvalidRatings, match=says):
        Ratings(ratings.users, ratings.movies, ratings.values, 80, 60, Scale(0.5, 5), features)


def test_features_stay_with_ratings_that_are_taken_apart() -> None:
    r = planted()
    F = np.arange(120).reshape(60, 2)
    ratings = ratings_of(r.users, r.movies, r.values, 80, 60, r.scale, F)
    parts = [*ratings.split(0.1, 0), *next(ratings.folds(4)), ratings.take(slice(9))]
    for part in parts:
        assert part.movie_features is not None
        np.testing.assert_array_equal(part.movie_features, F)


# Solvers


def gram_of(seed: int, n: int, D: int) -> tuple[Gram, np.ndarray]:
    F = np.random.default_rng(seed).normal(size=(n, D)).astype(np.float32)
    return Gram(Dense(F)), F @ F.T if n <= D else F.T @ F


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**6), n=sizes, D=sizes, lam=st.floats(0.3, 30), out=st.booleans())
def test_both_solvers_find_what_a_dense_solution_finds(
    seed: int, n: int, D: int, lam: float, out: bool
) -> None:
    gram, G = gram_of(seed, n, D)
    if out:
        finished(gram.multiply_out())
        np.testing.assert_allclose(present(gram.array), G, atol=1e-3)
        np.testing.assert_allclose(finished(gram.diagonal()), G.diagonal(), rtol=1e-4)
    B = np.random.default_rng(seed + 1).normal(size=(gram.size, 3)).astype(np.float32)
    truth = np.linalg.solve(G.astype(float) + lam * np.eye(gram.size), B)
    size = np.abs(truth).max()
    exact = finished(Decomposed(G).solve(B, lam))
    np.testing.assert_allclose(exact, truth, atol=1e-4 * size)
    near = finished(ConjugateGradients(gram, G.diagonal()).solve(B, lam))
    np.testing.assert_allclose(near, truth, atol=5e-3 * size)


def test_conjugate_gradients_leave_columns_of_zeros_alone() -> None:
    gram, G = gram_of(0, 5, 8)
    B = np.zeros((5, 2), np.float32)
    B[:, 0] = 1
    solved = finished(ConjugateGradients(gram, G.diagonal()).solve(B, 1.0))
    np.testing.assert_allclose(solved[:, 0], np.linalg.solve(G + np.eye(5), B[:, 0]), atol=1e-3)
    np.testing.assert_array_equal(solved[:, 1], 0)


# Links

WAYS = {
    "decomposed": {},
    "multiplied out": {"EXACT": 0},
    "by products": {"EXACT": 0, "TOGETHER": 0},
}


@pytest.mark.parametrize(("n", "D"), [(7, 3), (4, 6)])
@pytest.mark.parametrize("way", list(WAYS))
def test_links_are_draws_of_their_gaussian(
    n: int, D: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    r"""Moments of many draws against $N(K^{-1} F'(W - \mu), (K \otimes \Lambda)^{-1})$."""
    rng = np.random.default_rng(0)
    F, W = rng.normal(size=(n, D)), rng.normal(size=(n, 2))
    mu, Lambda = np.array([0.3, -0.5]), np.array([[2.0, 0.6], [0.6, 1.0]])
    for constant, value in WAYS[way].items():
        monkeypatch.setattr(side, constant, value)
    links, lam = finished(linked(Dense(F.astype(np.float32)), 2)), 1.7
    assert isinstance(links.solver, ConjugateGradients) == (way != "decomposed")
    draws = []
    for _ in range(4000):
        links.lam = lam
        finished(links.draw(W.astype(np.float32), Gaussian(mu, Lambda), rng))
        draws.append(links.beta.ravel())
    np.testing.assert_allclose(links.effect, F @ links.beta, atol=1e-4)
    K = F.T @ F + lam * np.eye(D)
    mean = np.linalg.solve(K, F.T @ (W - mu)).ravel()
    covariance = np.linalg.inv(np.kron(K, Lambda))
    whitened = (np.array(draws) - mean) @ np.linalg.cholesky(np.linalg.inv(covariance))
    # The mean of 4,000 standard normals has a spread of 0.016, their variance one of 0.022.
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose(np.cov(whitened.T), np.eye(2 * D), atol=0.1)


def test_the_strength_of_links_is_a_draw_of_its_gamma() -> None:
    r"""$\lambda | \beta \sim \Gamma((1 + Dc)/2, (1 + \mathrm{tr}\,\Lambda\beta'\beta)/2)$."""
    rng = np.random.default_rng(1)
    F, W = rng.normal(size=(5, 3)), rng.normal(size=(5, 2)).astype(np.float32)
    Lambda = np.array([[2.0, 0.6], [0.6, 1.0]])
    links = finished(linked(Dense(F.astype(np.float32)), 2))
    scaled = []
    for _ in range(6000):
        finished(links.draw(W, Gaussian(np.zeros(2), Lambda), rng))
        trace = sum(float(row @ Lambda @ row) for row in links.beta.astype(float))
        scaled.append(links.lam * (1 + trace) / 2)
    shape = (1 + 6) / 2
    assert np.mean(scaled) == pytest.approx(shape, rel=0.05)
    assert np.var(scaled) == pytest.approx(shape, rel=0.15)


def test_large_features_are_not_decomposed() -> None:
    rng = np.random.default_rng(0)
    few, some = (Dense(rng.normal(size=(n, 300)).astype(np.float32)) for n in (100, 280))
    assert isinstance(finished(linked(few, 2)).solver, Decomposed)
    links = finished(linked(some, 2))
    assert isinstance(links.solver, ConjugateGradients)
    W = rng.normal(size=(280, 2)).astype(np.float32)
    # More breaks than a decomposition would leave: at least one in each iteration.
    breaks = sum(1 for _ in links.draw(W, Gaussian(np.zeros(2), np.eye(2)), rng))
    assert breaks > 8


# In the model


def cold(seed: int = 0, clans: int = 4) -> tuple[Ratings, Ratings, np.ndarray]:
    """Films of a few clans, of which everybody has an opinion; a fifth of the films is new."""
    rng = np.random.default_rng(seed)
    clan = rng.integers(0, clans, 100)
    likes = rng.normal(0, 1, (150, clans))
    known = rng.random((150, 100)) < 0.3
    u, m = np.nonzero(known)
    stars = 3 + likes[u, clan[m]] + rng.normal(0, 0.3, len(u))
    ratings = ratings_of(u, m, stars, 150, 100, movie_features=np.eye(clans)[clan])
    new = m < 20
    return ratings.take(~new), ratings.take(new), clan


def test_features_tell_what_new_films_are_like() -> None:
    train, test, _ = cold()
    errors = {}
    for looks in ("none", "genres and years"):
        model = last_model(BayesianMF(factors=5, epochs=60, side=looks), train)
        errors[looks] = rmse(model.predict(test.users, test.movies), test.values)
    # Without features nothing is known of a film that nobody rated: only the viewer's level.
    assert errors["genres and years"] < 0.6 * errors["none"]


def test_who_rated_what_tells_what_silent_people_like() -> None:
    """Half of the people rate but a few films, all of the clan they like."""
    rng = np.random.default_rng(3)
    clan = np.repeat([0, 1], 30)
    taste = rng.integers(0, 2, 300)
    few = np.arange(300) >= 150
    rows = []
    for user in range(300):
        liked = rng.permutation(np.flatnonzero(clan == taste[user]))
        other = rng.permutation(np.flatnonzero(clan != taste[user]))
        rated = liked[:3] if few[user] else np.concatenate([liked[:20], other[:3]])
        rows += [(user, movie, 4 if clan[movie] == taste[user] else 2) for movie in rated]
    u, m, stars = np.array(rows).T
    # The silent rate halfway between the clans, so that stars tell nothing of their taste.
    stars = np.clip(np.where(few[u], 3, stars) + rng.normal(0, 0.2, len(u)), 0.5, 5)
    ratings = Ratings(u, m, stars, 300, 60, Scale(0.5, 5))
    gap = {}
    for looks in ("none", "who rated what"):
        model = last_model(BayesianMF(factors=2, epochs=80, side=looks), ratings)
        everything = ids(np.tile(np.arange(60), 150))
        people = ids(np.repeat(np.arange(150, 300), 60))
        predicted = model.predict(people, everything).reshape(150, 60)
        likes = clan == taste[150:, None]
        gap[looks] = predicted[likes].mean() - predicted[~likes].mean()
    assert gap["who rated what"] > gap["none"] + 0.1


@pytest.mark.parametrize("features", [None, np.zeros((60, 0))])
def test_without_features_there_is_nothing_to_look_at(features: np.ndarray | None) -> None:
    ratings = replace(planted(), movie_features=features)
    plain, looking = (
        last_factors(BayesianMF(factors=2, epochs=6, side=looks), ratings)
        for looks in ("none", "genres and years")
    )
    np.testing.assert_array_equal(plain.movie_factors, looking.movie_factors)
