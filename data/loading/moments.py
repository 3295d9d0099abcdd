"""When ratings were given, read from bytes for all lines at once, or from a text.

A moment is a whole number of seconds since 1970, up to 2106; 0 stands for none. Files tell seconds,
with nine or ten digits, or milliseconds, with three more, or a date.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from data.loading.fields import Bounds, Text
from data.loading.hashing import distinct
from data.loading.numbers import digits_at
from engine.arrays import Mask, Offsets

_ZERO = ord("0")
_DIGITS = 9, 10
_IN_MILLISECONDS = 12, 13
_LAST = 2**32 - 1
_DAY, _DAY_AND_CLOCK = 10, 19
"""Letters of `2009-01-31` and of `2009-01-31 12:30:00`."""
_DATE = (0, 1, 2, 3, 5, 6, 8, 9)
_CLOCK = (11, 12, 14, 15, 17, 18)
"""Where the digits stand in these."""
_LONGEST = 40
"""Letters of a moment; nothing longer is one."""


def moments(text: Text, fields: Bounds) -> Offsets:
    """Return (n,) the moments that the fields spell."""
    found = _seconds(text, fields.ends, fields.lengths)
    rest = np.flatnonzero(found == 0)
    if len(rest):
        found[rest] = _otherwise(text, fields.take(rest))
    return found


def _seconds(text: Text, ends: Offsets, lengths: Offsets) -> Offsets:
    """Return what nine or ten digits spell, 0 where one is no digit or they spell too much."""
    low, odd = digits_at(text, ends)
    tenth, ninth = text.bytes[ends - 10] - np.uint8(_ZERO), text.bytes[ends - 9] - np.uint8(_ZERO)
    tenth[lengths < _DIGITS[1]] = 0
    odd |= (ninth > 9) | (tenth > 9) | (lengths < _DIGITS[0]) | (lengths > _DIGITS[1])
    found = low + (10 * tenth.astype(np.int64) + ninth) * 10**8
    found[odd | (found > _LAST)] = 0
    return found


def _otherwise(text: Text, fields: Bounds) -> Offsets:
    """Return the moments in fields that are no plain seconds."""
    lengths = fields.lengths
    in_milliseconds = (lengths == _IN_MILLISECONDS[0]) | (lengths == _IN_MILLISECONDS[1])
    found = _seconds(text, fields.ends - 3, np.where(in_milliseconds, lengths - 3, 0))
    left = np.flatnonzero((found == 0) & ((lengths == _DAY) | (lengths == _DAY_AND_CLOCK)))
    found[left] = _dates(text, fields.take(left))
    rest = np.flatnonzero((found == 0) & (lengths >= _DIGITS[0]) & (lengths <= _LONGEST))
    for first, rows in distinct(text, fields, rest):
        raw = text.bytes[fields.starts[first] : fields.ends[first]].tobytes()
        found[rows] = moment(raw.decode("ascii", errors="replace").removesuffix(".0"))
    return found


def _dates(text: Text, fields: Bounds) -> Offsets:
    """Return the moments of dates, with a time of the day behind them or without; 0 for others."""
    day, is_date = _digits(text, fields.starts, _DATE)
    is_date &= _stands(text, fields.starts + 4, "-") & _stands(text, fields.starts + 7, "-")
    has_clock = fields.lengths == _DAY_AND_CLOCK
    clock, good = _digits(text, np.where(has_clock, fields.starts, 0), _CLOCK)
    for place, letters in ((10, " T"), (13, ":"), (16, ":")):
        good &= _stands(text, np.where(has_clock, fields.starts + place, 0), letters)
    year, month, of_month = day // 10_000, day // 100 % 100, day % 100
    is_date &= (year >= 1970) & (month >= 1) & (month <= 12) & (of_month >= 1)
    months = np.where(is_date, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    first, after = months.astype("M8[D]"), (months + 1).astype("M8[D]")
    is_date &= of_month <= (after - first).astype(np.int64)
    hours, minutes, seconds = clock // 10_000, clock // 100 % 100, clock % 100
    good &= (hours < 24) & (minutes < 60) & (seconds < 60)
    found = (first.astype(np.int64) + of_month - 1) * 86_400
    found += np.where(has_clock, hours * 3600 + minutes * 60 + seconds, 0)
    return np.where(is_date & (good | ~has_clock) & (found <= _LAST), found, 0)


def _stands(text: Text, places: Offsets, letters: str) -> Mask:
    """Return at which places one of these letters stands."""
    return np.isin(text.bytes[places], np.frombuffer(letters.encode(), np.uint8))


def _digits(text: Text, starts: Offsets, places: tuple[int, ...]) -> tuple[Offsets, Mask]:
    """Return the number made of the digits at these places of each field, and where all are."""
    found, good = np.zeros(len(starts), np.int64), np.ones(len(starts), bool)
    for place in places:
        digit = text.bytes[starts + place] - np.uint8(_ZERO)
        good &= digit <= 9
        found = found * 10 + digit
    return found, good


@lru_cache(maxsize=1 << 12)
def moment(text: str) -> int:
    """Return the moment that `text` spells, in digits or as ISO 8601 has it, in UTC unless told."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:-3] if len(text) in _IN_MILLISECONDS else text[:20])
        plausible = len(str(seconds)) in _DIGITS
        return seconds if plausible and seconds <= _LAST else 0
    try:
        told = datetime.fromisoformat(text)
        seconds = int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0
    return seconds if 0 < seconds <= _LAST else 0
