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

`reg` is the most that $\lambda$ may be; where ratings are few it is less (`engine.strength`). Where
even so the factors predict nothing of ratings that are held out for a moment, the model has none,
and says so: it knows biases alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np

from engine.algorithm import Algorithm, Step, stepping
from engine.arrays import Floats
from engine.factorisation import Factorisation, Ridge
from engine.imputation import Imputation, Projection, imputed, movie_means
from engine.iteration import Biases, Imputed, Iteration, fit_biases
from engine.lowrank import TruncatedSVD, start
from engine.parameters import Range
from engine.ratings import Ratings
from engine.rows import Penalty
from engine.stepwise import Work, scaled
from engine.strength import carries, strength

_SETTLED = 1e-5
_ROUNDING = 1e-5
"""Singular values below this part of the largest are rounding, and their vectors anything."""
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
    reg: Annotated[
        float, Range(0, 1000), "Soft: what each singular value loses; less if ratings are few."
    ] = 14.0
    epochs: Annotated[int, Range(1, 1000), "Hard and soft: how often to impute anew."] = 60
    bias_reg: Annotated[float, Range(0, 1000), "Hard and soft: L2 penalty on the biases."] = 3.0

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`."""
        rng = np.random.default_rng(seed)
        if self.iterate == "once":
            yield from self._once(train, rng)
        else:
            yield from self._iterated(train, seed, rng)

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

    def _iterated(self, train: Ratings, seed: int, rng: np.random.Generator) -> Iterator[Step]:
        # Finding biases and strength counts as a pass, and so does folding the users in.
        whole = self.epochs + 2
        biases = yield from stepping(fit_biases(train, self.bias_reg), 0, 0.75 / whole)
        residual = biases.left(train)
        lam = yield from stepping(self._strength(train, residual, seed), 0.75 / whole, 1 / whole)
        iteration = Iteration(train, residual, self.factors, lam or 0.0, rng)
        model = self._biased_model(train, biases, iteration, self._penalty(iteration, 1))
        for epoch in range(1, self.epochs + 1 if lam is not None else 1):
            here, there = epoch / whole, (epoch + 1) / whole
            yield from stepping(iteration.impute(), here, there)
            penalty = self._penalty(iteration, epoch)
            model = self._biased_model(train, biases, iteration, penalty)
            if epoch < self.epochs:
                yield Step(there, model)
        model = yield from stepping(model.refolding(train), (whole - 1) / whole, 1)
        yield Step(1.0, model)

    def _strength(self, train: Ratings, residual: Floats, seed: int) -> Work[float | None]:
        """Return what each singular value loses; None where factors predict nothing."""
        if self.iterate == "hard":
            return 0.0
        rng = np.random.default_rng((seed, 1))
        lam = yield from scaled(strength(train, residual, self.reg, rng), 0, 0.5)
        if lam == self.reg:
            return lam
        found = carries(train, self.factors, self.reg, self.bias_reg, seed)
        return lam if (yield from scaled(found, 0.5, 1)) else None

    def _penalty(self, iteration: Iteration, epoch: int) -> Penalty:
        """Return what the weights of a person cost who joins after so many passes."""
        if self.iterate == "soft":
            return Penalty(iteration.lam, 0.0, bias_reg=self.bias_reg)
        return Imputed(1 / epoch, 0.0, bias_reg=self.bias_reg, s=tuple(iteration.s.tolist()))

    def _biased_model(
        self, train: Ratings, biases: Biases, iteration: Iteration, penalty: Penalty
    ) -> Factorisation:
        # Soft imputation leaves fewer factors than asked for where there is no more to find.
        used = np.flatnonzero((iteration.s > iteration.lam) | (self.iterate == "hard"))
        return Factorisation(
            algorithm=self,
            fold=Ridge(penalty),
            scale=train.scale,
            mean=biases.mean,
            movie_bias=biases.movies,
            user_bias=biases.users,
            movie_factors=iteration.M[:, used],
            user_factors=iteration.U[:, used],
            movie_counts=train.by_movie.counts,
        )
