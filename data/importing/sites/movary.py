"""Movary: ratings, history and watchlist as CSV.

Source: Movary's exporter (leepeuker/movary, `src/Service/Export/ExportService.php`) and two
importers. `userRating` is a whole number from 1 to 10, whatever the file is called. The history has
a row for each viewing.
"""

from __future__ import annotations

from dataclasses import replace

from data.importing.entry import SEEN, WATCHLIST
from data.importing.format import Format, Part, Site
from data.importing.scale import TEN

_FILM = ("title", "year", "tmdbId", "imdbId")
_COMMON = Format(needs=_FILM, year="year", imdb="imdbId", tmdb="tmdbId", scale=TEN)

SITE = Site(
    "Movary",
    (
        replace(_COMMON, needs=(*_FILM, "userRating"), stars="userRating"),
        replace(
            _COMMON, needs=(*_FILM, "watchedAt"), watched="watchedAt", unrated=SEEN, diary=True
        ),
        replace(_COMMON, needs=(*_FILM, "addedAt"), rated="addedAt", unrated=WATCHLIST),
    ),
    parts=(Part(r"history\.csv"), Part(r"ratings\.csv"), Part(r"watchlist\.csv")),
)
