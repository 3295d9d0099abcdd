"""Ratings read from bytes at NumPy's speed: no Python object is made per line.

Lines are found by their delimiters in whole blocks, and a column of digits becomes numbers one
decimal place at a time for all lines at once. A line that does not fit is set aside by its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.loading.moments import Bytes, Moments, moments
from engine.arrays import Floats, Ids, Mask, Offsets

Places = NDArray[np.int32]

_ZERO, _POINT, _NEWLINE = ord("0"), ord("."), ord("\n")
MOST_DIGITS = 18
LARGEST = 1e6
"""No scale of ratings goes further than this, nor below its negative."""


@dataclass(frozen=True)
class Columns:
    """Which field of a line is what, and what stands between fields."""

    delimiter: str
    n_fields: int
    user: int = 0
    movie: int = 1
    rating: int = 2
    time: int | None = 3

    @property
    def stride(self) -> int:
        """Delimiting bytes in a line, with the line break; `::` counts as two."""
        return len(self.delimiter) * (self.n_fields - 1) + 1

    def bounds(self, field: int) -> tuple[int, int]:
        """Return which delimiting bytes of a line stand before and after a field."""
        after = field * len(self.delimiter)
        return after - 1, after


class Block(NamedTuple):
    """The ratings in a block of whole lines."""

    users: Ids | Offsets
    """As 32 bits where they fit, as all of MovieLens's do."""
    movies: Ids | Offsets
    values: Floats
    broken: Offsets
    """Lines that are no ratings, counted from 0."""
    n_lines: int
    blank: Offsets
    """Lines that are empty, counted from 0."""
    times: Moments
    """When each was given, 0 where the line does not tell."""


def parse(block: bytes, columns: Columns) -> Block:
    """Return the ratings in `block`, which must end with a line break."""
    text = np.frombuffer(block, np.uint8)
    marks = _marks(text, columns.delimiter)
    table, starts, odd, n_lines = _table(text, marks, columns.stride)
    users, bad_users = _whole(text, *_field(table, starts, columns.bounds(columns.user)))
    movies, bad_movies = _whole(text, *_field(table, starts, columns.bounds(columns.movie)))
    values, bad_values = _stars(text, *_field(table, starts, columns.bounds(columns.rating)))
    bad = bad_users | bad_movies | bad_values
    times: Moments = np.zeros(len(values), np.uint32)
    if columns.time is not None:
        times = moments(text, *_field(table, starts, columns.bounds(columns.time)))
    broken, blank = _set_aside(text, marks, odd, bad, n_lines)
    if bad.any():
        users, movies, values, times = users[~bad], movies[~bad], values[~bad], times[~bad]
    return Block(users, movies, values, broken, n_lines, blank, times)


def _marks(text: Bytes, delimiter: str) -> Places:
    is_mark = text == ord(delimiter[0])
    is_mark |= text == _NEWLINE
    return np.flatnonzero(is_mark).astype(np.int32)


def _table(text: Bytes, marks: Places, stride: int) -> tuple[Places, Places, Mask | None, int]:
    """Return (rows, stride) delimiters and (rows,) starts of the lines that have all their fields.

    Also which lines these are not (None if there is no such line), and the number of lines.
    """
    if len(marks) % stride == 0:
        table = marks.reshape(-1, stride)
        ends = text[table] == _NEWLINE
        if ends[:, -1].all() and not ends[:, :-1].any():
            starts = np.zeros(len(table), np.int32)
            starts[1:] = table[:-1, -1] + 1
            return table, starts, None, len(table)
    breaks = np.flatnonzero(text[marks] == _NEWLINE)
    fits = np.diff(breaks, prepend=-1) == stride
    starts = np.zeros(len(breaks), np.int32)
    starts[1:] = marks[breaks[:-1]] + 1
    table = marks[breaks[fits][:, None] + np.arange(1 - stride, 1)]
    return table, starts[fits], ~fits, len(breaks)


def _field(table: Places, starts: Places, bounds: tuple[int, int]) -> tuple[Places, Places]:
    before, after = bounds
    return (table[:, before] + 1 if before >= 0 else starts), table[:, after]


def _whole(text: Bytes, starts: Places, ends: Places) -> tuple[Ids | Offsets, Mask]:
    """Return the whole numbers in the fields, in 32 bits if they fit, and which hold none."""
    lengths = ends - starts
    bad = (lengths < 1) | (lengths > MOST_DIGITS)
    if not len(lengths):
        return np.zeros(0, np.int32), bad
    shortest, longest = int(lengths.min()), min(int(lengths.max()), MOST_DIGITS)
    n = len(starts)
    numbers: Ids | Offsets = np.zeros(n, np.int32) if longest <= 9 else np.zeros(n, np.int64)
    for i in range(longest):
        digits: Bytes = text[np.maximum(ends - 1 - i, 0) if i >= shortest else ends - 1 - i] - _ZERO
        if i >= shortest:
            digits[lengths <= i] = 0
        bad |= digits > 9
        numbers += digits.astype(numbers.dtype) * 10**i
    return numbers, bad


def _stars(text: Bytes, starts: Places, ends: Places) -> tuple[Floats, Mask]:
    """Return the ratings in the fields, and which fields hold none.

    `4` and `3.5` are read at once; anything longer one by one, since it is rare.
    """
    last = len(text) - 1
    lengths = ends - starts
    values = (text[starts] - _ZERO).astype(np.float32)
    usual = (lengths == 1) & (values <= 9)
    halves = text[np.minimum(starts + 2, last)] - _ZERO
    halved = (lengths == 3) & (values <= 9) & (text[np.minimum(starts + 1, last)] == _POINT)
    halved &= halves <= 9
    values[halved] += halves[halved] * np.float32(0.1)
    bad = ~(usual | halved)
    for row in np.flatnonzero(bad):
        value = number(text[starts[row] : ends[row]].tobytes())
        if value is not None:
            values[row], bad[row] = value, False
    return values, bad


def number(field: bytes) -> float | None:
    """Return the decimal number that `field` spells, None if it is none or beyond all scales."""
    stripped = field.strip()
    if not 0 < len(stripped) <= 30 or not stripped.translate(None, b".+-eE").isdigit():
        return None
    try:
        value = float(stripped)
    except ValueError:
        return None
    return value if abs(value) <= LARGEST else None


def _set_aside(
    text: Bytes, marks: Places, odd: Mask | None, bad: Mask, n_lines: int
) -> tuple[Offsets, Offsets]:
    """Return the numbers of the broken lines, and of the empty ones."""
    none = np.zeros(0, np.int64)
    if odd is None:
        return (np.flatnonzero(bad) if bad.any() else none), none
    breaks = marks[text[marks] == _NEWLINE]
    lengths = np.diff(breaks, prepend=-1) - 1
    blank = odd & (lengths == 0)
    broken = odd & ~blank
    broken[np.flatnonzero(~odd)[bad]] = True
    return np.flatnonzero(broken), np.flatnonzero(blank)
