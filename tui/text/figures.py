"""Figures as people read them: stars, bars, counts, sizes, times."""

from __future__ import annotations

import datetime as dt
import math
import os

from tui.text import glyphs


def stars(value: float) -> str:
    """Return a rating as stars in five cells, as in `★★★★½`; dots for 0, which is no rating."""
    g = glyphs.now()
    if value <= 0:
        return g.unrated * 5
    halves = round(value * 2)
    if halves > 10:
        return f"{value:g}".ljust(5)
    return (g.star * (halves // 2) + (g.half if halves % 2 else "")).ljust(5)


def bar(share: float, cells: int) -> str:
    """Return a bar of at most `cells`, `share` of it filled; the least share is still seen."""
    g = glyphs.now()
    if not math.isfinite(share) or share <= 0 or cells <= 0:
        return ""
    steps = 2 if g.half_bar else 1
    full, part = divmod(max(1, round(min(share, 1) * cells * steps)), steps)
    return g.bar * full + g.half_bar * part


def gauge(share: float, cells: int) -> str:
    """Return a progress bar of exactly `cells`."""
    g = glyphs.now()
    filled = math.floor(min(max(share, 0), 1) * cells)
    return g.bar * filled + g.track * (cells - filled)


def count(n: int) -> str:
    """Return a whole number with its thousands apart."""
    return f"{n:,}"


def counted(n: int, one: str, many: str = "") -> str:
    """Return `1 film`, `2 films`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def homely(text: str) -> str:
    """Return a path, or a sentence with paths, with the home folder as `~`."""
    home = os.path.expanduser("~").rstrip("/")
    return text.replace(f"{home}/", "~/") if home else text


def share(value: float) -> str:
    """Return a share from 0 to 1 in per cent, as few digits as say something."""
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"


def size(n_bytes: float) -> str:
    """Return a file size, as in `262 MB`."""
    for unit in ("B", "kB", "MB"):
        if n_bytes < 999.5:
            figure = f"{n_bytes:.1f}" if unit == "MB" and n_bytes < 9.95 else f"{n_bytes:.0f}"
            return f"{figure.removesuffix('.0')} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"


def seconds(value: float) -> str:
    """Return a duration, as in `2.9 s` or `3 min`."""
    if not math.isfinite(value):
        return "–"
    if value < 0.095:
        return f"{value * 1000:.0f} ms"
    if value < 9.95:
        return f"{value:.1f} s"
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min"


def figure(value: float, digits: int = 3) -> str:
    """Return a measure, or a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def signed(value: float, digits: int = 1) -> str:
    """Return a contribution with its sign, as in `+0.42`."""
    sign = "+" if round(value, digits) >= 0 else glyphs.now().minus
    return f"{sign}{abs(value):.{digits}f}"


def plus_minus(value: float | None) -> str:
    """Return an uncertainty, as in `±.3`; blank where it is not known."""
    if value is None or not math.isfinite(value):
        return ""
    text = f"{value:.1f}"
    return glyphs.now().plus_minus + (text[1:] if text.startswith("0") else text)


def when(moment: dt.datetime, now: dt.datetime | None = None) -> str:
    """Return a time of day for today, a date for any other day."""
    moment = moment.astimezone()
    now = (now or dt.datetime.now(dt.UTC)).astimezone()
    if moment.date() == now.date():
        return f"today {moment:%H:%M}"
    return f"{moment.day} {moment:%b}" if moment.year == now.year else f"{moment:%Y-%m-%d}"
