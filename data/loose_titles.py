"""Films whose titles are spelt otherwise elsewhere: surely the same, or plausibly.

Only films of one year are taken for one, and only where their titles agree in a way that no two
films of one year in ml-latest-small do. Where a title is a part of another one, how well known the
film is decides: well-known films are called by a part of their titles and have companions named
after them (`Watchmen: Tales of the Black Freighter`), others have neither.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.film import Film, told_apart
from data.title_keys import Forms, forms
from engine.arrays import Offsets

KNOWN = 0.35
"""A film counts as well known if no larger share of its year's films has more ratings."""
SHORTEST = 2
"""Letters of a part that may stand for the whole, as `X2` for `X2: X-Men United`."""
LONG = 8
"""Letters of a part that two films may have in common and be offered as one."""
OFFERED = 5
"""Films that are offered at most."""
ALIKE = 0.45
"""Share of the telling words that two titles must have in common to be offered as one."""
_BEGINNING = 4
"""Letters of a word that must occur in a title for it to be looked at."""


@dataclass(frozen=True)
class _Year:
    """The films of one year."""

    movies: tuple[int, ...]
    letters: tuple[str, ...]
    """The names of each, folded and without spaces."""
    least: int
    """Ratings from which on a film is well known; 0 where nothing is known of that."""


class LooseTitles:
    """Looks up the films of a catalogue by titles that are spelt otherwise.

    Parameters
    ----------
    lines : the folded names of each film, separated by tabs
    films : the films
    counts : (n_movies,) ratings of each
    """

    def __init__(self, lines: Sequence[str], films: Sequence[Film], counts: Offsets) -> None:
        self._lines = lines
        self._films = films
        self._counts = counts
        self._years: dict[int, _Year] = {}

    def find(self, film: Film) -> int | None:
        """Return the one movie of the same year that `film` surely is, None if there is none."""
        if not film.year:
            return None
        least = self._year(film.year).least
        found: dict[int, set[int]] = defaultdict(set)
        for movie in self._alike(film, film.year):
            agreement = self._agreement(film, movie, least)
            if agreement is not None:
                found[agreement].add(movie)
        surest = found[min(found)] if found else set()
        return surest.pop() if len(surest) == 1 else None

    def offers(self, film: Film) -> list[int]:
        """Return movies that `film` may be, the likeliest first: of its year, or of one beside."""
        if not film.year:
            return []
        scored: dict[int, float] = {}
        told = [forms(name) for name in film.names]
        for year in (film.year, film.year - 1, film.year + 1):
            for movie in self._alike(film, year):
                others = map(forms, self._films[movie].names)
                likeness = max(self._likeness(one, other) for other in others for one in told)
                likeness -= 0.1 * (year != film.year)
                if likeness >= ALIKE:
                    scored[movie] = likeness
        return sorted(scored, key=lambda movie: (-scored[movie], -self._counts[movie]))[:OFFERED]

    def _alike(self, film: Film, year: int) -> Iterator[int]:
        """Yield the movies of a year that have the beginning of a word in common with a film."""
        words = {word for name in film.names for word in forms(name).words}
        words |= {word for name in film.folded for word in name.split()}
        beginnings = {word[:_BEGINNING] for word in words if len(word) >= _BEGINNING - 1}
        beginnings = (beginnings - {"the", "and"}) or words
        of_year = self._year(year)
        for movie, letters in zip(of_year.movies, of_year.letters, strict=True):
            shared = any(beginning in letters for beginning in beginnings)
            if shared and not told_apart(film, self._films[movie]):
                yield movie

    def _agreement(self, film: Film, movie: int, least: int) -> int | None:
        """Return how surely two films are one, 0 for the surest; None if they are not."""
        known = least > 0 and int(self._counts[movie]) >= least
        others = [forms(name) for name in self._films[movie].names]
        found = [
            agreement
            for one in map(forms, film.names)
            for other in others
            if (agreement := _agreement(one, other, known, obscure=least > 0 and not known))
            is not None
        ]
        keys = {other.key for other in others}
        both_ends = any(
            forms(name).heads & keys and forms(name).tails & keys for name in film.names
        )
        return min(found, default=_PARTLY if both_ends else None)

    def _likeness(self, one: Forms, other: Forms) -> float:
        """Return how alike two titles are, from 0 to 1."""
        if one.key == other.key:
            return 1.0
        whole, other_whole = {one.key, one.unmade} - {""}, {other.key, other.unmade} - {""}
        pieces, other_pieces = one.heads | one.tails, other.heads | other.tails
        if whole & other_pieces or other_whole & pieces or whole & other_whole:
            return 0.9
        if _within(one.words, other.words) or _within(other.words, one.words):
            return 0.8
        if any(len(key) >= LONG for key in pieces & other_pieces):
            return 0.7
        return self._in_common(frozenset(one.words), frozenset(other.words))

    def _in_common(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Return the share that two titles have in common of their words; rare ones count more."""
        both = sum(map(self._weight, one & other))
        return both / sum(map(self._weight, one | other)) if both else 0.0

    def _weight(self, word: str) -> float:
        return math.log(2 + len(self._films) / (1 + self._often[word]))

    @cached_property
    def _often(self) -> Counter[str]:
        """How many films have each word in their names."""
        return Counter(word for line in self._lines for word in set(line.split()))

    def _year(self, year: int) -> _Year:
        if year not in self._years:
            movies = self._movies.get(year, ())
            letters = tuple(self._lines[movie].replace(" ", "") for movie in movies)
            counts = np.sort(self._counts[list(movies)])[::-1] if movies else np.zeros(1, int)
            least = int(counts[int(KNOWN * (len(counts) - 1))])
            self._years[year] = _Year(movies, letters, max(least, 1) if counts[0] else 0)
        return self._years[year]

    @cached_property
    def _movies(self) -> dict[int, tuple[int, ...]]:
        """The movies of each year."""
        movies: dict[int, list[int]] = defaultdict(list)
        for movie, film in enumerate(self._films):
            movies[film.year].append(movie)
        return {year: tuple(found) for year, found in movies.items()}


_SAME, _BUT_NUMBERS, _BUT_MAKER, _SAME_PARTS, _PARTLY = range(5)


def _agreement(one: Forms, other: Forms, known: bool, obscure: bool) -> int | None:
    """Return in which way two titles are surely one, the surest if in several; None if not."""
    if one.key == other.key:
        return _SAME
    numbers = (one.numbers, other.numbers)
    if one.bare == other.bare and (() in numbers or one.numbers == other.numbers):
        return _BUT_NUMBERS
    if _differ_by_maker(one, other):
        return _BUT_MAKER
    if one.in_order and one.in_order == other.in_order:
        return _SAME_PARTS
    longer = len(one.key) >= SHORTEST and one.key in other.heads | other.long_tails
    shorter = other.key in one.heads | one.long_tails
    return _PARTLY if (longer and known) or (shorter and obscure) else None


def _differ_by_maker(one: Forms, other: Forms) -> bool:
    """Return whether two titles differ by a maker's or series's name in front."""
    if one.series and one.series == other.series:
        return one.unmade == other.unmade
    return bool(
        (one.unmade and one.unmade == other.key) or (other.unmade and other.unmade == one.key)
    )


def _within(words: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether some words, two at least, stand among others one after the other."""
    n = len(words)
    return n > 1 and any(words == others[at : at + n] for at in range(len(others) - n + 1))
