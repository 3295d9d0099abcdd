"""Two sets of ratings made one matrix: the same person and the same film under the same number.

Every file numbers what occurs in it from 0, so user 7 of the one is somebody else in the other, and
a model of the one says nonsense on the other. What the files call them tells who is who.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.catalogue import Catalogue
from data.film import Film
from engine import Ratings, Scale
from engine.arrays import Ids

Names = tuple[str, ...]


def joined(one: Names, other: Names) -> tuple[Names, Ids]:
    """Return the names of both, and (n,) the number that each of the `other` has among them."""
    number = {name: i for i, name in enumerate(one)}
    numbers = [number.setdefault(name, len(number)) for name in other]
    return tuple(number), np.array(numbers, np.int32)


def catalogues(one: Catalogue, other: Catalogue) -> tuple[Catalogue, Catalogue, Ids]:
    """Return both with the films of either, and the number that each film of `other` now has.

    A film is described as the file does that tells more of it.
    """
    ids, numbers = joined(one.ids, other.ids)
    films = [*one.films, *(Film(name) for name in ids[len(one) :])]
    for film, movie in zip(other, numbers.tolist(), strict=True):
        if movie >= len(one) or _told(film) > _told(films[movie]):
            films[movie] = film
    counts = np.zeros((2, len(ids)), np.int64)
    counts[0, : len(one)] = one.counts
    counts[1, numbers] = other.counts
    of_one, of_other = (Catalogue(tuple(films), each, ids) for each in counts)
    return of_one, of_other, numbers


def _told(film: Film) -> int:
    """Return how much is told of a film."""
    return sum(map(bool, (film.year, film.genres, film.imdb, film.tmdb)))


def spanning(one: Scale, other: Scale) -> Scale:
    """Return the scale that holds both."""
    return Scale(min(one.low, other.low), max(one.high, other.high))


def renumbered(
    ratings: Ratings,
    users: Ids | None,
    movies: Ids | None,
    n_users: int,
    n_movies: int,
    scale: Scale,
) -> Ratings:
    """Return the ratings in a matrix of that size, users and movies renumbered where told."""
    return replace(
        ratings,
        users=ratings.users if users is None else users[ratings.users],
        movies=ratings.movies if movies is None else movies[ratings.movies],
        n_users=n_users,
        n_movies=n_movies,
        scale=scale,
        movie_features=None,
    )
