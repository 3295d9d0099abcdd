"""The first lines of a file as a table: what parts the fields, and whether a header names them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.loading import column_names
from data.loading.head import Head
from data.loading.numbers import number

DELIMITERS = ("::", "\t", ",", ";", "|", " ")
"""What may stand between fields, the surest first."""
LEAST = 3
"""Columns of a ratings file."""


@dataclass(frozen=True)
class Table:
    """Lines of a file, field by field."""

    delimiter: str
    n_fields: int
    names: tuple[str, ...]
    """The names of the columns; empty where there is no header."""
    rows: tuple[tuple[str, ...], ...]
    """Lines that have all fields."""
    skip: int
    """Lines of the file before the first of ratings."""

    def column(self, number: int) -> list[str]:
        """Return what stands in a column."""
        return [row[number] for row in self.rows]

    def name(self, number: int) -> str:
        """Return what to call a column."""
        return f"“{self.names[number]}”" if self.names else f"column {number + 1}"


def table_of(head: Head) -> Table | None:
    """Return the first lines as a table, or None if they are none."""
    if not head.lines:
        return None
    tables = list(_tables(head))
    named = max(tables, key=_n_told, default=None)
    if named is not None and _n_told(named) > 1:
        return named
    rows = [table for table in tables if len(table.rows) * 2 > len(head.lines) - bool(table.names)]
    return max(rows, key=lambda table: len(table.rows) + bool(table.names), default=None)


def _tables(head: Head) -> Iterator[Table]:
    """Yield what the lines are by each delimiter."""
    for delimiter in DELIMITERS:
        split = [_fields(line, delimiter) for line in head.lines]
        yield from _headed(head, delimiter, split)
        widths = Counter(map(len, split))
        width = max(widths, key=lambda n: (widths[n], n))
        if width >= LEAST:
            rows = tuple(tuple(row) for row in split if len(row) == width)
            yield Table(delimiter, width, (), rows, head.before)


def _headed(head: Head, delimiter: str, split: list[list[str]]) -> Iterator[Table]:
    """Yield the table whose columns the first line, or the last remark, names."""
    remark = _fields(head.remark, delimiter)
    for names, below, skip in ((split[0], split[1:], 1), (remark, split, 0)):
        widths = Counter(map(len, below))
        width = max(widths, key=lambda n: widths[n], default=len(names))
        if width == len(names) + 1 and _is_header(names, []):
            names = ["", *names]  # as R writes it: numbered lines, of which the header says nothing
        rows = tuple(tuple(row) for row in below if len(row) == len(names))
        if len(names) >= LEAST and _is_header(names, rows):
            yield Table(delimiter, len(names), tuple(names), rows, head.before + skip)


def _is_header(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether these are names: at least two tell a role, or they are words above numbers."""
    if _roles(names) > 1:
        return True
    if any(map(_is_number, names)):
        return False
    columns = ([one for one in column if one] for column in zip(*rows[:20], strict=True))
    return any(column and all(map(_is_number, column)) for column in columns)


def _is_number(text: str) -> bool:
    return number(text.encode()) is not None


def _n_told(table: Table) -> int:
    return _roles(table.names)


def _roles(names: Sequence[str]) -> int:
    roles: tuple[column_names.Role, ...] = ("user", "movie", "rating")
    return sum(bool(column_names.told(names, role)) for role in roles)


def _fields(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    if '"' not in line or len(delimiter) > 1:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return line.split(delimiter)
