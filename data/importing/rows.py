"""What one row of an export says of a film, by the format that it is in."""

from __future__ import annotations

from typing import Literal, NamedTuple

from data import titles
from data.film import Film
from data.importing import cells
from data.importing.entry import SEEN, WATCHLIST, Entry
from data.importing.format import Cells, Format
from data.importing.scale import Scale
from data.importing.television import is_no_film

Why = Literal["", "rounded", "television", "no rating", "off the scale", "broken"]
LONGEST_TITLE = 500
"""Letters; what is longer is no title."""


class Said(NamedTuple):
    """What a row says."""

    entry: Entry | None
    """None where it says nothing that can be used."""
    why: Why = ""


def said(form: Format, row: Cells, scale: Scale, mark_of_file: str) -> Said:
    """Return what a row says.

    Parameters
    ----------
    form : the format it is in
    row : its cells by the plain names of their columns
    scale : what its ratings are on
    mark_of_file : what films without stars in this file are; empty if nothing tells
    """
    row = form.adapt(row)
    if form.television or _is_no_film(form, form.cell(row, form.type)):
        return Said(None, "television")
    film = _film(form, row)
    if film is None:
        return Said(None, "broken")
    stars, why = scale.stars(form.cell(row, form.stars))
    if why not in ("", "rounded"):
        return Said(None, why)
    watched = cells.day(form.cell(row, form.watched))
    state = form.states.get(cells.letters(form.cell(row, form.state)), "")
    mark = _mark(stars, state, mark_of_file, seen=bool(watched))
    if stars is None and not (mark := mark or form.unrated):
        return Said(None, "no rating")
    at = cells.moment(form.cell(row, form.rated)) or watched
    if mark == SEEN and stars is not None and not form.exact:
        mark = ""  # a film with stars was seen
    return Said(Entry(film, stars, mark or None, at, form.cell(row, form.uri), watched), why)


def _mark(stars: float | None, state: str, of_file: str, seen: bool) -> str:
    """Return the mark of a film: its own state, else its file's; seen, where it has a date."""
    if state:
        return state
    if of_file == WATCHLIST or (of_file and stars is None):
        return of_file
    return SEEN if seen and stars is None else ""


def _is_no_film(form: Format, kind: str) -> bool:
    if form.films and kind:
        return cells.letters(kind) not in form.films
    return is_no_film(kind)


def _film(form: Format, row: Cells) -> Film | None:
    """Return the film of a row; None if it tells none, or something that is no film."""
    imdb = cells.id_number(form.cell(row, form.imdb))
    tmdb = cells.id_number(form.cell(row, form.tmdb))
    text = titles.clean(form.cell(row, form.title))
    if imdb is None or tmdb is None or len(text) > LONGEST_TITLE:
        return None
    parsed = titles.parse(text)
    year = _year(form, form.cell(row, form.year), parsed.year)
    name = text if form.year else parsed.name
    shown = name if form.exact else titles.article_in_front(name)
    shown = shown or (f"tt{imdb:07}" if imdb else f"TMDB {tmdb}" if tmdb else "")
    if not shown:
        return None
    original = titles.clean(form.cell(row, form.original))
    return Film(
        shown,
        year,
        imdb=imdb,
        tmdb=tmdb,
        original=original if original != shown else "",
        aliases=_other_names(shown, name, parsed if parsed.year in (0, year) else None),
    )


def _year(form: Format, text: str, in_title: int) -> int:
    """Return the year of a row; the one in the title where it gives none itself."""
    if form.exact:
        return int(text) if text.isdecimal() and len(text) <= 4 else 0
    return cells.year(text) or in_title


def _other_names(shown: str, name: str, parsed: titles.Title | None) -> tuple[str, ...]:
    """Return what else to look a title up by: its article in front, its parenthesised parts."""
    others = [name, titles.article_in_front(name)]
    if parsed is not None:
        others += [parsed.name, *parsed.aliases]
    return tuple(one for one in dict.fromkeys(others) if one and one != shown)
