"""The session: what is open, what runs, what is used. It knows no widget; screens look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual.message import Message

from data.dataset import Dataset
from data.errors import DataError
from data.releases.download import Downloading
from data.releases.movielens import Release
from data.saved_models import Saved
from engine import Model
from engine.elicit import Questions
from tui.session import datasets, saved_models
from tui.session.datasets import NOTHING_TOLD, Answers, Target, Unclear
from tui.session.film_map import FilmMap
from tui.session.import_export import ImportExport
from tui.session.improving import Improving
from tui.session.jobs import Failed, Job, JobMessage, Jobs, Progressed
from tui.session.map_drawing import MapDrawing
from tui.session.opened import Opened
from tui.session.person import open_person
from tui.session.recommendations import Recommendations
from tui.session.runs import Run
from tui.session.say import Say
from tui.session.settings import Settings
from tui.session.sweep import Sweep
from tui.session.trainings import Trainings
from tui.terminal.abilities import Terminal


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    dataset: str = ""
    profile: str = ""
    import_file: str = ""
    """An export to import."""


class Session:
    """Everything that lasts while the app runs.

    Parameters
    ----------
    terminal : what can be drawn
    options : what the command line asks for
    post : takes messages from any thread to the app
    say : tells the person a sentence
    """

    def __init__(
        self,
        terminal: Terminal,
        options: Options,
        post: Callable[[Message], object],
        say: Say,
    ) -> None:
        self.terminal = terminal
        self.options = options
        self.say = say
        self.jobs = Jobs(post)
        self.person, self.trouble = open_person(options.profile or "you")
        self.settings = Settings(self.person.profile)
        self.begun = False
        """Whether something was opened, or is about to be."""
        if not options.profile:
            self._return_as(self.settings.get("profile"))
        self.opened: Opened | None = None
        self.wanted: Release | None = None
        """A release that the command line asks for and that is not here yet."""
        self.look_at: int | None = None
        """A film to go to on the map."""
        self.unclear: Unclear | None = None
        """A file that waits for the person to tell something."""
        self.opening: Target | None = None
        """What was asked last to be opened."""
        self.fetching: Release | None = None
        """What was asked last to be downloaded."""
        self.downloading: Downloading | None = None
        """The last that was heard of a download."""
        self.maps = MapDrawing(self)
        self.trainings = Trainings(self, self.maps.prepare)
        self.improving = Improving(self, self.trainings)
        self.import_export = ImportExport(self.jobs, self.person, say, options.import_file)
        self._recommendations: Recommendations | None = None
        self._closed = False

    def close(self) -> None:
        """Stop all work; everything that matters is on disk already."""
        self._closed = True
        self.jobs.cancel_all()
        self.person.profile.close()

    # What screens look at

    @property
    def dataset(self) -> Dataset | None:
        """The open dataset."""
        return self.opened.dataset if self.opened is not None else None

    @property
    def target(self) -> Target | None:
        """Where the open dataset is."""
        return self.opened.target if self.opened is not None else None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The trainings on the open dataset."""
        return self.opened.runs if self.opened is not None else ()

    @property
    def used(self) -> Run | None:
        """The run whose model is in use."""
        return self.opened.used if self.opened is not None else None

    @property
    def model(self) -> Model | None:
        """The model in use."""
        return self.opened.model if self.opened is not None else None

    @property
    def film_map(self) -> FilmMap | None:
        """The map of the model in use."""
        return self.opened.film_map if self.opened is not None else None

    @property
    def questions(self) -> Questions | None:
        """What to ask next, by the model in use."""
        return self.opened.questions if self.opened is not None else None

    @property
    def sweep(self) -> Sweep | None:
        """The sweep that is drawn."""
        return self.opened.sweep if self.opened is not None else None

    @property
    def recommendations(self) -> Recommendations | None:
        """The person as they are now, in the model in use."""
        model = self.model
        if model is None:
            return None
        interest = self.opened.interest_model if self.opened is not None else None
        known = self._recommendations
        if known is None or not known.serves(model, interest, self.person):
            known = self._recommendations = Recommendations(model, interest, self.person)
        return known

    # Opening

    def start(self) -> None:
        """Open what was open last, or what the command line asks for."""
        self.begun = True
        if self.trouble:
            self.say(f"{self.trouble} Ratings and models last until you leave.", "error")
        self.wanted = datasets.release(self.options.dataset)
        if self.wanted is not None and (self.wanted.is_here or Path(self.wanted.name).exists()):
            self.wanted = None
        asked = "" if self.wanted is not None else self.options.dataset
        self.open(datasets.target(asked or self.settings.get("dataset")))

    def open(self, target: Target, answers: Answers = NOTHING_TOLD) -> None:
        """Read a dataset in the background and go on with it."""
        self.opening = target
        self.jobs.cancel("improve")
        self.jobs.start(
            Job(
                "load",
                f"opening {target.name}",
                partial(datasets.load, target, answers),
                done=partial(self._loaded, target),
                failed=self._opening_failed,
            )
        )

    def fetch(self, release: Release) -> None:
        """Download a release in the background, then open it."""
        self.fetching = release
        self.jobs.start(
            Job(
                "download",
                release.name,
                partial(datasets.fetch, release),
                done=partial(self.open),
                heard=self._downloading,
            )
        )

    def _downloading(self, step: Downloading) -> None:
        self.downloading = step

    def _opening_failed(self, sentence: str) -> None:
        self.say(sentence, "error")
        if self.opened is None and self.jobs.of("load") is None:
            self.open(Target(datasets.DEMO))

    def _loaded(self, target: Target, found: Dataset | Unclear) -> None:
        if isinstance(found, Unclear):
            self.unclear = found
        else:
            self._enter(target, found)

    def _enter(self, target: Target, dataset: Dataset) -> None:
        self.jobs.cancel("train")
        self.jobs.cancel("improve")
        found, damaged = saved_models.runs_of(dataset)
        self.opened = Opened(dataset, target, tuple(found))
        self._recommendations = None
        self.change(partial(self.person.enter, dataset.catalogue))
        self.settings.keep("dataset", target.text)
        said = dataset.summary
        self.settings.keep_counts(target.text, said.n_ratings, said.n_users, said.n_movies)
        if target.path is not None:
            self.settings.remember(target.path)
        self._tell_of_damage(damaged)
        self.trainings.first(dataset)
        self.import_export.entered(dataset.catalogue)

    def _tell_of_damage(self, damaged: list[Saved]) -> None:
        """Tell of saved models that cannot be loaded, of each once."""
        told = self.settings.get("damaged").split()
        for entry in damaged:
            if entry.file.name not in told:
                self.say(entry.problem, "warning")
        self.settings.keep("damaged", " ".join(entry.file.name for entry in damaged))

    # The person

    def become(self, name: str) -> None:
        """Go on as another profile."""
        if self.change(partial(self.person.become, name)):
            self.settings.keep("profile", name)

    def change(self, change: Callable[[], object]) -> bool:
        """Do what may fail on disk; tell why it did; return whether it did not."""
        try:
            change()
        except DataError as error:
            self.say(str(error), "error")
            return False
        return True

    def _return_as(self, name: str) -> None:
        if name and name in self.person.profile.names():
            self.person.become(name)

    # What jobs tell

    def heard(self, message: JobMessage) -> None:
        """Take in what a job says; what comes after closing is of no use to anybody."""
        if self._closed:
            return
        if not isinstance(message, Progressed):
            self.jobs.ended(message.job)
        if isinstance(message, Failed) and message.job.failed is None:
            self.say(message.sentence, "error")
        message.deliver()
        if not isinstance(message, Progressed):
            self.improving.go_on()
