"""Opening a dataset: the demo, a release that was downloaded, or a path of one's own."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import data
from data import ColumnChoice, ColumnsUnclear, Unrated, UnratedUnclear, paths
from data.catalogue import Film
from data.dataset import Dataset
from data.releases import download, movielens
from tui.session.jobs import Moment

DEMO = "demo"


@dataclass(frozen=True)
class Target:
    """What to open."""

    name: str
    path: Path | None = None
    """Where it is; None for the demo."""

    @property
    def text(self) -> str:
        """What to keep in order to open it again."""
        return str(self.path) if self.path else self.name


class Answers(NamedTuple):
    """What the person told of a file that does not tell it itself."""

    columns: ColumnChoice | None = None
    unrated: Unrated | None = None


NOTHING_TOLD = Answers()


@dataclass(frozen=True)
class Unclear:
    """A file that cannot be read before the person has told something."""

    target: Target
    answers: Answers
    """What was told already."""
    problem: ColumnsUnclear | UnratedUnclear


def target(text: str) -> Target:
    """Return what `text` means: the demo, the name of a downloaded release, or a path."""
    if text in ("", DEMO):
        return Target(DEMO)
    wanted = release(text)
    if wanted is not None and not Path(text).exists():
        return Target(wanted.name, wanted.path)
    path = paths.typed(text)
    return Target(path.name or text, path)


def release(name: str) -> movielens.Release | None:
    """Return the MovieLens release of that name, if there is one."""
    return next((one for one in movielens.RELEASES if one.name == name.lower()), None)


def fetch(
    wanted: movielens.Release,
) -> Generator[Moment[download.Downloading], None, Target]:
    """Download a release; yield how far it is; return where it then is."""
    for step in download.download(wanted):
        yield Moment(step.progress, step)
    return Target(wanted.name, wanted.path)


def load(
    where: Target, answers: Answers = NOTHING_TOLD
) -> Generator[Moment[None], None, Dataset | Unclear]:
    """Read a dataset; yield how far it is; return it with everything computed that screens use.

    Where the file does not tell what it has to, what is unclear is returned.
    """
    try:
        return (yield from _load(where, answers))
    except (ColumnsUnclear, UnratedUnclear) as problem:
        return Unclear(where, answers, problem)


def _load(where: Target, answers: Answers) -> Generator[Moment[None], None, Dataset]:
    yield Moment(None)
    dataset: Dataset | None = None
    if where.path is None:
        dataset = data.demo()
    else:
        for step in data.reading(where.path, columns=answers.columns, unrated=answers.unrated):
            yield Moment(0.9 * step.progress)
            dataset = step.dataset or dataset
    assert dataset is not None, "reading ends with a dataset"
    yield from _warm(dataset)
    return dataset


def _warm(dataset: Dataset) -> Generator[Moment[None], None, None]:
    """Compute what is computed once, here and not on a key."""
    catalogue = dataset.catalogue
    _ = dataset.summary
    yield Moment(0.92)
    _ = dataset.fingerprint
    _ = dataset.movie_means
    catalogue.search("the", 1)
    yield Moment(0.95)
    catalogue.match(Film("the", 1900))
    yield Moment(0.98)
    _ = catalogue.genre_matrix, catalogue.years
