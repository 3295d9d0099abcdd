r"""What a moment adds to a rating: the day of the person, and the age of the film.

A person's ratings of one sitting have more in common than taste: the mood, the weather, what was
rated just before. And a film is thought of differently as years pass. So a rating of film i by
person u at the time t has the further part

$$\sum_\ell g^\ell_{u, \lfloor t / \ell \rfloor} + a_{i, \lfloor t / \mathrm{AGE} \rfloor},$$

an effect for each bin of time of that person, at several widths $\ell$ of which the narrower divide
the wider, and one for each half year of that film (Koren 2010, doi:10.1145/1721654.1721677; Rendle,
Zhang & Koren 2019, arXiv 1905.01395). Each width has a variance that is learned, so that what does
not matter in some ratings vanishes there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from engine.arrays import Floats, Ids, Offsets
from engine.stored import stored

DAY = 86_400
PERSON = (DAY, 3600, 300, 20)
"""Seconds: the widths of a person's bins, each a multiple of the next."""
AGE = 180 * DAY
"""Seconds: the width of a film's bins."""
LATEST = 1 << 62
"""Bins are numbered below."""


Places: TypeAlias = tuple[Ids, ...]
"""For each width (n,) which of its bins, -1 for one without ratings."""


class Moment(NamedTuple):
    """What some moments add, and how well it is known."""

    mean: Floats
    """(n,) stars"""
    variance: Floats
    """(n,) squared stars"""


@stored
@dataclass(frozen=True)
class Calendar:
    """Numbers bins of time from the first rating to the last."""

    first: int
    """Seconds since 1970."""
    last: int

    def bins(self, seconds: int) -> int:
        """Return how many bins of that width there are."""
        return self.last // seconds - self.first // seconds + 1

    def widths(self, n_rows: int, widths: tuple[int, ...]) -> tuple[int, ...]:
        """Return those of the `widths` whose bins of so many rows can be numbered."""
        return tuple(width for width in widths if self.bins(width) < LATEST // max(n_rows, 1))

    def keys(self, rows: Ids, times: Offsets, seconds: int) -> Offsets:
        """Return (n,) numbers of the bins of `rows` at `times`, -1 before the first and after."""
        keys = rows * np.int64(self.bins(seconds)) + (times // seconds - self.first // seconds)
        keys[(times < self.first) | (times > self.last)] = -1
        return keys


@stored
@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of one width that hold ratings, and what each adds."""

    seconds: int
    keys: Offsets
    """(n,) ascending, see `Calendar.keys`"""
    mean: Floats
    """(n,) stars"""
    variance: Floats
    """(n,) squared stars"""
    spread: float
    """Squared stars: the variance of bins that hold none."""

    def find(self, keys: Offsets) -> Ids:
        """Return (n,) where `keys` are among the bins, -1 for those that are not."""
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1).astype(np.int32)

    def of(self, at: Ids) -> Moment:
        """Return what the bins at these places add; -1 is one without ratings."""
        known = at >= 0
        variance = np.where(known, self.variance[at], np.float32(self.spread))
        return Moment(np.where(known, self.mean[at], np.float32(0)), variance)


@stored
@dataclass(frozen=True, eq=False)
class Moments:
    """What all moments add: those that hold ratings something of their own, others nothing."""

    calendar: Calendar
    persons: tuple[Bins, ...]
    """By width, the widest first."""
    films: tuple[Bins, ...]
    """Of one width, or of none where there are too many."""

    @property
    def spread(self) -> float:
        """Variance of a rating whose time is not known, in squared stars."""
        return sum(bins.spread for bins in self.persons + self.films)

    def find(self, users: Ids, movies: Ids, times: Offsets) -> Places:
        """Return in which bins it is when each of `users` (n,) rates one of `movies` (n,)."""
        rows = [(users, bins) for bins in self.persons] + [(movies, bins) for bins in self.films]
        return tuple(bins.find(self.calendar.keys(ids, times, bins.seconds)) for ids, bins in rows)

    def of(self, places: Places) -> Moment:
        r"""Return what the moments found add.

        A person's bins of several widths explain the same ratings, so that their sum is surer than
        each. With the evidence $1/v_\ell - 1/\sigma_\ell^2$ of a bin, the variance of the sum up
        to the width $\ell$ is taken as $V_\ell$,
        $1/V_\ell = 1/(V_{\ell-1} + \sigma_\ell^2) + 1/v_\ell - 1/\sigma_\ell^2$.
        """
        mean, variance = np.zeros((2, len(places[0]) if places else 0), np.float32)
        found = list(zip(self.persons + self.films, places, strict=True))
        for bins, at in found[: len(self.persons)]:
            moment = bins.of(at)
            mean += moment.mean
            evidence = np.maximum(1 / moment.variance - np.float32(1 / bins.spread), 0)
            variance = np.reciprocal(1 / (variance + np.float32(bins.spread)) + evidence)
        for bins, at in found[len(self.persons) :]:
            moment = bins.of(at)
            mean += moment.mean
            variance += moment.variance
        return Moment(mean, variance)

    def now(self, n_movies: int) -> Floats:
        """Return (n_movies,) what the time of the latest rating adds to each film, in stars."""
        movies = np.arange(n_movies, dtype=np.int32)
        times = np.full(n_movies, self.calendar.last)
        added = np.zeros(n_movies, np.float32)
        for bins in self.films:
            added += bins.of(bins.find(self.calendar.keys(movies, times, bins.seconds))).mean
        return added
