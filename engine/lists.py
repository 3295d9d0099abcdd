"""Lists for many users at once: what recall and catalogue coverage are measured on."""

from __future__ import annotations

import numpy as np

from engine import ranking
from engine.arrays import Ids
from engine.model import Model
from engine.ratings import Ratings


def recommended(model: Model, train: Ratings, users: Ids, n: int = 10) -> Ids:
    """Return (len(users), n) the movies that the model would recommend to training users.

    Left out are those that a user has rated in `train` and those that nobody has; -1 fills lists
    that come out shorter.
    """
    lists = np.full((len(users), n), -1, np.int32)
    movies = np.arange(model.n_movies, dtype=np.int32)
    unrated = model.movie_counts == 0
    for row, user in zip(lists, users, strict=True):
        seen, _ = train.by_user.row(int(user))
        excluded = unrated.copy()
        excluded[seen] = True
        scores = model.predict(np.full(len(movies), user, np.int32), movies, clip=False)
        best = ranking.top(scores, n, excluded)
        row[: len(best)] = best
    return lists
