"""What an export's format is declared by: one file a site, in `sites/`.

Every file becomes tables of named columns (see `tables`), whether it is CSV, JSON, XML or HTML; a
format says which columns tell it, and which of them says what. Names are written as the site writes
them: capitals, spaces and punctuation do not count, so `movie.ids.imdb` is a key within keys. Where
a site has changed a name, both stand there with `|` between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, TypeAlias

from data.csv_rows import plain
from data.importing.scale import FIVE, Scale

Kind = Literal["csv", "json", "xml", "html"]
Cells: TypeAlias = Mapping[str, str]
"""What one row of a table says, by the plain names of its columns."""


@dataclass(frozen=True)
class Format:
    """One form of file: how to recognise it, and what its columns mean."""

    needs: tuple[str, ...]
    """Columns that tell it; the format with the most of them is the one."""
    title: str = "title"
    year: str = ""
    """Empty where the year stands in the title; a whole date will do."""
    stars: str = ""
    scale: Scale = FIVE
    above: Scale | None = None
    """The scale where any rating is above the top of the first one."""
    kind: Kind = "csv"
    at: str = ""
    """The key (JSON) or element (XML) that the rows stand under; any unless told."""
    imdb: str = ""
    tmdb: str = ""
    original: str = ""
    uri: str = ""
    """An address that tells apart films of one title and year."""
    rated: str = ""
    """When it was rated."""
    watched: str = ""
    """When it was watched (last); a film with such a date and no stars counts as seen."""
    type: str = ""
    """What kind of title it is; a word for television or a game, in any language, is no film."""
    films: tuple[str, ...] = ()
    """The types that are films, where the site has words of its own for all; else all are."""
    state: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    """What the site's states ("plan to watch", "dropped") are here: one of the profile's marks."""
    unrated: str = ""
    """The mark of a film without stars or state; empty: the file's name or the person tells."""
    others: tuple[str, ...] = ()
    """Columns that look like own ratings and are other people's."""
    adapt: Callable[[Cells], Cells] = lambda cells: cells
    """Rewrites a row where a column is not enough to say what the format means."""
    adds: tuple[str, ...] = ()
    """The plain names of what it adds to each row, of those that are read."""
    exact: bool = False
    """Whether title and year stand there as they are kept: `Matrix, The` is nothing else then."""
    diary: bool = False
    """Whether it has a row for each viewing; the last one counts, and gives way to other files."""
    is_list: bool = False
    """Whether films without stars are the rule: what they stand for must then be told."""
    television: bool = False
    """Whether all rows are of television."""
    holds_none: str = ""
    """Why a file of this form holds nothing to import; empty where it holds films."""

    @cached_property
    def signs(self) -> tuple[tuple[str, ...], ...]:
        """The plain names that it needs, each with its spellings."""
        return tuple(map(spellings, self.needs))

    @property
    def tells_states(self) -> bool:
        """Whether rows or the format itself tell what films without stars are."""
        return bool(self.state or self.unrated)

    def has(self, names: str, columns: frozenset[str]) -> bool:
        """Return whether a table with these columns has one of those names."""
        return any(name in columns or name in self.adds for name in spellings(names))

    def is_of(self, kind: Kind, at: str, columns: frozenset[str]) -> bool:
        """Return whether a table with these columns is of this format."""
        if kind != self.kind or (self.at and plain(self.at) != plain(at)):
            return False
        return all(any(name in columns for name in names) for names in self.signs)

    def cell(self, row: Cells, names: str) -> str:
        """Return the first cell of these columns that says anything."""
        for name in spellings(names) if names else ():
            cell = row.get(name, "").strip()
            if cell:
                return cell
        return ""


@lru_cache(maxsize=1024)
def spellings(names: str) -> tuple[str, ...]:
    """Return the plain names in `Your Rating|You rated`."""
    return tuple(plain(name) for name in names.split("|")) if names else ()


@dataclass(frozen=True)
class Part:
    """A file of a site's whole export (a zip or a folder)."""

    pattern: str
    """Its path from the export's own folder on, as a regular expression."""
    mark: str = ""
    """What films without stars in it are."""


@dataclass(frozen=True)
class Site:
    """A site or program whose exports can be read."""

    name: str
    formats: tuple[Format, ...]
    parts: tuple[Part, ...] = ()
    """What its whole export is read for, in this order: later files outdo those before."""
    passes_over: tuple[str, ...] = ()
    """Folders of its whole export that are left alone, in small letters."""
    also: tuple[str, ...] = ()
    """Other sites that are backed up in this form."""


def part_at_end(part: Part, path: str) -> re.Match[str] | None:
    """Return where a path ends in this part of an export; None if it does not."""
    return re.search(rf"(?:^|/)(?:{part.pattern})$", path, re.IGNORECASE)
