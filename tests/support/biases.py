"""An algorithm as somebody outside would add it: biases and nothing else, in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine import Explanation, Model, Ratings, Step, Viewer
from engine.algorithm import Algorithm
from engine.arrays import Floats, Ids
from engine.model import Person
from engine.own_scale import OwnScale
from engine.parameters import Range
from engine.ratings import Scale
from engine.stored import stored
from tests.support.arrays import floats


@dataclass(frozen=True)
class Biases(Algorithm):
    """Predicts the mean, moved by what the film and the viewer get and give."""

    title: ClassVar[str] = "Biases"
    summary: ClassVar[str] = "How good a film is to everybody, and how generous a viewer."

    reg: Annotated[float, Range(0, 100), "Ratings of the average that are mixed in."] = 5.0

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        mean = np.float32(train.mean)
        counts = train.by_movie.counts
        movies = np.bincount(train.movies, train.values - mean, train.n_movies)
        movies = (movies / (counts + self.reg + 1e-9)).astype(np.float32)
        rest = train.values - mean - movies[train.movies]
        users = np.bincount(train.users, rest, train.n_users)
        users = (users / (train.by_user.counts + self.reg + 1e-9)).astype(np.float32)
        levels = Levels(float(mean), floats(movies), floats(users))
        yield Step(1.0, BiasesModel(self, train.scale, counts, levels, self.reg))


@stored
@dataclass(frozen=True, eq=False)
class Levels:
    """What was learned, in stars."""

    mean: float
    movies: Floats
    users: Floats


@dataclass(frozen=True, eq=False)
class BiasesModel(Model):
    """A model that has no factors."""

    levels: Levels
    reg: float

    @property
    def n_users(self) -> int:
        return len(self.levels.users)

    def rescaled(self, own: OwnScale, scale: Scale) -> BiasesModel:
        unit = np.float32(own.unit)
        levels = Levels(
            own.zero + own.unit * self.levels.mean,
            self.levels.movies * unit,
            self.levels.users * unit,
        )
        return BiasesModel(self.algorithm, scale, self.movie_counts, levels, self.reg)

    def _predict(self, users: Ids, movies: Ids) -> Floats:
        levels = self.levels
        return np.float32(levels.mean) + levels.movies[movies] + levels.users[users]

    def _viewer(self, movies: Ids, values: Floats) -> Viewer:
        return BiasesViewer(self, movies, values)

    def _alike(self, movie: int) -> Floats:
        """Films that are as good are alike, for want of better."""
        levels = self.levels.movies
        return np.exp(-np.abs(levels - levels[movie]))


@dataclass(frozen=True, eq=False)
class BiasesViewer(Person):
    """A person, who has a bias of their own."""

    model: BiasesModel
    movies: Ids
    values: Floats

    @property
    def _shares(self) -> Floats:
        levels = self.model.levels
        rest = self.values - np.float32(levels.mean) - levels.movies[self.movies]
        return rest / np.float32(len(rest) + self.model.reg + 1e-9)

    def predict(self, *, clip: bool = True) -> Floats:
        stars = np.float32(self.model.levels.mean) + self.model.levels.movies + self._shares.sum()
        return self.model.clipped(stars) if clip else stars

    def std(self, movies: Ids | None = None) -> Floats | None:
        return None

    def explain(self, movie: int) -> Explanation:
        levels = self.model.levels
        bias = float(levels.movies[movie])
        return Explanation(levels.mean, bias, 0.0, 0.0, self.movies, self._shares)
