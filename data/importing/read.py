"""Reading a person's own exports: one file, or all of a site's in a zip or a folder.

What a file holds is told by its columns or keys. Nothing is believed of its name but what films
without stars stand for. Broken lines are counted and told; only a file that says nothing at all is
refused, and then the sentence names what was seen.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.dataset import Notice
from data.errors import NoRatings, UnknownFormat
from data.importing import files, report, sites
from data.importing.entry import Entry, merged
from data.importing.files import Files
from data.importing.format import Site, part_at_end
from data.importing.found import FileRead, Known, Untold
from data.importing.limits import MOST_FILES
from data.importing.read_rows import read_rows
from data.importing.recognise import recognised


@dataclass(frozen=True)
class Export:
    """What a person's export says, one entry a film."""

    site: str
    """Whose format it is in, as in `Letterboxd`."""
    where: str
    """The name of the file."""
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...] = ()
    """What was left out, and why."""


def read(path: Path, unrated: str = "") -> Export:
    """Return what the export at `path` says; see `reading`."""
    steps = reading(path, unrated)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: Export = done.value
            return found


def reading(path: Path, unrated: str = "") -> Generator[int, None, Export]:
    """Yield how many rows have been read, and return what the export at `path` says.

    Parameters
    ----------
    path : a file, a zip, or a folder that a site's whole export was unpacked to
    unrated : what films without stars are, `seen` or `watchlist`, where the person was asked

    Raises
    ------
    Untold
        If only the person knows what films without stars in it are.
    DataError
        If there is nothing, it cannot be read, is of no known format or says nothing of any film.
    """
    found = files.at(path)
    if not found.single:
        parts = yield from _whole(found, unrated)
    else:
        name = found.names[0]
        known, parts = recognised(found.read(name), found.where(name)), []
        for one in known:
            parts.append((yield from read_rows(one, name, found.where(name), unrated)))
    if not parts:
        raise UnknownFormat(report.none_in(path))
    return _export(path, parts)


def _export(path: Path, parts: Sequence[FileRead]) -> Export:
    """Put together what several files say; what a diary says gives way to the rest."""
    notices = [notice for part in parts for notice in report.notices(part)]
    diary = [entry for part in parts if part.is_diary for entry in part.entries]
    rest = [entry for part in parts if not part.is_diary for entry in merged(part.entries, True)]
    viewings = sorted(diary, key=lambda entry: (entry.watched or entry.at, entry.at))
    entries = merged([*viewings, *rest])
    if not entries:
        raise NoRatings(f"{path} holds nothing of use. {' '.join(map(str, notices))}".strip())
    return Export(parts[0].known.site.name, path.name, tuple(entries), tuple(notices))


def _whole(found: Files, unrated: str) -> Generator[int, None, list[FileRead]]:
    """Read the files of one site's whole export, wherever in the folders they lie.

    In a zip that is none, read all files that are known.
    """
    names = files.likely(found.names)
    known: dict[str, list[Known]] = {}
    for site in sites.every():
        chosen = _parts_of(site, names)
        parts = yield from _known(found, chosen, known, unrated, site)
        if parts:
            return parts
    if found.path.is_dir():
        return []
    left_alone = {folder for site in sites.every() for folder in site.passes_over}
    rest = [name for name in names if not _folders(name) & left_alone]
    return (yield from _known(found, rest[:MOST_FILES], known, unrated))


def _parts_of(site: Site, names: Sequence[str]) -> list[str]:
    """Return the files that a site's topmost export is read for, in the order of its parts."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        for place, part in enumerate(site.parts):
            match = part_at_end(part, name)
            if match is not None:
                root = name[: match.start()]
                if not _folders(f"{root}/") & {*site.passes_over}:
                    found.setdefault(root, []).append((place, name))
                break
    top = min(found, key=lambda root: (root.count("/"), root), default="")
    return [name for _, name in sorted(found.get(top, ()))][:MOST_FILES]


def _folders(path: str) -> set[str]:
    return set(path.lower().split("/")[:-1])


def _known(
    found: Files,
    names: Sequence[str],
    known: dict[str, list[Known]],
    unrated: str,
    only: Site | None = None,
) -> Generator[int, None, list[FileRead]]:
    """Read the files that are of a known format, or of that one site's."""
    parts: list[FileRead] = []
    untold: Untold | None = None
    for name in names:
        if name not in known:
            try:
                known[name] = recognised(found.read(name), found.where(name))
            except UnknownFormat:
                known[name] = []
            yield 0
        for one in known[name]:
            if only in (None, one.site) and not one.format.holds_none:
                try:
                    parts.append((yield from read_rows(one, name, found.where(name), unrated)))
                except Untold as error:
                    untold = error
                except UnknownFormat:
                    continue
    if untold is not None and not parts and only is None:
        raise untold
    return parts
