"""Data: where numbers come from, and whether one may trust them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from data import paths
from data.dataset import Dataset
from data.errors import DataError
from data.releases.movielens import Release
from tui.screens import own_ratings
from tui.screens.data import asking, panes
from tui.screens.data.panes import DatasetRows, Item
from tui.screens.dialogs import Ask, Enter, Read
from tui.screens.room import Room
from tui.session.datasets import Target
from tui.session.session import Session
from tui.text.lines import Line, line, rule
from tui.widgets.chart import Chart
from tui.widgets.painted import Lines
from tui.widgets.path_completion import complete
from tui.widgets.rowlist import RowList


class DataRoom(Room):
    """What can be opened above, what is open below."""

    NAME = "data"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "open",
            "open or download",
            key_display="enter",
            tooltip="Open what is here, download what is not",
        ),
        Binding("a", "add", "add a path", tooltip="Open a folder, zip or CSV of your own"),
        Binding("i", "import_ratings", "import", tooltip="Import your ratings from another site"),
        Binding("e", "export_ratings", "export", tooltip="Write your ratings to a file"),
        Binding("v", "view", "warnings", tooltip="What was wrong in the files"),
        Binding("c", "cancel", "cancel", tooltip="Cancel opening or downloading"),
        Binding(
            "delete", "remove", "remove", key_display="del", tooltip="Remove a download or path"
        ),
        Binding(
            "p", "profile", "profile", show=False, tooltip="Whose ratings: switch, add, rename"
        ),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._drawn: Dataset | None = None

    def body(self) -> ComposeResult:
        """Lay out the list, and below it what is open."""
        terminal = self.session.terminal
        yield Lines(panes.head, id="datasets-head")
        yield Lines(lambda width, height: [rule(width)], classes="rule")
        yield RowList(id="datasets")
        yield Lines(lambda width, height: [rule(width)], classes="rule")
        yield Lines(self._summary, id="summary")
        with Horizontal(id="figures"):
            yield Lines(self._histogram, id="histogram")
            yield Chart(terminal.markers, terminal.chart_interval, id="tail")
        yield Lines(self._warnings, id="warnings")

    def on_mount(self) -> None:
        """Begin in the list, at what is open."""
        self._list.focus()

    @property
    def _list(self) -> RowList:
        return self.query_one("#datasets", RowList)

    @property
    def quiet(self) -> frozenset[str]:
        """Keys that have nothing to work on."""
        jobs, dataset = self.session.jobs, self.session.dataset
        busy = jobs.of("download") or jobs.of("load") or jobs.of("import")
        warned = dataset is not None and dataset.warnings
        return frozenset(() if busy else ("cancel",)) | frozenset(() if warned else ("warnings",))

    def renew(self) -> None:
        """Show the list and what is open."""
        if self.session.wanted is not None:
            release, self.session.wanted = self.session.wanted, None
            self.call_later(self.offer, release)
        rows = DatasetRows(self.session)
        shown = [rows.key(i) for i in range(len(rows))]
        if shown != [self._list.rows.key(i) for i in range(len(self._list.rows))]:
            self._list.show(rows)
        self._list.renew()
        for pane in ("#summary", "#warnings"):
            self.query_one(pane, Lines).renew()
        dataset = self.session.dataset
        if dataset is not None and dataset is not self._drawn:
            self._drawn = dataset
            if self.session.target is not None:
                self._go_to(self.session.target)
            self.query_one("#tail", Chart).show(panes.tail(dataset))
            self.query_one("#histogram", Lines).renew()
        own_ratings.show_plan(self)
        own_ratings.ask_mark(self)
        if self.session.unclear is not None and self.app.screen is self:
            unclear, self.session.unclear = self.session.unclear, None
            self.call_later(asking.ask, self, unclear)

    def _go_to(self, target: Target) -> None:
        for index in range(len(self._list.rows)):
            item = self._list.rows.key(index)
            if isinstance(item, Item) and item.target.path == target.path:
                self._list.cursor = index

    def _summary(self, width: int, height: int) -> list[Line]:
        dataset = self.session.dataset
        if dataset is None:
            return [line((" Nothing is open yet. Enter opens what the cursor is on.", "dim"))]
        return [panes.summary(dataset, width)]

    def _histogram(self, width: int, height: int) -> list[Line]:
        dataset = self.session.dataset
        return panes.histogram(dataset, width, height) if dataset is not None else []

    def _warnings(self, width: int, height: int) -> list[Line]:
        said = panes.about_download(self.session)
        if said:
            return [line((f" {said}", "own"))]
        dataset = self.session.dataset
        return [panes.warnings(dataset, width)] if dataset is not None else []

    # What keys do

    @on(RowList.Chosen, "#datasets")
    def chosen(self) -> None:
        """Open what was clicked twice."""
        self.action_open()

    def action_open(self) -> None:
        """Open what the cursor is on, or ask whether to download it."""
        item = self._list.current
        if not isinstance(item, Item):
            return
        if item.here:
            self.session.open(item.target)
            self.sync()
        elif item.release is not None:
            self.offer(item.release)

    def offer(self, release: Release) -> None:
        """Tell size and licence of a release, and ask whether to download it."""
        self.ask(
            Ask(f"{panes.terms(release)} Download it now?", "download", "not now"),
            lambda yes: self._fetch(release) if yes else None,
        )

    def _fetch(self, release: Release) -> None:
        self.session.fetch(release)
        self.sync()

    def action_add(self) -> None:
        """Ask for a path and open it."""
        title = "Folder, zip or CSV of ratings (tab completes)"
        self.ask(Enter(title, "~/", wrong=own_ratings.not_there, complete=complete), self._add)

    def _add(self, text: str | None) -> None:
        if text:
            path = paths.typed(text)
            self.session.open(Target(path.name or text, path))
            self.sync()

    def action_view(self) -> None:
        """Show all warnings."""
        dataset = self.session.dataset
        if dataset is not None and dataset.warnings:
            self.ask(Read("What was wrong in the files", lambda w: panes.warning_lines(dataset, w)))

    def action_cancel(self) -> None:
        """Cancel a download, opening, or reading an export."""
        if not self.session.jobs.cancel("download") and not self.session.jobs.cancel("load"):
            self.session.jobs.cancel("import")
        self.sync()

    def action_import_ratings(self) -> None:
        """Ask for an export and show what it would change."""
        own_ratings.ask_import(self)

    def action_export_ratings(self) -> None:
        """Write one's own ratings to a file."""
        own_ratings.ask_export(self)

    def action_profile(self) -> None:
        """Go on as somebody else, or by another name."""
        own_ratings.ask_profile(self)

    def action_remove(self) -> None:
        """Forget a path, or delete a download after a question."""
        item = self._list.current
        if not isinstance(item, Item) or item.target.path is None:
            return
        release = item.release
        if release is None:
            self.session.settings.forget(item.target.path)
            self.renew()
        elif release.is_here or release.bytes_here:
            question = f"Delete the download of {release.name}? It can be fetched again."
            self.ask(
                Ask(question, "delete", "keep"), lambda yes: self._delete(release) if yes else None
            )

    def _delete(self, release: Release) -> None:
        try:
            release.remove()
        except DataError as error:
            self.session.say(str(error), "error")
        self.renew()
