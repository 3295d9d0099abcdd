"""MovieLens: one's own ratings and wishlist from movielens.org.

Source: movielens.org/profile/settings/import-export; a published sample and two importers. Ratings
are ½ to 5; `average_rating` is everybody's. `imdb_id` is padded with zeros and has no `tt`. The
year stands in the title. The activity log is told apart, as it holds no titles.
"""

from __future__ import annotations

from dataclasses import replace

from data.importing.format import Format, Site

_FILM = ("movie_id", "imdb_id", "tmdb_id", "title")
_WISHLIST = Format(needs=_FILM, imdb="imdb_id", tmdb="tmdb_id", others=("average_rating",))

SITE = Site(
    "MovieLens",
    (
        replace(_WISHLIST, needs=(*_FILM, "rating"), stars="rating"),
        _WISHLIST,
        Format(
            needs=("datetime", "login_id", "action_type", "log_json"),
            holds_none="is MovieLens's log of clicks; choose movielens-ratings.csv, which the same"
            " page offers.",
        ),
    ),
)
