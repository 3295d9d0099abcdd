"""The formats that sites write a person's ratings in: how each is told, and what a line says.

The scale comes with the format, never from the values. A title of television is none of a film;
films made for television are films, and MovieLens has many.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from data import titles
from data.film import Film
from data.importing.entry import SEEN, WATCHLIST, Entry
from data.profile import MARKS, STARS

Why = Literal["", "rounded", "television", "no rating", "off the scale", "broken"]
LONGEST_TITLE = 500
"""Letters; what is longer is no title."""
_STARS = re.compile(r"-?\d{1,3}(?:[.,]\d{1,6})?")
_YEAR = re.compile(r"[12]\d{3}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d{1,3})?))?")
_ID = re.compile(r"(?:tt)?(\d{1,9})")
_TELEVISION = re.compile(r"seri|epi[sz]od|game|podcast|music|(?:tv|show|season|person|list|user)$")


@dataclass(frozen=True)
class Form:
    """A format: the columns that tell it, and which of them says what."""

    name: str
    needs: frozenset[str]
    title: str = "title"
    year: str = "year"
    """Empty where the year stands in the title."""
    stars: str = ""
    points: int = 1
    """How many a star stands for."""
    quarters: bool = False
    """Whether quarters of a star can be given; they are rounded to halves, upwards."""
    mark: str = ""
    kind: str = ""
    original: str = ""
    at: str = ""
    imdb: str = "imdbid"
    tmdb: str = "tmdbid"
    uri: str = ""


OWN = Form(
    "reelrank", frozenset({"title", "year", "imdbid", "tmdbid", "stars", "mark"}),
    stars="stars", mark="mark", at="ratedat",
)  # fmt: skip
DIARY = Form(
    "Letterboxd", frozenset({"name", "year", "letterboxduri", "watcheddate"}),
    title="name", stars="rating", at="date",
)  # fmt: skip
LETTERBOXD = Form(
    "Letterboxd", frozenset({"name", "year", "letterboxduri"}),
    title="name", stars="rating", at="date", uri="letterboxduri",
)  # fmt: skip
LETTERBOXD_LIST = Form(
    "Letterboxd list", frozenset({"position", "name", "year", "url"}), title="name", uri="url"
)
IMDB = Form(
    "IMDb", frozenset({"const", "title", "yourrating"}), stars="yourrating", points=2,
    kind="titletype", original="originaltitle", at="daterated", imdb="const",
)  # fmt: skip
TMDB = Form(
    "TMDB", frozenset({"tmdbid", "imdbid", "type", "name", "yourrating"}), title="name",
    year="releasedate", stars="yourrating", points=2, quarters=True, kind="type", at="daterated",
)  # fmt: skip
TRAKT = Form(
    "Trakt", frozenset({"traktid", "type", "title", "year", "rating"}), stars="rating", points=2,
    kind="type", at="ratedat",
)  # fmt: skip
MOVIELENS = Form(
    "MovieLens", frozenset({"movieid", "imdbid", "tmdbid", "rating", "title"}), year="",
    stars="rating",
)  # fmt: skip
TO_LETTERBOXD = Form(
    "Letterboxd import", frozenset({"title", "year", "imdbid", "rating"}), stars="rating"
)
FORMS = (
    OWN,
    DIARY,
    LETTERBOXD,
    LETTERBOXD_LIST,
    IMDB,
    replace(IMDB, needs=frozenset({"const", "title", "yourated"}), stars="yourated"),
    replace(IMDB, needs=frozenset({"const", "title", "titletype"}), stars="", at="created"),
    TMDB,
    TRAKT,
    replace(TRAKT, needs=frozenset({"traktid", "type", "title", "year"}), stars="", at="listedat"),
    MOVIELENS,
    replace(MOVIELENS, needs=frozenset({"movieid", "imdbid", "tmdbid", "title"}), stars=""),
    TO_LETTERBOXD,
    replace(
        TO_LETTERBOXD, needs=frozenset({"title", "year", "rating10"}), stars="rating10", points=2
    ),
    replace(TO_LETTERBOXD, needs=frozenset({"title", "year", "imdbid"}), stars=""),
)
"""The first whose columns are all there is the one."""


class Said(NamedTuple):
    """What a line says."""

    entry: Entry | None
    """None where it says nothing that can be used."""
    why: Why = ""


def form_of(columns: Sequence[str]) -> Form | None:
    """Return the format with these columns, if it is a known one."""
    there = set(columns)
    return next((form for form in FORMS if form.needs <= there), None)


def said(form: Form, line: Mapping[str, str], told: str | None) -> Said:
    """Return what a line says.

    Parameters
    ----------
    form : the format it is in
    line : its cells by the names of their columns
    told : the mark that the file stands for, as a watchlist does; None if it stands for none
    """
    if _TELEVISION.search(_letters(_cell(line, form.kind))):
        return Said(None, "television")
    film, mark = _film(form, line), _cell(line, form.mark) or None
    if film is None or (mark is not None and mark not in MARKS):
        return Said(None, "broken")
    stars, why = _stars(form, _cell(line, form.stars))
    if why not in ("", "rounded"):
        return Said(None, why)
    if told == WATCHLIST or (told == SEEN and stars is None):
        mark = mark or told
    if stars is None and mark is None:
        return Said(None, "no rating")
    return Said(Entry(film, stars, mark, _moment(_cell(line, form.at)), _cell(line, form.uri)), why)


def _cell(line: Mapping[str, str], column: str) -> str:
    return line.get(column, "").strip() if column else ""


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, titles.fold(text)))


def _stars(form: Form, text: str) -> tuple[float | None, Why]:
    if not text:
        return None, ""
    if not _STARS.fullmatch(text):
        return None, "broken"
    stars = float(text.replace(",", ".")) / form.points
    if stars in STARS:
        return stars, ""
    if form.quarters and 0 < stars <= STARS[-1]:
        return max(math.floor(2 * stars + 0.5) / 2, STARS[0]), "rounded"
    return None, "off the scale"


def _film(form: Form, line: Mapping[str, str]) -> Film | None:
    """Return the film of a line; None if it tells none, or something that is no film."""
    imdb, tmdb = _number(_cell(line, form.imdb)), _number(_cell(line, form.tmdb))
    text = titles.clean(_cell(line, form.title))
    if imdb is None or tmdb is None or len(text) > LONGEST_TITLE:
        return None
    parsed = titles.parse(text)
    year = _year(form, _cell(line, form.year), parsed.year)
    name = parsed.name if not form.year else text
    shown = name if form is OWN else titles.article_in_front(name)
    shown = shown or (f"tt{imdb:07}" if imdb else f"TMDB {tmdb}" if tmdb else "")
    if not shown:
        return None
    original = titles.clean(_cell(line, form.original))
    return Film(
        shown,
        year,
        imdb=imdb,
        tmdb=tmdb,
        original=original if original != shown else "",
        aliases=_other_names(shown, name, parsed if parsed.year in (0, year) else None),
    )


def _year(form: Form, text: str, in_title: int) -> int:
    """Return the year of a line; the one in the title where it gives none itself."""
    found = _YEAR.match(text)
    if found:
        return int(found[0])
    return (int(text) if text.isdecimal() else 0) if form is OWN else in_title


def _other_names(shown: str, name: str, parsed: titles.Title | None) -> tuple[str, ...]:
    """Return what else to look a title up by: its article in front, its parenthesised parts."""
    others = [name, titles.article_in_front(name)]
    if parsed is not None:
        others += [parsed.name, *parsed.aliases]
    return tuple(one for one in dict.fromkeys(others) if one and one != shown)


def _number(text: str) -> int | None:
    """Return an id as a number, 0 where there is none, None if it is something else."""
    found = _ID.fullmatch(text)
    return int(found[1]) if found else None if text else 0


def _moment(text: str) -> str:
    """Return a day or a moment as the profile keeps it; empty if it is none."""
    found = _MOMENT.match(text)
    return " ".join(filter(None, found.groups())) if found else ""
