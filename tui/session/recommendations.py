"""A person folded into the models in use: what they may like and pick, how sure, and why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from engine import Explanation, Model, Scale, Viewer, ranking
from engine.arrays import Floats, Ids
from engine.topmost import top
from tui.session.person import NOT_FOR_ME, SEEN, Person

Likely: TypeAlias = Literal["surely", "likely", "perhaps", "hardly"]
LIKELY: tuple[tuple[float, Likely], ...] = ((0.005, "surely"), (0.02, "likely"), (0.1, "perhaps"))
"""What a film is called that is among this share of those that one would pick first; any other is
`hardly`. The chance of a single film is always small, so that it is told beside all others."""


class Recommendations:
    """One person, as they are now, in a model of stars and a model of interest.

    Parameters
    ----------
    model : predicts the stars
    interest : predicts what the person would pick; None while there is no such model
    person : whose ratings
    """

    def __init__(self, model: Model, interest: Model | None, person: Person) -> None:
        self.model = model
        self.interest = interest
        self.version = person.version
        self.viewer = model.fold_in(person.movies, model.scale.from_stars(person.values))
        self._person = person
        self._excluded = np.concatenate([person.movies, person.marked(NOT_FOR_ME, SEEN)])
        self._sigmas: dict[int, float] = {}

    def serves(self, model: Model, interest: Model | None, person: Person) -> bool:
        """Return whether this is what these models say of the person as they are now."""
        return self.model is model and self.interest is interest and self.version == person.version

    @cached_property
    def picker(self) -> Viewer | None:
        """The person in the model of interest, where there is one."""
        if self.interest is None:
            return None
        own = self.interest.scale.from_stars(self._person.values)
        return self.interest.fold_in(self._person.movies, own)

    @cached_property
    def stars(self) -> Floats:
        """(n_movies,) predicted stars, half a star to five, whatever the dataset's scale is."""
        return self._in_stars(self.raw)

    @cached_property
    def raw(self) -> Floats:
        """(n_movies,) predictions on the dataset's scale, wherever they fall."""
        return self.viewer.predict(clip=False)

    @cached_property
    def believed(self) -> Floats:
        """(n_movies,) stars to show in a list: drawn to the mean where few ratings speak."""
        if self.is_sure:
            return self.stars
        drawn, _ = ranking.damped(self.raw, self.model.movie_counts)
        return self._in_stars(drawn)

    def _in_stars(self, values: Floats) -> Floats:
        scale = self.model.scale
        return scale.to_stars(np.clip(values, *scale))

    @cached_property
    def chances(self) -> Floats | None:
        """(n_movies,) the chance from 0 to 1 that the person would pick a film, where known."""
        return None if self.picker is None else ranking.likelihood(self.picker)

    @cached_property
    def is_sure(self) -> bool:
        """Whether the model knows how sure it is."""
        return self.viewer.std(np.zeros(0, np.int32)) is not None

    def sigma(self, movie: int, beside: Sequence[int] = ()) -> float | None:
        """Return the standard deviation of a prediction, in stars, where it is known.

        Those of the films `beside` it are computed with it, since they are shown with it.
        """
        if not self.is_sure:
            return None
        if movie not in self._sigmas:
            movies = np.array(sorted({movie, *beside}), np.int32)
            std = self.viewer.std(movies)
            if std is not None:
                std = std / self.model.scale.step
                self._sigmas |= dict(zip(movies.tolist(), std.tolist(), strict=True))
        return self._sigmas.get(movie)

    def chance(self, movie: int) -> float | None:
        """Return the chance that the person would pick a film, where it is known."""
        return None if self.chances is None else float(self.chances[movie])

    def likely(self, movie: int) -> tuple[float, Likely] | None:
        """Return how likely a film is picked, beside the likeliest (from 0 to 1) and in a word."""
        chances = self.chances
        if chances is None:
            return None
        chance = float(chances[movie])
        word: Likely = "hardly"
        for (_, called), least in reversed(list(zip(LIKELY, self._least, strict=True))):
            word = called if chance >= least else word
        return chance / (float(chances.max()) or 1.0), word

    @cached_property
    def _least(self) -> Floats:
        """(3,) from which chance on a film is surely, likely or perhaps picked."""
        if self.chances is None:
            return np.zeros(len(LIKELY), np.float32)
        shares = [1 - share for share, _ in LIKELY]
        return np.asarray(np.quantile(self.chances, shares), np.float32)

    @cached_property
    def _orders(self) -> dict[float, Floats]:
        return {}

    def order(self, balance: float) -> Floats:
        """Return (n_movies,) what the list is ordered by, highest first.

        Without a model of interest, films are ordered by the stars that one can be sure of.
        """
        if balance not in self._orders:
            if self.picker is not None:
                ranks = ranking.picks(self.viewer, self.picker, balance)
            else:
                ranks = ranking.cautious(self.raw, self.model.movie_counts)
            self._orders[balance] = ranks
        return self._orders[balance]

    def best(
        self, n: int, balance: float, hidden: Ids | None = None, *, rated: bool = False
    ) -> Ids:
        """Return the `n` movies to watch next, the first first.

        Parameters
        ----------
        n : how many at the most
        balance : from 0, what people alike watch, to 1, what the person would love
        hidden : movies to leave out besides
        rated : whether to list what the person has rated, or does not want, as well
        """
        out: list[Ids] = [np.flatnonzero(self.model.movie_counts == 0).astype(np.int32)]
        if not rated:
            out.append(self._excluded)
        if hidden is not None:
            out.append(hidden)
        return top(self.order(balance), n, np.concatenate(out).astype(np.int32))

    def why(self, movie: int) -> Explanation:
        """Return what each own rating adds to the predicted stars of `movie`."""
        return in_stars(self.viewer.explain(movie), self.model.scale)

    def why_picked(self, movie: int) -> Explanation | None:
        """Return what each own film adds to the interest in `movie`, where that is known."""
        return None if self.picker is None else self.picker.explain(movie)


def in_stars(why: Explanation, scale: Scale) -> Explanation:
    """Return an explanation on a dataset's scale in a person's stars; its parts still sum up."""
    if scale.step == 1:
        return why
    zero = float(scale.to_stars(np.zeros(1, np.float32))[0])
    return Explanation(
        zero + why.mean / scale.step,
        why.movie_bias / scale.step,
        why.user_bias / scale.step,
        why.prior / scale.step,
        why.movies,
        np.asarray(why.shares / scale.step, np.float32),
    )


def expected(model: Model, person: Person, movie: int) -> float:
    """Return the stars that the model predicts for `movie` from all other ratings alone."""
    others = person.movies != movie
    scale = model.scale
    viewer = model.fold_in(person.movies[others], scale.from_stars(person.values[others]))
    score = np.clip(np.array([viewer.explain(movie).score], np.float32), *scale)
    return float(scale.to_stars(score)[0])


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
