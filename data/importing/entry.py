"""What an export says of a film, and how what several lines and files say becomes one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from data.film import Film

SEEN, WATCHLIST, UNSEEN, NOT_INTERESTED = "seen", "watchlist", "unseen", "not interested"


class Entry(NamedTuple):
    """What a person's export says of one film."""

    film: Film
    stars: float | None
    mark: str | None
    at: str = ""
    """When it was rated or marked: a day or a moment in UTC; empty if not told."""
    uri: str = ""
    """The address that tells apart films of one title and year, where there is one."""
    watched: str = ""
    """The day it was watched last; empty if not told."""


def merged(entries: Iterable[Entry], dated: bool = False) -> list[Entry]:
    """Return one entry a film, in the order of their first lines; later ones outdo those before.

    An entry without an address belongs to the one film of its title and year that has one. Where
    `dated`, as within one file, later is what was said at a later date.
    """
    films: dict[object, dict[str, Entry]] = {}
    for entry in entries:
        same = films.setdefault(_identity(entry.film), {})
        before = same.get(entry.uri)
        if before is None:
            same[entry.uri] = entry
        elif dated and entry.at and entry.at < before.at:
            same[entry.uri] = combined(entry, before)
        else:
            same[entry.uri] = combined(before, entry)
    for same in films.values():
        if "" in same and len(same) == 2:
            loose = same.pop("")
            ((uri, exact),) = same.items()
            same[uri] = combined(loose, exact)
    return [entry for same in films.values() for entry in same.values()]


def combined(old: Entry, new: Entry) -> Entry:
    """Return what two entries of a film say together; stars in the new one outdo the old."""
    stars, at = (old.stars, old.at) if new.stars is None else (new.stars, new.at)
    marks = [mark for mark in (new.mark, old.mark) if mark is not None]
    told = [mark for mark in marks if mark != SEEN]
    mark = told[0] if told else SEEN if marks and stars is None else None
    film = new.film if new.film.year or not old.film.year else old.film
    watched = max(new.watched, old.watched)
    return Entry(film, stars, mark, at or new.at, new.uri or old.uri, watched)


def _identity(film: Film) -> object:
    """Return the same for films that are one: by their numbers, else by title and year."""
    return film.imdb or (film.tmdb, film.folded[0] if film.folded else film.title, film.year)
