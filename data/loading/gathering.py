"""Gathering the blocks of a ratings file into one dataset's ids and stars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data.folder_or_zip import Readable
from data.loading.fast_csv import Block, Columns, parse
from data.loading.moments import Moments
from engine import Scale
from engine.arrays import Floats, Ids, Offsets
from engine.sorting import sorting
from engine.stepwise import Work, chunks, scaled
from engine.threads import in_parallel

BLOCK = 1 << 21
"""Bytes read at a time: more does not fit the processor's cache, less is more often asked for."""
LONGEST_LINE = 1 << 20
"""A line longer than this is broken, whatever is in it."""
WIDEST_TABLE = 1 << 27
"""Ids below this are renumbered by a table; higher ones by sorting."""


@dataclass
class Gathered:
    """What was read so far; lines are numbered from 1 over the whole file."""

    users: list[Ids | Offsets] = field(default_factory=list)
    movies: list[Ids | Offsets] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    broken: list[Offsets] = field(default_factory=list)
    off_scale: list[Offsets] = field(default_factory=list)
    blank: list[Offsets] = field(default_factory=list)
    n_lines: int = 0
    n_ratings: int = 0
    n_skipped: int = 0
    times: list[Moments] = field(default_factory=list)

    def add(self, block: Block, scale: Scale | None) -> None:
        """Take in a block; ratings off `scale` are set aside."""
        users, movies, values, times = block.users, block.movies, block.values, block.times
        if scale is not None and len(values):
            fits = (values >= scale.low) & (values <= scale.high)
            if not fits.all():
                self.off_scale.append(_lines(block)[~fits] + self.n_lines + 1)
                users, movies, values = users[fits], movies[fits], values[fits]
                times = times[fits]
        self.users.append(users)
        self.movies.append(movies)
        self.values.append(values)
        self.times.append(times)
        self.broken.append(block.broken + self.n_lines + 1)
        self.blank.append(block.blank + self.n_lines + 1)
        self.n_lines += block.n_lines
        self.n_ratings += len(values)
        self.n_skipped += block.n_lines - len(values)

    @property
    def untimed(self) -> int:
        """How many ratings do not tell when they were given."""
        return sum(len(part) - int(np.count_nonzero(part)) for part in self.times)

    @property
    def broken_lines(self) -> int:
        """How many lines were no ratings."""
        return sum(map(len, self.broken))

    def lines_of(self, rows: Offsets) -> Offsets:
        """Return the line numbers of the ratings at `rows`, which count from 0."""
        skipped = np.sort(np.concatenate([*self.broken, *self.off_scale, *self.blank]))
        ratings_before = skipped - np.arange(len(skipped)) - 1
        return rows + 1 + np.searchsorted(ratings_before, rows, side="right")


def blocks(file: Readable, header: bool, columns: Columns) -> Iterator[tuple[Block, int]]:
    """Yield the blocks of a ratings file in order, each with the bytes read by then."""

    def task(item: tuple[bytes, int]) -> tuple[Block, int]:
        return parse(item[0], columns), item[1]

    return in_parallel(task, whole_lines(file, header))


