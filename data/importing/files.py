"""The files of an export: one, or those of a folder, a zip, or a zip within a zip."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from data import titles
from data.errors import Damaged, UnknownFormat
from data.folder_or_zip import look
from data.importing.limits import EXPANSION, LARGEST, SMALL

_GZIP = b"\x1f\x8b"


@dataclass
class Files:
    """Files by their paths inside, with forward slashes."""

    path: Path
    names: tuple[str, ...]
    where: Callable[[str], str]
    """Returns how to call a file when speaking to a person."""
    single: bool
    """Whether the person chose this one file."""
    _read: Callable[[str, int], bytes]
    _left: int
    """Bytes that may still be read."""

    def read(self, name: str) -> bytes:
        """Return a file, unpacked if it is packed by gzip.

        Raises
        ------
        DataError
            If it cannot be read, or there is more in these files than in any person's export.
        """
        raw = self._read(name, self._left + 1)
        if raw.startswith(_GZIP):
            raw = self._gunzipped(raw, name)
        self._left -= len(raw)
        if self._left < 0:
            self._left = 0
            much = (
                f"more than {LARGEST >> 20} MB" if self.single else "far more than the rest tells"
            )
            raise UnknownFormat(
                f"{self.where(name)} has {much}, which no export of one person has; choose another"
                " file."
            )
        return raw

    def _gunzipped(self, raw: bytes, name: str) -> bytes:
        limit = min(self._left, max(EXPANSION * len(raw), SMALL)) + 1
        try:
            with gzip.open(io.BytesIO(raw)) as file:
                found = file.read(limit)
            return found if len(found) < limit else bytes(self._left + 1)  # too much: refused
        except (OSError, EOFError, zlib.error):
            raise Damaged(f"{self.where(name)} is damaged or cut short; export it again.") from None


def at(path: Path) -> Files:
    """Return the files at a path.

    Raises
    ------
    DataError
        If there is nothing, or it cannot be read.
    """
    place = look(path)
    single = not place.zipped and not path.is_dir()
    names = place.names[:1] if single else place.names
    left = max(EXPANSION * path.stat().st_size, SMALL) if place.zipped else LARGEST
    found = Files(
        path,
        names,
        place.where,
        single,
        place.read,
        min(left, LARGEST),
    )
    inner = [name for name in names if name.lower().endswith(".zip")] if place.zipped else []
    return _within(found, inner[0]) if len(inner) == 1 and len(names) == 1 else found


def _within(outer: Files, name: str) -> Files:
    """Return the files of a zip that is all there is in another one."""
    where = outer.where(name)
    raw = outer.read(name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    except Exception:  # at damaged bytes the reader of zips raises almost any kind
        raise Damaged(f"{where} is damaged or cut short; export it again.") from None
    names = {info.filename.replace("\\", "/"): info for info in infos}

    def read(inside: str, limit: int) -> bytes:
        try:
            with archive.open(names[inside]) as file:
                return file.read(limit)
        except Exception:
            raise Damaged(f"{inside} in {where} is damaged or encrypted; unpack it.") from None

    left = min(max(EXPANSION * len(raw), SMALL), LARGEST)
    return Files(outer.path, tuple(names), lambda one: titles.visible(f"{one} in {where}"), False,
                 read, left)  # fmt: skip


def likely(names: Iterable[str]) -> list[str]:
    """Return the names of files that an export may be, without what other programs put there."""
    endings = (".csv", ".json", ".xml", ".xml.gz", ".nfo", ".xls", ".html", ".htm", ".tsv", ".txt")
    return [
        name
        for name in names
        if name.lower().endswith(endings)
        and not name.startswith("__MACOSX/")
        and not name.rpartition("/")[2].startswith(".")
    ]
