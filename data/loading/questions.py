"""What a file does not tell and the person has to: raised as an error that carries the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.errors import DataError, UnknownFormat

Unrated = Literal["keep", "drop"]
"""Whether ratings of a value that seems to stand for "unrated" are ratings, or left out."""


@dataclass(frozen=True)
class ColumnChoice:
    """Which column is what: its place, counted from 0, or its name in the header."""

    user: int | str
    movie: int | str
    rating: int | str
    time: int | str | None = None

    def __str__(self) -> str:
        return f"user {self.user}, film {self.movie}, rating {self.rating}, time {self.time}"


@dataclass(frozen=True)
class Answers:
    """What the person told about a file."""

    columns: ColumnChoice | None = None
    unrated: Unrated | None = None

    def __str__(self) -> str:
        return f"columns: {self.columns}; unrated: {self.unrated}"


class ColumnsUnclear(UnknownFormat):
    """Neither names nor content tell which columns are user, movie and rating.

    Asked for again with `columns`, the same file is read.
    """

    def __init__(
        self,
        where: str,
        names: tuple[str, ...],
        sample: tuple[tuple[str, ...], ...],
        guess: ColumnChoice | None,
    ) -> None:
        seen = ", ".join(names[:8]) if names else f"{len(sample[0])} without names"
        super().__init__(
            f"It is not clear which columns of {where} are user, movie and rating; it has these:"
            f" {seen}. Say which they are."
        )
        self.where = where
        self.names = names
        """The names of the columns; empty where the file has no header."""
        self.sample = sample
        """The first lines below the header, field by field."""
        self.guess = guess
        """What seems likeliest, where anything does."""


class UnratedUnclear(DataError):
    """A value seems to stand for "seen, but not rated".

    Asked for again with `unrated`, the same file is read: "drop" leaves such ratings out, "keep"
    takes them for ratings.
    """

    def __init__(self, where: str, value: float, count: int, n_ratings: int) -> None:
        super().__init__(
            f"{count:,} of {n_ratings:,} ratings in {where} are {value:g}, which seems to stand for"
            " “not rated”. Say whether to leave them out or to keep them as ratings."
        )
        self.where = where
        self.value = value
        """What seems to stand for it."""
        self.count = count
        """How many ratings have it."""
        self.n_ratings = n_ratings
        """How many ratings there are with them."""
