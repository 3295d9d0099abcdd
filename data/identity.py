"""Which film of a catalogue a film from elsewhere is: precision first, the rest is for the person.

In order: the IMDb id, then TMDB's; any shared name with the same year; any shared name with a
year one apart, if that is one film only; a title of the same year that is spelt otherwise (see
`loose_titles`). Films that two ids tell apart are never taken for one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from data import titles
from data.film import Film, told_apart
from data.loose_titles import LooseTitles
from data.other_titles import other_titles
from engine.arrays import Ids, Offsets

How = Literal["id", "title", "title, a year apart", "spelt otherwise", "ambiguous", "none"]


class Match(NamedTuple):
    """What was found for a film."""

    movie: int | None
    """The one movie that it surely is."""
    how: How
    """What it was told by."""
    candidates: tuple[int, ...]
    """Movies to let the person choose from where it is not sure."""


class IdentityIndex:
    """Looks films up in a catalogue by id and by name.

    Parameters
    ----------
    lines : the folded names of each film, main title first, separated by tabs
    films : the films themselves
    known : (n_movies,) how well known each film is
    """

    def __init__(
        self, lines: Sequence[str], films: Sequence[Film], imdb: Ids, tmdb: Ids, known: Offsets
    ) -> None:
        self._lines = lines
        self._films = films
        self._known = known
        self._imdb = _by_id(imdb)
        self._tmdb = _by_id(tmdb)
        self._names: dict[str, list[int]] = defaultdict(list)
        for movie, line in enumerate(lines):
            for name in set(line.split("\t")):
                self._names[name].append(movie)

    def find(self, film: Film) -> Match:
        """Return which movie `film` is, how that is known, or the candidates."""
        for index, number in ((self._imdb, film.imdb), (self._tmdb, film.tmdb)):
            if number and number in index:
                return Match(index[number], "id", ())
        named = self._named(film)
        possible = [movie for movie in named if not told_apart(film, self._films[movie])]
        exact = [movie for movie in possible if self._films[movie].year == film.year]
        if exact:
            return self._one_of(film, exact, "title")
        near = [movie for movie in possible if _year_apart(self._films[movie].year, film.year)]
        if near:
            return self._one_of(film, near, "title, a year apart")
        loose = self.loose.find(film)
        if loose is not None:
            return Match(loose, "spelt otherwise", ())
        return Match(None, "ambiguous" if named else "none", tuple(named))

    @cached_property
    def loose(self) -> LooseTitles:
        """Looks films up whose titles are spelt otherwise."""
        return LooseTitles(self._lines, self._films, self._known)

    def rivals(self, film: Film, movie: int) -> tuple[int, ...]:
        """Return other movies that `film` may be as well: a shared name, a year at most one off."""
        year = film.year
        found = (
            one
            for one in self._named(film)
            if one != movie and abs(self._films[one].year - year) <= 1
        )
        return tuple(
            one
            for one in found
            if not (told_apart(film, self._films[one]) or self._twins([movie, one]))
        )

    def _named(self, film: Film) -> list[int]:
        """Return the movies that share a name with `film`, the best known first."""
        names = (*film.folded, *other_titles(film))
        found = {movie for name in names for movie in self._names.get(name, ())}
        return sorted(found, key=lambda movie: (-int(self._known[movie]), movie))

    def _one_of(self, film: Film, movies: list[int], how: How) -> Match:
        if len(movies) > 1 and not self._twins(movies):
            main = [m for m in movies if titles.fold(self._films[m].title) == film.folded[0]]
            movies = main if len(main) == 1 else movies
        if len(movies) == 1 or self._twins(movies):
            return Match(movies[0], how, ())
        return Match(None, "ambiguous", tuple(movies))

    def _twins(self, movies: list[int]) -> bool:
        """Whether these are one film listed twice: ml-100k has 18 such, and no ids."""
        first = self._films[movies[0]]
        return all(
            not film.imdb and not film.tmdb and film == first
            for film in (self._films[movie] for movie in movies)
        )


def _by_id(ids: Ids) -> dict[int, int]:
    """Map each id to its movie; an id that two movies share tells nothing."""
    numbers, first, counts = np.unique(ids, return_index=True, return_counts=True)
    sure = (numbers > 0) & (counts == 1)
    return dict(zip(numbers[sure].tolist(), first[sure].tolist(), strict=True))


def _year_apart(one: int, other: int) -> bool:
    return bool(one and other) and abs(one - other) == 1
