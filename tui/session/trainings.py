"""Trainings and sweeps in the background, and which model is used."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from data.dataset import Dataset
from data.errors import DataError
from engine import ALGORITHMS, Algorithm, Model
from tui.session import runs, saved_models, sweep
from tui.session.jobs import Job, Jobs, Moment
from tui.session.opened import Opened
from tui.session.runs import Run, Setup
from tui.session.say import Say
from tui.session.settings import Settings
from tui.session.sweep import Sweep

FIRST = "ALS"
"""What is trained when a dataset has no model yet."""
FEW = 20
"""Of fewer ratings none is held out the first time."""


class Holder(Protocol):
    """What holds the open dataset, and what a training needs of it."""

    opened: Opened | None
    jobs: Jobs
    settings: Settings
    say: Say
    trouble: str
    """Why nothing can be kept; empty if all can."""


class Trainings:
    """What is trained and used on the open dataset.

    Parameters
    ----------
    holder : what holds the open dataset
    prepare : told each model that is taken into use
    """

    def __init__(self, holder: Holder, prepare: Callable[[Model, Dataset], None]) -> None:
        self._holder = holder
        self._prepare = prepare

    @property
    def running(self) -> Run | None:
        """The run that is being trained or waits to be."""
        job, opened = self._holder.jobs.of("train"), self._holder.opened
        if job is None or opened is None:
            return None
        return next((run for run in opened.runs if run.job is job), None)

    @property
    def sweeping(self) -> Sweep | None:
        """The sweep that runs or waits to."""
        job, opened = self._holder.jobs.of("train"), self._holder.opened
        found = opened.sweep if opened is not None else None
        return found if found is not None and job is not None and found.job is job else None

    def first(self, dataset: Dataset) -> None:
        """Take up the models used last on this dataset, or train a first one."""
        opened = self._holder.opened
        for interest in (True, False):
            last = self._holder.settings.get(_kept_under(dataset, interest))
            found = [run for run in opened.runs if run.is_of_interest is interest] if opened else []
            for run in sorted(found, key=lambda run: run.kept != last):
                if self.use(run, chosen=False):
                    break
        if self._used is None:
            few = len(dataset.ratings) < FEW
            self.train(ALGORITHMS[FIRST], Setup(held_out=0) if few else Setup())

    def chosen(self, dataset: Dataset) -> bool:
        """Return whether the person has chosen a model of stars on this dataset."""
        return self._holder.settings.get(f"chosen of {dataset.fingerprint}") == "yes"

    def train(self, algorithm: Algorithm, setup: Setup) -> Run | None:
        """Train in the background; a training that runs is cancelled first."""
        if self._holder.opened is None:
            return None
        dataset = self._holder.opened.dataset
        run = Run(runs.name_of(algorithm), algorithm, setup, dataset.name, dataset.fingerprint)
        run.job = Job(
            "train",
            run.label,
            partial(train, run, dataset),
            done=partial(self._trained, run),
            heard=run.take,
            stopped=partial(self._ended, run, "stopped"),
            failed=partial(self._training_failed, run),
        )
        self._holder.opened = replace(self._holder.opened.with_runs(run), sweep=None)
        self._holder.jobs.cancel("improve")
        self._holder.jobs.start(run.job)
        return run

    def start_sweep(self, algorithm: Algorithm, setup: Setup, ranks: tuple[int, ...]) -> None:
        """Train at every rank in the background; a training that runs is cancelled first."""
        if self._holder.opened is None:
            return
        dataset = self._holder.opened.dataset
        swept = Sweep(algorithm, setup, ranks, dataset.name, dataset.fingerprint)
        swept.job = Job(
            "train",
            swept.label,
            partial(sweep.train, swept, dataset.described),
            done=self._swept_all,
            heard=partial(self._swept, swept),
        )
        self._holder.opened = replace(self._holder.opened, sweep=swept)
        self._holder.jobs.cancel("improve")
        self._holder.jobs.start(swept.job)

    def hide_sweep(self) -> None:
        """Draw runs again, and no sweep."""
        if self._holder.opened is not None:
            self._holder.opened = replace(self._holder.opened, sweep=None)

    def use(self, run: Run, *, keep: bool = True, chosen: bool = True) -> bool:
        """Recommend with the model of `run` from now on; return whether that can be done.

        Parameters
        ----------
        keep : whether to keep the model, if it is not kept yet
        chosen : whether the person asked for it; then no other takes its place unasked
        """
        opened = self._holder.opened
        if opened is None or (run.model is None and not self._load(run, opened.dataset)):
            return False
        self._holder.opened = opened.using(run)
        if keep and not run.kept and run.state != "running":
            self._keep(run, opened.dataset)
        self._holder.settings.keep(_kept_under(opened.dataset, run.is_of_interest), run.kept)
        if chosen and not run.is_of_interest:
            self._holder.settings.keep(f"chosen of {opened.dataset.fingerprint}", "yes")
        if run.model is not None and not run.is_of_interest:
            self._prepare(run.model, opened.dataset)
        return True

    def _load(self, run: Run, dataset: Dataset) -> bool:
        """Load the saved model of a run; return whether it is there."""
        if not run.kept:
            return False
        try:
            run.model = saved_models.load(run, dataset)
        except DataError as error:
            self._holder.say(str(error), "error")
            return False
        return True

    def delete(self, run: Run) -> None:
        """Forget a run and delete its saved model."""
        opened = self._holder.opened
        if opened is not None and run in (opened.used, opened.interest):
            self._holder.say("This model is in use; choose another one first.", "warning")
            return
        try:
            saved_models.forget([run] if run.kept else [])
        except DataError as error:
            self._holder.say(str(error), "error")
            return
        self._drop(run)

    def rename(self, run: Run, title: str) -> None:
        """Give a run and its saved model another name."""
        try:
            saved_models.rename(run, title)
        except DataError as error:
            self._holder.say(str(error), "error")

    def _ended(self, run: Run, state: runs.State) -> None:
        run.state = state
        opened = self._holder.opened
        if run.model is None:
            self._drop(run)
        elif opened is not None and opened.dataset.fingerprint == run.fingerprint:
            run.scores |= {"seconds": run.seconds, "passes": float(len(run.passes))}
            self._keep(run, opened.dataset)

    def _training_failed(self, run: Run, sentence: str) -> None:
        self._ended(run, "failed")
        self._holder.say(sentence, "error")

    def _drop(self, run: Run) -> None:
        if self._holder.opened is not None:
            self._holder.opened = self._holder.opened.without(run)

    def _swept_all(self, said: str) -> None:
        if said:
            self._holder.say(said, "warning")

    def _swept(self, swept: Sweep, run: Run) -> None:
        swept.runs.append(run)
        opened = self._holder.opened
        if opened is not None and swept.fingerprint == opened.dataset.fingerprint:
            self._holder.opened = opened.with_runs(run)
            self._keep(run, opened.dataset)

    def _trained(self, run: Run, outcome: Outcome) -> None:
        run.state = "done"
        run.scores, run.kept = outcome.scores or run.scores, outcome.kept
        if outcome.trouble:
            self._not_kept(outcome.trouble)
        if run.model is not None and run.model.caution:
            self._holder.say(run.model.caution, "warning")
        opened = self._holder.opened
        if opened is None or run.fingerprint != opened.dataset.fingerprint:
            return
        if self._used is None and not run.is_of_interest:
            self.use(run, keep=not outcome.trouble, chosen=False)
        else:
            reached = f": test RMSE {run.rmse:.3f}" if run.rmse < math.inf else ""
            self._holder.say(f"{run.label} is trained{reached}. On Train, space uses it.")

    def _keep(self, run: Run, dataset: Dataset) -> None:
        if run.model is None:
            return
        try:
            run.kept = saved_models.keep(run, run.model, run.scores, dataset, run.passes)
        except DataError as error:
            self._not_kept(str(error))

    def _not_kept(self, why: str) -> None:
        """Tell why a model could not be kept, unless that nothing can be kept was told before."""
        if not self._holder.trouble:
            self._holder.say(f"{why} The model works until you leave.", "warning")

    @property
    def _used(self) -> Run | None:
        return self._holder.opened.used if self._holder.opened is not None else None


@dataclass(frozen=True)
class Outcome:
    """What a finished training leaves."""

    scores: dict[str, float]
    kept: str = ""
    """Its file in the library."""
    trouble: str = ""
    """Why it could not be kept."""


def _kept_under(dataset: Dataset, interest: bool) -> str:
    """Return the name of the setting that holds which model was used last."""
    return f"{'interest' if interest else 'model'} of {dataset.fingerprint}"


def train(run: Run, dataset: Dataset) -> Generator[Moment[runs.News], None, Outcome]:
    """Train, measure and keep; see `runs.train`."""
    run.state = "running"
    result = yield from runs.train(run, dataset.described)
    if result is None:
        return Outcome({})
    try:
        kept = saved_models.keep(run, result.model, result.scores, dataset, result.passes)
    except DataError as error:
        return Outcome(result.scores, trouble=str(error))
    return Outcome(result.scores, kept)
