"""What lines of ratings say of the films themselves: a title and a year beside the id."""

from __future__ import annotations

import re

import numpy as np

from data import titles
from data.film import Film
from data.loading.fast_csv import Block
from data.loading.text_ids import UNUSABLE, decoded
from engine.arrays import Ids

_TT = re.compile(r"tt(\d{1,9})")
_YEAR = re.compile(r"[12]\d{3}")


class FilmsInRows:
    """Titles and years by the code of a film, from the first line that tells its title."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[str, str]] = {}

    def add(self, block: Block, movies: Ids) -> None:
        """Take in what a block says of films that nothing was said of before."""
        if block.titles is None:
            return
        rows = np.flatnonzero((block.titles.lengths > 0) & (movies != UNUSABLE))
        found, first = np.unique(movies[rows], return_index=True)
        for movie, row in zip(found.tolist(), rows[first].tolist(), strict=True):
            if movie not in self._told:
                title = titles.clean(decoded(block.text, block.titles, row).replace('""', '"'))
                year = decoded(block.text, block.years, row).strip() if block.years else ""
                if title:
                    self._told[movie] = title, year

    def film(self, code: int, spelt: str, source: str = "") -> Film:
        """Return what is known of a film by its code and by how its id is spelt.

        `source` says whose number an id is that is a number: imdb's or tmdb's.
        """
        imdb = int(found[1]) if (found := _TT.fullmatch(spelt)) else 0
        tmdb = 0
        if code >= 0 and source:
            imdb, tmdb = (code, 0) if source == "imdb" else (0, code)
        told, year = self._told.get(code, ("", ""))
        if not told and (imdb or spelt.isdigit()):
            return Film(f"Film {spelt}", imdb=imdb, tmdb=tmdb)
        title = titles.parse(told or spelt)
        known = int(year) if _YEAR.fullmatch(year) else title.year
        return Film(title.name or spelt, known, imdb=imdb, tmdb=tmdb, aliases=title.aliases)
