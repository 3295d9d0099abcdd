"""Better models in the background: interest first, then the Bayesian one, while nothing else runs.

A viewer who never meets Train is to have the best list all the same. Whoever has chosen a model
keeps it; the setting `improve` set to `no`, or REELRANK_IMPROVE=no, turns all of this off.
"""

from __future__ import annotations

import os
from functools import partial

from data.dataset import Dataset
from engine import ALGORITHMS
from tui.session.jobs import Job
from tui.session.runs import Run, Setup
from tui.session.trainings import Holder, Outcome, Trainings, train

INTEREST, STARS = "Implicit ALS", "Bayesian"
"""What is trained for interest and for stars."""
MOST_RATINGS = 3_000_000
"""With more, the Bayesian model would keep both cores busy for minutes; one may train it."""
LEAST_RATINGS = 1000
"""With fewer there is nothing to be learned of who picks what."""
BETTER = {
    INTEREST: "your list now knows what people like you watch.",
    STARS: "the stars now come from the Bayesian model, with how sure they are.",
}
"""What has become better, by what was trained."""


class Improving:
    """Trains better models while nothing else runs, and takes them into use."""

    def __init__(self, holder: Holder, trainings: Trainings) -> None:
        self._holder = holder
        self._trainings = trainings
        self._failed: set[tuple[str, str]] = set()

    @property
    def is_on(self) -> bool:
        """Whether the person lets better models be trained."""
        told = os.environ.get("REELRANK_IMPROVE", "")
        return (told or self._holder.settings.get("improve", "yes")) != "no"

    def go_on(self) -> None:
        """Train what is still missing, if nothing else runs."""
        opened = self._holder.opened
        if opened is None or opened.used is None or self._holder.jobs.running:
            return
        name = self._missing(opened.dataset)
        if name and self.is_on:
            self._start(name, opened.dataset)

    def turn(self, on: bool) -> None:
        """Turn it on or off."""
        self._holder.settings.keep("improve", "yes" if on else "no")
        if on:
            self.go_on()
        else:
            self._holder.jobs.cancel("improve")

    def _missing(self, dataset: Dataset) -> str:
        """Return what is to be trained next; empty if nothing is."""
        opened, n = self._holder.opened, len(dataset.ratings)
        if opened is None or n < LEAST_RATINGS:
            return ""
        wanted = [INTEREST] if opened.interest is None else []
        chosen = self._trainings.chosen(dataset)
        if n <= MOST_RATINGS and not chosen and not any(r.name == STARS for r in opened.runs):
            wanted.append(STARS)
        fresh = (name for name in wanted if (name, dataset.fingerprint) not in self._failed)
        return next(fresh, "")

    def _start(self, name: str, dataset: Dataset) -> None:
        algorithm = ALGORITHMS[name]
        run = Run(name, algorithm, Setup(), dataset.name, dataset.fingerprint)
        run.job = Job(
            "improve",
            run.label,
            partial(train, run, dataset),
            done=partial(self._done, run),
            heard=run.take,
            failed=partial(self._give_up, run),
        )
        self._holder.jobs.start(run.job)

    def _give_up(self, run: Run, sentence: str) -> None:
        """Leave it at what there is; the person did not ask for more."""
        self._failed.add((run.name, run.fingerprint))

    def _done(self, run: Run, outcome: Outcome) -> None:
        opened = self._holder.opened
        if opened is None or opened.dataset.fingerprint != run.fingerprint or run.model is None:
            return
        run.state, run.kept = "done", outcome.kept
        run.scores = outcome.scores
        self._holder.opened = opened.with_runs(run)
        if run.name == STARS and self._trainings.chosen(opened.dataset):
            return
        self._trainings.use(run, chosen=False)
        self._holder.say(f"Your recommendations have become better: {BETTER[run.name]}")
