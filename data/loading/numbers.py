"""Numbers spelt in bytes, read for all lines at once: eight digits in three multiplications.

A field is taken as words of eight bytes. In a word that holds digits d₁ … d₈, the first lowest,
neighbours are put together to pairs, pairs to fours, fours to the whole (Lemire 2018, "Quickly
parsing eight digits"; here for many words in one go).
"""

from __future__ import annotations

import numpy as np

from data.loading.fields import Bounds, Text, Words
from data.loading.hashing import distinct
from engine.arrays import Floats, Ids, Mask, Offsets

MOST_DIGITS = 7
"""Digits of an id that is counted with; a longer one is a text, lest tables grow beyond measure."""
LARGEST = 1e6
"""No scale of ratings goes further than this, nor below its negative."""
LONGEST = 30
"""Bytes of a rating; nothing longer is one."""

_ZEROS = np.uint64(0x3030303030303030)
_TOO_HIGH = np.uint64(0x7676767676767676)
"""Added to a digit it stays below 128, added to ten and more it does not."""
_HIGH_BITS = np.uint64(0x8080808080808080)
_STEPS = (
    (np.uint64(10 * 256 + 1), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(100 * 65536 + 1), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(10_000 * (1 << 32) + 1), np.uint64(32), np.uint64(0xFFFFFFFF)),
)
_SLOTS = 12
"""The table of usual ratings has two to this power of places."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


def whole(text: Text, fields: Bounds) -> tuple[Ids, Mask]:
    """Return the whole numbers in the fields, and which fields hold none.

    A number has one to seven digits, the first no zero unless it is alone: an id with a leading
    zero is another one than the id without it.
    """
    lengths = fields.lengths
    digits = last_word(text, fields) ^ _padding(lengths)
    bad = (lengths < 1) | (lengths > MOST_DIGITS)
    bad |= ((digits + _TOO_HIGH) | digits) & _HIGH_BITS != 0
    bad |= (text.bytes[fields.starts] == ord("0")) & (lengths > 1)
    return _joined(digits), bad


def digits_at(text: Text, ends: Offsets) -> tuple[Ids, Mask]:
    """Return the numbers of eight digits that end at `ends`, and where there is none."""
    digits = text.words[ends - 8] ^ _ZEROS
    return _joined(digits), ((digits + _TOO_HIGH) | digits) & _HIGH_BITS != 0


def last_word(text: Text, fields: Bounds) -> Words:
    """Return the last eight bytes of each field, zero where it has fewer."""
    shifts = (64 - 8 * np.minimum(fields.lengths, 8)).astype(np.uint64)
    return text.words[fields.ends - 8] >> shifts << shifts


def _padding(lengths: Offsets) -> Words:
    """Return what turns digits into their values, and leaves the zero bytes before them."""
    return _PADDINGS[np.clip(lengths, 0, 8)]


_PADDINGS = np.array([int(_ZEROS) >> 8 * (8 - n) << 8 * (8 - n) for n in range(9)], np.uint64)


def _joined(digits: Words) -> Ids:
    for factor, shift, mask in _STEPS:
        digits = digits * factor >> shift & mask
    return digits.astype(np.int32)


def decimals(text: Text, fields: Bounds) -> tuple[Floats, Mask]:
    """Return the ratings in the fields, and which fields hold none.

    Usual spellings are looked up; others are read digit by digit, for all of them at once; what
    has an exponent goes through Python. A comma counts as a point.
    """
    words = last_word(text, fields)
    slots = words * _MIX >> np.uint64(64 - _SLOTS)
    values = _VALUES[slots]
    bad = (_SPELT[slots] != words) | (words == 0) | (fields.lengths > 8)
    rest = np.flatnonzero(bad)
    if len(rest):
        values[rest], bad[rest] = _digit_by_digit(text, fields.take(rest))
    return values, bad


def _table() -> tuple[Words, Floats]:
    """Return spellings of usual ratings and their values, each at the place of its word."""
    spelt, values = np.zeros(1 << _SLOTS, np.uint64), np.zeros(1 << _SLOTS, np.float32)
    halves = [f"{half / 2:.1f}" for half in range(21)]
    for one in (*map(str, range(101)), *halves, *(half.replace(".", ",") for half in halves)):
        word = int.from_bytes(one.encode().rjust(8, b"\0"), "little")
        slot = word * int(_MIX) % 2**64 >> (64 - _SLOTS)
        spelt[slot], values[slot] = word, float(one.replace(",", "."))
    return spelt, values


_SPELT, _VALUES = _table()


def _digit_by_digit(text: Text, fields: Bounds) -> tuple[Floats, Mask]:
    """Return the decimal numbers in the fields, and which fields hold none."""
    lengths = fields.lengths
    negative = text.bytes[fields.starts] == ord("-")
    starts = fields.starts + (negative | (text.bytes[fields.starts] == ord("+")))
    digits = np.zeros(len(lengths), np.int64)
    n_digits, n_behind = np.zeros_like(digits), np.zeros_like(digits)
    points, odd = np.zeros_like(digits), (starts >= fields.ends) | (lengths > LONGEST)
    for i in range(min(int(lengths.max(initial=0)), LONGEST)):
        here = starts + i < fields.ends
        byte = text.bytes[np.where(here, starts + i, 0)]
        is_digit = byte - np.uint8(ord("0")) <= 9
        is_point = (byte == ord(".")) | (byte == ord(","))
        odd |= here & ~is_digit & ~is_point
        counts = here & is_digit & (n_digits < 18)
        digits = np.where(counts, digits * 10 + byte - ord("0"), digits)
        n_digits += counts & (digits > 0)
        n_behind += counts & (points > 0)
        odd |= here & is_digit & ~counts & (points == 0)
        points += here & is_point
    values = np.where(negative, -1, 1) * digits / 10.0**n_behind
    bad = odd | (points > 1) | (points >= fields.ends - starts) | (np.abs(values) > LARGEST)
    rest = np.flatnonzero(odd & (lengths > 0) & (lengths <= LONGEST))
    for first, rows in distinct(text, fields, rest):
        value = number(text.bytes[fields.starts[first] : fields.ends[first]].tobytes())
        values[rows], bad[rows] = (0, True) if value is None else (value, False)
    return values.astype(np.float32), bad


def number(field: bytes) -> float | None:
    """Return the decimal number that `field` spells, None if it is none or beyond all scales."""
    stripped = field.strip().replace(b",", b".")
    if not 0 < len(stripped) <= LONGEST or not stripped.translate(None, b".+-eE").isdigit():
        return None
    try:
        value = float(stripped)
    except ValueError:
        return None
    return value if abs(value) <= LARGEST else None
