"""The rows of a table in HTML: some sites call such a file `.xls`."""

from __future__ import annotations

import html
import re

from data import decoding
from data.importing.limits import LONGEST_CELL, MOST_CELLS, TooMuch

_TABLE = re.compile(rb"<(?:html|table|!doctype\s{1,9}html)\b", re.IGNORECASE)
_HEAD = 4096
_PIECE = re.compile(r"<(/?)(tr|td|th)\b[^<>]*>", re.IGNORECASE)
_ANY = re.compile(r"<[^<>]*>")


def is_html(raw: bytes) -> bool:
    """Return whether a file begins as HTML does."""
    return bool(_TABLE.search(raw[:_HEAD]))


def rows(raw: bytes) -> list[list[str]]:
    """Return the texts of each row's cells; tags within them are left out."""
    text = decoding.marked_up(raw)
    found: list[list[str]] = []
    start, n_cells = -1, 0
    for piece in _PIECE.finditer(text):
        if start >= 0:
            found[-1].append(_text(text[start : piece.start()]))
            n_cells += 1
            if n_cells > MOST_CELLS:
                raise TooMuch("it holds more than one person's export does")
        start = -1
        name = piece[2].lower()
        if name == "tr" and not piece[1]:
            found.append([])
        elif name != "tr" and not piece[1]:
            found = found or [[]]
            start = piece.end()
    return [cells for cells in found if cells]


def _text(inside: str) -> str:
    plain = html.unescape(_ANY.sub("", inside[: 4 * LONGEST_CELL])[:LONGEST_CELL])
    return " ".join(plain.split())
