"""Every file as tables of named columns: CSV, JSON, XML and HTML alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from data import csv_rows
from data.importing import html_table, json_rows, xml_rows
from data.importing.format import Cells, Kind
from data.importing.limits import TooMuch

__all__ = ["Row", "Table", "TooMuch", "in_file"]


class Row(NamedTuple):
    """A row of a table."""

    number: int
    """The line in the file, or which entry of the list it is, from 1."""
    cells: Cells | None
    """None where the line is broken."""


class Table(NamedTuple):
    """Rows of one kind in a file."""

    kind: Kind
    at: str
    """The key or element that the rows stand under; empty if none."""
    names: tuple[str, ...]
    """The columns as they are written."""
    columns: frozenset[str]
    """Their plain names."""
    rows: Callable[[tuple[tuple[str, ...], ...]], Iterator[Row]]
    """Yields the rows; a line that lacks one of these columns (any spelling) is broken."""


def in_file(raw: bytes) -> Iterator[Table]:
    """Yield what may be a table in a file.

    Raises
    ------
    TooMuch
        If there is more in it than one person's export holds, or things that none needs.
    """
    head = raw[:512].lstrip(b"\xef\xbb\xbf\x00 \t\r\n\xff\xfe")[:1]
    if head in (b"[", b"{"):
        yield from (_of_mappings("json", *found) for found in json_rows.tables(raw))
    elif head == b"<":
        found = html_table.rows(raw) if html_table.is_html(raw) else None
        if found is not None:
            yield from _of_html(found)
        else:
            yield from (_of_mappings("xml", *found) for found in xml_rows.tables(raw))
    yield from _of_csv(raw)


def _of_mappings(kind: Kind, at: str, found: list[dict[str, str]]) -> Table:
    """Return a table of mappings from names to texts."""
    names = dict.fromkeys(name for one in found for name in one)

    def rows(least: object) -> Iterator[Row]:
        for number, one in enumerate(found, start=1):
            yield Row(number, {csv_rows.plain(name): text for name, text in one.items()})

    return Table(kind, at, tuple(names), frozenset(map(csv_rows.plain, names)), rows)


def _of_html(found: list[list[str]]) -> Iterator[Table]:
    for place, header in enumerate(found[: csv_rows.HEAD]):
        columns = tuple(map(csv_rows.plain, header))
        rest = found[place + 1 :]

        def rows(
            least: object, columns: tuple[str, ...] = columns, rest: list[list[str]] = rest
        ) -> Iterator[Row]:
            for number, cells in enumerate(rest, start=1):
                yield Row(number, dict(zip(columns, cells, strict=False)))

        yield Table("html", "", tuple(header), frozenset(columns), rows)


def _of_csv(raw: bytes) -> Iterator[Table]:
    lines = csv_rows.lines(raw)
    for header in csv_rows.headers(lines):

        def rows(
            needed: tuple[tuple[str, ...], ...], header: csv_rows.Header = header
        ) -> Iterator[Row]:
            least = _least(header.columns, needed)
            for number, fields in csv_rows.records(lines, header, least):
                cells = None if fields is None else dict(zip(header.columns, fields, strict=True))
                yield Row(number, cells)

        yield Table("csv", "", header.names, frozenset(header.columns), rows)


def _least(columns: tuple[str, ...], needed: tuple[tuple[str, ...], ...]) -> int:
    """Return how many cells a line must have to hold all that is needed."""
    last = [columns.index(name) for names in needed for name in names if name in columns]
    return max(last, default=0) + 1
