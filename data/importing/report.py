"""What to say of exports: what was left out of them, and why some are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from data import notices as sentences
from data import titles
from data.dataset import Notice
from data.errors import UnknownFormat
from data.importing import sites
from data.importing.entry import merged
from data.importing.format import spellings
from data.importing.found import FileRead, Known
from data.importing.tables import Table
from data.loading import ratings_format

SHOWN = 8
"""Columns that are named in a sentence."""
TOLD_FIRST = 5
"""Sites that are named in a sentence."""
_LONGEST_HEADER = 4096
"""Bytes; no file of ratings has a longer first line."""
_OWN_RATING = re.compile(r"rat(?:e$|ed$|ing)|score|stars?(?:$|10)|^(?:my|your|user)?vote$|grade$")
"""Names of columns that may hold own ratings."""


def notices(part: FileRead) -> Iterator[Notice]:
    """Yield what was left out of a file, and why."""
    where, site = part.where, part.known.site
    lines = {why: np.array(found, np.int64) for why, found in part.lines.items()}
    unit = "line" if part.known.table.kind == "csv" else "entry"
    if "broken" in lines:
        yield sentences.skipped(
            lines["broken"], "tells no film and was", "tell no film and were", where, unit
        )
    if "off the scale" in lines:
        scale = f"the scale of {site.name}"
        yield sentences.skipped(
            lines["off the scale"], f"is off {scale} and was", f"are off {scale} and were", where,
            unit,
        )  # fmt: skip
    if part.scale != part.known.format.scale:
        top = f"{part.scale.top:g}"
        yield Notice(f"A rating in {where} is above 5, so all are taken as out of {top}.", 0)
    repeated = 0 if part.is_diary else len(part.entries) - len(merged(part.entries))
    counted = {why: len(found) for why, found in lines.items()}
    for n, one, many, rest in (
        (counted.get("television", 0), "title of television or a game",
         "titles of television or games", "left out"),
        (counted.get("no rating", 0), "line without stars", "lines without stars", "left out"),
        (counted.get("rounded", 0), "rating between half stars", "ratings between half stars",
         "rounded"),
        (repeated, "line", "lines", "outdone by a later one of the same film"),
    ):  # fmt: skip
        if n:
            what = f"1 {one} in {where} was" if n == 1 else f"{n:,} {many} in {where} were"
            yield Notice(f"{what} {rest}.", n)


def refuse(known: Known, where: str) -> None:
    """Raise UnknownFormat where a table holds no films, or stars in a column that is not known."""
    site, form, table = known
    if form.holds_none:
        raise UnknownFormat(f"{where} {form.holds_none}")
    if form.has(form.stars, table.columns) or form.television or form.tells_states:
        return
    known_names = {name for other in (*form.others, *form.needs) for name in spellings(other)}
    for name in table.names:
        plain = spellings(name.replace("|", " "))[0] if name else ""
        if plain not in known_names and _OWN_RATING.search(plain):
            raise UnknownFormat(
                f"{where} may hold ratings in the column {shown([name])}, which no form of"
                f" {site.name} known here has; rename it to Rating (to 5) or Rating10 (to 10) if"
                " they are yours, or delete it."
            )


def untold(where: str) -> str:
    """Return what to say where only the person knows what films without stars are."""
    return (
        f"{where} holds no stars, and its name does not tell what the films in it are; call it"
        " watchlist.csv for films to watch, or watched.csv for films seen."
    )


def none_in(path: Path) -> str:
    """Return what to say of a folder or zip in which no file is known."""
    return (
        f"There is no export in {path} that this program knows; {_known()}. Choose a file of"
        " theirs, or the zip that the site makes."
    )


def unknown(raw: bytes, where: str, seen: Sequence[Table]) -> str:
    """Return why a file of no known format is refused, with the columns seen."""
    if _is_dataset(raw, where):
        return (
            f"{where} holds the ratings of many users: it is no export of one's own. On Data, the"
            " key a opens it as a dataset."
        )
    names = _columns(seen)
    rest = f"; its columns are {shown(names)}" if names else ""
    return f"{where} is no export that this program knows; {_known()}{rest}."


def shown(names: Sequence[str]) -> str:
    """Return the first of some names, fit for a sentence."""
    text = ", ".join(f"“{titles.visible(name[:40])}”" for name in names[:SHOWN])
    rest = len(names) - SHOWN
    return f"{text} and {rest:,} more" if rest > 0 else text


def _columns(seen: Sequence[Table]) -> list[str]:
    """Return the names of the columns that a file most likely has; none where it is no table."""
    parsed = [table for table in seen if table.kind != "csv"]
    if len(parsed) > 1 and parsed[-1].kind == "xml":
        parsed.pop()  # the outermost element, which holds all the others
    first = parsed or seen[:3]  # a CSV's first line, parted at each delimiter
    names = max((table.names for table in first), key=len, default=())
    names = tuple(name for name in names if name.strip())
    if not parsed and len(names) < 2:
        return []
    return list(names) if all(name.strip().isprintable() for name in names) else []


def _known() -> str:
    return f"it knows those of {sites.listed(TOLD_FIRST)}, and its own"


def _is_dataset(raw: bytes, where: str) -> bool:
    if b"\n" not in raw[:_LONGEST_HEADER]:
        return False
    try:
        return ratings_format.sniff(raw[: ratings_format.HEAD], where) is not None
    except UnknownFormat:
        return False
