"""The sites whose exports can be read: one file each, found by itself once it lies here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from data.importing.format import Site

_FIRST = ("Letterboxd", "IMDb", "Trakt", "TMDB", "MovieLens")
"""Told first: most people come from one of these."""
_OWN = "reelrank"


@cache
def every() -> tuple[Site, ...]:
    """Return all sites; each module here has one, called SITE."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return tuple(module.SITE for module in modules)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all sites, for help, dialogs and README."""
    found = {name for site in every() for name in (site.name, *site.also)} - {_OWN, *_FIRST}
    return (*_FIRST, *sorted(found, key=str.casefold))


def listed(most: int | None = None) -> str:
    """Return the names in a row, as in `Letterboxd, IMDb and Trakt` or `Letterboxd and 18 more`."""
    first = list(names()[:most])
    rest = len(names()) - len(first)
    last = f"{rest} more" if rest else first.pop()
    return f"{', '.join(first)} and {last}"
