"""IMDb: ratings and lists as CSV, from the form of 2013 to that of today.

Source: IMDb's own exports (imdb.com/list/ratings, "Export"); columns were renamed and moved in
2013, 2017 and 2024. Ratings are 1 to 10. `Title Type` comes in the language of the account. Lists,
the watchlist among them, have the same columns, may have any name and leave `Your Rating` empty.
"""

from __future__ import annotations

from dataclasses import replace

from data.importing.format import Format, Site
from data.importing.scale import TEN

_STARS = "Your Rating|You rated"
_LIST = Format(
    needs=("Const", "Title", "Title Type"), title="Title", original="Original Title",
    year="Year|Release Date", imdb="Const", type="Title Type", stars=_STARS, scale=TEN,
    rated="Date Rated|Created", is_list=True, others=("IMDb Rating", "Num Votes", "Num. Votes"),
)  # fmt: skip

SITE = Site(
    "IMDb",
    (
        replace(_LIST, needs=("Const", "Title", _STARS), rated="Date Rated", is_list=False),
        replace(_LIST, needs=("Position", "Const", "Title", "Title Type")),
        _LIST,
    ),
)
