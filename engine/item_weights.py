r"""A model of weights between films: interest in a film is a sum over the films that one rated.

$$s_i = p_i + \sum_j w_j B_{ji}$$

with the weight $w_j$ of each own rating (`engine.preference`), the weight $B_{ji}$ from film j to
film i, and what is assumed of anybody, $p_i$.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine import preference
from engine.arrays import Doubles, Floats, Ids, Mask, Offsets, read_only
from engine.model import Explanation, Model, Person, Viewer, known_movie
from engine.ratings import Ratings
from engine.stored import stored


@stored
@dataclass(frozen=True, eq=False)
class Histories:
    """What each training user rated: user `u` owns the slice `starts[u]:starts[u + 1]`."""

    starts: Offsets
    """(n_users + 1,)"""
    movies: Ids
    """(n,)"""
    values: Floats
    """(n,) stars"""

    def __post_init__(self) -> None:
        read_only(self)

    @classmethod
    def of(cls, train: Ratings) -> Histories:
        """Return those of `train`, whose memory it shares."""
        grouped = train.by_user
        return cls(grouped.starts.view(), grouped.others.view(), grouped.values.view())

    def row(self, user: int) -> tuple[Ids, Floats]:
        """Return the movies that `user` rated, and the stars."""
        part = slice(self.starts[user], self.starts[user + 1])
        return self.movies[part], self.values[part]


@dataclass(frozen=True, eq=False, repr=False)
class ItemWeights(Model):
    """A model of weights between films; only some of the films may have them."""

    liking: float
    """How much stars count, from 0 to 1; see `engine.preference`."""
    films: Ids
    """(f,) the movies that have weights"""
    B: Floats
    """(f, f) what having rated the first film adds to the interest in the second"""
    prior: Floats
    """(n_movies,) the interest of somebody who has rated nothing"""
    rated: Histories
    """What the training users rated."""

    @property
    def n_users(self) -> int:
        """How many users it was trained on."""
        return len(self.rated.starts) - 1

    @cached_property
    def place(self) -> Ids:
        """(n_movies,) which row of B a movie has; -1 without."""
        place = np.full(self.n_movies, -1, np.int32)
        place[self.films] = np.arange(len(self.films), dtype=np.int32)
        return place

    @property
    def comparable(self) -> Mask:
        """(n_movies,) which movies have weights."""
        return self.place >= 0

    def interest(self, movies: Ids, values: Floats) -> Floats:
        """Return (n_movies,) the interest of somebody who gave `movies` (n,) these stars."""
        w, place = preference.weight(values, self.scale, self.liking), self.place[movies]
        total: Doubles = np.zeros(len(self.films))
        share = np.empty(len(self.films), np.float32)
        # Row by row: to gather the rows, or to ask BLAS, would take longer.
        for own, weight in zip(place[place >= 0], w[place >= 0], strict=True):
            total += np.multiply(self.B[own], weight, out=share)
        scores = self.prior.copy()
        scores[self.films] = total + self.prior[self.films]
        return scores

    def shares(self, movies: Ids, values: Floats, wanted: Ids) -> Floats:
        """Return (n, m) what each own rating adds to the interest in each movie `wanted` (m,)."""
        w, own, place = (
            preference.weight(values, self.scale, self.liking),
            self.place[movies],
            self.place[wanted],
        )
        shares = np.zeros((len(movies), len(wanted)), np.float32)
        inside = np.ix_(own >= 0, place >= 0)
        shares[inside] = self.B[np.ix_(own[own >= 0], place[place >= 0])] * w[own >= 0, None]
        return shares

    def _predict(self, users: Ids, movies: Ids) -> Floats:
        scores = self.prior[movies]
        order = np.argsort(users, kind="stable")
        for same in np.split(order, np.flatnonzero(np.diff(users[order])) + 1):
            if len(same):
                history = self.rated.row(int(users[same[0]]))
                shares = self.shares(*history, movies[same])
                scores[same] = shares.sum(axis=0, dtype=np.float64) + scores[same]
        return scores

    def _predict_all(self, users: Ids) -> Floats:
        rows = [self.interest(*self.rated.row(int(user))) for user in users]
        return np.array(rows, np.float32).reshape(len(users), self.n_movies)

    def _viewer(self, movies: Ids, values: Floats) -> Viewer:
        return ItemWeightsViewer(self, movies, values)

    def _alike(self, movie: int) -> Floats:
        r"""Return (n_movies,) the root of the product of the weights there and back, with sign.

        In EASE that is the partial correlation $-P_{ij} / \sqrt{P_{ii} P_{jj}}$ of having rated
        the one and the other, given all else.
        """
        alike = np.zeros(self.n_movies, np.float32)
        own = self.place[movie]
        there, back = self.B[own], self.B[:, own]
        alike[self.films] = np.sign(there) * np.sqrt(np.maximum(there * back, 0))
        alike[movie] = 1
        return alike


@dataclass(frozen=True, eq=False, repr=False)
class ItemWeightsViewer(Person):
    """A person in a model of weights between films."""

    model: ItemWeights
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
        """Return what each own rating adds to the interest in `movie`: its weight.

        Raises
        ------
        InvalidRatings
            If the id is out of range.
        """
        movie = known_movie(movie, self.model)
        shares = self.model.shares(self.movies, self.values, np.array([movie], np.int32))[:, 0]
        prior = float(self.model.prior[movie])
        return Explanation(0.0, 0.0, 0.0, prior, self.movies, shares)
