"""A folder or a zip, looked into in the same way. Nothing is ever unpacked to disk."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from data import titles
from data.errors import Damaged, DataError, NotFound, UnknownFormat, cannot_read
from data.zip_member import unpacking

DEPTH = 3
"""Files are looked for at most so many folders down."""
MOST_FILES = 10_000
"""No more files than this are looked at."""


class Readable(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


@dataclass(frozen=True)
class FolderOrZip:
    """A folder or a zip, and the files in it."""

    path: Path
    names: tuple[str, ...]
    """Paths of the files inside, with forward slashes."""
    zipped: bool
    members: Mapping[str, zipfile.ZipInfo] = field(default_factory=dict, repr=False, compare=False)
    """What the zip says of each of its files."""

    def size(self, name: str) -> int:
        """Return the size of a file in bytes, as far as the folder or zip tells."""
        if self.zipped:
            return self.members[name].file_size
        with _translated(self.where(name)):
            return (self.path / name).stat().st_size

    @contextmanager
    def open(self, name: str) -> Iterator[Readable]:
        """Open a file for reading bytes.

        Raises
        ------
        DataError
            If it cannot be read, now or while reading: no permission, damaged, encrypted.
        """
        where = self.where(name)
        with ExitStack() as opened:
            with _translated(where):
                file = opened.enter_context(self._opened(name))
            yield _Translating(file, where)

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
        """Return how to call a file inside when speaking to a person."""
        return titles.visible(f"{name} in {self.path}" if self.zipped else str(self.path / name))

    def _opened(self, name: str) -> AbstractContextManager[Readable]:
        if not self.zipped:
            return (self.path / name).open("rb", buffering=0)
        info = self.members[name]
        if info.compress_type in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            return unpacking(self.path, info)
        return self._archive.open(info)

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        """The zip, opened once: its list of files may be long."""
        return zipfile.ZipFile(self.path)


@dataclass(frozen=True)
class _Translating:
    """A file that says in a sentence why it cannot be read on."""

    file: Readable
    where: str

    def read(self, size: int, /) -> bytes:
        with _translated(self.where):
            return self.file.read(size)


def look(path: Path) -> FolderOrZip:
    """Return the folder or zip at `path`; for a single file, its folder.

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
            return FolderOrZip(path, tuple(_walk(path)), zipped=False)
        if path.exists() and not path.is_file():
            raise NotFound(f"{path} is neither a file nor a folder; choose one of those.")
        with path.open("rb") as file:
            head = file.read(4)
        if head[:2] == b"PK" or path.suffix.lower() == ".zip":
            members = _members(path)
            return FolderOrZip(path, tuple(members), zipped=True, members=members)
        return FolderOrZip(path.parent, _siblings(path), zipped=False)
    except OSError as error:
        raise cannot_read(path, error) from error
    except ValueError:  # a zero byte, which no path can hold
        raise NotFound(f"{path} cannot be a path; check its spelling.") from None


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Say in a sentence what is wrong with a file that cannot be read.

    Every kind of error is: at damaged bytes the readers of zips raise almost any.
    """
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        # Without a number it comes from bzip2; a place that cannot be sought, from a zip's list.
        if error.errno in (None, errno.EINVAL):
            raise _fault(where, error) from error
        raise cannot_read(where, error) from error
    except Exception as error:
        raise _fault(where, error) from error


def _fault(where: str, error: Exception) -> Damaged:
    if isinstance(error, NotImplementedError) or "encrypted" in str(error):
        return Damaged(
            f"{where} is encrypted or packed in an unusual way; unpack it and open the folder."
        )
    return Damaged(f"{where} is damaged or cut short; download or copy it again.")


def _siblings(path: Path) -> tuple[str, ...]:
    """Return the files beside `path`, itself first; only itself where one may not look."""
    try:
        names = sorted(os.listdir(path.parent))[:MOST_FILES]
    except PermissionError:
        names = []
    others = (name for name in names if name != path.name)
    return (path.name, *(name for name in others if os.path.isfile(path.parent / name)))


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


def _members(path: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the files of a zip by their names, with forward slashes."""
    if path.stat().st_size == 0:
        raise Damaged(f"{path} is empty; download or copy it again.")
    with _translated(str(path)), zipfile.ZipFile(path) as archive:
        infos = archive.infolist()[:MOST_FILES]
    named = ((info.filename.replace("\\", "/"), info) for info in infos)
    files = {name: info for name, info in named if name and not name.endswith("/")}
    if not files:
        raise UnknownFormat(f"{path} is an empty zip; choose one that holds a ratings file.")
    return {name: info for name, info in files.items() if not name.startswith("__MACOSX/")}
