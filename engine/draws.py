"""The draws that a Gibbs sampler keeps: recorded once, shared by all models of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Doubles, Floats, Ids, Offsets
from engine.factorisation import Equations, Factorisation
from engine.gibbs import Evidence, Noise, Tastes, tastes
from engine.moments import Moments, Places
from engine.stored import stored
from engine.summary import LARGE, Summary


class Draw(NamedTuple):
    """One sample of everything; c is the number of factors and one for the bias, which is last."""

    movies: Floats
    """(n_movies, c) as drawn"""
    users: Floats
    """(n_users, c) as drawn"""
    means: Floats
    """(n_users, c) what the users' rows are expected to be with the movies of this draw"""
    variances: Floats
    """(n_users,) of each user's noise, in squared stars"""
    mu: Floats
    """(c,) mean of the users' rows"""
    Lambda: Floats
    """(c, c) precision of the users' rows"""
    tau: Floats
    """() level of the noise, in squared stars"""
    links: Floats
    """(n_movies, c) what having rated a movie says of a user; (0, c) if that is left aside"""

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return sum(part.nbytes for part in self)


@stored
@dataclass(frozen=True)
class Memo:
    """Sums over the first draws of a run, so that its next model need only add its own."""

    entries: int = 32
    """How many sets of pairs it remembers."""

    def __post_init__(self) -> None:
        sums: dict[bytes, tuple[int, Doubles]] = {}
        places: dict[bytes, Places] = {}
        object.__setattr__(self, "_sums", sums)
        object.__setattr__(self, "_places", places)

    def total(self, users: Ids, movies: Ids, n: int, scores: Callable[[int], Floats]) -> Doubles:
        """Return the sum of `scores(s)` for these pairs over the draws s below `n`."""
        sums: dict[bytes, tuple[int, Doubles]] = self.__dict__["_sums"]
        key = blake2b(users.tobytes() + movies.tobytes(), digest_size=16).digest()
        done, total = sums.pop(key, (0, np.zeros(len(users))))
        if done > n:
            done, total = 0, np.zeros(len(users))
        for s in range(done, n):
            total = total + scores(s)
        sums[key] = (n, total)
        _forget(sums, self.entries)
        return total

    def places(self, moments: Moments, users: Ids, movies: Ids, times: Offsets) -> Places:
        """Return what `moments.find` does, which is the same for all models of a run."""
        known: dict[bytes, Places] = self.__dict__["_places"]
        data = users.tobytes() + movies.tobytes() + times.tobytes()
        key = blake2b(data, digest_size=16).digest()
        found = known.pop(key, None)
        known[key] = moments.find(users, movies, times) if found is None else found
        _forget(known, self.entries)
        return known[key]


def _forget(known: dict[bytes, Any], entries: int) -> None:
    """Leave the latest entries."""
    for oldest in list(known)[:-entries]:
        known.pop(oldest, None)


@stored
@dataclass(frozen=True, eq=False)
class Draws:
    """The parts of S draws stacked, each as in `Draw` with a first axis of length S."""

    movies: Floats
    users: Floats
    means: Floats
    variances: Floats
    mu: Floats
    Lambda: Floats
    tau: Floats
    links: Floats
    noise: Noise
    memo: Memo
    has_bias: bool = True
    unit: float = 1.0
    """Stars that one star of the scale learned on is worth; in its stars is all of the above."""

    def __len__(self) -> int:
        return len(self.movies)

    def rescaled(self, unit: float) -> Draws:
        """Return the same for ratings that are so many times as large; the arrays are shared."""
        return replace(self, unit=unit * self.unit)

    @cached_property
    def summary(self) -> Summary | None:
        """What stands for all films in quick predictions; None where the draws are quick."""
        if self.movies.size < LARGE:
            return None
        return Summary.of(self.movies, self.means)

    def thinned(self, n: int) -> slice:
        """Return a slice of at most `n` draws, evenly spread, the last among them."""
        step = -(-len(self) // n)
        return slice((len(self) - 1) % step, None, step)

    def prior(self, movies: Ids) -> Floats:
        r"""Return (S, c) what each draw expects of a person who rated `movies`, whatever stars."""
        if not self.links.shape[1] or not len(movies):
            return self.mu
        linked: Floats = self.links[:, movies].sum(axis=1) * share(np.array(len(movies)))
        return self.mu + linked

    def regression(self, mean: float, movies: Ids, values: Floats) -> tuple[Floats, Floats]:
        """Return X (S, n, c), the rated movies with a last column of ones, and y (S, n) to fit.

        Parameters
        ----------
        mean : stars that are taken off the ratings, as then are the movies' biases
        movies : (n,)
        values : (n,) stars
        """
        X = self.movies[:, movies]
        y = (values - np.float32(mean)) / np.float32(self.unit) - X[:, :, -1]
        X[:, :, -1] = 1
        return X, y

    def tastes(self, X: Floats, y: Floats, movies: Ids) -> Tastes:
        """Return a person's row in each draw, given the regression of their ratings."""
        Xt = X.transpose(0, 2, 1)
        b = (Xt @ y[:, :, None])[:, :, 0]
        counts = np.full(len(self), len(movies))
        evidence = Evidence(Xt @ X, b, np.einsum("sn,sn->s", y, y), counts)
        return tastes(evidence, self.prior(movies), self.Lambda, self.tau, self.noise)

    def equations(self, model: Factorisation, movies: Ids, values: Floats) -> Equations:
        """Return the system that a person's weights solve in the last draw."""
        X, y = self.regression(model.mean, movies, values)
        A, _, alpha, _ = self.tastes(X, y, movies)
        pull = self.Lambda[-1] @ self.prior(movies)[-1]
        unit = np.float32(self.unit)
        return Equations(A[-1] / alpha[-1], X[-1], unit * y[-1], unit * pull / alpha[-1])


def share(counts: NDArray[Any]) -> Floats:
    """Return what one rating weighs among `counts`, when who rated what is looked at."""
    return np.asarray(np.maximum(counts, 1) ** -0.5, np.float32)


class Record:
    """Keeps draws in arrays of a fixed capacity, of which models see what is filled.

    Models share the memory: what comes later is written beyond what an earlier model sees.
    """

    def __init__(self, capacity: int, noise: Noise) -> None:
        self.capacity = capacity
        self.noise = noise
        self.memo = Memo()
        self._parts: list[NDArray[Any]] = []
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def append(self, draw: Draw) -> None:
        """Keep `draw`."""
        if not self._parts:
            self._parts = [np.empty((self.capacity, *a.shape), np.float32) for a in draw]
        for kept, part in zip(self._parts, draw, strict=True):
            kept[self._n] = part
        self._n += 1

    def draws(self) -> Draws:
        """Return what is kept so far, read-only."""
        parts: list[Any] = [part[: self._n] for part in self._parts]
        for part in parts:
            part.flags.writeable = False
        movies, users, means, variances, mu, Lambda, tau, links = parts
        return Draws(movies, users, means, variances, mu, Lambda, tau, links, self.noise, self.memo)
