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
from typing import NamedTuple

import numpy as np

from engine.arrays import Floats, Mask, Offsets
from engine.nnls import fnnls
from engine.ratings import Grouped
from engine.solving import approached, at_most, in_few, regularise, solve
from engine.stacks import BLOCK, Batch, Kept, Sums
from engine.stored import stored
from engine.threads import in_parallel

MOST = 1 << 12
"""Rows handled in one go."""
EQUATIONS = 1 << 21
"""Coefficients of normal equations handled in one go."""

_SHOWS = 1e-3
"""Penalties below are as good as none in single precision."""


def blocks(grouped: Grouped, block: int = BLOCK, most: int = MOST) -> Iterator[slice]:
    """Yield consecutive slices of at most `most` whole rows with about `block` ratings each."""
    start = 0
    while start < grouped.n_rows:
        stop = int(np.searchsorted(grouped.starts, grouped.starts[start] + block, side="right"))
        stop = min(stop, start + most, grouped.n_rows)
        yield slice(start, stop)
        start = stop


def normal_equations(
    grouped: Grouped,
    X: Floats,
    y: Floats | None,
    rows: slice,
    *,
    intercept: bool = False,
    kept: Kept | None = None,
) -> tuple[Floats, Floats]:
    """Return $A$ (n, c, c) and $b$ (n, c) of `rows`, not yet regularised; see `equations`."""
    return equations(grouped, X, y, intercept=intercept, kept=kept)(rows)


def equations(
    grouped: Grouped,
    X: Floats,
    y: Floats | None,
    *,
    level: Floats | None = None,
    intercept: bool = False,
    kept: Kept | None = None,
) -> Callable[[slice], tuple[Floats, Floats]]:
    """Return what gives the `normal_equations` of any rows, with X made ready once for all.

    Parameters
    ----------
    grouped : ratings by row
    X : (n_others, k) factors of the other side
    y : (n,) targets in the order of `grouped`, or None for its stars
    level : (n_others,), optional
        What is taken off the targets of each of the others.
    intercept : bool
        Whether X goes on with a column of ones: c is k + 1, and otherwise k.
    kept : dict, optional
        Stacks from an earlier call for the same `c`, or where to leave them for a later one.
    """
    sums = Sums(grouped, X, y, level, intercept=intercept, kept=kept)

    def of(rows: slice) -> tuple[Floats, Floats]:
        n, c = rows.stop - rows.start, sums.c
        A, b = np.zeros((n, c, c), np.float32), np.zeros((n, c), np.float32)
        for batch in sums.batches(rows):
            these = np.concatenate(batch) - rows.start
            A[these], b[these] = sums.of(batch)
        return A, b

    return of


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
    """The solution of some rows."""

    rows: Offsets
    """(m,) which"""
    w: Floats
    """(m, c)"""
    passive: Mask | None
    """(m, c) which weights may be positive, for a non-negative solution."""
    done: float
    """How much is done with these rows and those before them, from 0 to 1."""


def solve_rows(
    grouped: Grouped,
    X: Floats,
    y: Floats | None,
    penalty: Penalty,
    passive: Mask | None = None,
    kept: Kept | None = None,
    shared: Floats | None = None,
    *,
    level: Floats | None = None,
    intercept: bool = False,
    start: Floats | None = None,
) -> Iterator[Solved]:
    """Yield the minimising weights of all rows, some at a time.

    Parameters
    ----------
    grouped, X, y, level, intercept, kept : as in `equations`
    penalty : what the weights cost, and whether they may be negative
    passive : (n_rows, c), optional
        For a non-negative solution: which weights were positive the last time.
    shared : (c, c), optional
        What is added to every row's $A_i$, such as the sum over all pairs, known or not.
    start : (n_rows, c), optional
        Weights that are near the solution, such as the last pass's, which makes it quicker.
    """
    sums = Sums(grouped, X, y, level, intercept=intercept, kept=kept)
    solver = _Solver(sums, penalty, passive, shared, start)
    unrated = np.flatnonzero(grouped.counts == 0)
    w = np.zeros((len(unrated), sums.c), np.float32)
    yield Solved(unrated, w, w == 0 if penalty.nonnegative else None, 0.0)
    done = 0
    for part in in_parallel(solver.solve, sums.batches(few=solver.few)):
        done += int(grouped.counts[part.rows].sum())
        yield part._replace(done=done / len(grouped.others))


class _Solver:
    """What solves rows, given the parameters of `solve_rows`."""

    def __init__(
        self,
        sums: Sums,
        penalty: Penalty,
        passive: Mask | None,
        shared: Floats | None,
        start: Floats | None,
    ) -> None:
        self.sums, self.penalty = sums, penalty
        self.passive, self.shared, self.start = passive, shared, start
        least = penalty.diagonal(np.ones(1, np.int64), sums.c).min()
        simple = shared is None and not penalty.nonnegative and least > _SHOWS
        self.few = at_most(sums.c) if simple else 0
        """Rows with so many ratings at most are solved by as many equations."""

    def solve(self, batch: Batch) -> Solved:
        """Return the solution of a batch."""
        rows = np.concatenate(batch)
        counts = self.sums.grouped.counts[rows]
        reg = self.penalty.diagonal(counts, self.sums.c)
        if counts[-1] <= self.few:
            S, y = self.sums.gathered(rows, 0, int(counts[-1]))
            return Solved(rows, in_few(S[..., :-1], y, reg), None, 0.0)
        A, b = self.sums.of(batch)
        if self.shared is not None:
            A += self.shared
        regularise(A, reg)
        if self.penalty.nonnegative:
            guess = np.ones(b.shape, bool) if self.passive is None else self.passive[rows]
            return Solved(rows, *fnnls(A, b, guess, self.penalty.free(self.sums.c)), 0.0)
        w = solve(A, b) if self.start is None else approached(A, b, self.start[rows])
        return Solved(rows, w, None, 0.0)
