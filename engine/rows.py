r"""Regularised least squares for every row at once, the step that most algorithms share.

With the other side's factors $X$ frozen, row $i$ with ratings $\Omega_i$ minimises

$$\sum_{j \in \Omega_i} (y_{ij} - x_j^\top w_i)^2 + w_i^\top \mathrm{diag}(\lambda_i) w_i,$$

so that $(A_i + \mathrm{diag}(\lambda_i)) w_i = b_i$ with $A_i = \sum_j x_j x_j^\top$ and
$b_i = \sum_j y_{ij} x_j$. ALS solves that, its non-negative form solves it under $w \ge 0$, NMF
multiplies towards it, Gibbs sampling draws from the Gaussian around it, and folding a person in is
the same for one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from engine.arrays import Floats, Ids, Mask, Offsets
from engine.nnls import fnnls
from engine.ratings import Grouped
from engine.stepwise import chunks
from engine.stored import stored
from engine.threads import WORKERS, in_parallel

BLOCK = 1 << 18
"""Ratings handled in one go, unless told otherwise."""
MOST = 1 << 12
"""Rows handled in one go."""
EQUATIONS = 1 << 24
"""Coefficients of normal equations handled in one go: they stay below a hundred megabytes."""
STACK = 1 << 15
"""Ratings multiplied in one call. Threads wait for each other between calls, so these are long, but
the gathered factors should stay in the cache."""
SYSTEMS = 1 << 18
"""Coefficients of systems solved in one call: NumPy first copies them in double precision."""
ALONE = 1 << 18, 9000
"""Multiplications in one product of matrices, and with a vector, that BLAS does in the thread that
asks; larger ones wake its own threads, which get in the way of ours."""


def blocks(grouped: Grouped, block: int = BLOCK, most: int = MOST) -> Iterator[slice]:
    """Yield consecutive slices of at most `most` whole rows with about `block` ratings each."""
    start = 0
    while start < grouped.n_rows:
        stop = int(np.searchsorted(grouped.starts, grouped.starts[start] + block, side="right"))
        stop = min(stop, start + most, grouped.n_rows)
        yield slice(start, stop)
        start = stop


class Stack(NamedTuple):
    """Rows with about as many ratings each, padded to one number and cut into equal pieces."""

    rows: Offsets
    """(m,) which rows of the block"""
    entries: Ids
    """(m, pieces, piece) where their ratings stand in the view"""
    others: Ids
    """(m, pieces, piece) the other side's ids there"""
    padding: Offsets
    """which entries, counted flat, are not the row's own"""


Kept: TypeAlias = dict[int, list[Stack]]
"""The stacks of each block, by its first row: the same in every pass, and 9 bytes a rating."""


def normal_equations(
    grouped: Grouped,
    X: Floats,
    y: Floats,
    rows: slice,
    *,
    intercept: bool = False,
    kept: Kept | None = None,
) -> tuple[Floats, Floats]:
    """Return $A$ (n, c, c) and $b$ (n, c) of `rows`, not yet regularised.

    Parameters
    ----------
    grouped : ratings by row
    X : (n_others, k) factors of the other side
    y : (n,) targets in the order of `grouped`
    rows : which rows
    intercept : bool
        Whether X goes on with a column of ones: c is k + 1, and otherwise k.
    kept : dict, optional
        Stacks from an earlier call for the same `c`, or where to leave them for a later one.
    """
    return equations(grouped, X, y, intercept=intercept, kept=kept)(rows)


def equations(
    grouped: Grouped, X: Floats, y: Floats, *, intercept: bool = False, kept: Kept | None = None
) -> Callable[[slice], tuple[Floats, Floats]]:
    """Return what gives the `normal_equations` of any rows, with X made ready once for all.

    Rows of about the same length are padded to one length, gathered as a stack S with the targets
    for a last column, and multiplied by S in one call, outside the interpreter.
    """
    n_others, k = X.shape
    c = k + intercept
    Z = np.ones((n_others, c + 1), np.float32)
    Z[:, :k] = X

    def of(rows: slice) -> tuple[Floats, Floats]:
        n = rows.stop - rows.start
        A, b = np.zeros((n, c, c), np.float32), np.zeros((n, c), np.float32)
        for stack in _stacked(grouped, rows, c, kept):
            S = Z.take(stack.others, axis=0)
            S[..., c] = y.take(stack.entries)
            S.reshape(-1, c + 1)[stack.padding] = 0
            products = S[..., :c].swapaxes(2, 3) @ S
            products = products[:, 0] if products.shape[1] == 1 else products.sum(axis=1)
            A[stack.rows], b[stack.rows] = products[:, :, :c], products[:, :, c]
        return A, b

    return of


def _stacked(grouped: Grouped, rows: slice, c: int, kept: Kept | None) -> list[Stack]:
    """Return the stacks of a block's rows for factors of `c` columns, those `kept` if there are."""
    kept = {} if kept is None else kept
    if rows.start not in kept:
        starts, counts = grouped.starts[rows], grouped.counts[rows]
        kept[rows.start] = [
            _stack(grouped, alike, starts[alike], counts[alike], c) for alike in stacks(counts)
        ]
    return kept[rows.start]


