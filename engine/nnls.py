r"""Non-negative least squares for a whole batch of rows at once.

For each row, minimise $\tfrac12 x^\top A x - b^\top x$ subject to $x \ge 0$, given the normal
equations $A = Z^\top Z$ and $b = Z^\top y$ (Bro & de Jong 1997, "A fast non-negativity-constrained
least squares algorithm", doi:10.1002/(SICI)1099-128X(199709/10)11:5<393::AID-CEM483>3.0.CO;2-L).

A solution is known by its Karush-Kuhn-Tucker conditions, with the gradient $w = b - Ax$:
$x \ge 0$, $w \le 0$, and $x_k w_k = 0$ for every $k$. Once the passive set P is known, the
variables that may be positive, x solves a linear system; all of the work is to find P.

A guess, such as the last pass's P, is first put right by exchange: solve on P, then take out all
that came out negative and let in all that has a positive gradient (block principal pivoting: Kim &
Park 2011, doi:10.1137/110821172). Two or three rounds settle nearly every row, but nothing keeps
the others from going in circles. Those start again from zero with the paper's steps, which move one
variable at a time and always downhill, and therefore end.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats, Mask, Offsets
from engine.solving import approached, times

_TOLERANCE = 2e-5
"""How far above zero a gradient may lie, relative to the row's largest |b|, and count as zero."""
_EXCHANGES = 6
"""Rounds of exchange before a row is left to the paper's steps."""
LARGE = 96
"""Systems with more variables are solved by conjugate gradients, which take nothing out of A."""


def fnnls(A: Floats, b: Floats, passive: Mask, free: Mask | None = None) -> tuple[Floats, Mask]:
    """Solve every row's non-negative least squares by active sets.

    Parameters
    ----------
    A : (n, c, c) symmetric positive definite
    b : (n, c)
    passive : (n, c) first guess of P, such as the last pass's
    free : (c,), optional
        Variables without the constraint, such as biases.

    Returns
    -------
    x : (n, c), zero outside P
    passive : (n, c) where x may be positive
    """
    free = np.zeros(b.shape[1], bool) if free is None else free
    x, P, open_ = exchanged(A, b, passive | free, free)
    if len(open_):
        x[open_], P[open_] = descended(A[open_], b[open_], free)
    return x, P


def exchanged(A: Floats, b: Floats, P: Mask, free: Mask) -> tuple[Floats, Mask, Offsets]:
    """Exchange all that is on the wrong side of the guess P, until nothing is or rounds run out.

    Returns
    -------
    x, P : (n, c)
    open_ : the rows that are not solved
    """
    x, P = np.zeros_like(b), P.copy()
    open_ = np.arange(len(b))
    Ao, bo, Po = A, b, P
    for _ in range(_EXCHANGES):
        s = _solved_on(Ao, bo, Po)
        wrong = ((s < 0) & ~free) | (_gradient(Ao, bo, s, Po) > _tolerance(bo))
        x[open_], P[open_] = s, Po ^ wrong
        open_ = open_[wrong.any(axis=1)]
        if not len(open_):
            break
        Ao, bo, Po = A[open_], b[open_], P[open_]
    return x, P, open_


def descended(A: Floats, b: Floats, free: Mask) -> tuple[Floats, Mask]:
    """Solve from zero: let the variable with the largest gradient in, move, and so on.

    All rows take their steps together; a row leaves once its conditions hold.
    """
    P = np.tile(free, (len(b), 1))
    x = _solved_on(A, b, P)
    open_ = np.arange(len(b))
    for _ in range(3 * b.shape[1] + 10):
        w = _gradient(A[open_], b[open_], x[open_], P[open_])
        rising = w.max(axis=1) > _tolerance(b[open_])[:, 0]
        open_, largest = open_[rising], w[rising].argmax(axis=1)
        if not len(open_):
            break
        P[open_, largest] = True
        x[open_], P[open_] = _moved(A[open_], b[open_], x[open_], P[open_], free)
    return x, P


def _moved(A: Floats, b: Floats, x: Floats, P: Mask, free: Mask) -> tuple[Floats, Mask]:
    """Move the feasible x to the optimum on P, leaving out what would turn negative on the way."""
    open_ = np.arange(len(b))
    while len(open_):
        xo, Po = x[open_], P[open_]
        s = _solved_on(A[open_], b[open_], Po)
        blocking = Po & (s <= 0) & ~free
        # As far towards s as x stays non-negative; what hits zero leaves P.
        ratio = np.where(blocking, xo / np.where(xo > s, xo - s, 1), 1)
        alpha = ratio.min(axis=1, keepdims=True)
        hit = blocking & (ratio <= alpha)
        x[open_] = np.where(hit, 0, np.where(alpha < 1, xo + alpha * (s - xo), s))
        P[open_] = Po & ~hit
        open_ = open_[hit.any(axis=1)]
    return x, P


def _solved_on(A: Floats, b: Floats, P: Mask) -> Floats:
    """Solve the rows' systems restricted to P; zero elsewhere.

    Rows with as many variables in P are solved together, as a stack of systems of just that size.
    """
    c = b.shape[1]
    if c > LARGE:
        return approached(A, b, np.zeros_like(b), P)
    x = np.zeros_like(b)
    sizes = P.sum(axis=1)
    for size in np.unique(sizes[sizes > 0]):
        rows = np.flatnonzero(sizes == size)
        k = P[rows].nonzero()[1].reshape(-1, size)
        at = rows[:, None] * c + k
        A_PP = A.take(at[:, :, None] * c + k[:, None, :])
        x.put(at, np.linalg.solve(A_PP, b.take(at)[:, :, None]))
    return x


def _gradient(A: Floats, b: Floats, x: Floats, P: Mask) -> Floats:
    """Return w outside P; on P it is zero but for rounding, and zero is what is returned."""
    return np.where(P, 0, b - times(A, x))


def _tolerance(b: Floats) -> Floats:
    tolerance: Floats = _TOLERANCE * np.abs(b).max(axis=1, initial=0, keepdims=True)
    return tolerance
