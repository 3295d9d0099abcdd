"""Films with two release names, or listed by MovieLens under a name that they never had.

No rule finds these: The Boat That Rocked is Pirate Radio. The list beside this file is made by
hand.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

from data import titles
from data.film import Film

_LIST = Path(__file__).with_suffix(".txt")
_NEAR = 1
"""Years that a site's year may be off."""


def other_titles(film: Film) -> tuple[str, ...]:
    """Return the folded names that a film also goes by, of those that are not known of it."""
    if not film.year:
        return ()
    known = film.folded
    found = {
        name
        for own in known
        for year, names in _names().get(own, ())
        if abs(year - film.year) <= _NEAR
        for name in names
    }
    return tuple(sorted(found.difference(known)))


@cache
def _names() -> dict[str, list[tuple[int, tuple[str, ...]]]]:
    """Map each folded name to the year and all names of the films that go by it."""
    text = _LIST.read_text(encoding="utf-8")
    found: dict[str, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
    for line in text.splitlines():
        if line and not line.startswith("#"):
            year, *names = line.split("|")
            folded = tuple(titles.fold(titles.article_in_front(name.strip())) for name in names)
            for name in folded:
                found[name].append((int(year), folded))
    return found
