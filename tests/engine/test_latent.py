"""The space of films and its principal components, against plain linear algebra."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ALS, BayesianMF, Factorisation, Model, Ratings, latent, naming, training
from engine.draws import Draws
from tests.support.arrays import ratings_of
from tests.support.narrowing import factorisation
from tests.support.training import learned


def ratings_at_random(seed: int) -> Ratings:
    rng = np.random.default_rng(seed)
    pairs = rng.choice(40 * 25, 500, replace=False)
    values = rng.integers(1, 6, 500).astype(np.float32)
    return ratings_of(pairs // 25, pairs % 25, values, n_users=40, n_movies=27)


def trained(seed: int = 0, **parameters: Any) -> Factorisation:
    ratings = ratings_at_random(seed)
    *_, epoch = training.train(ALS(factors=4, epochs=3, **parameters), ratings)
    return factorisation(epoch.model)


def test_distances_are_how_far_viewers_tell_two_films_apart() -> None:
    model = trained()
    space = latent.space(model)
    taste = model.movie_factors @ model.user_factors.T
    for i, j in [(0, 1), (3, 17), (20, 24)]:
        apart = np.linalg.norm(space.points[i] - space.points[j])
        a, b = space.movies[i], space.movies[j]
        assert apart == pytest.approx(np.std(taste[a] - taste[b]), rel=1e-4)


def test_a_rotation_of_the_factors_changes_no_distance() -> None:
    model = trained()
    rng = np.random.default_rng(1)
    turn = rng.normal(size=(4, 4)).astype(np.float32)
    other = replace(
        model,
        movie_factors=model.movie_factors @ turn,
        user_factors=model.user_factors @ np.linalg.inv(turn).T,
    )

    def distances(m: Model) -> np.ndarray:
        P = latent.space(m).points
        return np.linalg.norm(P[:, None] - P, axis=2)

    np.testing.assert_allclose(distances(other), distances(model), atol=2e-3)


def test_a_posterior_s_distances_are_the_mean_over_its_draws() -> None:
    ratings = ratings_at_random(0)
    model = learned(BayesianMF(factors=3, epochs=10, burn_in=2), ratings)[-1]
    space, draws = latent.space(model), model.fold
    assert isinstance(draws, Draws)
    for i, j in [(0, 1), (20, 24)]:
        a, b = space.movies[i], space.movies[j]
        apart = [
            np.var(users[:, :-1] @ (movies[a] - movies[b])[:-1])
            for users, movies in zip(draws.users, draws.movies, strict=True)
        ]
        squared = np.sum((space.points[i] - space.points[j]) ** 2)
        assert squared == pytest.approx(np.mean(apart), rel=1e-3)
    assert len(naming.factors(model, np.ones((27, 1), bool), ["Drama"])) == 3


def test_films_without_ratings_take_no_part() -> None:
    model = trained()
    space = latent.space(model)
    assert set(space.movies) == set(np.flatnonzero(model.movie_counts))
    assert 25 not in space.movies
    assert 26 not in space.movies


def test_the_best_known_have_the_most_ratings() -> None:
    space = latent.space(trained())
    part = space.best_known(5)
    assert sorted(part.counts) == sorted(np.sort(space.counts)[-5:])
    np.testing.assert_array_equal(space.points[np.isin(space.movies, part.movies)], part.points)
    assert len(space.best_known(1000).movies) == len(space.movies)


def test_pca_agrees_with_the_svd_of_the_centred_points() -> None:
    rng = np.random.default_rng(0)
    X = (rng.normal(size=(200, 6)) * [5, 3, 2, 1, 0.5, 0.1]).astype(np.float32)
    found = latent.pca(X, 3)
    centred = X - X.mean(axis=0)
    _, s, Vt = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(found.axes @ Vt[:3].T), np.eye(3), atol=1e-4)
    np.testing.assert_allclose(found.shares, (s**2 / (s**2).sum())[:3], rtol=1e-4)
    np.testing.assert_allclose(np.abs(found.coordinates(X)), np.abs(centred @ Vt[:3].T), atol=1e-3)


def test_a_weight_counts_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 3)).astype(np.float32)
    weights = rng.integers(0, 4, 30)
    weighted = latent.pca(X, 3, weights.astype(np.float32))
    repeated = latent.pca(np.repeat(X, weights, axis=0), 3)
    np.testing.assert_allclose(weighted.axes, repeated.axes, atol=1e-4)
    np.testing.assert_allclose(weighted.shares, repeated.shares, atol=1e-5)


@given(n=st.integers(1, 30), c=st.integers(1, 5), k=st.integers(1, 7), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_axes_are_orthonormal_ordered_and_signed(n: int, c: int, k: int, seed: int) -> None:
    X = np.random.default_rng(seed).normal(size=(n, c)).astype(np.float32)
    found = latent.pca(X, k)
    k = min(k, c)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(k), atol=1e-4)
    assert (np.diff(found.shares) <= 1e-6).all()
    assert found.shares.sum() <= 1 + 1e-5
    largest = np.abs(found.axes).argmax(axis=1)
    assert (found.axes[np.arange(k), largest] > 0).all()


def test_points_that_are_all_the_same_have_no_variance() -> None:
    found = latent.pca(np.ones((5, 3), np.float32), 2)
    assert (found.shares == 0).all()
    assert (found.coordinates(np.ones((5, 3), np.float32)) == 0).all()


def test_components_say_which_way_a_film_lies() -> None:
    space = latent.space(trained())
    ways = latent.components(space, 3)
    np.testing.assert_allclose(np.linalg.norm(ways, axis=1), 1, rtol=1e-5)
    where = latent.pca(space.points, 3, space.belief).coordinates(space.points)
    np.testing.assert_allclose(ways * np.linalg.norm(where, axis=1)[:, None], where, atol=1e-5)