def _stack(grouped: Grouped, rows: Offsets, starts: Offsets, counts: Offsets, c: int) -> Stack:
    pieces, piece = _pieces(int(counts[-1]), c)
    steps = np.arange(pieces * piece)
    entries = np.minimum(starts[:, None] + steps, len(grouped.others) - 1).astype(np.int32)
    padding = np.flatnonzero(steps >= counts[:, None])
    entries = entries.reshape(-1, pieces, piece)
    return Stack(rows, entries, grouped.others.take(entries), padding)


def _pieces(longest: int, c: int) -> tuple[int, int]:
    """Return in how many pieces of what length rows are multiplied."""
    pieces = -(-longest // max(1, ALONE[0] // (c * (c + 1))))
    return pieces, -(-longest // pieces)


def stacks(counts: Offsets) -> Iterator[Offsets]:
    """Yield groups of rows with about as many ratings, leaving out those without any.

    Padded to the longest, a group holds at most `STACK` ratings, with padding for a twentieth of
    that.
    """
    order = np.argsort(counts, kind="stable")
    ascending = counts[order]
    start = int(np.searchsorted(ascending, 1))
    while start < len(order):
        group = ascending[start : start + max(1, STACK // int(ascending[start]))]
        padded = group * np.arange(1, len(group) + 1)
        excess = np.maximum(padded - STACK, padded - np.cumsum(group) - STACK // 20)
        stop = start + max(1, int(np.searchsorted(excess, 0, side="right")))
        yield order[start:stop]
        start = stop


def regularised(A: Floats, reg: Floats) -> Floats:
    """Return a copy of $A$ (n, c, c) with `reg` (n, c) on its diagonals, never singular."""
    A = np.ascontiguousarray(A)
    diagonal = np.einsum("ijj->ij", A)
    floor = 1e-6 * diagonal.max(axis=1, initial=0, keepdims=True)
    diagonal += np.where(diagonal + reg > 0, np.maximum(reg, floor), 1)
    return A


def solve(A: Floats, b: Floats) -> Floats:
    """Return $w$ (n, c) with $A_i w_i = b_i$ for every row."""
    n, c = b.shape
    w = np.empty_like(b)
    for part in chunks(n, max(1, SYSTEMS // c**2)):
        w[part] = np.linalg.solve(A[part], b[part, :, None])[:, :, 0]
    return w


@stored
@dataclass(frozen=True)
class Penalty:
    r"""What a row's weights cost: the diagonal $\lambda_i$ and the constraint.

    A row with $n_i$ ratings pays $\lambda n_i^p$ for each factor: p = 0 is the plain penalty,
    p = 1 weighs it by the count of ratings (ALS-WR: Zhou et al. 2008,
    doi:10.1007/978-3-540-68880-8_32).
    """

    reg: float
    r"""$\lambda$ for the factors."""
    weighting: float = 1.0
    """The exponent p."""
    nonnegative: bool = False
    """Whether the factors must not be negative."""
    bias_reg: float | None = None
    r"""$\lambda$ for the bias, which is the last column and free of sign; None without a bias."""

    def diagonal(self, counts: Offsets, c: int) -> Floats:
        """Return (n, c) the penalties of rows with `counts` ratings and `c` columns."""
        reg = np.full(c, self.reg)
        if self.bias_reg is not None:
            reg[-1] = self.bias_reg
        weights = np.where(counts > 0, counts, 1) ** self.weighting
        return (weights[:, None] * reg).astype(np.float32)

    def free(self, c: int) -> Mask:
        """Return (c,) which columns may be negative."""
        free = np.full(c, not self.nonnegative)
        free[-1] |= self.bias_reg is not None
        return free


class Solved(NamedTuple):
    """The solution of a block of rows."""

    rows: slice
    w: Floats
    passive: Mask | None


def solve_rows(
    grouped: Grouped,
    X: Floats,
    y: Floats,
    penalty: Penalty,
    passive: Mask | None = None,
    kept: Kept | None = None,
    shared: Floats | None = None,
) -> Iterator[Solved]:
    """Yield the minimising weights of every row, block by block.

    Parameters
    ----------
    grouped : ratings by row
    X : (n_others, c) factors of the other side, the last column ones where there is a bias
    y : (n,) targets in the order of `grouped`
    penalty : what the weights cost, and whether they may be negative
    passive : (n_rows, c), optional
        For a non-negative solution: which weights were positive the last time.
    kept : dict, optional
        How the rows of each block are stacked, from an earlier call, or to be left for a later one.
    shared : (c, c), optional
        What is added to every row's $A_i$, such as the sum over all pairs, known or not.
    """
    c = X.shape[1]
    sums = equations(grouped, X, y, kept=kept)

    def task(rows: slice) -> Solved:
        A, b = sums(rows)
        if shared is not None:
            A += shared
        A = regularised(A, penalty.diagonal(grouped.counts[rows], c))
        if not penalty.nonnegative:
            return Solved(rows, solve(A, b), None)
        guess = np.ones(b.shape, bool) if passive is None else passive[rows]
        return Solved(rows, *fnnls(A, b, guess, penalty.free(c)))

    share = min(2 * BLOCK, len(y) // WORKERS)  # as few blocks as keep every thread busy
    most = min(MOST, max(1, EQUATIONS // c**2))
    return in_parallel(task, blocks(grouped, share, most))
