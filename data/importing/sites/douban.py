"""Douban: the CSV that a userscript writes, as Douban itself has no export.

Source: bambooom/douban-backup and the files of four importers' tests. Ratings are 1 to 5. A title
is `中文 / original title / further ones`; the year stands in the date of release. A state (看过,
想看) is told in some variants only; without it, films with no stars count as seen.
"""

from __future__ import annotations

from data.importing.entry import SEEN, WATCHLIST
from data.importing.format import Cells, Format, Site
from data.importing.scale import Scale

_STATES = {"看过": SEEN, "想看": WATCHLIST, "在看": WATCHLIST}


def _adapted(row: Cells) -> Cells:
    """Part the titles: the second one is most often that of other sites."""
    titles = [title.strip() for title in row.get("标题", "").split(" / ")]
    state = row.get("状态", "").strip() or "看过"
    return {**row, "title": titles[0], "original": "".join(titles[1:2]), "状态": state}


SITE = Site(
    "Douban",
    (
        Format(
            needs=("标题", "个人评分", "条目链接"), title="title", original="original",
            year="上映日期", stars="个人评分", scale=Scale(5, zero="none"), rated="打分日期",
            state="状态", states=_STATES, adapt=_adapted,
        ),
    ),
)  # fmt: skip
