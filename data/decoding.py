"""Text from files as people have them, in any usual encoding."""

from __future__ import annotations

import re

_ZEROS = 0.3
"""Share of zero bytes from which on a text must be UTF-16."""
_HEAD = 4096
_DECLARED = re.compile(rb"""(?:encoding|charset)\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{2,30})""")
_NAMED = {"windows-1251": "cp1251", "windows-1252": "cp1252", "iso-8859-1": "cp1252",
          "koi8-r": "koi8-r", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030"}  # fmt: skip
"""Encodings that a file may declare and that are believed; UTF-8 and UTF-16 are seen anyway."""


def text(raw: bytes) -> str:
    """Return what a file says: UTF-16 where the bytes show it, UTF-8, or Windows's Latin-1.

    What cannot be decoded becomes a replacement character; zero bytes are dropped.
    """
    return _decoded(raw).replace("\x00", "")


def marked_up(raw: bytes) -> str:
    """Return what an XML or HTML file says, in the encoding that its head declares."""
    declared = _DECLARED.search(raw[:_HEAD])
    name = _NAMED.get(declared[1].decode("ascii").lower()) if declared else None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        if name is not None:
            return raw.decode(name, errors="replace").replace("\x00", "")
    return text(raw)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    if _ZEROS < raw[:_HEAD].count(0) / (len(raw[:_HEAD]) or 1) < 0.9:
        return raw.decode("utf-16-le" if raw[1:2] == b"\x00" else "utf-16-be", errors="replace")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(map(_line_decoded, raw.splitlines(keepends=True)))


def _line_decoded(raw: bytes) -> str:
    """Return a line from UTF-8 if it is that, else from Windows's superset of Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
