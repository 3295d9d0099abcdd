"""Reading the films beside the ratings: movies.csv, movies.dat, u.item and their like, links.csv.

They are read in steps: a small zip may hold a large file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from data import csv_rows
from data.film import Film
from data.folder_or_zip import FolderOrZip
from data.loading.films_table import Line, Reader, links_reader_of, reader_of
from data.loading.text_ids import canonical
from data.loading.whole_lines import whole_lines
from engine.stepwise import Work, scaled

DESCRIBING = (
    *("movies.csv", "movies.dat", "u.item", "movies.tsv", "movies.txt", "films.csv", "items.csv"),
    *("titles.csv", "movie_titles.csv", "movie_titles.txt", "anime.csv", "books.csv"),
    *("bx-books.csv", "bx_books.csv"),
)
"""Files that describe the films, beside the ratings; the usual names first."""
LINKS = "links.csv"
LARGEST = 256 << 20
"""Bytes of such a file that are read at most; the largest release has four million."""
MOST_FILMS = 500_000
"""Films that are kept at most; there are about as many in the world."""
MOST_BROKEN = 100_000
"""Lines that may describe no film; with more of them nothing is read on."""
MOST_LINES = 1000
"""Numbers of broken lines that are kept."""
STEP = 1 << 17
"""Bytes read in a step: some hundredths of a second of work."""
LONGEST_RECORD = 1 << 19
"""Bytes that a quoted field with line breaks in it may go over."""
_QUOTE, _NEWLINE = ord('"'), ord("\n")


@dataclass
class FilmsFile:
    """The films of a file, by their ids, and what is wrong with it."""

    name: str = ""
    """What it is called; empty where there is none."""
    films: dict[str, Film] = field(default_factory=dict)
    n_broken: int = 0
    """Lines that describe no film, or one that was described before."""
    broken: list[int] = field(default_factory=list)
    """The first of them."""
    unusable: str = ""
    """The first line of a file that could not be used."""
    whole: bool = True
    """Whether all of it was read."""
    links: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    """IMDb's and TMDB's number of each film."""
    n_links: int = 0
    """Lines that were read of those."""

    def add(self, line: Line) -> bool:
        """Take in a line; return whether there is room for more."""
        one = canonical(line.id)
        if not one or one in self.films:
            self.n_broken += 1
            self.broken += [line.number] if self.n_broken <= MOST_LINES else []
        else:
            self.films[one] = line.film(self.links.get(one, (0, 0)))
        return len(self.films) < MOST_FILMS and self.n_broken < MOST_BROKEN

    def link(self, line: Line) -> bool:
        """Take in a line of IMDb's and TMDB's numbers; return whether there is room for more."""
        self.links[canonical(line.id)] = line.links
        self.n_links += 1
        return self.n_links < MOST_FILMS


def read_films(place: FolderOrZip, ratings_name: str) -> Work[FilmsFile]:
    """Return the films described beside a ratings file; none if no such file is there."""
    found = FilmsFile()
    files = files_beside(place, ratings_name)
    if not files:
        return found
    found.name, *links = files
    for name in links:
        yield from scaled(_read(place, name, links_reader_of, found.link), 0, 0.3)
    reading = _read(place, found.name, reader_of, found.add)
    found.unusable, found.whole = yield from scaled(reading, 0.3, 1)
    return found


def files_beside(place: FolderOrZip, ratings_name: str) -> list[str]:
    """Return the file that describes the films of a ratings file, and the one that links them."""
    beside = place.beside(ratings_name)
    wanted = (*DESCRIBING, f"{PurePosixPath(ratings_name).stem.lower()}.item")
    films = [beside[one] for one in wanted if beside.get(one, ratings_name) != ratings_name][:1]
    return [*films, beside[LINKS]] if films and LINKS in beside else films


def _read(
    place: FolderOrZip,
    name: str,
    reader_for: Callable[[list[str]], Reader | None],
    take: Callable[[Line], bool],
) -> Work[tuple[str, bool]]:
    """Hand each line of a file to `take`, until that has enough.

    Return its first line if nothing can read it, and whether all of it was read.
    """
    size, before, reader = max(place.size(name), 1), 0, None
    with place.open(name) as file:
        for raw, done in _records(whole_lines(file, STEP)):
            lines = csv_rows.lines(raw)
            reader = reader or reader_for(lines)
            if reader is None:
                return next((line.strip() for line in lines if line.strip()), "no lines"), True
            for line in reader(lines, before):
                if not take(line):
                    return "", False
            before += len(lines)
            if done > LARGEST:
                return "", False
            yield min(done / size, 1.0)
    return "", True


def _records(parts: Iterator[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    """Yield the same lines in parts that end where all quotation marks before pair."""
    held, done = b"", 0
    for part, done in parts:
        block = held + part
        cut = _cut(block) or (len(block) if len(block) > LONGEST_RECORD else 0)
        held = block[cut:]
        if cut:
            yield block[:cut], done
    if held:
        yield held, done


def _cut(block: bytes) -> int:
    """Return where the last record ends; 0 where none does."""
    if b'"' not in block:
        return len(block)
    text = np.frombuffer(block, np.uint8)
    breaks = np.flatnonzero(text == _NEWLINE)
    paired = np.cumsum(text == _QUOTE, dtype=np.int32)[breaks] % 2 == 0
    ends = breaks[paired]
    return int(ends[-1]) + 1 if len(ends) else 0
