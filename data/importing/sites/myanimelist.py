"""MyAnimeList: the films of an anime list, XML (or the same packed by gzip).

Source: myanimelist.net/panel.php?go=export; two importers and eight public fixtures. Scores are 0
to 10, 0 is none. `series_type` is `Movie` for films. Titles are romanised Japanese, without a year.
"""

from __future__ import annotations

from data.importing.entry import NOT_INTERESTED, SEEN, WATCHLIST
from data.importing.format import Format, Site
from data.importing.scale import Scale

_STATES = {
    "completed": SEEN, "watching": WATCHLIST, "onhold": WATCHLIST, "plantowatch": WATCHLIST,
    "dropped": NOT_INTERESTED,
}  # fmt: skip

SITE = Site(
    "MyAnimeList",
    (
        Format(
            needs=("series_animedb_id", "series_title", "series_type", "my_score"), kind="xml",
            at="anime", title="series_title", stars="my_score", scale=Scale(10, zero="none"),
            type="series_type", films=("movie",), state="my_status", states=_STATES,
            watched="my_finish_date",
        ),
    ),
)  # fmt: skip
