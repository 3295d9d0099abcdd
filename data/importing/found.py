"""What is found on the way: tables of a known format, and what the rows of one say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from data.errors import UnknownFormat
from data.importing.entry import Entry
from data.importing.format import Format, Site
from data.importing.rows import Why
from data.importing.scale import Scale
from data.importing.tables import Table


class Known(NamedTuple):
    """A table that is of a known format."""

    site: Site
    format: Format
    table: Table


@dataclass
class FileRead:
    """What the rows of a table say."""

    known: Known
    where: str
    scale: Scale
    entries: list[Entry] = field(default_factory=list)
    lines: dict[Why, list[int]] = field(default_factory=dict)
    """The numbers of rows that are to be told of, by the reason."""

    @property
    def is_diary(self) -> bool:
        """Whether there is a row for each viewing."""
        return self.known.format.diary


class Untold(UnknownFormat):
    """A file holds films without stars, and nothing tells whether they were seen."""
