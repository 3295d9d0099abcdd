"""Ids that are texts: names, titles, codes, and numbers too long to be counted with.

A field is hashed for all lines at once, and the hash is looked up in a table; only a spelling that
is met for the first time passes through Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from data import titles
from data.loading.fields import Bounds, Text, Words
from engine.arrays import Ids, Mask, Offsets

LONGEST = 4096
"""Bytes of an id; a line with a longer one is broken."""
UNUSABLE = np.iinfo(np.int32).min
"""The code of a text in which nothing can be seen."""
_SLOTS = 14
"""The table begins with two to this power of places."""
_LOAD = 6
"""There are at least so many places for each text."""
_NUMBER = re.compile(r"(0|[1-9]\d{0,6})(?:\.0+)?", re.ASCII)


@dataclass(frozen=True)
class IdFields:
    """One column of ids of a block, as far as it can be read without knowing the other blocks."""

    numbers: Ids
    """(n,) the ids that are numbers of at most seven digits."""
    rows: Offsets
    """(k,) which lines have another id, a text."""
    hashes: Words
    """(k,) what it hashes to."""
    texts: Bounds
    """(k,) where it lies in the block."""
    years: Bounds | None = None
    """(k,) where the year lies that belongs to it, where a film is known by title and year."""


def canonical(text: str) -> str:
    """Return an id as it is known by: `7` for `7.0`, spaces and doubled quotation marks off.

    Empty where nothing of it can be seen.
    """
    if text.isdecimal() and text.isascii() and len(text) < 8 and text[0] != "0":
        return text
    cleaned = titles.clean(text.replace('""', '"'))
    number = _NUMBER.fullmatch(cleaned)
    return number[1] if number else cleaned


class TextIds:
    """The texts met so far, numbered from 0 in the order in which they were met.

    A column may hold numbers and texts: a number is its own code, text `k` has the code -1 - k.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}
        self._bits = _SLOTS
        self._by_hash: dict[int, int] = {}
        self._make_table()

    def __len__(self) -> int:
        return len(self.texts)

    def code(self, text: str) -> int:
        """Return the code of an id: the number that it is, or one that stands for the text."""
        cleaned = canonical(text)
        if not cleaned:
            return int(UNUSABLE)
        if _NUMBER.fullmatch(cleaned):
            return int(cleaned)
        code = self._codes.setdefault(cleaned, -1 - len(self.texts))
        if code == -1 - len(self.texts):
            self.texts.append(cleaned)
        return code

    def text(self, code: int) -> str:
        """Return the id that has this code."""
        return str(code) if code >= 0 else self.texts[-1 - code]

    def codes(self, ids: IdFields, text: Text) -> Ids:
        """Return (n,) the codes of a block's ids."""
        if not len(ids.rows):
            return ids.numbers
        found, known = self._look_up(ids.hashes)
        if not known.all():
            self._learn(ids, text, np.flatnonzero(~known), found)
        if len(found) == len(ids.numbers):
            return found
        codes = ids.numbers.copy()
        codes[ids.rows] = found
        return codes

    def _look_up(self, hashes: Words) -> tuple[Ids, Mask]:
        """Return the codes of texts, and of which they are known: each has one of two places."""
        first, second = self._slots(hashes)
        codes, known = self._slot_codes[first], self._slot_hashes[first] == hashes
        rest = np.flatnonzero(~known)
        second = second[rest]
        codes[rest] = self._slot_codes[second]
        known[rest] = self._slot_hashes[second] == hashes[rest]
        return codes, known

    def _slots(self, hashes: Words) -> tuple[Words, Words]:
        bits = np.uint64(self._bits)
        first = hashes >> (np.uint64(64) - bits)
        return first, hashes >> np.uint64(1) & ((np.uint64(1) << bits) - np.uint64(1))

    def _learn(self, ids: IdFields, text: Text, new: Offsets, found: Ids) -> None:
        """Put the codes of the texts at `new`, which the table does not hold, into `found`."""
        hashes, first, which = np.unique(ids.hashes[new], return_index=True, return_inverse=True)
        listed = hashes.tolist()
        for one in np.argsort(first).tolist():
            if listed[one] not in self._by_hash:
                code = self.code(_spelt(ids, text, int(new[first[one]])))
                self._by_hash[listed[one]] = code
        codes = np.fromiter(map(self._by_hash.__getitem__, listed), np.int32, len(listed))
        found[new] = codes[which]
        if len(self._by_hash) * _LOAD > 1 << self._bits:
            self._grow()
        else:
            self._fill(hashes, codes)

    def _grow(self) -> None:
        n = len(self._by_hash)
        while n * 2 * _LOAD > 1 << self._bits:
            self._bits += 1
        self._make_table()
        hashes = np.fromiter(self._by_hash, np.uint64, n)
        self._fill(hashes, np.fromiter(self._by_hash.values(), np.int32, n))

    def _make_table(self) -> None:
        self._slot_hashes: Words = np.zeros(1 << self._bits, np.uint64)
        self._slot_codes: Ids = np.zeros(1 << self._bits, np.int32)

    def _fill(self, hashes: Words, codes: Ids) -> None:
        """Give each text its first place, or the second one if another text has the first."""
        first, second = self._slots(hashes)
        self._put(first, hashes, codes, self._slot_hashes[first] == 0)
        self._put(second, hashes, codes, self._slot_hashes[first] != hashes)

    def _put(self, slots: Words, hashes: Words, codes: Ids, which: Mask) -> None:
        self._slot_hashes[slots[which]] = hashes[which]
        self._slot_codes[slots[which]] = codes[which]


def _spelt(ids: IdFields, text: Text, row: int) -> str:
    """Return the text of an id, with its year where it has one."""
    spelt = decoded(text, ids.texts, row)
    year = decoded(text, ids.years, row).strip() if ids.years else ""
    return f"{spelt} ({year})" if year.isdigit() and len(year) == 4 and spelt.strip() else spelt


def decoded(text: Text, fields: Bounds, row: int) -> str:
    """Return the text of one field, from UTF-8 if it is that, else from Windows's Latin-1."""
    raw = text.bytes[fields.starts[row] : fields.ends[row]].tobytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
