"""Ratings read as text: a CSV of one's own, whose ids are names, titles or quoted.

Slower than `data.numbers`, since each line passes through Python, but nothing per line is kept.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from data import titles
from data.film import Film
from data.folder_or_zip import Readable
from data.loading.fast_csv import Block, number
from data.loading.gathering import whole_lines
from data.loading.moments import moment
from data.loading.ratings_format import Form

BLOCK = 1 << 18
"""Bytes read at a time: a few hundredths of a second of work."""
_TT = re.compile(r"tt(\d{1,9})")
_YEAR = re.compile(r"[12]\d{3}")


@dataclass
class Spelt:
    """The users and films met so far, numbered from 0 in the order of their first rating."""

    users: dict[str, int] = field(default_factory=dict)
    movies: dict[str, int] = field(default_factory=dict)
    films: dict[int, Film] = field(default_factory=dict)


def blocks(file: Readable, form: Form, spelt: Spelt) -> Iterator[tuple[Block, int]]:
    """Yield the blocks of a ratings file in order, each with the bytes read by then."""
    for lines, done in whole_lines(file, form.header, BLOCK):
        yield _block(_decode(lines), form, spelt), done


@lru_cache(maxsize=1 << 16)
def _clean(text: str) -> str:
    return titles.clean(text)


@lru_cache(maxsize=1 << 10)
def _stars(text: str) -> float | None:
    """Return the number that `text` spells, with a point or a comma in it."""
    return number(text.replace(",", ".").encode())


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _block(text: str, form: Form, spelt: Spelt) -> Block:
    users: list[int] = []
    movies: list[int] = []
    values: list[float] = []
    times: list[int] = []
    broken: list[int] = []
    blank: list[int] = []
    for line, fields in _rows(text, form.columns.delimiter):
        if not fields:
            blank.append(line)
            continue
        row = _row(fields, form, spelt)
        if row is None:
            broken.append(line)
            continue
        users.append(row[0])
        movies.append(row[1])
        values.append(row[2])
        times.append(0 if form.columns.time is None else moment(fields[form.columns.time]))
    return Block(
        np.array(users, np.int32),
        np.array(movies, np.int32),
        np.array(values, np.float32),
        np.array(broken, np.int64),
        text.count("\n"),
        np.array(blank, np.int64),
        np.array(times, np.uint32),
    )


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each line from 0 with its fields; one that is not CSV comes as one empty field."""
    for line, whole in enumerate(text.split("\n")[:-1]):
        if '"' not in whole:
            yield line, whole.split(delimiter) if whole else []
            continue
        try:
            yield line, next(csv.reader([whole], delimiter=delimiter, strict=True), [])
        except csv.Error:
            yield line, [""]


def _row(fields: list[str], form: Form, spelt: Spelt) -> tuple[int, int, float] | None:
    columns = form.columns
    if len(fields) != columns.n_fields:
        return None
    user, movie = _clean(fields[columns.user]), _clean(fields[columns.movie])
    stars = _stars(fields[columns.rating])
    if not user or not movie or stars is None:
        return None
    known = spelt.movies.setdefault(movie, len(spelt.movies))
    if known not in spelt.films:
        spelt.films[known] = _film(movie, fields, form)
    return spelt.users.setdefault(user, len(spelt.users)), known, stars


def _film(movie: str, fields: list[str], form: Form) -> Film:
    """Return what the line says of its film: by a title, or only by an id."""
    imdb = int(found[1]) if (found := _TT.fullmatch(movie)) else 0
    text = titles.clean(fields[form.title]) if form.title is not None else ""
    if not text and (movie.isdigit() or imdb):
        return Film(f"Film {movie}", imdb=imdb)
    title = titles.parse(text or movie)
    year = fields[form.year].strip() if form.year is not None else ""
    told = int(year) if _YEAR.fullmatch(year) else title.year
    return Film(title.name or movie, told, imdb=imdb, aliases=title.aliases)
