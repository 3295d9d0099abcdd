r"""Alternating least squares on who rated what, with every unknown pair counting a little.

A user's preference $p_{ij}$ for a film is the weight of their rating (`engine.preference`), 1 if
stars are not to count, and 0 where there is none; a rating is trusted $1 + \alpha$ times as much as
an unknown pair. With movie factors $M$ and user factors $U$, minimise

$$\sum_{i,j} c_{ij} (p_{ij} - M_i^\top U_j)^2 + \sum_i \lambda_i \|M_i\|^2
  + \sum_j \lambda_j \|U_j\|^2, \qquad
  c_{ij} = \begin{cases} 1 + \alpha & \text{rated} \\ 1 & \text{else} \end{cases}$$

(Hu, Koren & Volinsky 2008, "Collaborative filtering for implicit feedback datasets",
doi:10.1109/ICDM.2008.22), over all pairs, known and unknown. With the users frozen a movie solves

$$(U^\top U + \alpha \sum_{j \in \Omega_i} U_j U_j^\top + \lambda_i I) M_i
  = (1 + \alpha) \sum_{j \in \Omega_i} p_{ij} U_j,$$

where $U^\top U$ is the same for all movies and the sum runs over the known ratings alone. A row is
penalised by what it is fitted to,

$$\lambda_i = \lambda \left(\frac{\alpha n_i + N}{\alpha \bar n + N}\right)^p,$$

with $n_i$ ratings, $\bar n$ on average, among N of the other side: p = 0 is the plain penalty, and
p = 1 weighs it in proportion (Rendle et al. 2021, "Revisiting the performance of
iALS on item recommendation benchmarks", arXiv:2110.14037).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine import preference
from engine.algorithm import Algorithm, Step
from engine.arrays import Floats, Offsets
from engine.factorisation import Factorisation
from engine.newcomer import Newcomer
from engine.parameters import Feedback, Range
from engine.products import square
from engine.ratings import Grouped, Ratings
from engine.rows import Penalty, solve_rows
from engine.stacks import Kept
from engine.stepwise import Work
from engine.stored import stored

START = 0.1
"""Spread of the factors before the first pass."""


@dataclass(frozen=True)
class ImplicitALS(Algorithm):
    """Alternating least squares on who rated what."""

    title: ClassVar[str] = "Implicit ALS"
    summary: ClassVar[str] = (
        "Learns from who rated what: films and viewers get traits that agree where there is a "
        "rating and do not where there is none."
    )
    feedback: ClassVar[Feedback] = "implicit"

    factors: Annotated[
        int, Range(1, 500), "Rank: how many hidden traits describe a film and a viewer."
    ] = 64
    alpha: Annotated[
        float, Range(0.001, 1000), "How much more a rating counts than a missing one."
    ] = 3.0
    reg: Annotated[float, Range(0, 10000), "L2 penalty on both factor matrices."] = 20.0
    epochs: Annotated[int, Range(1, 1000), "Passes over all ratings."] = 15
    weighting: Annotated[
        float,
        Range(0, 1),
        "How the penalty grows with what a row is fitted to: 0 plain, 1 in proportion.",
    ] = 0.5
    liking: Annotated[
        float, Range(0, 1), "How much less a film counts the fewer stars it got: 0 not at all."
    ] = 0.9

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`."""
        rng = np.random.default_rng(seed)
        movies = _Side(train, train.by_movie, self, rng)
        users = _Side(train, train.by_user, self, rng)
        for epoch in range(self.epochs):
            for half, (side, other) in enumerate([(movies, users), (users, movies)]):
                for done in side.solve(other.factors):
                    yield Step((epoch + (half + done) / 2) / self.epochs)
            yield Step((epoch + 1) / self.epochs, self._model(train, movies, users))

    def _model(self, train: Ratings, movies: _Side, users: _Side) -> Factorisation:
        M, U = movies.factors.copy(), users.factors.copy()
        return Factorisation(
            algorithm=self,
            scale=train.scale,
            movie_counts=train.by_movie.counts,
            fold=Newcomer.among(train, U, M, self.alpha, self.liking),
            mean=0.0,
            movie_bias=np.zeros(train.n_movies, np.float32),
            user_bias=np.zeros(train.n_users, np.float32),
            movie_factors=M,
            user_factors=U,
        )


@stored
@dataclass(frozen=True)
class FrequencyPenalty(Penalty):
    r"""$\lambda_i$ of a row with so many ratings, as at the top of this file."""

    unknown: float = 0.0
    r"""$N / \alpha$: as many ratings weigh as much as all unknown pairs of a row."""
    typical: float = 1.0
    r"""$\bar n$"""

    def diagonal(self, counts: Offsets, c: int) -> Floats:
        """Return (n, c) the penalties of rows with `counts` ratings and `c` columns."""
        fitted = (counts + self.unknown) / (self.typical + self.unknown)
        lam = self.reg * fitted**self.weighting
        return np.repeat(lam[:, None], c, axis=1).astype(np.float32)


class _Side:
    """The movies or the users."""

    def __init__(
        self, train: Ratings, grouped: Grouped, algorithm: ImplicitALS, rng: np.random.Generator
    ) -> None:
        n_others = train.n_users + train.n_movies - grouped.n_rows
        self.grouped, self.alpha = grouped, algorithm.alpha
        self.penalty = FrequencyPenalty(
            algorithm.reg,
            algorithm.weighting,
            unknown=n_others / algorithm.alpha,
            typical=len(grouped.others) / grouped.n_rows,
        )
        start = rng.normal(0, START, (grouped.n_rows, algorithm.factors))
        self.factors: Floats = start.astype(np.float32)
        self.y = preference.weight(grouped.values, train.scale, algorithm.liking)
        r"""(n,) the target for factors scaled by $\sqrt\alpha$"""
        self.y *= np.float32((1 + algorithm.alpha) / np.sqrt(algorithm.alpha))
        self.kept: Kept = {}

    def solve(self, X: Floats) -> Work[None]:
        r"""Solve for all rows with the other side's factors `X` frozen.

        With $Z = \sqrt\alpha X$ the weighted sums are plain ones, $\sum z z^\top$.
        """
        Z = X * np.float32(np.sqrt(self.alpha))
        solved = solve_rows(
            self.grouped,
            Z,
            self.y,
            self.penalty,
            kept=self.kept,
            shared=square(X),
            start=self.factors,
        )
        for part in solved:
            self.factors[part.rows] = part.w
            yield part.done
