"""What is known of rows besides their ratings' stars, as matrices that are only multiplied with."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.arrays import Floats, Ids, Offsets
from engine.draws import share
from engine.products import ALONE, in_shares, large_product
from engine.ratings import Grouped
from engine.stacks import BLOCK, stacks
from engine.stepwise import Work, chunks, scaled


class Features(Protocol):
    """A matrix F of (n, D): row i holds what is known of row i of a side."""

    @property
    def shape(self) -> tuple[int, int]:
        """N and D."""
        ...

    def times(self, B: Floats) -> Work[Floats]:
        """Return F B (n, c)."""
        ...

    def transposed_times(self, E: Floats) -> Work[Floats]:
        """Return the transpose's product with `E` (n, c), of (D, c)."""
        ...

    def squares(self) -> Work[Floats]:
        """Return (D,) the sums of squares of the columns."""
        ...


class Dense:
    """Features in an array."""

    def __init__(self, F: Floats) -> None:
        self._F = F

    @property
    def shape(self) -> tuple[int, int]:
        """N and D."""
        return len(self._F), self._F.shape[1]

    def times(self, B: Floats) -> Work[Floats]:
        """Return F B (n, c)."""
        return large_product(self._F, B)

    def transposed_times(self, E: Floats) -> Work[Floats]:
        """Return the transpose's product with `E` (n, c), of (D, c)."""
        return large_product(self._F.T, E)

    def squares(self) -> Work[Floats]:
        """Return (D,) the sums of squares of the columns."""
        yield 0.0
        return np.einsum("nd,nd->d", self._F, self._F)


def standardised(F: Floats) -> Features:
    """Return features (n, D), each centred and scaled, so that a row is of length 1 on average.

    Where a feature tells nothing apart, it is left at zero.
    """
    F = F.astype(np.float64)
    spread = F.std(axis=0)
    varies = spread > 1e-6 * np.abs(F).max(axis=0, initial=0)
    scale = np.where(varies, spread * np.sqrt(max(varies.sum(), 1)), np.inf)
    return Dense(((F - F.mean(axis=0)) / scale).astype(np.float32))


class Incidence:
    r"""Who rated what: row i has $1/\sqrt{n_i}$ for each of its $n_i$ ratings, whatever stars.

    So every row that has ratings is of length 1.
    """

    def __init__(self, by_row: _Pattern, by_column: _Pattern) -> None:
        self._by_row, self._by_column = by_row, by_column
        self._share = share(by_row.counts)[:, None]

    @property
    def shape(self) -> tuple[int, int]:
        """N and D."""
        return len(self._by_row.counts), len(self._by_column.counts)

    def times(self, B: Floats) -> Work[Floats]:
        """Return F B (n, c)."""
        return self._share * (yield from self._by_row.times(B))

    def transposed_times(self, E: Floats) -> Work[Floats]:
        """Return the transpose's product with `E` (n, c), of (D, c)."""
        return self._by_column.times(self._share * E)

    def squares(self) -> Work[Floats]:
        """Return (D,) the sums of squares of the columns."""
        sums = yield from self._by_column.times(self._share**2)
        return sums[:, 0]


def who_rated_what(by_movie: Grouped, by_user: Grouped) -> Work[tuple[Features, Features]]:
    """Return which users rated each movie, and which movies each user."""
    movies = yield from scaled(_pattern(by_movie, by_user.n_rows), 0, 0.5)
    users = yield from scaled(_pattern(by_user, by_movie.n_rows), 0.5, 1)
    return Incidence(movies, users), Incidence(users, movies)


class _Pattern:
    """A matrix of ones where there are ratings, held as stacks of rows with about as many each."""

    def __init__(self, counts: Offsets, batches: list[list[tuple[Offsets, Ids]]]) -> None:
        self.counts = counts
        self._batches = batches

    def times(self, X: Floats) -> Work[Floats]:
        """Return the product (n, c) with `X` (n_others, c): for each row the sum of its others."""
        product = np.zeros((len(self.counts), X.shape[1]), np.float32)
        X = np.vstack([X, np.zeros_like(X[:1])])  # a row for the padding to point at
        most = max(1, ALONE[1] // X.shape[1])
        ones = np.ones((1, most), np.float32)

        def task(batch: list[tuple[Offsets, Ids]]) -> float:
            for rows, ids in batch:
                for part in chunks(ids.shape[1], most):
                    S = X.take(ids[:, part], axis=0)
                    product[rows] += (ones[:, : S.shape[1]] @ S)[:, 0]
            return 0.0

        yield from in_shares(task, self._batches)
        return product


def _pattern(grouped: Grouped, n_others: int) -> Work[_Pattern]:
    batches: list[list[tuple[Offsets, Ids]]] = [[]]
    room = BLOCK
    for rows in stacks(grouped.counts):
        counts = grouped.counts[rows]
        steps = np.arange(counts[-1])
        entries = np.minimum(grouped.starts[rows][:, None] + steps, len(grouped.others) - 1)
        padding = steps >= counts[:, None]
        if room < 0:
            batches.append([])
            room = BLOCK
        batches[-1].append((rows, np.where(padding, n_others, grouped.others[entries])))
        room -= entries.size
        yield 0.0
    return _Pattern(grouped.counts, batches)
