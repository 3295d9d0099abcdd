"""Rows on standard output, as a table for people, or as JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Sequence
from typing import TypeAlias

from tui.text.lines import fit, printable, right, width

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = dict[str, Cell]
NUMBERS = (int, float)


def show(rows: Sequence[Row], *, as_json: bool = False, as_csv: bool = False) -> None:
    """Print the rows; all have the same columns."""
    if as_json:
        print(json.dumps([{k: _plain(v) for k, v in row.items()} for row in rows], indent=1))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows[0] if rows else ())
        writer.writerows([_plain(value) for value in row.values()] for row in rows)
    else:
        for line in table(rows):
            print(line)


def table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table: numbers to the right, everything else to the left."""
    if not rows:
        return []
    columns = list(rows[0])
    texts = [[_text(row[name]) for name in columns] for row in rows]
    wide = [max(width(line[i]) for line in [columns, *texts]) for i in range(len(columns))]
    numeric = [all(isinstance(row[name], NUMBERS) for row in rows) for name in columns]
    lines = [columns, *texts]
    return [
        "  ".join(
            right(text, cells) if number else fit(text, cells)
            for text, cells, number in zip(line, wide, numeric, strict=True)
        ).rstrip()
        for line in lines
    ]


def progress(said: str) -> None:
    """Tell on standard error how far it is, where somebody looks."""
    if sys.stderr.isatty():
        print(f"\r{said}\x1b[K", end="", file=sys.stderr, flush=True)


def _text(value: Cell) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else printable(str(value))


def _plain(value: Cell) -> Cell:
    return None if isinstance(value, float) and not math.isfinite(value) else value
