"""Gathering the blocks of a ratings file into one dataset's ids, stars and times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data.folder_or_zip import Readable
from data.loading import netflix_blocks
from data.loading.fast_csv import Block, parse
from data.loading.films_in_rows import FilmsInRows
from data.loading.growing import Growing
from data.loading.ratings_format import RatingsFormat
from data.loading.text_ids import UNUSABLE, TextIds
from data.loading.whole_lines import single_spaced, whole_lines, without_head
from engine.arrays import Ids, Offsets
from engine.threads import in_parallel

BLOCK = 1 << 20
"""Bytes read at a time: more does not fit the processor's cache, less is more often asked for."""
MOST_LINES = 1000
"""Numbers of broken lines that are kept."""


@dataclass(frozen=True, eq=False)
class _Part:
    """Where the lines of a block stand in the file."""

    lines_before: int
    ratings_before: int
    skipped: Ids
    """Lines without a rating, from 0 in the block, ascending."""

    def lines_of(self, rows: Offsets) -> Offsets:
        """Return the lines, from 1 in the file, of ratings that count from 0 in the file."""
        rows = rows - self.ratings_before
        ratings_before = self.skipped - np.arange(len(self.skipped))
        passed = np.searchsorted(ratings_before, rows, side="right")
        return rows + passed + self.lines_before + 1


@dataclass
class Gathered:
    """What was read so far; lines are numbered from 1 over the whole file."""

    users: Growing[np.int32] = field(default_factory=lambda: Growing(np.int32))
    """Codes, as the texts have them."""
    movies: Growing[np.int32] = field(default_factory=lambda: Growing(np.int32))
    values: Growing[np.float32] = field(default_factory=lambda: Growing(np.float32))
    times: Growing[np.int64] = field(default_factory=lambda: Growing(np.int64))
    """Seconds since 1970, 0 where unknown; as many as values, or none where no column tells."""
    broken: list[int] = field(default_factory=list)
    """The first lines that are no ratings."""
    n_broken: int = 0
    n_lines: int = 0
    n_skipped: int = 0
    parts: list[_Part] = field(default_factory=list)
    """What is needed to tell the line of a rating."""
    user_texts: TextIds = field(default_factory=TextIds)
    movie_texts: TextIds = field(default_factory=TextIds)
    films: FilmsInRows = field(default_factory=FilmsInRows)
    """What the lines say of the films themselves."""

    def add(self, block: Block) -> None:
        """Take in a block."""
        users = self.user_texts.codes(block.users, block.text)
        movies = self.movie_texts.codes(block.movies, block.text)
        self.films.add(block, movies)
        values, times, broken = block.values, block.times, block.broken
        usable = (users != UNUSABLE) & (movies != UNUSABLE)
        if not usable.all():
            broken = np.sort(np.concatenate([broken, _lines(block)[~usable]]))
            users, movies, values = users[usable], movies[usable], values[usable]
            times = None if times is None else times[usable]
        self.users.add(users)
        self.movies.add(movies)
        self.values.add(values)
        if times is not None:
            self.times.add(times)
        self._skip(broken, block.blank, block.n_lines - len(values))
        self.n_lines += block.n_lines

    @property
    def n_ratings(self) -> int:
        """How many ratings were read."""
        return self.n_lines - self.n_skipped

    def _skip(self, broken: Offsets, blank: Offsets, n: int) -> None:
        """Take note of the lines of a block that hold no rating, counted from 0."""
        skipped = np.sort(np.concatenate([broken, blank])).astype(np.int32)
        self.parts.append(_Part(self.n_lines, self.n_ratings, skipped))
        room = max(MOST_LINES - len(self.broken), 0)
        self.broken += (broken[:room] + self.n_lines + 1).tolist()
        self.n_broken += len(broken)
        self.n_skipped += n

    def lines_of(self, rows: Offsets) -> Offsets:
        """Return the line numbers of the ratings at `rows`, which count from 0 and ascend."""
        firsts = np.array([part.ratings_before for part in self.parts], np.int64)
        which = np.searchsorted(firsts, rows, side="right") - 1
        found = [self.parts[i].lines_of(rows[which == i]) for i in np.unique(which).tolist()]
        return np.concatenate([*found, np.zeros(0, np.int64)])


def _lines(block: Block) -> Offsets:
    return np.arange(block.n_lines) if block.lines is None else block.lines


def blocks(file: Readable, form: RatingsFormat) -> Iterator[tuple[Block, int]]:
    """Yield the blocks of a ratings file in order, each with the bytes read by then."""
    parts = whole_lines(file, BLOCK)
    if form.in_blocks:
        yield from netflix_blocks.blocks(parts)
        return

    def task(item: tuple[bytes, int]) -> tuple[Block, int]:
        return parse(item[0], form.columns), item[1]

    yield from in_parallel(task, _prepared(parts, form))


def _prepared(
    parts: Iterator[tuple[bytes, int]], form: RatingsFormat
) -> Iterator[tuple[bytes, int]]:
    """Yield the blocks with the lines at the beginning emptied that hold no ratings.

    Where fields are parted by spaces, several become one.
    """
    skip = form.skip
    for block, done in parts:
        if skip:
            block, skip = without_head(block, skip), 0
        yield (single_spaced(block) if form.columns.delimiter == " " else block), done
