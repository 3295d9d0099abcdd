r"""Model: what every algorithm yields. It predicts, folds people in, finds neighbours, explains.

A model of stars predicts what somebody would give a film; a model of interest predicts whether they
would pick it, as a score without a unit that only its order gives a meaning.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from engine.arrays import Floats, Ids, Mask, Offsets, read_only
from engine.errors import InvalidRatings
from engine.own_scale import OwnScale
from engine.parameters import HyperParameters
from engine.ratings import Scale
from engine.stored import stored
from engine.topmost import top


class Neighbours(NamedTuple):
    """Movies with how alike they are, most alike first."""

    movies: Ids
    similarity: Floats


class Explanation(NamedTuple):
    """A score taken apart: `mean + movie_bias + user_bias + prior + shares.sum()` is the score."""

    mean: float
    movie_bias: float
    user_bias: float
    prior: float
    """What the model assumes of anybody before the first rating."""
    movies: Ids
    """(n,) the movies that the person rated."""
    shares: Floats
    """(n,) what each of those ratings adds to the score, or takes from it: stars, or interest."""

    @property
    def score(self) -> float:
        """The predicted stars, not clipped to the scale, or the predicted interest."""
        shares = self.shares.sum(dtype=np.float64)
        return float(self.mean + self.movie_bias + self.user_bias + self.prior + shares)


@dataclass(frozen=True, eq=False)
class Model(ABC):
    """What was learned: it cannot change, and it needs nothing else."""

    algorithm: HyperParameters
    """The hyper-parameters that it was trained with."""
    scale: Scale
    """Lowest and highest rating, in stars."""
    movie_counts: Offsets
    """(n_movies,) training ratings of each movie."""

    def __init_subclass__(cls) -> None:
        stored(cls)

    def __post_init__(self) -> None:
        read_only(self)

    @property
    def n_movies(self) -> int:
        """How many movies it knows."""
        return len(self.movie_counts)

    @property
    @abstractmethod
    def n_users(self) -> int:
        """How many users it was trained on."""

    @property
    def caution(self) -> str:
        """What to know before relying on this model, in a sentence or two; empty if nothing."""
        return ""

    def predict(
        self, users: Ids, movies: Ids, *, clip: bool = True, times: Offsets | None = None
    ) -> Floats:
        """Return predicted stars or interest (n,) for pairs of training users and movies.

        Parameters
        ----------
        users, movies : (n,) ids
        clip : bool
            Whether to keep predicted stars on the scale; interest has none.
        times : (n,) seconds since 1970, optional
            When the ratings are given, for models that look at it; now, unless told.

        Raises
        ------
        InvalidRatings
            If an id is out of range, or there are not one user and time for each movie.
        """
        users = known(users, self.n_users, "user")
        movies = known(movies, self.n_movies, "movie")
        if users.shape != movies.shape:
            raise InvalidRatings("Each of the movies needs one user.")
        times = None if times is None else known_times(times, len(users))
        scores = np.empty(len(users), np.float32)
        for start in range(0, len(users), _CHUNK):
            part = slice(start, start + _CHUNK)
            scores[part] = self._predict(users[part], movies[part])
            scores[part] += self._moment(
                users[part], movies[part], None if times is None else times[part]
            )
        return self.clipped(scores) if clip else scores

    def predict_all(self, users: Ids) -> Floats:
        """Return (n, n_movies) what is predicted for training `users` (n,), not clipped.

        Raises
        ------
        InvalidRatings
            If an id is out of range.
        """
        return self._predict_all(known(users, self.n_users, "user"))

    def fold_in(self, movies: Ids, values: Floats) -> Viewer:
        """Return the person who gave `movies` (n,) these `values` (n,) stars.

        The model does not change. Without ratings, the person is the average one.

        Raises
        ------
        InvalidRatings
            If an id is out of range, a movie is named twice, or a value is not finite or off the
            scale.
        """
        movies = known(movies, self.n_movies, "movie")
        values = np.asarray(values, np.float32)
        if movies.shape != values.shape or not np.isfinite(values).all():
            raise InvalidRatings("Each of the movies needs one rating that is a number.")
        if len(np.unique(movies)) != len(movies):
            raise InvalidRatings("A movie is rated twice.")
        low, high = self.scale
        off = np.abs(np.clip(values, low, high) - values) > _ROUNDING * max(high - low, abs(high))
        if off.any():
            raise InvalidRatings(
                f"A rating of {values[off][0]:g} is off the scale of this model, which goes from"
                f" {low:g} to {high:g}; `model.scale.from_stars` brings stars to it."
            )
        return self._viewer(movies, values)

    def __repr__(self) -> str:
        size = f"{self.n_users:,} users, {self.n_movies:,} movies"
        return f"{type(self).__name__}({self.algorithm!r}, {size})"

    def similar(self, movie: int, n: int = 20) -> Neighbours:
        """Return the `n` movies most like `movie`; none if nobody rated it or nothing places it.

        See `similarity` for what the figures mean. Movies that nobody rated are never among them.
        """
        alike = self.similarity(movie)
        excluded = ~self.comparable
        if excluded[movie] or not alike.any():
            return Neighbours(np.zeros(0, np.int32), np.zeros(0, np.float32))
        excluded[movie] = True
        movies = top(alike, n, exclude=excluded)
        return Neighbours(movies, alike[movies])

    def similarity(self, movie: int) -> Floats:
        """Return (n_movies,) how alike each movie and `movie` are, 1 at the most.

        The figure is damped by the count n of the other movie's ratings, as n / (n + 5), since few
        ratings place a movie by chance. Movies without ratings are at 0, and so are all if `movie`
        is one of them.
        """
        movie = known_movie(movie, self)
        if not self.comparable[movie]:
            return np.zeros(self.n_movies, np.float32)
        belief = (self.movie_counts / (self.movie_counts + 5)).astype(np.float32)
        return self._alike(movie) * belief

    @property
    def comparable(self) -> Mask:
        """(n_movies,) which movies can be told alike or not: those with ratings, if not fewer."""
        return self.movie_counts > 0

    @cached_property
    def places(self) -> Floats:
        """(n_movies, c) where the movies lie, see `engine.latent`; c is 0 if they lie nowhere."""
        return np.zeros((self.n_movies, 0), np.float32)

    @cached_property
    def directions(self) -> Floats:
        """(n_movies, c) which way the movies lie, at length 1 or 0; c is 0 where they do not."""
        return np.zeros((self.n_movies, 0), np.float32)

    def clipped(self, scores: Floats) -> Floats:
        """Return predicted stars kept on the scale; interest, which has none, as it is."""
        if self.algorithm.feedback == "implicit":
            return scores
        return np.clip(scores, *self.scale, dtype=np.float32)

    def rescaled(self, own: OwnScale, scale: Scale) -> Model:
        """Return this model, learned on the scale `own`, as one of stars on the file's `scale`."""
        raise NotImplementedError(f"{type(self).__name__} speaks of interest, which has no scale")

    @abstractmethod
    def _predict(self, users: Ids, movies: Ids) -> Floats:
        """Return (n,) predictions for pairs of known ids, not clipped."""

    def _moment(self, users: Ids, movies: Ids, times: Offsets | None) -> Floats | float:
        """Return what these moments, or now, add to predictions of known pairs: (n,) or 0."""
        return 0.0

    def _predict_all(self, users: Ids) -> Floats:
        """Return (n, n_movies) predictions for known users, not clipped."""
        movies = np.arange(self.n_movies, dtype=np.int32)
        rows = [self._predict(np.full(len(movies), user, np.int32), movies) for user in users]
        return np.array(rows, np.float32).reshape(len(users), len(movies))

    @abstractmethod
    def _viewer(self, movies: Ids, values: Floats) -> Viewer:
        """Return the person who gave known movies these stars."""

    @abstractmethod
    def _alike(self, movie: int) -> Floats:
        """Return (n_movies,) how alike each movie and a rated one are, 1 at the most."""


