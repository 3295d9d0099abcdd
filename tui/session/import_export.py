"""Ratings in and out: exports are looked at and then taken in, one's own are written to files."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from data import export
from data.catalogue import Catalogue
from data.errors import DataError
from data.export import Kind
from data.importing import read_export
from data.importing.plan import Plan, planning
from data.profile import Dated, Profile
from tui.session import messages
from tui.session.jobs import Job, Moment
from tui.text.figures import counted, homely

if TYPE_CHECKING:
    from tui.session.session import House

NOWHERE = Path(":memory:")
"""Where ratings are that last until the app closes, since their file cannot be used."""


class Written(NamedTuple):
    """What became of writing a file."""

    kind: Kind
    path: Path
    n_films: int
    n_rated: int
    """How many films the person has rated."""


class Moving:
    """What is on its way in or out."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._asked = house.options.bring
        self.plan: Plan | None = None
        """An import that was looked at and waits for the person's word."""

    def entered(self) -> None:
        """Look at what the command line asks to import, now that there is a dataset."""
        asked, self._asked = self._asked, ""
        if asked:
            self.look(Path(asked).expanduser())

    def look(self, path: Path) -> None:
        """Read an export in the background, and find out what it would change."""
        dataset, profile = self._house.dataset, self._house.person.profile
        if dataset is None:
            self._house.say("Open a dataset first: films are matched with those that it has.")
            return
        self.plan = None
        name, where, catalogue = profile.name, profile.path, dataset.catalogue
        work = Job(
            "import", f"reading {path.name}", lambda: _look(path, catalogue, name, where), path
        )
        self._house.jobs.start(work)

    def take(self, plan: Plan) -> None:
        """Keep what an import brings, in the background and all at once."""
        profile, changes = self._house.person.profile, plan.changes
        if not changes:
            self._house.say("Nothing was to be changed, and nothing was.")
        elif profile.path == NOWHERE:
            try:
                self._taken(plan, profile.take_in(changes))
            except DataError as error:
                self._house.say(str(error), "error")
        else:
            name, where = profile.name, profile.path
            title = f"importing {plan.export.where}"
            self._house.jobs.start(Job("import", title, lambda: _take(changes, name, where), plan))

    def write(self, kind: Kind, path: Path) -> None:
        """Write the person's ratings to a file, in the background."""
        try:
            opinions = self._house.person.profile.dated_opinions()
        except DataError as error:
            self._house.say(str(error), "error")
            return
        dataset = self._house.dataset
        catalogue = dataset.catalogue if dataset is not None else Catalogue(())
        title = f"writing {path.name}"
        work = Job("export", title, lambda: _write(kind, opinions, path, catalogue))
        self._house.jobs.start(work)

    def heard(self, message: messages.JobMessage) -> None:
        """Take in what a job of these says."""
        about = message.job.about
        if isinstance(message, messages.Failed):
            self._house.say(message.sentence, "error")
        elif not isinstance(message, messages.Finished):
            return
        elif isinstance(message.result, Plan):
            self.plan = message.result
        elif isinstance(about, Plan) and isinstance(message.result, int):
            self._taken(about, message.result)
        elif isinstance(message.result, Written):
            self._written(message.result)

    def _taken(self, plan: Plan, n: int) -> None:
        try:
            self._house.person.reload()
        except DataError as error:
            self._house.say(str(error), "error")
            return
        said = f"{counted(n, 'film')} taken in from {plan.export.where}."
        still = sum(item.is_open for item in plan.items)
        if still:
            said += f" {counted(still, 'film was', 'films were')} not chosen and left out."
        self._house.say(f"{said} On Rate, u takes all of it back.")

    def _written(self, written: Written) -> None:
        said = f"{counted(written.n_films, 'film')} written to {homely(str(written.path))}."
        without = written.n_rated - written.n_films
        if written.kind is export.IMDB and without:
            said += f" {counted(without, 'rating')} of films without IMDb's number left out."
        self._house.say(said)


def _look(
    path: Path, catalogue: Catalogue, name: str, where: Path
) -> Generator[Moment, None, Plan]:
    yield Moment()
    export = read_export.read(path)
    yield Moment()
    with closing(Profile(name, where)) as profile:  # a connection serves one thread
        steps = planning(export, catalogue, profile)
        while True:
            try:
                yield Moment(next(steps))
            except StopIteration as done:
                return done.value


def _take(changes: Sequence[Dated], name: str, where: Path) -> Generator[Moment, None, int]:
    yield Moment()
    with closing(Profile(name, where)) as profile:
        return profile.take_in(changes)


def _write(
    kind: Kind, opinions: Sequence[Dated], path: Path, catalogue: Catalogue
) -> Generator[Moment, None, Written]:
    yield Moment()
    n = export.write(kind, opinions, path, catalogue)
    return Written(kind, path, n, sum(one.opinion.stars is not None for one in opinions))
