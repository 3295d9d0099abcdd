r"""Non-negative matrix factorisation by multiplicative updates on the known ratings.

Minimise over the known ratings $\kappa$, with $M, U \ge 0$,

$$\sum_{(i,j) \in \kappa} \bigl[(r_{ij} - M_i^\top U_j)^2 + \lambda (\|M_i\|^2 + \|U_j\|^2)\bigr].$$

Lee & Seung's rule (2001, "Algorithms for non-negative matrix factorization"), restricted to the
known ratings, multiplies each factor by a ratio that is 1 at a minimum and never raises the loss:

$$M_{ik} \leftarrow M_{ik}
  \frac{\sum_{j \in M_{i*}} U_{jk} r_{ij}}
       {\sum_{j \in M_{i*}} U_{jk} \hat r_{ij} + \lambda |M_{i*}| M_{ik}},$$

and likewise for U, in turn. The sum in the denominator is $(A_i M_i)_k$ with the normal equations'
$A_i = \sum_j U_j U_j^\top$, so the predictions $\hat r$ are never formed, and further updates of
the same row cost next to nothing (Gillis & Glineur 2012, doi:10.1162/NECO_a_00256).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine.algorithm import Algorithm, Step
from engine.arrays import Floats
from engine.errors import InvalidRatings
from engine.model import Model, Ridge
from engine.parameters import Range
from engine.ratings import Grouped, Ratings
from engine.rows import Penalty, blocks, normal_equations
from engine.threads import in_parallel

FLOOR = 1e-6
"""No factor falls below: a factor at zero could never rise again."""


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
    reg: Annotated[float, Range(0, 100), "L2 penalty on both, for each rating of a row."] = 0.05
    epochs: Annotated[int, Range(1, 1000), "Passes over all ratings."] = 40
    updates: Annotated[int, Range(1, 20), "Multiplications of a row in each pass."] = 1

    def run(self, train: Ratings, seed: int = 0) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.run`.

        Raises
        ------
        InvalidRatings
            If a rating is negative: sums of non-negative parts cannot reach it.
        """
        if train.scale.low < 0:
            raise InvalidRatings("NMF adds up parts that are never negative, but a rating is.")
        rng = np.random.default_rng(seed)
        M = _start(train.n_movies, self.factors, train.mean, rng)
        U = _start(train.n_users, self.factors, train.mean, rng)
        for epoch in range(self.epochs):
            for half, (grouped, W, X) in enumerate([(train.by_movie, M, U), (train.by_user, U, M)]):
                for done in self._multiply(grouped, W, X):
                    yield Step((epoch + (half + done) / 2) / self.epochs)
            model = self._model(train, M, U)
            last = epoch + 1 == self.epochs
            yield Step((epoch + 1) / self.epochs, model.refolded(train) if last else model)

    def _multiply(self, grouped: Grouped, W: Floats, X: Floats) -> Iterator[float]:
        """Update every row of W in place with X frozen; yield the share that is done."""

        def task(rows: slice) -> tuple[slice, Floats]:
            A, b = normal_equations(grouped, X, grouped.values, rows)
            return rows, self.updated(W[rows], A, b, grouped.counts[rows])

        for rows, w in in_parallel(task, blocks(grouped)):
            W[rows] = w
            yield rows.stop / grouped.n_rows

    def updated(self, w: Floats, A: Floats, b: Floats, counts: Floats) -> Floats:
        """Return the rows `w` (n, factors) after the multiplicative updates.

        Parameters
        ----------
        w : (n, factors) positive
        A, b : (n, factors, factors) and (n, factors), the rows' normal equations
        counts : (n,) ratings of each row
        """
        penalty = (self.reg * counts[:, None]).astype(np.float32)
        for _ in range(self.updates):
            denominator = (A @ w[:, :, None])[:, :, 0] + penalty * w
            w = np.maximum(w * b / np.maximum(denominator, FLOOR), FLOOR)
        return w

    def _model(self, train: Ratings, M: Floats, U: Floats) -> Model:
        return Model(
            algorithm=self,
            fold=Ridge(Penalty(self.reg, weighting=1.0, nonnegative=True)),
            scale=train.scale,
            mean=0.0,
            movie_bias=np.zeros(train.n_movies, np.float32),
            user_bias=np.zeros(train.n_users, np.float32),
            movie_factors=M.copy(),
            user_factors=U.copy(),
            movie_counts=train.by_movie.counts,
        )


def _start(n: int, k: int, mean: float, rng: np.random.Generator) -> Floats:
    """Return factors (n, k) whose products lie around the mean of the ratings."""
    return (np.sqrt(max(mean, FLOOR) / k) * rng.uniform(0.5, 1.5, (n, k))).astype(np.float32)
