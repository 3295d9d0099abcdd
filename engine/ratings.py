"""Ratings: who gave which movie how many stars, with views grouped by user and by movie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Floats, Ids, Offsets
from engine.errors import InvalidRatings
from engine.sorting import sorting
from engine.splits import Split, held_out
from engine.stepwise import Work, chunks, finished, scaled
from engine.stored import stored
from engine.threads import in_parallel

GATHERED = 1 << 18
"""Ratings that one thread brings into another order at once."""


LEAST_STARS, MOST_STARS = 0.5, 5.0
"""What a person can give, in stars."""


@stored
class Scale(NamedTuple):
    r"""The lowest and highest rating that can be given.

    A person gives half a star to five. On a scale that ends at five, their stars are what they are;
    on any other, $s$ stars are $l + (s - \tfrac12)\,(h - l) / 4.5$ between its ends $l$ and $h$.
    """

    low: float
    high: float

    @property
    def step(self) -> float:
        """How much of this scale one of a person's stars is."""
        if self._is_stars or self.high == self.low:
            return 1.0
        return (self.high - self.low) / (MOST_STARS - LEAST_STARS)

    def from_stars(self, stars: Floats) -> Floats:
        """Return what somebody's stars (n,), half a star to five, are on this scale."""
        stars = np.asarray(stars, np.float32)
        if self._is_stars:
            return np.clip(stars, self.low, self.high)
        on_scale = self.low + (stars - LEAST_STARS) * self.step
        return np.asarray(np.clip(on_scale, self.low, self.high), np.float32)

    def to_stars(self, values: Floats) -> Floats:
        """Return what values (n,) on this scale are in a person's stars; not rounded."""
        values = np.asarray(values, np.float32)
        if self._is_stars:
            return values
        return np.asarray(LEAST_STARS + (values - self.low) / self.step, np.float32)

    @property
    def _is_stars(self) -> bool:
        return self.high == MOST_STARS and 0 <= self.low <= 1


@dataclass(frozen=True, eq=False, repr=False)
class Grouped:
    """Ratings sorted by one side (compressed sparse rows).

    Row `i` owns the slice `starts[i]:starts[i + 1]` of `others` and `values`, in ascending order
    of `others`, so that a gather walks the other side's factors forward through memory.
    """

    starts: Offsets
    """(n_rows + 1,) where each row begins."""
    others: Ids
    """(n,) the id on the other side."""
    values: Floats
    """(n,) stars."""
    order: Ids
    """(n,) position of each entry in the ungrouped ratings."""

    @property
    def n_rows(self) -> int:
        """How many rows there are, rated or not."""
        return len(self.starts) - 1

    @cached_property
    def counts(self) -> Offsets:
        """(n_rows,) ratings of each row."""
        return np.diff(self.starts)

    @cached_property
    def rows(self) -> Ids:
        """(n,) the row of each entry."""
        return np.repeat(np.arange(self.n_rows, dtype=np.int32), self.counts)

    def row(self, i: int) -> tuple[Ids, Floats]:
        """Return the other side's ids and the stars of row `i`."""
        part = slice(self.starts[i], self.starts[i + 1])
        return self.others[part], self.values[part]

    def sums(self, weights: Floats) -> Floats:
        """Return (n_rows,) sums over each row of `weights`, which follow this view's order."""
        return np.bincount(self.rows, weights, self.n_rows).astype(np.float32)


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    """Known ratings in stars: user `users[i]` gave movie `movies[i]` `values[i]` stars.

    Parameters
    ----------
    users, movies : (n,) integer ids from 0
    values : (n,) stars, finite
    n_users, n_movies : int, optional
        Size of the matrix; one more than the highest id unless told.
    scale : (low, high), optional
        What can be given; the lowest and highest value unless told.
    movie_features : (n_movies, D), optional
        What is known of the movies besides, such as genres and years, for algorithms that look at
        it. They need no scaling.
    times : (n,) whole seconds since 1970, optional
        When each rating was given; None where that is not known of all.

    Raises
    ------
    InvalidRatings
        No ratings, lengths apart, ids out of range or not whole, values not finite or off the
        scale, features that are not finite or of other movies, times that are not whole numbers.
    """

    users: Ids
    movies: Ids
    values: Floats
    n_users: int = 0
    n_movies: int = 0
    scale: Scale = field(default=Scale(0.0, 0.0))
    movie_features: Floats | None = None
    times: Offsets | None = None

    def __post_init__(self) -> None:
        users = _ids(self.users, "user")
        movies = _ids(self.movies, "movie")
        values = np.ascontiguousarray(self.values, np.float32)
        if users.ndim != 1 or not users.shape == movies.shape == values.shape:
            raise InvalidRatings("Users, movies and values must be flat and of one length.")
        if not len(values):
            raise InvalidRatings("There are no ratings to learn from.")
        if not np.isfinite(values).all():
            raise InvalidRatings("A rating is not a number: NaN and infinity cannot be learned.")
        self._set("users", users)
        self._set("movies", movies)
        self._set("values", values)
        self._set("n_users", _size(users, self.n_users, "user"))
        self._set("n_movies", _size(movies, self.n_movies, "movie"))
        self._set("scale", _scale(values, self.scale))
        if self.movie_features is not None:
            self._set("movie_features", _features(self.movie_features, self.n_movies))
        if self.times is not None:
            self._set("times", _times(self.times, len(values)))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        size = f"{len(self):,} of {self.n_users:,} users and {self.n_movies:,} movies"
        return f"Ratings({size}, {self.scale.low:g} to {self.scale.high:g})"

    @cached_property
    def mean(self) -> float:
        """Mean of all ratings, in stars."""
        return float(self.values.mean(dtype=np.float64))

    @property
    def density(self) -> float:
        """The share of all pairs of user and movie that is known, from 0 to 1."""
        return len(self) / (self.n_users * self.n_movies)

    @cached_property
    def by_user(self) -> Grouped:
        """The ratings sorted by user, then movie."""
        return finished(self._grouped("by_user"))

    @cached_property
    def by_movie(self) -> Grouped:
        """The ratings sorted by movie, then user."""
        return finished(self._grouped("by_movie"))

    def grouping(self) -> Work[None]:
        """Make both views now, which are otherwise made when first asked for.

        It takes seconds with tens of millions of ratings: yields the share that is done, and
        leaves off when not asked on.
        """
        for half, view in enumerate(("by_movie", "by_user")):
            if view not in self.__dict__:
                self.__dict__[view] = yield from scaled(
                    self._grouped(view), half / 2, (half + 1) / 2
                )

    def _grouped(self, view: str) -> Work[Grouped]:
        rows, others, n_rows, n_others = self.movies, self.users, self.n_movies, self.n_users
        if view == "by_user":
            rows, others, n_rows, n_others = others, rows, n_others, n_rows
        # The other view, if it is there, has its rows sorted already.
        other = self.__dict__.get("by_movie" if view == "by_user" else "by_user")
        order = other.order if other else (yield from scaled(sorting(others, n_others), 0, 0.4))
        order = yield from scaled(sorting(rows, n_rows, order), 0.4, 0.8)
        starts = np.zeros(n_rows + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=n_rows), out=starts[1:])
        grouped = Grouped(starts, np.empty_like(others), np.empty_like(self.values), order)

        def gather(part: slice) -> float:
            others.take(order[part], out=grouped.others[part], mode="clip")
            self.values.take(order[part], out=grouped.values[part], mode="clip")
            return 0.8 + 0.2 * part.stop / len(self)

        yield from in_parallel(gather, chunks(len(self), GATHERED))
        return grouped

    def take(self, which: Any) -> Ratings:
        """Return the ratings at `which` (indices or a mask), of the same matrix and scale."""
        return replace(
            self,
            users=self.users[which],
            movies=self.movies[which],
            values=self.values[which],
            times=None if self.times is None else self.times[which],
        )

    def split(
        self, test_fraction: float = 0.1, seed: int = 0, how: Split = "at random"
    ) -> tuple[Ratings, Ratings]:
        """Return disjoint training and test ratings.

        Parameters
        ----------
        test_fraction : of all ratings or, per user, of each user's, of whom one stays at least
        seed : the same again gives the same again
        how : "at random", "by time" (the latest of all), "per user" (any of each user's ratings),
            or "per user, by time" (the latest of each user)

        Raises
        ------
        InvalidRatings
            If the fraction is not between 0 and 1, either part would be empty, or times are needed
            and not known.
        """
        test = held_out(self.users, self.n_users, self.times, test_fraction, seed, how)
        return self.take(~test), self.take(test)

    def folds(self, n: int = 5, seed: int = 0) -> Iterator[tuple[Ratings, Ratings]]:
        """Yield `n` pairs of training and test ratings; each rating is tested exactly once.

        Raises
        ------
        InvalidRatings
            If `n` is below 2 or above the number of ratings.
        """
        if not 2 <= n <= len(self):
            raise InvalidRatings(f"{len(self)} ratings cannot be cut into {n} folds.")
        rng = np.random.default_rng(seed)
        dealt = [rng.permutation(part.stop - part.start) % n for part in chunks(len(self))]
        fold = np.concatenate(dealt)
        return ((self.take(fold != i), self.take(fold == i)) for i in range(n))


