"""Watcharr: its export as JSON.

Source: sbondCo/Watcharr's own types and importer, and Ryot's. Ratings are 0 to 10, parts of one
allowed; 0 is none. A film's year stands in `release_date` alone. Games have `game` in place of
`content`.
"""

from __future__ import annotations

from data.importing.entry import NOT_INTERESTED, SEEN, WATCHLIST
from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale

_STATES = {
    "finished": SEEN, "watching": WATCHLIST, "planned": WATCHLIST, "hold": WATCHLIST,
    "dropped": NOT_INTERESTED,
}  # fmt: skip


def _adapted(row: Cells) -> Cells:
    """Tell games by what they lack."""
    return row if row.get("contenttitle") else {**row, "contenttype": "game"}


SITE = Site(
    "Watcharr",
    (
        Format(
            needs=("content.tmdbId", "content.title", "content.type", "status"), kind="json",
            title="content.title", year="content.release_date", tmdb="content.tmdbId",
            stars="rating", scale=Scale(10, rounds=True, zero="none"), type="content.type",
            films=("movie",), state="status", states=_STATES, rated="createdAt", adapt=_adapted,
        ),
    ),
)  # fmt: skip
