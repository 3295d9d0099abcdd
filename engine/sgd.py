r"""Stochastic gradient descent, with and without biases.

One rating at a time (Koren, Bell & Volinsky 2009, doi:10.1109/MC.2009.263), with the error
$e = r_{ij} - \hat r_{ij}$ and the learning rate $\eta$:

$$M_i \leftarrow M_i + \eta (e\, U_j - \lambda n_i^{p-1} M_i), \qquad
  U_j \leftarrow U_j + \eta (e\, M_i - \lambda n_j^{p-1} U_j),$$
$$b_i \leftarrow b_i + \eta (e - \lambda_b n_i^{p-1} b_i), \qquad
  b_j \leftarrow b_j + \eta (e - \lambda_b n_j^{p-1} b_j).$$

A row's penalty is shared out over its n ratings, so that a pass minimises the same objective as
ALS, with the same p: at 1 every update shrinks alike, as in the usual form; at 0 a row pays once.

The ratings are taken in batches that hold no user and no movie twice (`engine.colouring`), so
every update sees all those before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine.algorithm import Algorithm, Step, stepping
from engine.arrays import Doubles, Floats, Ids
from engine.colouring import Batches, conflict_free
from engine.factorisation import Factorisation, Ridge
from engine.parameters import Range
from engine.ratings import Grouped, Ratings
from engine.rows import Penalty

_BETWEEN_STEPS = 1 << 15
"""About so many ratings are learned between two steps."""
_LEAST_KEPT = 1e-9


@dataclass(frozen=True)
class SGD(Algorithm):
    """Stochastic gradient descent on the factors and, if wanted, the biases."""

    title: ClassVar[str] = "SGD"
    summary: ClassVar[str] = (
        "Looks at one rating after another and nudges its film and its viewer towards it."
    )

    factors: Annotated[
        int, Range(1, 500), "Rank: how many hidden traits describe a film and a viewer."
    ] = 96
    reg: Annotated[float, Range(0, 100), "L2 penalty on both factor matrices."] = 1.2
    epochs: Annotated[int, Range(1, 1000), "Passes over all ratings."] = 40
    learning_rate: Annotated[float, Range(1e-6, 1), "How far each rating moves its factors."] = 0.03
    decay: Annotated[
        float, Range(0.1, 1), "What the learning rate is multiplied by after each pass."
    ] = 0.95
    biases: Annotated[bool, "Give each film and each viewer a level of their own."] = True
    bias_reg: Annotated[float, Range(0, 100), "L2 penalty on the biases."] = 0.4
    weighting: Annotated[
        float,
        Range(0, 1),
        "How the penalty grows with a row's ratings: 0 plain, 1 the same at every update.",
    ] = 0.5
    nonnegative: Annotated[bool, "Keep all factors at zero or above."] = False

    @property
    def penalty(self) -> Penalty:
        """What a row costs."""
        bias_reg = self.bias_reg if self.biases else None
        return Penalty(self.reg, self.weighting, self.nonnegative, bias_reg)

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`."""
        rng = np.random.default_rng(seed)
        descent = _Descent(self, train, rng)
        whole = self.epochs + 1  # dealing the ratings out counts as a pass
        chunks = yield from stepping(conflict_free(train, rng), 0, 1 / whole)
        for epoch in range(1, self.epochs + 1):
            eta = self.learning_rate * self.decay ** (epoch - 1)
            done = 0
            for chunk in chunks:
                for learned in descent.learn(chunk, eta, rng):
                    yield Step((epoch + (done + learned) / len(train)) / whole)
                done += len(chunk.values)
            yield Step((epoch + 1) / whole, descent.model(train))


