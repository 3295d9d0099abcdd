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
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import numpy as np

from engine.algorithm import Algorithm, Step, stepping
from engine.arrays import Floats, Ids, Offsets, read_only
from engine.factorisation import Equations, Factorisation, Ridge
from engine.lowrank import SparseLowRank, TruncatedSVD, filled, start
from engine.parameters import Range
from engine.ratings import Ratings
from engine.rows import Penalty
from engine.stepwise import Work, chunks
from engine.stored import stored

Imputation = Literal["zero", "global mean", "movie mean", "user mean"]
_SETTLED = 1e-5
_ROUNDING = 1e-5
"""Singular values below this part of the largest are rounding, and their vectors anything."""
_POWER_ITERATIONS = 60
_FIRST_POWER_ITERATIONS = 5
"""From a random start; later imputations go on from the last."""


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

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`."""
        rng = np.random.default_rng(seed)
        if self.iterate == "once":
            yield from self._once(train, rng)
        else:
            yield from self._iterated(train, rng)

    def _once(self, train: Ratings, rng: np.random.Generator) -> Iterator[Step]:
        whole = _POWER_ITERATIONS + 1
        matrix = yield from stepping(imputed(train, self.imputation), 0, 1 / whole)
        V = start(train.n_users, train.n_movies, self.factors, rng)
        before = np.zeros(0, np.float32)
        for iteration in range(1, whole):
            here, there = iteration / whole, (iteration + 1) / whole
            svd = yield from stepping(matrix.iterate(V), here, there)
            V, s = svd.V, svd.s[: self.factors]
            if len(before) and np.abs(s - before).max() <= _SETTLED * s[0]:
                break
            before = s
        yield Step(1.0, self._imputed_model(train, svd))

    def _imputed_model(self, train: Ratings, svd: TruncatedSVD) -> Factorisation:
        k = self.factors
        s = np.where(svd.s > _ROUNDING * svd.s[0], svd.s, 0)[:k].astype(np.float32)
        root = np.sqrt(s)
        return Factorisation(
            algorithm=self,
            fold=Projection(s, self.imputation, movie_means(train), train.mean),
            scale=train.scale,
            mean=0.0,
            movie_bias=np.zeros(train.n_movies, np.float32),
            user_bias=np.zeros(train.n_users, np.float32),
            movie_factors=svd.U[:, :k] * root,
            user_factors=svd.V[:, :k] * root,
            movie_counts=train.by_movie.counts,
        )

    def _iterated(self, train: Ratings, rng: np.random.Generator) -> Iterator[Step]:
        # Finding the biases and folding the users in count as a pass each.
        whole = self.epochs + 2
        biases = yield from stepping(fit_biases(train, self.bias_reg), 0, 1 / whole)
        movie_bias, user_bias = biases
        residual = train.values - (train.mean + movie_bias[train.movies] + user_bias[train.users])
        V = start(train.n_users, train.n_movies, self.factors, rng)
        M = np.zeros((train.n_movies, self.factors), np.float32)
        U = np.zeros((train.n_users, self.factors), np.float32)
        for epoch in range(1, self.epochs + 1):
            here, there = epoch / whole, (epoch + 1) / whole
            middle = (here + there) / 2
            matrix = yield from stepping(filled(train, residual, M, U), here, middle)
            turns = _FIRST_POWER_ITERATIONS if epoch == 1 else 1
            for turn in range(1, turns + 1):
                begun = middle + (there - middle) * (turn - 1) / turns
                ended = middle + (there - middle) * turn / turns
                svd = yield from stepping(matrix.iterate(V), begun, ended)
                V = svd.V
            M, U = self._shrunk(svd)
            penalty = self._penalty(svd, epoch)
            model = self._biased_model(train, movie_bias, user_bias, M, U, penalty)
            if epoch < self.epochs:
                yield Step(there, model)
        model = yield from stepping(model.refolding(train), (whole - 1) / whole, 1)
        yield Step(1.0, model)

    def _shrunk(self, svd: TruncatedSVD) -> tuple[Floats, Floats]:
        """Return the factors (n_movies, factors) and (n_users, factors) of this SVD."""
        k = self.factors
        s = svd.s[:k] - (self.reg if self.iterate == "soft" else 0)
        root = np.sqrt(np.maximum(s, 0))
        M, U = (np.zeros((len(side), k), np.float32) for side in (svd.U, svd.V))
        M[:, : len(s)] = svd.U[:, :k] * root
        U[:, : len(s)] = svd.V[:, :k] * root
        return M, U

    def _penalty(self, svd: TruncatedSVD, epoch: int) -> Penalty:
        """Return what the weights of a person cost who joins after so many passes."""
        if self.iterate == "soft":
            return Penalty(self.reg, 0.0, bias_reg=self.bias_reg)
        s = np.zeros(self.factors)
        s[: len(svd.s)] = svd.s[: self.factors]
        return Imputed(1 / epoch, 0.0, bias_reg=self.bias_reg, s=tuple(s.tolist()))

    def _biased_model(
        self,
        train: Ratings,
        movie_bias: Floats,
        user_bias: Floats,
        M: Floats,
        U: Floats,
        penalty: Penalty,
    ) -> Factorisation:
        return Factorisation(
            algorithm=self,
            fold=Ridge(penalty),
            scale=train.scale,
            mean=train.mean,
            movie_bias=movie_bias,
            user_bias=user_bias,
            movie_factors=M,
            user_factors=U,
            movie_counts=train.by_movie.counts,
        )


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


def fit_biases(train: Ratings, reg: float, passes: int = 10) -> Work[tuple[Floats, Floats]]:
    """Return the movies' and users' biases that ridge regression on the mean's residuals gives."""
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
    movie_bias, user_bias = (bias.astype(np.float32) for bias in biases)
    return movie_bias, user_bias
