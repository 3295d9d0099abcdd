"""Completing a path as it is typed, as a shell does."""

from __future__ import annotations

import os
from pathlib import Path

MOST = 24
"""So many ways to go on are shown."""


def complete(text: str) -> tuple[str, list[str]]:
    """Return `text` as far as there is only one way to go on, and the ways from there.

    Folders end in a slash. Names that begin with a dot are left out unless the dot was typed.
    """
    if text == "~":
        return "~/", []
    head, _, begun = text.rpartition("/")
    folder = Path(f"{head}/" if head or text.startswith("/") else ".").expanduser()
    names = _names(folder, begun)
    if not names:
        return text, []
    common = _common(names)
    longer = f"{head}/{common}" if "/" in text else common
    return longer, names[:MOST] if len(names) > 1 else []


def begun_anew(text: str) -> str:
    """Return what is meant where a whole path was typed behind another, as in `~//data`."""
    for root in ("/~", "//"):
        _, mark, rest = text.rpartition(root)
        if mark:
            text = root[1:] + rest
    return text


def _common(names: list[str]) -> str:
    """Return the beginning that all of some sorted names share."""
    first, last = names[0], names[-1]
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: min(len(first), len(last)) if same is None else same]


def _names(folder: Path, begun: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            found = [
                entry.name + ("/" if entry.is_dir() else "")
                for entry in entries
                if entry.name.startswith(begun)
                and (begun.startswith(".") or not entry.name.startswith("."))
            ]
    except OSError:
        return []
    return sorted(found)
