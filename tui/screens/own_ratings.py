"""One's own ratings from any room: taking them in, writing them out, and whose they are."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from data import importing, paths, titles
from data.catalogue import Catalogue
from data.errors import DataError
from data.export import FILE_FORMS, FileForm
from data.importing.plan import Plan
from tui.screens.dialogs import Ask, Choose, Enter
from tui.screens.importing.screen import Preview
from tui.screens.room import Room
from tui.session.person import SEEN, WATCHLIST
from tui.text.figures import homely
from tui.widgets.path_completion import complete

LONGEST_NAME = 40
"""Letters in the name of a profile."""


def ask_import(room: Room) -> None:
    """Ask for the path of an export and look at it."""
    title = f"Export to import: {', '.join(importing.site_names()[:4])} … (tab completes)"
    room.ask(Enter(title, "~/", wrong=not_there, complete=complete), partial(_look, room))


def not_there(text: str) -> str:
    """Return a sentence if there is nothing at a path."""
    path = paths.typed(text)
    if path.exists():
        return ""
    return f"There is nothing at {path}; check the spelling, or press tab to see what there is."


def _look(room: Room, text: str | None) -> None:
    if text:
        dataset = room.session.dataset
        catalogue = dataset.catalogue if dataset is not None else None
        room.session.import_export.look(paths.typed(text), catalogue)
        room.sync()


def show_plan(room: Room) -> None:
    """Show an import that was looked at, if there is one, and go through with it if told so."""
    plan, dataset = room.session.import_export.plan, room.session.dataset
    if plan is None or dataset is None or not room.is_current:
        return
    room.session.import_export.plan = None
    room.ask(Preview(room.session, plan, dataset.catalogue), partial(_take, room, plan))


def ask_mark(room: Room) -> None:
    """Ask what films without stars are, where a file does not tell, and read it again."""
    found, dataset = room.session.import_export.untold, room.session.dataset
    if found is None or dataset is None or not room.is_current:
        return
    room.session.import_export.untold = None
    path, _ = found
    marks = (WATCHLIST, SEEN)

    def heard(index: int | None) -> None:
        if index is not None:
            room.session.import_export.look(path, dataset.catalogue, marks[index])
            room.sync()

    options = [("films to watch", "they go on your watchlist"), ("films seen", "but not rated")]
    room.call_later(room.ask, Choose(f"{path.name} holds no stars. What is it?", options), heard)


def _take(room: Room, plan: Plan, yes: bool | None) -> None:
    if yes:
        room.session.import_export.take(plan)
        room.sync()


def ask_export(room: Room) -> None:
    """Ask in which form and where to write one's ratings."""

    def heard(place: int | None) -> None:
        if place is not None:
            _ask_where(room, FILE_FORMS[place])

    options = [(kind.name, kind.says) for kind in FILE_FORMS]
    room.ask(Choose("Write your ratings and marks in which form?", options), heard)


def _ask_where(room: Room, kind: FileForm) -> None:
    path = str(Path("~") / kind.file)
    title = f"{kind.name}: write to (tab completes)"
    room.ask(Enter(title, path, complete=complete), partial(_write, room, kind))


def _write(room: Room, kind: FileForm, text: str | None) -> None:
    if not text:
        return
    path = paths.typed(text)

    def heard(yes: bool | None) -> None:
        if yes:
            dataset = room.session.dataset
            catalogue = dataset.catalogue if dataset is not None else Catalogue(())
            room.session.import_export.write(kind, path, catalogue)
            room.sync()

    if path.is_file():
        room.ask(Ask(f"There is a file {homely(str(path))}. Replace it?", "replace", "keep"), heard)
    else:
        heard(True)


def ask_profile(room: Room) -> None:
    """Ask whose ratings to go on with; a profile may be added, and this one renamed."""
    profile = room.session.person.profile
    try:
        names = profile.names()
    except DataError as error:
        room.session.say(str(error), "error")
        return
    options = [(name, "") for name in names]
    options += [("a new profile", ""), (f"another name for {profile.name}", "")]

    def heard(place: int | None) -> None:
        if place is None:
            return
        if place < len(names):
            _become(room, names[place])
        elif place == len(names):
            new = Enter("Name of the new profile", wrong=partial(_wrong_name, names))
            room.ask(new, partial(_become, room))
        else:
            others = [name for name in names if name != profile.name]
            again = Enter(
                f"New name for {profile.name}", profile.name, wrong=partial(_wrong_name, others)
            )
            room.ask(again, partial(_rename, room))

    room.ask(Choose("Whose ratings?", options, names.index(profile.name)), heard)


def _wrong_name(taken: list[str], text: str) -> str:
    name = titles.clean(text)
    if not name or len(name) > LONGEST_NAME:
        return f"A name has 1 to {LONGEST_NAME} letters."
    return f"There is a profile called {name}; choose another name." if name in taken else ""


def _become(room: Room, name: str | None) -> None:
    if name:
        room.session.become(titles.clean(name))
        room.sync()


def _rename(room: Room, name: str | None) -> None:
    if not name:
        return
    try:
        room.session.person.profile.rename(titles.clean(name))
    except DataError as error:
        room.session.say(str(error), "error")
        return
    room.session.settings.keep("profile", room.session.person.profile.name)
    room.sync()
