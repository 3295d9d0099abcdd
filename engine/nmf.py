r"""Non-negative matrix factorisation by multiplicative updates on the known ratings.

Minimise over the known ratings $\kappa$, with $M, U \ge 0$,

$$\sum_{(i,j) \in \kappa} (r_{ij} - M_i^\top U_j)^2
  + \lambda \sum_i n_i^p \|M_i\|^2 + \lambda \sum_j n_j^p \|U_j\|^2,$$

where $n_i$ counts the ratings of movie i: p = 1 is the sum over the known ratings of
$\lambda (\|M_i\|^2 + \|U_j\|^2)$. Lee & Seung's rule (2001, "Algorithms for non-negative matrix
factorization"), restricted to the known ratings, multiplies each factor by a ratio that is 1 at a
minimum and never raises the loss:

$$M_{ik} \leftarrow M_{ik}
  \frac{\sum_{j \in M_{i*}} U_{jk} r_{ij}}
       {\sum_{j \in M_{i*}} U_{jk} \hat r_{ij} + \lambda n_i^p M_{ik}},$$

and likewise for U, in turn. The sum in the denominator is $(A_i M_i)_k$ with the normal equations'
$A_i = \sum_j U_j U_j^\top$, so the predictions $\hat r$ are never formed, and further updates of
the same row cost next to nothing (Gillis & Glineur 2012, doi:10.1162/NECO_a_00256).

With biases, each side gains a column that the other side holds at 1, as non-negative as the rest:
$\hat r_{ij} = M_i^\top U_j + b_i + b_j$. A bias is drawn not to zero but to its even share of the
mean, $\lambda_b n_i^p (b_i - \beta)^2$, which adds $\lambda_b n_i^p \beta$ to its numerator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine.algorithm import Algorithm, Step
from engine.arrays import Floats, Offsets
from engine.factorisation import Factorisation, Ridge
from engine.parameters import Range
from engine.ratings import Grouped, Ratings
from engine.rows import Penalty
from engine.solving import times
from engine.stacks import Batch, Kept, Sums
from engine.threads import in_parallel

FLOOR = 1e-6
"""No factor falls below: a factor at zero could never rise again."""
_BIASES_SHARE = 0.95
"""How much of the mean the biases start with; the factors draw the rest."""


@dataclass(frozen=True)
class NMF(Algorithm):
    """Non-negative matrix factorisation by multiplicative updates."""

    title: ClassVar[str] = "NMF"
    summary: ClassVar[str] = (
        "Builds every rating from traits that only ever add up; each pass multiplies them a "
        "little closer."
    )

    factors: Annotated[
        int, Range(1, 500), "Rank: how many hidden traits describe a film and a viewer."
    ] = 40
    reg: Annotated[float, Range(0, 100), "L2 penalty on both factor matrices."] = 0.8
    epochs: Annotated[int, Range(1, 1000), "Passes over all ratings."] = 50
    updates: Annotated[int, Range(1, 50), "Multiplications of each row in a pass."] = 10
    biases: Annotated[bool, "Give each film and each viewer a level of their own, at least 0."] = (
        True
    )
    bias_reg: Annotated[float, Range(0, 100), "L2 penalty on the biases."] = 1.0
    weighting: Annotated[
        float,
        Range(0, 1),
        "How the penalty grows with a row's ratings: 0 plain, 1 by their count.",
    ] = 0.5

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`, none of whose ratings is negative; see `Algorithm.learn`."""
        rng = np.random.default_rng(seed)
        movies = _Side(self, train.by_movie, train.mean, self.factors, rng)
        users = _Side(self, train.by_user, train.mean, self.factors + 1, rng)
        for epoch in range(self.epochs):
            for half, (side, other) in enumerate([(movies, users), (users, movies)]):
                for done in side.multiply(other.weights):
                    yield Step((epoch + (half + done) / 2) / self.epochs)
            yield Step((epoch + 1) / self.epochs, self._model(train, movies, users))

    def _model(self, train: Ratings, movies: _Side, users: _Side) -> Factorisation:
        bias_reg = self.bias_reg if self.biases else None
        return Factorisation(
            algorithm=self,
            fold=Ridge(Penalty(self.reg, self.weighting, nonnegative=True, bias_reg=bias_reg)),
            scale=train.scale,
            mean=2 * movies.level,
            movie_bias=movies.bias,
            user_bias=users.bias,
            movie_factors=movies.factors,
            user_factors=users.factors,
            movie_counts=train.by_movie.counts,
        )


