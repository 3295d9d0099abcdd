"""How strongly soft imputation shrinks: as ratings can bear, and no factors out of noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import data
import engine
from engine import SVD, Model, Ratings, Scale, latent, metrics
from engine.factorisation import Factorisation
from engine.iteration import fit_biases
from engine.stepwise import finished
from engine.strength import SHARE, carries, strength
from tests.support.arrays import ratings_of
from tests.support.training import last_model, planted


def noise(seed: int = 0, users: int = 60, movies: int = 40, share: float = 0.3) -> Ratings:
    """Stars that are thrown with a die."""
    rng = np.random.default_rng(seed)
    u, m = np.nonzero(rng.random((users, movies)) < share)
    return ratings_of(u, m, rng.integers(1, 6, len(u)), users, movies, Scale(1, 5))


def factorised(ratings: Ratings, **parameters: Any) -> Factorisation:
    model = last_model(SVD(**parameters), ratings)
    assert isinstance(model, Factorisation)
    return model


@given(seed=st.integers(0, 999), reg=st.floats(0.1, 40))
@settings(max_examples=40, deadline=None)
def test_the_strength_is_that_of_the_dense_matrix_of_random_signs(seed: int, reg: float) -> None:
    ratings = noise(seed)
    residual = finished(fit_biases(ratings, 3.0)).left(ratings)
    found = finished(strength(ratings, residual, reg, np.random.default_rng(seed)))
    signs = 1 - 2 * np.random.default_rng(seed).integers(0, 2, len(ratings), np.int8)
    R = np.zeros((ratings.n_movies, ratings.n_users))
    R[ratings.movies, ratings.users] = residual * signs
    assert found == pytest.approx(min(reg, SHARE * np.linalg.norm(R, 2)), rel=0.05)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("users", "movies", "share"), [(80, 60, 0.4), (300, 200, 0.1)])
def test_few_ratings_that_carry_factors_are_given_them(
    seed: int, users: int, movies: int, share: float
) -> None:
    """Below eight thousand ratings, with two factors planted; a fixed strength left none."""
    train, test = planted(seed, users, movies, share).split(0.2, seed)
    biases = finished(fit_biases(train, 3.0))
    alone = metrics.rmse(test.values - biases.left(test), test.values)
    for k in (1, 2, 10):
        model = factorised(train, factors=k)
        assert min(k, 2) <= model.factors <= min(k, 5)
        assert model.caution == ""
        reached = metrics.rmse(model.predict(test.users, test.movies), test.values)
        assert reached < (0.97 if k == 1 else 0.85) * alone


def test_the_rank_and_the_passes_have_an_effect() -> None:
    train, test = planted(0).split(0.2, 0)
    errors = {
        (k, epochs): metrics.rmse(
            factorised(train, factors=k, epochs=epochs).predict(test.users, test.movies),
            test.values,
        )
        for k in (1, 2)
        for epochs in (1, 30)
    }
    assert len(set(errors.values())) == 4
    assert errors[2, 30] == min(errors.values())


@pytest.mark.parametrize("seed", range(6))
def test_no_factors_are_made_of_noise_and_the_model_says_so(seed: int, tmp_path: Path) -> None:
    ratings = noise(seed)
    model = factorised(ratings)
    assert model.factors == 0
    assert "found no factors" in model.caution
    assert "more ratings" in model.caution
    assert model.similar(3).movies.tolist() == []
    assert latent.space(model).points.shape[1] == 0
    engine.save(model, tmp_path / "model.npz")
    for one in (model, engine.load(tmp_path / "model.npz")):
        usable(one, ratings)


def usable(model: Model, ratings: Ratings) -> None:
    """It predicts by biases, folds people in and explains itself."""
    assert model.caution
    biases = finished(fit_biases(ratings, 3.0))
    everybody = biases.mean + biases.movies[ratings.movies] + biases.users[ratings.users]
    predicted = model.predict(ratings.users, ratings.movies, clip=False)
    np.testing.assert_allclose(predicted, everybody, atol=0.02)
    person = model.fold_in(np.array([1, 5]), np.array([5.0, 5.0]))
    stars = person.predict(clip=False)
    assert np.isfinite(stars).all()
    assert (stars > biases.mean + biases.movies).all()
    assert person.explain(7).score == pytest.approx(float(stars[7]), abs=1e-5)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_few_ratings_of_any_kind_end_in_a_model(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = np.unique(rng.integers(0, 36, rng.integers(1, 30)))
    ratings = ratings_of(pairs // 6, pairs % 6, rng.integers(1, 6, len(pairs)), 6, 6)
    model = factorised(ratings, epochs=5)
    assert np.isfinite(model.predict(ratings.users, ratings.movies)).all()


def test_chance_seldom_passes_for_taste() -> None:
    found = [finished(carries(noise(seed), 10, 14.0, 3.0, seed)) for seed in range(40)]
    assert sum(found) <= 4


@pytest.mark.parametrize("k", [5, 10, 20])
def test_all_of_the_real_ratings_carry_the_rank_that_is_asked_for(movielens: Path, k: int) -> None:
    parts = data.read_split(*(movielens / "ml-100k" / f"u1.{part}" for part in ("base", "test")))
    train, test = (part.ratings for part in parts)
    model = factorised(train, factors=k)
    assert model.factors == k
    assert metrics.rmse(model.predict(test.users, test.movies), test.values) < 0.93