class _Descent:
    """The movies as rows (M_i, b_i, 1) and the users as rows (U_j, 1, b_j).

    One product of such rows is the whole prediction, and one update moves factors and bias
    together. Without biases the rows are the factors alone.
    """

    def __init__(self, algorithm: SGD, train: Ratings, rng: np.random.Generator) -> None:
        self.algorithm = algorithm
        self.mean = train.mean if algorithm.biases else 0.0
        level = 0.0 if algorithm.biases else np.sqrt(max(train.mean, 0) / algorithm.factors)
        self.movies = _Rows(algorithm, train.by_movie, algorithm.factors, level, rng)
        self.users = _Rows(algorithm, train.by_user, algorithm.factors + 1, level, rng)

    def learn(self, batches: Batches, eta: float, rng: np.random.Generator) -> Iterator[int]:
        """Learn from every batch once, in random order; yield how many ratings are done."""
        movies = _Updates(self.movies, batches, batches.movies, eta)
        users = _Updates(self.users, batches, batches.users, eta)
        values = (batches.values - self.mean).astype(np.float32)
        starts = batches.starts.tolist()
        step = np.float32(eta)
        done = told = 0
        for batch in rng.permutation(len(starts) - 1).tolist():
            first, last = starts[batch], starts[batch + 1]
            m, u = movies.gather(first, last), users.gather(first, last)
            e = values[first:last] - np.einsum("ij,ij->i", m, u)
            e *= step
            towards_u, towards_m = movies.scaled(u, e), users.scaled(m, e)
            movies.scatter(m, towards_u)
            users.scatter(u, towards_m)
            done += last - first
            if done - told > _BETWEEN_STEPS:
                told = done
                yield done

    def model(self, train: Ratings) -> Factorisation:
        """Return the model of this moment."""
        return Factorisation(
            algorithm=self.algorithm,
            fold=Ridge(self.algorithm.penalty),
            scale=train.scale,
            mean=self.mean,
            movie_bias=self.movies.bias,
            user_bias=self.users.bias,
            movie_factors=self.movies.factors,
            user_factors=self.users.factors,
            movie_counts=train.by_movie.counts,
        )


class _Rows:
    """One side's rows: factors, then the bias at column `own` and a constant 1 at `one`."""

    def __init__(
        self, algorithm: SGD, grouped: Grouped, own: int, level: float, rng: np.random.Generator
    ) -> None:
        k = self.k = algorithm.factors
        self.own, self.one = own, 2 * k + 1 - own
        self.biases, self.nonnegative = algorithm.biases, algorithm.nonnegative
        noise = rng.normal(0, 0.1, (grouped.n_rows, k))
        self.weights = np.zeros((grouped.n_rows, k + 2 * self.biases), np.float32)
        self.weights[:, :k] = level + (np.abs(noise) if self.nonnegative else noise)
        if self.biases:
            self.weights[:, self.one] = 1
        shared = np.maximum(grouped.counts, 1) ** (algorithm.weighting - 1.0)
        self.reg: Doubles = algorithm.reg * shared
        """(n_rows,) the part of a row's penalty that each of its ratings pays."""
        self.bias_reg: Doubles = algorithm.bias_reg * shared

    @property
    def factors(self) -> Floats:
        return self.weights[:, : self.k].copy()

    @property
    def bias(self) -> Floats:
        if not self.biases:
            return np.zeros(len(self.weights), np.float32)
        return self.weights[:, self.own].copy()


class _Updates:
    """Moves of one side's rows for a chunk of batches at one learning rate, in reused memory."""

    def __init__(self, rows: _Rows, batches: Batches, ids: Ids, eta: float) -> None:
        self.rows, self.weights, self.ids = rows, rows.weights, ids
        kept = 1 - eta * rows.reg
        kept[np.abs(kept) < _LEAST_KEPT] = _LEAST_KEPT  # the biases are divided by it
        self.keep = kept.astype(np.float32)[ids][:, None]
        self.bias_keep = ((1 - eta * rows.bias_reg) / kept).astype(np.float32)[ids]
        largest = int(np.diff(batches.starts).max())
        shape = (largest, rows.weights.shape[1])
        self.gathered, self.moves = np.empty(shape, np.float32), np.empty(shape, np.float32)

    def gather(self, first: int, last: int) -> Floats:
        """Return a copy of the rows of these ratings."""
        self.part = slice(first, last)
        out = self.gathered[: last - first]
        return self.weights.take(self.ids[self.part], 0, out=out, mode="clip")

    def scaled(self, others: Floats, e: Floats) -> Floats:
        """Return the other side's rows, each times its step and error."""
        return np.multiply(others, e[:, None], self.moves[: len(e)])

    def scatter(self, w: Floats, moves: Floats) -> None:
        """Shrink the rows, move them, and put them back."""
        rows, part = self.rows, self.part
        w *= self.keep[part]
        if rows.biases:
            w[:, rows.own] *= self.bias_keep[part]
        w += moves
        if rows.biases:
            w[:, rows.one] = 1
        if rows.nonnegative:
            factors = w[:, : rows.k]
            np.maximum(factors, 0, out=factors)
        self.weights[self.ids[part]] = w
