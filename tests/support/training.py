"""Small ratings with a known structure, and algorithms made quick, for the tests of training."""

from __future__ import annotations

import numpy as np
import pytest

from data.catalogue import Film, of
from data.dataset import Dataset, Source
from engine import ALGORITHMS, ALS, NMF, SGD, SVD, BayesianMF, Factorisation, Model, Ratings, Scale
from engine.algorithm import Algorithm
from engine.parameters import parameters
from engine.rows import Penalty
from engine.stepwise import finished
from tests.support.arrays import ratings_of
from tests.support.narrowing import changed, factorisation, made

EVERY = pytest.mark.parametrize("name", list(ALGORITHMS))


def learning_from(feedback: str) -> list[str]:
    """The names of the algorithms that learn from stars, or from who rated what."""
    return [name for name, preset in ALGORITHMS.items() if preset.feedback == feedback]


STARS = pytest.mark.parametrize("name", learning_from("explicit"))


INTEREST = pytest.mark.parametrize("name", learning_from("implicit"))


HARD = {
    "one rating": Ratings(np.array([0]), np.array([0]), np.array([3.0]), scale=Scale(1, 5)),
    "one user": ratings_of(np.zeros(6, int), np.arange(6), np.array([1.0, 2, 3, 4, 5, 5])),
    "one movie": ratings_of(np.arange(6), np.zeros(6, int), np.array([1.0, 2, 3, 4, 5, 5])),
    "all equal": Ratings(np.array([0, 1, 2, 0]), np.array([0, 1, 1, 1]), np.full(4, 4.0)),
    "a user and a movie without ratings": Ratings(
        np.array([0, 2, 2]), np.array([0, 0, 3]), np.array([1.0, 5, 3]), 4, 6
    ),
}


SMALL = {"factors": 4, "epochs": 5}


IMPUTATIONS = ("zero", "global mean", "movie mean", "user mean")


VARIANTS: dict[str, Algorithm] = {
    **{
        name: changed(preset, **SMALL)
        for name, preset in ALGORITHMS.items()
        if preset.feedback == "explicit"
    },
    "ALS without biases": made(ALS, biases=False, **SMALL),
    "ALS, plain penalty": made(ALS, weighting=0, **SMALL),
    "ALS-WR": made(ALS, weighting=1, reg=0.05, bias_reg=0.02, **SMALL),
    "ALS without penalty": made(ALS, reg=0, bias_reg=0, **SMALL),
    "NNLS-ALS without biases": made(ALS, nonnegative=True, biases=False, **SMALL),
    "NNLS-ALS, plain penalty": made(ALS, nonnegative=True, weighting=0, **SMALL),
    "NNLS-ALS-WR": made(ALS, nonnegative=True, weighting=1, reg=0.05, bias_reg=0.02, **SMALL),
    "SGD without biases": made(SGD, biases=False, **SMALL),
    "SGD, non-negative": made(SGD, nonnegative=True, **SMALL),
    "SGD, non-negative without biases": made(SGD, nonnegative=True, biases=False, **SMALL),
    "SGD, plain penalty": made(SGD, weighting=0, **SMALL),
    "SGD, the same at every update": made(SGD, weighting=1, reg=0.02, bias_reg=0.02, **SMALL),
    "NMF without biases": made(NMF, biases=False, **SMALL),
    "NMF, plain penalty": made(NMF, weighting=0, **SMALL),
    "NMF, weighed penalty": made(NMF, weighting=1, reg=0.02, bias_reg=0.02, **SMALL),
    "SVD, hard": made(SVD, iterate="hard", **SMALL),
    **{
        f"SVD once, {imp}": made(SVD, iterate="once", imputation=imp, **SMALL)
        for imp in IMPUTATIONS
    },
    **{
        f"Bayesian, {choice}": made(BayesianMF, **{option.name: choice}, **SMALL)
        for option in parameters(BayesianMF)
        for choice in option.choices
    },
}


SINGLE = [name for name in VARIANTS if "Bayesian" not in name]


NONNEGATIVE = [name for name in VARIANTS if "NMF" in name or "NNLS" in name or "non-neg" in name]


def small(name: str, **changes: object) -> Algorithm:
    algorithm = ALGORITHMS[name]
    known = {parameter.name for parameter in parameters(type(algorithm))}
    fewer = {"factors": 3, "epochs": 4, **changes}
    return changed(algorithm, **{name: to for name, to in fewer.items() if name in known})


def last_model(algorithm: Algorithm, ratings: Ratings, seed: int = 0) -> Model:
    """The model that a run ends with."""
    return [step.model for step in algorithm.run(ratings, seed) if step.model][-1]


def last_factors(algorithm: Algorithm, ratings: Ratings, seed: int = 0) -> Factorisation:
    """The factorisation that a run ends with."""
    return factorisation(last_model(algorithm, ratings, seed))


def learned(algorithm: Algorithm, ratings: Ratings, seed: int = 0) -> list[Factorisation]:
    """The models of all passes, learned on the scale of `ratings` itself as equations have it."""
    finished(ratings.grouping())
    return [factorisation(step.model) for step in algorithm.learn(ratings, seed) if step.model]


def planted(seed: int = 0, users: int = 80, movies: int = 60, share: float = 0.4) -> Ratings:
    rng = np.random.default_rng(seed)
    truth = 3 + rng.normal(0, 0.6, (users, 2)) @ rng.normal(0, 0.8, (2, movies))
    known = rng.random(truth.shape) < share
    u, m = np.nonzero(known)
    stars = np.clip(truth[known] + rng.normal(0, 0.1, len(u)), 0.5, 5)
    return ratings_of(u, m, stars, users, movies, Scale(0.5, 5))


def watched(seed: int = 0, n_users: int = 300, n_movies: int = 150) -> Ratings:
    """Two kinds of films, some hardly known, seen by those who care for their kind."""
    rng = np.random.default_rng(seed)
    kind, leaning = np.arange(n_movies) % 2, rng.integers(0, 2, n_users)
    known = 1 / (1 + np.arange(n_movies) / 8)
    odds = known * np.where(kind == leaning[:, None], 0.9, 0.2)
    users, movies = np.nonzero(rng.random(odds.shape) < odds)
    level = rng.normal(0, 0.5, n_movies)
    stars = 3.3 + level[movies] + 0.7 * (kind[movies] == leaning[users])
    stars += rng.normal(0, 0.6, len(stars))
    return ratings_of(users, movies, np.clip(stars, 0.5, 5), n_users, n_movies)


def loss(model: Factorisation, ratings: Ratings, penalty: Penalty) -> float:
    """The objective in plain loops."""
    predicted = model.predict(ratings.users, ratings.movies, clip=False)
    total = float(((predicted - ratings.values).astype(float) ** 2).sum())
    for factors, bias, grouped in (
        (model.movie_factors, model.movie_bias, ratings.by_movie),
        (model.user_factors, model.user_bias, ratings.by_user),
    ):
        for row, n in enumerate(grouped.counts):
            weight = max(n, 1) ** penalty.weighting
            total += penalty.reg * weight * float(factors[row].astype(float) @ factors[row])
            total += (penalty.bias_reg or 0) * weight * float(bias[row]) ** 2
    return total


def dataset(seed: int = 0) -> Dataset:
    ratings = planted(seed)
    films = of(Film(f"Film {i}", 1950 + i) for i in range(ratings.n_movies))
    return Dataset(ratings, films, Source("planted"))
