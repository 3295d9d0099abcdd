r"""Who rated both: the Gram matrix $G = X^\top X$ of sparse ratings, never multiplied out densely.

The best-known films, which most pairs of ratings are of, are multiplied as a dense matrix a block
of users at a time. A lesser-known film's row is the sum of the rows of those who rated it,
$G_{i*} = \sum_u x_{ui} \, x_{u*}$, which takes as many additions as they have ratings. How many
films are taken as dense is chosen so that both together take the least time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ids, Offsets
from engine.inverse import PANEL, mirror
from engine.stepwise import Work, chunks, scaled

DENSE = 1 << 23
"""Entries of X that are multiplied in one step."""
PAIRS = 1 << 21
"""Pairs of ratings that are added in one step."""
ADDITION = 400.0
"""So many multiplications of a dense product take as long as one addition at a chosen place."""


@dataclass(frozen=True, eq=False)
class Incidence:
    """X as compressed sparse rows: what each user rated, the best-known films first."""

    starts: Offsets
    """(n_users + 1,)"""
    columns: Ids
    """(n,)"""
    values: Floats
    """(n,)"""
    n_columns: int

    @property
    def counts(self) -> Offsets:
        """(n_users,) entries of each row."""
        return np.diff(self.starts)


def gram(X: Incidence) -> Work[Floats]:
    r"""Return (n_columns, n_columns) $X^\top X$; columns go from many entries to few."""
    G = np.zeros((X.n_columns, X.n_columns), np.float32)
    by_column = np.bincount(X.columns, minlength=X.n_columns)
    dense = _dense(by_column, X.counts)
    share = dense / max(X.n_columns, 1)
    yield from scaled(_multiplied(X, G[:dense, :dense]), 0, share)
    yield from scaled(_added(X, by_column, dense, G), share, 1)
    return G


def _dense(by_column: Offsets, by_row: Offsets) -> int:
    """Return how many of the first columns to multiply."""
    t = np.arange(len(by_column) + 1.0)
    multiplied = len(by_row) * t**2 / 2
    longest = float(by_row @ by_row) / max(float(by_row.sum()), 1.0)
    left = np.append(np.cumsum(by_column[::-1])[::-1], 0)
    return int(np.argmin(multiplied + ADDITION * left * longest))


def _multiplied(X: Incidence, G: Floats) -> Work[None]:
    """Add the products of the first columns, as many as `G` has, to it."""
    n, t = len(X.counts), len(G)
    for rows in chunks(n, max(1, DENSE // max(t, 1))) if t else ():
        part = slice(X.starts[rows.start], X.starts[rows.stop])
        row = np.repeat(np.arange(rows.stop - rows.start), X.counts[rows])
        inside = X.columns[part] < t
        block = np.zeros((rows.stop - rows.start, t), np.float32)
        block[row[inside], X.columns[part][inside]] = X.values[part][inside]
        for some in chunks(t, PANEL):
            G[some, : some.stop] += block[:, some].T @ block[:, : some.stop]
            yield rows.start / n
    mirror(G)


def _added(X: Incidence, by_column: Offsets, first: int, G: Floats) -> Work[None]:
    """Write the rows and columns of `G` from column `first` on."""
    rest = np.flatnonzero(X.columns >= first)
    rest = rest[np.argsort(X.columns[rest], kind="stable")]
    users = np.searchsorted(X.starts, rest, side="right") - 1
    ends = np.cumsum(by_column[first:])
    pairs = np.append(0, np.cumsum(X.counts[users]))[np.append(0, ends)]
    column = first
    while column < X.n_columns:
        here = column - first
        stop = int(np.searchsorted(pairs, pairs[here] + PAIRS, side="right")) - 1
        stop = min(max(stop, here + 1), here + max(1, DENSE // X.n_columns))
        part = slice(ends[here - 1] if here else 0, ends[stop - 1])
        rows = _rows(X, rest[part], users[part], X.columns[rest[part]] - column, stop - here)
        columns = slice(column, first + stop)
        G[columns] = rows
        G[:, columns] = rows.T
        column = columns.stop
        yield (column - first) / (X.n_columns - first)


def _rows(X: Incidence, entries: Offsets, users: Offsets, rows: Ids, n_rows: int) -> Floats:
    """Return (n_rows, n_columns) the sums over `entries` of their users' rows of X.

    Parameters
    ----------
    entries : (m,) where the ratings of some columns stand
    users : (m,) whose they are
    rows : (m,) which sum each goes into
    """
    counts = X.counts[users]
    begins = np.cumsum(counts) - counts
    at = np.repeat(X.starts[users] - begins, counts) + np.arange(int(counts.sum()))
    places = np.repeat(rows.astype(np.int64) * X.n_columns, counts) + X.columns[at]
    products = np.repeat(X.values[entries], counts) * X.values[at]
    sums = np.bincount(places, products, n_rows * X.n_columns)
    return sums.reshape(n_rows, X.n_columns).astype(np.float32)
