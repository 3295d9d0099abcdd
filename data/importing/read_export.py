"""Reading a person's own exports: one file, or all of Letterboxd's in a zip or a folder.

Nothing is believed of a file's name but what films without stars stand for; broken lines are
counted and told, and only a file that says nothing at all is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from data import csv_rows, notices
from data.csv_rows import Header
from data.dataset import Notice
from data.errors import NoRatings, UnknownFormat
from data.folder_or_zip import FolderOrZip, look
from data.importing import sites
from data.importing.entry import SEEN, WATCHLIST, Entry, merged
from data.importing.sites import DIARY, LETTERBOXD, LETTERBOXD_LIST, OWN, Form, Why
from data.loading import ratings_format

LARGEST = 32 << 20
"""Bytes of one file that are read at most; the reviews of ten thousand films have ten million."""
PARTS = (
    "watched.csv",
    "likes/films.csv",
    "diary.csv",
    "reviews.csv",
    "ratings.csv",
    "watchlist.csv",
)
"""What Letterboxd's whole export is read for; stars in a later file outdo those in one before."""
MOST_FILES = 100
"""Files of any other zip that are looked at."""
_TELLING = {"watchlist": WATCHLIST, "wishlist": WATCHLIST, "watched": SEEN, "history": SEEN}
"""What films without stars are, by a word in the name of their file."""
_KNOWN = "it knows those of Letterboxd, IMDb, MovieLens, Trakt and TMDB, and its own"


@dataclass(frozen=True)
class Export:
    """What a person's export says, film by film."""

    form: str
    """Who wrote it, as in `IMDb`."""
    where: str
    """What to call it."""
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...] = ()
    """What was left out, and why."""


@dataclass(frozen=True)
class _Part:
    """What one file says, line by line."""

    form: Form
    where: str
    entries: list[Entry]
    lines: dict[Why, list[int]]
    """The numbers of lines that are to be told of, by the reason."""


def read(path: Path) -> Export:
    """Return what the export at `path` says: a file, a zip, or a folder of Letterboxd's.

    Raises
    ------
    DataError
        If there is nothing, it cannot be read, is of no known format or says nothing of any film.
    """
    place = look(path)
    if not place.zipped and not path.is_dir():
        return _export(path, [_part(place, path.name)])
    parts = _letterboxd(place)
    if not parts and place.zipped:
        names = [name for name in place.names if name.lower().endswith(".csv")]
        parts = _known(place, filter(_counts, names[:MOST_FILES]))
    if not parts:
        raise UnknownFormat(
            f"There is no export in {path} that this program knows; {_KNOWN}. Choose a file of"
            " theirs, or the zip that Letterboxd makes."
        )
    return _export(path, parts)


def _export(path: Path, parts: list[_Part]) -> Export:
    """Put together what several files say; what Letterboxd's diary says gives way to the rest."""
    told = [notice for part in parts for notice in _notices(part)]
    diary = [entry for part in parts if part.form is DIARY for entry in part.entries]
    rest = [entry for part in parts if part.form is not DIARY for entry in part.entries]
    entries = merged([*sorted(diary, key=lambda entry: entry.at), *rest])
    if not entries:
        raise NoRatings(f"{path} holds nothing of use. {' '.join(map(str, told))}".strip())
    return Export(parts[0].form.name, path.name, tuple(entries), tuple(told))


def _letterboxd(place: FolderOrZip) -> list[_Part]:
    """Return the parts of Letterboxd's whole export, wherever in the place it lies."""
    names = {name.lower(): name for name in filter(_counts, place.names)}
    roots = {name.removesuffix(part) for part in PARTS for name in names if name.endswith(part)}
    for root in sorted((one for one in roots if one.endswith("/") or not one), key=len):
        here = [names[root + part] for part in PARTS if root + part in names]
        parts = [part for part in _known(place, here) if part.form in (DIARY, LETTERBOXD)]
        if parts:
            return parts
    return []


def _counts(name: str) -> bool:
    """Whether a file is not among those that Letterboxd keeps of what was deleted."""
    return not {"deleted", "orphaned"} & set(PurePosixPath(name.lower()).parts)


