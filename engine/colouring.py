r"""Batches of ratings that hold no user and no movie twice.

Updates of different rows commute, so a batch without conflicts may be computed at once and is
still exactly sequential stochastic gradient descent. Such batches are a proper edge colouring of
the bipartite graph of users and movies, which needs at least as many colours as its largest degree
(König's theorem says that so many suffice). This one comes close to that without a search: it
deals every movie's ratings out over the colours, keeps what does not collide, tries the rest again
at random, and gives each of the last few the first colour that both its ends have free.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ids, Mask, Offsets
from engine.ratings import Ratings
from engine.sorting import sorted_by, sorting
from engine.stepwise import Work, scaled

CELLS = 1 << 25
"""How many cells the tables of taken colours may have; more ratings are coloured in chunks."""
_ROUNDS = 6


@dataclass(frozen=True, eq=False)
class Batches:
    """Ratings ordered by colour; batch `i` is the slice `starts[i]:starts[i + 1]`."""

    starts: Offsets
    users: Ids
    movies: Ids
    values: Floats


def conflict_free(ratings: Ratings, rng: np.random.Generator) -> Work[list[Batches]]:
    """Return all ratings, once each, in chunks of conflict-free batches; each chunk is a step."""
    count = _chunks(ratings)
    chunk = rng.integers(count, size=len(ratings), dtype=np.int32)
    order = yield from scaled(sorting(chunk, count), 0, 0.1)
    ends = np.cumsum(np.bincount(chunk, minlength=count))
    found = []
    for part in np.split(order, ends[:-1]):
        if len(part):
            found.append(_batches(ratings, rng.permutation(part), rng))
            yield 0.1 + 0.9 * len(found) / count
    return found


def _batches(ratings: Ratings, part: Offsets, rng: np.random.Generator) -> Batches:
    """Return the ratings at `part` in batches."""
    users, movies = ratings.users[part], ratings.movies[part]
    colours = colour(users, movies, ratings.n_users, ratings.n_movies, rng)
    by_colour = sorted_by(colours)
    starts = np.zeros(int(colours.max()) + 2, np.int64)
    np.cumsum(np.bincount(colours), out=starts[1:])
    return Batches(starts, users[by_colour], movies[by_colour], ratings.values[part[by_colour]])


def _chunks(ratings: Ratings) -> int:
    """Return in how many chunks the tables of colours stay small."""
    degree = max(ratings.by_user.counts.max(), ratings.by_movie.counts.max())
    return int(np.ceil((ratings.n_users + ratings.n_movies) * degree / CELLS))


def colour(users: Ids, movies: Ids, n_users: int, n_movies: int, rng: np.random.Generator) -> Ids:
    """Return (n,) colours from 0 such that no user and no movie has one twice."""
    degrees = np.bincount(users, minlength=n_users), np.bincount(movies, minlength=n_movies)
    n_colours = int(max(degrees[0].max(), degrees[1].max()))
    colours = np.full(len(users), -1, np.int32)
    taken_by_user = np.zeros((n_users, n_colours), bool)
    taken_by_movie = np.zeros((n_movies, n_colours), bool)
    claims = np.empty(max(n_users, n_movies) * n_colours, np.int32)
    left = np.arange(len(users))
    guess = _dealt(movies, rng.integers(n_colours, size=n_movies), n_colours)
    for _ in range(_ROUNDS):
        u, m = users[left], movies[left]
        free = np.flatnonzero(~(taken_by_user[u, guess] | taken_by_movie[m, guess]))
        for ids in (u, m):
            free = free[_winners(ids[free].astype(np.int64) * n_colours + guess[free], claims)]
        colours[left[free]] = guess[free]
        taken_by_user[u[free], guess[free]] = True
        taken_by_movie[m[free], guess[free]] = True
        left = np.delete(left, free)
        guess = rng.integers(n_colours, size=len(left))
    _first_fit(colours, left, users, movies, taken_by_user, taken_by_movie)
    return colours


def _dealt(movies: Ids, offsets: Offsets, n_colours: int) -> Offsets:
    """Deal each movie's ratings out over consecutive colours, from an offset of its own."""
    order = sorted_by(movies)
    starts = np.searchsorted(movies[order], np.arange(len(offsets)))
    rank = np.empty(len(movies), np.int64)
    rank[order] = np.arange(len(movies)) - starts[movies[order]]
    return (offsets[movies] + rank) % n_colours


def _winners(keys: Offsets, claims: Ids) -> Mask:
    """Return where `keys` holds a value for the last time; `claims` is room to write in."""
    positions = np.arange(len(keys), dtype=np.int32)
    claims[keys] = positions
    winners: Mask = claims[keys] == positions
    return winners


def _first_fit(
    colours: Ids, left: Offsets, users: Ids, movies: Ids, by_user: Mask, by_movie: Mask
) -> None:
    """Give each rating in `left` the lowest colour that its user and its movie have free.

    A set of colours is one integer, bit c for colour c: joining two sets and finding the lowest
    gap are single operations.
    """
    pairs = list(zip(left.tolist(), users[left].tolist(), movies[left].tolist(), strict=True))
    user_sets = {u: _as_integer(by_user[u]) for u in {u for _, u, _ in pairs}}
    movie_sets = {m: _as_integer(by_movie[m]) for m in {m for _, _, m in pairs}}
    for rating, u, m in pairs:
        gaps = ~(user_sets[u] | movie_sets[m])
        lowest = gaps & -gaps
        colours[rating] = lowest.bit_length() - 1
        user_sets[u] |= lowest
        movie_sets[m] |= lowest


def _as_integer(taken: Mask) -> int:
    return int.from_bytes(np.packbits(taken, bitorder="little").tobytes(), "little")
