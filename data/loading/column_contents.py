"""What a column may hold, by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.loading.numbers import number

FEW = 11
"""A column of whole numbers on a scale has no more different ones than the scale from 0 to 10."""
TELLING = 5
"""With fewer lines nothing is told by content."""
LOWEST, HIGHEST = -10.0, 100.0
"""No scale of ratings goes further."""
_MOST = 0.9
"""So much of a column has to be of a kind."""
_DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d.{0,20}|\d\d[-/.]\d\d[-/.]\d{4}.{0,12}")
_YEAR = re.compile(r"(?:18|19|20)\d\d(?:\.0)?")
_ADDRESS = re.compile(r"https?://.*|www\..*", re.IGNORECASE)
_FILM_CODE = re.compile(r"tt\d{7,9}|B0[0-9A-Z]{8}|\d{9}[\dX]")
_PERSON_CODE = re.compile(r"A[0-9A-Z]{9,15}")
"""Amazon's codes of people; those of its things have ten places and begin with B0 or are ISBNs."""


@dataclass(frozen=True)
class Content:
    """What stands in a column, as far as it was looked at."""

    n: int
    """Fields that are not empty."""
    distinct: int
    """Different ones."""
    numeric: bool
    """Whether most are numbers."""
    on_scale: bool
    """Whether these are numbers such as ratings may be."""
    fractions: bool
    """Whether some are not whole."""
    moments: bool
    """Whether most are dates, or seconds since 1970."""
    years: bool
    addresses: bool
    film_codes: bool
    person_codes: bool

    @property
    def stars(self) -> bool:
        """Whether these are few different numbers on a scale, or broken ones on it."""
        return self.on_scale and (self.fractions or self.distinct <= FEW)

    @property
    def ids(self) -> bool:
        """Whether these may be ids of people or films."""
        other = self.moments or self.addresses or self.years or self.fractions
        return self.n > 0 and not other

    @property
    def people(self) -> bool:
        """Whether these may be people: some have several ratings."""
        return self.ids and self.n >= TELLING and self.distinct < self.n


def described(column: Sequence[str]) -> Content:
    """Return what stands in a column."""
    fields = [field.strip() for field in column]
    fields = [field for field in fields if field]
    numbers = [one for one in (number(field.encode()) for field in fields) if one is not None]
    numeric = bool(fields) and len(numbers) >= _MOST * len(fields)
    on_scale = [one for one in numbers if LOWEST <= one <= HIGHEST]
    return Content(
        n=len(fields),
        distinct=len(set(numbers)) if numeric else len(set(fields)),
        numeric=numeric,
        on_scale=numeric and len(on_scale) >= _MOST * len(numbers),
        fractions=numeric and any(not one.is_integer() for one in numbers),
        moments=_most(fields, _DATE) or _are_moments(fields),
        years=_most(fields, _YEAR),
        addresses=_most(fields, _ADDRESS),
        film_codes=_most(fields, _FILM_CODE),
        person_codes=_most(fields, _PERSON_CODE),
    )


def _most(fields: list[str], pattern: re.Pattern[str]) -> bool:
    return bool(fields) and sum(map(bool, map(pattern.fullmatch, fields))) >= _MOST * len(fields)


def _are_moments(fields: list[str]) -> bool:
    """Whether most are whole seconds since 1970, or thousandths, from 1973 on."""
    plain = (field.removesuffix(".0") for field in fields)
    whole = [int(one) for one in plain if one.isdecimal() and len(one) <= 13]
    found = [one for one in whole if 10**8 <= one < 2**32 or 10**11 <= one < 2**32 * 1000]
    return bool(fields) and len(found) >= _MOST * len(fields)
