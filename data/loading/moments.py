"""When ratings were given: seconds, thousandths or dates, read for all lines at once."""

from __future__ import annotations

import re

import numpy as np

from data.loading.fields import Bounds, Text
from data.loading.numbers import digits_at
from engine.arrays import Mask, Offsets


_ZERO = ord("0")
_FIRST, _LAST = 10**8, 2**32 - 1
"""Seconds between which a number is a moment: from 1973 on, so that no small number is one."""
_DECIMAL = re.compile(rb"\d{1,10}\.?\d{0,20}(?:[eE]\+?\d{1,2})?")
_DATE = (0, 1, 2, 3, 5, 6, 8, 9)
_CLOCK = (11, 12, 14, 15, 17, 18)
"""Where the digits stand in `2009-01-31 12:30:00`."""


def moments(text: Text, fields: Bounds) -> Offsets:
    """Return (n,) when these ratings were given, in seconds since 1970; 0 where it is not told."""
    lengths = fields.lengths
    seconds = _seconds(text, fields.ends, lengths)
    rest = np.flatnonzero((seconds < _FIRST) | (seconds > _LAST))
    if len(rest):
        seconds[rest] = _otherwise(text, fields.take(rest))
    return seconds


def _seconds(text: Text, ends: Offsets, lengths: Offsets) -> Offsets:
    """Return the numbers of nine or ten digits that end at `ends`, 0 where there are none."""
    low, bad = digits_at(text, ends)
    tens, ones = text.bytes[ends - 10] - np.uint8(_ZERO), text.bytes[ends - 9] - np.uint8(_ZERO)
    tens[lengths == 9] = 0
    bad |= (tens > 9) | (ones > 9) | (lengths < 9) | (lengths > 10)
    found = low + (10 * tens.astype(np.int64) + ones) * 10**8
    found[bad] = 0
    return found


def _otherwise(text: Text, fields: Bounds) -> Offsets:
    """Return the moments in fields that are no plain seconds, 0 where there are none."""
    lengths = fields.lengths
    found = _seconds(text, fields.ends - 3, np.where(lengths <= 13, lengths - 3, 0))
    found[(found < _FIRST) | (found > _LAST)] = 0
    left = np.flatnonzero(found == 0)
    found[left] = _dates(text, fields.take(left))
    for row in np.flatnonzero((found == 0) & (lengths > 8) & (lengths < 24)):
        field = text.bytes[fields.starts[row] : fields.ends[row]].tobytes()
        found[row] = _spelt_otherwise(field)
    return found


def _spelt_otherwise(field: bytes) -> int:
    """Return the seconds in `978300760.0` or `9.7830076e+08`, 0 where there are none."""
    seconds = float(field) if _DECIMAL.fullmatch(field) else 0.0
    return int(seconds) if _FIRST <= seconds <= _LAST else 0


def _dates(text: Text, fields: Bounds) -> Offsets:
    """Return the seconds of dates such as `2009-01-31`, with a time behind them or without."""
    starts, lengths = fields.starts, fields.lengths
    is_date = (lengths >= 10) & _are(text, starts + 4, "-/") & _are(text, starts + 7, "-/")
    day, good = _digits(text, np.where(is_date, starts, 0), _DATE)
    is_date &= good
    has_clock = is_date & (lengths >= 19) & _are(text, np.where(is_date, starts + 13, 0), ":")
    clock, good = _digits(text, np.where(has_clock, starts, 0), _CLOCK)
    year, month, of_month = day // 10_000, day // 100 % 100, day % 100
    is_date &= (month >= 1) & (month <= 12) & (of_month >= 1) & (of_month <= 31) & (year >= 1973)
    months = np.where(is_date, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    days = months.astype("M8[D]").astype(np.int64) + of_month - 1
    seconds = clock // 10_000 * 3600 + clock // 100 % 100 * 60 + clock % 100
    found = days * 86_400 + np.where(has_clock & good, seconds, 0)
    return np.where(is_date & (found <= _LAST), found, 0)


def _are(text: Text, places: Offsets, letters: str) -> Mask:
    """Return at which places one of these letters stands."""
    byte = text.bytes[np.minimum(places, len(text.bytes) - 1)]
    return np.isin(byte, np.frombuffer(letters.encode(), np.uint8))


def _digits(text: Text, starts: Offsets, places: tuple[int, ...]) -> tuple[Offsets, Mask]:
    """Return the number made of the digits at these places of each field, and where all are."""
    found, good = np.zeros(len(starts), np.int64), np.ones(len(starts), bool)
    last = len(text.bytes) - 1
    for place in places:
        digit = text.bytes[np.minimum(starts + place, last)] - np.uint8(_ZERO)
        good &= digit <= 9
        found = found * 10 + digit
    return found, good
