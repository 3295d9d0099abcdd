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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data import paths
from data.catalogue import Catalogue
from data.dataset import Dataset, Notice, Source
from data.errors import cannot_read, reason
from data.film import Film
from data.loading import array_files
from engine import InvalidRatings, Ratings, Scale
from engine.stepwise import Work, chunks, scaled

VERSION = 4
"""Raised whenever what is kept, or how files are understood, changes."""
ENDS = 1 << 16
"""Bytes at either end of a file that go into its stamp."""
_ARRAYS = {"users": "<i4", "movies": "<i4", "values": "<f4", "times": "<i8", "counts": "<i8"}
"""What is kept as an array, and of which numbers."""
_FAULTS = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, OverflowError),
    *(RecursionError, MemoryError, InvalidRatings),
)
"""What a header that was tampered with may lead to."""
FILMS = 10_000
"""Films on a line of the header."""
_DIGEST = 32
"""Letters of the header's own checksum."""


MADE_AGAIN = Notice("The parsed copy of this dataset was damaged; it was made again.")


@dataclass(frozen=True)
class Kept:
    """What was found of a parsed copy."""

    dataset: Dataset | None = None
    told: tuple[Notice, ...] = ()
    """What to tell the person of a copy that is there and cannot be used."""


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


def load(path: Path | None, stamped: str, answers: str = "") -> Work[Kept]:
    """Return the dataset kept for `path` (None: the demo) if it is of that stamp.

    `answers` is what the person told about the file; without any, a copy made with some serves.
    """
    folder = _folder(path)
    try:
        raw = (folder / "header.json").read_bytes()
    except OSError:
        return Kept()
    try:
        header = yield from scaled(_checked(raw), 0, 0.3)
        if header["stamp"] != stamped or answers not in ("", header["answers"]):
            return Kept()
        dataset = yield from scaled(_dataset(path, folder, header), 0.3, 1)
    except _FAULTS:
        return Kept(told=(MADE_AGAIN,))
    _used(folder)
    return Kept(dataset)


def save(
    path: Path | None, stamped: str, dataset: Dataset, answers: str = ""
) -> Work[tuple[Notice, ...]]:
    """Keep `dataset` for `path`; return what to tell the person if that fails."""
    folder = _folder(path)
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    paths.sweep(folder.parent, "*.*")
    try:
        yield from _write(fresh, {"stamp": stamped, "answers": answers}, dataset)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        says = f"The parsed copy could not be kept in {folder.parent}: {reason(error)}."
        return (Notice(f"{says} The next opening takes as long as this one."),)
    paths.bound(folder.parent, paths.CACHE_LIMIT, keep=folder)
    return ()


def _folder(path: Path | None) -> Path:
    if path is None:
        return paths.cache_folder() / "datasets" / "demo"
    name = hashlib.blake2b(os.fsencode(path.resolve()), digest_size=8).hexdigest()
    return paths.cache_folder() / "datasets" / name


def _used(folder: Path) -> None:
    """Note that a copy was used now: the oldest unused is the first to go."""
    try:
        os.utime(folder)
    except OSError:
        return


def _write(folder: Path, header: dict[str, Any], dataset: Dataset) -> Work[None]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ratings = dataset.ratings
    arrays = {name: _array(dataset, name) for name in _ARRAYS}
    arrays = {name: array for name, array in arrays.items() if array is not None}
    sums = {}
    for i, (name, array) in enumerate(arrays.items()):
        writing = array_files.write(folder / f"{name}.npy", array.astype(_ARRAYS[name], copy=False))
        sums[name] = yield from scaled(writing, i / len(arrays), (i + 1) / len(arrays))
    header |= {
        "name": dataset.source.name,
        "format": dataset.source.format,
        "n_ratings": len(ratings),
        "n_users": ratings.n_users,
        "scale": ratings.scale,
        "years": dataset.years,
        "fingerprint": dataset.fingerprint,
        "warnings": [asdict(one) for one in dataset.warnings],
        "checksums": sums,
        "user_ids": dataset.user_ids,
        "ids": dataset.catalogue.ids,
    }
    lines = [json.dumps(header)[1:-1] + ', "films": [']
    for part in chunks(len(dataset.catalogue), FILMS):
        lines.append(
            json.dumps([_listed(film) for film in dataset.catalogue.films[part]])[1:-1] + ","
        )
        yield 1.0
    lines[-1] = lines[-1].rstrip(",")
    (folder / "header.json").write_bytes(sealed("\n".join([*lines, "]}"])))


def _array(dataset: Dataset, name: str) -> Any:
    return dataset.catalogue.counts if name == "counts" else getattr(dataset.ratings, name)


def _listed(film: Film) -> list[object]:
    return [getattr(film, name) for name in Film.__dataclass_fields__]


def sealed(rest: str) -> bytes:
    """Return a header as JSON whose first line is the checksum of the other lines."""
    raw = rest.encode()
    return b'{"checksum": "' + _digest(raw) + b'",\n' + raw


def _checked(raw: bytes) -> Work[dict[str, Any]]:
    """Return a header; its films stand on lines of their own, which are read in steps."""
    first, _, rest = raw.partition(b"\n")
    if first != b'{"checksum": "' + _digest(rest) + b'",':
        raise ValueError("the header has changed")
    about, *lines, last = rest.split(b"\n")
    header: dict[str, Any] = json.loads(b"{" + about + last)
    for i, line in enumerate(lines):
        header["films"] += map(_film, json.loads(b"[" + line.removesuffix(b",") + b"]"))
        yield (i + 1) / len(lines)
    return header


def _digest(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=_DIGEST // 2).hexdigest().encode()


def _dataset(path: Path | None, folder: Path, header: dict[str, Any]) -> Work[Dataset]:
    films = tuple(header["films"])
    sums = header["checksums"]
    arrays: dict[str, Any] = dict.fromkeys(_ARRAYS)
    for i, name in enumerate(sums):
        n = len(films) if name == "counts" else header["n_ratings"]
        arrays[name] = array_files.opened(folder / f"{name}.npy", _ARRAYS[name], n)
        checking = array_files.check(arrays[name], sums[name])
        yield from scaled(checking, i / len(sums), (i + 1) / len(sums))
    users, movies, values, times, counts = arrays.values()
    scale = Scale(*header["scale"])
    ratings = Ratings(users, movies, values, header["n_users"], len(films), scale, times=times)
    n_named = len(header["user_ids"])
    if len(films) != len(header["ids"]) or n_named not in (0, ratings.n_users):
        raise ValueError("the parts of a parsed copy do not fit together")
    warnings = (Notice(w["text"], w["count"], tuple(w["lines"])) for w in header["warnings"])
    return Dataset(
        ratings,
        Catalogue(films, np.array(counts), tuple(header["ids"])),
        Source(header["name"], path, header["format"], synthetic=path is None),
        tuple(warnings),
        tuple(header["user_ids"]),
        _years(header["years"]),
        header["fingerprint"],
    )


def _years(listed: list[int] | None) -> tuple[int, int] | None:
    if listed is None:
        return None
    first, last = map(int, listed)
    return first, last


def _film(listed: list[Any]) -> Film:
    title, year, genres, imdb, tmdb, original, aliases = listed
    return Film(title, year, tuple(genres), imdb, tmdb, original, tuple(aliases))
