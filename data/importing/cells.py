"""What the cells of an export say: numbers, ids, years and moments, as text of many spellings."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime

from data import titles

_NUMBER = re.compile(r"-?\d{1,4}(?:[.,]\d{1,9})?")
_GLYPHS = re.compile(r"(★{0,5})(½?)")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_ID = re.compile(r"(?:https?://\S{0,99}/)?(?:tt)?0{0,9}(\d{1,9})/?(?:\.0)?", re.ASCII)
_EPOCH = re.compile(r"1?\d{9}", re.ASCII)
_LONGEST = 40
"""Letters of a moment."""
_DAY = len("1979-05-25")
_EARLIEST = 1900
"""The year of the first date that can be one of watching."""
_FORMS = (
    *("%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d", "%Y-%m-%d, %H:%M"),
    *("%d.%m.%Y, %H:%M", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S"),
    *("%b %d %Y, %H:%M", "%b %d %Y", "%a %b %d %H:%M:%S %Y"),
)
"""Spellings of a moment beside ISO 8601; `5/3/21` is left out, which may be March or May."""


def number(text: str) -> float | None:
    """Return a number, spelt with a point or a comma or as stars (★★★½); None if it is none."""
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    glyphs = _GLYPHS.fullmatch(text)
    return len(glyphs[1]) + len(glyphs[2]) / 2 if glyphs and text else None


def id_number(text: str) -> int | None:
    """Return an id as a number, 0 where there is none; None if it is something else."""
    found = _ID.fullmatch(text)
    return int(found[1]) if found else None if text else 0


def year(text: str) -> int:
    """Return the first year that a text tells, as in `1979-05-25`; 0 if it tells none."""
    found = _YEAR.search(text[:_LONGEST])
    return int(found[0]) if found else 0


def moment(text: str) -> str:
    """Return a day or a moment in UTC as the profile keeps it; empty if it is none."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return ""
    if len(text) == _DAY and _is_day(text):
        return text
    try:
        when = _parsed(text)
        when = when.astimezone(UTC) if when is not None and when.tzinfo is not None else when
    except (ValueError, OverflowError):
        return ""
    return "" if when is None or when.year < _EARLIEST else _kept(when, text)


def _kept(when: datetime, text: str) -> str:
    """Return a moment as exactly as it was told."""
    if not re.search(r"\d:\d", text) and not _EPOCH.fullmatch(text):
        return f"{when:%Y-%m-%d}"
    return f"{when:%Y-%m-%d %H:%M:%S}" + (f".{when.microsecond // 1000:03}" if "." in text else "")


def _is_day(text: str) -> bool:
    """Return whether a text is a day in the form that the profile keeps, as most are."""
    try:
        return text[4] == text[7] == "-" and date.fromisoformat(text).year >= _EARLIEST
    except ValueError:
        return False


def _parsed(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def day(text: str) -> str:
    """Return the day of a moment."""
    return moment(text)[:10]


def letters(text: str) -> str:
    """Return a text's letters, small and without accents, to compare words by."""
    return "".join(filter(str.isalpha, titles.fold(text[:200])))


def halves(value: float) -> float:
    """Return `value` rounded to half stars, upwards."""
    return math.floor(2 * value + 0.5) / 2
