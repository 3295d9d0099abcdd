r"""Draws what moments add to ratings, for a Gibbs sampler: see `engine.moments`.

Given all else, the effect of a bin b is Gaussian. With the residuals $e_j$ of its ratings, the
effect itself not taken off, their precision $\alpha_j$ and the width's variance $\sigma^2$,

$$P_b = \sum_{j \in b} \alpha_j + 1/\sigma^2, \quad
  g_b \mid \cdot \sim N\Big(\sum_{j \in b} \alpha_j e_j / P_b, \; 1/P_b\Big),$$

and $1/\sigma^2 \sim \Gamma(\tfrac12 (1 + n), \tfrac12 (s_0 + \sum_b g_b^2))$ over the n bins of a
width. Within a person, ratings are kept in the order of time, so that every bin of every width is a
run of them, and sums over bins are sums over runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from engine.arrays import Doubles, Floats, Ids, Offsets
from engine.moments import AGE, PERSON, Bins, Calendar, Moments
from engine.ratings import Grouped, Ratings
from engine.rows import blocks
from engine.stepwise import Work, chunks, scaled
from engine.threads import in_parallel

USUAL = 0.01
"""$s_0$: variance of a width that is known beforehand as by one bin, in squared stars."""
START = 0.01
"""Variance of the widths before the first sweep."""
SHARE = 1 << 16
"""Ratings of the persons whose effects are drawn in one go."""
_PIECE = 1 << 13


class _Runs(NamedTuple):
    """A width's bins in a block of persons."""

    bins: slice
    """Which of all bins of the width."""
    starts: Ids
    """(m,) where they begin among the block's ratings."""
    counts: Ids
    """(m,) their ratings."""
    rows: Ids
    """(m,) whose they are, counted from the block's first person."""


class _Block(NamedTuple):
    """Some persons with all their ratings."""

    rows: slice
    entries: slice
    runs: tuple[_Runs, ...]


