r"""Singular value decomposition of the imputed rating matrix, once or again and again.

*Once*: the unknown ratings are filled in with a mean (or zero), giving $\tilde R$ of
(n_movies, n_users), and the best approximation of rank k is $U_k S_k V_k^\top$. What was filled in
outweighs what is known by far, and the factors mostly learn to draw means.

*Iterated* (Mazumder, Hastie & Tibshirani 2010, "Spectral regularization algorithms for learning
large incomplete matrices", JMLR 11): fill the unknown with the last approximation Z, decompose,
shrink, and repeat,

$$Z \leftarrow U\, \mathcal{D}(S)\, V^\top \quad\text{of}\quad P_\kappa(R - B - Z) + Z,$$

where B holds the mean and biases and $\mathcal{D}$ either keeps the k leading singular values
(hard) or also lowers each by $\lambda$ (soft), down to zero. The soft form minimises
$\tfrac12 \|P_\kappa(R - B - Z)\|^2 + \lambda \|Z\|_*$, which is ridge regression on both factors
with $Z = M U^\top$, so that a person is folded in by ridge regression too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np

from engine.algorithm import Algorithm, Step
from engine.arrays import Doubles, Floats, Ids, Offsets
from engine.lowrank import SparseLowRank, TruncatedSVD, start
from engine.model import Equations, Model, Ridge
from engine.parameters import Range
from engine.ratings import Ratings
from engine.rows import Penalty

Imputation = Literal["zero", "global mean", "movie mean", "user mean"]
_SETTLED = 1e-5
_POWER_ITERATIONS = 60


@dataclass(frozen=True)
class SVD(Algorithm):
    """Truncated SVD with imputation; iterated unless told otherwise."""

    title: ClassVar[str] = "SVD"
    summary: ClassVar[str] = (
        "Fills the gaps with a guess and keeps the strongest patterns; iterated, the patterns "
        "become the next guess."
    )

    factors: Annotated[
        int, Range(1, 500), "Rank: how many hidden traits describe a film and a viewer."
    ] = 20
    imputation: Annotated[
        Imputation, "What stands for an unknown rating when the SVD is taken once."
    ] = "movie mean"
    iterate: Annotated[
        Literal["once", "hard", "soft"],
        "Take the SVD once, or again on its own guesses; soft also shrinks the patterns.",
    ] = "soft"
    reg: Annotated[float, Range(0, 1000), "Soft: what each singular value loses."] = 14.0
    epochs: Annotated[int, Range(1, 1000), "Hard and soft: how often to impute anew."] = 60
    bias_reg: Annotated[float, Range(0, 1000), "Hard and soft: L2 penalty on the biases."] = 3.0

    def run(self, train: Ratings, seed: int = 0) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.run`."""
        rng = np.random.default_rng(seed)
        if self.iterate == "once":
            yield from self._once(train, rng)
        else:
            yield from self._iterated(train, rng)

    def _once(self, train: Ratings, rng: np.random.Generator) -> Iterator[Step]:
        matrix = imputed(train, self.imputation)
        V = start(train.n_users, train.n_movies, self.factors, rng)
        before = np.zeros(0, np.float32)
        for iteration in range(_POWER_ITERATIONS):
            svd = matrix.iterate(V)
            V, s = svd.V, svd.s[: self.factors]
            if len(before) and np.abs(s - before).max() <= _SETTLED * s[0]:
                break
            before = s
            yield Step((iteration + 1) / (_POWER_ITERATIONS + 1))
        yield Step(1.0, self._imputed_model(train, svd))

    def _imputed_model(self, train: Ratings, svd: TruncatedSVD) -> Model:
        k = self.factors
        root = np.sqrt(svd.s[:k])
        return Model(
            algorithm=self,
            fold=Projection(svd.s[:k].copy(), self.imputation, movie_means(train), train.mean),
            scale=train.scale,
            mean=0.0,
            movie_bias=np.zeros(train.n_movies, np.float32),
            user_bias=np.zeros(train.n_users, np.float32),
            movie_factors=svd.U[:, :k] * root,
            user_factors=svd.V[:, :k] * root,
            movie_counts=train.by_movie.counts,
        )

    def _iterated(self, train: Ratings, rng: np.random.Generator) -> Iterator[Step]:
        movie_bias, user_bias = fit_biases(train, self.bias_reg)
        base = train.mean + movie_bias[train.movies] + user_bias[train.users]
        residual = train.values - base
        V = start(train.n_users, train.n_movies, self.factors, rng)
        M = np.zeros((train.n_movies, self.factors), np.float32)
        U = np.zeros((train.n_users, self.factors), np.float32)
        for epoch in range(self.epochs):
            error = residual - _products(M, U, train)
            svd = _matrix(train, error, M, U).iterate(V)
            V, k = svd.V, self.factors
            s = svd.s[:k] - (self.reg if self.iterate == "soft" else 0)
            root = np.sqrt(np.maximum(s, 0))
            M = np.zeros_like(M)
            M[:, : len(s)] = svd.U[:, :k] * root
            U = np.zeros_like(U)
            U[:, : len(s)] = svd.V[:, :k] * root
            model = self._biased_model(train, movie_bias, user_bias, M, U)
            last = epoch + 1 == self.epochs
            yield Step((epoch + 1) / self.epochs, model.refolded(train) if last else model)

    def _biased_model(
        self, train: Ratings, movie_bias: Floats, user_bias: Floats, M: Floats, U: Floats
    ) -> Model:
        reg = self.reg if self.iterate == "soft" else 0.0
        return Model(
            algorithm=self,
            fold=Ridge(Penalty(reg, 0.0, bias_reg=self.bias_reg)),
            scale=train.scale,
            mean=train.mean,
            movie_bias=movie_bias,
            user_bias=user_bias,
            movie_factors=M,
            user_factors=U,
            movie_counts=train.by_movie.counts,
        )


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
    """(n_movies,) stars"""
    mean: float
    has_bias: bool = False

    def equations(self, model: Model, movies: Ids, values: Floats) -> Equations:
        r"""Return $S w = X^\top y + p$ for the ratings and the filling."""
        M = model.movie_factors
        X, y, prior = M[movies], values, np.zeros(M.shape[1], np.float32)
        if self.imputation == "movie mean":
            y, prior = values - self.movie_means[movies], M.T @ self.movie_means
        elif self.imputation == "global mean":
            y, prior = values - np.float32(self.mean), M.sum(axis=0) * np.float32(self.mean)
        elif self.imputation == "user mean" and len(movies):
            X = X + (M.sum(axis=0) - X.sum(axis=0)) / len(movies)
        A = np.diag(np.where(self.s > 0, self.s, 1)).astype(np.float32)
        return Equations(A, X, y.astype(np.float32), prior)


