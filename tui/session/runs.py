"""Trainings: how one is set up, its passes, what it reached, and the leaderboard of them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from engine import ALGORITHMS, ALS, Algorithm, Model, Ratings, lists, metrics, training
from engine.parameters import Range
from engine.splits import Split
from tui.session.jobs import AnyJob, Moment

State: TypeAlias = Literal["waiting", "running", "done", "stopped", "failed"]


@dataclass(frozen=True)
class Setup:
    """What a training needs besides its algorithm."""

    held_out: Annotated[
        int, Range(0, 90), "Per cent of the ratings kept aside to measure the test error."
    ] = 10
    split: Annotated[
        Split,
        "Which ratings are kept aside: any, the latest of all, or of each user a part; at random"
        " or their latest.",
    ] = "at random"
    patience: Annotated[
        int,
        Range(0, 1000),
        "Stop early after so many passes without a lower test error; 0 makes them all.",
    ] = 0
    seed: Annotated[
        int, Range(0, 2**31 - 1), "The same seed gives the same split and the same model again."
    ] = 0


@dataclass(frozen=True)
class Pass:
    """A finished pass over the ratings."""

    number: int
    train_mse: float
    test_mse: float
    seconds: float
    ndcg: float = math.nan
    """NDCG@20 of lists for held-out users, of models of interest."""
    recall: float = math.nan
    """Recall@20, likewise."""


@dataclass(frozen=True)
class News:
    """A finished pass with its model."""

    passed: Pass
    model: Model


@dataclass(eq=False)
class Run:
    """One training: its passes so far, and the model of the last."""

    name: str
    """The algorithm's, as in `NNLS-ALS`."""
    algorithm: Algorithm
    setup: Setup
    dataset: str
    """Name of what it learns from."""
    fingerprint: str
    state: State = "waiting"
    passes: list[Pass] = field(default_factory=list)
    model: Model | None = None
    scores: dict[str, float] = field(default_factory=dict)
    """Measures on the held-out ratings: rmse, mse, mae, ndcg; of lists: ndcg20, recall20."""
    at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    kept: str = ""
    """Its name in the library of saved models."""
    title: str = ""
    """What the person calls it; empty until they name it."""
    job: AnyJob | None = None
    """What trains it, while it is trained in this session."""
    overlaid: bool = False
    """Whether its curve lies on the chart beside the current one."""

    @property
    def is_of_interest(self) -> bool:
        """Whether it predicts what people pick, and no stars."""
        return self.algorithm.feedback == "implicit"

    @property
    def label(self) -> str:
        """What to call it: its title, else algorithm and rank, as in `ALS 32`."""
        return self.title or self.plain

    @property
    def plain(self) -> str:
        """Algorithm and rank, as in `ALS 32`."""
        factors = self.algorithm.factors
        return f"{self.name} {factors}" if factors is not None else self.name

    @property
    def planned(self) -> int:
        """How many passes it is to make, or has made when it was over; at least 1."""
        if self.passes and self.state not in ("waiting", "running"):
            return len(self.passes)
        return max(self.algorithm.epochs, len(self.passes), 1)

    @property
    def seconds(self) -> float:
        """Time the algorithm took."""
        return self.passes[-1].seconds if self.passes else self.scores.get("seconds", math.nan)

    def take(self, news: News) -> None:
        """Take in a finished pass."""
        self.passes.append(news.passed)
        self.model = news.model
        if math.isfinite(news.passed.test_mse):
            mse = news.passed.test_mse
            self.scores = {"mse": mse, "rmse": math.sqrt(mse)}
        elif math.isfinite(news.passed.ndcg):
            self.scores = {"ndcg20": news.passed.ndcg, "recall20": news.passed.recall}

    @property
    def rmse(self) -> float:
        """Test error in stars; infinite where nothing was held out."""
        value = self.scores.get("rmse", math.nan)
        return value if math.isfinite(value) else math.inf


@dataclass(frozen=True)
class Result:
    """What a finished training reached."""

    model: Model
    scores: dict[str, float]
    """Measures on the held-out ratings, with `seconds` and `passes`."""
    passes: tuple[Pass, ...]


def train(run: Run, ratings: Ratings) -> Generator[Moment[News], None, Result | None]:
    """Train; yield a moment a step, with `News` at the end of each pass; return the result."""
    learn, test = _split(ratings, run.setup)
    last: training.Epoch | None = None
    passes: list[Pass] = []
    patience = run.setup.patience or None
    for step in training.steps(run.algorithm, learn, test, run.setup.seed, patience):
        news = None
        if isinstance(step, training.Epoch):
            last = step
            if not passes or step.number > passes[-1].number:  # the best pass may come once more
                passes.append(passed(step))
                news = News(passes[-1], step.model)
        yield Moment(step.progress, news)
    if last is None:
        return None
    told = {"seconds": last.seconds, "passes": float(last.number)}
    scores = yield from score(last.model, learn, test)
    return Result(last.model, scores | told, tuple(passes))


def passed(epoch: training.Epoch) -> Pass:
    """Return what a pass reached, without its model."""
    return Pass(
        epoch.number, epoch.train_mse, epoch.test_mse, epoch.seconds, epoch.ndcg, epoch.recall
    )


def _split(ratings: Ratings, setup: Setup) -> tuple[Ratings, Ratings | None]:
    if setup.held_out == 0:
        return ratings, None
    return ratings.split(setup.held_out / 100, setup.seed, setup.split)


def score(
    model: Model, learn: Ratings, test: Ratings | None
) -> Generator[Moment[News], None, dict[str, float]]:
    """Measure `model` on held-out ratings, its lists too; return the measures, none without them.

    A model of interest predicts no stars, and so has no error in stars.
    """
    if test is None:
        return {}
    scores = {} if model.algorithm.feedback == "implicit" else _errors(model, test)
    work = lists.hits(model, learn, test)
    while True:
        try:
            next(work)
        except StopIteration as end:
            hits: lists.Hits = end.value
            return scores | {"ndcg20": hits.ndcg, "recall20": hits.recall}
        yield Moment(1.0)


def _errors(model: Model, test: Ratings) -> dict[str, float]:
    predicted = model.predict(test.users, test.movies, times=test.times)
    mse = metrics.mse(predicted, test.values)
    return {
        "mse": mse,
        "rmse": math.sqrt(mse),
        "mae": metrics.mae(predicted, test.values),
        "ndcg": metrics.ndcg(predicted, test.values, test.users),
    }


def name_of(algorithm: Algorithm) -> str:
    """Return what people call this algorithm with these parameters."""
    if isinstance(algorithm, ALS) and algorithm.nonnegative:
        return "NNLS-ALS"
    same = [name for name, preset in ALGORITHMS.items() if type(preset) is type(algorithm)]
    return same[0] if same else algorithm.title


def leaderboard(runs: Iterable[Run]) -> list[Run]:
    """Return the runs: by test error, then those of interest by NDCG@20, then the rest by age."""

    def place(run: Run) -> tuple[float, float, float]:
        ndcg = run.scores.get("ndcg20", math.nan)
        return run.rmse, -ndcg if math.isfinite(ndcg) else math.inf, -run.at.timestamp()

    return sorted(runs, key=place)