class _Side:
    """The movies, as rows (M_i, b_i, 1), or the users, as rows (U_j, 1, b_j).

    Without biases the rows are the factors alone.
    """

    def __init__(
        self, algorithm: NMF, grouped: Grouped, mean: float, own: int, rng: np.random.Generator
    ) -> None:
        self.algorithm, self.grouped = algorithm, grouped
        self.own = own
        """The column of this side's bias."""
        self.kept: Kept = {}
        self.level = _BIASES_SHARE * mean / 2 if algorithm.biases else 0.0
        """What the biases are drawn to, in stars."""
        k = algorithm.factors
        rest = max(mean - 2 * self.level, FLOOR)
        spread = rng.uniform(0, 2, (grouped.n_rows, k))
        self.weights = np.ones((grouped.n_rows, k + 2 * algorithm.biases), np.float32)
        self.weights[:, :k] = np.maximum(np.sqrt(rest / k) * spread, FLOOR)
        if algorithm.biases:
            self.weights[:, own] = max(self.level, FLOOR)
        # Where nothing is rated only the penalties count, and an update would lead here.
        unrated = grouped.counts == 0
        self.weights[unrated, :k] = FLOOR
        if algorithm.biases and not algorithm.bias_reg:
            self.weights[unrated, own] = FLOOR
        n = np.maximum(grouped.counts, 1)[:, None] ** algorithm.weighting
        self.penalty = np.full((1, k + 2 * algorithm.biases), algorithm.reg)
        self.penalty[:, k:] = algorithm.bias_reg
        self.penalty = (n * self.penalty).astype(np.float32)

    @property
    def factors(self) -> Floats:
        return self.weights[:, : self.algorithm.factors].copy()

    @property
    def bias(self) -> Floats:
        if not self.algorithm.biases:
            return np.zeros(len(self.weights), np.float32)
        return self.weights[:, self.own] - np.float32(self.level)

    def multiply(self, X: Floats) -> Iterator[float]:
        """Update every row with the other side's rows `X` frozen; yield the share that is done."""
        sums = Sums(self.grouped, X, kept=self.kept)
        done = 0

        def task(batch: Batch) -> tuple[Offsets, Floats]:
            rows = np.concatenate(batch)
            return rows, self._updated(self.weights[rows], *sums.of(batch), self.penalty[rows])

        for rows, w in in_parallel(task, sums.batches()):
            self.weights[rows] = w
            done += int(self.grouped.counts[rows].sum())
            yield done / len(self.grouped.others)

    def _updated(self, w: Floats, A: Floats, b: Floats, penalty: Floats) -> Floats:
        if not self.algorithm.biases:
            return multiplied(w, A, b, penalty, self.algorithm.updates)
        numerator = b.copy()
        numerator[:, self.own] += penalty[:, self.own] * np.float32(self.level)
        one = 2 * self.algorithm.factors + 1 - self.own
        for _ in range(self.algorithm.updates):
            w = multiplied(w, A, numerator, penalty, 1)
            w[:, one] = 1
        return w


def multiplied(w: Floats, A: Floats, b: Floats, penalty: Floats, updates: int) -> Floats:
    """Return the rows `w` after so many multiplicative updates.

    Parameters
    ----------
    w : (n, c) positive
    A, b : (n, c, c) and (n, c), the rows' normal equations
    penalty : (n, c)
    updates : how many
    """
    for _ in range(updates):
        denominator = times(A, w) + penalty * w
        w = np.maximum(w * b / np.maximum(denominator, FLOOR**2), FLOOR)
    return w
