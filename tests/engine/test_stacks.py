"""Sums over the ratings of rows, against plain products."""

from __future__ import annotations

import numpy as np
import pytest

from engine import stacks
from engine.stacks import Sums
from tests.support.arrays import ratings_of


@pytest.mark.parametrize("k", [3, 40, 70])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_row_in_parts_has_the_sums_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, k: int, intercept: bool, weighted: bool
) -> None:
    """Parts and the pieces that BLAS multiplies seldom end together; nothing counts twice."""
    monkeypatch.setattr(stacks, "LONGEST", 20_100)
    rng = np.random.default_rng(0)
    lengths = [1003, 990, 700, 3]
    users = np.concatenate([rng.permutation(1003)[:n] for n in lengths])
    movies = np.repeat(np.arange(4), lengths)
    ratings = ratings_of(users, movies, rng.normal(size=len(users)))
    X = rng.normal(size=(1003, k)).astype(np.float32)
    level = rng.normal(size=1003).astype(np.float32)
    weight = rng.uniform(0.5, 2, 1003).astype(np.float32) if weighted else None
    sums = Sums(ratings.by_movie, X, None, level, intercept=intercept, weight=weight)
    for batch in sums.batches():
        rows = np.concatenate(batch)
        yy = np.zeros(len(rows), np.float32)
        A, b = sums.of(batch, yy)
        for at, row in enumerate(rows):
            others, values = ratings.by_movie.row(row)
            w = np.ones(len(others)) if weight is None else weight[others].astype(float)
            Z = w[:, None] * np.hstack([X[others], np.ones((len(others), int(intercept)))])
            y = w * (values - level[others])
            np.testing.assert_allclose(A[at], Z.T @ Z, atol=5e-3)
            np.testing.assert_allclose(b[at], Z.T @ y, atol=5e-3)
            assert yy[at] == pytest.approx(y @ y, rel=1e-4)
