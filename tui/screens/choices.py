"""Choosing a genre or a decade: the same two lists on several screens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tui.screens.dialogs import Choose
from tui.screens.room import Room
from tui.session import filters
from tui.session.filters import Filter
from tui.text.figures import counted


def choose_genre(room: Room, old: Filter, then: Callable[[Filter], None]) -> None:
    """Ask for a genre; call `then` with the filter that has it."""
    if room.session.dataset is None:
        return
    found = filters.genres(room.session.dataset.catalogue)
    options = [("any genre", ""), *((name, counted(n, "film")) for name, n in found)]
    values = ["", *(name for name, _ in found)]

    def heard(place: int | None) -> None:
        if place is not None:
            then(replace(old, genre=values[place]))

    room.ask(Choose("Genre", options, _place(values, old.genre)), heard)


def choose_decade(room: Room, old: Filter, then: Callable[[Filter], None]) -> None:
    """Ask for a decade; call `then` with the filter that has it."""
    if room.session.dataset is None:
        return
    found = filters.decades(room.session.dataset.catalogue)
    options = [("any year", ""), *((f"{d}s", counted(n, "film")) for d, n in found)]
    values = [0, *(decade for decade, _ in found)]

    def heard(place: int | None) -> None:
        if place is not None:
            then(replace(old, decade=values[place]))

    room.ask(Choose("Decade", options, _place(values, old.decade)), heard)


def _place(values: list[str] | list[int], value: object) -> int:
    return next((i for i, one in enumerate(values) if one == value), 0)
