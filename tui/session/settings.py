"""What the app remembers between two visits, kept beside the person's ratings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from data.errors import DataError
from data.profile import Profile
from engine import ranking

RECENT = 8
"""So many paths are remembered."""


class Settings:
    """Small values by name; one that cannot be kept is forgotten, never fatal."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def get(self, name: str, default: str = "") -> str:
        """Return what was kept under `name`."""
        try:
            return self._profile.setting(name, default)
        except DataError:
            return default

    def keep(self, name: str, value: str) -> None:
        """Keep a value."""
        if self.get(name) == value:
            return
        try:
            self._profile.keep(name, value)
        except DataError:
            return

    @property
    def balance(self) -> float:
        """The balance of lists: from 0, what people alike watch, to 1, what one would love."""
        return _number(self.get(f"balance of {self._profile.name}"), ranking.BALANCE)

    def keep_balance(self, balance: float) -> None:
        """Keep the balance of this person's lists."""
        self.keep(f"balance of {self._profile.name}", f"{balance:g}")

    def counts(self, text: str) -> tuple[int, int, int] | None:
        """Return how many ratings, users and films a dataset had when it was last open."""
        words = self.get(f"counts of {text}").split()
        if len(words) != 3 or not all(word.isdecimal() for word in words):
            return None
        ratings, users, films = map(int, words)
        return ratings, users, films

    def keep_counts(self, text: str, ratings: int, users: int, films: int) -> None:
        """Keep how many ratings, users and films a dataset has."""
        self.keep(f"counts of {text}", f"{ratings} {users} {films}")

    @property
    def recents(self) -> list[Path]:
        """Paths of datasets of one's own, the last opened first."""
        try:
            paths = json.loads(self.get("recents", "[]"))
        except ValueError:
            return []
        return [Path(path) for path in paths if isinstance(path, str)] if _listed(paths) else []

    def remember(self, path: Path) -> None:
        """Put a path at the head of the recents."""
        self._keep_recents([path, *(other for other in self.recents if other != path)])

    def forget(self, path: Path) -> None:
        """Take a path off the recents."""
        self._keep_recents(other for other in self.recents if other != path)

    def _keep_recents(self, paths: Iterable[Path]) -> None:
        self.keep("recents", json.dumps([str(path) for path in paths][:RECENT]))


def _listed(value: object) -> bool:
    return isinstance(value, list)


def _number(text: str, default: float) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return default
