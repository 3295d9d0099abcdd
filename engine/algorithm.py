"""What every algorithm is: a frozen record of hyper-parameters that can run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from engine import memory
from engine.memory import Need
from engine.model import Model
from engine.own_scale import OwnScale, own_scale
from engine.parameters import HyperParameters
from engine.ratings import Ratings
from engine.stepwise import Result, Work, scaled

COLUMNS = 2
"""A row holds so many numbers beside its factors: a bias, and a constant."""


@dataclass(frozen=True)
class Step:
    """A moment of a run: how far it is and, at the end of a pass, the model it has reached."""

    progress: float
    """From 0 to 1 over the whole run."""
    model: Model | None = None
    """The finished model at the end of a pass; None inside a pass."""


@dataclass(frozen=True)
class Algorithm(HyperParameters, ABC):
    """Base of every algorithm; its fields are the hyper-parameters (see `engine.parameters`)."""

    def run(self, train: Ratings, seed: int = 0) -> Iterator[Step]:
        """Learn from `train`; yield at least one step a pass, the last with a model.

        Nothing happens until the caller asks for the next step; to cancel, stop asking. The same
        seed gives the same models again on the same machine. Stars are learned on a scale of their
        own (see `engine.own_scale`), and every model speaks of the file's.

        Raises
        ------
        NotEnoughMemory
            Before anything is done, if less is free than `need` says.
        """
        memory.ask(self._described(train), self.need(train))
        own = OwnScale()
        if self.feedback == "explicit":
            own = yield from stepping(own_scale(train), 0, 0)
        ratings = train if own.is_files else (yield from stepping(own.ratings(train), 0, 0))
        yield from stepping(ratings.grouping(), 0, 0)
        for step in self.learn(ratings, seed):
            if step.model is None or own.is_files:
                yield step
            else:
                yield Step(step.progress, step.model.rescaled(own, train.scale))

    def need(self, train: Ratings) -> Need:
        """Return how much memory a run on `train` takes."""
        columns = (self.factors or 0) + COLUMNS
        return memory.need(len(train), train.n_users + train.n_movies, columns)

    def _described(self, train: Ratings) -> str:
        rank = "" if self.factors is None else f" with {self.factors} factors"
        return f"{self.title}{rank} on {len(train):,} ratings"

    @abstractmethod
    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Do what `run` says on the scale of `train`, which is one to learn on, and grouped."""


def stepping(work: Work[Result], start: float, stop: float) -> Generator[Step, None, Result]:
    """Do `work` as the part of a run from `start` to `stop`, in steps without a model."""
    run = scaled(work, start, stop)
    while True:
        try:
            done = next(run)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield Step(done)
