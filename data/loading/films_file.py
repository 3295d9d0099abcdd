"""Reading the films of a MovieLens dataset: movies.csv, movies.dat or u.item, and links.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from data import titles
from data.film import Film
from data.folder_or_zip import FolderOrZip

DESCRIBING = ("movies.csv", "movies.dat", "u.item", "links.csv")
"""Files that describe the films, beside the ratings."""
LARGEST = 256 << 20
"""Bytes of a films file that are read at most; the largest release has four million."""
_NO_GENRE = {"", "(no genres listed)", "unknown"}
_100K_GENRES = (
    *("", "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary"),
    *("Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi"),
    *("Thriller", "War", "Western"),
)


@dataclass(frozen=True)
class FilmsFile:
    """The films of a file, by their ids, and the lines that are none."""

    films: dict[int, Film]
    broken: tuple[int, ...] = ()
    name: str = ""


def read_films(place: FolderOrZip, ratings_name: str) -> FilmsFile:
    """Return the films described beside a ratings file; none if no such file is there."""
    beside = place.beside(ratings_name)
    for name, split in (("movies.csv", _csv), ("movies.dat", _dat), ("u.item", _item)):
        if name in beside:
            text = decode(place.read(beside[name], LARGEST))
            return _films(split(text), beside[name], _links(place, beside.get("links.csv")))
    return FilmsFile({})


def decode(raw: bytes) -> str:
    """Return text from UTF-8 if it is that, else from Windows's superset of Latin-1."""
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


Row = tuple[str, str, tuple[str, ...]] | None
"""Id, title, genres; None for a line that is no film."""
Links = dict[int, tuple[int, int]]
"""IMDb's and TMDB's number of each film."""


def _films(rows: Iterator[tuple[int, Row]], name: str, links: Links) -> FilmsFile:
    films: dict[int, Film] = {}
    broken: list[int] = []
    for line, row in rows:
        if row is None or not _is_id(row[0]) or int(row[0]) in films:
            broken.append(line)
            continue
        movie = int(row[0])
        title = titles.parse(row[1])
        imdb, tmdb = links.get(movie, (0, 0))
        shown = title.name or f"Film {movie}"
        films[movie] = Film(shown, title.year, row[2], imdb, tmdb, aliases=title.aliases)
    return FilmsFile(films, tuple(broken), name)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _csv(text: str) -> Iterator[tuple[int, Row]]:
    for line, fields in csv_rows(text):
        if line == 1 and fields and not _is_id(fields[0]):
            continue
        yield line, (fields[0].strip(), fields[1], genres(fields[2])) if len(fields) == 3 else None


def csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its line number; a line that is not CSV comes as no fields."""
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    while True:
        try:
            fields = next(reader, None)
        except csv.Error:
            yield reader.line_num, []
            continue
        if fields is None:
            return
        if fields:
            yield reader.line_num, fields


def _dat(text: str) -> Iterator[tuple[int, Row]]:
    for line, whole in enumerate(text.split("\n"), start=1):
        if whole.strip():
            number, _, rest = whole.strip("\r").partition("::")
            title, mark, listed = rest.rpartition("::")
            yield line, (number, title, genres(listed)) if mark else None


def _item(text: str) -> Iterator[tuple[int, Row]]:
    for line, whole in enumerate(text.split("\n"), start=1):
        fields = whole.strip("\r").split("|")
        if fields == [""]:
            continue
        if len(fields) != 24:
            yield line, None
            continue
        flags = zip(fields[5:], _100K_GENRES, strict=True)
        yield (
            line,
            (fields[0], fields[1], tuple(name for flag, name in flags if flag == "1" and name)),
        )


@cache
def genres(listed: str) -> tuple[str, ...]:
    """Return the genres in `Action|Children's`, spelt as the newer releases spell them."""
    names = (titles.clean(name) for name in listed.split("|"))
    kept = ("Children" if name == "Children's" else name for name in names)
    return tuple(dict.fromkeys(name for name in kept if name not in _NO_GENRE))


def _links(place: FolderOrZip, name: str | None) -> Links:
    if name is None:
        return {}
    rows = csv_rows(decode(place.read(name, LARGEST)))
    return {
        int(fields[0]): (_link(fields[1]), _link(fields[2]))
        for _, fields in rows
        if len(fields) >= 3 and _is_id(fields[0])
    }


def _link(text: str) -> int:
    return int(text) if _is_id(text) and len(text) <= 9 else 0
