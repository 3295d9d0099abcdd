"""The line of keys at the bottom: what can be done here, made from the bindings."""

from __future__ import annotations

from typing import NamedTuple

from textual.events import Click, Resize
from textual.screen import Screen

from tui.lines import Line, Span, width
from tui.widgets.ink import Painted

MOST = 8


class Hint(NamedTuple):
    """A key and what it does."""

    shown: str
    """How the key is written, as in `1-5`."""
    does: str
    key: str
    """What to press for it."""


def hints(screen: Screen[object]) -> list[Hint]:
    """Return the keys that work on `screen` now and should be shown, each action once.

    Keys that do the same in two directions stand together, as in `, .`.
    """
    found: dict[str, Hint] = {}
    for key, (_, binding, enabled, _) in screen.active_bindings.items():
        if not (binding.show and enabled and binding.description) or _is_typed(screen, key):
            continue
        shown = binding.key_display or screen.app.get_key_display(binding)
        hint = found.setdefault(binding.description, Hint(shown, binding.description, key))
        if shown not in hint.shown.split():
            found[binding.description] = hint._replace(shown=f"{hint.shown} {shown}")
    return list(found.values())


def _is_typed(screen: Screen[object], key: str) -> bool:
    """Return whether the focused widget would take the key as text."""
    if screen.focused is None or screen.is_modal:
        return False
    character = key if len(key) == 1 else _CHARACTERS.get(key)
    return screen.focused.check_consume_key(key, character)


_CHARACTERS = {"question_mark": "?", "slash": "/", "comma": ",", "full_stop": ".", "space": " "}


class KeyLine(Painted):
    """At most eight keys in one line; those at the end give way on a narrow terminal."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._hints: list[Hint] = []
        self._ends: list[int] = []

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self.renew)

    def on_resize(self, event: Resize) -> None:
        """Fit the new width."""
        self.renew()

    def renew(self, _: object = None) -> None:
        """Show what can be pressed now."""
        if not self.is_mounted or not self.screen.is_current:
            return
        found = hints(self.screen)
        last = [hint for hint in found if hint.does == "help"]
        first = [hint for hint in found if hint.does != "help"][: MOST - len(last)]
        self._hints, line = _laid_out(first, last, self.size.width)
        self._ends = _ends(line)
        self.paint([line])

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked."""
        for hint, end in zip(self._hints, self._ends, strict=True):
            if event.x < end:
                self.app.simulate_key(hint.key)
                return


def _laid_out(first: list[Hint], last: list[Hint], cells: int) -> tuple[list[Hint], Line]:
    while first and width(_line(first + last)) > cells:
        first = first[:-1]
    return first + last, _line(first + last)


def _line(hints: list[Hint]) -> Line:
    line: Line = []
    for hint in hints:
        line += [Span(" "), Span(hint.shown, "accent"), Span(f" {hint.does} ", "dim")]
    return line


def _ends(line: Line) -> list[int]:
    ends: list[int] = []
    total = 0
    for i, span in enumerate(line):
        total += width(span.text)
        if i % 3 == 2:
            ends.append(total)
    return ends
