"""Help: the keys that work here, made from the bindings."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from tui.screens.dialogs import Read
from tui.text.lines import Line, fit, line, wrap

HIDDEN = {
    "screen.copy_text",
    "app.focus_next",
    "app.focus_previous",
    "scroll_left",
    "scroll_right",
}
"""What Textual binds by itself and nobody needs to be told."""


class Help(Read):
    """What every key does on one screen."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._keys = keys(screen)
        super().__init__("Keys that work here", self._lines)

    def _lines(self, width: int) -> list[Line]:
        shown = []
        for names, does in self._keys:
            head = fit(" ".join(names), 14)
            for i, part in enumerate(wrap(does, max(width - 16, 10))):
                shown.append(line(("" if i else head).ljust(15), *part))
        return shown


def keys(screen: Screen[Any]) -> list[tuple[list[str], str]]:
    """Return the keys of each thing that can be done on `screen`, its own first."""
    found: dict[str, list[str]] = {}
    does: dict[str, str] = {}
    ranked = sorted(screen.active_bindings.values(), key=lambda b: _rank(screen, b.node))
    for _, binding, enabled, _ in ranked:
        said = binding.tooltip or binding.description
        if not said or binding.system or not enabled or binding.action in HIDDEN:
            continue
        name = binding.key_display or screen.app.get_key_display(binding)
        names = found.setdefault(said, [])
        if name not in names:
            names.append(name)
        does[said] = said
    return [(found[said], said) for said in does]


def _rank(screen: Screen[Any], node: object) -> int:
    """Put the room's own keys first, then those of its widgets, then those of the session."""
    if node is screen:
        return 0
    return 2 if node is screen.app else 1
