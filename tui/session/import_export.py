"""Ratings in and out: exports are looked at and then taken in, one's own are written to files."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from data import export, paths
from data.catalogue import Catalogue
from data.errors import DataError
from data.export import FileForm
from data.importing import Untold, reading
from data.importing.plan import Plan, planning
from data.profile import Dated, Profile
from tui.session.jobs import Job, Jobs, Moment
from tui.session.person import Person
from tui.session.say import Say
from tui.text.figures import counted, homely

Result = TypeVar("Result")
NOWHERE = Path(":memory:")
"""Where ratings are that last until the app closes, since their file cannot be used."""


class Written(NamedTuple):
    """What became of writing a file."""

    kind: FileForm
    path: Path
    n_films: int
    n_rated: int
    """How many films the person has rated."""


class ImportExport:
    """What is on its way in or out.

    Parameters
    ----------
    jobs : run the work
    person : whose ratings
    say : tells the person a sentence
    asked : an export that the command line asks to import; empty for none
    """

    def __init__(self, jobs: Jobs, person: Person, say: Say, asked: str) -> None:
        self._jobs = jobs
        self._person = person
        self._say = say
        self._asked = asked
        self.arrived = False
        """Whether films have just been taken in, and the list with them is to be shown."""
        self.untold: tuple[Path, Untold] | None = None
        """A file whose films without stars may be seen or wanted, and waits to be told."""
        self.plan: Plan | None = None
        """An import that was looked at and waits for the person's word."""

    def entered(self, catalogue: Catalogue) -> None:
        """Look at what the command line asks to import, now that there is a dataset."""
        asked, self._asked = self._asked, ""
        if asked:
            self.look(paths.typed(asked), catalogue)

    def look(self, path: Path, catalogue: Catalogue | None, unrated: str = "") -> None:
        """Read an export in the background, and find out what it would change.

        Films without stars get the mark `unrated`, where nothing in the file tells what they are.
        """
        if catalogue is None:
            self._say("Open a dataset first: films are matched with those that it has.")
            return
        self.plan = None
        name, where = self._person.profile.name, self._person.profile.path
        work = partial(_look, path, catalogue, name, where, unrated)
        self._jobs.start(Job("import", f"reading {path.name}", work, done=self._looked))

    def _looked(self, found: Plan | tuple[Path, Untold]) -> None:
        if isinstance(found, Plan):
            self.plan = found
        else:
            self.untold = found

    def take(self, plan: Plan) -> None:
        """Keep what an import brings, in the background and all at once."""
        profile, changes = self._person.profile, plan.changes
        if not changes:
            self._say("Nothing was to be changed, and nothing was.")
        elif profile.path == NOWHERE:
            try:
                self._taken(plan, profile.take_in(changes))
            except DataError as error:
                self._say(str(error), "error")
        else:
            title, taken = f"importing {plan.export.where}", partial(self._taken, plan)
            work = partial(_take, changes, profile.name, profile.path)
            self._jobs.start(Job("import", title, work, done=taken))

    def write(self, kind: FileForm, path: Path, catalogue: Catalogue) -> None:
        """Write the person's ratings to a file, in the background.

        The numbers of films that `catalogue` knows are filled in.
        """
        try:
            opinions = self._person.profile.dated_opinions()
        except DataError as error:
            self._say(str(error), "error")
            return
        work = partial(_write, kind, opinions, path, catalogue)
        self._jobs.start(Job("export", f"writing {path.name}", work, done=self._written))

    def _taken(self, plan: Plan, n: int) -> None:
        try:
            self._person.reload()
        except DataError as error:
            self._say(str(error), "error")
            return
        said = f"{counted(n, 'film')} taken in from {plan.export.where}."
        still = sum(item.is_open for item in plan.items)
        if still:
            said += f" {counted(still, 'film was', 'films were')} not chosen and left out."
        self.arrived = n > 0
        self._say(f"{said} Here is your list; u takes all of it back.")

    def _written(self, written: Written) -> None:
        said = f"{counted(written.n_films, 'film')} written to {homely(str(written.path))}."
        without = written.n_rated - written.n_films
        if written.kind is export.IMDB and without:
            said += f" {counted(without, 'rating')} of films without IMDb's number left out."
        self._say(said)


def _moments(steps: Generator[object, None, Result]) -> Generator[Moment[None], None, Result]:
    """Yield moments in which one may cancel for the steps of something, and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: Result = done.value
            return result
        yield Moment()


def _look(
    path: Path, catalogue: Catalogue, name: str, where: Path, unrated: str
) -> Generator[Moment[None], None, Plan | tuple[Path, Untold]]:
    yield Moment()
    try:
        export = yield from _moments(reading(path, unrated))
    except Untold as untold:
        return path, untold
    with closing(Profile(name, where)) as profile:  # a connection serves one thread
        steps = planning(export, catalogue, profile)
        while True:
            try:
                yield Moment(next(steps))
            except StopIteration as done:
                return done.value


def _take(changes: Sequence[Dated], name: str, where: Path) -> Generator[Moment[None], None, int]:
    yield Moment()
    with closing(Profile(name, where)) as profile:
        return profile.take_in(changes)


def _write(
    kind: FileForm, opinions: Sequence[Dated], path: Path, catalogue: Catalogue
) -> Generator[Moment[None], None, Written]:
    yield Moment()
    n = export.write(kind, opinions, path, catalogue)
    return Written(kind, path, n, sum(one.opinion.stars is not None for one in opinions))
