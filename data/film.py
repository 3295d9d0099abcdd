"""Film: what is known of one, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from data import titles


@dataclass(frozen=True)
class Film:
    """A film as a catalogue, an export or a person's own list describes it."""

    title: str
    """The title, its article in front."""
    year: int = 0
    """Year of release; 0 where unknown."""
    genres: tuple[str, ...] = ()
    imdb: int = 0
    """IMDb's number (133093 for tt0133093); 0 where unknown."""
    tmdb: int = 0
    """TMDB's number; 0 where unknown."""
    original: str = ""
    """The original title, where it is another one and known."""
    aliases: tuple[str, ...] = ()
    """Other titles that it goes by."""

    @property
    def label(self) -> str:
        """Title and year, as in `Alien (1979)`."""
        return f"{self.title} ({self.year})" if self.year else self.title

    @property
    def names(self) -> tuple[str, ...]:
        """Every title it goes by, the main one first."""
        return (
            (self.title, self.original, *self.aliases)
            if self.original
            else (
                self.title,
                *self.aliases,
            )
        )

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The names without case, accents and punctuation, the main one first, none twice."""
        return tuple(dict.fromkeys(filter(None, map(titles.fold, self.names))))


def told_apart(one: Film, other: Film) -> bool:
    """Return whether the numbers of two films tell that they are two."""
    numbers = ((one.imdb, other.imdb), (one.tmdb, other.tmdb))
    return any(first and second and first != second for first, second in numbers)
