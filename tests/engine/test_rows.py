"""Least squares of many rows at once, against plain loops, at every kind of rank and row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Ratings, stacks
from engine.products import square
from engine.rows import Penalty, normal_equations, solve_rows
from engine.solving import approached, at_most, in_few, regularised, solve, times
from engine.stacks import Kept
from tests.support.arrays import ratings_of
from tests.support.narrowing import present

RANKS = [1, 2, 33, 128, 500]
COUNTS = [0, 1, 2, 3, 17, 40, 40, 90]
"""Ratings of each movie: none, fewer than most ranks, as many as another, and many."""
N_USERS = 90


def ratings() -> Ratings:
    rng = np.random.default_rng(0)
    pairs = [(u, m) for m, n in enumerate(COUNTS) for u in rng.permutation(N_USERS)[:n]]
    users, movies = np.array(pairs).T
    return ratings_of(users, movies, rng.integers(1, 11, len(pairs)) / 2, N_USERS, len(COUNTS))


def factors(k: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1 / np.sqrt(k), (N_USERS, k)).astype(np.float32)


def rows_of(train: Ratings) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for movie in range(train.n_movies):
        mine = train.movies == movie
        yield train.users[mine], train.values[mine].astype(float)


def least_squares(train: Ratings, X: np.ndarray, level: np.ndarray, penalty: Penalty) -> np.ndarray:
    """The ridge regression of every movie, with a last column for the bias if there is one."""
    w = []
    for users, values in rows_of(train):
        Z = X[users].astype(float)
        if penalty.bias_reg is not None:
            Z = np.column_stack([Z, np.ones(len(users))])
        cost = np.full(Z.shape[1], penalty.reg)
        if penalty.bias_reg is not None:
            cost[-1] = penalty.bias_reg
        A = Z.T @ Z + np.diag(cost) * max(len(users), 1) ** penalty.weighting
        w.append(np.linalg.solve(A, Z.T @ (values - level[users])))
    return np.array(w)


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("k", RANKS)
def test_normal_equations_are_sums_over_a_rows_ratings(k: int, intercept: bool) -> None:
    train, X = ratings(), factors(k)
    everything = slice(0, train.n_movies)
    A, b = normal_equations(train.by_movie, X, None, everything, intercept=intercept)
    for movie, (users, values) in enumerate(rows_of(train)):
        Z = X[users].astype(float)
        if intercept:
            Z = np.column_stack([Z, np.ones(len(users))])
        np.testing.assert_allclose(A[movie], Z.T @ Z, atol=2e-4)
        np.testing.assert_allclose(b[movie], Z.T @ values, atol=2e-3)


@pytest.mark.parametrize("longest", [1, 700, 10**5])
@pytest.mark.parametrize("k", [3, 70])
def test_long_rows_are_added_up_in_parts(
    k: int, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, X = ratings(), factors(k)
    monkeypatch.setattr(stacks, "LONGEST", longest)
    found = normal_equations(train.by_movie, X, None, slice(0, train.n_movies), intercept=True)
    monkeypatch.undo()
    whole = normal_equations(train.by_movie, X, None, slice(0, train.n_movies), intercept=True)
    for ours, expected in zip(found, whole, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("bias_reg", [None, 0.3])
@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("k", RANKS)
def test_every_row_is_a_ridge_regression(k: int, warm: bool, bias_reg: float | None) -> None:
    train, X = ratings(), factors(k)
    level = np.linspace(2, 4, N_USERS).astype(np.float32)
    penalty = Penalty(0.2, 0.5, bias_reg=bias_reg)
    expected = least_squares(train, X, level, penalty)
    c = k + (bias_reg is not None)
    start = np.random.default_rng(3).normal(size=(train.n_movies, c)).astype(np.float32)
    w = np.full((train.n_movies, c), np.nan)
    done = []
    for solved in solve_rows(
        train.by_movie,
        X,
        None,
        penalty,
        level=level,
        intercept=bias_reg is not None,
        start=start if warm else None,
    ):
        w[solved.rows] = solved.w
        done.append(solved.done)
    np.testing.assert_allclose(w, expected, atol=1e-3)
    assert done == sorted(done)
    assert done[-1] == 1


@pytest.mark.parametrize("k", [1, 33, 128])
def test_non_negative_rows_meet_their_conditions(k: int) -> None:
    train, X = ratings(), np.abs(factors(k)) - 0.3 / np.sqrt(k)
    penalty = Penalty(0.2, 0.5, nonnegative=True)
    for solved in solve_rows(train.by_movie, X, None, penalty):
        assert (solved.w >= 0).all()
        for movie, w, P in zip(
            solved.rows, solved.w.astype(float), present(solved.passive), strict=True
        ):
            users, values = list(rows_of(train))[movie]
            if not len(users):
                assert not w.any()
                continue
            Z = X[users].astype(float)
            gradient = Z.T @ (values - Z @ w) - 0.2 * np.sqrt(len(users)) * w
            size = np.abs(Z.T @ values).max()
            assert np.abs(gradient[w > 0]).max(initial=0) < 1e-3 * size
            assert gradient.max() < 1e-3 * size
            assert P[w > 0].all()


def test_what_all_rows_share_is_added_to_each() -> None:
    train, X = ratings(), factors(5)
    shared = square(X)
    for start in (None, np.zeros((train.n_movies, 5), np.float32)):
        w = np.zeros((train.n_movies, 5))
        for solved in solve_rows(
            train.by_movie, X, None, Penalty(0.2, 0.0), shared=shared, start=start
        ):
            w[solved.rows] = solved.w
        for movie, (users, values) in enumerate(rows_of(train)):
            A = X[users].T @ X[users] + shared + 0.2 * np.eye(5)
            np.testing.assert_allclose(w[movie], np.linalg.solve(A, X[users].T @ values), atol=1e-4)


def test_stacks_that_were_kept_give_the_same_again() -> None:
    train, kept = ratings(), Kept()
    for seed in (1, 2):
        X = factors(6, seed)
        again = list(solve_rows(train.by_movie, X, None, Penalty(0.1), kept=kept))
        fresh = list(solve_rows(train.by_movie, X, None, Penalty(0.1)))
        for one, other in zip(again, fresh, strict=True):
            np.testing.assert_array_equal(one.rows, other.rows)
            np.testing.assert_array_equal(one.w, other.w)
    assert kept


def definite(n: int, c: int, seed: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2 * c + 1, c)) * np.exp(spread * rng.normal(size=c))
    A = X.swapaxes(1, 2) @ X + 0.1 * np.eye(c)
    return A.astype(np.float32), rng.normal(size=(n, c)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 12), c=st.sampled_from([1, 2, 33, 128]), seed=st.integers(0, 10**6))
def test_conjugate_gradients_reach_the_solution(n: int, c: int, seed: int) -> None:
    A, b = definite(n, c, seed)
    expected = np.linalg.solve(A.astype(float), b[:, :, None])[:, :, 0]
    size = np.abs(expected).max(axis=1, keepdims=True)  # single precision forgets the far smaller
    start = (size * np.random.default_rng(seed).normal(size=(n, c))).astype(np.float32)
    close = {"rtol": 1e-3, "atol": 2e-4 * np.abs(expected).max()}
    np.testing.assert_allclose(approached(A, b, start), expected, **close)
    np.testing.assert_allclose(approached(A, b, expected.astype(np.float32)), expected, **close)
    np.testing.assert_allclose(solve(A, b), expected, **close)


def test_rows_that_gradients_cannot_reach_are_solved_directly() -> None:
    spectrum = np.geomspace(1e-3, 1e3, 40)
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(40, 40)))[0]
    A = ((Q * spectrum) @ Q.T)[None].astype(np.float32)
    b = np.ones((1, 40), np.float32)
    w = approached(A, b, np.zeros((1, 40), np.float32))
    np.testing.assert_array_equal(w, solve(A, b))


@pytest.mark.parametrize("c", [4, 120])
def test_a_restricted_solution_is_that_of_the_part_and_zero_elsewhere(c: int) -> None:
    A, b = definite(5, c, 0)
    on = np.random.default_rng(1).random((5, c)) < 0.5
    on[0] = False
    w = approached(A, b, np.ones((5, c), np.float32), on)
    assert not w[~on].any()
    for row in range(1, 5):
        P = on[row]
        expected = np.linalg.solve(A[row][np.ix_(P, P)].astype(float), b[row, P])
        np.testing.assert_allclose(w[row, P], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("c", [6, 33, 500])
def test_few_ratings_give_the_same_weights_through_few_equations(c: int) -> None:
    n, rng = at_most(c), np.random.default_rng(0)
    assert 1 <= n <= c // 2
    S = rng.normal(size=(4, n, c)).astype(np.float32)
    y, reg = rng.normal(size=(4, n)).astype(np.float32), np.full((4, c), 0.7, np.float32)
    A = regularised(S.swapaxes(1, 2) @ S, reg).astype(float)
    b = (S.swapaxes(1, 2).astype(float) @ y[:, :, None]).astype(float)
    np.testing.assert_allclose(in_few(S, y, reg), np.linalg.solve(A, b)[:, :, 0], atol=1e-4)


def test_regularised_leaves_its_argument_alone() -> None:
    A = np.ones((2, 3, 3), np.float32)
    reg = np.full((2, 3), 0.5, np.float32)
    np.testing.assert_array_equal(regularised(A, reg), A + 0.5 * np.eye(3, dtype=np.float32))
    assert (A == 1).all()


@pytest.mark.parametrize("c", [1, 33, 64, 100, 130])
def test_products_in_pieces_are_products(c: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(700, c)).astype(np.float32)
    np.testing.assert_allclose(square(X), X.T.astype(float) @ X, rtol=1e-3, atol=1e-2)
    A, w = rng.normal(size=(3, c, c)).astype(np.float32), X[:3]
    np.testing.assert_allclose(times(A, w), (A @ w[:, :, None])[:, :, 0], rtol=1e-3, atol=1e-3)
