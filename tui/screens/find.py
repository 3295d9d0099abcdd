"""Finding a film from any room: a field, and the films whose titles have its words."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from data.dataset import Dataset
from tui.screens.rate.questions import FOUND, FilmRows
from tui.session.person import Person
from tui.text.lines import line
from tui.widgets.field import Field, SearchField
from tui.widgets.keyline import KeyLine
from tui.widgets.painted import Lines
from tui.widgets.rowlist import Nothing, RowList


class Find(ModalScreen[int]):
    """A search by title; answers with the film that was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "film", key_display="enter"),
        Binding("escape", "dismiss", "back", key_display="esc"),
    ]

    def __init__(self, dataset: Dataset, person: Person) -> None:
        super().__init__()
        self._dataset = dataset
        self._person = person

    def compose(self) -> ComposeResult:
        """Lay out the field over what it finds."""
        with Vertical(id="dialog"):
            yield Lines(lambda width, height: [line(("Find a film", "bold"))], id="title")
            yield SearchField(self.find, id="find")
            yield RowList(id="found")
            yield KeyLine()

    def on_mount(self) -> None:
        """Begin to type."""
        self.query_one("#found", RowList).styles.height = max(self.app.size.height - 9, 3)
        self.query_one("#find", SearchField).focus()

    def find(self, text: str) -> None:
        """Show what is found so far."""
        if not self.is_mounted:
            return
        movies = [int(movie) for movie in self._dataset.catalogue.search(text, FOUND)]
        rows = FilmRows(self._dataset, self._person, movies) if movies else Nothing()
        empty = "No film has all of these words in its title." if text else ""
        self.query_one("#found", RowList).show(rows, keep=False, empty=empty)

    @on(Field.Left, "#find")
    def leave_field(self, message: Field.Left) -> None:
        """Go to the results, take the only one, or go back."""
        rows = self.query_one("#found", RowList)
        if not message.keep:
            self.dismiss(None)
        elif len(rows.rows) == 1:
            self.action_choose()
        elif len(rows.rows):
            rows.focus()

    @on(RowList.Chosen)
    def action_choose(self) -> None:
        """Answer with the film under the cursor."""
        movie = self.query_one("#found", RowList).current
        if isinstance(movie, int):
            self.dismiss(movie)
