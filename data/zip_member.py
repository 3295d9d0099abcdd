"""Members of zips packed by bzip2 or LZMA, unpacked as far as asked for and no further.

Python's own reader unpacks whatever it has read in one go, and a few kilobytes of these may hold
gigabytes.
"""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PACKED = 4096
"""Packed bytes that are read at a time."""
LARGEST_DICTIONARY = 1 << 26
"""Bytes that LZMA may look back over; its usual settings need no more."""
_HEADER = 30
"""Bytes of a member's own header, before its name."""


class Unpacking:
    """The bytes of a member, to be read one after the other."""

    def __init__(self, packed: IO[bytes], info: zipfile.ZipInfo) -> None:
        self._packed = packed
        self._info = info
        self._left = info.compress_size
        self._crc = 0
        self._decompressor = self._begun()

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end.

        Raises
        ------
        zipfile.BadZipFile
            If the member is damaged or cut short.
        """
        while not self._decompressor.eof:
            more = self._take(PACKED) if self._decompressor.needs_input else b""
            if self._decompressor.needs_input and not more:
                raise zipfile.BadZipFile("a member is cut short")
            if found := self._decompressor.decompress(more, size):
                self._crc = zlib.crc32(found, self._crc)
                return found
        if self._crc != self._info.CRC:
            raise zipfile.BadZipFile("a member is damaged")
        return b""

    def _take(self, n: int) -> bytes:
        taken = self._packed.read(min(n, self._left))
        self._left -= len(taken)
        return taken

    def _begun(self) -> bz2.BZ2Decompressor | lzma.LZMADecompressor:
        if self._info.compress_type == zipfile.ZIP_BZIP2:
            return bz2.BZ2Decompressor()
        about = self._take(4)
        settings = self._take(int.from_bytes(about[2:], "little"))
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[_filter(settings)])


def _filter(settings: bytes) -> dict[str, int]:
    """Return LZMA's settings: three figures in a byte, then the size of its dictionary."""
    if len(settings) != 5:
        raise zipfile.BadZipFile("a member's settings are damaged")
    figures, dictionary = settings[0], int.from_bytes(settings[1:], "little")
    if dictionary > LARGEST_DICTIONARY:
        raise NotImplementedError("a member needs too much memory")
    return {
        "id": lzma.FILTER_LZMA1,
        "lc": figures % 9,
        "lp": figures // 9 % 5,
        "pb": figures // 45,
        "dict_size": dictionary,
    }


@contextmanager
def unpacking(path: Path, info: zipfile.ZipInfo) -> Iterator[Unpacking]:
    """Open a member of the zip at `path` for reading.

    Raises
    ------
    NotImplementedError
        If it is encrypted, or needs too much memory.
    """
    if info.flag_bits & 1:
        raise NotImplementedError("a member is encrypted")
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(_HEADER)
        if len(header) < _HEADER or not header.startswith(b"PK\x03\x04"):
            raise zipfile.BadZipFile("a member's header is damaged")
        lengths = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        file.seek(sum(lengths), 1)
        yield Unpacking(file, info)
