r"""Truncated SVD of *sparse + low-rank* matrices that are never formed.

An imputed rating matrix is dense, but it is the sum of a sparse matrix E on the known ratings and
a matrix $L R^\top$ of low rank. Products with it cost as much as products with its parts, and they
are all that a randomised SVD wants (Halko, Martinsson & Tropp 2011, doi:10.1137/090771806).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import Doubles, Floats
from engine.products import ALONE
from engine.ratings import Grouped, Ratings
from engine.rows import blocks
from engine.stacks import BLOCK
from engine.stepwise import Work, chunks, finished, scaled
from engine.threads import in_parallel

OVERSAMPLING = 10
"""Columns beyond the rank: they let the leading ones settle soon."""


class TruncatedSVD(NamedTuple):
    r"""$U \, \mathrm{diag}(s) \, V^\top$ with orthonormal columns and s descending."""

    U: Floats
    """(n_movies, k)"""
    s: Floats
    """(k,)"""
    V: Floats
    """(n_users, k)"""


def sparse_times(grouped: Grouped, values: Floats, X: Floats) -> Floats:
    """Return E X (n_rows, k) for the sparse E with `values` (n,) in the order of `grouped`."""
    return finished(multiplying(grouped, values, X))


def multiplying(grouped: Grouped, values: Floats, X: Floats) -> Work[Floats]:
    """Do what `sparse_times` does, in steps."""
    product = np.empty((grouped.n_rows, X.shape[1]), np.float32)
    longest = ALONE[1] // X.shape[1]

    def task(rows: slice) -> float:
        first, last = grouped.starts[rows.start], grouped.starts[rows.stop]
        S, e = X[grouped.others[first:last]], values[first:last]
        bounds = (grouped.starts[rows.start : rows.stop + 1] - first).tolist()
        dot, einsum = np.dot, np.einsum
        for out, low, high in zip(product[rows], bounds, bounds[1:], strict=False):
            if high - low <= longest:
                dot(e[low:high], S[low:high], out)
            else:
                einsum("i,ij->j", e[low:high], S[low:high], out=out)
        return rows.stop / grouped.n_rows

    yield from in_parallel(task, blocks(grouped))
    return product


@dataclass(frozen=True, eq=False)
class SparseLowRank:
    r"""The matrix $E + L R^\top$ of (n_movies, n_users), with E on the known ratings."""

    ratings: Ratings
    by_movie: Floats
    """(n,) entries of E in the order of `ratings.by_movie`"""
    by_user: Floats
    """(n,) the same in the order of `ratings.by_user`"""
    L: Floats
    """(n_movies, r)"""
    R: Floats
    """(n_users, r)"""

    def times(self, X: Floats) -> Work[Floats]:
        """Return the product (n_movies, k) with `X` (n_users, k)."""
        product = yield from multiplying(self.ratings.by_movie, self.by_movie, X)
        yield from _adding(product, self.L, self.R, X)
        return product

    def transposed_times(self, X: Floats) -> Work[Floats]:
        """Return the transpose's product (n_users, k) with `X` (n_movies, k)."""
        product = yield from multiplying(self.ratings.by_user, self.by_user, X)
        yield from _adding(product, self.R, self.L, X)
        return product

    def iterate(self, V: Floats) -> Work[TruncatedSVD]:
        """Return the SVD within the span of the matrix's product with `V`: one power iteration."""
        product = yield from scaled(self.times(V), 0, 0.45)
        Q, _, _ = yield from scaled(decomposed(product), 0.45, 0.5)
        product = yield from scaled(self.transposed_times(Q), 0.5, 0.95)
        V, s, Z = yield from scaled(decomposed(product), 0.95, 1)
        U = yield from scaled(_turned(Q, Z), 1, 1)
        return TruncatedSVD(U, s, V)


def decomposed(X: Floats) -> Work[TruncatedSVD]:
    r"""Return the SVD of a tall X (n, c), as U (n, c), s and V (c, c).

    $X^\top X = V S^2 V^\top$ and $U = X V S^{-1}$, in doubles, so that singular values are good to
    a hundred-millionth of the largest; where they are zero so is U. Unlike Householder's way it
    takes few and large products, and goes in steps.
    """
    c = X.shape[1]
    G = np.zeros((c, c))
    for part in _pieces(len(X), c, c):
        rows = X[part].astype(np.float64)
        G += rows.T @ rows
        yield part.stop / len(X) / 2
    _, squares, Vt = np.linalg.svd(G)  # a hundred times faster than eigh on a busy machine
    s, V = np.sqrt(squares), Vt.T
    inverse = V * np.divide(1, s, out=np.zeros_like(s), where=s > 1e-7 * s[0])
    U = yield from scaled(_turned(X, inverse), 0.5, 1)
    return TruncatedSVD(U, s.astype(np.float32), V.astype(np.float32))


def _turned(X: Floats, T: Floats | Doubles) -> Work[Floats]:
    """Return the product (n, c) of a tall X (n, c) and T (c, c)."""
    product = np.empty_like(X)
    for part in _pieces(len(X), *T.shape):
        product[part] = X[part] @ T
        yield part.stop / len(X)
    return product


def _adding(product: Floats, L: Floats, R: Floats, X: Floats) -> Work[None]:
    r"""Add $L (R^\top X)$ to `product`."""
    r, k = R.shape[1], X.shape[1]
    inner = np.zeros((r, k), np.float32)
    for part in _pieces(len(R), r, k):
        inner += R[part].T @ X[part]
        yield 1.0
    for part in _pieces(len(L), r, k):
        product[part] += L[part] @ inner
        yield 1.0


def _pieces(n: int, a: int, b: int) -> Iterator[slice]:
    """Yield slices of `n` rows whose products of a by b BLAS does in the thread that asks."""
    return chunks(n, max(ALONE[0] // (a * b), 64))


def filled(ratings: Ratings, targets: Floats, L: Floats, R: Floats) -> Work[SparseLowRank]:
    r"""Return the matrix with `targets` (n,) for the known ratings and $L R^\top$ elsewhere."""
    n = len(ratings)
    E = np.empty(n, np.float32)

    def task(part: slice) -> float:
        low_rank = np.einsum("ij,ij->i", L[ratings.movies[part]], R[ratings.users[part]])
        E[part] = targets[part] - low_rank
        return part.stop / n

    yield from (done / 2 for done in in_parallel(task, chunks(n, BLOCK)))
    by_movie, by_user = np.empty_like(E), np.empty_like(E)
    for part in chunks(n):
        by_movie[part] = E[ratings.by_movie.order[part]]
        by_user[part] = E[ratings.by_user.order[part]]
        yield 0.5 + part.stop / n / 2
    return SparseLowRank(ratings, by_movie, by_user, L, R)


def start(n_users: int, n_movies: int, k: int, rng: np.random.Generator) -> Floats:
    """Return random columns (n_users, k + oversampling) to begin power iterations with."""
    columns = min(k + OVERSAMPLING, n_users, n_movies)
    return rng.normal(size=(n_users, columns)).astype(np.float32)
