"""Training with an eye on the error: generators that the caller drives.

Not asking for more is how one cancels; not asking yet is how one pauses.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import metrics
from engine.algorithm import Algorithm, Step
from engine.errors import Diverged
from engine.model import Model
from engine.ratings import Ratings

SAMPLE = 1_000_000
"""The training error is measured on at most so many ratings."""


@dataclass(frozen=True, eq=False)
class Epoch:
    """A finished pass: its number from 1, the errors it reached, and the model."""

    number: int
    progress: float
    """From 0 to 1 over the whole run."""
    train_mse: float
    """Squared stars, on the training ratings or a fixed sample of them."""
    test_mse: float
    """Squared stars, on the held-out ratings; NaN without any."""
    seconds: float
    """Time that the algorithm took so far, without the measuring."""
    model: Model


def train(
    algorithm: Algorithm, train: Ratings, test: Ratings | None = None, seed: int = 0
) -> Iterator[Epoch]:
    """Run `algorithm` and yield each finished pass.

    Raises
    ------
    Diverged
        When the training error is no longer a number or has grown far beyond its start.
    """
    return (moment for moment in steps(algorithm, train, test, seed) if isinstance(moment, Epoch))


def steps(
    algorithm: Algorithm, train: Ratings, test: Ratings | None = None, seed: int = 0
) -> Iterator[Step | Epoch]:
    """As `train`, with the steps inside a pass too, for a progress bar and a quick cancel."""
    sample = _sample(train, seed)
    worst = 4 * float(np.var(train.values)) + 1
    number, seconds = 0, 0.0
    run = algorithm.run(train, seed)
    while True:
        started = time.perf_counter()
        step = next(run, None)
        seconds += time.perf_counter() - started
        if step is None:
            return
        if step.model is None:
            yield step
            continue
        number += 1
        train_mse = _mse(step.model, sample)
        if not train_mse <= worst:
            raise Diverged(_advice(algorithm, number))
        test_mse = _mse(step.model, test) if test is not None else math.nan
        yield Epoch(number, step.progress, train_mse, test_mse, seconds, step.model)


def _sample(ratings: Ratings, seed: int) -> Ratings:
    if len(ratings) <= SAMPLE:
        return ratings
    return ratings.take(np.random.default_rng(seed).choice(len(ratings), SAMPLE, replace=False))


def _mse(model: Model, ratings: Ratings) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return metrics.mse(model.predict(ratings.users, ratings.movies), ratings.values)


def _advice(algorithm: Algorithm, number: int) -> str:
    change = "lower the learning rate" if hasattr(algorithm, "learning_rate") else "raise reg"
    return f"{algorithm.title} diverged in pass {number}: its error grows without end; {change}."
