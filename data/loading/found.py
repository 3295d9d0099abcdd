"""A ratings file that was found, and what was read of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import Damaged, DataError
from data.folder_or_zip import FolderOrZip
from data.loading import gathering
from data.loading.gathering import Gathered
from data.loading.questions import Answers
from data.loading.ratings_format import RatingsFormat

MOST_RATINGS = 200_000_000
MOST_SKIPPED = 20_000_000


@dataclass
class Found:
    """A ratings file, and what was read of it."""

    path: Path
    """What was opened."""
    place: FolderOrZip
    name: str
    format: RatingsFormat
    answers: Answers = field(default_factory=Answers)
    gathered: Gathered = field(default_factory=Gathered)

    @property
    def where(self) -> str:
        """How to call the file when speaking to a person."""
        return self.place.where(self.name)

    def read(self) -> Iterator[float]:
        """Read all ratings; yield the share that is done."""
        size = max(self.place.size(self.name), 1)
        with self.place.open(self.name) as file:
            for block, done in gathering.blocks(file, self.format):
                self.gathered.add(block)
                self._bounded()
                yield min(done / size, 1.0)

    def _bounded(self) -> None:
        """Stop before memory does: a zip of a few kilobytes may hold any number of lines."""
        if self.gathered.n_ratings > MOST_RATINGS:
            raise DataError(
                f"{self.where} holds more than {MOST_RATINGS:,} ratings, which is more than this"
                " program takes; open a smaller file."
            )
        if self.gathered.n_skipped > MOST_SKIPPED:
            raise Damaged(
                f"More than {MOST_SKIPPED:,} lines of {self.where} are no ratings; check that it"
                " is a ratings file and not damaged."
            )