def whole_lines(file: Readable, header: bool, size: int = 0) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of whole lines of `size` bytes, or BLOCK, each with the bytes read by then.

    All kinds of line ends become the one kind. The first line is emptied if it is a header; so is
    the byte-order mark, and lines far too long become short broken ones.
    """
    rest, done, first, too_long = b"", 0, True, False
    while part := file.read(size or BLOCK):
        done += len(part)
        if first:
            part = part.removeprefix(b"\xef\xbb\xbf")
            old_mac = b"\r" in part and b"\n" not in part
        part = part.replace(b"\r", b"\n" if old_mac else b"")
        end = part.rfind(b"\n") + 1
        if not end:
            too_long = too_long or len(rest) + len(part) > LONGEST_LINE
            rest = b"?" if too_long else rest + part
            continue
        if too_long:
            start = part.find(b"\n")
            block, too_long = b"?" + part[start:end], False
        else:
            block = rest + part[:end]
        rest = part[end:]
        yield (_without_header(block) if first and header else block), done
        first = False
    if rest:
        yield (b"\n" if first and header else rest + b"\n"), done


def _without_header(block: bytes) -> bytes:
    return block[block.find(b"\n") :]


def _lines(block: Block) -> Offsets:
    """Return the line of each rating of a block, from 0."""
    if not len(block.broken) and not len(block.blank):
        return np.arange(block.n_lines)
    is_rating = np.ones(block.n_lines, bool)
    is_rating[block.broken] = False
    is_rating[block.blank] = False
    return np.flatnonzero(is_rating)


def renumber(parts: list[Ids | Offsets], known: Offsets | None = None) -> tuple[Ids, Offsets]:
    """Return all ids counted from 0, and (n,) the original id of each number.

    With `known`, those come first in their order and any others after them. `parts` is emptied
    on the way, so that no more than one copy is ever held.
    """
    n = sum(map(len, parts))
    top = max((int(part.max()) for part in parts if len(part)), default=0)
    if known is not None and len(known):
        top = max(top, int(known.max()))
    if top >= WIDEST_TABLE:
        return _renumber_by_sorting(parts, known)
    occurs = np.zeros(top + 1, bool)
    for part in parts:
        occurs[part] = True
    seen = np.flatnonzero(occurs)
    originals = seen if known is None else np.concatenate([known, np.setdiff1d(seen, known)])
    table = np.zeros(top + 1, np.int32)
    table[originals] = np.arange(len(originals), dtype=np.int32)
    numbers = np.empty(n, np.int32)
    at = 0
    for i, part in enumerate(parts):
        numbers[at : at + len(part)] = table[part]
        at += len(part)
        parts[i] = part[:0]
    return numbers, originals.astype(np.int64)


def _renumber_by_sorting(parts: list[Ids | Offsets], known: Offsets | None) -> tuple[Ids, Offsets]:
    ids = np.concatenate(parts).astype(np.int64)
    parts.clear()
    seen, numbers = np.unique(ids, return_inverse=True)
    if known is None:
        return numbers.astype(np.int32), seen
    originals = np.concatenate([known, np.setdiff1d(seen, known)])
    order = np.argsort(originals, kind="stable")
    place = order[np.searchsorted(originals, seen, sorter=order)]
    return place[numbers].astype(np.int32), originals


def counts(movies: Ids, n_movies: int) -> Offsets:
    """Return (n_movies,) how often each occurs, counted in parts: NumPy widens what it counts."""
    found = np.zeros(n_movies, np.int64)
    for part in chunks(len(movies)):
        found += np.bincount(movies[part], minlength=n_movies)
    return found


def repeated(users: Ids, movies: Ids, n_users: int, n_movies: int) -> Work[Offsets]:
    """Return the ratings that a later one of the same user and movie replaces, ascending."""
    if _ascending(users, movies, n_movies):
        return np.zeros(0, np.int64)
    order = yield from scaled(sorting(movies, n_movies), 0, 0.45)
    order = yield from scaled(sorting(users, n_users, order), 0.45, 0.9)
    again = [np.zeros(0, np.int64)]
    for part in chunks(len(order) - 1):
        one, after = order[part], order[part.start + 1 : part.stop + 1]
        same = (users[one] == users[after]) & (movies[one] == movies[after])
        again.append(one[same])
        yield 0.9 + 0.1 * part.stop / len(order)
    return np.sort(np.concatenate(again))


def _ascending(users: Ids, movies: Ids, n_movies: int) -> bool:
    """Whether each pair comes after the one before, as MovieLens's CSV files have them."""
    for part in chunks(len(users)):
        part = slice(part.start, part.stop + 1)
        key = users[part].astype(np.int64) * n_movies + movies[part]
        if (key[1:] <= key[:-1]).any():
            return False
    return True
