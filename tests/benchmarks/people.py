"""People held out whole: what they tell first, what they are then measured on, and the measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import Ratings

LISTED = 20
LIKED = 4.0
Floats: TypeAlias = NDArray[np.float32]
Ids: TypeAlias = NDArray[np.int32]
Scorer: TypeAlias = Callable[[Ids, Floats], Floats]
"""From a person's own films and stars to (n_movies,) scores."""


class Person(NamedTuple):
    """Who was held out: all that they rated, in the order in which they tell of it."""

    movies: Ids
    values: Floats

    def told(self, n: float) -> int:
        """Return how many ratings they tell first: `n`, or that share of theirs if below 1."""
        return int(n) if n >= 1 or n == 0 else round(n * len(self.movies))


class Measured(NamedTuple):
    """What lists of twenty reached, as means over people who liked something that is left."""

    ndcg: float
    recall: float
    stars: float
    """What people gave the listed films that they had rated."""
    covered: int
    """Different films in all lists."""
    novelty: float
    """Bits: how surprising it is that a training user had rated a listed film."""
    people: int


def held_out(ratings: Ratings, fifth: int, parts: int = 5) -> tuple[Ratings, Ids]:
    """Return the training ratings, their users numbered anew, and the users held out."""
    order = np.random.default_rng(0).permutation(ratings.n_users)
    out = np.array_split(order, parts)[fifth]
    left = ratings.take(~np.isin(ratings.users, out))
    users, rows = np.unique(left.users, return_inverse=True)
    train = Ratings(
        rows.astype(np.int32),
        left.movies,
        left.values,
        len(users),
        ratings.n_movies,
        ratings.scale,
        ratings.movie_features,
        left.times,
    )
    return train, out.astype(np.int32)


def people(ratings: Ratings, users: Ids, by_time: bool, seed: int = 1) -> list[Person]:
    """Return the users with what they rated, in random order or by when they rated it."""
    rng = np.random.default_rng(seed)
    found = []
    grouped = ratings.by_user
    for user in users.tolist():
        part = slice(grouped.starts[user], grouped.starts[user + 1])
        order = rng.permutation(part.stop - part.start)
        if by_time:
            assert ratings.times is not None
            order = order[np.argsort(ratings.times[grouped.order[part]][order], kind="stable")]
        found.append(Person(grouped.others[part][order], grouped.values[part][order]))
    return found


def listed(scores: Floats, own: Ids, counts: NDArray[np.int64]) -> Ids:
    """Return the twenty films to show: neither the person's own nor any that nobody rated."""
    scores = np.array(scores, np.float64)
    scores[own] = -np.inf
    scores[counts == 0] = -np.inf
    return np.argsort(-scores, kind="stable")[:LISTED].astype(np.int32)


def measured(scorer: Scorer, group: Sequence[Person], n: float, train: Ratings) -> Measured:
    """Return what the lists of all people reach after their first `n` ratings."""
    counts = train.by_movie.counts
    surprise = -np.log2(np.maximum(counts, 1) / train.n_users)
    gains = 1 / np.log2(np.arange(2, LISTED + 2))
    rows, stars, films = [], [], []
    for person in group:
        k = person.told(n)
        rest, given = person.movies[k:], person.values[k:]
        liked = rest[given >= LIKED]
        if not len(liked):
            continue
        own = person.movies[:k]
        shown = listed(scorer(own, person.values[:k]), own, counts)
        hits = np.isin(shown, liked)
        best = gains[: min(LISTED, len(liked))].sum()
        rows.append((gains[hits].sum() / best, hits.sum() / len(liked), surprise[shown].mean()))
        stars.append(given[np.isin(rest, shown)])
        films.append(shown)
    ndcg, recall, novelty = np.mean(rows, axis=0)
    given = np.concatenate(stars)
    covered = len(np.unique(np.concatenate(films)))
    return Measured(
        float(ndcg),
        float(recall),
        float(given.mean()) if len(given) else float("nan"),
        covered,
        float(novelty),
        len(rows),
    )
