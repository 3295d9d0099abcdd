r"""What to ask next: the film whose answer would teach the model most, if it has been seen.

A person's weights $w$ (taste and bias) are Gaussian before the first answer, with the covariance P
of the training users' weights, and a rating of film i is $x_i^\top w$ plus the film's level and
noise of variance $\sigma^2$. After ratings of the films S the covariance of $w$ is

$$\Sigma = (P^{-1} + X_S^\top X_S / \sigma^2)^{-1},$$

whatever the stars were. One more rating, of film m, would lower the variance of the predictions,
averaged over the catalogue with weights $\pi$, by

$$\Delta_m = \frac{z^\top G z}{\sigma^2 + x_m^\top \Sigma x_m}, \qquad
  z = \Sigma x_m, \quad G = \sum_i \pi_i x_i x_i^\top,$$

which is active learning by expected variance (Cohn, Ghahramani & Jordan 1996,
doi:10.1613/jair.295) in closed form. The question is worth $\Delta_m$ times the probability of
having seen m (`engine.exposure`). All is computed in coordinates in which P is the identity, so
that nothing breaks where a weight never varies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine import covariance
from engine.arrays import Floats, Ids
from engine.exposure import Exposure
from engine.factorisation import Factorisation, with_ones
from engine.model import Model, known
from engine.ranking import DAMPING
from engine.ratings import Ratings
from engine.topmost import top

NOISE = 0.2
r"""$\sigma$ as a part of the scale: what the best models leave unexplained of a single rating."""
SHORTLIST = 300
"""Several questions are chosen among so many of the best single ones, or four times as many."""

_NONE = np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class Questions:
    """What is computed once for a model; then asks in milliseconds."""

    X: Floats
    """(n_movies, c) the films in coordinates in which people's weights have covariance I."""
    G: Floats
    """(c, c) second moment of the films, weighed by their ratings."""
    belief: Floats
    """(n_movies,) how far a film's factors are more than chance, n / (n + 5) for n ratings."""
    noise: float
    """Variance of a rating around its prediction, in squared stars."""
    exposure: Exposure

    @classmethod
    def of(cls, model: Model, ratings: Ratings | None = None) -> Questions:
        """Prepare for `model`; with the training `ratings`, it learns who has seen what."""
        X = _coordinates(model)
        counts = model.movie_counts
        pi = np.asarray(counts / max(counts.sum(), 1), np.float32)
        exposure = (
            Exposure.popular(counts, model.n_users) if ratings is None else Exposure.of(ratings)
        )
        low, high = model.scale
        return cls(
            X,
            np.asarray((X * pi[:, None]).T @ X, np.float32),
            np.asarray(counts / (counts + DAMPING), np.float32),
            (NOISE * (high - low)) ** 2 or 1.0,
            exposure,
        )

    def covariance(self, rated: Ids) -> Floats:
        r"""Return (c, c) $\Sigma$ after ratings of the films `rated`."""
        S = self.X[rated].astype(np.float64)
        return np.linalg.inv(np.eye(S.shape[1]) + S.T @ S / self.noise).astype(np.float32)

    def information(self, rated: Ids, movies: Ids | None = None) -> Floats:
        r"""Return $\Delta$ of `movies`, or of all (n_movies,), in squared stars."""
        X = self.X if movies is None else self.X[movies]
        return _reduction(X, self.covariance(rated), self.G, self.noise)

    def next(self, rated: Ids, unseen: Ids = _NONE, n: int = 1, skip: Ids = _NONE) -> Ids:
        """Return the `n` films to ask about, the most useful first.

        After the first, each is chosen as if those before it had been answered, as far as they
        are likely to be; so the list does not ask the same thing over and over.

        Parameters
        ----------
        rated : ids of the films that the person has rated
        unseen : ids of the films that the person has said not to have seen
        n : how many
        skip : ids of films not to ask about for any other reason

        Raises
        ------
        InvalidRatings
            If an id is out of range.
        """
        rated, unseen, skip = (known(ids, len(self.X), "movie") for ids in (rated, unseen, skip))
        odds = self.exposure.probability(rated, unseen) * self.belief
        worth = odds * self.information(rated)
        excluded = np.concatenate([rated, unseen, skip])
        if n <= 1:
            return top(worth, n, excluded)
        listed = top(worth, max(SHORTLIST, 4 * n), excluded)
        return listed[self._greedy(self.X[listed], odds[listed], self.covariance(rated), n)]

    def _greedy(self, X: Floats, odds: Floats, S: Floats, n: int) -> list[int]:
        chosen: list[int] = []
        while len(chosen) < min(n, len(X)):
            worth = odds * _reduction(X, S, self.G, self.noise)
            worth[chosen] = -np.inf
            best = int(worth.argmax())
            chosen.append(best)
            z = S @ X[best]
            S = S - odds[best] * np.outer(z, z) / np.float32(self.noise + X[best] @ z)
        return chosen


def next_films(
    model: Model,
    rated: Ids,
    unseen: Ids = _NONE,
    n: int = 1,
    *,
    ratings: Ratings | None = None,
    skip: Ids = _NONE,
) -> Ids:
    """Return the `n` films to ask about; see `Questions.next`, which this prepares and keeps."""
    return _prepared(model, ratings).next(rated, unseen, n, skip)


@lru_cache(maxsize=1)
def _prepared(model: Model, ratings: Ratings | None) -> Questions:
    return Questions.of(model, ratings)


def _coordinates(model: Model) -> Floats:
    """Return X (n_movies, c) of `Questions`; all films are alike to a model without factors."""
    if not isinstance(model, Factorisation):
        return np.ones((model.n_movies, 1), np.float32)
    weights = np.column_stack([model.user_factors, model.user_bias])
    X: Floats = with_ones(model.movie_factors) @ covariance.root(weights)
    return X


def _reduction(X: Floats, S: Floats, G: Floats, noise: float) -> Floats:
    Z = X @ S
    gained = np.einsum("ij,ij->i", Z @ G, Z)
    uncertain = np.einsum("ij,ij->i", Z, X)
    return np.asarray(gained / (np.float32(noise) + uncertain), np.float32)
