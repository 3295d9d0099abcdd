"""Yamtrack: its export as CSV.

Source: FuzzyGrim/Yamtrack's exporter and the files of its tests (2024; later columns are read by
name). Scores are 0 to 10 with one decimal, empty where there is none. `media_id` is TMDB's number
where `source` is `tmdb`. There is no year, so films without a number are told by title alone.
"""

from __future__ import annotations

from data.importing.entry import NOT_INTERESTED, SEEN, WATCHLIST
from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale

_STATES = {
    "completed": SEEN, "repeating": SEEN, "rewatching": SEEN, "inprogress": WATCHLIST,
    "planning": WATCHLIST, "paused": WATCHLIST, "dropped": NOT_INTERESTED,
}  # fmt: skip


def _adapted(row: Cells) -> Cells:
    """Take the number for TMDB's where it is."""
    return {**row, "tmdb": row.get("mediaid", "")} if row.get("source") == "tmdb" else row


SITE = Site(
    "Yamtrack",
    (
        Format(
            needs=("media_id", "source", "media_type", "title", "score", "status"), tmdb="tmdb",
            stars="score", scale=Scale(10, rounds=True, zero="worst"), type="media_type",
            films=("movie",), state="status", states=_STATES, watched="end_date",
            rated="progressed_at|progress_changed", adapt=_adapted,
        ),
    ),
)  # fmt: skip
