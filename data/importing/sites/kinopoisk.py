"""Kinopoisk: the table of one's votes, HTML in a file called `.xls`.

Source: three public importers of the site's own export, which it no longer offers. Votes are 1 to
10; empty or `zero` is none. The rating of all stands beside it. The original title is empty for
Russian films. One export writes the `c` of `режисcёр` in Latin letters.
"""

from __future__ import annotations

from data.importing.entry import SEEN
from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale


def _adapted(row: Cells) -> Cells:
    """Take the original title for the main one, where there is one."""
    russian, original = row.get("русскоязычноеназвание", ""), row.get("оригинальноеназвание", "")
    return {**row, "title": original or russian, "other": russian if original else ""}


_VOTES = Scale(10, zero="none", words={"zero": None})

SITE = Site(
    "Kinopoisk",
    (
        Format(
            needs=("русскоязычное название", "оригинальное название", "год", "моя оценка"),
            kind="html", title="title", original="other", year="год", stars="моя оценка",
            scale=_VOTES, rated="дата и время|дата", unrated=SEEN, adapt=_adapted,
        ),
    ),
)  # fmt: skip