class Best(NamedTuple):
    """Movies with what is predicted for them, the highest first."""

    movies: Ids
    scores: Floats
    """Stars, kept on the scale, or interest."""


class Person:
    """What viewers have in common, whatever predicts for them."""

    model: Model
    movies: Ids
    values: Floats

    @abstractmethod
    def predict(self, *, clip: bool = True) -> Floats:
        """Return (n_movies,) predictions; see `Viewer.predict`."""

    def top(self, n: int = 10) -> Best:
        """Return the `n` movies with the highest predictions, without those rated by them.

        Movies that nobody has rated are left out too: nothing is known of them.
        """
        excluded = self.model.movie_counts == 0
        excluded[self.movies] = True
        movies = top(self.predict(clip=False), n, exclude=excluded)
        return Best(movies, self.predict()[movies])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_ratings(len(self.movies))} in {self.model!r})"


class Viewer(Protocol):
    """A person folded into a model."""

    @property
    def model(self) -> Model:
        """The model."""
        ...

    @property
    def movies(self) -> Ids:
        """(n,) what they rated."""
        ...

    @property
    def values(self) -> Floats:
        """(n,) stars."""
        ...

    def predict(self, *, clip: bool = True) -> Floats:
        """Return (n_movies,) predicted stars, kept on the scale if told, or predicted interest."""
        ...

    def std(self, movies: Ids | None = None) -> Floats | None:
        """Return the standard deviation of a rating, in stars; None where it is not known.

        It is (n_movies,), or (n,) for `movies` (n,) if they are given, which is quicker.
        """
        ...

    def explain(self, movie: int) -> Explanation:
        """Return what each own rating adds to the unclipped score of `movie`."""
        ...

    def top(self, n: int = 10) -> Best:
        """Return the `n` movies with the highest predictions, without those rated by them."""
        ...


_CHUNK = 1 << 18
_ROUNDING = 1e-5
"""So far beyond the scale, as a part of it, is rounding."""


def _ratings(n: int) -> str:
    return "1 rating" if n == 1 else f"{n:,} ratings"


def known(ids: Ids, n: int, what: str) -> Ids:
    """Return `ids` as an array, or raise InvalidRatings if one is not from 0 to `n` - 1."""
    ids = np.atleast_1d(np.asarray(ids))
    if not ids.size:
        return ids.astype(np.int32)
    if ids.dtype.kind in "USO":
        raise InvalidRatings(
            f"{str(ids.flat[0])!r} is no {what} id: ids are whole numbers from 0 to {n - 1}, and"
            " `catalogue.find` tells that of a film's title."
        )
    if ids.dtype.kind not in "iu" or ids.min() < 0 or ids.max() >= n:
        raise InvalidRatings(f"A {what} id is out of range: the model knows {n} {what}s.")
    return ids.astype(np.int32)


def known_times(times: Offsets, n: int) -> Offsets:
    """Return `times` as an array, or raise InvalidRatings if they are not `n` whole numbers."""
    times = np.atleast_1d(np.asarray(times))
    if times.shape != (n,) or times.dtype.kind not in "iu":
        raise InvalidRatings("Each rating needs one time, in whole seconds since 1970.")
    return times.astype(np.int64)


def known_movie(movie: int, model: Model) -> int:
    """Return `movie`, or raise InvalidRatings if the model does not know it."""
    return int(known(np.array([movie]), model.n_movies, "movie")[0])
