"""Places: a folder or a zip, looked into in the same way. Nothing is ever unpacked to disk."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from data import titles
from data.errors import Damaged, DataError, NotFound, UnknownFormat, cannot_read

DEPTH = 3
"""Files are looked for at most so many folders down."""
MOST_FILES = 10_000
"""No more files than this are looked at."""
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What the zip reader raises at a file that is damaged, encrypted or of an unknown kind."""


@dataclass(frozen=True)
class Place:
    """A folder or a zip, and the files in it."""

    path: Path
    names: tuple[str, ...]
    """Paths of the files inside, with forward slashes."""
    zipped: bool

    def size(self, name: str) -> int:
        """Return the size of a file in bytes, as far as the place tells."""
        with translated(self, name):
            if not self.zipped:
                return (self.path / name).stat().st_size
            with zipfile.ZipFile(self.path) as archive:
                return archive.getinfo(name).file_size

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file for reading bytes.

        Raises
        ------
        DataError
            If it cannot be read, now or while reading: no permission, damaged, encrypted.
        """
        with translated(self, name):
            if not self.zipped:
                with (self.path / name).open("rb", buffering=0) as file:
                    yield file
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(name) as file:
                yield file

    def read(self, name: str, limit: int) -> bytes:
        """Return the first `limit` bytes of a file."""
        with self.open(name) as file:
            parts: list[bytes] = []
            left = limit
            while left > 0 and (part := file.read(left)):
                parts.append(part)
                left -= len(part)
            return b"".join(parts)

    def beside(self, name: str) -> dict[str, str]:
        """Return the files in the same folder as `name`, by their name in lower case."""
        folder = PurePosixPath(name).parent
        paths = map(PurePosixPath, self.names)
        return {path.name.lower(): str(path) for path in paths if path.parent == folder}

    def where(self, name: str) -> str:
        """Return how to call a file of this place when speaking to a person."""
        return titles.visible(f"{name} in {self.path}" if self.zipped else str(self.path / name))


def look(path: Path) -> Place:
    """Return the place at `path`; for a single file, its folder.

    Raises
    ------
    NotFound
        If there is nothing at `path`, or it may not be read.
    Damaged
        If it is a zip cut short or corrupted.
    """
    try:
        if path.is_dir():
            os.scandir(path).close()
            return Place(path, tuple(_walk(path)), zipped=False)
        if path.exists() and not path.is_file():
            raise NotFound(f"{path} is neither a file nor a folder; choose one of those.")
        with path.open("rb") as file:
            head = file.read(4)
        if head[:2] == b"PK" or path.suffix.lower() == ".zip":
            return Place(path, tuple(_members(path)), zipped=True)
        return Place(path.parent, _siblings(path), zipped=False)
    except OSError as error:
        raise cannot_read(path, error) from error
    except ValueError:  # a zero byte, which no path can hold
        raise NotFound(f"{path} cannot be a path; check its spelling.") from None


@contextmanager
def translated(place: Place, name: str) -> Iterator[None]:
    """Say in a sentence what is wrong with a file that cannot be read."""
    try:
        yield
    except DataError:
        raise
    except FAULTS as error:
        raise Damaged(_fault(place.where(name), error)) from error
    except OSError as error:
        raise cannot_read(place.where(name), error) from error


def _fault(where: str, error: Exception) -> str:
    if isinstance(error, NotImplementedError) or "encrypted" in str(error):
        return f"{where} is encrypted or packed in an unusual way; unpack it and open the folder."
    return f"{where} is damaged or cut short; download or copy it again."


def _siblings(path: Path) -> tuple[str, ...]:
    """Return the files beside `path`, itself first; only itself where one may not look."""
    try:
        names = [one.name for one in os.scandir(path.parent) if one.is_file()]
    except PermissionError:
        names = []
    return (path.name, *(name for name in names[:MOST_FILES] if name != path.name))


def _walk(folder: Path) -> Iterator[str]:
    found = 0
    for root, folders, files in os.walk(folder):
        here = Path(root).relative_to(folder)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if len(here.parts) >= DEPTH:
            folders.clear()
        for name in sorted(files):
            if not os.path.isfile(Path(root) / name):
                continue
            found += 1
            if found > MOST_FILES:
                return
            yield (here / name).as_posix()


def _members(path: Path) -> Iterator[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()[:MOST_FILES]
    except FAULTS as error:
        if path.stat().st_size == 0:
            raise Damaged(f"{path} is empty; download or copy it again.") from error
        raise Damaged(_fault(str(path), error)) from error
    names = [info.filename for info in infos if not info.is_dir()]
    if not names:
        raise UnknownFormat(f"{path} is an empty zip; choose one that holds a ratings file.")
    return (name for name in names if not name.startswith("__MACOSX/"))
