"""Lists for many users at once: what NDCG, recall and catalogue coverage are measured on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine import metrics
from engine.arrays import Floats, Ids
from engine.model import Model
from engine.ratings import Ratings, Scale
from engine.stepwise import Work, chunks

LIKED = 0.75
"""From this share of the scale on, such as 4 of 1 to 5 stars, a rating says a film is liked."""
USERS = 2000
"""Lists are measured on at most so many users."""
SCORES = 1 << 23
"""So many scores are ranked in one step."""


def recommended(model: Model, train: Ratings, users: Ids, n: int = 10) -> Ids:
    """Return (len(users), n) the movies that the model would recommend to training users.

    Left out are those that a user has rated in `train` and those that nobody has; -1 fills lists
    that come out shorter. Movies with the same score come in the order of their ids.
    """
    lists = np.full((len(users), n), -1, np.int32)
    for part in chunks(len(users), max(1, SCORES // max(model.n_movies, 1))):
        scores = model.predict_all(users[part])
        scores[:, model.movie_counts == 0] = -np.inf
        for row, user in zip(scores, users[part], strict=True):
            row[train.by_user.row(int(user))[0]] = -np.inf
        best = _best(scores, n)
        lists[part, : best.shape[1]] = best
    return lists


def _best(scores: Floats, n: int) -> Ids:
    """Return (rows, n) the places of the highest scores of each row, -1 for those at -inf."""
    n = min(n, scores.shape[1])
    floor = -np.partition(-scores, n - 1, axis=1)[:, n - 1 : n]
    lists = np.full((len(scores), n), -1, np.int32)
    for row, own in enumerate(scores):
        among = np.flatnonzero((own >= floor[row]) & (own > -np.inf))
        best = among[np.argsort(-own[among], kind="stable")][:n]
        lists[row, : len(best)] = best
    return lists


class Hits(NamedTuple):
    """How well lists hold what was liked; NaN where nothing was."""

    ndcg: float
    recall: float


def liked(ratings: Ratings) -> Ratings | None:
    """Return the ratings that say a film is liked; None if none does."""
    which = ratings.values >= floor(ratings.scale)
    return ratings.take(which) if which.any() else None


def floor(scale: Scale) -> float:
    """Return the stars from which a film is liked."""
    return scale.low + LIKED * (scale.high - scale.low)


def hits(model: Model, train: Ratings, test: Ratings, n: int = 20, seed: int = 0) -> Work[Hits]:
    """Return how many of the films liked in `test` the lists of `n` for their users hold.

    At most `USERS` of the users who liked something there are looked at, drawn with `seed`.
    """
    relevant = liked(test)
    if relevant is None:
        return Hits(float("nan"), float("nan"))
    users = np.unique(relevant.users)
    if len(users) > USERS:
        users = np.sort(np.random.default_rng(seed).choice(users, USERS, replace=False))
    lists = np.empty((len(users), n), np.int32)
    for part in chunks(len(users), max(1, SCORES // max(model.n_movies, 1))):
        lists[part] = recommended(model, train, users[part], n)
        yield part.stop / len(users)
    chosen = np.isin(relevant.users, users)
    rows = np.searchsorted(users, relevant.users[chosen]).astype(np.int32)
    movies = relevant.movies[chosen]
    return Hits(metrics.list_ndcg(lists, rows, movies), metrics.recall(lists, rows, movies))
