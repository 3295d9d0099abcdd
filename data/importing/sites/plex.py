"""Plex: the films of a library as its server tells them in XML.

Source: the server's `/library/sections/N/all` (a published sample and two tools that read it).
`userRating` is the person's stars times two; `rating` is the critics'. `lastViewedAt` is in seconds
since 1970. Numbers stand in `guid`, or with the newer agent in `Guid` elements.
"""

from __future__ import annotations

import re

from data.importing.entry import SEEN
from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale

_GUID = re.compile(r"(imdb|tmdb|themoviedb)://(?:tt)?(\d{1,9})")
_GUIDS = ("guid", "guidid", *(f"guid{place}id" for place in range(1, 9)))


def _adapted(row: Cells) -> Cells:
    """Read the numbers of IMDb and TMDB from addresses, and tell films that were viewed."""
    found = dict(row)
    for name in _GUIDS:
        told = _GUID.search(row.get(name, ""))
        if told:
            found["imdb" if told[1] == "imdb" else "tmdb"] = told[2]
    return {**found, "state": "viewed" if row.get("viewcount", "0") != "0" else ""}


SITE = Site(
    "Plex",
    (
        Format(
            needs=("@title", "@type", "@ratingKey|@guid"), kind="xml", at="Video", title="@title",
            original="@originalTitle", year="@year", stars="@userRating",
            scale=Scale(10, rounds=True, zero="none"), imdb="imdb", tmdb="tmdb", type="@type",
            films=("movie",), watched="@lastViewedAt", state="state", states={"viewed": SEEN},
            adapt=_adapted,
        ),
        Format(needs=("@title", "@type"), kind="xml", at="Directory", television=True),
    ),
)  # fmt: skip
