"""Which format a file is of: told by its columns or keys, never by its name."""

from __future__ import annotations

from data.errors import UnknownFormat
from data.importing import report, sites
from data.importing.format import Format, Site
from data.importing.found import Known
from data.importing.limits import TooMuch
from data.importing.tables import Table, in_file

MOST_SEEN = 100
"""Tables of unknown formats that are kept, to tell of the largest."""


def recognised(raw: bytes, where: str) -> list[Known]:
    """Return the tables of a file that are of a known format.

    Raises
    ------
    UnknownFormat
        If there is none; the sentence names what was seen.
    """
    if not raw.strip():
        raise UnknownFormat(f"{where} is empty; export it again.")
    known: list[Known] = []
    seen: list[Table] = []
    try:
        for table in in_file(raw):
            if table.kind == "csv" and known:
                break
            form = format_of(table)
            if form is not None:
                known.append(Known(*form, table))
                if table.kind in ("csv", "html"):
                    break
            elif len(seen) < MOST_SEEN:
                seen.append(table)
    except TooMuch as error:
        raise UnknownFormat(f"{where} cannot be read: {error}; choose another file.") from None
    if not known:
        raise UnknownFormat(report.unknown(raw, where, seen))
    return known


def format_of(table: Table) -> tuple[Site, Format] | None:
    """Return the format that a table is of: of those that fit, the one that asks for most."""
    fits = [
        (site, form)
        for site in sites.every()
        for form in site.formats
        if form.is_of(table.kind, table.at, table.columns)
    ]
    return max(fits, key=lambda one: (len(one[1].needs), bool(one[1].at)), default=None)
