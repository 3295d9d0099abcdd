"""CSV files as people have them: any usual encoding, delimiter and line end.

A line that is broken is told and never fatal; a stray quotation mark costs its own line and not
those that it would swallow.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from data import decoding

HEAD = 12
"""Lines in which a header is looked for: some files begin with a banner."""
DELIMITERS = (",", ";", "\t")
RESCUES = 100
"""So many times the lines that a stray quotation mark swallowed are read anew."""
LONGEST_LINE = 1 << 20
"""Letters; a longer line is broken, whatever is in it."""
LONGEST_HEADER = 1 << 16
"""Letters."""


_ENTITY = re.compile(r"&(?:#\d{1,7}|[A-Za-z]{1,10})$")
"""An HTML entity that lacks its semicolon, as where that was taken for a delimiter."""
_NO_LETTER = re.compile(r"[\W_]+")


class Header(NamedTuple):
    """The line that names the columns."""

    line: int
    """Its place, from 0."""
    delimiter: str
    columns: tuple[str, ...]
    """The names in small letters and figures, without anything else."""
    names: tuple[str, ...]
    """The names as they are written."""


class Record(NamedTuple):
    """A line, or several where a quoted field goes over many."""

    line: int
    """The number of the first line, from 1."""
    fields: list[str] | None
    """None where it is broken."""


def lines(raw: bytes) -> list[str]:
    """Return the lines of a file with their ends, whatever it is encoded in.

    Lines far too long become short broken ones.
    """
    found = io.StringIO(decoding.text(raw), newline="")
    return [line if len(line) <= LONGEST_LINE else "?\n" for line in found]


def headers(lines: Sequence[str]) -> Iterator[Header]:
    """Yield what may be the header, by each delimiter, the first lines first."""
    for line, text in enumerate(lines[:HEAD]):
        if len(text) > LONGEST_HEADER:
            continue
        for delimiter in DELIMITERS:
            try:
                fields = next(csv.reader([text], delimiter=delimiter, strict=True), [])
            except csv.Error:
                continue
            yield Header(line, delimiter, tuple(map(plain, fields)), tuple(fields))


def records(lines: Sequence[str], header: Header, least: int | None = None) -> Iterator[Record]:
    """Yield what follows the header; blank lines are passed over.

    Programs leave out empty cells at the end of a line: a record that has the first `least` cells
    (all of them unless told) gets the rest empty; one that has fewer is broken.
    """
    least = len(header.columns) if least is None else least
    at, rescues = header.line + 1, RESCUES
    while at < len(lines):
        for first, after, record in _read(lines, at, header, least):
            if record is not None:
                yield record
            at = after
            if record is not None and record.fields is None and after > first + 1 and rescues:
                at, rescues = first + 1, rescues - 1
                break
        else:
            return


def _entities_joined(fields: list[str]) -> list[str]:
    """Return fields with `Tom &amp` and ` Jerry` as the one that they were."""
    joined: list[str] = []
    for field in fields:
        if joined and _ENTITY.search(joined[-1]):
            joined[-1] += f";{field}"
        else:
            joined.append(field)
    return joined


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return `letterboxduri` for `Letterboxd URI`, and `imdbid` for `imdb_id`."""
    return _NO_LETTER.sub("", name.casefold())


def _read(
    lines: Sequence[str], at: int, header: Header, least: int
) -> Iterator[tuple[int, int, Record | None]]:
    """Yield each record from line `at`, between its first line and the one after its last."""
    reader = csv.reader(islice(lines, at, None), delimiter=header.delimiter, strict=True)
    width = len(header.columns)
    while True:
        first = at + reader.line_num
        try:
            fields = next(reader, None)
        except csv.Error:
            yield first, at + reader.line_num, Record(first + 1, None)
            continue
        if fields is None:
            return
        after = at + reader.line_num
        if len(fields) > width and header.delimiter == ";":
            fields = _entities_joined(fields)
        if len(fields) < width:  # a stray quotation mark that swallowed lines leaves few cells too
            fits = len(fields) >= least and after == first + 1
        else:
            fits = not any(fields[width:])
        cells = [*fields[:width], *[""] * (width - len(fields))]
        record = Record(first + 1, cells if fits else None)
        yield first, after, record if any(fields) else None
