"""CSV files as people have them: any usual encoding, delimiter and line end.

A line that is broken is told and never fatal; a stray quotation mark costs its own line and not
those that it would swallow.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

HEAD = 12
"""Lines in which a header is looked for: some files begin with a banner."""
DELIMITERS = (",", ";", "\t")
RESCUES = 100
"""So many times the lines that a stray quotation mark swallowed are read anew."""
LONGEST_LINE = 1 << 20
"""Letters; a longer line is broken, whatever is in it."""
LONGEST_HEADER = 1 << 16
"""Letters."""
_MANY = 0.3
"""Share of zero bytes from which on a text must be UTF-16."""


class Header(NamedTuple):
    """The line that names the columns."""

    line: int
    """Its place, from 0."""
    delimiter: str
    columns: tuple[str, ...]
    """The names in small letters, without anything else."""


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
    found = io.StringIO(_decoded(raw).replace("\x00", ""), newline="")
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
            yield Header(line, delimiter, tuple(map(plain, fields)))


def records(lines: Sequence[str], header: Header) -> Iterator[Record]:
    """Yield what follows the header; blank lines are passed over."""
    at, rescues = header.line + 1, RESCUES
    while at < len(lines):
        for first, after, record in _read(lines, at, header):
            if record is not None:
                yield record
            at = after
            if record is not None and record.fields is None and after > first + 1 and rescues:
                at, rescues = first + 1, rescues - 1
                break
        else:
            return


def plain(name: str) -> str:
    """Return `letterboxduri` for `Letterboxd URI`, and `imdbid` for `imdb_id`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _read(
    lines: Sequence[str], at: int, header: Header
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
        fits = len(fields) == width or (len(fields) > width and not any(fields[width:]))
        record = Record(first + 1, fields[:width] if fits else None)
        yield first, at + reader.line_num, record if any(fields) else None


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    if _MANY < raw[:4096].count(0) / (len(raw[:4096]) or 1) < 0.9:
        return raw.decode("utf-16-le" if raw[1:2] == b"\x00" else "utf-16-be", errors="replace")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(map(_line_decoded, raw.splitlines(keepends=True)))


def _line_decoded(raw: bytes) -> str:
    """Return a line from UTF-8 if it is that, else from Windows's superset of Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
