"""Rate: the heart. One hand on the digits, the eye on the right."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tui.screens.choices import choose_decade, choose_genre
from tui.screens.rate import questions
from tui.screens.rate.panes import RatingPane
from tui.screens.rate.questions import FilmRows, Mode, Queue
from tui.screens.rating import RatingRoom
from tui.session.filters import Filter
from tui.session.person import NOT_FOR_ME, SEEN, UNSEEN, WATCHLIST
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import counted
from tui.text.lines import Line, line, rule, spread, wall
from tui.widgets.field import Field, SearchField
from tui.widgets.painted import Lines
from tui.widgets.rowlist import Nothing, RowList


class RateRoom(RatingRoom):
    """A list to rate from with one key, and beside it what the model makes of the answers."""

    NAME = "rate"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                str(stars),
                f"rate({stars})",
                "rate",
                key_display="1-5",
                tooltip="Give so many stars",
            )
            for stars in range(1, 6)
        ),
        Binding("comma", "nudge(-0.5)", "half", tooltip="Half a star less"),
        Binding("full_stop", "nudge(0.5)", "half", tooltip="Half a star more"),
        Binding("0", "clear", "clear", tooltip="Take stars and mark away"),
        Binding("s", "mark('unseen')", "not seen", tooltip="Not seen: ask about something else"),
        Binding("w", "mark('watchlist')", "watchlist", tooltip="Put on the watchlist, or off it"),
        Binding("u", "undo", "undo", tooltip="Take the last rating or mark back"),
        Binding("slash", "search", "search", key_display="/", tooltip="Search by title"),
        Binding("space", "next", "next", show=False, tooltip="On to the next film not yet rated"),
        Binding(
            "n",
            "mark('not interested')",
            "not for me",
            show=False,
            tooltip="Not for me: never recommend it",
        ),
        Binding("a", "ask", "ask me", show=False, tooltip="Ask me about films, chosen anew"),
        Binding("m", "mine", "mine", show=False, tooltip="What I have rated"),
        Binding("y", "decade", "decade", show=False, tooltip="Only films of one decade"),
        Binding("g", "genre", "genre", show=False, tooltip="Only films of one genre"),
        Binding("enter", "card", "film", show=False, tooltip="All about this film"),
        Binding("escape", "back", "back", show=False, tooltip="Back from a search or a filter"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._mode: Mode = "ask"
        self._filter = Filter()
        self._queue = Queue()
        self._pane = RatingPane(session)
        self._shown: tuple[object, ...] = ()
        self._places: dict[Mode, object] = {}
        """The film that the cursor was on in each mode."""

    def body(self) -> ComposeResult:
        """Lay out the list at the left and what follows from it at the right."""
        yield Lines(self._head, id="rate-head")
        with Horizontal(id="rate"):
            with Vertical(id="rate-left"):
                search = SearchField(self.find, id="rate-search")
                search.add_class("hidden")
                yield search
                yield RowList(id="rate-list")
            yield Lines(wall, id="rate-wall", classes="wall")
            yield Lines(self._pane.lines, id="rate-side")
        yield Lines(self._hint, id="rate-hint")

    def on_mount(self) -> None:
        """Begin in the list."""
        self._list.focus()

    @property
    def _list(self) -> RowList:
        return self.query_one("#rate-list", RowList)

    @property
    def _field(self) -> SearchField:
        return self.query_one("#rate-search", SearchField)

    def renew(self) -> None:
        """Show the films anew if they are others, and whatever follows from the ratings."""
        dataset = self.session.dataset
        shown = (dataset, self._mode, self._filter, self.session.person.profile.name)
        if shown != self._shown or dataset is None:
            same = self._shown[:1] == shown[:1] and self._shown[-1:] == shown[-1:]
            self._shown = shown
            if not same:
                self._pane.forget()
            self._fill(keep=same)
        elif self._mode == "ask" and self._queue.reconsider(self.session, self._settled):
            self._fill(keep=True)
        self._refresh_panes()

    @property
    def _settled(self) -> int:
        """So many rows stay as they are: those to the cursor, and to the last answer."""
        person, rows = self.session.person, self._list.rows
        known = person.stars.keys() | person.marks.keys()
        answered = [i for i in range(len(rows)) if rows.key(i) in known]
        return 1 + max([self._list.cursor, *answered])

    def _refresh_panes(self) -> None:
        for pane in ("#rate-head", "#rate-side", "#rate-hint"):
            self.query_one(pane, Lines).renew()

    def _fill(self, keep: bool = False) -> None:
        if self.session.dataset is None:
            self._list.show(Nothing(), empty=_opening(self.session))
            return
        movies = self._movies()
        rows = FilmRows(self.session.dataset, self.session.person, movies)
        self._list.show(rows if movies else Nothing(), keep=keep, empty=self._empty())

    def _movies(self) -> list[int]:
        if self._mode == "search":
            return questions.found(self.session, self._field.value, self._filter)
        if self._mode == "mine":
            return questions.mine(self.session, self._filter)
        return self._queue.movies(self.session, self._filter, self._list.size.height)

    def _empty(self) -> str:
        if self._mode == "search":
            return "No film has all of these words in its title. Esc goes back."
        if self._mode == "mine":
            return "You have rated nothing here yet. Press a and the app asks you about films."
        return "Nothing left to ask about. Press / to search, or esc to drop the filters."

    def _head(self, width: int, height: int) -> list[Line]:
        names: dict[Mode, str] = {"ask": "Ask me next", "search": "Search", "mine": "My ratings"}
        left = line(" ", (names[self._mode], "bold"), ("   ", "dim"))
        if width < 60:
            left = left[:2]
        else:
            left += self._ways()
        person = self.session.person
        marked = len(person.marks) - len(person.marked(SEEN))
        said = f"{len(person.stars)} rated {glyphs.now().dot} {marked} shelved "
        wall = self.query_one("#rate-wall", Lines)
        return [spread(left, line((said, "dim")), width), rule(width, wall.region.x)]

    def _ways(self) -> Line:
        """Return the keys that list other films, with what is set."""
        genre, decade, _ = self._filter.words
        said = line(("y ", "accent"), (f"{decade}   ", "own" if self._filter.decade else "dim"))
        said += line(("g ", "accent"), (f"{genre}   ", "own" if self._filter.genre else "dim"))
        if self._mode == "ask":
            return said + line(("m ", "accent"), ("my ratings", "dim"))
        return said + line(("a ", "accent"), ("ask me next", "dim"))

    def _hint(self, width: int, height: int) -> list[Line]:
        dataset = self.session.dataset
        if self.session.trouble:
            said = " Your ratings last only until you leave: their file cannot be used."
            return [line((said, "warn"))]
        if dataset is not None and not self.session.person.stars:
            start = "Made-up ratings: d gets real ones. " if dataset.source.synthetic else ""
            return [line((f" {start}i takes in yours from Letterboxd, IMDb …", "dim"))]
        if dataset is not None and dataset.source.synthetic:
            said = " These ratings are made up, to try things out: d gets the real MovieLens."
            return [line((said, "dim"))]
        unmatched = len(self.session.person.unmatched)
        if unmatched:
            films = counted(unmatched, "film you know is", "films you know are")
            return [line((f" {films} not in this dataset; kept all the same.", "dim"))]
        return []

    # What keys do

    @property
    def film(self) -> int | None:
        """The film under the cursor."""
        movie = self._list.current
        return movie if isinstance(movie, int) else None

    def answered(self, movie: int, said: str) -> None:
        """Show what follows from an answer, in the pane beside and not over the list."""
        dataset, person = self.session.dataset, self.session.person
        if dataset is None:
            return
        title = dataset.catalogue[movie].title
        if said.endswith("stars") and movie in person.stars:
            self._pane.rated(movie, title)
        else:
            self._pane.say(f"{title}: {said}.")
        self._list.refresh_row(self._list.cursor)
        self._refresh_panes()

    def undone(self, movie: int | None, said: str) -> None:
        """Go to the film whose answer was taken back."""
        self._pane.say(said)
        if movie is not None:
            self._list.select(movie)
            self._list.refresh()
        else:
            self._fill(keep=True)
        self._refresh_panes()

    def action_mark(self, mark: str) -> None:
        """Shelve the film; one that was not seen gives way to the next."""
        super().action_mark(mark)
        if mark in (UNSEEN, NOT_FOR_ME, WATCHLIST) and self._mode == "ask":
            self.action_next()

    def action_next(self) -> None:
        """Go to the next film that has no answer yet; ask for more where there is none."""
        rows = self._list.rows
        person = self.session.person
        answered = person.stars.keys() | (person.marks.keys() - set(person.marked(SEEN).tolist()))
        for index in range(self._list.cursor + 1, len(rows)):
            if rows.key(index) not in answered:
                self._list.cursor = index
                return
        if self._mode == "ask" and self._queue.extend(self.session):
            last = self._list.cursor
            self._fill(keep=True)
            self._list.cursor = max(last + 1, len(rows))
        else:
            self._list.action_move(1)

    def action_ask(self) -> None:
        """Ask about films chosen with all that is known by now."""
        self._leave_search()
        self._queue.renew()
        self._mode = "ask"
        self._fill()
        self.renew()

    def action_mine(self) -> None:
        """List what the person has rated."""
        self._leave_search()
        self._go_to("mine")

    def action_search(self) -> None:
        """Search by title, as one types."""
        self._field.remove_class("hidden")
        self._field.focus()
        self._go_to("search")

    def action_back(self) -> None:
        """Leave the search, then the filters."""
        if self._mode != "ask":
            self._leave_search()
            self._go_to("ask")
        else:
            self._filter = Filter()
        self.renew()

    def _go_to(self, mode: Mode) -> None:
        """List other films, the cursor where it was when they were listed last."""
        self._places[self._mode] = self._list.current
        self._mode = mode
        self.renew()
        if mode in self._places:
            self._list.select(self._places[mode])

    def _leave_search(self) -> None:
        self._field.add_class("hidden")
        self._list.focus()

    def find(self, text: str) -> None:
        """Show what is found so far."""
        if self._mode == "search":
            self._fill()

    @on(Field.Left, "#rate-search")
    def leave_field(self, message: Field.Left) -> None:
        """Go to the results, or back to where one was."""
        if message.keep:
            self._list.focus()
        else:
            self.action_back()

    def action_decade(self) -> None:
        """Choose a decade."""
        choose_decade(self, self._filter, self._set_filter)

    def action_genre(self) -> None:
        """Choose a genre."""
        choose_genre(self, self._filter, self._set_filter)

    def _set_filter(self, wanted: Filter) -> None:
        self._filter = wanted
        self.renew()


def _opening(session: Session) -> str:
    job = session.jobs.of("load")
    if job is not None:
        return f"{job.title.capitalize()} …"
    return "Nothing is open. Press d." if session.begun else "Opening …"
