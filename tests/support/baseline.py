"""An algorithm that a test brings along: biases and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine import Algorithm, Explanation, Model, Ratings, Step, Viewer
from engine.arrays import Floats, Ids
from engine.model import Person
from engine.parameters import Range


@dataclass(frozen=True)
class Baseline(Algorithm):
    """The mean, and how much each film is above it."""

    title: ClassVar[str] = "Biases"
    summary: ClassVar[str] = "Knows how good a film is for everybody, and how kind a person is."

    reg: Annotated[float, Range(0, 100), "Ratings that are needed to be believed half."] = 5.0

    def run(self, train: Ratings, seed: int = 0) -> Iterator[Step]:
        n = train.n_movies
        sums = np.bincount(train.movies, train.values - train.mean, minlength=n)
        counts = np.bincount(train.movies, minlength=n)
        bias = (sums / (counts + self.reg)).astype(np.float32)
        yield Step(0.5)
        yield Step(
            1.0, BaselineModel(self, train.scale, counts, train.mean, bias, train.n_users, self.reg)
        )


@dataclass(frozen=True, eq=False)
class BaselineModel(Model):
    mean: float
    bias: Floats
    users: int
    reg: float

    @property
    def n_users(self) -> int:
        return self.users

    def _predict(self, users: Ids, movies: Ids) -> Floats:
        return self.mean + self.bias[movies]

    def _predict_all(self, users: Ids) -> Floats:
        return np.tile(self.mean + self.bias, (len(users), 1))

    def _alike(self, movie: int) -> Floats:
        return np.zeros(self.n_movies, np.float32)

    def _viewer(self, movies: Ids, values: Floats) -> Viewer:
        return BaselineViewer(self, movies, values)


@dataclass(frozen=True, eq=False)
class BaselineViewer(Person):
    model: BaselineModel
    movies: Ids
    values: Floats

    @property
    def shares(self) -> Floats:
        above = self.values - self.model.mean - self.model.bias[self.movies]
        return np.asarray(above / (len(above) + self.model.reg), np.float32)

    def predict(self, *, clip: bool = True) -> Floats:
        stars = np.asarray(self.model.mean + self.model.bias + self.shares.sum(), np.float32)
        return self.model.clipped(stars) if clip else stars

    def std(self, movies: Ids | None = None) -> Floats | None:
        return None

    def explain(self, movie: int) -> Explanation:
        bias = float(self.model.bias[movie])
        return Explanation(self.model.mean, bias, 0.0, 0.0, self.movies, self.shares)
