"""Where the fields of a block of lines lie: found by their delimiters for all lines at once.

A block is handled as bytes. Fields in quotation marks may hold the delimiter; a mark that is not
closed on its line is an ordinary letter, so that it costs its own line at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Mask, Offsets

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]

PAD = 8
"""Zero bytes on either side of a block: eight bytes can be taken from anywhere in it."""
_NEWLINE, _QUOTE = ord("\n"), ord('"')


class Text(NamedTuple):
    """A block of whole lines."""

    bytes: Bytes
    """(n,) the bytes, with PAD zeros before and after them."""
    words: Words
    """(n - 7,) the eight bytes from each place on, the first one lowest."""
    quoted: bool
    """Whether there is a quotation mark anywhere."""


@dataclass(frozen=True)
class Bounds:
    """Where one field of each line lies."""

    starts: Offsets
    """(n,) its first byte."""
    ends: Offsets
    """(n,) the byte after its last."""

    @property
    def lengths(self) -> Offsets:
        """(n,) bytes in each."""
        return self.ends - self.starts

    def take(self, which: Mask | Offsets) -> Bounds:
        """Return the fields of the lines at `which`."""
        return Bounds(self.starts[which], self.ends[which])


@dataclass(frozen=True)
class Lines:
    """The lines of a block, and where the delimiters of the whole ones are."""

    text: Text
    starts: Offsets
    """(rows,) where each line begins that has all its fields."""
    table: Offsets
    """(rows, stride) its delimiting bytes, the line break last."""
    numbers: Offsets | None
    """(rows,) which line of the block each is, from 0; None where all lines are whole."""
    n_lines: int
    odd: Offsets
    """Lines with too many or too few fields, from 0."""
    blank: Offsets
    """Lines that are empty or a comment, from 0."""
    width: int
    """Bytes in a delimiter."""

    def field(self, number: int) -> tuple[Bounds, Mask | None]:
        """Return where a field lies, without its quotation marks, and where these do not pair."""
        first = number * self.width
        starts = self.table[:, first - 1] + 1 if first else self.starts
        ends = self.table[:, first]
        if not self.text.quoted:
            return Bounds(starts, ends), None
        opened = (self.text.bytes[starts] == _QUOTE) & (ends > starts)
        closed = opened & (self.text.bytes[ends - 1] == _QUOTE) & (ends - starts > 1)
        return Bounds(starts + closed, ends - closed), opened & ~closed

    def numbered(self, rows: Offsets) -> Offsets:
        """Return which lines of the block these rows are."""
        return rows if self.numbers is None else self.numbers[rows]


def padded(block: bytes) -> Text:
    """Return a block of whole lines, fit to be looked into."""
    whole = bytes(PAD) + block + bytes(PAD)
    words = np.ndarray((len(whole) - 7,), "<u8", whole, strides=(1,))
    return Text(np.frombuffer(whole, np.uint8), words, b'"' in block)


def lines_of(text: Text, delimiter: str, n_fields: int, comment: str = "") -> Lines:
    """Return the lines of a block, and where the fields lie in those that have `n_fields`.

    Lines that begin with `comment` hold nothing.
    """
    marks = _marks(text, delimiter)
    stride = len(delimiter) * (n_fields - 1) + 1
    none = np.zeros(0, np.int64)
    if not comment and len(marks) % stride == 0:
        table = marks.reshape(-1, stride)
        n_breaks = np.count_nonzero(text.bytes == _NEWLINE)
        if n_breaks == len(table) and (text.bytes[table[:, -1]] == _NEWLINE).all():
            starts = np.full(len(table), PAD, np.int64)
            starts[1:] = table[:-1, -1] + 1
            return Lines(text, starts, table, None, len(table), none, none, len(delimiter))
    return _uneven(text, marks, stride, comment, len(delimiter))


def _uneven(text: Text, marks: Offsets, stride: int, comment: str, width: int) -> Lines:
    """Return the lines of a block in which not all lines are alike."""
    breaks = np.flatnonzero(text.bytes[marks] == _NEWLINE)
    starts = np.full(len(breaks), PAD, np.int64)
    starts[1:] = marks[breaks[:-1]] + 1
    fits = np.diff(breaks, prepend=-1) == stride
    blank = marks[breaks] == starts
    if comment:
        blank |= text.bytes[starts] == ord(comment)
    fits &= ~blank
    table = marks[breaks[fits][:, None] + np.arange(1 - stride, 1)]
    numbers = np.flatnonzero(fits)
    odd, empty = np.flatnonzero(~fits & ~blank), np.flatnonzero(blank)
    return Lines(text, starts[fits], table, numbers, len(breaks), odd, empty, width)


def _marks(text: Text, delimiter: str) -> Offsets:
    """Return the places of delimiters and line breaks, ascending."""
    is_mark = text.bytes == ord(delimiter[0])
    is_mark |= text.bytes == _NEWLINE
    marks = np.flatnonzero(is_mark)
    return marks[_outside_quotes(text, marks)] if text.quoted else marks


def _outside_quotes(text: Text, marks: Offsets) -> Mask:
    """Return which of `marks` end a field: those before which the quotation marks pair."""
    before = np.cumsum(text.bytes == _QUOTE, dtype=np.int32)[marks]
    is_break = text.bytes[marks] == _NEWLINE
    per_line = np.diff(before[is_break], prepend=0)
    line = np.cumsum(is_break) - is_break
    inside = (before - (np.cumsum(per_line) - per_line)[line]) & 1
    unpaired = (per_line & 1)[line]
    return (inside == 0) | (unpaired == 1) | is_break
