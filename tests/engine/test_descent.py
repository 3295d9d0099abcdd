"""SGD against one rating after another in plain Python: each update sees all those before it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SGD, Ratings, Scale, colouring
from engine.colouring import Batches, colour, conflict_free
from engine.sgd import _Descent
from engine.stepwise import finished
from tests.support.narrowing import factorisation
from tests.support.training import planted


def plainly(
    descent: _Descent, batches: Batches, order: np.ndarray, eta: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One pass by the formula, rating by rating, in doubles."""
    algorithm, k = descent.algorithm, descent.algorithm.factors
    M, U = (side.weights[:, :k].astype(float) for side in (descent.movies, descent.users))
    b, c = np.zeros(len(M)), np.zeros(len(U))
    n_movie = np.bincount(batches.movies, minlength=len(M))
    n_user = np.bincount(batches.users, minlength=len(U))
    p = algorithm.weighting
    for batch in order:
        for at in range(batches.starts[batch], batches.starts[batch + 1]):
            i, j = batches.movies[at], batches.users[at]
            e = batches.values[at] - descent.mean - b[i] - c[j] - M[i] @ U[j]
            di, dj = float(n_movie[i]) ** (p - 1), float(n_user[j]) ** (p - 1)
            if algorithm.biases:
                b[i] += eta * (e - algorithm.bias_reg * di * b[i])
                c[j] += eta * (e - algorithm.bias_reg * dj * c[j])
            M[i], U[j] = (
                M[i] + eta * (e * U[j] - algorithm.reg * di * M[i]),
                U[j] + eta * (e * M[i] - algorithm.reg * dj * U[j]),
            )
            if algorithm.nonnegative:
                M[i], U[j] = np.maximum(M[i], 0), np.maximum(U[j], 0)
    return M, U, b, c


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("weighting", [0.0, 0.5, 1.0])
def test_a_pass_is_that_of_plain_sequential_updates(
    biases: bool, nonnegative: bool, weighting: float
) -> None:
    ratings = planted(users=30, movies=20)
    algorithm = SGD(
        factors=3,
        reg=0.4,
        bias_reg=0.2,
        biases=biases,
        nonnegative=nonnegative,
        weighting=weighting,
    )
    rng = np.random.default_rng(0)
    descent = _Descent(algorithm, ratings, rng)
    (batches,) = finished(conflict_free(ratings, rng))
    assert len(batches.values) > 2 * (len(batches.starts) - 1)  # batches of several ratings each
    order = np.random.default_rng(7).permutation(len(batches.starts) - 1)
    M, U, b, c = plainly(descent, batches, order, 0.08)
    list(descent.learn(batches, 0.08, np.random.default_rng(7)))
    np.testing.assert_allclose(descent.movies.factors, M, atol=2e-5)
    np.testing.assert_allclose(descent.users.factors, U, atol=2e-5)
    np.testing.assert_allclose(descent.movies.bias, b, atol=2e-5)
    np.testing.assert_allclose(descent.users.bias, c, atol=2e-5)
    if nonnegative and biases:  # without biases all factors start far above zero
        assert (M == 0).any()


def test_the_learning_rate_decays_from_pass_to_pass() -> None:
    """With factors held at nothing, both biases of a rating are one recurrence."""
    two = Ratings(np.array([0, 1]), np.array([0, 1]), np.array([2.0, 4.0]), scale=Scale(1, 5))
    algorithm = SGD(
        factors=1, reg=100.0, bias_reg=0.1, weighting=1.0, learning_rate=0.01, decay=0.5, epochs=6
    )
    models = [factorisation(step.model) for step in algorithm.run(two, 0) if step.model]
    b = 0.0
    for epoch in range(5):
        e = -1.0 - 2 * b  # the mean is 3, both biases of the first rating move alike
        b += 0.01 * 0.5**epoch * (e - 0.1 * b)
        if epoch > 0:
            assert models[epoch].movie_bias[0] == pytest.approx(b, abs=2e-4)
            assert models[epoch].user_bias[1] == pytest.approx(-b, abs=2e-4)


@given(seed=st.integers(0, 10**6), cells=st.integers(1, 3000))
@settings(max_examples=30, deadline=None)
def test_many_small_chunks_hold_every_rating_once_without_conflicts(seed: int, cells: int) -> None:
    ratings = planted(seed, users=15, movies=12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(colouring, "CELLS", cells)
        chunks = finished(conflict_free(ratings, np.random.default_rng(seed)))
    if cells < 100:
        assert len(chunks) > 1
    seen: list[tuple[int, int, float]] = []
    for chunk in chunks:
        for first, last in pairwise(chunk.starts):
            batch = [part[first:last] for part in (chunk.users, chunk.movies, chunk.values)]
            assert len(set(batch[0])) == len(set(batch[1])) == last - first > 0
            seen += zip(*batch, strict=True)
    assert sorted(seen) == sorted(zip(ratings.users, ratings.movies, ratings.values, strict=True))


def test_nearly_all_ratings_find_a_colour_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search goes rating by rating in Python, so few may be left to it."""
    left: list[int] = []
    search = colouring._first_fit

    def counted(colours: np.ndarray, rest: np.ndarray, *more: np.ndarray) -> None:
        left.append(len(rest))
        search(colours, rest, *more)

    monkeypatch.setattr(colouring, "_first_fit", counted)
    ratings = planted(users=300, movies=200, share=0.2)
    colour(ratings.users, ratings.movies, 300, 200, np.random.default_rng(0))
    assert left[0] < 0.1 * len(ratings)


def test_there_are_few_more_colours_than_the_busiest_has_ratings() -> None:
    rng = np.random.default_rng(0)
    ratings = planted(users=200, movies=150, share=0.3)
    colours = colour(ratings.users, ratings.movies, 200, 150, rng)
    busiest = max(ratings.by_user.counts.max(), ratings.by_movie.counts.max())
    assert busiest <= colours.max() + 1 <= 1.3 * busiest
