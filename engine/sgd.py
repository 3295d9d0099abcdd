r"""Stochastic gradient descent, with and without biases.

One rating at a time (Koren, Bell & Volinsky 2009, doi:10.1109/MC.2009.263), with the error
$e = r_{ij} - \hat r_{ij}$ and the learning rate $\eta$:

$$M_i \leftarrow M_i + \eta (e\, U_j - \lambda M_i), \qquad
  U_j \leftarrow U_j + \eta (e\, M_i - \lambda U_j),$$
$$b_i \leftarrow b_i + \eta (e - \lambda_b b_i), \qquad
  b_j \leftarrow b_j + \eta (e - \lambda_b b_j).$$

The ratings are taken in batches that hold no user and no movie twice (`engine.colouring`), so
every update sees all those before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine.algorithm import Algorithm, Step
from engine.arrays import Floats
from engine.colouring import Batches, conflict_free
from engine.model import Model, Ridge
from engine.parameters import Range
from engine.ratings import Ratings
from engine.rows import Penalty

_BETWEEN_STEPS = 1 << 15
"""About so many ratings are learned between two steps."""


@dataclass(frozen=True)
class SGD(Algorithm):
    """Stochastic gradient descent on the factors and, if wanted, the biases."""

    title: ClassVar[str] = "SGD"
    summary: ClassVar[str] = (
        "Looks at one rating after another and nudges its film and its viewer towards it."
    )

    factors: Annotated[
        int, Range(1, 500), "Rank: how many hidden traits describe a film and a viewer."
    ] = 50
    reg: Annotated[float, Range(0, 10), "L2 penalty on both factor matrices, at each update."] = 0.1
    epochs: Annotated[int, Range(1, 1000), "Passes over all ratings."] = 40
    learning_rate: Annotated[float, Range(1e-6, 1), "How far each rating moves its factors."] = 0.02
    decay: Annotated[
        float, Range(0.1, 1), "What the learning rate is multiplied by after each pass."
    ] = 0.95
    biases: Annotated[bool, "Give each film and each viewer a level of their own."] = True
    bias_reg: Annotated[float, Range(0, 10), "L2 penalty on the biases."] = 0.02
    nonnegative: Annotated[bool, "Keep all factors at zero or above."] = False

    def run(self, train: Ratings, seed: int = 0) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.run`."""
        rng = np.random.default_rng(seed)
        state = _State(self, train, rng)
        chunks: list[Batches] = []
        for chunk in conflict_free(train, rng):
            chunks.append(chunk)
            yield Step(0.0)
        for epoch in range(self.epochs):
            eta = self.learning_rate * self.decay**epoch
            for done in state.learn(chunks, eta, rng):
                yield Step((epoch + done) / self.epochs)
            model = state.model(train)
            last = epoch + 1 == self.epochs
            yield Step((epoch + 1) / self.epochs, model.refolded(train) if last else model)


class _State:
    """Factors and biases side by side: M holds (M_i, b_i, 1), U holds (U_j, 1, b_j)."""

    def __init__(self, algorithm: SGD, train: Ratings, rng: np.random.Generator) -> None:
        self.algorithm = algorithm
        k = algorithm.factors
        self.mean = np.float32(train.mean if algorithm.biases else 0)
        level = 0.0 if algorithm.biases else np.sqrt(max(train.mean, 0) / k)
        self.M = _start(train.n_movies, k, level, algorithm, rng)
        self.U = _start(train.n_users, k, level, algorithm, rng)
        if algorithm.biases:
            self.M[:, k + 1] = 1
            self.U[:, k] = 1

    def learn(self, chunks: list[Batches], eta: float, rng: np.random.Generator) -> Iterator[float]:
        """Pass over all batches once, in random order; yield the share that is done."""
        total, done, told = sum(len(chunk.values) for chunk in chunks), 0, 0
        for chunk in chunks:
            starts = chunk.starts.tolist()
            update = self._updater(chunk, eta)
            for batch in rng.permutation(len(starts) - 1).tolist():
                first, last = starts[batch], starts[batch + 1]
                update(first, last)
                done += last - first
                if done - told > _BETWEEN_STEPS:
                    told = done
                    yield done / total

    def _updater(self, chunk: Batches, eta: float):
        a, M, U = self.algorithm, self.M, self.U
        k, c = a.factors, M.shape[1]
        users, movies, values = chunk.users, chunk.movies, chunk.values - self.mean
        size = int(np.diff(chunk.starts).max())
        m_, u_, g_ = (np.empty((size, c), np.float32) for _ in range(3))
        eta = np.float32(eta)
        keep = np.full(c, 1 - eta * a.reg, np.float32)
        keep[k:] = 1 - eta * a.bias_reg
        take, multiply, add, einsum = np.take, np.multiply, np.add, np.einsum
        nonnegative, biases = a.nonnegative, a.biases

        def update(first: int, last: int) -> None:
            n = last - first
            i, j = movies[first:last], users[first:last]
            m, u, g = m_[:n], u_[:n], g_[:n]
            take(M, i, 0, m, "clip")
            take(U, j, 0, u, "clip")
            e = values[first:last] - einsum("ij,ij->i", m, u)
            e *= eta
            e = e[:, None]
            multiply(u, e, g)
            multiply(m, e, e_m := m_2[:n])
            m *= keep
            m += g
            u *= keep
            u += e_m
            if biases:
                m[:, k + 1] = 1
                u[:, k] = 1
            if nonnegative:
                np.maximum(m[:, :k], 0, out=m[:, :k])
                np.maximum(u[:, :k], 0, out=u[:, :k])
            M[i] = m
            U[j] = u

        m_2 = np.empty((size, c), np.float32)
        return update

    def model(self, train: Ratings) -> Model:
        a = self.algorithm
        k = a.factors
        zero = np.zeros
        return Model(
            algorithm=a,
            fold=Ridge(
                Penalty(a.reg, 1.0, a.nonnegative, a.bias_reg if a.biases else None)
            ),
            scale=train.scale,
            mean=float(self.mean),
            movie_bias=self.M[:, k].copy() if a.biases else zero(train.n_movies, np.float32),
            user_bias=self.U[:, k + 1].copy() if a.biases else zero(train.n_users, np.float32),
            movie_factors=self.M[:, :k].copy(),
            user_factors=self.U[:, :k].copy(),
            movie_counts=train.by_movie.counts,
        )


def _start(n: int, k: int, level: float, algorithm: SGD, rng: np.random.Generator) -> Floats:
    start = np.zeros((n, k + 2 * algorithm.biases), np.float32)
    noise = rng.normal(0, 0.1, (n, k))
    start[:, :k] = level + (np.abs(noise) if algorithm.nonnegative else noise)
    return start