def imputed(train: Ratings, imputation: str) -> SparseLowRank:
    """Return the rating matrix (n_movies, n_users) with the unknown filled in."""
    movies = np.ones((train.n_movies, 1), np.float32)
    users = np.ones((train.n_users, 1), np.float32)
    if imputation == "zero":
        filling = (movies * 0, users)
    elif imputation == "global mean":
        filling = (movies * np.float32(train.mean), users)
    elif imputation == "movie mean":
        filling = (movie_means(train)[:, None], users)
    else:
        filling = (movies, _means(train.by_user.counts, train.users, train)[:, None])
    L, R = filling
    return _matrix(train, train.values - _products(L, R, train), L, R)


def movie_means(train: Ratings) -> Floats:
    """Return (n_movies,) mean stars of each movie, the mean of all where it has no ratings."""
    return _means(train.by_movie.counts, train.movies, train)


def _means(counts: Offsets, ids: Ids, train: Ratings) -> Floats:
    sums = np.bincount(ids, train.values, len(counts))
    return np.where(counts > 0, sums / np.maximum(counts, 1), train.mean).astype(np.float32)


def fit_biases(train: Ratings, reg: float, passes: int = 10) -> tuple[Floats, Floats]:
    """Return the movies' and users' biases that ridge regression on the mean's residuals gives."""
    movie_bias = np.zeros(train.n_movies)
    user_bias = np.zeros(train.n_users)
    residual = train.values.astype(np.float64) - train.mean
    for _ in range(passes):
        movie_bias = _shrunk(residual - user_bias[train.users], train.movies, train.n_movies, reg)
        user_bias = _shrunk(residual - movie_bias[train.movies], train.users, train.n_users, reg)
    return movie_bias.astype(np.float32), user_bias.astype(np.float32)


def _shrunk(residual: Doubles, ids: Ids, n: int, reg: float) -> Doubles:
    counts = np.bincount(ids, minlength=n)
    return np.bincount(ids, residual, n) / np.maximum(counts + reg, 1e-9)


def _products(M: Floats, U: Floats, train: Ratings) -> Floats:
    r"""Return (n,) the entries of $M U^\top$ on the known ratings."""
    return np.einsum("ij,ij->i", M[train.movies], U[train.users])


def _matrix(train: Ratings, entries: Floats, L: Floats, R: Floats) -> SparseLowRank:
    entries = entries.astype(np.float32)
    by_movie, by_user = entries[train.by_movie.order], entries[train.by_user.order]
    return SparseLowRank(train, by_movie, by_user, L, R)
