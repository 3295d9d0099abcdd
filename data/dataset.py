"""Dataset: ratings, the films they are of, where they come from, and what was wrong with them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from data import alignment
from data.catalogue import Catalogue
from data.errors import NothingShared
from engine import Ratings
from engine.arrays import Floats, Offsets
from engine.stepwise import Work, chunks, finished


@dataclass(frozen=True)
class Source:
    """Where a dataset comes from."""

    name: str
    """Short name for the header of the app, as in `ml-latest-small`."""
    path: Path | None = None
    """What was opened; None for the demo."""
    format: str = ""
    """The format in words, as in `MovieLens CSV`."""
    synthetic: bool = False
    """Whether the ratings are made up; must be said wherever the name is shown."""

    @property
    def file(self) -> str:
        """The name of the file or folder that was opened, else of the dataset."""
        return self.path.name if self.path else self.name

    @property
    def label(self) -> str:
        """The name, with a word that says so where the ratings are made up."""
        return f"{self.name}, synthetic" if self.synthetic else self.name


@dataclass(frozen=True)
class Notice:
    """Something in the files that was left out or put right: not fatal, but to be told."""

    text: str
    """One sentence."""
    count: int = 0
    """How many lines, films or ratings it concerns."""
    lines: tuple[int, ...] = ()
    """The first line numbers concerned, from 1."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False)
class Summary:
    """A dataset in figures."""

    n_ratings: int
    n_users: int
    n_movies: int
    n_rated_movies: int
    density: float
    """The share of all pairs of user and rated movie that is known, from 0 to 1."""
    mean: float
    """Stars."""
    stars: Floats
    """(s,) the ratings that can be given, ascending."""
    histogram: Offsets
    """(s,) how often each was given."""
    tail: Offsets
    """(n_movies,) ratings a movie, from the most to the least rated."""
    per_user: Offsets
    """(n_users,) ratings a user, from the most to the least active."""
    years: tuple[int, int] | None
    """First and last year in which a rating was given, where the files tell."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Ratings with the films they are of."""

    ratings: Ratings
    catalogue: Catalogue
    """Film by film in the order of the movie ids; films without ratings are among them."""
    source: Source
    warnings: tuple[Notice, ...] = ()
    user_ids: tuple[str, ...] = field(default=(), repr=False)
    """(n_users,) the users as the files name them."""
    years: tuple[int, int] | None = None
    """First and last year in which a rating was given, where the files tell."""
    known_fingerprint: str = field(default="", repr=False)
    """The fingerprint where it was computed before, as for a dataset from the cache."""

    def __repr__(self) -> str:
        return f"Dataset({self.source.label!r}, {self.ratings!r})"

    @property
    def name(self) -> str:
        """Short name, as in `ml-latest-small`."""
        return self.source.name

    @cached_property
    def described(self) -> Ratings:
        """The ratings with the films' genres and years, as algorithms learn from them.

        They are put into figures when first asked for, so that opening a dataset need not wait.
        """
        return replace(self.ratings, movie_features=self.catalogue.features)

    @cached_property
    def movie_means(self) -> Floats:
        """(n_movies,) mean rating of each movie, in the dataset's stars; NaN without ratings."""
        n = self.ratings.n_movies
        sums = np.bincount(self.ratings.movies, self.ratings.values, minlength=n)
        counts = np.bincount(self.ratings.movies, minlength=n)
        means = np.full(n, np.nan)
        np.divide(sums, counts, out=means, where=counts > 0)
        return means.astype(np.float32)

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits that change when a rating, a user or a movie does."""
        return self.known_fingerprint or finished(fingerprinting(self.ratings))

    def align(self, other: Dataset) -> tuple[Dataset, Dataset]:
        """Return both as parts of one matrix, with the users and films of either; own ones first.

        Then a model of the one can be tested on the other. Who and which is the same is told by
        the files' own ids.

        Raises
        ------
        NothingShared
            If the files have no film in common.
        """
        users, of_others = alignment.joined(self._user_names, other._user_names)
        own, others, of_movies = alignment.catalogues(self.catalogue, other.catalogue)
        if len(own) == len(self.catalogue) + len(other.catalogue):
            raise NothingShared(
                f"{self.source.file} and {other.source.file} have no film in common, so the one"
                " cannot test the other; choose two files of the same dataset."
            )
        scale = alignment.spanning(self.ratings.scale, other.ratings.scale)
        size = len(users), len(own)
        first = alignment.renumbered(self.ratings, None, None, *size, scale)
        second = alignment.renumbered(other.ratings, of_others, of_movies, *size, scale)
        return (
            replace(self, ratings=first, catalogue=own, user_ids=users, known_fingerprint=""),
            replace(other, ratings=second, catalogue=others, user_ids=users, known_fingerprint=""),
        )

    @property
    def _user_names(self) -> tuple[str, ...]:
        return self.user_ids or tuple(map(str, range(self.ratings.n_users)))

    @cached_property
    def summary(self) -> Summary:
        """The dataset in figures."""
        ratings = self.ratings
        stars, histogram = _histogram(ratings)
        tail = np.sort(self.catalogue.counts)[::-1]
        per_user = np.sort(np.bincount(ratings.users, minlength=ratings.n_users))[::-1]
        n_rated = int(np.count_nonzero(tail))
        return Summary(
            n_ratings=len(ratings),
            n_users=ratings.n_users,
            n_movies=ratings.n_movies,
            n_rated_movies=n_rated,
            density=len(ratings) / (ratings.n_users * n_rated),
            mean=ratings.mean,
            stars=stars,
            histogram=histogram,
            tail=tail,
            per_user=per_user,
            years=self.years,
        )


def _histogram(ratings: Ratings) -> tuple[Floats, Offsets]:
    """Count in halves of a star, or in whole ones where none is halved, over the whole scale."""
    low, high = ratings.scale
    steps = np.rint(ratings.values * 2).astype(np.int64)
    whole = float(low).is_integer() and not (steps & 1).any()
    step = 1.0 if whole else 0.5
    if (high - low) / step > 100:
        counts, edges = np.histogram(ratings.values, bins=20, range=(low, high))
        return ((edges[:-1] + edges[1:]) / 2).astype(np.float32), counts.astype(np.int64)
    stars = np.arange(low, high + step / 2, step, dtype=np.float32)
    bins = np.rint((ratings.values - low) / step).astype(np.int64)
    return stars, np.bincount(bins, minlength=len(stars))[: len(stars)]


def fingerprinting(ratings: Ratings) -> Work[str]:
    """Return 32 hex digits that change when a rating, a user or a movie does, made in steps."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{ratings.n_users} {ratings.n_movies} {ratings.scale}".encode())
    for i, array in enumerate((ratings.users, ratings.movies, ratings.values)):
        for part in chunks(len(array)):
            digest.update(np.ascontiguousarray(array[part]).data)
            yield (i + part.stop / len(array)) / 3
    return digest.hexdigest()
