"""Which films of a dataset the films of an export surely are, and which they may be.

`Catalogue.find` matches films that were written down with care, such as those that a person rated
here. An export is another thing: its years may be off by one, and its titles are spelt as another
site spells them. So a namesake within a year makes a match unsure here, and words that are written
together or apart are the same.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from data.catalogue import Catalogue
from data.film import Film, told_apart
from data.identity import Match

PLAUSIBLE = 3
"""Films of one title are offered as one where they are so many years apart at most."""


class Finder:
    """Looks up the films of an export in a dataset."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def find(self, film: Film) -> Match:
        """Return which movie `film` surely is, else those that it may be."""
        found = self._catalogue.find(film)
        if found.movie is not None and found.how != "id":
            rivals = self._catalogue.rivals(film, found.movie)
            return _may_be(found.movie, *rivals) if rivals else found
        if found.movie is not None:
            return found
        named = [movie for movie in found.candidates if self._plausible(film, movie)]
        if any(self._catalogue[movie].year == film.year for movie in named):
            return _may_be(*named)
        return _may_be(*named, *self._by_letters(film), *self._catalogue.offers(film))

    def _by_letters(self, film: Film) -> list[int]:
        """Return what is found by the letters alone, as `Spiderman` for `Spider-Man`."""
        letters = (name.replace(" ", "") for name in film.folded)
        named = {movie for name in letters for movie in self._letters.get(name, ())}
        return sorted(movie for movie in named if self._plausible(film, movie))

    @cached_property
    def _letters(self) -> dict[str, list[int]]:
        movies = defaultdict(list)
        for movie, film in enumerate(self._catalogue):
            for name in film.folded:
                movies[name.replace(" ", "")].append(movie)
        return movies

    def _plausible(self, film: Film, movie: int) -> bool:
        """Return whether two films of one name may be one; numbers that differ speak against it."""
        other = self._catalogue[movie]
        if told_apart(film, other):
            return film.year == other.year
        return not film.year or not other.year or abs(film.year - other.year) <= PLAUSIBLE


def _may_be(*movies: int) -> Match:
    candidates = tuple(dict.fromkeys(movies))
    return Match(None, "ambiguous" if candidates else "none", candidates)
