r"""Many systems of linear equations $A_i w_i = b_i$ at once, each symmetric positive definite."""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import Floats, Mask
from engine.products import ALONE
from engine.stepwise import chunks

SYSTEMS = 1 << 18
"""Coefficients of systems solved in one call: NumPy first copies them in double precision."""
EXACT = 1e-5
"""How much of $b$ conjugate gradients may leave unexplained; single precision has little more."""


def regularise(A: Floats, reg: Floats) -> None:
    """Add `reg` (n, c) to the diagonals of $A$ (n, c, c), in place, so that none is singular."""
    diagonal = np.einsum("ijj->ij", A)
    floor = 1e-6 * diagonal.max(axis=1, initial=0, keepdims=True)
    diagonal += np.where(diagonal + reg > 0, np.maximum(reg, floor), 1)


def regularised(A: Floats, reg: Floats) -> Floats:
    """Return a copy of $A$ (n, c, c) with `reg` (n, c) on its diagonals, never singular."""
    A = A.copy()
    regularise(A, reg)
    return A


def solve(A: Floats, b: Floats) -> Floats:
    """Return $w$ (n, c) with $A_i w_i = b_i$ for every row."""
    n, c = b.shape
    w = np.empty_like(b)
    for part in chunks(n, max(1, SYSTEMS // c**2)):
        w[part] = np.linalg.solve(A[part], b[part, :, None])[:, :, 0]
    return w


def approached(A: Floats, b: Floats, start: Floats, on: Mask | None = None) -> Floats:
    r"""Return $w$ (n, c) as `solve` does, by conjugate gradients from `start` (n, c).

    With a mask `on` (n, c), the systems are restricted to it and w is zero elsewhere.


    The gradients are scaled by A's diagonal (Jacobi's preconditioner) and end where no row's
    $(b - A w)^\top D^{-1} (b - A w)$ is above `EXACT`$^2\, b^\top D^{-1} b$. Between two passes of
    alternating least squares little changes, and a handful of steps is enough, each of which is a
    product with A: rows that need too many are solved directly (Hestenes & Stiefel 1952,
    doi:10.6028/jres.049.044).
    """
    c = b.shape[1]
    inverse = 1 / np.einsum("ijj->ij", A)
    w = start.copy()
    if on is not None:
        inverse *= on  # no step leads outside
        w *= on
    goal = EXACT**2 * _inner(b, inverse * b)
    r = b - times(A, w)
    p = inverse * r
    size = _inner(r, p)
    for _ in range(16 + c // 8):
        if (size <= goal).all():
            return w
        q = times(A, p)
        step = (size / np.maximum(_inner(p, q), _TINY))[:, None]
        w += step * p
        r -= step * q
        z = inverse * r
        before, size = size, _inner(r, z)
        p *= (size / np.maximum(before, _TINY))[:, None]
        p += z
    open_ = np.flatnonzero(~(size <= goal))
    w[open_] = solve(*(A[open_], b[open_]) if on is None else _on(A[open_], b[open_], on[open_]))
    return w


def _on(A: Floats, b: Floats, on: Mask) -> tuple[Floats, Floats]:
    """Return the systems that are solved by zero outside `on`."""
    A = A * (on[:, :, None] & on[:, None, :])
    np.einsum("ijj->ij", A)[...] += ~on
    return A, b * on


_TINY = np.float32(1e-37)


def _inner(a: Floats, b: Floats) -> Floats:
    inner: Floats = np.einsum("ij,ij->i", a, b)
    return inner


def times(A: Floats, w: Floats) -> Floats:
    """Return (n, c) the products of each $A_i$ (c, c) with $w_i$, BLAS staying in this thread."""
    n, c = w.shape
    out = np.empty((n, c), np.float32)
    for rows in chunks(c, max(1, ALONE[1] // c)):
        np.matmul(A[:, rows], w[:, :, None], out=out[:, rows, None])
    return out


def at_most(c: int) -> int:
    """Return how many ratings a row of `c` weights may have for `in_few` to be the quicker way."""
    return min(c // 2, math.isqrt(ALONE[0] // c), ALONE[1] // c)


def in_few(S: Floats, y: Floats, reg: Floats) -> Floats:
    r"""Return $w$ (m, c) of rows with fewer ratings than weights.

    With few rows $S_i$ (n, c) the same minimum comes from a system of only n equations,
    $w = D^{-1} S^\top z$ with $(S D^{-1} S^\top + I) z = y$, D being the penalties on a diagonal.

    Parameters
    ----------
    S : (m, n, c)
    y : (m, n)
    reg : (m, c) positive penalties
    """
    scaled: Floats = S / reg[:, None, :]
    K: Floats = scaled @ S.swapaxes(1, 2)
    np.einsum("ijj->ij", K)[...] += 1
    z = solve(K, y)
    w: Floats = (z[:, None, :] @ scaled)[:, 0]
    return w
