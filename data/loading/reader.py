"""Reading a dataset of any known format: a generator that the caller drives.

Not asking for more is how one cancels.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from data import notices
from data.dataset import Dataset
from data.errors import UnknownFormat
from data.folder_or_zip import FolderOrZip, look
from data.loading import parsed_cache, ratings_format
from data.loading.assembling import USUAL, Found, assemble
from data.loading.films_file import DESCRIBING
from data.loading.ratings_format import Form

_ENDINGS = (".csv", ".dat", ".data", ".tsv", ".txt", ".base", ".test")


@dataclass(frozen=True)
class Reading:
    """A moment of reading: how far it is and, at the end, the dataset."""

    progress: float
    """From 0 to 1."""
    dataset: Dataset | None = None


def read(path: str | os.PathLike[str], progress: Callable[[float], None] | None = None) -> Dataset:
    """Return the dataset at `path`: a folder, a zip or a single ratings file of any known format.

    Raises
    ------
    DataError
        If there is nothing to read; what is only partly wrong is told in `Dataset.warnings`.
    """
    for step in reading(path):
        if progress is not None:
            progress(step.progress)
        if step.dataset is not None:
            return step.dataset
    raise AssertionError("reading ends with a dataset")


def read_split(
    train: str | os.PathLike[str], test: str | os.PathLike[str]
) -> tuple[Dataset, Dataset]:
    """Return a training and a test dataset as published, the same users and films in both.

    What makes the test part less than a test is told in its `warnings`.

    Raises
    ------
    DataError
        If one of them cannot be read, or they have no film in common.
    """
    learned, held_out = read(train).align(read(test))
    told = notices.of_split(learned, held_out)
    return learned, replace(held_out, warnings=held_out.warnings + told)


def reading(path: str | os.PathLike[str]) -> Iterator[Reading]:
    """Yield how far the reading of `path` is, and in the last step the dataset; see `read`."""
    where = Path(path).expanduser()
    yield Reading(0.0)
    place = look(where)
    name, form = _ratings_file(place, where)
    stamped = parsed_cache.stamp(_files(place, name))
    kept = parsed_cache.load(where, stamped)
    if kept is not None:
        yield Reading(1.0, kept)
        return
    found = Found(where, place, name, form)
    for share in found.read():
        yield Reading(0.85 * share)
    dataset = yield from _assembled(found)
    yield Reading(0.95)
    _ = dataset.fingerprint
    yield Reading(0.97)
    failed = parsed_cache.save(where, stamped, dataset)
    yield Reading(1.0, replace(dataset, warnings=dataset.warnings + failed))


def _assembled(found: Found) -> Generator[Reading, None, Dataset]:
    making = assemble(found)
    while True:
        try:
            yield Reading(0.85 + 0.1 * next(making))
        except StopIteration as done:
            made: Dataset = done.value
            return made


def _files(place: FolderOrZip, name: str) -> list[Path]:
    """Return the files on disk that a dataset is read from."""
    if place.zipped:
        return [place.path]
    beside = place.beside(name)
    others = (beside[one] for one in DESCRIBING if one in beside)
    return [place.path / one for one in (name, *others)]


def _ratings_file(place: FolderOrZip, path: Path) -> tuple[str, Form]:
    """Return the file of ratings in a place, and its form."""
    if not place.zipped and path.name in place.names and not path.is_dir():
        form = ratings_format.sniff(place.read(path.name, ratings_format.HEAD), str(path))
        if form is None:
            raise UnknownFormat(_unknown(str(path), place.size(path.name) == 0))
        return path.name, form
    for name in _candidates(place):
        form = ratings_format.sniff(place.read(name, ratings_format.HEAD), place.where(name))
        if form is not None:
            return name, form
    raise UnknownFormat(
        f"There is no ratings file in {path}; choose a MovieLens folder or zip, or a CSV with"
        " columns for user, movie and rating."
    )


def _unknown(where: str, empty: bool) -> str:
    if empty:
        return f"{where} is empty; choose a file with ratings."
    return (
        f"{where} is no ratings file in a known format; it needs columns for user, movie and"
        " rating. Your own export from another site is imported, not opened as a dataset."
    )


def _candidates(place: FolderOrZip) -> list[str]:
    """Return files that may hold ratings, the usual names first, then the largest."""

    def rank(name: str) -> tuple[int, int, str]:
        path = PurePosixPath(name)
        usual = path.name.lower() in USUAL
        order = USUAL.index(path.name.lower()) if usual else len(USUAL)
        return order, 0 if usual else -place.size(name), name

    likely = [name for name in place.names if PurePosixPath(name).suffix.lower() in _ENDINGS]
    return sorted(likely[:500], key=rank)[:50]
