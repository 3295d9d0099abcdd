r"""The inverse of a large symmetric positive definite matrix, in its own place and in steps.

With the matrix cut in two by two blocks, the Schur complement S of the first gives

$$\begin{pmatrix} A & B^\top \\ B & C \end{pmatrix}^{-1} =
  \begin{pmatrix} A^{-1} + W^\top S^{-1} W & -(S^{-1} W)^\top \\ -S^{-1} W & S^{-1} \end{pmatrix},
  \qquad W = B A^{-1}, \quad S = C - W B^\top,$$

and $A^{-1}$ and $S^{-1}$ come the same way. Of symmetric products one half is multiplied and the
other mirrored, so that there are about as many multiplications as in a Cholesky factorisation and
the inverse from it, nearly all of them in products of large matrices.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats
from engine.stepwise import Work, chunks

LEAF = 384
"""Up to this size LAPACK inverts."""
PANEL = 512
"""So many rows of a symmetric product are multiplied at once, up to their end."""
PRODUCT = 1 << 33
"""Multiplications in one step: some tenths of a second."""


def invert(A: Floats) -> Work[None]:
    """Replace `A` (n, n), of which only the lower half is read, by its inverse.

    It takes a third of the memory of `A` besides.
    """
    n = len(A)
    done, total = 0.0, max(float(n) ** 3, 1.0)
    for multiplied in _inverted(A, np.empty(n * n // 3 + n * PANEL, np.float32)):
        done = min(done + multiplied / total, 1.0)
        yield done


def _inverted(A: Floats, room: Floats) -> Work[None]:
    """Invert `A` with `room` to work in; yield the multiplications since the last step, about."""
    n = len(A)
    if n <= LEAF:
        lower = np.tril(A)
        A[:] = np.linalg.inv(lower + np.tril(lower, -1).T)
        return
    h = n // 2
    first, B, C = A[:h, :h], A[h:, :h], A[h:, h:]
    yield from _inverted(first, room)
    W = room[: (n - h) * h].reshape(n - h, h)
    room = room[W.size :]
    yield from _multiplied(B, first, W)
    yield from _lower_added(-1, W, B.T, C, room)
    yield from _inverted(C, room)
    yield from _multiplied(C, W, B)  # B is no longer needed
    yield from _lower_added(1, W.T, B, first, room)
    mirror(first)
    np.negative(B, out=B)
    A[:h, h:] = B.T


def _multiplied(X: Floats, Y: Floats, out: Floats) -> Work[None]:
    """Write X Y into `out`."""
    for rows in chunks(len(X), max(1, PRODUCT // Y.size)):
        np.matmul(X[rows], Y, out=out[rows])
        yield (rows.stop - rows.start) * Y.size


def _lower_added(sign: int, X: Floats, Y: Floats, to: Floats, room: Floats) -> Work[None]:
    """Add or take the lower half of X Y, which is symmetric, and a little of the upper half."""
    n, k = X.shape
    for rows in chunks(n, min(PANEL, max(1, PRODUCT // Y.size))):
        m = rows.stop - rows.start
        product = room[: m * rows.stop].reshape(m, rows.stop)
        np.matmul(X[rows], Y[:, : rows.stop], out=product)
        part = to[rows, : rows.stop]
        (np.add if sign > 0 else np.subtract)(part, product, out=part)
        yield m * k * rows.stop


def mirror(A: Floats) -> None:
    """Copy the lower half of `A` (n, n) to the upper."""
    for rows in chunks(len(A), PANEL):
        own = A[rows, rows]
        own[:] = np.tril(own) + np.tril(own, -1).T
        A[: rows.start, rows] = A[rows, : rows.start].T
