"""Parsed datasets kept on disk, so that the next opening takes a moment.

A dataset is a folder of plain arrays, which are mapped into memory rather than read, and a JSON
header with a stamp of the files that it was read from. If they changed, or if anything about the
folder is odd, it counts as absent. Nothing here is needed: it can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from data import paths
from data.catalogue import Catalogue
from data.dataset import Dataset, Notice, Source
from data.errors import cannot_read, reason
from data.film import Film
from engine import InvalidRatings, Ratings, Scale

VERSION = 3
"""Raised whenever what is kept, or how files are understood, changes."""
ENDS = 1 << 16
"""Bytes at either end of a file that go into its stamp."""
_ARRAYS = ("users", "movies", "values", "counts")


def stamp(files: Iterable[Path]) -> str:
    """Return a text that changes when one of the files does: size, time, beginning or end.

    Raises
    ------
    NotFound
        If one of them cannot be read.
    """
    digest = hashlib.blake2b(str(VERSION).encode(), digest_size=16)
    for path in files:
        try:
            about = path.stat()
            digest.update(os.fsencode(path.resolve()))
            digest.update(f" {about.st_size} {about.st_mtime_ns}".encode())
            with path.open("rb") as file:
                digest.update(file.read(ENDS))
                file.seek(max(about.st_size - ENDS, 0))
                digest.update(file.read(ENDS))
        except OSError as error:
            raise cannot_read(path, error) from error
    return digest.hexdigest()


def load(path: Path | None, stamped: str) -> Dataset | None:
    """Return the dataset kept for `path` (None: the demo), or None if none is of that stamp."""
    folder = _folder(path)
    try:
        header = json.loads((folder / "header.json").read_text("utf-8"))
        if header["stamp"] != stamped:
            return None
        return _dataset(path, folder, header)
    except (OSError, EOFError, ValueError, KeyError, TypeError, InvalidRatings):
        return None


def save(path: Path | None, stamped: str, dataset: Dataset) -> tuple[Notice, ...]:
    """Keep `dataset` for `path`; return what to tell the person if that fails."""
    folder = _folder(path)
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    paths.sweep(folder.parent, "*.*")
    try:
        _write(fresh, stamped, dataset)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        says = f"The parsed copy could not be kept in {folder.parent}: {reason(error)}."
        return (Notice(f"{says} The next opening takes as long as this one."),)
    return ()


def _folder(path: Path | None) -> Path:
    if path is None:
        return paths.cache_folder() / "datasets" / "demo"
    name = hashlib.blake2b(os.fsencode(path.resolve()), digest_size=8).hexdigest()
    return paths.cache_folder() / "datasets" / name


def _write(folder: Path, stamped: str, dataset: Dataset) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ratings = dataset.ratings
    for name in _names(ratings.times is not None):
        np.save(folder / f"{name}.npy", _array(dataset, name), allow_pickle=False)
    header = {
        "stamp": stamped,
        "name": dataset.source.name,
        "form": dataset.source.form,
        "n_users": ratings.n_users,
        "scale": ratings.scale,
        "years": dataset.years,
        "timed": ratings.times is not None,
        "fingerprint": dataset.fingerprint,
        "warnings": [asdict(one) for one in dataset.warnings],
        "user_ids": dataset.user_ids,
        "ids": dataset.catalogue.ids,
        "films": [_listed(film) for film in dataset.catalogue],
    }
    (folder / "header.json").write_text(json.dumps(header), "utf-8")


def _names(timed: bool) -> tuple[str, ...]:
    return (*_ARRAYS, "times") if timed else _ARRAYS


def _array(dataset: Dataset, name: str) -> Any:
    return dataset.catalogue.counts if name == "counts" else getattr(dataset.ratings, name)


def _listed(film: Film) -> list[object]:
    return [getattr(film, name) for name in Film.__dataclass_fields__]


def _dataset(path: Path | None, folder: Path, header: dict[str, Any]) -> Dataset:
    arrays = {
        name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        for name in _names(header["timed"])
    }
    films = tuple(_film(listed) for listed in header["films"])
    ratings = Ratings(
        arrays["users"],
        arrays["movies"],
        arrays["values"],
        header["n_users"],
        len(films),
        Scale(*header["scale"]),
        times=arrays.get("times"),
    )
    if not len(films) == len(arrays["counts"]) == len(header["ids"]):
        raise ValueError("the parts of a parsed copy do not fit together")
    catalogue = Catalogue(films, np.array(arrays["counts"]), tuple(header["ids"]))
    warnings = (Notice(w["text"], w["count"], tuple(w["lines"])) for w in header["warnings"])
    return Dataset(
        ratings,
        catalogue,
        Source(header["name"], path, header["form"], synthetic=path is None),
        tuple(warnings),
        tuple(header["user_ids"]),
        tuple(header["years"]) if header["years"] else None,
        header["fingerprint"],
    )


def _film(listed: list[Any]) -> Film:
    title, year, genres, imdb, tmdb, original, aliases = listed
    return Film(title, year, tuple(genres), imdb, tmdb, original, tuple(aliases))
