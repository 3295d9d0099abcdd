"""For you: a score, how sure, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from data import paths
from data.errors import DataError
from engine.arrays import Ids
from tui.screens.choices import choose_decade, choose_genre
from tui.screens.dialogs import Enter
from tui.screens.for_you import panes, reasons, write_list
from tui.screens.for_you.panes import SHOWN, PickRows, Wish
from tui.screens.rating import RatingRoom
from tui.session import filters
from tui.session.filters import KNOWN
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import counted
from tui.text.lines import Line, Span, rule
from tui.widgets.painted import Lines
from tui.widgets.path_completion import complete
from tui.widgets.rowlist import Nothing, RowList


class ForYouRoom(RatingRoom):
    """Recommendations above, the reasons for the one under the cursor below."""

    NAME = "for_you"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(n), f"rate({n})", "rate", key_display="1-5", tooltip="Give so many stars")
            for n in range(1, 6)
        ),
        Binding("left", "balance(-0.1)", "balance", tooltip="More of what people like you watch"),
        Binding("right", "balance(0.1)", "balance", tooltip="More of what you would love"),
        Binding("w", "mark('watchlist')", "watchlist", tooltip="Put on the watchlist, or off it"),
        Binding("n", "mark('not interested')", "not for me", tooltip="Never recommend this film"),
        Binding("h", "balance(-0.1)", "watched", show=False, tooltip="More of what is watched"),
        Binding("l", "balance(0.1)", "loved", show=False, tooltip="More of what you would love"),
        Binding(
            "equals_sign",
            "sum",
            "sum",
            show=False,
            key_display="=",
            tooltip="The stars as a sum, or the reasons in words",
        ),
        Binding("g", "genre", "genre", tooltip="Only films of one genre"),
        Binding("y", "decade", "year", tooltip="Only films of one decade"),
        Binding("p", "known", "known", show=False, tooltip="Well known, little known, or any"),
        Binding("v", "shown", "show", show=False, tooltip="Unseen, the watchlist, or all films"),
        Binding("e", "export", "export", tooltip="Write this list to a CSV file"),
        Binding("comma", "nudge(-0.5)", "half", show=False, tooltip="Half a star less"),
        Binding("full_stop", "nudge(0.5)", "half", show=False, tooltip="Half a star more"),
        Binding("0", "clear", "clear", show=False, tooltip="Take stars and mark away"),
        Binding("u", "undo", "undo", show=False, tooltip="Take the last rating or mark back"),
        Binding("enter", "card", "film", key_display="enter", tooltip="All about this film"),
        Binding("escape", "any", "all", show=False, tooltip="Drop all filters"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._wish = Wish(balance=session.settings.balance)
        self._as_sum = False
        self._returned = False
        """Whether one has just come here from another room."""
        self._listed: tuple[object, ...] = ()

    def body(self) -> ComposeResult:
        """Lay out wish, list and reasons."""
        yield Lines(self._head, id="picks-head")
        with Container(id="picks-body"):
            with Vertical(id="picks-left"):
                yield Lines(self._columns, id="picks-columns")
                yield RowList(id="picks")
            yield Lines(self._why, id="why")

    def on_mount(self) -> None:
        """Begin in the list."""
        self._list.focus()

    @property
    def _list(self) -> RowList:
        return self.query_one("#picks", RowList)

    def renew(self) -> None:
        """List the films anew if anything they depend on changed."""
        recommended = self.session.recommendations
        version = self.session.person.version
        models = (recommended.model, recommended.interest) if recommended is not None else ()
        profile = self.session.person.profile.name
        if self._listed and profile != self._listed[-1]:
            self._wish = Wish(balance=self.session.settings.balance)
        wanted = (recommended, version, self._wish, models, profile)
        if wanted != self._listed or recommended is None:
            # With another wish, or after rating elsewhere, one looks from the top; after a rating
            # here one goes on where one was.
            keep = bool(self._listed) and self._listed[2:] == wanted[2:] and not self._returned
            self._listed = wanted
            movies = panes.chosen(self.session, self._wish)
            rows = self._rows(movies)
            self._list.show(rows, keep=keep, empty=self._empty())
        self._returned = False
        self._panes()

    def on_screen_resume(self) -> None:
        """Take note that one may have rated elsewhere."""
        self._returned = True

    def _rows(self, movies: Ids) -> PickRows | Nothing:
        dataset, recommended = self.session.dataset, self.session.recommendations
        if not len(movies) or dataset is None or recommended is None:
            return Nothing()
        return PickRows(dataset, recommended, self.session.person, movies)

    def _panes(self) -> None:
        for pane in ("#picks-head", "#picks-columns", "#why"):
            self.query_one(pane, Lines).renew()

    def _columns(self, width: int, height: int) -> list[Line]:
        rows = self._list.rows
        return [(rows.columns if isinstance(rows, PickRows) else panes.Columns()).head(width)]

    def _empty(self) -> str:
        if self.session.recommendations is None:
            if self.session.jobs.of("train") is not None:
                return " A model is being trained; its recommendations will stand here."
            return " There is no model yet. Press t to train one."
        if self._wish.shown == "watchlist":
            return " Your watchlist is empty. w puts a film on it; v shows all others again."
        return " No film passes these filters. Esc drops them."

    def _head(self, width: int, height: int) -> list[Line]:
        return [panes.top_line(self._wish, len(self._list.rows), width), rule(width)]

    def _why(self, width: int, height: int) -> list[Line]:
        if self.has_class("-wide"):
            said = self._reasons(width - 2, height)
            wall = Span(glyphs.now().wall, "rule")
            return [[wall, *(said[i] if i < len(said) else [])] for i in range(height)]
        return [rule(width), *self._reasons(width, height - 1)]

    def _reasons(self, width: int, height: int) -> list[Line]:
        dataset, recommended = self.session.dataset, self.session.recommendations
        movie, person = self.film, self.session.person
        if movie is None or dataset is None or recommended is None:
            return []
        if self._as_sum:
            return reasons.as_sum(dataset, recommended, person, movie, width, height)[:height]
        return reasons.in_words(dataset, recommended, person, movie, width)[:height]

    # What keys do

    @on(RowList.Moved, "#picks")
    def explain(self) -> None:
        """Show the reasons for another film."""
        self._panes()

    @on(RowList.Chosen, "#picks")
    def chosen(self) -> None:
        """Show the film that was clicked twice."""
        self.action_card()

    def land(self, movie: int | None) -> None:
        """Show a film that was searched for, in the list if it is there."""
        if movie is not None:
            self._list.select(movie)
        super().land(movie)

    @property
    def film(self) -> int | None:
        """The film under the cursor."""
        movie = self._list.current
        return movie if isinstance(movie, int) else None

    def action_balance(self, by: float) -> None:
        """Move the balance between what is watched and what is loved."""
        self._wish = self._wish.moved(by)
        self.session.settings.keep_balance(self._wish.balance)
        self.renew()

    def action_sum(self) -> None:
        """Show the predicted stars as a sum, or the reasons in words."""
        self._as_sum = not self._as_sum
        self._panes()

    def action_genre(self) -> None:
        """Choose a genre."""
        choose_genre(self, self._wish.films, self._filter)

    def action_decade(self) -> None:
        """Choose a decade."""
        choose_decade(self, self._wish.films, self._filter)

    def _filter(self, wanted: filters.Filter) -> None:
        self._wish = replace(self._wish, films=wanted)
        self.renew()

    def action_known(self) -> None:
        """Show well-known films, little known ones, or any."""
        old = self._wish.films
        self._filter(replace(old, known=KNOWN[(KNOWN.index(old.known) + 1) % len(KNOWN)]))

    def action_shown(self) -> None:
        """Show what is unseen, the watchlist, or everything."""
        after = SHOWN[(SHOWN.index(self._wish.shown) + 1) % len(SHOWN)]
        self._wish = replace(self._wish, shown=after)
        self.renew()

    def action_any(self) -> None:
        """Drop all filters."""
        self._wish = Wish(balance=self._wish.balance)
        self.renew()

    def action_export(self) -> None:
        """Ask where to, and write the list."""
        if len(self._list.rows):
            path = str(Path("~") / "reelrank-for-you.csv")
            self.ask(Enter("Write this list to (CSV)", path, complete=complete), self._export)

    def _export(self, text: str | None) -> None:
        if not text:
            return
        path = paths.typed(text)
        dataset, recommended = self.session.dataset, self.session.recommendations
        if dataset is None or recommended is None:
            return
        movies = panes.chosen(self.session, self._wish)
        try:
            n = write_list.write(dataset, recommended, movies, path)
        except DataError as error:
            self.session.say(str(error), "error")
        else:
            self.session.say(f"{counted(n, 'film')} written to {path}.")
