"""Filmtipset: the votes of the Swedish site as CSV.

Source: a published sample (StegSchreck/RatS) and an importer's bug report. Votes are 1 to 5. `IMDB`
is the number without `tt`; titles are Swedish, and hold HTML entities. There is no year.
"""

from __future__ import annotations

import html

from data.importing.format import Cells, Format, Site

_LONGEST = 1000


def _adapted(row: Cells) -> Cells:
    """Read `&amp;` in a title as what it stands for."""
    return {**row, "movietitle": html.unescape(row.get("movietitle", "")[:_LONGEST])}


SITE = Site(
    "Filmtipset",
    (
        Format(
            needs=("VoteDate", "MovieTitle", "IMDB", "Score"),
            title="MovieTitle",
            stars="Score",
            imdb="IMDB",
            rated="VoteDate",
            adapt=_adapted,
        ),
    ),
)
