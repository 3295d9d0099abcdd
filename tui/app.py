"""The app: rooms, messages, commands, and how one comes and goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.events import Event, Key, Paste
from textual.screen import ModalScreen, Screen

from data import importing
from tui.screens import own_ratings
from tui.screens.data.screen import DataRoom
from tui.screens.dialogs import Choose, Leave
from tui.screens.explore.screen import ExploreRoom
from tui.screens.for_you.screen import ForYouRoom
from tui.screens.help import Help
from tui.screens.rate.screen import RateRoom
from tui.screens.room import Answer, Room
from tui.screens.train.screen import TrainRoom
from tui.session import jobs
from tui.session.say import Severity
from tui.session.session import Options, Session
from tui.terminal import signals, themes
from tui.terminal.abilities import Terminal, detect
from tui.terminal.key_queue import KeyQueue
from tui.text import glyphs
from tui.text.figures import homely
from tui.text.lines import printable
from tui.widgets.topbar import TABS, TopBar

ROOMS: dict[str, type[Room]] = {
    room.NAME: room for room in (DataRoom, TrainRoom, RateRoom, ForYouRoom, ExploreRoom)
}
FIRST_ROOM = "rate"


class Reelrank(App[None]):
    """Recommenders one can look into.

    Parameters
    ----------
    terminal : what can be drawn; looked at in the environment unless told
    options : what the command line asks for
    """

    TITLE = "reelrank"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "go('data')", "Data", show=False, tooltip="Datasets: open, download, look"),
        Binding("t", "go('train')", "Train", show=False, tooltip="Train models, compare them"),
        Binding("r", "go('rate')", "Rate", show=False, tooltip="Rate films"),
        Binding("f", "go('for_you')", "For you", show=False, tooltip="What to watch, and why"),
        Binding("x", "go('explore')", "eXplore", show=False, tooltip="The map of films"),
        Binding("question_mark,f1", "help", "help", key_display="?", tooltip="These keys"),
        Binding("ctrl+p", "command_palette", "commands", show=False, tooltip="Every command"),
        Binding("q", "leave", "leave", show=False, tooltip="Leave; asks if work is running"),
        Binding("ctrl+q", "leave_now", "leave", show=False, priority=True, tooltip="Leave at once"),
    ]

    def __init__(self, terminal: Terminal | None = None, options: Options | None = None) -> None:
        able = terminal or detect()
        # Only what Textual knows from its first moment keeps every colour code away.
        super().__init__(ansi_color=True if able.no_colour else None)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-normal"), (110, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-middling"), (32, "-tall")]
        self.terminal = able
        self.key_queue = KeyQueue(self)
        self._grave_until = 0.0
        glyphs.use(self.terminal.markers)
        self.session = Session(self.terminal, options or Options(), self.post_message, self.say)
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.first(self.terminal, self.session.settings.get("theme"))
        for name, room in ROOMS.items():
            self.add_mode(name, partial(room, self.session))

    def get_css_variables(self) -> dict[str, str]:
        """Give every theme, also Textual's own, the colours that only this app names."""
        variables = super().get_css_variables()
        spare = {"own": "warning", "rule": "panel", "muted": "text-muted", "here": "panel"}
        return {name: variables[old] for name, old in spare.items()} | variables

    def get_key_display(self, binding: Binding) -> str:
        """Write keys so that any terminal can show them."""
        plain = binding.key in ("up", "down", "left", "right") and glyphs.now() is glyphs.ASCII
        return binding.key if plain or binding.key == "enter" else super().get_key_display(binding)

    def action_command_palette(self) -> None:
        """Open the list of commands."""
        if not self._in_dialog:
            self.push_screen(CommandPalette(placeholder="Search for a command"))

    async def on_event(self, event: Event) -> None:
        """Let each key wait for the effects of the one before it."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self.key_queue.comes(event):
            if isinstance(event, Key) and event.key == "escape":
                self.clear_notifications()
            await super().on_event(event)
            self.key_queue.went()

    def on_mount(self) -> None:
        """Begin where the person left off."""
        self.add_class(f"-{self.terminal.markers}")
        room = self.session.settings.get("room", FIRST_ROOM)
        self.switch_mode(room if room in ROOMS else FIRST_ROOM)
        if not self.is_headless:
            signals.watch(self.exit)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.session.start()
        if self.session.wanted is not None or self.session.options.import_file:
            self.action_go("data")

    def on_unmount(self) -> None:
        """Stop what runs."""
        self.session.close()

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Tell the person something, for a while; an error for longer.

        What is only good to know takes the place of what was said before, unless that was grave.
        """
        timeout = {"information": 4, "warning": 8, "error": 12}[severity]
        if severity != "information":
            self._grave_until = time.monotonic() + timeout
        elif time.monotonic() > self._grave_until:
            self.clear_notifications()
        said = printable(homely(sentence))
        self.notify(said, severity=severity, timeout=timeout, markup=False)

    @on(jobs.Progressed)
    @on(jobs.Finished)
    @on(jobs.Stopped)
    @on(jobs.Failed)
    def take_in(self, message: jobs.JobMessage) -> None:
        """Let the session hear what a job says, and the room show it."""
        self.session.heard(message)
        self.sync()
        if self.session.import_export.arrived and self.screen_stack and not self._in_dialog:
            self.session.import_export.arrived = False
            self.action_go("for_you")
        plan = self.session.import_export.plan
        if plan is not None and message.job.slot == "import":
            self.say(f"{plan.export.where} is read: press d to see and import it.")

    def sync(self) -> None:
        """Let the room on screen show the session as it is now."""
        if self.screen_stack and isinstance(self.screen_stack[0], Room):
            self.screen_stack[0].sync()

    @on(TopBar.Picked)
    def go(self, message: TopBar.Picked) -> None:
        """Go to the tab that was clicked."""
        self.action_go(message.room)

    def action_go(self, room: str) -> None:
        """Go to a room."""
        if room in ROOMS and room != self.current_mode and not self._in_dialog:
            self.switch_mode(room)
            self.session.settings.keep("room", room)

    def action_help(self) -> None:
        """Show the keys that work here."""
        room = self.screen
        if isinstance(room, Room):
            room.ask(Help(room))

    def action_leave(self) -> None:
        """Leave, after a question where work would be lost."""
        work = [job.title for job in self.session.jobs.running if job.slot in ("train", "download")]
        room = self.screen
        if not work:
            self.exit()
        elif isinstance(room, Room):
            question = (
                f"{' and '.join(work)} is still running and would be lost. Leave all the same?"
            )
            room.ask(Leave(question, "leave", "stay"))

    def action_help_quit(self) -> None:
        """Tell whoever tries ctrl+c how one leaves here."""
        self.say("q leaves, ctrl+q at once.")

    def action_leave_now(self) -> None:
        """Leave without a question."""
        self.exit()

    def action_theme(self) -> None:
        """Choose a theme; it sticks."""
        names = [name for name, _ in themes.CHOICES]
        options = [(said, "") for _, said in themes.CHOICES]
        current = names.index(self.theme) if self.theme in names else 0
        self._ask(Choose("Theme", options, current), lambda i: self._use_theme(names, i))

    def action_improving(self) -> None:
        """Let better models be trained in the background, or not."""
        on = not self.session.improving.is_on
        self.session.improving.turn(on)
        said = "are trained while nothing else runs" if on else "are trained only when you ask"
        self.say(f"Better models {said}.")

    def action_profile(self) -> None:
        """Go on as somebody else."""
        self._in_room(own_ratings.ask_profile)

    def action_import_ratings(self) -> None:
        """Import what another site exported; its preview stands on Data."""
        self.action_go("data")
        self.call_after_refresh(self._in_room, own_ratings.ask_import)

    def action_export_ratings(self) -> None:
        """Write the person's ratings to a file."""
        self._in_room(own_ratings.ask_export)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer everything that has a key, and what has none."""
        for tab in TABS:
            name = tab.name.replace("eX", "Ex")
            yield SystemCommand(
                f"Go to {name}",
                f"key {tab.letter.lower()}",
                partial(self.action_go, tab.room),
            )
        yield from self._room_commands(screen)
        yield SystemCommand("Theme", "Dark, light, or the terminal's own", self.action_theme)
        yield from self._commands_of_data(screen)
        on = self.session.improving.is_on
        yield SystemCommand(
            f"Better models by themselves: {'on' if on else 'off'}",
            "Whether better models are trained while nothing else runs",
            self.action_improving,
        )
        yield SystemCommand("Profile", "Whose ratings: switch, add, rename", self.action_profile)
        yield SystemCommand("Help", "The keys that work here", self.action_help)
        yield SystemCommand("Screenshot", "Save this screen as SVG", self.action_screenshot)
        yield SystemCommand("Leave", "Close the app", self.action_leave)

    def _commands_of_data(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in every room what has a key on Data."""
        if isinstance(screen, DataRoom):
            return
        yield SystemCommand(
            "Import ratings",
            f"From {importing.listed_sites(most=5)}, or a file of your own",
            self.action_import_ratings,
        )
        yield SystemCommand(
            "Export ratings", "To a file, for here or another site", self.action_export_ratings
        )

    def _room_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        told: set[str] = set()
        for binding in screen.active_bindings.values():
            tip = binding.binding.tooltip
            if binding.node is screen and tip and tip not in told:
                told.add(tip)
                key = self.get_key_display(binding.binding)
                action = binding.binding.action
                yield SystemCommand(
                    tip, f"key {key}", lambda a=action: screen.run_worker(screen.run_action(a))
                )

    @property
    def _in_dialog(self) -> bool:
        return isinstance(self.screen, ModalScreen)

    def _ask(self, dialog: ModalScreen[Answer], heard: Callable[[Answer | None], None]) -> None:
        if isinstance(self.screen, Room):
            self.screen.ask(dialog, heard)

    def _use_theme(self, names: list[str], place: int | None) -> None:
        if place is not None:
            self.theme = names[place]
            self.session.settings.keep("theme", self.theme)

    def _in_room(self, do: Callable[[Room], None]) -> None:
        if isinstance(self.screen, Room):
            do(self.screen)
