"""Criticker: its XML and its CSV, rated 0 to 100.

Source: criticker.com/resource/ratings; the XML from a published sample of 1,531 films, the names of
the CSV's columns (which begin with a space) from one importer. 0 is a rating, the worst. Titles end
in their year; the address of a series has `/tv/` in it.
"""

from __future__ import annotations

from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale

_HUNDRED = Scale(100, rounds=True, zero="worst")


def _adapted(row: Cells) -> Cells:
    """Tell series by their address."""
    address = row.get("filmlink", "") or row.get("url", "")
    return {**row, "type": "tv"} if "/tv/" in address else row


SITE = Site(
    "Criticker",
    (
        Format(
            needs=("filmid", "filmname", "rating"), kind="xml", at="film", title="filmname",
            stars="rating", scale=_HUNDRED, imdb="imdbid", rated="reviewdate", type="type",
            adapt=_adapted,
        ),
        Format(
            needs=("Score", "Film Name"), title="Film Name", stars="Score", scale=_HUNDRED,
            imdb="IMDB ID", rated="Date Rated", type="type", adapt=_adapted,
        ),
        Format(
            needs=("Score", "Film Name", "Year"), title="Film Name", year="Year", stars="Score",
            scale=_HUNDRED, imdb="IMDB ID", rated="Date Rated", type="type", adapt=_adapted,
        ),
    ),
)  # fmt: skip
