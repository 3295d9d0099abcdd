"""The lines of a file that describes films, in each of the forms that such files have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from data import csv_rows, titles
from data.csv_rows import Header
from data.film import Film
from data.loading import column_names

Reader = Callable[[list[str], int], Iterator["Line"]]
"""Reads lines, of which so many stand before."""

_NO_GENRE = {"", "(no genres listed)", "unknown"}
_100K_GENRES = (
    *("", "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary"),
    *("Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi"),
    *("Thriller", "War", "Western"),
)
_GENRES = ("genres", "genre", "categories", "category", "class")
_NETFLIX = re.compile(r"\d+,(?:\d{4}|NULL),.")
_YEAR = re.compile(r"([12]\d{3})(?:\.0)?")
_JSON_NAME = re.compile(r"""['"]name['"]: ?['"]([^'"]+)['"]""")
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_TT = re.compile(r"(?:tt)?(\d{1,9})(?:\.0)?", re.ASCII)


class Line(NamedTuple):
    """What a line says of a film."""

    number: int
    id: str
    """As it is written; empty where the line describes no film."""
    title: str = ""
    year: str = ""
    genres: str = ""
    imdb: str = ""
    tmdb: str = ""

    @property
    def links(self) -> tuple[int, int]:
        """IMDb's and TMDB's number; 0 where the line does not tell."""
        return linked(self.imdb), linked(self.tmdb)

    def film(self, links: tuple[int, int] = (0, 0)) -> Film:
        """Return the film; `links` are IMDb's and TMDB's number of it from elsewhere."""
        title = titles.parse(self.title)
        year = int(told[1]) if (told := _YEAR.fullmatch(self.year.strip())) else title.year
        imdb, tmdb = (here or there for here, there in zip(self.links, links, strict=True))
        return Film(
            title.name or f"Film {titles.clean(self.id)}",
            year,
            genres(self.genres),
            imdb,
            tmdb,
            aliases=title.aliases,
        )


@dataclass(frozen=True)
class _Columns:
    """Where a table has what, counted from 0."""

    id: int
    title: int | None
    year: int | None = None
    genres: int | None = None
    imdb: int | None = None
    tmdb: int | None = None

    def line(self, number: int, fields: list[str]) -> Line:
        places = (self.title, self.year, self.genres, self.imdb, self.tmdb)
        return Line(number, fields[self.id], *["" if at is None else fields[at] for at in places])


def reader_of(lines: list[str]) -> Reader | None:
    """Return what reads a file of films that begins with these lines; None if nothing can."""
    first = next((line for line in lines if line.strip()), "")
    if "::" in first:
        return _dat
    if first.count("|") == 23:
        return _item
    for header in csv_rows.headers(lines):
        columns = _told(header.names)
        if columns is not None and columns.title is not None:
            return _Table(header, columns)
    if _NETFLIX.match(first):
        return _netflix
    for header in csv_rows.headers([first]):
        if len(header.columns) == 3 and _DIGITS.fullmatch(header.columns[0]):
            return _Table(header._replace(line=-1), _Columns(0, 1, genres=2))
    return None


def links_reader_of(lines: list[str]) -> Reader | None:
    """Return what reads a file of IMDb's and TMDB's numbers; None if nothing can."""
    for header in csv_rows.headers(lines[:1]):
        columns = _told(header.names)
        if columns is not None and (columns.imdb is not None or columns.tmdb is not None):
            return _Table(header, columns)
        if len(header.columns) == 3 and all(map(_DIGITS.fullmatch, header.columns[:2])):
            return _Table(header._replace(line=-1), _Columns(0, None, imdb=1, tmdb=2))
    return None


def _told(names: tuple[str, ...]) -> _Columns | None:
    """Return where a table has what, by the names of its columns; None where no id is told."""
    found = column_names.told(names, "title")
    numbers = {column_names.film_number(name): i for i, name in enumerate(names)}
    numbers.pop("", None)
    plains = [column_names.plain(name) for name in names]
    ids = [*column_names.told(names, "movie"), *(i for i, one in enumerate(plains) if one == "id")]
    ids = [one for one in ids if one not in (*found, *numbers.values())] or list(numbers.values())
    if not ids:
        return None
    years = column_names.told(names, "year")
    kinds = [plains.index(one) for one in _GENRES if one in plains]
    return _Columns(
        ids[0],
        found[0] if found else None,
        years[0] if years else None,
        kinds[0] if kinds else None,
        numbers.get("imdb"),
        numbers.get("tmdb"),
    )


class _Table:
    """Reads a table by its header, part by part."""

    def __init__(self, header: Header, columns: _Columns) -> None:
        self._header = header
        self._columns = columns

    def __call__(self, lines: list[str], before: int) -> Iterator[Line]:
        for number, fields in csv_rows.records(lines, self._header):
            line = before + number
            yield Line(line, "") if fields is None else self._columns.line(line, fields)
        self._header = self._header._replace(line=-1)


def _dat(lines: list[str], before: int) -> Iterator[Line]:
    for number, line in enumerate(lines, start=before + 1):
        if line.strip():
            one, _, rest = line.strip("\r\n").partition("::")
            title, mark, listed = rest.rpartition("::")
            yield Line(number, one if mark else "", title, genres=listed)


def _item(lines: list[str], before: int) -> Iterator[Line]:
    for number, line in enumerate(lines, start=before + 1):
        fields = line.strip("\r\n").split("|")
        if len(fields) == 24:
            flags = zip(fields[5:], _100K_GENRES, strict=True)
            listed = "|".join(name for flag, name in flags if flag == "1")
            yield Line(number, fields[0], fields[1], genres=listed)
        elif fields != [""]:
            yield Line(number, "")


def _netflix(lines: list[str], before: int) -> Iterator[Line]:
    """Read `1,2003,Dinosaur Planet`: a title may hold commas, unquoted."""
    for number, line in enumerate(lines, start=before + 1):
        fields = line.strip("\r\n").split(",", 2)
        if len(fields) == 3:
            yield Line(number, fields[0], fields[2], fields[1])
        elif fields != [""]:
            yield Line(number, "")


@cache
def genres(listed: str) -> tuple[str, ...]:
    """Return the genres in `Action|Children's`, spelt as the newer releases spell them."""
    names = _JSON_NAME.findall(listed) or listed.split("|" if "|" in listed else ",")
    cleaned = (titles.clean(name) for name in names)
    kept = ("Children" if name == "Children's" else name for name in cleaned)
    return tuple(dict.fromkeys(name for name in kept if name not in _NO_GENRE))


def linked(text: str) -> int:
    """Return IMDb's or TMDB's number as it stands in a file; 0 where there is none."""
    if text.isdecimal() and text.isascii() and len(text) < 10:
        return int(text)
    return int(found[1]) if (found := _TT.fullmatch(text.strip())) else 0
