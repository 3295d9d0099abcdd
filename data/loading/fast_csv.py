"""Ratings read from bytes at NumPy's speed: no Python object is made per line.

A line that does not fit is set aside by its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data.loading.fields import Bounds, Lines, Text, lines_of, padded
from data.loading.hashing import hashed
from data.loading.moments import moments
from data.loading.numbers import decimals, whole
from data.loading.text_ids import LONGEST, IdFields
from engine.arrays import Floats, Mask, Offsets


@dataclass(frozen=True)
class Columns:
    """Which field of a line is what, counted from 0, and what stands between fields."""

    delimiter: str
    n_fields: int
    user: int = 0
    movie: int = 1
    rating: int = 2
    time: int | None = 3
    title: int | None = None
    """The column with the title, where ids stand beside it."""
    year: int | None = None
    """The column with the year of release."""
    comment: str = ""
    """What lines begin with that hold nothing."""


class Block(NamedTuple):
    """The ratings in a block of whole lines."""

    text: Text
    users: IdFields
    movies: IdFields
    values: Floats
    """(n,) as they are written, whatever their scale."""
    times: Offsets | None
    """(n,) when they were given, in seconds since 1970, 0 where unknown; None without a column."""
    lines: Offsets | None
    """(n,) which line of the block each stands in, from 0; None where each line is a rating."""
    broken: Offsets
    """Lines that are no ratings, from 0."""
    blank: Offsets
    """Lines that are empty or a comment, from 0."""
    n_lines: int
    titles: Bounds | None = None
    """(n,) where the title of the film lies, where ids stand beside it."""
    years: Bounds | None = None
    """(n,) where its year lies."""


def parse(block: bytes, columns: Columns) -> Block:
    """Return the ratings in `block`, which must end with a line break."""
    text = padded(block)
    lines = lines_of(text, columns.delimiter, columns.n_fields, columns.comment)
    users, bad = _id_field(lines, columns.user)
    movies, more = _id_field(lines, columns.movie)
    values, bad_values = _values(lines, columns.rating)
    bad |= more | bad_values
    keep = np.flatnonzero(~bad) if bad.any() else None
    others = (_optional(lines, one, keep) for one in (columns.time, columns.title, columns.year))
    times, titles, years = others
    if keep is not None:
        users, movies, values = users.take(keep), movies.take(keep), values[keep]
    joined = years if titles is None else None
    return Block(
        text,
        id_fields(text, users),
        id_fields(text, movies, joined),
        values,
        None if times is None else moments(text, times),
        lines.numbers if keep is None else lines.numbered(keep),
        _broken(lines, bad),
        lines.blank,
        lines.n_lines,
        titles,
        years,
    )


def _id_field(lines: Lines, number: int) -> tuple[Bounds, Mask]:
    """Return where an id lies in each line, and which lines have none."""
    fields, unpaired = lines.field(number)
    bad = (fields.lengths < 1) | (fields.lengths > LONGEST)
    return fields, bad if unpaired is None else bad | unpaired


def _values(lines: Lines, number: int) -> tuple[Floats, Mask]:
    fields, unpaired = lines.field(number)
    values, bad = decimals(lines.text, fields)
    return values, bad if unpaired is None else bad | unpaired


def _optional(lines: Lines, number: int | None, keep: Offsets | None) -> Bounds | None:
    if number is None:
        return None
    fields, _ = lines.field(number)
    return fields if keep is None else fields.take(keep)


def id_fields(text: Text, fields: Bounds, years: Bounds | None = None) -> IdFields:
    """Return a column of ids: numbers as such, texts hashed."""
    n = len(fields.starts)
    begins = text.bytes[fields.starts] - np.uint8(ord("0")) <= 9
    if years is not None or not begins.any():  # a film may be known by its title and its year
        numbers, rows, texts = np.zeros(n, np.int32), np.arange(n), fields
    else:
        numbers, is_text = whole(text, fields)
        rows = np.flatnonzero(is_text)
        texts = fields.take(rows)
    hashes = hashed(text, texts)
    if years is not None:
        hashes = hashes * np.uint64(3) ^ hashed(text, years) | np.uint64(1)
    return IdFields(numbers, rows, hashes, texts, years)


def _broken(lines: Lines, bad: Mask) -> Offsets:
    if not bad.any():
        return lines.odd
    return np.sort(np.concatenate([lines.odd, lines.numbered(np.flatnonzero(bad))]))