class Width:
    """The bins of one width, with their effects as drawn and as expected since `reset`."""

    def __init__(self, seconds: int, keys: Offsets) -> None:
        self.seconds = seconds
        self.keys = keys
        self.spread = START
        self.effect = np.zeros(len(keys), np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget what was expected so far."""
        self._mean, self._variance = np.zeros((2, len(self.keys)), np.float32)
        self._spread, self._n = 0.0, 0

    def draw(
        self, bins: slice, residuals: Doubles, precision: Doubles, z: Floats
    ) -> tuple[Floats, float]:
        r"""Draw the effects of some bins; return by how much they change, and their squares' sum.

        Parameters
        ----------
        bins : which
        residuals : (m,) $\sum \alpha_j e_j$, the present effects taken off
        precision : (m,) $\sum \alpha_j$
        z : (m,) standard normal
        """
        P = precision + 1 / self.spread
        mean = (residuals + precision * self.effect[bins]) / P
        drawn = (mean + z / np.sqrt(P)).astype(np.float32)
        change = drawn - self.effect[bins]
        self.effect[bins] = drawn
        self._mean[bins] += mean
        self._variance[bins] += 1 / P
        return change, float(np.dot(drawn, drawn))

    def draw_spread(self, squares: float, rng: np.random.Generator) -> None:
        """Draw the variance given the sum of the effects' squares."""
        self._spread += self.spread
        self._n += 1
        self.spread = (USUAL + squares) / 2 / rng.gamma((1 + len(self.keys)) / 2)

    def expected(self) -> Bins:
        """Return what the bins add on average over the sweeps since `reset`."""
        n = np.float32(max(self._n, 1))
        return Bins(
            self.seconds,
            self.keys,
            self._mean / n,
            self._variance / n,
            self._spread / max(self._n, 1),
        )


class Timing:
    """The effects of time, and both views of the ratings less those effects.

    The values of `by_user` and `by_movie` are ratings from which all that moments add is taken off,
    as it was drawn last: what factors and biases are drawn to fit.
    """

    by_user: Grouped
    by_movie: Grouped

    def __init__(self, train: Ratings) -> None:
        assert train.times is not None
        self.calendar = Calendar(int(train.times.min()), int(train.times.max()))
        self.persons: tuple[Width, ...] = ()
        self.films: tuple[Width, ...] = ()
        self._train = train
        self._blocks: list[_Block] = []

    @property
    def spread(self) -> float:
        """Variance of a rating whose time is not known, in squared stars."""
        return sum(width.spread for width in self.persons + self.films)

    def reset(self) -> None:
        """Forget what effects were expected so far."""
        for width in self.persons + self.films:
            width.reset()

    def moments(self) -> Moments:
        """Return what is expected of all moments on average over the sweeps since `reset`."""
        persons = tuple(width.expected() for width in self.persons)
        return Moments(self.calendar, persons, tuple(width.expected() for width in self.films))

    def prepare(self) -> Work[None]:
        """Put both views in order."""
        by_user, by_movie = self._train.by_user, self._train.by_movie
        place = np.empty(len(by_user.order), np.int32)
        for part in chunks(len(place)):
            place[by_movie.order[part]] = np.arange(part.start, part.stop, dtype=np.int32)
            yield 0.2 * part.stop / len(place)
        self.by_movie = replace(by_movie, values=by_movie.values.copy())
        self._e = np.empty_like(by_user.values)
        self._place = np.empty_like(place)
        """(n,) where each entry of `by_user` stands in `by_movie`."""
        yield from scaled(self._order_persons(place), 0.2, 0.7)
        yield from scaled(self._order_films(), 0.7, 1)

    def _order_persons(self, place: Ids) -> Work[None]:
        """Sort each person's ratings by time, and find the runs."""
        train, view = self._train, self._train.by_user
        assert train.times is not None
        others, values = np.empty_like(view.others), np.empty_like(view.values)
        seconds = self.calendar.widths(view.n_rows, PERSON)
        keys: list[list[Offsets]] = [[] for _ in seconds]
        found = [0] * len(seconds)
        for rows in blocks(view, SHARE, view.n_rows):
            part = slice(int(view.starts[rows.start]), int(view.starts[rows.stop]))
            ids = np.repeat(np.arange(rows.start, rows.stop), view.counts[rows])
            order = view.order[part]
            by_time = np.lexsort((train.times[order], ids))
            order, times = order[by_time], train.times[order[by_time]]
            self._place[part] = place[order]
            others[part], values[part] = view.others[part][by_time], view.values[part][by_time]
            runs = []
            for level, width in enumerate(seconds):
                run, key = _runs(self.calendar.keys(ids, times, width), ids - rows.start)
                start = found[level]
                found[level] += len(key)
                keys[level].append(key)
                runs.append(run._replace(bins=slice(start, found[level])))
            self._blocks.append(_Block(rows, part, tuple(runs)))
            yield part.stop / len(others)
        self.persons = tuple(
            Width(width, np.concatenate(key)) for width, key in zip(seconds, keys, strict=True)
        )
        self.by_user = Grouped(view.starts, others, values, view.order[:0])

    def _order_films(self) -> Work[None]:
        """Give the bins of films their numbers, and find which each rating is in."""
        train, view = self._train, self._train.by_movie
        assert train.times is not None
        ids = np.empty(len(view.others), np.int32)
        keys: list[Offsets] = []
        found = 0
        widths = self.calendar.widths(view.n_rows, (AGE,))
        for rows in blocks(view, SHARE, view.n_rows) if widths else ():
            part = slice(int(view.starts[rows.start]), int(view.starts[rows.stop]))
            movies = np.repeat(np.arange(rows.start, rows.stop), view.counts[rows])
            key = self.calendar.keys(movies, train.times[view.order[part]], AGE)
            some, place = np.unique(key, return_inverse=True)
            ids[part] = found + place
            found += len(some)
            keys.append(some)
            yield 0.5 * part.stop / len(ids)
        self.films = tuple(Width(width, np.concatenate(keys)) for width in widths)
        self._film_bins = ids[self._place]
        """(n,) the film's bin of each entry of `by_user`."""

    def draw(
        self, movies: Floats, users: Floats, mean: float, alpha: Floats, rng: np.random.Generator
    ) -> Work[Floats]:
        r"""Draw all effects once, given rows of factors with a last column of biases.

        Returns
        -------
        squared : (n_users,) the sum of squared errors of each person's ratings
        """
        level = movies[:, -1] + np.float32(mean)

        def residuals(block: _Block) -> float:
            self._residuals(block, movies, users, level)
            return block.entries.stop / len(self._e)

        for done in in_parallel(residuals, self._blocks):
            yield 0.5 * done
        changes = []
        for width in self.films:
            changes.append((yield from scaled(self._draw_films(width, alpha, rng), 0.5, 0.6)))
        squares = np.zeros(len(self.persons))
        squared = np.zeros(len(users), np.float32)

        def persons(item: tuple[_Block, list[Floats]]) -> Doubles:
            return self._draw_persons(*item, changes, alpha, squared)

        for some in in_parallel(persons, self._with_noise(rng)):
            squares += some
            yield 0.8
        for number, width in enumerate(self.persons):
            width.draw_spread(float(squares[number]), rng)
        return squared

    def _residuals(self, block: _Block, movies: Floats, users: Floats, level: Floats) -> None:
        """Set e to what factors and biases leave of a block's ratings."""
        view, k = self.by_user, movies.shape[1] - 1
        rows = np.repeat(np.arange(block.rows.start, block.rows.stop), view.counts[block.rows])
        for piece in chunks(len(rows), _PIECE):
            part = slice(block.entries.start + piece.start, block.entries.start + piece.stop)
            others = view.others[part]
            M, W = movies.take(others, axis=0), users.take(rows[piece], axis=0)
            e = view.values[part] - level.take(others)
            e -= np.einsum("ij,ij->i", M[:, :k], W[:, :k])
            e -= W[:, k]
            self._e[part] = e

    def _draw_films(self, width: Width, alpha: Floats, rng: np.random.Generator) -> Work[Floats]:
        """Return by how much the effect of each film's bin changes."""
        n = len(width.keys)
        residuals, precision = np.zeros((2, n), np.float64)
        for block in self._blocks:
            bins = self._film_bins[block.entries]
            weight = np.repeat(alpha[block.rows], self.by_user.counts[block.rows])
            residuals += np.bincount(bins, weight * self._e[block.entries], n)
            precision += np.bincount(bins, weight, n)
            yield block.entries.stop / len(self._e)
        z = rng.standard_normal(n, np.float32)
        change, squares = width.draw(slice(0, n), residuals, precision, z)
        width.draw_spread(squares, rng)
        return change

    def _with_noise(self, rng: np.random.Generator) -> Iterator[tuple[_Block, list[Floats]]]:
        """Yield each block with standard normals for its bins: no thread but this draws any."""
        for block in self._blocks:
            yield block, [rng.standard_normal(len(run.starts), np.float32) for run in block.runs]

    def _draw_persons(
        self,
        block: _Block,
        noise: list[Floats],
        film_changes: list[Floats],
        alpha: Floats,
        squared: Floats,
    ) -> Doubles:
        """Draw the effects of a block, take them off both views, and return their squares' sums."""
        before = self._e[block.entries]
        e = before.copy()
        for change in film_changes:
            e -= change.take(self._film_bins[block.entries])
        own = alpha[block.rows].astype(np.float64)
        squares = np.zeros(len(self.persons))
        for level, (run, z) in enumerate(zip(block.runs, noise, strict=True)):
            weight = own[run.rows]
            sums = weight * np.add.reduceat(e, run.starts, dtype=np.float64)
            change, squares[level] = self.persons[level].draw(
                run.bins, sums, weight * run.counts, z
            )
            e -= np.repeat(change, run.counts)
        y = self.by_user.values[block.entries]
        y += e - before
        self.by_movie.values[self._place[block.entries]] = y
        rated = np.flatnonzero(self.by_user.counts[block.rows])
        starts = self.by_user.starts[block.rows][rated] - block.entries.start
        squared[block.rows.start + rated] = np.add.reduceat(e * e, starts)
        return squares


def _runs(keys: Offsets, rows: Offsets) -> tuple[_Runs, Offsets]:
    """Return the runs of equal `keys` (n,), which ascend, and the key of each."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1)).astype(np.int32)
    counts = np.diff(starts, append=np.int32(len(keys)))
    return _Runs(slice(0, 0), starts, counts, rows[starts].astype(np.int32)), keys[starts]
