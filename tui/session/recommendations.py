"""A person folded into a model: what they may like, how sure that is, and why."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine import Explanation, Model, ranking
from engine.arrays import Floats, Ids
from tui.session.person import NOT_FOR_ME, SEEN, Person

VARIED = 100
"""So many films at the head of a list are unlike each other; those below follow by score."""


class Recommendations:
    """One person, as they are now, in one model."""

    def __init__(self, model: Model, person: Person) -> None:
        self.model = model
        self.version = person.version
        self.viewer = model.fold_in(person.movies, person.values)
        self._excluded = np.concatenate([person.movies, person.marked(NOT_FOR_ME, SEEN)])

    @cached_property
    def stars(self) -> Floats:
        """(n_movies,) predicted stars, on the scale."""
        stars: Floats = np.clip(self.raw, *self.model.scale, dtype=np.float32)
        return stars

    @cached_property
    def raw(self) -> Floats:
        """(n_movies,) predicted stars, wherever they fall."""
        return self.viewer.predict(clip=False)

    @cached_property
    def believed(self) -> Floats:
        """(n_movies,) stars to show in a list: drawn to the mean where few ratings speak."""
        if self.std is not None:
            return self.stars
        drawn, _ = ranking.damped(self.raw, self.model.movie_counts)
        stars: Floats = np.clip(drawn, *self.model.scale, dtype=np.float32)
        return stars

    @cached_property
    def std(self) -> Floats | None:
        """(n_movies,) standard deviation of each prediction, where the model knows it."""
        return self.viewer.std()

    def sigma(self, movie: int) -> float | None:
        """Return the standard deviation of one prediction, where it is known."""
        return None if self.std is None else float(self.std[movie])

    def best(
        self, n: int, adventure: float, hidden: Ids | None = None, *, rated: bool = False
    ) -> Ids:
        """Return the `n` movies to watch next, the first first.

        Half-way between safe and adventurous they stand in the order of their stars; only beyond
        that is the list made more varied, lest it look unsorted to one who left the slider alone.

        Parameters
        ----------
        n : how many at the most
        adventure : from 0, safe, to 1
        hidden : movies to leave out besides
        rated : whether to list what the person has rated, or does not want, as well
        """
        counts = self.model.movie_counts
        out = self._excluded[:0] if rated else self._excluded
        if hidden is not None:
            out = np.concatenate([out, hidden])
        unknown = np.flatnonzero(counts == 0).astype(np.int32)
        out = np.concatenate([out, unknown]).astype(np.int32)
        ranks = ranking.adventurous(self.raw, counts, adventure, self.std)
        variety = ranking.DIVERSITY * max(2 * adventure - 1, 0.0)
        first = ranking.mmr(ranks, self.model.directions, min(n, VARIED), variety, out)
        if n <= VARIED:
            return first
        rest = ranking.top(ranks, n - len(first), np.concatenate([out, first]))
        return np.concatenate([first, rest])

    def why(self, movie: int) -> Explanation:
        """Return what each own rating adds to the score of `movie`."""
        return self.viewer.explain(movie)


def expected(model: Model, person: Person, movie: int) -> float:
    """Return the stars that the model predicts for `movie` from all other ratings alone."""
    others = person.movies != movie
    viewer = model.fold_in(person.movies[others], person.values[others])
    return float(np.clip(viewer.explain(movie).score, *model.scale))


class Move(NamedTuple):
    """A recommendation and how it came to its place."""

    movie: int
    by: int | None
    """Places up since the list before; negative is down, None is new."""


def moves(before: Ids, after: Ids) -> list[Move]:
    """Return the films of `after` with how far each has moved since `before`."""
    places = {int(movie): place for place, movie in enumerate(before)}
    return [
        Move(int(movie), places[int(movie)] - place if int(movie) in places else None)
        for place, movie in enumerate(after)
    ]
