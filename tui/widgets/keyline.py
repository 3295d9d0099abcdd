"""The line of keys at the bottom: what can be done here, made from the bindings."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding
from textual.events import Click, Resize
from textual.screen import Screen

from tui.text.lines import Line, Span, width
from tui.widgets.painted import Painted

MOST = 8
ARROWS = frozenset("←↓↑→")


class Hint(NamedTuple):
    """A key and what it does."""

    shown: str
    """How the key is written, as in `1-5`."""
    does: str
    key: str
    """What to press for it."""


def hints(screen: Screen[object]) -> list[Hint]:
    """Return the keys that work on `screen` now and should be shown, each action once.

    Those of the widget with the focus come first, then the screen's in the order that it has them.
    Keys that do the same in two directions stand together, as in `, .`. What is of no use in the
    moment a screen names in `quiet`.
    """
    found: dict[str, Hint] = {}
    quiet: frozenset[str] = getattr(screen, "quiet", frozenset())
    for key, (_, binding, enabled, _) in screen.active_bindings.items():
        if not (binding.show and enabled and binding.description) or _is_typed(screen, key):
            continue
        if binding.description in quiet or (key == "f1" and binding.description in found):
            continue
        shown = key if key == "f1" else screen.app.get_key_display(binding)
        hint = found.setdefault(binding.description, Hint(shown, binding.description, key))
        arrow = shown in ARROWS
        if shown not in (hint.shown if arrow else hint.shown.split()):
            apart = "" if arrow else " "
            found[binding.description] = hint._replace(shown=f"{hint.shown}{apart}{shown}")
    own = [binding.description for binding in screen.BINDINGS if isinstance(binding, Binding)]
    order = {description: place for place, description in enumerate(dict.fromkeys(own))}
    last = len(order)
    return sorted(found.values(), key=lambda h: order.get(h.does, last if h.does == "help" else -1))


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

    @property
    def hints(self) -> list[Hint]:
        """What is shown."""
        return self._hints

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
    """Return as many hints as fit; the word for help gives way before any key does."""
    brief = [hint._replace(does="") for hint in last]
    for n in range(len(first), 0, -1):
        for end in (last, brief):
            line = _line(first[:n] + end)
            line[-1] = Span(line[-1].text.rstrip(), "dim")
            if width(line) <= cells:
                return first[:n] + end, line
    return last, _line(last)


def _line(hints: list[Hint]) -> Line:
    line: Line = []
    for hint in hints:
        does = f" {hint.does} " if hint.does else " "
        line += [Span(" "), Span(hint.shown, "accent"), Span(does, "dim")]
    return line


def _ends(line: Line) -> list[int]:
    ends: list[int] = []
    total = 0
    for i, span in enumerate(line):
        total += width(span.text)
        if i % 3 == 2:
            ends.append(total)
    return ends
