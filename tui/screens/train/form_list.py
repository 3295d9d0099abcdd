"""A form as a list of fields: arrows change a value, typing replaces it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.message import Message

from tui.screens.train.form import Form
from tui.text import glyphs
from tui.text.lines import Line, fit, line
from tui.widgets.rowlist import RowList

LABEL = 15
_BEGINS = "0123456789.-+"
"""Typing one of these into a field replaces what stands there."""


class FormRows:
    """The fields as rows, with what is being typed."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.typed: str | None = None
        """What has been typed into the field under the cursor; None when nothing was."""

    def __len__(self) -> int:
        return len(self.form.entries)

    def key(self, index: int) -> str:
        """Return the field's name."""
        return self.form.entries[index].name

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return label and value, marked where the value will not do."""
        g = glyphs.now()
        entry = self.form.entries[index]
        label = fit(entry.label, min(LABEL, width // 2))
        head = line(f"{g.cursor} " if current else "  ", (label, "dim"))
        if current and self.typed is not None:
            return [*head, *line((self.typed, "own"), (g.wall, "own"))]
        value = f"{entry.text} %" if entry.name == "held_out" else entry.text
        if entry.wrong:
            return [*head, *line((f"{value} {g.bad}", "bad"))]
        more = line((f" {g.left_right}", "dim")) if current else []
        return [*head, *line((value, "bold" if index == 0 or current else "plain")), *more]

    def note(self, index: int, width: int) -> Line | None:
        """Fields are explained elsewhere."""
        return None


class FormList(RowList):
    """The fields of a form. Enter, up and down take what was typed; escape drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left,h", "step(-1)", "less", show=False, tooltip="A smaller value, or the one before"
        ),
        Binding("right,l", "step(1)", "more", show=False, tooltip="A larger value, or the next"),
    ]

    class Changed(Message):
        """A field has another value, or is being typed into."""

    def __init__(self, form: Form, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.form_rows = FormRows(form)

    def on_mount(self) -> None:
        """Show the fields."""
        self.show(self.form_rows)

    @property
    def typing(self) -> bool:
        """Whether a value is being typed."""
        return self.form_rows.typed is not None

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Say that letters are text while a value is typed."""
        return self.typing and character is not None and character.isprintable()

    @on(RowList.Chosen)
    def clicked(self) -> None:
        """Go on to the next value of a field that was clicked twice."""
        self.action_step(1)

    def action_step(self, by: int) -> None:
        """Change the value under the cursor."""
        self._drop()
        self.form_rows.form.step(self.cursor, by)
        self._changed()

    def take(self) -> bool:
        """Take what was typed; return whether it will do."""
        typed, self.form_rows.typed = self.form_rows.typed, None
        if typed is None:
            return True
        done = self.form_rows.form.put(self.cursor, typed)
        self._changed()
        return done

    def watch_cursor(self, old: int, new: int) -> None:
        """Take what was typed into the field that is left."""
        typed, self.form_rows.typed = self.form_rows.typed, None
        if typed is not None:
            self.form_rows.form.put(old, typed)
        super().watch_cursor(old, new)

    def on_blur(self) -> None:
        """Take what was typed."""
        self.take()
        super().on_blur()

    async def _on_key(self, event: Key) -> None:
        """Type; every other key goes on to the bindings."""
        if self._typed(event.key, event.character):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        """Type what was pasted."""
        self._put((self.form_rows.typed or "") + event.text.strip())
        event.stop()

    def _typed(self, key: str, character: str | None) -> bool:
        typed = self.form_rows.typed
        if typed is None:
            if character is not None and character in _BEGINS:
                self._put(character)
                return True
            return self._toggled(key)
        if key == "escape":
            self._drop()
        elif key == "backspace":
            self._put(typed[:-1])
        elif key == "enter":
            self.take()
        elif character is not None and character.isprintable():
            self._put(typed + character)
        else:
            return False
        return True

    def _toggled(self, key: str) -> bool:
        """Let space turn what has few values, and backspace empty a field."""
        entry = self.form_rows.form.entries[self.cursor]
        if key == "space" and entry.parameter.kind in ("bool", "choice"):
            self.action_step(1)
            return True
        if key == "backspace":
            self._put("")
            return True
        return False

    def _put(self, text: str) -> None:
        self.form_rows.typed = text[:24]
        self._changed()

    def _drop(self) -> None:
        self.form_rows.typed = None
        self._changed()

    def _changed(self) -> None:
        if self.cursor == 0:
            self.show(self.form_rows)
        self.refresh()
        self.post_message(self.Changed())
