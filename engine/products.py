"""Products of matrices in pieces that BLAS multiplies in the thread that asks.

Larger ones wake threads of its own, and on a busy machine the wait for the last of those takes many
times as long as the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.stepwise import Work, chunks
from engine.threads import Item, Result, in_parallel

Array = TypeVar("Array", bound=NDArray[Any])

ALONE = 1 << 18, 9000
"""Multiplications in one product of matrices, and with a vector, that BLAS does in the thread that
asks; larger ones wake its own threads, which get in the way of ours."""
COLUMNS = 32
"""Columns multiplied with as many others: of a symmetric product that saves nearly half, and the
inner sums are as long as `ALONE` allows."""
_SHARE = 1 << 21


def product(F: Floats, X: Floats) -> Floats:
    """Return F X (n, c) of `F` (n, D), however that lies in memory, and `X` (D, c)."""
    n, D = F.shape
    c = X.shape[1]
    rows = max(1, ALONE[c == 1] // max(D * c, 1))
    whole = n - n % rows
    out = np.empty((n, c), np.float32)
    np.matmul(F[:whole].reshape(-1, rows, D), X, out=out[:whole].reshape(-1, rows, c))
    np.matmul(F[whole:], X, out=out[whole:])
    return out


def large_product(F: Floats, X: Floats) -> Work[Floats]:
    """Return F X as `product` does, in steps and with all threads."""
    n, D = F.shape
    out = np.empty((n, X.shape[1]), np.float32)

    def task(rows: slice) -> float:
        out[rows] = product(F[rows], X)
        return rows.stop / n

    yield from in_shares(task, chunks(n, max(1, _SHARE // max(D, 1))))
    return out


def in_shares(task: Callable[[Item], Result], shares: Iterable[Item]) -> Iterator[Result]:
    """Yield `task(share)` for each share, with all threads if there are several."""
    shares = list(shares)
    return (in_parallel if len(shares) > 1 else map)(task, shares)


def square(X: Array) -> Array:
    """Return (c, c) the product of the transpose of `X` (n, c) with it."""
    n, c = X.shape
    total: Any = np.empty((c, c), X.dtype)
    width = COLUMNS if is_cut(c) else c
    rows = max(1, ALONE[0] // (width * width))
    whole = n - n % rows
    pieces, rest = X[:whole].reshape(-1, rows, c), X[whole:]
    for right in chunks(c, width):
        for i in chunks(c - right.start, width):
            left = slice(right.start + i.start, right.start + i.stop)
            block = (pieces[..., left].transpose(0, 2, 1) @ pieces[..., right]).sum(axis=0)
            block += rest[:, left].T @ rest[:, right]
            total[left, right], total[right, left] = block, block.T
    squared: Array = total
    return squared


def is_cut(c: int) -> bool:
    """Return whether a symmetric product of so many columns is made of blocks of them."""
    return c >= 2 * COLUMNS
