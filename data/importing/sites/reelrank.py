"""Our own file, as `data.export` writes it: everything, to read in again."""

from __future__ import annotations

from data.importing.format import Format, Site
from data.profile import MARKS

SITE = Site(
    "reelrank",
    (
        Format(
            needs=("title", "year", "imdb_id", "tmdb_id", "stars", "mark"),
            year="year", stars="stars", imdb="imdb_id", tmdb="tmdb_id", rated="rated_at",
            watched="watched", state="mark", exact=True,
            states={mark.replace(" ", ""): mark for mark in MARKS},
        ),
    ),
)  # fmt: skip
