"""Room: what all screens share. Tabs above, keys below, a body that follows the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.screen import ModalScreen, Screen

from tui.screens.film_card import FilmCard
from tui.screens.find import Find
from tui.session.jobs import AnyJob, Slot
from tui.session.session import Session
from tui.widgets.keyline import KeyLine
from tui.widgets.topbar import Status, TopBar

Answer = TypeVar("Answer")


class Room(Screen[None]):
    """A screen of the app. It holds no state that matters: it looks at the session."""

    NAME: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "find", show=False, key_display="/", tooltip="Find a film"),
        Binding("i", "app.import_ratings", "import", show=False, tooltip="Import your ratings"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._synced = False
        self._idle_key_told = False
        self._laid_out = False
        """Whether all panes are there; a job may tell something before they are."""

    def compose(self) -> ComposeResult:
        """Lay out tabs, body and keys."""
        yield TopBar(self.NAME)
        yield from self.body()
        yield KeyLine()

    def body(self) -> ComposeResult:
        """Lay out what lies between tabs and keys."""
        yield from ()

    def on_mount(self) -> None:
        """Take note that all panes are there."""
        self._laid_out = True

    def sync(self) -> None:
        """Show the session as it is now; called whenever something changed.

        While work runs, a room under a dialog stands still: with each change, all would be sent.
        """
        still = self._synced and self.app.screen is not self and self.session.jobs.running
        # While the app closes, work still tells how far it is, and a room may be empty already.
        if self._laid_out and self.is_current and self.query(TopBar) and not still:
            self._synced = True
            self.query_one(TopBar).show(status(self.session))
            self.renew()
            self.query_one(KeyLine).renew()

    @property
    def quiet(self) -> frozenset[str]:
        """What keys do that is of no use now, so that their line need not name it."""
        return frozenset()

    def renew(self) -> None:
        """Show in the body what changed."""

    def on_screen_resume(self) -> None:
        """Catch up with what happened meanwhile."""
        self.call_later(self.sync)

    def on_key(self, event: Key) -> None:
        """Say once that a key does nothing here; keys that do something never come this far."""
        used = self._idle_key_told or event.key in self.active_bindings
        if event.is_printable and not used:
            self._idle_key_told = True
            self.session.say(f"{event.character} does nothing here; ? shows the keys that do.")

    def action_find(self) -> None:
        """Search for a film by its title, and show it."""
        dataset = self.session.dataset
        if dataset is None:
            self.session.say("Nothing is open yet, so there is no film to find.")
        else:
            self.ask(Find(dataset, self.session.person), self.land)

    def land(self, movie: int | None) -> None:
        """Show a film that was searched for."""
        if movie is not None:
            self.show_card(movie)

    def show_card(self, movie: int) -> None:
        """Show all that is known of a film, and then what was rated there."""
        dataset = self.session.dataset
        if dataset is not None:
            self.ask(FilmCard(self.session, dataset, movie), self._after_card)

    def _after_card(self, movie: int | None) -> None:
        self.sync()
        if movie is not None:
            self.show_on_map(movie)

    def show_on_map(self, movie: object) -> None:
        """Go to a film on the map."""
        if isinstance(movie, int) and self.session.film_map is not None:
            self.session.look_at = movie
            self.app.post_message(TopBar.Picked("explore"))

    def ask(
        self, dialog: ModalScreen[Answer], heard: Callable[[Answer | None], None] | None = None
    ) -> None:
        """Open a dialog, unless one is open: a key pressed twice opens it once."""
        if self.app.screen is self:
            self.app.push_screen(dialog, heard)


def status(session: Session) -> Status:
    """Return what the header says."""
    dataset = session.dataset.source.label if session.dataset is not None else ""
    model = session.used.label if session.used is not None else "no model" if dataset else ""
    shown = [job for job in session.jobs.running if job.slot != "prepare" and not job.cancelled]
    return Status(dataset, model, session.person.profile.name, ", ".join(map(_work, shown)))


DOING: dict[Slot, str] = {
    "train": "training",
    "improve": "improving",
    "download": "downloading",
    "unfold": "unfolding",
}


def _work(job: AnyJob) -> str:
    doing = DOING.get(job.slot, job.title)
    if job.paused:
        return f"{doing} paused"
    return doing if job.progress is None else f"{doing} {100 * job.progress:.0f} %"
