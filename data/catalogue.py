"""Catalogue: the films of a dataset, row by row, to look at, to search and to match against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from data import titles
from data.errors import NoSuchFilm
from data.film import Film
from data.identity import IdentityIndex, Match
from data.search import SearchIndex
from engine.arrays import Floats, Ids, Mask, Offsets

Years = NDArray[np.int16]

__all__ = ["Catalogue", "Film", "Match", "Years"]


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue:
    """The films of a dataset; a film's position is its movie id in the ratings.

    Parameters
    ----------
    films : the films, in the order of the movie ids
    counts : (n_movies,) ratings of each; what search and match take for "well known"
    ids : the id of each film in the files it was read from, as written there
    """

    films: tuple[Film, ...]
    counts: Offsets = field(default_factory=lambda: np.zeros(0, np.int64))
    ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.counts):
            object.__setattr__(self, "counts", np.zeros(len(self.films), np.int64))
        if not self.ids:
            object.__setattr__(self, "ids", tuple(map(str, range(len(self.films)))))

    def __len__(self) -> int:
        return len(self.films)

    def __iter__(self) -> Iterator[Film]:
        return iter(self.films)

    def __getitem__(self, movie: SupportsIndex) -> Film:
        """Return the film with this movie id."""
        return self.films[movie]

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The titles, articles in front."""
        return tuple(film.title for film in self.films)

    @cached_property
    def years(self) -> Years:
        """(n_movies,) years of release, 0 where unknown."""
        return np.array([film.year for film in self.films], np.int16)

    @cached_property
    def imdb(self) -> Ids:
        """(n_movies,) IMDb numbers, 0 where unknown."""
        return np.array([film.imdb for film in self.films], np.int32)

    @cached_property
    def tmdb(self) -> Ids:
        """(n_movies,) TMDB numbers, 0 where unknown."""
        return np.array([film.tmdb for film in self.films], np.int32)

    @cached_property
    def genres(self) -> tuple[str, ...]:
        """The genres that occur, in alphabetical order."""
        return tuple(sorted({genre for film in self.films for genre in film.genres}))

    @cached_property
    def genre_matrix(self) -> Mask:
        """(n_movies, n_genres) which film is of which genre, in the order of `genres`."""
        column = {genre: i for i, genre in enumerate(self.genres)}
        matrix = np.zeros((len(self), len(column)), bool)
        pairs = [(i, column[g]) for i, film in enumerate(self.films) for g in film.genres]
        if pairs:
            matrix[tuple(np.array(pairs).T)] = True
        return matrix

    @cached_property
    def features(self) -> Floats:
        """(n_movies, D) genres and years in figures, for algorithms that look at them.

        A column for each genre, then one for each decade: a film of 1984 counts six tenths for
        1980 and four for 1990. One whose year is unknown counts as the others do on average.
        """
        genres = self.genre_matrix.astype(np.float32)
        known = self.years > 0
        if not known.any():
            return genres
        first, last = (year // 10 * 10 for year in (self.years[known].min(), self.years.max()))
        away = self.years[:, None] - np.arange(first, last + 11, 10)
        decades = np.maximum(0, 1 - np.abs(away) / 10).astype(np.float32)
        decades[~known] = decades[known].mean(axis=0)
        return np.hstack([genres, decades])

    def search(self, text: str, limit: int = 50) -> Ids:
        """Return at most `limit` movie ids whose names hold every word of `text`, best fit first.

        Case, accents and punctuation do not count, nor does the order of the words; years and
        other titles are searched too. The best known come first among equals, and alone where
        `text` is empty.
        """
        return self._search_index(text, limit)

    def match(self, film: Film) -> int | None:
        """Return the movie id of `film` if it is surely in this catalogue, else None."""
        return self.find(film).movie

    @overload
    def find(self, film: Film) -> Match: ...

    @overload
    def find(self, film: str) -> int: ...

    def find(self, film: Film | str) -> Match | int:
        """Return the movie that `film` is and how that is known, or the candidates.

        For a title, with the year behind it in parentheses where that is needed, return the movie
        id alone.

        Raises
        ------
        NoSuchFilm
            If no film of that title is in this catalogue, or several are.
        """
        if isinstance(film, str):
            return self._titled(film)
        return self._identity_index.find(film)

    def _titled(self, text: str) -> int:
        title = titles.parse(text)
        match = self.find(Film(title.name or text, title.year, aliases=title.aliases))
        if match.movie is not None:
            return match.movie
        named = match.candidates
        if len(named) == 1 and not title.year:
            return named[0]
        choices = named or tuple(self.search(title.name, 5).tolist())
        labels = "; ".join(self.films[movie].label for movie in choices[:5])
        if not named or title.year:
            like = f"; there is {labels}" if labels else ""
            raise NoSuchFilm(f"No film in this catalogue is called {text}{like}.")
        raise NoSuchFilm(f"Several films are called {text}: {labels}. Name the year as well.")

    def __repr__(self) -> str:
        return f"Catalogue({len(self):,} films)"

    def rivals(self, film: Film, movie: int) -> tuple[int, ...]:
        """Return movies beside `movie` that `film` may be: a shared name, a year at most one off.

        Where there are any, title and year do not tell surely which one is meant.
        """
        return self._identity_index.rivals(film, movie)

    def offers(self, film: Film) -> list[int]:
        """Return the movies that `film` may be by a title alike, the likeliest first."""
        return self._identity_index.loose.offers(film)

    def prepare(self) -> None:
        """Build what `search` and `match` look things up in, lest the first key waits for it."""
        _ = self._search_index, self._identity_index

    @cached_property
    def _search_index(self) -> SearchIndex:
        pairs = zip(self._folded, self.films, strict=True)
        return SearchIndex([f"{names}\t{film.year or ''}" for names, film in pairs], self.counts)

    @cached_property
    def _identity_index(self) -> IdentityIndex:
        return IdentityIndex(self._folded, self.films, self.imdb, self.tmdb, self.counts)

    @cached_property
    def _folded(self) -> list[str]:
        """All names of each film, folded, on a line of its own, separated by tabs."""
        lines = "\n".join("\t".join(film.names) for film in self.films)
        return titles.fold_lines(lines).split("\n") if self.films else []


def of(films: Iterable[Film]) -> Catalogue:
    """Return a catalogue of `films` without ratings."""
    return Catalogue(tuple(films))
