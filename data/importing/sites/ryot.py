"""Ryot: its export as JSON.

Source: the schema that Ryot publishes (IgnisDa/ryot, `docs/includes/export-schema.ts`): media
stand under `metadata` (`media` in older versions), and films have the lot `movie`. The rating of a
review is a text, out of 100; the identifier is TMDB's where the source is `tmdb`, and `source_id`
holds the title. The last review with a rating counts.
"""

from __future__ import annotations

from data.importing.entry import SEEN, WATCHLIST
from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale

_MOST = 1000
"""Reviews and viewings of a film that are looked at."""
_COLLECTIONS = {"watchlist": WATCHLIST, "completed": SEEN, "inprogress": WATCHLIST}


def _adapted(row: Cells) -> Cells:
    """Bring the last rating, the last viewing, the collection and the number to the top."""
    found = dict(row)
    for place in range(_MOST):
        if f"reviews{place}rating" not in row:
            break
        if row[f"reviews{place}rating"]:
            found["rating"] = row[f"reviews{place}rating"]
            found["ratedat"] = row.get(f"reviews{place}reviewdate", "")
    dates = (row.get(f"seenhistory{place}endedon", "") for place in range(_MOST))
    found["watched"] = max((date for date in dates if date), default="")
    if any(name.startswith("seenhistory0") for name in row):
        found["state"] = "completed"
    for place in range(_MOST):
        name = row.get(f"collections{place}", row.get(f"collections{place}name"))
        if name is None:
            break
        state = "".join(filter(str.isalpha, name.lower()))
        if state in _COLLECTIONS and not found.get("state"):
            found["state"] = state
    if row.get("source", "").lower() == "tmdb":
        found["tmdb"] = row.get("identifier", "")
    return found


SITE = Site(
    "Ryot",
    tuple(
        Format(
            needs=("lot", "source", "identifier", "source_id"), kind="json", at=key,
            title="source_id", tmdb="tmdb", stars="rating", rated="ratedat", watched="watched",
            scale=Scale(100, rounds=True, zero="none"), type="lot", films=("movie",),
            state="state", states=_COLLECTIONS, adapt=_adapted, adds=("rating", "watched"),
        )
        for key in ("metadata", "media")
    ),
)  # fmt: skip
