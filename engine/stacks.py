r"""Sums over the ratings of many rows in one call: rows of about the same length make a stack.

A row's ratings pick rows out of the other side's table. Those of a whole stack are gathered as one
array S (m, longest, columns), padded with zeros, and every product with it is one call that runs
outside the interpreter. What is gathered is bounded, at every rank and every length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from engine.arrays import Floats, Offsets
from engine.products import ALONE, COLUMNS, is_cut
from engine.ratings import Grouped
from engine.stepwise import chunks
from engine.threads import WORKERS

Number = TypeVar("Number", bound=np.generic)

BLOCK = 1 << 18
"""Ratings handled in one go, unless told otherwise."""
STACK = 1 << 15
"""Ratings in a stack, unless told otherwise."""
GATHERED = 1 << 20
"""Numbers gathered for a stack. Threads wait for each other between calls, so these are long, but
what is gathered should stay in the cache."""
LONGEST = 1 << 22
"""Numbers gathered at once for a row that is longer than a stack: more are added up in parts."""
EQUATIONS = 1 << 19
"""Coefficients of the normal equations of a batch of stacks, which are solved together."""
WORK = 1 << 31
"""Multiplications for a batch: a caller who stops asking waits for a few of them."""

Batch: TypeAlias = list[Offsets]
"""The rows of some stacks."""
Kept: TypeAlias = dict[int, list[Batch]]
"""The stacks of each block of rows, by its first row: the same in every pass."""


def stacks(counts: Offsets, stack: int = STACK, rows: int = 1 << 31) -> Iterator[Offsets]:
    """Yield groups of rows with about as many ratings, leaving out those without any.

    Padded to its longest row, which is the last, a group holds at most `stack` ratings, with
    padding for a twentieth of that, or one row; and it holds at most so many `rows`.
    """
    order = np.argsort(counts, kind="stable")
    ascending = counts[order]
    start = int(np.searchsorted(ascending, 1))
    while start < len(order):
        most = min(rows, max(1, stack // int(ascending[start])))
        group = ascending[start : start + most]
        padded = group * np.arange(1, len(group) + 1)
        excess = np.maximum(padded - stack, padded - np.cumsum(group) - stack // 20)
        stop = start + max(1, int(np.searchsorted(excess, 0, side="right")))
        yield order[start:stop]
        start = stop


class Sums:
    """Gives the normal equations of any rows, with the other side's table made ready once."""

    def __init__(
        self,
        grouped: Grouped,
        X: Floats,
        y: Floats | None = None,
        level: Floats | None = None,
        *,
        intercept: bool = False,
        kept: Kept | None = None,
        weight: Floats | None = None,
    ) -> None:
        """Take the parameters of `engine.rows.equations`.

        With a `weight` (n_others,), ratings of each of the others count as its square.
        """
        n_others, self.k = X.shape
        self.grouped, self.level, self.weight = grouped, level, weight
        self.y = grouped.values if y is None else y
        self.c = self.k + intercept
        self.Z = np.ones((n_others + 1, self.c + 1), np.float32)
        self.Z[:-1, : self.k] = X
        if weight is not None:
            self.Z[:-1] *= weight[:, None]
        self.Z[-1] = 0  # what padding points at
        self.kept: Kept = {} if kept is None else kept

    def batches(self, rows: slice | None = None, few: int = 0) -> list[Batch]:
        """Return the rated rows in stacks, as many together as one thread solves at once.

        Parameters
        ----------
        rows : all, or a block of them, which is always the same for the same first row
        few : rows with so few ratings are batches without room for normal equations
        """
        rows = slice(0, self.grouped.n_rows) if rows is None else rows
        if rows.start not in self.kept:
            counts = self.grouped.counts[rows]
            stack, room = max(GATHERED // (self.c + 1), 1), max(EQUATIONS // self.c**2, 1)
            most = min(BLOCK, len(self.grouped.others) // (4 * WORKERS), WORK // self.c**2)
            short = stacks(np.where(counts <= few, counts, 0), stack)
            long = stacks(np.where(counts > few, counts, 0), min(stack, max(most, 1)), room)
            batches = [[group] for group in short] + list(_together(long, counts, room, most))
            self.kept[rows.start] = [[rows.start + group for group in one] for one in batches]
        return self.kept[rows.start]

    def gathered(
        self, rows: Offsets, start: int, stop: int, end: int | None = None
    ) -> tuple[Floats, Floats]:
        """Return a stack's ratings from the `start`-th of each row to the `stop`-th.

        From the `end`-th on, there are none.

        Returns
        -------
        S : (m, stop - start, c + 1) the table's rows, and the target for a last column
        target : (m, stop - start)

        Where a row has no rating, they are zero.
        """
        counts, starts = self.grouped.counts[rows], self.grouped.starts[rows] + start
        counts = counts if end is None else np.minimum(counts, end)
        others = _runs(self.grouped.others, starts, stop - start)
        target = _runs(self.y, starts, stop - start)
        if self.level is not None:
            target -= self.level.take(others)
        if self.weight is not None:
            target *= self.weight.take(others)
        full = max(int(counts[0]) - start, 0)
        padding = np.arange(start + full, stop) >= counts[:, None]
        others[:, full:][padding] = len(self.Z) - 1
        target[:, full:][padding] = 0
        S = self.Z.take(others, axis=0)
        S[..., -1] = target
        return S, target

    def of(self, batch: Batch, yy: Floats | None = None) -> tuple[Floats, Floats]:
        """Return $A$ (m, c, c) and $b$ (m, c) of a batch, its stacks one after the other.

        If there is a `yy` (m,), the sums of squared targets are added to it.
        """
        k, c = self.k, self.c
        B = np.empty((sum(map(len, batch)), c + 1, c), np.float32)
        start = 0
        for rows in batch:
            part = slice(start, start + len(rows))
            self._fill(B[part], rows, None if yy is None else yy[part])
            start += len(rows)
        if c > k:
            B[:, :k, k] = B[:, k, :k]
        return B[:, :c], B[:, c]

    def _fill(self, B: Floats, rows: Offsets, yy: Floats | None) -> None:
        """Find $A$ and below it $b$ of a stack, and add up squared targets if asked."""
        k, c = self.k, self.c
        counts = self.grouped.counts[rows]
        if c > k:
            B[:, k, k], B[:, c, k] = counts if self.weight is None else 0, 0
        for part in chunks(int(counts[-1]), max(LONGEST // (len(rows) * (c + 1)), 1)):
            pieces, piece = self._pieces(part.stop - part.start)
            stop = part.start + pieces * piece
            S, target = self.gathered(rows, part.start, stop, part.stop)
            S = S.reshape(len(rows), pieces, piece, c + 1)
            _add_products(S, k, B, first=not part.start)
            if yy is not None:
                yy += np.einsum("mn,mn->m", target, target)
            if c > k and self.weight is None:
                B[:, c, k] += target.sum(axis=1)
            elif c > k:
                tail = S.reshape(len(rows), -1, c + 1)[..., k:]
                B[:, k:, k] += np.einsum("ml,mlj->mj", tail[..., 0], tail)

    def _pieces(self, n: int) -> tuple[int, int]:
        """Return in how many pieces of what length BLAS multiplies `n` ratings by itself."""
        width = min(self.k, COLUMNS) if is_cut(self.k) else self.k
        pieces = -(-n // max(1, ALONE[0] // (width * (width + self.c + 1 - self.k))))
        return pieces, -(-n // pieces)


def _together(groups: Iterable[Offsets], counts: Offsets, rows: int, most: int) -> Iterator[Batch]:
    """Yield batches of stacks with at most so many rows and about `most` ratings."""
    batch: Batch = []
    n = ratings = 0
    for group in groups:
        size = len(group) * int(counts[group[-1]])
        if batch and (n + len(group) > rows or ratings + size > most):
            yield batch
            batch, n, ratings = [], 0, 0
        batch.append(group)
        n, ratings = n + len(group), ratings + size
    if batch:
        yield batch


def _runs(entries: NDArray[Number], starts: Offsets, n: int) -> NDArray[Number]:
    """Return (m, n) the `entries` (-,) from each of `starts` on, and any where they have ended."""
    if starts.max() + n > len(entries):
        return entries.take(starts[:, None] + np.arange(n), mode="clip")
    shape, strides = (len(entries) - n + 1, n), 2 * entries.strides
    return as_strided(entries, shape, strides, writeable=False)[starts]


def _add_products(S: Floats, k: int, B: Floats, *, first: bool) -> None:
    """Add the products of all columns of S (m, pieces, piece, -) with its first `k` to B.

    The last columns, which are no factors, go on the left: then the right side is as wide as the
    rank, which is mostly a multiple of what the processor multiplies at once.
    """
    if not is_cut(k):
        _add_product(S, S[..., :k], B[..., :k], first=first)
        return
    for right in chunks(k, COLUMNS):
        for left in chunks(k - right.start, COLUMNS):
            i = slice(right.start + left.start, right.start + left.stop)
            if i.stop == k:
                i = slice(i.start, B.shape[1])
            _add_product(S[..., i], S[..., right], B[:, i, right], first=first)
        below = slice(right.stop, k)
        B[:, right, below] = B[:, below, right].swapaxes(1, 2)


def _add_product(left: Floats, right: Floats, out: Floats, *, first: bool) -> None:
    if first and left.shape[1] == 1:
        np.matmul(left[:, 0].swapaxes(1, 2), right[:, 0], out=out)
        return
    product = (left.swapaxes(2, 3) @ right).sum(axis=1)
    if first:
        out[...] = product
    else:
        out += product
