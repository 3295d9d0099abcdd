"""Arrays in files of their own that are mapped rather than read, and known by their checksums.

The header of such a file is compared with the one that belongs there and never interpreted.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.stepwise import Work, chunks
from engine.threads import in_parallel

PART = 1 << 24
"""Bytes that have a checksum of their own."""


def write(path: Path, array: Any) -> Work[list[int]]:
    """Write an array in steps; return the checksums of its parts."""
    flat = np.ascontiguousarray(array)
    parts = list(_parts(flat))
    sums = []
    with path.open("wb", buffering=0) as file:
        file.write(_header(flat.dtype, len(flat)))
        for part, checksum in zip(parts, in_parallel(zlib.crc32, parts), strict=True):
            file.write(part)
            sums.append(checksum)
            yield len(sums) / len(parts)
    return sums


def opened(path: Path, dtype: str, n: int) -> Any:
    """Return the array of `n` numbers in a file, mapped.

    Raises
    ------
    ValueError
        If the file holds anything else.
    OSError
        If it cannot be read.
    """
    expected = _header(np.dtype(dtype), n)
    with path.open("rb") as file:
        header = file.read(len(expected))
        size = file.seek(0, io.SEEK_END)
    if header != expected or size != len(expected) + n * np.dtype(dtype).itemsize:
        raise ValueError(f"{path.name} is not what was written")
    if not n:
        return np.zeros(0, dtype)
    return np.memmap(path, dtype, "r", len(expected), (n,))


def check(array: Any, sums: list[int]) -> Work[None]:
    """Compare an array with the checksums of its parts, in steps.

    Raises
    ------
    ValueError
        If it has changed.
    """
    parts = list(_parts(array))
    if len(parts) != len(sums):
        raise ValueError("an array has another length")
    found = in_parallel(zlib.crc32, parts)
    for i, (checksum, expected) in enumerate(zip(found, sums, strict=True), start=1):
        if checksum != expected:
            raise ValueError("an array has changed")
        yield i / len(parts)


def _parts(array: Any) -> Iterator[Any]:
    raw = array.view(np.uint8)
    return (raw[part] for part in chunks(len(raw), PART))


def _header(dtype: Any, n: int) -> bytes:
    """Return how a .npy file of `n` such numbers begins."""
    header = io.BytesIO()
    about = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (n,)}
    np.lib.format.write_array_header_1_0(header, about)
    return header.getvalue()
