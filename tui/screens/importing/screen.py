"""Preview: an import before anything is written, film by film, with the choices that are open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from data.catalogue import Catalogue
from data.errors import DataError
from data.importing.plan import Plan, stands_alone
from data.profile import Profile
from tui.screens.dialogs import Choose, Enter, Read
from tui.screens.help import Help
from tui.screens.importing import panes
from tui.session.session import Session
from tui.text.lines import Line, Span, fit, rule
from tui.widgets.keyline import KeyLine
from tui.widgets.painted import Lines
from tui.widgets.rowlist import RowList

FOUND = 50
"""At most so many films are offered for a search."""


class Preview(ModalScreen[bool]):
    """Shows a plan and lets the person settle it; answers whether to go through with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "import", tooltip="Import as it stands here"),
        Binding("escape,n,q", "dismiss(False)", "cancel", key_display="esc", tooltip="Cancel"),
        Binding("enter", "choose", "which film", key_display="enter", tooltip="Choose the film"),
        Binding("space", "leave_out", "leave out", tooltip="Leave a film as it is, or take it in"),
        Binding("g", "guess", "likeliest", tooltip="Take the likeliest for each that is open"),
        Binding("v", "view", "left out", tooltip="What was left out of the export, and why"),
        Binding("question_mark,f1", "help", "help", key_display="?", tooltip="These keys"),
    ]

    def __init__(self, session: Session, plan: Plan, catalogue: Catalogue) -> None:
        super().__init__()
        self._session = session
        self._plan = plan
        self._catalogue = catalogue

    @property
    def quiet(self) -> frozenset[str]:
        """Keys that have nothing to work on."""
        still = any(item.is_open for item in self._plan.items)
        told = bool(self._plan.export.notices)
        return frozenset(() if still else ("likeliest",)) | frozenset(() if told else ("left out",))

    def compose(self) -> ComposeResult:
        """Lay out the sums over the films."""
        with Vertical(id="dialog", classes="reading"):
            yield Lines(self._title, id="title")
            yield Lines(self._sums, id="sums")
            yield Lines(lambda width, height: [rule(width)], classes="rule")
            yield RowList(id="items")
            yield KeyLine()

    def on_mount(self) -> None:
        """Fill the list and begin in it."""
        self._list.show(panes.ItemRows(self._plan, self._catalogue))
        self._list.focus()

    def on_resize(self) -> None:
        """Give the list what the sums leave."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        sums = self.query_one("#sums", Lines)
        rest = self.app.size.height - 7 - sums.size.height
        self._list.styles.height = max(min(len(self._plan.items), rest), 1)

    @property
    def _list(self) -> RowList:
        return self.query_one("#items", RowList)

    @property
    def _index(self) -> int:
        """The place of the film under the cursor in the plan."""
        return panes.place(self._list.current)

    @property
    def _profile(self) -> Profile:
        return self._session.person.profile

    def _title(self, width: int, height: int) -> list[Line]:
        return [[Span(fit(panes.title(self._plan), width), "bold")]]

    def _sums(self, width: int, height: int) -> list[Line]:
        dataset = self._session.dataset
        name = dataset.source.label if dataset is not None else "the dataset"
        return panes.sums(self._plan, name, width, max(self.app.size.height - 8, 1))

    def _renew(self) -> None:
        sums = self.query_one("#sums", Lines)
        sums.refresh(layout=True)
        sums.renew()
        self._list.renew()
        self.query_one(KeyLine).renew()
        self.call_after_refresh(self._fit)

    # What keys do

    @on(RowList.Chosen, "#items")
    def action_choose(self) -> None:
        """Ask which film of the dataset this is."""
        self._try(lambda: self._ask_which(self._index))

    def _ask_which(self, index: int) -> None:
        item = self._plan.items[index]
        movies = [*item.match.candidates]
        if item.movie is not None and item.movie not in movies:
            movies.insert(0, item.movie)
        ways: list[tuple[str, str, Callable[[], None]]] = [
            (*panes.candidate(self._catalogue, movie), partial(self._take, index, movie))
            for movie in movies
        ]
        if stands_alone(item, self._catalogue, self._profile):
            said = ("none of the dataset's", "keep it under its own title")
            ways.append((*said, partial(self._leave_alone, index)))
        ways.append(("another film", "search by title", partial(self._search, index)))
        self._choose(f"Which film is {item.entry.film.label}?", ways)

    def _choose(self, title: str, ways: Sequence[tuple[str, str, Callable[[], None]]]) -> None:
        def heard(place: int | None) -> None:
            if place is not None:
                ways[place][2]()

        if self.is_current:
            self.app.push_screen(Choose(title, [way[:2] for way in ways]), heard)

    def _search(self, index: int) -> None:
        film = self._plan.items[index].entry.film

        def heard(text: str | None) -> None:
            found = self._catalogue.search(text, FOUND).tolist() if text else []
            ways = [
                (*panes.candidate(self._catalogue, movie), partial(self._take, index, movie))
                for movie in found
            ]
            if ways:
                self._choose(f"Which film is {film.label}?", ways)

        def wrong(text: str) -> str:
            there = len(self._catalogue.search(text, 1))
            return "" if there else "No film of the dataset has all of these words in its title."

        if self.is_current:
            self.app.push_screen(Enter("Words of its title, or its year", wrong=wrong), heard)

    def _take(self, index: int, movie: int) -> None:
        self._try(lambda: self._plan.choose(index, movie, self._catalogue, self._profile))
        self._settled()

    def _leave_alone(self, index: int) -> None:
        self._try(lambda: self._plan.leave_alone(index, self._profile))
        self._settled()

    def _try(self, do: Callable[[], None]) -> None:
        """Do what looks into the person's ratings; tell if that goes wrong."""
        try:
            do()
        except DataError as error:
            self._session.say(str(error), "error")

    def _settled(self) -> None:
        """Show a choice, and go on to the next film that wants one."""
        rows = self._list.rows
        places = [*range(self._list.cursor, len(rows)), *range(self._list.cursor)]
        still = (i for i in places if self._plan.items[panes.place(rows.key(i))].is_open)
        self._list.cursor = next(still, self._list.cursor)
        self._renew()

    def action_leave_out(self) -> None:
        """Leave a film as it is kept, or take it in again."""
        self._plan.leave_out(self._index)
        self._list.action_move(1)
        self._renew()

    def action_guess(self) -> None:
        """Take the likeliest film for each that is open."""
        self._try(lambda: self._plan.choose_likeliest(self._catalogue, self._profile))
        self._renew()

    def action_help(self) -> None:
        """Show the keys that work here."""
        if self.is_current:
            self.app.push_screen(Help(self))

    def action_view(self) -> None:
        """Show what was left out of the export."""
        notices = self._plan.export.notices
        if notices and self.is_current:
            self.app.push_screen(
                Read("Left out of the export", lambda width: panes.told(notices, width))
            )
