"""Trakt: its own data export (a zip of JSON), and the CSV that its users' tools write.

Source: the export of trakt.tv/settings/data as ten public importers read it (files at the root;
in older exports under `<user>/ratings/`, `<user>/watched/`, `<user>/lists/`), and the API that it
follows (docs.trakt.tv); the CSV as six importers read it. Ratings are 1 to 10. In the CSV `rating`
is the person's, `trakt_rating` the site's mean.
"""

from __future__ import annotations

from dataclasses import replace

from data.importing.entry import SEEN, WATCHLIST
from data.importing.format import Format, Part, Site
from data.importing.scale import TEN

_FILM = ("movie.title", "movie.ids.trakt")
_JSON = Format(
    needs=_FILM, kind="json", title="movie.title", year="movie.year", imdb="movie.ids.imdb",
    tmdb="movie.ids.tmdb", type="type", films=("movie",), scale=TEN,
)  # fmt: skip
_CSV = Format(
    needs=("trakt_id", "type", "title", "year"), year="year|released", imdb="imdb_id",
    tmdb="tmdb_id", type="type", films=("movie",), scale=TEN, others=("trakt_rating",),
)  # fmt: skip
_NUMBER = r"(?:-\d+)?\.json"

SITE = Site(
    "Trakt",
    (
        replace(_JSON, needs=(*_FILM, "rating"), stars="rating", rated="rated_at"),
        replace(
            _JSON, needs=(*_FILM, "last_watched_at", "plays"), watched="last_watched_at",
            unrated=SEEN,
        ),
        replace(
            _JSON, needs=(*_FILM, "watched_at", "action"), watched="watched_at", unrated=SEEN,
            diary=True,
        ),
        replace(_JSON, needs=(*_FILM, "listed_at"), rated="listed_at", is_list=True),
        Format(needs=("show.title", "show.ids.trakt"), kind="json", television=True),
        replace(_CSV, needs=(*_CSV.needs, "rating"), stars="rating", rated="rated_at"),
        replace(_CSV, rated="listed_at", watched="watched_at|last_watched_at"),
    ),
    parts=(
        Part(rf"(?:watched/)?watched-movies{_NUMBER}", SEEN),
        Part(rf"(?:watched/)?(?:watched-)?history{_NUMBER}", SEEN),
        Part(rf"(?:lists/)?(?:lists-)?favorites{_NUMBER}", SEEN),
        Part(rf"(?:ratings/)?ratings-movies{_NUMBER}"),
        Part(rf"(?:lists/)?(?:lists-)?watchlist{_NUMBER}", WATCHLIST),
    ),
)  # fmt: skip
