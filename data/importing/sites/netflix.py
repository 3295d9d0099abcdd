"""Netflix: `Ratings.csv` from the copy of one's personal information.

Source: netflix.com/account/getmyinfo, folder CONTENT_INTERACTION; Ryot's importer and a tool for
donating data. Thumbs came in place of stars in 2017: 1 is down, 2 is up, 3 two thumbs up, and a 0
fills the column that is not used. There is no year, no number, and nothing that tells films from
series. Thumbs become the stars nearest to what Ryot takes them for: 1½, 3½ and 5.
"""

from __future__ import annotations

from data.importing.format import Cells, Format, Part, Site
from data.importing.scale import Scale

_THUMBS = {"down": 1.5, "up": 3.5, "two up": 5.0}
_OF_THUMBS = {"1": "down", "2": "up", "3": "two up"}


def _adapted(row: Cells) -> Cells:
    """Return the stars, else the thumbs as words."""
    stars = row.get("starvalue", "").strip()
    if stars not in ("", "0"):
        return {**row, "own": stars}
    thumbs = row.get("thumbsvalue", "").strip()
    return {**row, "own": _OF_THUMBS.get(thumbs, thumbs if thumbs != "0" else "")}


SITE = Site(
    "Netflix",
    (
        Format(
            needs=("Title Name", "Thumbs Value|Star Value"), title="Title Name", stars="own",
            scale=Scale(5, words=_THUMBS), rated="Event Utc Ts", adapt=_adapted,
            adds=("own",),
        ),
        Format(
            needs=("Profile Name", "Start Time", "Title", "Duration"),
            holds_none="is a history of what was played, without stars and without years; choose"
            " Ratings.csv from the folder CONTENT_INTERACTION of the same zip.",
        ),
    ),
    parts=(Part(r"CONTENT_INTERACTION/Ratings\.csv"),),
)  # fmt: skip
