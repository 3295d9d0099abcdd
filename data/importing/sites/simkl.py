"""Simkl: its backup as CSV or JSON, and the CSV that it imports.

Source: simkl.com/settings/backup; the CSV's header in three public files, its import template in
two, the JSON as its API (simkl.docs.apiary.io) and one importer have it. Ratings are 1 to 10. In
JSON, films stand under `movies`, and TMDB's number is a text.
"""

from __future__ import annotations

from data.importing.entry import NOT_INTERESTED, SEEN, WATCHLIST
from data.importing.format import Format, Site
from data.importing.scale import Scale

_TEN = Scale(10, zero="none")
_STATES = {
    "completed": SEEN, "watching": WATCHLIST, "hold": WATCHLIST, "onhold": WATCHLIST,
    "plantowatch": WATCHLIST, "dropped": NOT_INTERESTED, "notinteresting": NOT_INTERESTED,
}  # fmt: skip
"""A film begun and not finished is one still to be watched."""

SITE = Site(
    "Simkl",
    (
        Format(
            needs=("SIMKL_ID", "Title", "Type", "Year", "Watchlist"), title="Title", year="Year",
            stars="Rating", scale=_TEN, imdb="IMDB|IMDB_ID", tmdb="TMDB", type="Type",
            films=("movie",), state="Watchlist", states=_STATES, watched="WatchedDate",
        ),
        Format(
            needs=("movie.title", "movie.ids.simkl", "status"), kind="json", at="movies",
            title="movie.title", year="movie.year", stars="user_rating", scale=_TEN,
            imdb="movie.ids.imdb", tmdb="movie.ids.tmdb", state="status", states=_STATES,
            rated="user_rated_at", watched="last_watched_at",
        ),
        *(
            Format(needs=("show.title", "show.ids.simkl", "status"), kind="json", at=key,
                   television=True)
            for key in ("shows", "anime")
        ),
    ),
)  # fmt: skip
