"""Finding the file of ratings in a folder or zip, and its format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data.dataset import Notice
from data.errors import UnknownFormat
from data.folder_or_zip import FolderOrZip
from data.loading import ratings_format
from data.loading.assembling import USUAL
from data.loading.films_file import DESCRIBING, LINKS
from data.loading.questions import ColumnChoice, ColumnsUnclear
from data.loading.ratings_format import RatingsFormat
from engine.stepwise import Work

_ENDINGS = (
    *(".csv", ".dat", ".data", ".tsv", ".txt", ".base", ".test", ".inter"),
    *(".parquet", ".feather", ".json", ".jsonl"),
)
"""How files end that may hold ratings, the last of them only to say what to do with them."""
_OTHERS = {
    *(*DESCRIBING, LINKS, "tags.csv", "users.dat", "users.csv", "u.user", "u.genre", "u.info"),
    *("u.occupation", "genome-scores.csv", "genome-tags.csv", "readme.txt", "requirements.txt"),
}
"""Files beside the ratings that hold none."""
MOST_LOOKED_AT = 50
MOST_DRAINED = 1 << 24
"""Bytes that are read for no more than to know whether they are damaged."""
MOST_OTHERS = 5
"""Files that are looked at for whether they hold ratings as well."""


@dataclass(frozen=True)
class Selection:
    """The file of ratings."""

    name: str
    format: RatingsFormat | None
    """None where it is not clear."""
    unclear: ColumnsUnclear | None = None
    others: tuple[str, ...] = ()
    """Files that seem to hold ratings as well."""


def select(place: FolderOrZip, path: Path, choice: ColumnChoice | None) -> Work[Selection]:
    """Return the file of ratings at `path`, looked at in steps.

    Raises
    ------
    UnknownFormat
        If there is none.
    Damaged
        If a zip holds what would be one if it were whole.
    """
    if not place.zipped and path.name in place.names and not path.is_dir():
        single = _looked_at(place, path.name, choice)
        if single is None:
            raise UnknownFormat(_unknown(str(path), place.size(path.name) == 0))
        return single
    return (yield from _best(place, path, choice))


def other_files(selection: Selection, place: FolderOrZip) -> tuple[Notice, ...]:
    """Return what to say about files that hold ratings and were not read."""
    if not selection.others:
        return ()
    names = ", ".join(selection.others)
    says = f"Ratings were read from {place.where(selection.name)} only, and not from {names}."
    return (Notice(says, len(selection.others)),)


def _looked_at(place: FolderOrZip, name: str, choice: ColumnChoice | None) -> Selection | None:
    head = place.read(name, ratings_format.HEAD)
    try:
        found = ratings_format.sniff(head, place.where(name), choice)
    except ColumnsUnclear as unclear:
        return Selection(name, None, unclear)
    return None if found is None else Selection(name, found)


def _best(place: FolderOrZip, path: Path, choice: ColumnChoice | None) -> Work[Selection]:
    """Return the first file whose columns are clear, else the first that seems to hold ratings."""
    names = _candidates(place)
    unclear: Selection | None = None
    problem: UnknownFormat | None = None
    for i, name in enumerate(names):
        yield i / len(names)
        try:
            found = _looked_at(place, name, None)
        except UnknownFormat as error:
            if _is_usual(name):
                yield from _drained(place, [name])
                raise
            problem = problem or error
            continue
        if found is not None and found.format is not None:
            others = [] if _is_usual(name) else _others(place, names[i + 1 :], name)
            chosen = _looked_at(place, name, choice) if choice else found
            return Selection(name, (chosen or found).format, others=tuple(others))
        unclear = unclear or found
    if unclear is not None:
        return (_looked_at(place, unclear.name, choice) if choice else None) or unclear
    yield from _drained(place, names[:1])
    raise problem or UnknownFormat(
        f"There is no ratings file in {path}; choose a MovieLens folder or zip, or a CSV with"
        " columns for user, movie and rating."
    )


def _drained(place: FolderOrZip, names: list[str]) -> Work[None]:
    """Read what is in a zip and seems to hold no ratings: is it damaged, that is to be said."""
    for name in names if place.zipped else ():
        with place.open(name) as file:
            done = 0
            while done < MOST_DRAINED and (part := file.read(ratings_format.HEAD)):
                done += len(part)
                yield done / MOST_DRAINED


def _others(place: FolderOrZip, names: list[str], chosen: str) -> list[str]:
    """Return which of the files of the same kind in the same folder hold ratings as well."""
    one = PurePosixPath(chosen)
    alike = [
        name
        for name in map(PurePosixPath, names)
        if name.suffix == one.suffix and name.parent == one.parent
    ]
    found = []
    for name in alike[:MOST_OTHERS]:
        try:
            found += [name.name] if _looked_at(place, str(name), None) else []
        except UnknownFormat:
            continue
    return found


def _is_usual(name: str) -> bool:
    return PurePosixPath(name).name.lower() in USUAL


def _candidates(place: FolderOrZip) -> list[str]:
    """Return files that may hold ratings, the usual names first, then the largest."""

    def rank(name: str) -> tuple[int, int, str]:
        plain = PurePosixPath(name).name.lower()
        usual = plain in USUAL
        return USUAL.index(plain) if usual else len(USUAL), 0 if usual else -place.size(name), name

    likely = [name for name in map(PurePosixPath, place.names) if name.suffix.lower() in _ENDINGS]
    wanted = [str(name) for name in likely if name.name.lower() not in _OTHERS]
    return sorted((name for name in wanted[:500] if place.size(name)), key=rank)[:MOST_LOOKED_AT]


def _unknown(where: str, empty: bool) -> str:
    if empty:
        return f"{where} is empty; choose a file with ratings."
    return (
        f"{where} is no ratings file in a known format; it needs columns for user, movie and"
        " rating, a line for each rating. Your own export from another site is imported, not"
        " opened as a dataset."
    )
