"""Which films a list shows: genre, decade, how well known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from data.catalogue import Catalogue
from engine.arrays import Mask, Offsets

Known: TypeAlias = Literal["any", "well known", "little known"]
KNOWN: tuple[Known, ...] = get_args(Known)
WELL = 0.2
"""The well known are this share of the rated films."""


@dataclass(frozen=True)
class Filter:
    """What a film must be; empty means anything."""

    genre: str = ""
    decade: int = 0
    """First year of the decade; 0 for any."""
    known: Known = "any"

    def mask(self, catalogue: Catalogue, counts: Offsets) -> Mask:
        """Return (n_movies,) which films pass."""
        passed = np.ones(len(catalogue), bool)
        if self.genre in catalogue.genres:
            passed &= catalogue.genre_matrix[:, catalogue.genres.index(self.genre)]
        if self.decade:
            passed &= catalogue.years // 10 * 10 == self.decade
        if self.known != "any":
            often = counts >= floor(counts)
            passed &= often if self.known == "well known" else ~often
        return passed

    @property
    def words(self) -> tuple[str, str, str]:
        """Genre, decade and fame as a person reads them."""
        decade = f"{self.decade}s" if self.decade else "any year"
        fame = "known or not" if self.known == "any" else self.known
        return self.genre or "any genre", decade, fame


def floor(counts: Offsets) -> int:
    """Return from how many ratings a film is well known."""
    rated = counts[counts > 0]
    return int(np.quantile(rated, 1 - WELL)) if len(rated) else 0


def decades(catalogue: Catalogue) -> list[tuple[int, int]]:
    """Return each decade with how many films are from it, the latest first."""
    years = catalogue.years[catalogue.years > 0] // 10 * 10
    found, films = np.unique(years, return_counts=True)
    return [(int(d), int(n)) for d, n in zip(found[::-1], films[::-1], strict=True)]


def genres(catalogue: Catalogue) -> list[tuple[str, int]]:
    """Return each genre with how many films are of it."""
    films = catalogue.genre_matrix.sum(axis=0)
    return [(name, int(n)) for name, n in zip(catalogue.genres, films, strict=True)]
