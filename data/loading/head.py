"""The first lines of a file, and what it is where it is no text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.errors import UnknownFormat

HEAD = 1 << 16
"""Bytes that are looked at."""
SAMPLE = 1000
"""Lines that are looked at."""
COMMENTS = ("%", "#")
"""What lines begin with that hold no ratings."""
_ZEROS = 0.3
"""Share of zero bytes from which on a text must be UTF-16."""
_UNPACK = "is packed; unpack it and open what is inside"
_SAVE = "which this program does not read; save it as CSV with columns for user, movie and rating"
_KINDS = {
    b"PAR1": f"is a Parquet file, {_SAVE} (with pandas: read_parquet, then to_csv)",
    b"ARROW1": f"is a Feather file, {_SAVE} (with pandas: read_feather, then to_csv)",
    b"FEA1": f"is a Feather file, {_SAVE} (with pandas: read_feather, then to_csv)",
    b"\x89HDF": f"is an HDF5 file, {_SAVE}",
    b"\x93NUMPY": f"is a NumPy array, {_SAVE}",
    b"SQLite format 3": f"is an SQLite database, {_SAVE}",
    b"{": f"holds JSON, {_SAVE}",
    b"[": f"holds JSON, {_SAVE}",
    b"PK\x03\x04": _UNPACK,
    b"\x1f\x8b": _UNPACK,
    b"BZh": _UNPACK,
    b"\xfd7zXZ": _UNPACK,
    b"7z\xbc\xaf": _UNPACK,
    b"Rar!": _UNPACK,
    b"\x28\xb5\x2f\xfd": _UNPACK,
}
"""What files of other kinds begin with, and what to say of them."""


@dataclass(frozen=True)
class Head:
    """The first lines of a file, without empty ones and comments."""

    lines: list[str]
    before: int
    """Lines of the file before the first of these."""
    comment: str = ""
    """What lines of comment begin with; empty where there are none."""
    remark: str = ""
    """The last comment before the first line, which may name the columns."""


def read_head(raw: bytes, where: str) -> Head:
    """Return the first lines of the file that begins with `raw`.

    Raises
    ------
    UnknownFormat
        If it is no text, or text in an encoding that leaves no line readable.
    """
    for begins, says in _KINDS.items():
        if raw.startswith(begins):
            raise UnknownFormat(f"{where} {says}.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or _ZEROS < raw.count(0) / (len(raw) or 1) < 0.9:
        raise UnknownFormat(f"{where} is saved as UTF-16; save it again as CSV in UTF-8.")
    lines = _lines(raw)
    first = next((i for i, line in enumerate(lines) if _holds(line)), len(lines))
    remarks = [line for line in lines[:first] if line.strip()]
    comment = remarks[-1].lstrip()[0] if remarks else ""
    rest = [line for line in lines[first:] if line.strip() and line[0] != comment]
    remark = remarks[-1].strip().lstrip(comment).strip() if remarks else ""
    return Head(rest[:SAMPLE], first, comment, remark)


def _holds(line: str) -> bool:
    return bool(line.strip()) and line.lstrip()[0] not in COMMENTS


def _lines(raw: bytes) -> list[str]:
    """Return the first lines; the last one may be cut short and only counts if it is alone."""
    text = _decoded(raw.removeprefix(b"\xef\xbb\xbf"))
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if len(raw) >= HEAD and len(lines) > 1 else lines


def _decoded(raw: bytes) -> str:
    """Return text from UTF-8, whose last letter may be cut, or else from Latin-1."""
    for cut in range(4):
        try:
            return raw[: len(raw) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
