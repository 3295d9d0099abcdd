"""Letterboxd: files of its whole export, and the form that it imports, which other tools write.

Source: Letterboxd's own exports from 2017 to 2026 (letterboxd.com/settings/data) and its page on
importing (letterboxd.com/about/importing-data). Ratings are ½ to 5. In the import form some tools
write a site's 1 to 10 under `Rating`, so a file with a rating above 5 is taken as out of ten.
"""

from __future__ import annotations

from dataclasses import replace

from data.importing.entry import SEEN, WATCHLIST
from data.importing.format import Format, Part, Site
from data.importing.scale import Scale

_FILM = ("Name", "Year", "Letterboxd URI")
_TEN = Scale(10, rounds=True)
_RATING = Format(
    needs=(), title="Title", year="Year", stars="Rating", above=_TEN, imdb="imdbID",
    tmdb="tmdbID", uri="LetterboxdURI|Letterboxd URI", watched="WatchedDate|Watched Date",
    original="original_title",
)  # fmt: skip
_RATING10 = replace(_RATING, stars="Rating10|Ratings10", scale=_TEN, above=None)
_NO_FILMS = (
    "tells of reviews, lists or comments and not of films; choose ratings.csv, or the whole zip."
)
_LIST = (
    "is a list, which holds no stars; choose ratings.csv, watched.csv or watchlist.csv, or the"
    " whole zip."
)

SITE = Site(
    "Letterboxd",
    (
        Format(
            needs=_FILM, title="Name", year="Year", stars="Rating", rated="Date",
            uri="Letterboxd URI",
        ),
        Format(
            needs=(*_FILM, "Watched Date"), title="Name", year="Year", stars="Rating",
            rated="Date", watched="Watched Date", unrated=SEEN, diary=True,
        ),
        Format(
            needs=("Position", "Name", "Year", "URL"),
            holds_none=_LIST,
        ),
        Format(needs=("Date", "Name", "Tags", "URL", "Description"), holds_none=_LIST),
        Format(needs=("Date", "Content"), holds_none=_NO_FILMS),
        Format(needs=("Date", "Name", "URL"), holds_none=_NO_FILMS),
        *(
            replace(form, needs=("Title", "Year", key))
            for form, keys in (
                (_RATING10, ("Rating10|Ratings10",)),
                (_RATING, ("Rating", "imdbID", "tmdbID", "WatchedDate", "LetterboxdURI")),
            )
            for key in keys
        ),
    ),
    parts=(
        Part(r"watched\.csv", SEEN),
        Part(r"(?:likes/)?films\.csv", SEEN),
        Part(r"diary\.csv"),
        Part(r"reviews\.csv"),
        Part(r"ratings\.csv"),
        Part(r"watchlist\.csv", WATCHLIST),
    ),
    passes_over=("deleted", "orphaned", "lists", "likes"),
    also=("FilmAffinity",),
)  # fmt: skip
