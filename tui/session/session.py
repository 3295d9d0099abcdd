"""The house: what is open, what runs, what is used. It knows no widget; the screens look at it."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from textual.message import Message

from data.dataset import Dataset
from data.errors import DataError
from data.releases.movielens import Release
from data.saved_models import Saved
from engine import ALGORITHMS, Algorithm, Model
from engine.elicit import Questions
from tui.session import datasets, film_map, map_unfolding, messages, runs, saved_models, sweep
from tui.session.datasets import Target
from tui.session.film_map import Atlas
from tui.session.import_export import Moving
from tui.session.jobs import Job, Jobs, Moment
from tui.session.map_unfolding import Unfolded
from tui.session.person import open_person
from tui.session.recommendations import Taste
from tui.session.runs import Run, Setup
from tui.session.settings import Settings
from tui.session.sweep import Sweep
from tui.terminal.abilities import Terminal

Severity: TypeAlias = Literal["information", "warning", "error"]


class Say(Protocol):
    """Tells the person a sentence."""

    def __call__(self, sentence: str, severity: Severity = "information") -> None:
        """Show it for a while."""


FIRST = "ALS"
"""What is trained when a dataset has no model yet."""
FEW = 20
"""Of fewer ratings none is held out the first time."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    dataset: str = ""
    profile: str = ""
    bring: str = ""
    """An export to import."""


