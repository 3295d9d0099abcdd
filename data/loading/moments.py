"""Moments of ratings, read from bytes at NumPy's speed or from a text.

A moment is a whole number of seconds since 1970 in 32 bits without a sign, which reach to 2106; 0
stands for none. Files tell seconds, with nine or ten digits, or milliseconds, with three more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Ids

Bytes: TypeAlias = NDArray[np.uint8]
Moments: TypeAlias = NDArray[np.uint32]

_ZERO = ord("0")
_DIGITS = 9, 10
_IN_MILLISECONDS = 12, 13
_LAST = int(np.iinfo(np.uint32).max)


def moments(text: Bytes, starts: Ids, ends: Ids) -> Moments:
    """Return (n,) the moments that the fields of `text` from `starts` to `ends` spell."""
    lengths = ends - starts
    in_milliseconds = (lengths == _IN_MILLISECONDS[0]) | (lengths == _IN_MILLISECONDS[1])
    if in_milliseconds.any():
        ends = ends - 3 * in_milliseconds
        lengths = ends - starts
    plausible = (lengths >= _DIGITS[0]) & (lengths <= _DIGITS[1])
    if plausible.all():
        return _spelt(text, ends, lengths)
    found = np.zeros(len(starts), np.uint32)
    found[plausible] = _spelt(text, ends[plausible], lengths[plausible])
    return found


def _spelt(text: Bytes, ends: Ids, lengths: Ids) -> Moments:
    """Return what nine or ten digits spell, 0 where one is no digit or they spell too much."""
    if not len(ends):
        return np.zeros(0, np.uint32)
    number, odd = _eight_digits(text, ends - 8)
    ninth, tenth = text[ends - 9] - _ZERO, text[np.maximum(ends - 10, 0)] - _ZERO
    tenth[lengths < _DIGITS[1]] = 0
    number += ninth * np.uint64(10**8) + tenth * np.uint64(10**9)
    odd |= (ninth > 9) | (tenth > 9) | (number > _LAST)
    number[odd] = 0
    return number.astype(np.uint32)


def _eight_digits(text: Bytes, starts: Ids) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return what the eight digits from each start spell, and where one of them is no digit.

    Eight digits are one 64-bit number with a digit in each byte, of which neighbours are joined to
    pairs, pairs to fours and fours to the whole, all lines at once.
    """
    windows = np.ndarray((len(text) - 7,), "<u8", text, 0, (1,))
    v = windows[starts] - np.uint64(0x3030303030303030)
    odd = ((v + np.uint64(0x7676767676767676)) | v) & np.uint64(0x8080808080808080)
    v = v * np.uint64(10) + (v >> np.uint64(8))
    pairs = np.uint64(0x000000FF000000FF)
    v = (v & pairs) * np.uint64(100 + (10**6 << 32)) + ((v >> np.uint64(16)) & pairs) * np.uint64(
        1 + (10**4 << 32)
    )
    return v >> np.uint64(32), odd != 0


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
