r"""Imputations one after another: biases first, then what they leave filled in again and again.

With B the mean and biases and Z the last approximation of what they leave unsaid,

$$Z \leftarrow U\, \mathcal{D}(S)\, V^\top \quad\text{of}\quad P_\kappa(R - B - Z) + Z,$$

where $\mathcal{D}$ keeps the k leading singular values, each lowered by $\lambda$, down to zero
(Mazumder, Hastie & Tibshirani 2010; see `engine.svd`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Offsets
from engine.lowrank import filled, start
from engine.ratings import Ratings
from engine.rows import Penalty
from engine.stepwise import Work, chunks, scaled
from engine.stored import stored

_FIRST_POWER_ITERATIONS = 5
"""From a random start; later imputations go on from the last."""


@dataclass(frozen=True, eq=False)
class Biases:
    """What can be said of a rating without factors."""

    mean: float
    """Stars."""
    movies: Floats
    """(n_movies,) stars"""
    users: Floats
    """(n_users,) stars"""

    def left(self, ratings: Ratings) -> Floats:
        """Return (n,) what they leave of the ratings, in stars."""
        left = np.empty_like(ratings.values)
        for part in chunks(len(ratings)):
            said = self.movies[ratings.movies[part]] + self.users[ratings.users[part]]
            left[part] = ratings.values[part] - np.float32(self.mean) - said
        return left


def fit_biases(train: Ratings, reg: float, passes: int = 10) -> Work[Biases]:
    """Return the biases that ridge regression on the mean's residuals gives."""
    sides = (train.movies, train.by_movie.counts), (train.users, train.by_user.counts)
    biases = [np.zeros(train.n_movies), np.zeros(train.n_users)]
    for turn in range(2 * passes):
        own, other = turn % 2, 1 - turn % 2
        (ids, counts), (others, _) = sides[own], sides[other]
        sums = np.zeros(len(counts))
        for part in chunks(len(train)):
            residual = train.values[part] - train.mean - biases[other][others[part]]
            sums += np.bincount(ids[part], residual, len(counts))
            yield (turn + part.stop / len(train)) / (2 * passes)
        biases[own] = sums / np.maximum(counts + reg, 1e-9)
    movies, users = (bias.astype(np.float32) for bias in biases)
    return Biases(train.mean, movies, users)


class Iteration:
    r"""The approximation $Z = M U^\top$ of what biases leave, imputation by imputation."""

    def __init__(
        self, train: Ratings, residual: Floats, k: int, lam: float, rng: np.random.Generator
    ) -> None:
        self.train, self.residual = train, residual
        self.lam = lam
        self.s = np.zeros(k, np.float32)
        """(k,) the singular values before they are lowered"""
        self.M = np.zeros((train.n_movies, k), np.float32)
        """(n_movies, k)"""
        self.U = np.zeros((train.n_users, k), np.float32)
        """(n_users, k)"""
        self._V = start(train.n_users, train.n_movies, k, rng)
        self._turns = _FIRST_POWER_ITERATIONS

    def impute(self) -> Work[None]:
        """Fill in the unknown, decompose and shrink."""
        matrix = yield from scaled(filled(self.train, self.residual, self.M, self.U), 0, 0.5)
        for turn in range(self._turns):
            begun, ended = ((at / self._turns + 1) / 2 for at in (turn, turn + 1))
            svd = yield from scaled(matrix.iterate(self._V), begun, ended)
            self._V = svd.V
        self._turns = 1
        s = svd.s[: len(self.s)]
        root = np.sqrt(np.maximum(s - self.lam, 0)).astype(np.float32)
        self.s, self.M, self.U = np.zeros_like(self.s), np.zeros_like(self.M), np.zeros_like(self.U)
        self.s[: len(s)] = s
        self.M[:, : len(s)] = svd.U[:, : len(s)] * root
        self.U[:, : len(s)] = svd.V[:, : len(s)] * root


@stored
@dataclass(frozen=True)
class Imputed(Penalty):
    r"""What T imputations from nothing let a person's weights be: ridge regression, nearly.

    With the movies frozen at $M = Q S^{1/2}$, Q orthonormal, a hard imputation moves the weights
    $z = S^{1/2} w$ by $Q_\Omega^\top (y - Q_\Omega z)$. Along an eigenvector of
    $Q_\Omega^\top Q_\Omega$ with the eigenvalue e, T of them go $1 - (1 - e)^T$ of the way to least
    squares, and the penalty $\|z\|^2 / T$ lets them go $e / (e + 1/T)$: what is seldom seen stays
    small. Without it, people with fewer ratings than factors would be fitted to the last digit.
    """

    s: tuple[float, ...] = ()
    """(factors,) the singular values"""

    def diagonal(self, counts: Offsets, c: int) -> Floats:
        """Return (n, c) the penalties of rows with `counts` ratings and `c` columns."""
        scale = np.ones(c, np.float32)
        scale[: len(self.s)] = self.s
        return super().diagonal(counts, c) * scale
