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
from engine.arrays import Offsets
from engine.threads import in_parallel

BLOCK = 1 << 21
"""Bytes read at a time: more does not fit the processor's cache, less is more often asked for."""


@dataclass
class Gathered:
    """What was read so far; lines are numbered from 1 over the whole file."""

    users: Growing[np.int32] = field(default_factory=lambda: Growing(np.int32))
    """Codes, as the texts have them."""
    movies: Growing[np.int32] = field(default_factory=lambda: Growing(np.int32))
    values: Growing[np.float32] = field(default_factory=lambda: Growing(np.float32))
    times: Growing[np.int64] = field(default_factory=lambda: Growing(np.int64))
    """Seconds since 1970, 0 where unknown; as many as values, or none where no column tells."""
    broken: list[Offsets] = field(default_factory=list)
    blank: list[Offsets] = field(default_factory=list)
    n_lines: int = 0
    n_skipped: int = 0
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
            broken = np.union1d(broken, _lines(block)[~usable])
            users, movies, values = users[usable], movies[usable], values[usable]
            times = None if times is None else times[usable]
        self.users.add(users)
        self.movies.add(movies)
        self.values.add(values)
        if times is not None:
            self.times.add(times)
        self.broken.append((broken + self.n_lines + 1).astype(np.int32))
        self.blank.append((block.blank + self.n_lines + 1).astype(np.int32))
        self.n_lines += block.n_lines
        self.n_skipped += block.n_lines - len(values)

    @property
    def n_ratings(self) -> int:
        """How many ratings were read."""
        return self.n_lines - self.n_skipped

    def lines_of(self, rows: Offsets) -> Offsets:
        """Return the line numbers of the ratings at `rows`, which count from 0."""
        skipped = np.sort(np.concatenate([*self.broken, *self.blank]))
        ratings_before = skipped - np.arange(len(skipped)) - 1
        return rows + 1 + np.searchsorted(ratings_before, rows, side="right")


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
