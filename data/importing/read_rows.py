"""Reading the rows of a table whose format is known."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import PurePosixPath

from data.errors import UnknownFormat
from data.importing import cells, report, rows
from data.importing.entry import SEEN, WATCHLIST
from data.importing.format import Format, Site, part_at_end
from data.importing.found import FileRead, Known, Untold
from data.importing.limits import MOST_ROWS
from data.importing.scale import Scale
from data.importing.tables import Table

STEP = 1000
"""So many rows are read between two moments in which one may cancel."""
_TELLING = {"watchlist": WATCHLIST, "wishlist": WATCHLIST, "watched": SEEN, "history": SEEN}
"""What films without stars are, by a word in the name of their file."""


def read_rows(
    known: Known, name: str, where: str, unrated: str = ""
) -> Generator[int, None, FileRead]:
    """Yield how many rows have been read, and return what they say.

    Parameters
    ----------
    known : the table and its format
    name, where : the path of its file in the export, and how to call it
    unrated : what films without stars are, where the person was asked

    Raises
    ------
    Untold
        If only the person knows that.
    UnknownFormat
        If the format holds no films, or ratings stand in a column that is not known.
    """
    site, form, table = known
    report.refuse(known, where)
    mark = "" if form.tells_states else unrated or _mark_of(site, name)
    tells = form.has(form.stars, table.columns) or form.has(form.watched, table.columns)
    if not (tells or mark or form.tells_states or form.television):
        raise Untold(report.untold(where))
    part = FileRead(known, where, _scale(form, table))
    n_rows = 0
    for number, row in table.rows(form.signs):
        n_rows += 1
        if n_rows > MOST_ROWS:
            raise UnknownFormat(f"{where} has more rows than one person's export; choose another.")
        if n_rows % STEP == 0:
            yield n_rows
        if row is None:
            part.lines.setdefault("broken", []).append(number)
            continue
        entry, why = rows.said(form, row, part.scale, mark)
        if entry is not None:
            part.entries.append(entry)
        if why:
            part.lines.setdefault(why, []).append(number)
    if form.is_list and not part.entries and "no rating" in part.lines:
        raise Untold(report.untold(where))
    return part


def _mark_of(site: Site, name: str) -> str:
    """Return what films without stars in a file of that name are; empty if it does not tell."""
    for part in site.parts:
        if part.mark and part_at_end(part, name):
            return part.mark
    file = PurePosixPath(name).name.lower()
    return next((mark for word, mark in _TELLING.items() if word in file), "")


def _scale(form: Format, table: Table) -> Scale:
    """Return the scale of the format; the other one, where it may have two and any rating tells."""
    if form.above is None:
        return form.scale
    values = (
        cells.number(form.cell(form.adapt(row), form.stars))
        for _, row in table.rows(form.signs)
        if row is not None
    )
    above = any(value is not None and value > form.scale.top for value in values)
    return form.above if above else form.scale
