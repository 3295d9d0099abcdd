"""TMDB: ratings, watchlist and favourites as CSV.

Source: themoviedb.org/settings/export, as three importers and a published sample have it. `Your
Rating` is the person's, ½ to 10 in halves; `Rating` is everybody's. `Name` may be in the film's own
script, so films are best told by their numbers.
"""

from __future__ import annotations

from data.importing.entry import SEEN
from data.importing.format import Format, Part, Site
from data.importing.scale import Scale

SITE = Site(
    "TMDB",
    (
        Format(
            needs=("TMDb ID", "IMDb ID", "Type", "Name", "Your Rating"), title="Name",
            year="Release Date", stars="Your Rating", scale=Scale(10, rounds=True), imdb="IMDb ID",
            tmdb="TMDb ID", type="Type", films=("movie",), rated="Date Rated", is_list=True,
            others=("Rating",),
        ),
    ),
    parts=(Part(r"favou?rites?\.csv", SEEN),),
)  # fmt: skip
