"""What a column holds, by its name in the header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import Literal

Role = Literal["user", "movie", "rating", "time", "title", "year"]

_SUFFIXES = ("id", "", "name", "key", "no", "number", "num", "index", "idx", "code", "hash", "uuid")
_PEOPLE = (
    *("user", "reviewer", "viewer", "customer", "cust", "account", "person", "member", "rater"),
    *("reader", "profile", "critic", "voter", "subject", "consumer", "client", "listener"),
)
_THINGS = (
    *("movie", "film", "item", "product", "book", "anime", "manga", "song", "track", "artist"),
    *("joke", "business", "restaurant", "hotel", "game", "show", "series", "article", "dvd"),
    *("video", "recipe", "beer", "place", "app", "course", "object", "content", "work"),
)
_CODES = ("isbn", "asin", "parentasin", "mid", "iid", "tconst")
_FILM_NUMBERS = ("imdbid", "imdb", "tmdbid", "tmdb")
_TITLES = ("title", "movietitle", "filmtitle", "itemtitle", "booktitle", "producttitle")
_RATINGS = (
    *("rating", "stars", "score", "ratings", "rate", "grade", "mark", "overall", "value", "star"),
    *("points", "vote", "starrating", "bookrating", "movierating", "itemrating", "userrating"),
    *("yourrating", "myrating", "ratingvalue", "ratingscore", "myscore", "userscore"),
    *("reviewscore", "reviewrating", "reviewoverall", "reviewstars", "filmrating", "feedback"),
)
_TIMES = (
    *("timestamp", "unixtimestamp", "unixtime", "unixreviewtime", "ratingtimestamp", "time", "ts"),
    *("ratedat", "ratedon", "datetime", "date", "ratingdate", "daterated", "reviewtime"),
    *("reviewdate", "createdat", "updatedat", "tstamp"),
)
_YEARS = ("year", "movieyear", "releaseyear", "filmyear", "yearofrelease")
_INDEXES = ("", "unnamed", "index", "rownames", "rowid", "row", "rownumber")

_RANKS: dict[Role, dict[str, int]] = {
    "user": {"uid": 0} | {a + b: _SUFFIXES.index(b) for a, b in product(_PEOPLE, _SUFFIXES)},
    "movie": dict.fromkeys(_CODES, 0)
    | {a + b: _SUFFIXES.index(b) for a, b in product(_THINGS, _SUFFIXES)}
    | dict.fromkeys(_FILM_NUMBERS, 20)
    | dict.fromkeys(_TITLES, 30),
    "rating": {name: i for i, name in enumerate(_RATINGS)},
    "time": {name: i for i, name in enumerate(_TIMES)},
    "title": dict.fromkeys((*_TITLES, "name", "moviename", "filmname", "primarytitle"), 0),
    "year": {name: i for i, name in enumerate(_YEARS)},
}
"""The names of each role; the lower the figure, the surer."""


def plain(name: str) -> str:
    """Return `userid` for `User-ID`, `user_id:token` or `userId`."""
    return re.sub(r"[\W_]+", "", name.partition(":")[0].casefold())


def told(names: Sequence[str], role: Role) -> list[int]:
    """Return the columns that have this role by their names, the surest first."""
    ranks = _RANKS[role]
    plains = [plain(name) for name in names]
    found = [i for i, name in enumerate(plains) if name in ranks]
    return sorted(found, key=lambda i: ranks[plains[i]])


def is_sure(names: Sequence[str], role: Role) -> bool:
    """Whether one column has this role by its name more surely than any other."""
    found = told(names, role)
    ranks = [_RANKS[role][plain(names[i])] for i in found[:2]]
    return len(ranks) == 1 or (len(ranks) == 2 and ranks[0] < ranks[1])


def is_index(name: str) -> bool:
    """Whether a column only counts the lines, as pandas writes it unless told not to."""
    return plain(name) in _INDEXES


def film_number(name: str) -> str:
    """Return whose number of a film a column of that name holds, imdb's or tmdb's, or nothing."""
    return plain(name)[:4] if plain(name) in _FILM_NUMBERS else ""
