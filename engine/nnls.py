r"""Non-negative least squares for a whole batch of rows at once.

For each row, minimise $\tfrac12 x^\top A x - b^\top x$ subject to $x \ge 0$, given the normal
equations $A = Z^\top Z$ and $b = Z^\top y$ (Bro & de Jong 1997, "A fast non-negativity-constrained
least squares algorithm", doi:10.1002/(SICI)1099-128X(199709/10)11:5<393::AID-CEM483>3.0.CO;2-L).

A solution is known by its Karush-Kuhn-Tucker conditions, with the gradient $w = b - Ax$:
$x \ge 0$, $w \le 0$, and $x_k w_k = 0$ for every $k$.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats, Mask

_TOLERANCE = 2e-5
"""How far above zero a gradient may lie, relative to the row's largest |b|, and count as zero."""


def fnnls(A: Floats, b: Floats, passive: Mask, free: Mask | None = None) -> tuple[Floats, Mask]:
    """Solve every row's non-negative least squares by active sets.

    As in the paper: the passive set P (the variables that may be positive) starts from a guess,
    gains the variables with a positive gradient, and loses those that a step would turn negative.
    All rows take their steps together; a row leaves the batch once its conditions hold. A row
    first lets every variable with a positive gradient in, and if that does not settle soon, only
    the one with the largest, for which the method is proved to end.

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
    c = b.shape[1]
    free = np.zeros(c, bool) if free is None else free
    P = passive | free
    x, P = _feasible(A, b, P, free)
    tolerance = _TOLERANCE * np.abs(b).max(axis=1, initial=0, keepdims=True)
    open_ = np.arange(len(b))
    for attempt in range(3 * c + 10):
        xo, Po = x[open_], P[open_]
        w = b[open_] - np.einsum("nij,nj->ni", A[open_], xo)
        enter = ~Po & (w > tolerance[open_])
        unsettled = enter.any(axis=1)
        if not unsettled.any():
            break
        open_, xo, Po = open_[unsettled], xo[unsettled], Po[unsettled]
        w, enter = w[unsettled], enter[unsettled]
        if attempt >= 3:
            enter = _only_largest(w, enter)
        x[open_], P[open_] = _advance(A[open_], b[open_], xo, Po | enter, free)
    return x, P


def _feasible(A: Floats, b: Floats, P: Mask, free: Mask) -> tuple[Floats, Mask]:
    """Solve on P, dropping what comes out negative until nothing does."""
    x = np.zeros_like(b)
    open_ = np.arange(len(b))
    while len(open_):
        s = _solve_on(A[open_], b[open_], P[open_])
        negative = (s < 0) & ~free
        x[open_] = s
        again = negative.any(axis=1)
        open_ = open_[again]
        P[open_] &= ~negative[again]
    return x, P


def _advance(A: Floats, b: Floats, x: Floats, P: Mask, free: Mask) -> tuple[Floats, Mask]:
    """Move the feasible x to the optimum on P, leaving out what would turn negative on the way."""
    open_ = np.arange(len(b))
    while len(open_):
        xo = x[open_]
        s = _solve_on(A[open_], b[open_], P[open_])
        blocking = P[open_] & (s <= 0) & ~free
        stuck = blocking.any(axis=1)
        x[open_[~stuck]] = s[~stuck]
        open_, xo, s, blocking = open_[stuck], xo[stuck], s[stuck], blocking[stuck]
        if not len(open_):
            break
        # As far towards s as x stays non-negative; what hits zero leaves P.
        gap = np.where(blocking, xo - s, 1)
        ratio = np.where(blocking, xo / np.where(gap > 0, gap, 1), np.inf)
        alpha = ratio.min(axis=1, keepdims=True)
        x[open_] = np.where(blocking & (ratio <= alpha), 0, xo + alpha * (s - xo))
        P[open_] &= ~(blocking & (ratio <= alpha))
    return x, P


def _solve_on(A: Floats, b: Floats, P: Mask) -> Floats:
    """Solve the rows' systems restricted to P; zero elsewhere."""
    masked = A * (P[:, :, None] & P[:, None, :])
    np.einsum("nii->ni", masked)[...] += ~P
    return np.linalg.solve(masked, np.where(P, b, 0)[:, :, None])[:, :, 0]


def _only_largest(w: Floats, enter: Mask) -> Mask:
    largest = np.where(enter, w, -np.inf).argmax(axis=1)
    only = np.zeros_like(enter)
    only[np.arange(len(w)), largest] = True
    return only
