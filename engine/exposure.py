r"""Who has seen what: how likely a person knows a film, given which films they know and which not.

A question about a film that one has not seen is a question lost, so what to ask next hangs first on
the probability of having seen it. For film i let $s_i$ be 1 for those who rated it, with the mean
$p_i$ and the covariance $C_{ij}$ over users. After the answers $s_A$ for films A, the best linear
prediction of the rest is

$$\mathrm{E}[s_i \mid s_A] = p_i + C_{iA} (C_{AA} + \tau I)^{-1} (s_A - p_A),$$

with $\tau$ against the chance in a covariance of finitely many users. It learns at once how much a
person watches, from which years, and of which kind. (On exposure: Liang et al. 2016,
doi:10.1145/2872427.2883090.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ids, Offsets
from engine.ratings import Ratings

FILMS = 2000
"""Covariances are kept for so many of the best-known films."""
USERS = 5000
"""They are measured on so many users at the most."""
ANSWERS = 400
"""At most so many answers are taken in, the best-known films first."""
RIDGE = 0.1
r"""$\tau$; a film's own variance is 0.25 at the most."""
FLOOR = 0.2
"""However the answers were, a film keeps this part of its popularity."""


@dataclass(frozen=True, eq=False)
class Exposure:
    """The probability of having seen each film, from popularity or from others' habits."""

    popularity: Floats
    """(n_movies,) the share of users who rated it."""
    films: Ids
    """(f,) the best-known films, best known first; empty without ratings to learn from."""
    C: Floats
    """(f, f) covariance between having rated the one and the other."""

    @classmethod
    def popular(cls, counts: Offsets, n_users: int) -> Exposure:
        """Return what popularity alone tells, which no answer changes."""
        popularity = np.asarray(counts / max(n_users, 1), np.float32)
        return cls(popularity, np.zeros(0, np.int32), np.zeros((0, 0), np.float32))

    @classmethod
    def of(
        cls, ratings: Ratings, *, films: int = FILMS, users: int = USERS, seed: int = 0
    ) -> Exposure:
        """Learn from who rated what; takes about a second on the largest datasets."""
        counts = np.bincount(ratings.movies, minlength=ratings.n_movies)
        active = np.flatnonzero(np.bincount(ratings.users, minlength=ratings.n_users))
        popularity = np.asarray(counts / len(active), np.float32)
        best = np.argsort(-counts, kind="stable")[:films]
        best = best[counts[best] > 0]
        if len(active) > users:
            active = np.random.default_rng(seed).choice(active, users, replace=False)
        S = _seen(ratings, active, best)
        S -= S.mean(axis=0)
        C: Floats = S.T @ S / np.float32(len(active))
        return cls(popularity, best.astype(np.int32), C)

    def probability(self, seen: Ids, unseen: Ids) -> Floats:
        """Return (n_movies,) the probability of having seen each movie.

        Parameters
        ----------
        seen, unseen : (n,) ids of the movies that the person has seen, and has not
        """
        p = self.popularity.copy()
        place, answer = self._answers(seen, unseen)
        if len(place):
            own = p[self.films]
            A = self.C[np.ix_(place, place)] + RIDGE * np.eye(len(place), dtype=np.float32)
            told = self.C[:, place] @ np.linalg.solve(A, answer - own[place])
            p[self.films] = np.clip(own + told, FLOOR * own, 1)
        return p

    def _answers(self, seen: Ids, unseen: Ids) -> tuple[Offsets, Floats]:
        """Return the places among `films` that were answered, and 1 for seen, 0 for not."""
        known = np.full(len(self.popularity), -1, np.int8)
        known[np.asarray(unseen, np.int32)] = 0
        known[np.asarray(seen, np.int32)] = 1
        answers = known[self.films]
        place = np.flatnonzero(answers >= 0)[:ANSWERS]
        return place, answers[place].astype(np.float32)


def _seen(ratings: Ratings, users: Offsets, films: Offsets) -> Floats:
    """Return (n_users, n_films) 1 where the user rated the film."""
    row = np.full(ratings.n_users, -1, np.int32)
    row[users] = np.arange(len(users), dtype=np.int32)
    column = np.full(ratings.n_movies, -1, np.int32)
    column[films] = np.arange(len(films), dtype=np.int32)
    i, j = row[ratings.users], column[ratings.movies]
    inside = (i >= 0) & (j >= 0)
    S = np.zeros((len(users), len(films)), np.float32)
    S[i[inside], j[inside]] = 1
    return S
