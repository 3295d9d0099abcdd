"""What a person thinks of films: stars, marks, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data.film import Film
from engine.arrays import Floats, Ids

MARKS = ("watchlist", "not interested", "unseen", "seen")
"""`seen` is for films seen and not rated, as other sites keep them."""
STARS = tuple(halves / 2 for halves in range(1, 11))
"""Own ratings are half a star to five, whatever the scale of a dataset or a site."""


class Opinion(NamedTuple):
    """What the person thinks of a film."""

    film: Film
    stars: float | None
    mark: str | None


class Dated(NamedTuple):
    """An opinion and when it was given."""

    opinion: Opinion
    at: str
    """Day or moment in UTC, as in `2024-05-01` or `2024-05-01 12:30:00`; empty if not known."""
    watched: str = ""
    """The day the film was watched last, as another site told it; empty if not known."""


class Undone(NamedTuple):
    """What an undo gave back."""

    film: Film
    """The film that was changed; of an import, the one that it changed first."""
    stars: float | None
    mark: str | None
    n_films: int
    """How many films it gave back; more than one where an import was taken back."""


@dataclass(frozen=True, eq=False)
class Own:
    """A person's opinions as rows of one dataset."""

    movies: Ids
    """(n,) rated movies"""
    values: Floats
    """(n,) stars"""
    marks: dict[int, str]
    """Mark of each marked movie."""
    unmatched: tuple[Opinion, ...]
    """What the dataset has no film for; kept all the same."""

    def stars(self, movie: int) -> float | None:
        """Return the person's stars for `movie`, None where it is not rated."""
        found = np.flatnonzero(self.movies == movie)
        return float(self.values[found[0]]) if len(found) else None
