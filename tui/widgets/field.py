"""A line of text to type: no box, no blinking cursor, which would never let a link rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class Field(Input):
    """An input of one row. Escape and the down key leave it; tab completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "leave(True)", "to the list", key_display="↓", show=False),
        Binding("tab", "complete", "complete", show=False),
        Binding("enter", "submit", "done"),
    ]

    class Left(Message):
        """The person goes on to the list, or drops what they typed."""

        def __init__(self, field: Field, keep: bool) -> None:
            super().__init__()
            self.field = field
            self.keep = keep

        @property
        def control(self) -> Field:
            """The field, for `@on` selectors."""
            return self.field

    class Completed(Message):
        """Tab was pressed."""

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,
        select_on_focus: bool = True,
    ) -> None:
        super().__init__(
            text, placeholder=placeholder, id=id, compact=True, select_on_focus=select_on_focus
        )
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Insert the first line that says anything: some terminals drop a break before a path."""
        event.prevent_default()
        event.stop()
        lines = [line for line in event.text.splitlines() if line.strip()]
        if not lines:
            return
        if self.selection.is_empty:
            self.insert_text_at_cursor(lines[0])
        else:
            self.replace(lines[0], *self.selection)

    def action_leave(self, keep: bool) -> None:
        """Tell that the person is done here."""
        self.post_message(self.Left(self, keep))

    def action_complete(self) -> None:
        """Tell that tab was pressed."""
        self.post_message(self.Completed())


class SearchField(Field):
    """A field that filters a list as one types.

    Parameters
    ----------
    find : told each text at once and not by a message, so that the letter and what it finds are
        painted together
    id : as for every widget
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(False)", "back", key_display="esc"),
        Binding("enter", "leave(True)", "to the list"),
    ]

    def __init__(self, find: Callable[[str], None], *, id: str) -> None:
        super().__init__(placeholder="title, year", id=id)
        self._find = find

    def watch_value(self, value: str) -> None:
        """Tell what is searched for."""
        self._find(value)
