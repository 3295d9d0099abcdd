"""Which format a ratings file is in, told from its first lines and never from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.errors import UnknownFormat
from data.loading.fast_csv import Columns, number
from engine import Scale

HEAD = 1 << 16
"""Bytes that are looked at."""
HALF_STARS = Scale(0.5, 5.0)
WHOLE_STARS = Scale(1.0, 5.0)

_USER = {"userid", "user", "uid", "username", "viewer", "viewerid", "reviewer", "reviewerid"}
_USER |= {"customer", "customerid", "account", "person", "personid", "member", "memberid"}
_MOVIE = {"movieid", "movie", "itemid", "item", "film", "filmid", "mid", "iid", "title"}
_MOVIE |= {"movietitle", "filmtitle", "product", "productid", "imdbid", "tmdbid", "show", "showid"}
_RATING = {"rating", "stars", "score", "value", "ratings", "rate", "yourrating", "grade", "mark"}
_TIME = {"timestamp", "time", "unixtimestamp", "unixtime", "ratedat"}

_MANY = 0.3
"""Share of zero bytes from which on a text must be UTF-16."""

MOVIELENS = "MovieLens"
OWN = "CSV"


@dataclass(frozen=True)
class Form:
    """How to read a ratings file."""

    name: str
    """In words, as in `MovieLens CSV`."""
    columns: Columns
    header: bool
    """Whether the first line names the columns."""
    numeric: bool
    """Whether all ids seen are plain whole numbers, so that the quick reader serves."""
    title: int | None = None
    """The column with the title, where ids stand beside it."""
    year: int | None = None
    """The column with the year of release, where there is one."""

    @property
    def half_stars(self) -> bool:
        """Whether half stars can be given, whether or not one occurs."""
        return self.name == f"{MOVIELENS} CSV"

    @property
    def is_movielens(self) -> bool:
        """Whether this is one of MovieLens's own formats."""
        return self.name.startswith(MOVIELENS)


def sniff(head: bytes, where: str) -> Form | None:
    """Return the form of the file that begins with `head`, or None if it holds no ratings.

    Raises
    ------
    UnknownFormat
        If it is text in an encoding that leaves no line readable.
    """
    if (
        head.startswith((b"\xff\xfe", b"\xfe\xff"))
        or _MANY < head.count(0) / (len(head) or 1) < 0.9
    ):
        raise UnknownFormat(f"{where} is saved as UTF-16; save it again as CSV in UTF-8.")
    lines = _lines(head)
    if not lines:
        return None
    return _headed(lines) or _headless(lines)


def _lines(head: bytes) -> list[str]:
    """Return the first lines; the last one may be cut short and only counts if it is alone."""
    text = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    lines = re.split(r"\r\n|\n|\r", text)
    whole = lines[:-1] if len(head) >= HEAD and len(lines) > 1 else lines
    return [line for line in whole if line.strip()][:200]


def _headed(lines: list[str]) -> Form | None:
    for delimiter in (",", ";", "\t", "|"):
        names = [_plain(name) for name in lines[0].split(delimiter)]
        user, movie, rating = (_first(names, wanted) for wanted in (_USER, _MOVIE, _RATING))
        if user is None or movie is None or rating is None:
            continue
        columns = Columns(delimiter, len(names), user, movie, rating, _first(names, _TIME))
        official = names in (
            ["userid", "movieid", "rating", "timestamp"],
            ["userid", "movieid", "rating"],
        )
        title = _first(names, {"title", "movietitle", "filmtitle"})
        return Form(
            f"{MOVIELENS} CSV" if official and delimiter == "," else OWN,
            columns,
            header=True,
            numeric=official
            or (title is None and all(_is_numeric(line, columns) for line in lines[1:])),
            title=title if title != movie else None,
            year=_first(names, {"year", "movieyear", "releaseyear"}),
        )
    return None


def _headless(lines: list[str]) -> Form | None:
    for delimiter, name in (("::", f"{MOVIELENS} 1M/10M"), ("\t", f"{MOVIELENS} 100K"), (",", OWN)):
        for n_fields in (4, 3):
            columns = Columns(delimiter, n_fields, time=3 if n_fields == 4 else None)
            if sum(_is_numeric(line, columns) for line in lines) * 2 > len(lines):
                return Form(name, columns, header=False, numeric=True)
    return None


def _is_numeric(line: str, columns: Columns) -> bool:
    fields = line.split(columns.delimiter)
    if len(fields) != columns.n_fields:
        return False
    ids = fields[columns.user], fields[columns.movie]
    return all(one.isascii() and one.isdigit() for one in ids) and (
        number(fields[columns.rating].encode()) is not None
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _first(names: list[str], wanted: set[str]) -> int | None:
    return next((i for i, name in enumerate(names) if name in wanted), None)
