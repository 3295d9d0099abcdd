"""Reading a dataset of any known format: a generator that the caller drives.

Not asking for more is how one cancels.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import numpy as np

from data import forms, gather, notices
from data.catalogue import Catalogue
from data.dataset import Dataset, Notice, Source
from data.errors import Damaged, NoRatings, UnknownFormat
from data.film import Film
from data.films import FilmsFile, read_films
from data.forms import Form
from data.gather import Gathered
from data.places import Place, look
from engine import Ratings, Scale
from engine.arrays import Offsets

_USUAL = ("u.data", "ratings.csv", "ratings.dat")
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


def reading(path: str | os.PathLike[str]) -> Iterator[Reading]:
    """Yield how far the reading of `path` is, and in the last step the dataset; see `read`."""
    where = Path(path).expanduser()
    place = look(where)
    name, form = _ratings_file(place, where)
    gathered = Gathered()
    yield Reading(0.0)
    for share in _ratings(place, name, form, gathered):
        yield Reading(0.9 * share)
    films = read_films(place, name)
    yield Reading(0.93)
    dataset = _assemble(where, place, name, form, gathered, films)
    yield Reading(1.0, dataset)


def _ratings_file(place: Place, path: Path) -> tuple[str, Form]:
    """Return the file of ratings in a place, and its form."""
    if not place.zipped and path.name in place.names and not path.is_dir():
        form = forms.sniff(place.read(path.name, forms.HEAD), str(path))
        if form is None:
            raise UnknownFormat(_unknown(str(path), place.size(path.name) == 0))
        return path.name, form
    for name in _candidates(place):
        form = forms.sniff(place.read(name, forms.HEAD), place.where(name))
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


def _candidates(place: Place) -> list[str]:
    """Return files that may hold ratings, the usual names first, then the largest."""

    def rank(name: str) -> tuple[int, int, str]:
        path = PurePosixPath(name)
        usual = path.name.lower() in _USUAL
        order = _USUAL.index(path.name.lower()) if usual else len(_USUAL)
        return order, 0 if usual else -place.size(name), name

    likely = [name for name in place.names if PurePosixPath(name).suffix.lower() in _ENDINGS]
    return sorted(likely[:500], key=rank)[:50]


def _ratings(place: Place, name: str, form: Form, gathered: Gathered) -> Iterator[float]:
    """Read all ratings into `gathered`; yield the share that is done."""
    size = max(place.size(name), 1)
    scale = forms.HALF_STARS if form.is_movielens else None
    with place.open(name) as file:
        for block, done in gather.blocks(file, form.header, form.columns):
            gathered.add(block, scale)
            yield min(done / size, 1.0)


def _assemble(
    path: Path, place: Place, name: str, form: Form, gathered: Gathered, films: FilmsFile
) -> Dataset:
    n = sum(map(len, gathered.values))
    warnings = notices.of_lines(gathered, form, place.where(name))
    if not n:
        raise NoRatings(
            f"Not one line of {place.where(name)} is a usable rating; check that it is a ratings"
            " file and not damaged."
        )
    values = np.concatenate(gathered.values)
    gathered.values.clear()
    known = np.fromiter(films.films, np.int64, len(films.films))
    users, user_ids = gather.renumber(gathered.users)
    movies, movie_ids = gather.renumber(gathered.movies, known)
    again = gather.repeated(users, movies, len(movie_ids))
    if len(again):
        warnings += notices.of_repeats(
            gathered.lines_of(again, int(form.header)), place.where(name)
        )
        keep = np.ones(n, bool)
        keep[again] = False
        users, movies, values = users[keep], movies[keep], values[keep]
    scale = _scale(form, values.min(), values.max(), bool((values % 1 != 0).any()))
    ratings = Ratings(users, movies, values, len(user_ids), len(movie_ids), scale)
    catalogue = _catalogue(films, movie_ids, np.bincount(movies, minlength=len(movie_ids)))
    return Dataset(
        ratings,
        catalogue,
        Source(_name(path, name), path, form.name),
        warnings + notices.of_films(films, catalogue, place.where(films.name)),
        tuple(map(str, user_ids.tolist())),
        _years(gathered.times),
    )


def _catalogue(films: FilmsFile, movie_ids: Offsets, counts: Offsets) -> Catalogue:
    ids = movie_ids.tolist()
    described = (films.films.get(one) or Film(f"Film {one}") for one in ids)
    return Catalogue(tuple(described), counts, tuple(map(str, ids)))


def _scale(form: Form, low: float, high: float, halved: bool) -> Scale:
    """Return the format's scale; for a file of one's own, the usual scale that holds all."""
    if form.is_movielens:
        whole = "CSV" not in form.name and not halved
        return forms.WHOLE_STARS if whole else forms.HALF_STARS
    for scale in (
        Scale(1, 5),
        Scale(0.5, 5),
        Scale(0, 5),
        Scale(1, 10),
        Scale(0, 10),
        Scale(0, 100),
    ):
        if scale.low <= low and high <= scale.high and not (halved and scale == (1, 5)):
            return scale
    return Scale(float(low), float(high))


def _name(path: Path, name: str) -> str:
    """Return what to call the dataset: the folder or zip that it is in, or its file."""
    if path.is_dir() or path.suffix.lower() == ".zip":
        inner = PurePosixPath(name).parent.name
        return inner or path.resolve().stem
    return path.resolve().parent.name if path.name.lower() in _USUAL else path.stem


def _years(times: tuple[int, int] | None) -> tuple[int, int] | None:
    if times is None:
        return None
    first, last = (datetime.fromtimestamp(one, UTC).year for one in times)
    return first, last


__all__ = ["Damaged", "Notice", "Reading", "read", "reading"]