def _known(place: FolderOrZip, names: Iterable[str]) -> list[_Part]:
    """Return what the files say that are of a known format."""
    found = []
    for name in names:
        try:
            found.append(_part(place, name))
        except UnknownFormat:
            continue
    return found


def _part(place: FolderOrZip, name: str) -> _Part:
    where = place.where(name)
    raw = place.read(name, LARGEST + 1)
    if len(raw) > LARGEST:
        raise UnknownFormat(
            f"{where} has more than {LARGEST >> 20} MB, which no export of one person has; choose"
            " another file."
        )
    if not raw.strip():
        raise UnknownFormat(f"{where} is empty; export it again.")
    lines = csv_rows.lines(raw)
    for header in csv_rows.headers(lines):
        form = sites.form_of(header.columns)
        if form is not None:
            return _read(form, header, lines, name, where)
    raise UnknownFormat(_unknown(raw, where))


def _read(form: Form, header: Header, lines: Sequence[str], name: str, where: str) -> _Part:
    told = _told(form, PurePosixPath(name).name.lower())
    _refuse(form, header, told, where)
    part = _Part(form, where, [], {})
    for number, fields in csv_rows.records(lines, header):
        if fields is None:
            part.lines.setdefault("broken", []).append(number)
            continue
        entry, why = sites.said(form, dict(zip(header.columns, fields, strict=True)), told)
        if entry is not None:
            part.entries.append(entry)
        if why:
            part.lines.setdefault(why, []).append(number)
    return part


def _told(form: Form, name: str) -> str | None:
    """Return what films without stars in a file of that name are."""
    if form is OWN:
        return None
    if form is DIARY or (form is LETTERBOXD and name == "films.csv"):
        return SEEN
    return next((mark for word, mark in _TELLING.items() if word in name), None)


def _refuse(form: Form, header: Header, told: str | None, where: str) -> None:
    """Say so where films have no stars and nothing tells what they stand for."""
    if form is LETTERBOXD_LIST:
        raise UnknownFormat(
            f"{where} is a list, which holds no stars; choose ratings.csv, watched.csv or"
            " watchlist.csv, or the whole zip."
        )
    if form.stars not in header.columns and told is None and not form.mark:
        raise UnknownFormat(
            f"{where} holds no stars, and its name does not tell what the films in it are; call it"
            " watchlist.csv for films to watch, or watched.csv for films seen."
        )


def _unknown(raw: bytes, where: str) -> str:
    if _is_dataset(raw, where):
        return (
            f"{where} holds the ratings of many users: it is no export of one's own. On Data, the"
            " key a opens it as a dataset."
        )
    return f"{where} is no export that this program knows; {_KNOWN}."


def _is_dataset(raw: bytes, where: str) -> bool:
    try:
        return ratings_format.sniff(raw[: ratings_format.HEAD], where) is not None
    except UnknownFormat:
        return False


def _notices(part: _Part) -> Iterator[Notice]:
    lines = {why: np.array(found, np.int64) for why, found in part.lines.items()}
    if "broken" in lines:
        yield notices.skipped(
            lines["broken"], "tells no film and was", "tell no film and were", part.where
        )
    if "off the scale" in lines:
        scale = f"the scale of {part.form.name}"
        yield notices.skipped(
            lines["off the scale"],
            f"is off {scale} and was",
            f"are off {scale} and were",
            part.where,
        )
    repeated = len(part.entries) - len(merged(part.entries)) if part.form is not DIARY else 0
    for n, one, many, rest in (
        (
            len(lines.get("television", ())),
            "title of television",
            "titles of television",
            "left out",
        ),
        (len(lines.get("no rating", ())), "line without stars", "lines without stars", "left out"),
        (len(lines.get("rounded", ())), "quarter of a star", "quarters of a star", "rounded up"),
        (repeated, "line", "lines", "outdone by a later one of the same film"),
    ):
        if n:
            what = (
                f"1 {one} in {part.where} was" if n == 1 else f"{n:,} {many} in {part.where} were"
            )
            yield Notice(f"{what} {rest}.", n)
