r"""EASE: interest as a sum over own films, with weights between films found in closed form.

Let X (n_users, n_movies) hold 1 where a user rated a film and 0 elsewhere. The weights B
(n_movies, n_movies) solve

$$\min_B \|X - X B\|_F^2 + \lambda \|B\|_F^2, \qquad \mathrm{diag}(B) = 0,$$

so that a film is predicted from all others, never from itself. With
$P = (X^\top X + \lambda I)^{-1}$ the solution is

$$B_{ji} = -P_{ji} / P_{ii} \;\; (j \ne i), \qquad B_{ii} = 0$$

(Steck 2019, "Embarrassingly shallow autoencoders for sparse data", arXiv:1905.03375). A person's
interest in film i is $\sum_j x_j B_{ji}$ over their own films j: each adds its weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine.algorithm import Algorithm, Step, stepping
from engine.arrays import Floats, Ids, Offsets, read_only
from engine.memory import Need
from engine.model import Explanation, Model, Person, Viewer, known_movie
from engine.parameters import Feedback, Range
from engine.ratings import Grouped, Ratings
from engine.stepwise import Work, chunks
from engine.stored import stored


@dataclass(frozen=True)
class EASE(Algorithm):
    """Embarrassingly shallow autoencoder: a weight from every film to every other."""

    title: ClassVar[str] = "EASE"
    summary: ClassVar[str] = (
        "Learns from who rated what, in one step, how much having seen one film says for another."
    )
    feedback: ClassVar[Feedback] = "implicit"

    reg: Annotated[
        float, Range(1e-3, 1e6), "L2 penalty on the weights between films; more evens them out."
    ] = 2000.0

    def need(self, train: Ratings) -> Need:
        """Return how much memory a run on `train` takes: a matrix of all pairs of films."""
        return super().need(train)._replace(model=INVERTING * train.n_movies**2)

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`. There is one pass, and no chance in it."""
        G = yield from stepping(gram(train), 0, 0.5)
        B = weights(G, self.reg)
        yield Step(1.0, WeightsModel(self, train.scale, train.by_movie.counts, B, _rated(train)))


@stored
@dataclass(frozen=True, eq=False)
class Histories:
    """Who rated what: user `u` owns the slice `starts[u]:starts[u + 1]`."""

    starts: Offsets
    """(n_users + 1,)"""
    movies: Ids
    """(n,)"""
    values: Floats
    """(n,) stars"""

    def __post_init__(self) -> None:
        read_only(self)

    def row(self, user: int) -> tuple[Ids, Floats]:
        """Return the movies that `user` rated, and the stars."""
        part = slice(self.starts[user], self.starts[user + 1])
        return self.movies[part], self.values[part]


def _rated(train: Ratings) -> Histories:
    grouped: Grouped = train.by_user
    return Histories(grouped.starts, grouped.others, grouped.values)


@dataclass(frozen=True, eq=False, repr=False)
class WeightsModel(Model):
    """Interest as a sum of weights from the films that a person rated."""

    B: Floats
    """(n_movies, n_movies) what having rated the first film adds to the interest in the second"""
    rated: Histories
    """What the training users rated."""

    @property
    def n_users(self) -> int:
        """How many users it was trained on."""
        return len(self.rated.starts) - 1

    def _predict(self, users: Ids, movies: Ids) -> Floats:
        scores = np.empty(len(users), np.float32)
        order = np.argsort(users, kind="stable")
        for same in np.split(order, np.flatnonzero(np.diff(users[order])) + 1):
            if len(same):
                own, _ = self.rated.row(int(users[same[0]]))
                scores[same] = self.B[np.ix_(own, movies[same])].sum(axis=0, dtype=np.float64)
        return scores

    def _predict_all(self, users: Ids) -> Floats:
        rows = [self.interest(*self.rated.row(int(user))) for user in users]
        return np.array(rows, np.float32).reshape(len(users), self.n_movies)

    def interest(self, movies: Ids, values: Floats) -> Floats:
        """Return (n_movies,) the interest of somebody who gave `movies` (n,) these stars."""
        return self.B[movies].sum(axis=0, dtype=np.float64).astype(np.float32)

    def _viewer(self, movies: Ids, values: Floats) -> Viewer:
        return WeightsViewer(self, movies, values)

    def _alike(self, movie: int) -> Floats:
        # The partial correlation, -P_ij / sqrt(P_ii P_jj).
        there, back = self.B[movie], self.B[:, movie]
        alike: Floats = np.sign(there) * np.sqrt(np.maximum(there * back, 0))
        alike[movie] = 1
        return alike


@dataclass(frozen=True, eq=False, repr=False)
class WeightsViewer(Person):
    """A person in a model of weights between films."""

    model: WeightsModel
    movies: Ids
    """(n,) what they rated"""
    values: Floats
    """(n,) stars"""

    def predict(self, *, clip: bool = True) -> Floats:
        """Return (n_movies,) predicted interest."""
        return self.model.interest(self.movies, self.values)

    def std(self, movies: Ids | None = None) -> Floats | None:
        """Return None: a sum of weights does not know how sure it is."""
        return None

    def explain(self, movie: int) -> Explanation:
        """Return the weight of each own rating, which add up to the interest in `movie`.

        Raises
        ------
        InvalidRatings
            If the id is out of range.
        """
        movie = known_movie(movie, self.model)
        shares = self.model.B[self.movies, movie]
        return Explanation(0.0, 0.0, 0.0, 0.0, self.movies, shares)


def gram(train: Ratings) -> Work[Floats]:
    r"""Return (n_movies, n_movies) how many users rated both films, $X^\top X$."""
    n = train.n_movies
    G = np.zeros((n, n), np.float32)
    grouped = train.by_user
    for rows in chunks(train.n_users, max(1, BLOCK // n)):
        X = np.zeros((rows.stop - rows.start, n), np.float32)
        own = slice(grouped.starts[rows.start], grouped.starts[rows.stop])
        X[grouped.rows[own] - rows.start, grouped.others[own]] = 1
        G += X.T @ X
        yield rows.stop / train.n_users
    return G


INVERTING = 28
"""Bytes for each pair of films: one matrix, and three in double precision to invert it."""
BLOCK = 1 << 24
"""Entries of X that are made dense in one step."""


def weights(G: Floats, reg: float) -> Floats:
    """Return B (n_movies, n_movies) for the Gram matrix `G`, which is spent."""
    n = len(G)
    G[np.diag_indices(n)] += np.float32(reg)
    P = np.linalg.inv(G)
    B: Floats = P / -P.diagonal()
    B[np.diag_indices(n)] = 0
    return B
