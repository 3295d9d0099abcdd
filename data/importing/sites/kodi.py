"""Kodi: a film's NFO file, and the export of a video library (`videodb.xml`).

Source: Kodi's wiki (kodi.wiki/view/NFO_files/Movies) and three public files. `userrating` is the
person's, 0 to 10, 0 is none; `ratings` holds other people's. `uniqueid` has a type; `playcount`
above 0 is seen. NFO files of third parties may write `8.0`.
"""

from __future__ import annotations

from data.importing.entry import SEEN
from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale

_IDS = ("uniqueid", *(f"uniqueid{place}" for place in range(1, 9)))


def _adapted(row: Cells) -> Cells:
    """Bring numbers of each kind to the top, and tell films that were played."""
    found = dict(row)
    for name in _IDS:
        kind = row.get(f"{name}type", "").lower()
        if kind in ("imdb", "tmdb"):
            found[kind] = row.get(name, "")
    if row.get("id", "").startswith("tt"):
        found.setdefault("imdb", row["id"])
    played = row.get("playcount", "").strip()
    return {**found, "state": "played" if played.strip("0") else ""}


SITE = Site(
    "Kodi",
    (
        Format(
            needs=("title", "userrating|playcount|lastplayed"), kind="xml", at="movie",
            title="title", original="originaltitle", year="year|premiered", stars="userrating",
            scale=Scale(10, rounds=True, zero="none"), imdb="imdb", tmdb="tmdb",
            watched="lastplayed", state="state", states={"played": SEEN}, adapt=_adapted,
        ),
        *(
            Format(needs=("title",), kind="xml", at=element, television=True)
            for element in ("tvshow", "episodedetails")
        ),
    ),
)  # fmt: skip
