r"""The SVD taken once: what stands for unknown ratings, and how a person joins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from engine.arrays import Floats, Ids, Offsets, read_only
from engine.factorisation import Equations, Factorisation
from engine.lowrank import SparseLowRank, filled
from engine.ratings import Ratings
from engine.stepwise import Work
from engine.stored import stored

Imputation: TypeAlias = Literal["zero", "global mean", "movie mean", "user mean"]


@stored
@dataclass(frozen=True, eq=False)
class Projection:
    r"""How a person joins an SVD taken once: impute their column, project it on the movies.

    With $M = U_k S^{1/2}$ their weights are $w = S^{-1} M^\top \tilde r$, where the imputed
    $\tilde r$ is the filling plus what their ratings differ from it.
    """

    s: Floats
    """(factors,) the singular values"""
    imputation: str
    movie_means: Floats
    """(n_movies,) stars above the model's mean"""
    mean: float
    """of all ratings, stars above the model's mean"""
    has_bias: bool = False

    def __post_init__(self) -> None:
        read_only(self)

    def equations(self, model: Factorisation, movies: Ids, values: Floats) -> Equations:
        r"""Return $S w = X^\top y + p$ for the ratings and the filling."""
        M = model.movie_factors
        X, y, prior = M[movies], values - np.float32(model.mean), np.zeros(M.shape[1], np.float32)
        if self.imputation == "movie mean":
            y, prior = y - self.movie_means[movies], M.T @ self.movie_means
        elif self.imputation == "global mean":
            y, prior = y - np.float32(self.mean), M.sum(axis=0) * np.float32(self.mean)
        elif self.imputation == "user mean" and len(movies):
            X = X + (M.sum(axis=0) - X.sum(axis=0)) / len(movies)
        elif self.imputation == "user mean":
            prior = M.sum(axis=0) * np.float32(self.mean)
        A = np.diag(np.where(self.s > 0, self.s, 1)).astype(np.float32)
        return Equations(A, X, y.astype(np.float32), prior)

    def rescaled(self, unit: float) -> Projection:
        """Return the same for ratings that are so many times as large."""
        return replace(self, movie_means=np.float32(unit) * self.movie_means, mean=unit * self.mean)


def imputed(train: Ratings, imputation: str) -> Work[SparseLowRank]:
    """Return the rating matrix (n_movies, n_users) with the unknown filled in."""
    movies = np.ones((train.n_movies, 1), np.float32)
    users = np.ones((train.n_users, 1), np.float32)
    if imputation == "zero":
        movies *= 0
    elif imputation == "global mean":
        movies *= np.float32(train.mean)
    elif imputation == "movie mean":
        movies = movie_means(train)[:, None]
    else:
        users = _means(train.by_user.counts, train.users, train)[:, None]
    return filled(train, train.values, movies, users)


def movie_means(train: Ratings) -> Floats:
    """Return (n_movies,) mean stars of each movie, the mean of all where it has no ratings."""
    return _means(train.by_movie.counts, train.movies, train)


def _means(counts: Offsets, ids: Ids, train: Ratings) -> Floats:
    sums = np.bincount(ids, train.values, len(counts))
    return np.where(counts > 0, sums / np.maximum(counts, 1), train.mean).astype(np.float32)
