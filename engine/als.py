r"""Alternating least squares, plain and non-negative.

With movie factors $M$, user factors $U$, biases $b$ and known ratings $\kappa$, minimise

$$\sum_{(i,j) \in \kappa} (r_{ij} - \mu - b_i - b_j - M_i^\top U_j)^2
  + \lambda \sum_i n_i^p \|M_i\|^2 + \lambda \sum_j n_j^p \|U_j\|^2 + \text{the same for } b$$

by solving, in turn, for every movie with the users frozen and for every user with the movies
frozen: each solution is exact, so the objective never rises. p = 1 is the weighted regularisation
of Zhou et al. 2008 (doi:10.1007/978-3-540-68880-8_32). With $M, U \ge 0$ each row is a
non-negative least squares problem, solved as in `engine.nnls`; the biases stay free of sign.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine.algorithm import Algorithm, Step
from engine.arrays import Doubles, Floats, Mask
from engine.factorisation import Factorisation, Ridge
from engine.parameters import Range
from engine.ratings import Grouped, Ratings
from engine.rows import Penalty, solve_rows
from engine.stacks import Kept
from engine.stepwise import Work

START = 0.1
"""Spread of the factors before the first pass, beside biases or where they may be negative."""


@dataclass(frozen=True)
class ALS(Algorithm):
    """Alternating least squares; with `nonnegative`, NNLS-ALS."""

    title: ClassVar[str] = "ALS"
    summary: ClassVar[str] = (
        "Solves for all films with the viewers held still, then for all viewers with the films "
        "held still, and so on: each half is exact."
    )

    factors: Annotated[
        int, Range(1, 500), "Rank: how many hidden traits describe a film and a viewer."
    ] = 32
    reg: Annotated[float, Range(0, 100), "L2 penalty on both factor matrices."] = 1.2
    epochs: Annotated[int, Range(1, 1000), "Passes over all ratings."] = 15
    nonnegative: Annotated[bool, "Keep all factors at zero or above (NNLS-ALS)."] = False
    biases: Annotated[bool, "Give each film and each viewer a level of their own."] = True
    bias_reg: Annotated[float, Range(0, 100), "L2 penalty on the biases."] = 0.7
    weighting: Annotated[
        float,
        Range(0, 1),
        "How the penalty grows with a row's ratings: 0 plain, 1 by their count (ALS-WR).",
    ] = 0.5

    @property
    def penalty(self) -> Penalty:
        """What a row costs."""
        bias_reg = self.bias_reg if self.biases else None
        return Penalty(self.reg, self.weighting, self.nonnegative, bias_reg)

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`."""
        rng = np.random.default_rng(seed)
        mean = train.mean if self.biases else 0.0
        spread = self._spread(train)
        movies = _Side(train.by_movie, self, rng.normal(0, spread, (train.n_movies, self.factors)))
        users = _Side(train.by_user, self, rng.normal(0, spread, (train.n_users, self.factors)))
        for epoch in range(self.epochs):
            for half, (side, other) in enumerate([(movies, users), (users, movies)]):
                for done in side.solve(other, mean):
                    yield Step((epoch + (half + done) / 2) / self.epochs)
            yield Step((epoch + 1) / self.epochs, self._model(train, mean, movies, users))

    def _spread(self, train: Ratings) -> float:
        r"""Return the spread of the factors before the first pass.

        Non-negative factors without biases have to reach the stars alone. The product of two rows
        of $|N(0, s^2)|$ is $2 k s^2 / \pi$ on average, which is set to the mean.
        """
        if self.biases or not self.nonnegative or train.mean <= 0:
            return START
        return math.sqrt(math.pi * train.mean / (2 * self.factors))

    def _model(self, train: Ratings, mean: float, movies: _Side, users: _Side) -> Factorisation:
        return Factorisation(
            algorithm=self,
            fold=Ridge(self.penalty),
            scale=train.scale,
            mean=mean,
            movie_bias=movies.bias.copy(),
            user_bias=users.bias.copy(),
            movie_factors=movies.factors.copy(),
            user_factors=users.factors.copy(),
            movie_counts=train.by_movie.counts,
        )


class _Side:
    """The movies or the users: their weights, a bias last where there is one."""

    def __init__(self, grouped: Grouped, algorithm: ALS, start: Doubles) -> None:
        self.grouped = grouped
        self.penalty = algorithm.penalty
        self.k = algorithm.factors
        self.kept: Kept = {}
        c = self.k + algorithm.biases
        self.weights = np.zeros((grouped.n_rows, c), np.float32)
        self.weights[:, : self.k] = np.abs(start) if algorithm.nonnegative else start
        self.passive: Mask | None = None
        if algorithm.nonnegative:
            self.passive = np.ones((grouped.n_rows, c), bool)

    @property
    def factors(self) -> Floats:
        return self.weights[:, : self.k]

    @property
    def bias(self) -> Floats:
        if self.penalty.bias_reg is None:
            return np.zeros(len(self.weights), np.float32)
        return self.weights[:, -1]

    def solve(self, other: _Side, mean: float) -> Work[None]:
        """Solve for all rows with `other` frozen."""
        biased = self.penalty.bias_reg is not None
        for solved in solve_rows(
            self.grouped,
            other.factors,
            None,
            self.penalty,
            self.passive,
            self.kept,
            level=mean + other.bias if biased else None,
            intercept=biased,
            start=self.weights,
        ):
            self.weights[solved.rows] = solved.w
            if self.passive is not None and solved.passive is not None:
                self.passive[solved.rows] = solved.passive
            yield solved.done