class House:
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
        self.dataset: Dataset | None = None
        self.target: Target | None = None
        self.runs: list[Run] = []
        self.used: Run | None = None
        self.wanted: Release | None = None
        """A release that the command line asks for and that is not here yet."""
        self.look_at: int | None = None
        """A film to go to on the map."""
        self.downloading: object = None
        """The last that was heard of a download."""
        self.moving = Moving(self)
        self.questions: Questions | None = None
        self.atlas: Atlas | None = None
        self.unfolded: Unfolded | None = None
        self.swept: Sweep | None = None
        """The sweep that is drawn."""
        self._taste: Taste | None = None
        self._closed = False

    def close(self) -> None:
        """Stop all work; everything that matters is on disk already."""
        self._closed = True
        self.jobs.cancel_all()
        self.person.profile.close()

    # What screens look at

    @property
    def model(self) -> Model | None:
        """The model in use."""
        return self.used.model if self.used is not None else None

    @property
    def training(self) -> Run | None:
        """The run that is being trained or waits to be."""
        job = self.jobs.of("train")
        return job.about if job is not None and isinstance(job.about, Run) else None

    @property
    def taste(self) -> Taste | None:
        """The person as they are now, in the model in use."""
        model = self.model
        if model is None:
            return None
        stale = self._taste is None or self._taste.model is not model
        if stale or (self._taste is not None and self._taste.version != self.person.version):
            self._taste = Taste(model, self.person)
        return self._taste

    # What screens ask for

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

    def open(self, target: Target) -> None:
        """Read a dataset in the background and go on with it."""
        job = Job("load", f"opening {target.name}", lambda: datasets.load(target), about=target)
        self.jobs.start(job)

    def fetch(self, release: Release) -> None:
        """Download a release in the background, then open it."""
        work = Job("download", release.name, lambda: datasets.fetch(release), about=release)
        self.jobs.start(work)

    def train(self, algorithm: Algorithm, setup: Setup) -> Run | None:
        """Train in the background; a training that runs is cancelled first."""
        if self.dataset is None:
            return None
        dataset = self.dataset
        name = runs.name_of(algorithm)
        run = Run(name, algorithm, setup, dataset.name, dataset.fingerprint)
        self.runs.append(run)
        self.swept = None
        self.jobs.start(Job("train", run.label, lambda: _train(run, dataset), about=run))
        return run

    def start_sweep(self, algorithm: Algorithm, setup: Setup, ranks: tuple[int, ...]) -> None:
        """Train at every rank in the background; a training that runs is cancelled first."""
        if self.dataset is None:
            return
        dataset = self.dataset
        swept = Sweep(algorithm, setup, ranks, dataset.name, dataset.fingerprint)
        self.swept = swept
        job = Job("train", swept.label, lambda: sweep.work(swept, dataset.described), about=swept)
        self.jobs.start(job)

    def use(self, run: Run, *, keep: bool = True) -> None:
        """Recommend with the model of `run` from now on; `keep` it if it is not kept yet."""
        if self.dataset is None:
            return
        if run.model is None:
            if not run.kept:
                return
            try:
                run.model = saved_models.load(run, self.dataset)
            except DataError as error:
                self.say(str(error), "error")
                return
        self.used, self.questions, self.atlas = run, None, None
        if keep and not run.kept and run.state != "running":
            self._keep(run)
        self.settings.keep(f"model of {self.dataset.fingerprint}", run.kept)
        self._prepare(run.model, self.dataset)

    def unfold(self, atlas: Atlas) -> Unfolded:
        """Unfold a map in the background; return it as it is now."""
        if self.unfolded is None or self.unfolded.atlas.model is not atlas.model:
            n = map_unfolding.UNFOLDED
            self.unfolded = Unfolded(atlas, atlas.movies[:n], atlas.places[:n])
            self.jobs.start(Job("unfold", "unfolding the map", lambda: map_unfolding.unfold(atlas)))
        return self.unfolded

    def delete(self, run: Run) -> None:
        """Forget a run and delete its saved model."""
        if run is self.used:
            self.say("This model is in use; choose another one first.", "warning")
            return
        try:
            saved_models.forget([run] if run.kept else [])
        except DataError as error:
            self.say(str(error), "error")
            return
        self.runs.remove(run)

    def rename(self, run: Run, title: str) -> None:
        """Give a run and its saved model another name."""
        try:
            saved_models.rename(run, title)
        except DataError as error:
            self.say(str(error), "error")

    def become(self, name: str) -> None:
        """Go on as another profile."""
        try:
            self.person.become(name)
        except DataError as error:
            self.say(str(error), "error")
            return
        self.settings.keep("profile", name)

    # What jobs tell

    def heard(self, message: messages.JobMessage) -> None:
        """Take in what a job says; what comes after closing is of no use to anybody."""
        if self._closed:
            return
        if not isinstance(message, messages.Progressed):
            self.jobs.ended(message.job)
        kind = message.job.kind
        if kind == "train" and isinstance(message.job.about, Sweep):
            self._heard_of_sweep(message.job.about, message)
        elif kind == "train":
            self._heard_of_training(message.job.about, message)
        elif kind == "unfold":
            self._heard_of_unfolding(message)
        elif kind == "prepare":
            self._heard_of_preparing(message)
        elif kind == "load" and isinstance(message, messages.Finished):
            self._enter(message.job.about, message.result)
        elif kind == "download":
            self._heard_of_download(message)
        elif kind in ("import", "export"):
            self.moving.heard(message)
        elif isinstance(message, messages.Failed):
            self._opening_failed(message)

    def _enter(self, target: Target, dataset: object) -> None:
        assert isinstance(dataset, Dataset)
        self.jobs.cancel("train")
        self.dataset, self.target = dataset, target
        self.used = self.questions = self.atlas = None
        self.unfolded = self.swept = self._taste = None
        try:
            self.person.enter(dataset.catalogue)
        except DataError as error:
            self.say(str(error), "error")
        self.settings.keep("dataset", target.text)
        said = dataset.summary
        self.settings.keep_counts(target.text, said.n_ratings, said.n_users, said.n_movies)
        if target.path is not None:
            self.settings.remember(target.path)
        self.runs, damaged = saved_models.runs_of(dataset)
        self._tell_of_damage(damaged)
        self._first_model(dataset)
        self.moving.entered()

    def _tell_of_damage(self, damaged: list[Saved]) -> None:
        """Tell of saved models that cannot be loaded, of each once."""
        told = self.settings.get("damaged").split()
        for entry in damaged:
            if entry.file.name not in told:
                self.say(entry.problem, "warning")
        self.settings.keep("damaged", " ".join(entry.file.name for entry in damaged))

    def _first_model(self, dataset: Dataset) -> None:
        """Take up the model used last on this dataset, or train a first one."""
        last = self.settings.get(f"model of {dataset.fingerprint}")
        for run in sorted(self.runs, key=lambda run: run.kept != last):
            self.use(run)
            if self.used is not None:
                return
        few = len(dataset.ratings) < FEW
        self.train(ALGORITHMS[FIRST], Setup(held_out=0) if few else Setup())

    def _heard_of_download(self, message: messages.JobMessage) -> None:
        if isinstance(message, messages.Progressed) and message.news:
            self.downloading = message.news[-1]
        elif isinstance(message, messages.Failed):
            self.say(message.sentence, "error")
        elif isinstance(message, messages.Finished):
            assert isinstance(message.result, Target)
            self.open(message.result)

    def _opening_failed(self, message: messages.Failed) -> None:
        self.say(message.sentence, "error")
        if self.dataset is None and self.jobs.of("load") is None:
            self.open(Target(datasets.DEMO))

    def _heard_of_training(self, run: Run, message: messages.JobMessage) -> None:
        if isinstance(message, messages.Progressed):
            run.state = "running"
            for news in message.news:
                if isinstance(news, runs.News):
                    run.take(news)
        elif isinstance(message, messages.Finished):
            run.state = "done"
            self._trained(run, message.result)
        elif isinstance(message, messages.Stopped):
            run.state = "stopped"
            if run.model is None and run in self.runs:
                self.runs.remove(run)
        elif isinstance(message, messages.Failed):
            run.state = "failed"
            if run.model is None and run in self.runs:
                self.runs.remove(run)
            self.say(message.sentence, "error")

    def _heard_of_sweep(self, swept: Sweep, message: messages.JobMessage) -> None:
        if isinstance(message, messages.Failed):
            self.say(message.sentence, "error")
        elif isinstance(message, messages.Progressed):
            done = [run for run in message.news if isinstance(run, Run)]
            swept.runs += done
            if self.dataset is not None and swept.fingerprint == self.dataset.fingerprint:
                self.runs += done

    def _trained(self, run: Run, outcome: object) -> None:
        assert isinstance(outcome, Outcome)
        run.scores, run.kept = outcome.scores or run.scores, outcome.kept
        if outcome.trouble:
            self._not_kept(outcome.trouble)
        if self.dataset is None or run.fingerprint != self.dataset.fingerprint:
            return
        if self.used is None:
            self.use(run, keep=not outcome.trouble)
        else:
            reached = f": test RMSE {run.rmse:.3f}" if run.rmse < math.inf else ""
            self.say(f"{run.label} is trained{reached}. On Train, space uses it.")

    def _heard_of_preparing(self, message: messages.JobMessage) -> None:
        if isinstance(message, messages.Failed):
            self.say(message.sentence, "error")
        if not isinstance(message, messages.Progressed):
            return
        for ready in message.news:
            if isinstance(ready, film_map.Ready) and ready.model is self.model:
                if isinstance(ready.what, Atlas):
                    self.atlas = ready.what
                else:
                    self.questions = ready.what

    def _heard_of_unfolding(self, message: messages.JobMessage) -> None:
        if isinstance(message, messages.Failed):
            self.say(message.sentence, "error")
        elif isinstance(message, messages.Stopped):
            self.unfolded = None
        elif isinstance(message, messages.Progressed) and message.news:
            last = message.news[-1]
            if isinstance(last, Unfolded) and last.atlas.model is self.model:
                self.unfolded = last

    def _prepare(self, model: Model, dataset: Dataset) -> None:
        work = Job("prepare", "map", lambda: film_map.prepare(model, dataset), about=model)
        self.jobs.start(work)

    def _keep(self, run: Run) -> None:
        if self.dataset is None or run.model is None:
            return
        try:
            run.kept = saved_models.keep(run.label, run.model, run.scores, self.dataset, run.passes)
        except DataError as error:
            self._not_kept(str(error))

    def _not_kept(self, why: str) -> None:
        """Tell why a model could not be kept, unless that nothing can be kept was told before."""
        if not self.trouble:
            self.say(f"{why} The model works until you leave.", "warning")

    def _return_as(self, name: str) -> None:
        if name and name in self.person.profile.names():
            self.person.become(name)


@dataclass(frozen=True)
class Outcome:
    """What a finished training leaves."""

    scores: dict[str, float]
    kept: str = ""
    """Its file in the library."""
    trouble: str = ""
    """Why it could not be kept."""


def _train(run: Run, dataset: Dataset) -> Generator[Moment, None, Outcome]:
    """Train, measure and keep; see `runs.train`."""
    result = yield from runs.train(run, dataset.described)
    if result is None:
        return Outcome({})
    try:
        kept = saved_models.keep(run.label, result.model, result.scores, dataset, result.passes)
    except DataError as error:
        return Outcome(result.scores, trouble=str(error))
    return Outcome(result.scores, kept)
