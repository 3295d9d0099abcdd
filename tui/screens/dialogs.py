"""Dialogs: a question, a choice out of a list, a line of text, something to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.text.lines import Line, Span, fit, line, right, width, wrap
from tui.widgets.field import Field
from tui.widgets.keyline import KeyLine
from tui.widgets.painted import Lines
from tui.widgets.path_completion import begun_anew
from tui.widgets.rowlist import Fixed, Page, RowList


class Ask(ModalScreen[bool]):
    """A question with yes and no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # Not enter: pressed twice, it would answer the question that it has just opened.
        Binding("y", "dismiss(True)", "yes", key_display="y"),
        Binding("n,escape", "dismiss(False)", "no", key_display="n"),
    ]

    def __init__(self, question: str, yes: str = "yes", no: str = "no") -> None:
        super().__init__()
        self._question = question
        self._answers = (yes, no)

    def compose(self) -> ComposeResult:
        """Lay out the question over its keys."""
        with Vertical(id="dialog"):
            yield Lines(self._lines, id="question")

    def _lines(self, width: int, height: int) -> list[Line]:
        yes, no = self._answers
        keys = line(("y", "accent"), (f" {yes}   ", "dim"), ("n", "accent"), (f" {no}", "dim"))
        return [*wrap(self._question, width), [], keys]


class Leave(Ask):
    """The question whether to leave: a yes leaves at once, without painting what lay below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "app.leave_now", "leave", key_display="y"),
    ]


class Choose(ModalScreen[int]):
    """A list to choose one from; answers with its place in the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "choose", "choose", key_display="enter"),
        Binding("escape,q", "dismiss", "back", key_display="esc"),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], current: int = 0) -> None:
        """Offer `options`, pairs of a name and what to say at the right of it."""
        super().__init__()
        self._title = title
        self._options = options
        self._current = current

    def compose(self) -> ComposeResult:
        """Lay out the title over the list."""
        with Vertical(id="dialog"):
            yield Lines(lambda width, height: [[Span(fit(self._title, width), "bold")]], id="title")
            yield RowList(id="choices")
            yield KeyLine()

    def on_mount(self) -> None:
        """Fill the list."""
        rows = self.query_one(RowList)
        widest = max((width(name) for name, _ in self._options), default=0)
        beside = max((width(said) for _, said in self._options), default=0)
        put = right if all(said[:1].isdigit() for _, said in self._options if said) else fit
        rows.show(
            Fixed(
                [
                    line(f" {fit(name, widest + 2)}", (put(said, beside), "dim"))
                    for name, said in self._options
                ]
            )
        )
        rows.styles.height = max(min(len(self._options), self.app.size.height - 8), 1)
        rows.cursor = self._current
        rows.focus()

    def on_key(self, event: object) -> None:
        """Go to the next option that begins with a letter."""
        character = getattr(event, "character", None)
        if not character or not character.isalnum():
            return
        rows = self.query_one(RowList)
        for step in range(1, len(self._options) + 1):
            place = (rows.cursor + step) % len(self._options)
            if self._options[place][0].lower().startswith(character.lower()):
                rows.cursor = place
                return

    @on(RowList.Chosen)
    def action_choose(self) -> None:
        """Answer with the option under the cursor."""
        if self._options:
            self.dismiss(self.query_one(RowList).cursor)


class Enter(ModalScreen[str]):
    """A line of text; stays open with a sentence while the text will not do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "done", key_display="enter"),
        Binding("escape", "dismiss", "back", key_display="esc"),
    ]

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        wrong: Callable[[str], str] = lambda text: "",
        complete: Callable[[str], tuple[str, list[str]]] | None = None,
    ) -> None:
        """Ask for a text.

        Parameters
        ----------
        title : what is asked for
        text : what stands there at first
        wrong : returns why a text will not do, in a sentence; empty if it will
        complete : returns a longer text and the ways it may go on; tab asks for it
        """
        super().__init__()
        self._title = title
        self._text = text
        self._wrong = wrong
        self._complete = complete
        self._said: list[Line] = []

    def compose(self) -> ComposeResult:
        """Lay out title, field and what there is to say."""
        with Vertical(id="dialog"):
            yield Lines(lambda width, height: [[Span(fit(self._title, width), "bold")]], id="title")
            yield Field(self._text, select_on_focus=False)
            yield Lines(lambda width, height: self._said, id="said")
            yield KeyLine()

    def on_mount(self) -> None:
        """Begin at the end of the text."""
        field = self.query_one(Field)
        field.focus()
        field.cursor_position = len(field.value)

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Answer, if the text will do."""
        text = self.query_one(Field).value.strip()
        if not text:
            self.dismiss(None)
            return
        sentence = self._wrong(text)
        if sentence:
            self._say(wrap(sentence, max(self.query_one("#said").size.width, 20), "bad"))
        else:
            self.dismiss(text)

    @on(Input.Changed)
    def begin_anew(self) -> None:
        """Let a path that is typed or pasted behind the one that stands there take its place."""
        field = self.query_one(Field)
        meant = begun_anew(field.value) if self._complete is not None else field.value
        if meant != field.value:
            field.value = meant
            field.cursor_position = len(meant)

    @on(Field.Completed)
    def complete(self) -> None:
        """Go on as far as there is only one way, and show the ways from there."""
        if self._complete is None:
            return
        field = self.query_one(Field)
        field.value, ways = self._complete(field.value)
        field.cursor_position = len(field.value)
        self._say([[Span(way, "dim")] for way in ways])

    def _say(self, lines: list[Line]) -> None:
        said = self.query_one("#said", Lines)
        self._said = lines[:6]
        said.styles.height = len(self._said)
        said.renew()


class Read(ModalScreen[None]):
    """Lines to read, as many as there are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark", "dismiss", "back", key_display="esc"),
    ]

    def __init__(self, title: str, lines: Callable[[int], list[Line]]) -> None:
        """Show what `lines` returns for a width."""
        super().__init__()
        self._title = title
        self._build = lines

    def compose(self) -> ComposeResult:
        """Lay out the title over the lines."""
        with Vertical(id="dialog", classes="reading"):
            yield Lines(lambda width, height: [[Span(fit(self._title, width), "bold")]], id="title")
            yield Page(id="reading")
            yield KeyLine()

    def on_mount(self) -> None:
        """Take the focus, so that keys scroll."""
        self.query_one(Page).focus()

    def on_resize(self) -> None:
        """Fill the list for its width."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        rows = self.query_one(Page)
        lines = self._build(rows.scrollable_content_region.width)
        rows.show(Fixed(lines))
        rows.styles.height = max(min(len(lines), self.app.size.height - 6), 1)
