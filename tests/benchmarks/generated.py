"""Ratings of the shape of MovieLens releases, and as "100m" of the Netflix Prize's.

They are drawn from a planted model with a stated seed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine import Ratings, Scale


class Shape(NamedTuple):
    """How large a dataset is."""

    n_users: int
    n_movies: int
    n_ratings: int


SHAPES = {
    "100k": Shape(943, 1_682, 100_000),
    "1m": Shape(6_040, 3_706, 1_000_209),
    "10m": Shape(69_878, 10_677, 10_000_054),
    "25m": Shape(162_541, 59_047, 25_000_095),
    "32m": Shape(200_948, 87_585, 32_000_204),
    "100m": Shape(480_189, 17_770, 100_480_507),
}


def generate(shape: Shape, seed: int = 0, factors: int = 12) -> Ratings:
    """Return ratings with long-tailed users and movies, planted factors and biases, and noise.

    Users' and movies' activities are log-normal; stars are the mean 3.5 plus biases (sd 0.4 and
    0.5), the product of planted factors (sd 0.5) and noise (sd 0.8), rounded to whole stars.
    """
    rng = np.random.default_rng(seed)
    users, movies = _pairs(shape, rng)
    U = rng.normal(0, 0.5 / factors**0.25, (shape.n_users, factors)).astype(np.float32)
    M = rng.normal(0, 1 / factors**0.25, (shape.n_movies, factors)).astype(np.float32)
    stars = np.full(len(users), 3.5, np.float32)
    for part in np.array_split(np.arange(len(users)), max(1, len(users) // 1_000_000)):
        stars[part] += np.einsum("ij,ij->i", U[users[part]], M[movies[part]])
    stars += rng.normal(0, 0.4, shape.n_users).astype(np.float32)[users]
    stars += rng.normal(0, 0.5, shape.n_movies).astype(np.float32)[movies]
    stars += rng.normal(0, 0.8, len(users)).astype(np.float32)
    return Ratings(users, movies, np.clip(np.rint(stars), 1, 5), *shape[:2], Scale(1, 5))


def _pairs(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw distinct pairs until there are enough, popular ones sooner."""
    activity = np.cumsum(rng.lognormal(0, 1.0, shape.n_users))
    popularity = np.cumsum(rng.lognormal(0, 1.5, shape.n_movies))
    keys = np.zeros(0, np.int64)
    while len(keys) < shape.n_ratings:
        n = int(1.2 * (shape.n_ratings - len(keys))) + 1000
        users = np.searchsorted(activity, rng.random(n) * activity[-1])
        movies = np.searchsorted(popularity, rng.random(n) * popularity[-1])
        keys = np.unique(np.concatenate([keys, users * shape.n_movies + movies]))
    keys = rng.permutation(keys)[: shape.n_ratings]
    return (keys // shape.n_movies).astype(np.int32), (keys % shape.n_movies).astype(np.int32)
