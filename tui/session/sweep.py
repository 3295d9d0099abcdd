"""A sweep over ranks: the same algorithm trained at each, for the figure of error against rank."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

from engine import Algorithm, Diverged, EngineError, Ratings, training
from tui.session.jobs import AnyJob, Moment
from tui.session.runs import News, Pass, Run, Setup, name_of, passed, score

RANKS = (2, 4, 8, 16, 32, 64)
HIGHEST = 500
LEAST_HELD_OUT = 5
"""Per cent; without a test error a sweep says nothing."""


@dataclass(eq=False)
class Sweep:
    """What is swept, and the runs that are done."""

    algorithm: Algorithm
    setup: Setup
    ranks: tuple[int, ...]
    dataset: str
    fingerprint: str
    runs: list[Run] = field(default_factory=list)
    job: AnyJob | None = None
    """What trains it."""

    @property
    def label(self) -> str:
        """What it is, for the header."""
        return f"{name_of(self.algorithm)} sweep"


def parse(text: str) -> tuple[int, ...]:
    """Return the ranks that a person wrote, ascending.

    Raises
    ------
    EngineError
        If there is something else than whole numbers from 1 to 500.
    """
    words = text.replace(",", " ").split()
    if not words or not all(w.isascii() and w.isdigit() and 1 <= int(w) <= HIGHEST for w in words):
        raise EngineError(f"Ranks are whole numbers from 1 to {HIGHEST}, as in 2 4 8 16.")
    return tuple(sorted({int(word) for word in words}))


def wrong(text: str) -> str:
    """Return what is wrong with a text of ranks; empty if nothing is."""
    try:
        parse(text)
    except EngineError as error:
        return str(error)
    return ""


def train(sweep: Sweep, ratings: Ratings) -> Generator[Moment[Any], None, str]:
    """Train at every rank; yield each finished run; return what to say of ranks that diverged."""
    held_out = max(sweep.setup.held_out, LEAST_HELD_OUT)
    learn, test = ratings.split(held_out / 100, sweep.setup.seed, sweep.setup.split)
    diverged: list[int] = []
    for index, rank in enumerate(sweep.ranks):
        algorithm = replace(sweep.algorithm, **{"factors": rank})
        passes: list[Pass] = []
        epoch: training.Epoch | None = None
        try:
            for moment in training.steps(algorithm, learn, test, sweep.setup.seed):
                if isinstance(moment, training.Epoch):
                    epoch = moment
                    passes.append(passed(epoch))
                yield Moment((index + moment.progress) / len(sweep.ranks))
        except Diverged:
            diverged.append(rank)
            continue
        if epoch is not None:
            scores = yield from score(epoch.model, learn, test)
            done = _run(sweep, algorithm, passes, epoch, scores)
            yield Moment((index + 1) / len(sweep.ranks), done)
    return _of_diverged(diverged)


def _of_diverged(ranks: list[int]) -> str:
    if not ranks:
        return ""
    which = ", ".join(map(str, ranks))
    return f"Rank {which} diverged and is left out; a higher reg or a lower learning rate helps."


def _run(
    sweep: Sweep,
    algorithm: Algorithm,
    passes: list[Pass],
    epoch: training.Epoch,
    scores: dict[str, float],
) -> Run:
    run = Run(name_of(algorithm), algorithm, sweep.setup, sweep.dataset, sweep.fingerprint, "done")
    for one in passes:
        run.take(News(one, epoch.model))
    run.scores = scores | {"seconds": epoch.seconds, "passes": float(len(passes))}
    return run
