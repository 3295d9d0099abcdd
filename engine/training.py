"""Training with an eye on the error: generators that the caller drives.

Not asking for more is how one cancels; not asking yet is how one pauses.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from engine import lists, metrics
from engine.algorithm import Algorithm, Step, stepping
from engine.errors import Diverged, InvalidParameter
from engine.model import Model
from engine.ratings import Ratings
from engine.stepwise import chunks

SAMPLE = 1_000_000
"""The training error is measured on at most so many ratings."""
MEASURED = 1 << 18
"""So many ratings are predicted in one step."""
WATCHED = 50
"""Predictions of interest for about so many users tell whether a run has diverged."""
_Reached: TypeAlias = dict[str, float]


@dataclass(frozen=True, eq=False)
class Epoch:
    """A finished pass: its number from 1, the errors it reached, and the model."""

    number: int
    progress: float
    """From 0 to 1 over the whole run."""
    train_mse: float
    """Squared stars, on the training ratings or a fixed sample of them; NaN for interest."""
    test_mse: float
    """Squared stars, on the held-out ratings; NaN without any, and for interest."""
    seconds: float
    """Time that the algorithm took so far, without the measuring."""
    model: Model
    ndcg: float = math.nan
    """How well lists of 20 rank the held-out films that were liked, for interest; else NaN."""
    recall: float = math.nan
    """The share of those films that the lists hold, likewise."""
    best: bool = False
    """Whether no pass before reached as much on the held-out ratings; False without any."""

    @property
    def loss(self) -> float:
        """What is lower the better the pass: the test error, or for interest 1 - NDCG."""
        implicit = self.model.algorithm.feedback == "implicit"
        return 1 - self.ndcg if implicit else self.test_mse


def train(
    algorithm: Algorithm,
    train: Ratings,
    test: Ratings | None = None,
    seed: int = 0,
    patience: int | None = None,
) -> Generator[Epoch, None, None]:
    """Run `algorithm` and yield each finished pass.

    Parameters
    ----------
    algorithm : what to train, with its hyper-parameters
    train, test : disjoint ratings of one matrix
    seed : the same again gives the same again
    patience : stop early after so many passes without a lower test error, or a higher NDCG

    Raises
    ------
    InvalidParameter
        If `algorithm` is a class and not an instance of it.
    Diverged
        When predictions, unclipped, are no longer numbers or, in stars, far worse than predicting
        nothing.
    """
    _refuse_class(algorithm)
    moments = steps(algorithm, train, test, seed, patience)
    return (moment for moment in moments if isinstance(moment, Epoch))


def steps(
    algorithm: Algorithm,
    train: Ratings,
    test: Ratings | None = None,
    seed: int = 0,
    patience: int | None = None,
) -> Iterator[Step | Epoch]:
    """As `train`, with the steps inside a pass too, for a progress bar and a quick cancel.

    With patience, a run whose last pass was not its best ends with the best once more.
    """
    _refuse_class(algorithm)
    measure = _interest if algorithm.feedback == "implicit" else _stars
    held_out = _HeldOut(train, test, _sample(train, seed), seed)
    number, seconds = 0, 0.0
    best: Epoch | None = None
    last: Epoch | None = None
    run = algorithm.run(train, seed)
    while patience is None or number - (best.number if best else 0) < patience:
        started = time.perf_counter()
        with np.errstate(over="ignore", invalid="ignore"):
            step = next(run, None)
        seconds += time.perf_counter() - started
        if step is None:
            break
        if step.model is None:
            yield step
            continue
        number += 1
        reached = yield from measure(step, step.model, held_out)
        if reached is None:
            raise Diverged(_advice(algorithm, number))
        last = Epoch(
            number, step.progress, best=False, seconds=seconds, model=step.model, **reached
        )
        if best is None or not last.loss >= best.loss:
            last = best = replace(last, best=not math.isnan(last.loss))
        yield last
    if patience is not None and best is not None and best is not last:
        yield replace(best, progress=1.0, seconds=seconds)


def _refuse_class(algorithm: object) -> None:
    if isinstance(algorithm, type):
        name = algorithm.__name__
        raise InvalidParameter("algorithm", f"is the class {name}; give an instance, as {name}().")


@dataclass(frozen=True, eq=False)
class Part:
    """A moment of work made of several runs: which run, how far all of it is, and the moment."""

    index: int
    """Which run, from 0."""
    algorithm: Algorithm
    """What is running."""
    progress: float
    """From 0 to 1 over all runs."""
    moment: Step | Epoch
    """As `steps` yields it."""

    @property
    def finished(self) -> bool:
        """Whether this is the last moment of its run."""
        return isinstance(self.moment, Epoch) and self.moment.progress >= 1


def sweep(
    algorithm: Algorithm, ranks: Sequence[int], train: Ratings, test: Ratings, seed: int = 0
) -> Iterator[Part]:
    """Train `algorithm` at every rank of `ranks` in turn, for the figure of error against rank.

    Raises
    ------
    InvalidParameter
        If the algorithm has no rank.
    """
    if algorithm.factors is None:
        raise InvalidParameter("factors", f"cannot be swept: {algorithm.title} has no rank.")
    at_each = [replace(algorithm, **{"factors": rank}) for rank in ranks]
    return compare(at_each, train, test, seed)


def compare(
    algorithms: Sequence[Algorithm], train: Ratings, test: Ratings, seed: int = 0
) -> Iterator[Part]:
    """Train each of `algorithms` in turn on the same ratings."""
    runs = ((algorithm, train, test) for algorithm in algorithms)
    return _parts(runs, len(algorithms), seed)


def cross_validate(
    algorithm: Algorithm, ratings: Ratings, folds: int = 5, seed: int = 0
) -> Iterator[Part]:
    """Train `algorithm` on each of so many folds; every rating is held out exactly once."""
    yield Part(0, algorithm, 0.0, Step(0.0))
    runs = ((algorithm, train, test) for train, test in ratings.folds(folds, seed))
    yield from _parts(runs, folds, seed)


def search(
    algorithms: Sequence[Algorithm], train: Ratings, seed: int = 0, held_out: float = 0.1
) -> Iterator[Part]:
    """Train each candidate on a part of `train` and measure it on the rest of `train`.

    The best is `best_of(parts)`; no rating outside `train` is ever looked at.
    """
    if not algorithms:
        return
    yield Part(0, algorithms[0], 0.0, Step(0.0))
    inner, validation = train.split(held_out, seed)
    yield from compare(algorithms, inner, validation, seed)


def best_of(parts: Iterable[Part]) -> Algorithm | None:
    """Return the algorithm whose finished run is the best, None without any.

    It has the lowest test error or, among algorithms of interest, the highest NDCG; the two kinds
    cannot be compared.
    """
    best, lowest = None, math.inf
    for part in parts:
        if part.finished and isinstance(part.moment, Epoch) and part.moment.loss < lowest:
            best, lowest = part.algorithm, part.moment.loss
    return best


def _parts(runs: Iterable[tuple[Algorithm, Ratings, Ratings]], n: int, seed: int) -> Iterator[Part]:
    for index, (algorithm, train, test) in enumerate(runs):
        for moment in steps(algorithm, train, test, seed):
            yield Part(index, algorithm, (index + moment.progress) / n, moment)


def _sample(ratings: Ratings, seed: int) -> Ratings:
    if len(ratings) <= SAMPLE:
        return ratings
    return ratings.take(np.random.default_rng(seed).choice(len(ratings), SAMPLE, replace=False))


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """What a pass is measured on."""

    train: Ratings
    test: Ratings | None
    sample: Ratings
    """Of the training ratings."""
    seed: int


def _stars(step: Step, model: Model, on: _HeldOut) -> Generator[Step, None, _Reached | None]:
    """Return the errors of `model` in squared stars; None if it has diverged."""
    low, high = on.train.scale
    worst = 4 * (float(np.mean(on.sample.values**2)) + (high - low) ** 2) + 1
    train_mse, wild = yield from _errors(step, model, on.sample)
    limit = worst if model.algorithm.can_diverge else sys.float_info.max
    if not wild <= limit:
        return None
    test_mse = math.nan
    if on.test is not None:
        test_mse, _ = yield from _errors(step, model, on.test)
    return {"train_mse": train_mse, "test_mse": test_mse}


def _interest(step: Step, model: Model, on: _HeldOut) -> Generator[Step, None, _Reached | None]:
    """Return how well `model` ranks held-out films; None if it has diverged."""
    some = np.unique(on.sample.users[:WATCHED])
    if not np.isfinite(model.predict_all(some)).all():
        return None
    yield Step(step.progress)
    reached = {"train_mse": math.nan, "test_mse": math.nan}
    if on.test is None:
        return reached
    measuring = lists.hits(model, on.train, on.test, seed=on.seed)
    hits = yield from stepping(measuring, step.progress, step.progress)
    return reached | hits._asdict()


def _errors(
    step: Step, model: Model, ratings: Ratings
) -> Generator[Step, None, tuple[float, float]]:
    """Return the mean squared error on `ratings`, clipped to the scale and not.

    It is measured in steps that stand where `step` does.
    """
    clipped = wild = 0.0
    for part in chunks(len(ratings), MEASURED):
        actual = ratings.values[part]
        with np.errstate(over="ignore", invalid="ignore"):
            times = None if ratings.times is None else ratings.times[part]
            pairs = ratings.users[part], ratings.movies[part]
            predicted = model.predict(*pairs, clip=False, times=times)
            wild += metrics.mse(predicted, actual) * len(actual)
            clipped += metrics.mse(np.clip(predicted, *model.scale), actual) * len(actual)
        yield Step(step.progress)
    return clipped / len(ratings), wild / len(ratings)


def _advice(algorithm: Algorithm, number: int) -> str:
    change = "lower the learning rate" if hasattr(algorithm, "learning_rate") else "raise reg"
    return f"{algorithm.title} diverged in pass {number}: its error grows without end; {change}."