def _ids(ids: Any, what: str) -> Ids:
    array = np.asarray(ids)
    if array.size and array.dtype.kind not in "iu":
        raise InvalidRatings(f"A {what} id is not a whole number.")
    if array.size and (array.min() < 0 or array.max() >= np.iinfo(np.int32).max):
        raise InvalidRatings(f"A {what} id is out of range.")
    return np.ascontiguousarray(array, np.int32)


def _size(ids: Ids, told: int, what: str) -> int:
    needed = int(ids.max()) + 1
    if told and needed > told:
        raise InvalidRatings(f"A {what} id is {needed - 1}, but there are only {told} {what}s.")
    return int(told) or needed


def _features(given: Any, n_movies: int) -> Floats:
    features = np.ascontiguousarray(given, np.float32)
    if features.ndim != 2 or len(features) != n_movies:
        raise InvalidRatings(f"Features of movies must be {n_movies} rows, one for each movie.")
    if not np.isfinite(features).all():
        raise InvalidRatings("A feature of a movie is not a number: NaN and infinity tell nothing.")
    return features


def _times(given: Any, n: int) -> Offsets:
    times = np.asarray(given)
    if times.dtype.kind not in "iu" or times.shape != (n,):
        raise InvalidRatings(
            f"Times of ratings must be {n} whole numbers of seconds since 1970, one for each."
        )
    return np.ascontiguousarray(times, np.int64)


def _scale(values: Floats, told: tuple[float, float]) -> Scale:
    low, high = float(values.min()), float(values.max())
    scale = Scale(float(told[0]), float(told[1]))
    if scale == (0.0, 0.0):
        return Scale(low, high)
    rounding = 1e-6 * max(map(abs, scale))  # of values, whose 0.3 is another than the scale's
    if not scale.low - rounding <= low <= high <= scale.high + rounding:
        raise InvalidRatings(
            f"Ratings run from {low:g} to {high:g}, outside the scale "
            f"{scale.low:g} to {scale.high:g}."
        )
    return scale
