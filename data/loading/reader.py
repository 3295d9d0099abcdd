"""Reading a dataset of any known format: a generator that the caller drives.

Not asking for more is how one cancels.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from data import notices
from data.dataset import Dataset, Notice, fingerprinting
from data.folder_or_zip import FolderOrZip, look
from data.loading import parsed_cache
from data.loading.assembling import assemble
from data.loading.films_file import files_beside
from data.loading.finding import other_files, select
from data.loading.found import Found
from data.loading.questions import Answers, ColumnChoice, Unrated
from engine.stepwise import Result, Work, scaled

_READ, _ASSEMBLED = 0.8, 0.92
"""How far one is when the lines are read, and when they are a dataset."""


@dataclass(frozen=True)
class Reading:
    """A moment of reading: how far it is and, at the end, the dataset."""

    progress: float
    """From 0 to 1."""
    dataset: Dataset | None = None


def read(
    path: str | os.PathLike[str],
    progress: Callable[[float], None] | None = None,
    *,
    columns: ColumnChoice | None = None,
    unrated: Unrated | None = None,
) -> Dataset:
    """Return the dataset at `path`: a folder, a zip or a single ratings file of any known format.

    Parameters
    ----------
    path : what to open
    progress : called with how far it is, from 0 to 1
    columns : which column is what, where the file does not tell
    unrated : "keep" or "drop" ratings of a value that seems to stand for "not rated"

    Raises
    ------
    ColumnsUnclear
        If it is not clear which columns are user, movie and rating: ask again with `columns`.
    UnratedUnclear
        If a value seems to stand for "not rated": ask again with `unrated`.
    DataError
        If there is nothing to read; what is only partly wrong is told in `Dataset.warnings`.
    """
    for step in reading(path, columns=columns, unrated=unrated):
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


def reading(
    path: str | os.PathLike[str],
    *,
    columns: ColumnChoice | None = None,
    unrated: Unrated | None = None,
) -> Generator[Reading, None, None]:
    """Yield how far the reading of `path` is, and in the last step the dataset; see `read`.

    What the person answered is kept with the parsed copy and need not be told again.
    """
    where, answers = Path(path).expanduser(), Answers(columns, unrated)
    yield Reading(0.0)
    place = look(where)
    selection = yield from _steps(select(place, where, columns), 0, 0.01)
    stamped = parsed_cache.stamp(_files(place, selection.name))
    told = str(answers) if answers != Answers() else ""
    kept = yield from _steps(parsed_cache.load(where, stamped, told), 0.01, 1)
    if kept.dataset is not None:
        yield Reading(1.0, kept.dataset)
        return
    if selection.format is None:
        raise selection.unclear or AssertionError("a format is known or unclear")
    found = Found(where, place, selection.name, selection.format, answers)
    dataset = yield from _read(found, other_files(selection, place))
    saving = parsed_cache.save(where, stamped, dataset, told)
    failed = yield from _steps(saving, 0.95, 1)
    yield Reading(1.0, replace(dataset, warnings=dataset.warnings + kept.told + failed))


def _read(found: Found, told: tuple[Notice, ...]) -> Generator[Reading, None, Dataset]:
    for share in found.read():
        yield Reading(_READ * share)
    dataset = yield from _steps(assemble(found), _READ, _ASSEMBLED)
    fingerprint = yield from _steps(fingerprinting(dataset.ratings), _ASSEMBLED, 0.95)
    return replace(dataset, warnings=told + dataset.warnings, known_fingerprint=fingerprint)


def _steps(work: Work[Result], start: float, stop: float) -> Generator[Reading, None, Result]:
    """Do work as a part of reading."""
    progress = scaled(work, start, stop)
    while True:
        try:
            yield Reading(next(progress))
        except StopIteration as done:
            result: Result = done.value
            return result


def _files(place: FolderOrZip, name: str) -> list[Path]:
    """Return the files on disk that a dataset is read from."""
    if place.zipped:
        return [place.path]
    return [place.path / one for one in (name, *files_beside(place, name))]
