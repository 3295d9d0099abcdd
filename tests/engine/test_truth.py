"""Each algorithm's mathematics against something that was not written for it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ALS, NMF, SGD, SVD, Ratings, Scale, training
from engine.colouring import colour, conflict_free
from engine.factorisation import Ridge
from engine.imputation import Projection, imputed
from engine.nmf import multiplied
from engine.nnls import descended, exchanged, fnnls
from engine.rows import blocks, normal_equations
from engine.solving import regularised
from engine.stacks import STACK, Kept, stacks
from engine.stepwise import finished
from tests.support.narrowing import factorisation, made, of_kind
from tests.support.training import learned, loss, planted

# Non-negative least squares


def problems(seed: int, n: int, c: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, rows, c)), rng.normal(size=(n, rows))


@pytest.mark.parametrize(("c", "rows"), [(1, 3), (4, 20), (16, 30), (12, 12)])
def test_fnnls_finds_what_scipy_finds(c: int, rows: int) -> None:
    Z, y = problems(c, 60, c, rows)
    A = np.einsum("nri,nrj->nij", Z, Z).astype(np.float32)
    b = np.einsum("nri,nr->ni", Z, y).astype(np.float32)
    guess = np.random.default_rng(1).random((60, c)) < 0.5
    x, passive = fnnls(A, b, guess)
    for i in range(60):
        residual = np.linalg.norm(Z[i] @ x[i] - y[i])
        assert residual <= scipy.optimize.nnls(Z[i], y[i])[1] + 1e-3
    assert (x[~passive] == 0).all()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), c=st.integers(1, 10), extra=st.integers(0, 10))
def test_fnnls_meets_its_karush_kuhn_tucker_conditions(seed: int, c: int, extra: int) -> None:
    Z, y = problems(seed, 8, c, c + extra)
    A = np.einsum("nri,nrj->nij", Z, Z) + 0.1 * np.eye(c)
    b = np.einsum("nri,nr->ni", Z, y)
    x, _ = fnnls(A.astype(np.float32), b.astype(np.float32), np.ones((8, c), bool))
    w = b - np.einsum("nij,nj->ni", A, x)
    size = np.abs(b).max()
    assert (x >= 0).all()
    assert (w <= 1e-3 * size).all()
    assert (np.abs(x * w) <= 2e-3 * size * (1 + x)).all()


def test_free_variables_may_be_negative() -> None:
    A, b = np.eye(3, dtype=np.float32)[None], np.array([[-1, -2, -3]], np.float32)
    free = np.array([False, False, True])
    for x, _ in (fnnls(A, b, np.ones((1, 3), bool), free), descended(A, b, free)):
        np.testing.assert_allclose(x, [[0, 0, -3]])


def test_rows_that_exchange_leaves_in_circles_are_solved_all_the_same() -> None:
    Z, y = problems(0, 2000, 10, 10)
    A = (np.einsum("nri,nrj->nij", Z, Z) + 0.01 * np.eye(10)).astype(np.float32)
    b = np.einsum("nri,nr->ni", Z, y).astype(np.float32)
    guess = np.random.default_rng(1).random(b.shape) < 0.5
    none = np.zeros(10, bool)
    left = exchanged(A, b, guess, none)[2]
    assert 0 < len(left) < 100
    solved = fnnls(A, b, guess)[0][left]
    for at, x in zip(left, solved, strict=True):
        L = np.linalg.cholesky(A[at].astype(float))
        best = scipy.optimize.nnls(L.T, np.linalg.solve(L, b[at]))[0]
        assert energy(A[at], b[at], x) <= energy(A[at], b[at], best) + 1e-4


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), c=st.integers(1, 10), extra=st.integers(0, 10))
def test_both_ways_to_a_solution_end_in_the_same_one(seed: int, c: int, extra: int) -> None:
    Z, y = problems(seed, 8, c, c + extra)
    A = (np.einsum("nri,nrj->nij", Z, Z) + 0.1 * np.eye(c)).astype(np.float32)
    b = np.einsum("nri,nr->ni", Z, y).astype(np.float32)
    free = np.random.default_rng(seed).random(c) < 0.3
    x, _, left = exchanged(A, b, np.ones((8, c), bool), free)
    downhill, passive = descended(A, b, free)
    assert (downhill[~passive] == 0).all()
    assert (downhill[:, ~free] >= 0).all()
    for i in set(range(8)) - set(left.tolist()):
        assert energy(A[i], b[i], x[i]) == pytest.approx(
            energy(A[i], b[i], downhill[i]), rel=1e-3, abs=1e-3
        )


def energy(A: np.ndarray, b: np.ndarray, x: np.ndarray) -> float:
    x = x.astype(float)
    return float(0.5 * x @ A.astype(float) @ x - b.astype(float) @ x)


# ALS


@pytest.mark.parametrize("nonnegative", [False, True])
def test_als_never_raises_its_objective(nonnegative: bool) -> None:
    ratings = planted()
    algorithm = ALS(factors=4, reg=0.3, epochs=8, nonnegative=nonnegative)
    losses = [loss(model, ratings, algorithm.penalty) for model in learned(algorithm, ratings)]
    assert all(later <= earlier * (1 + 1e-5) for earlier, later in pairwise(losses))


def test_non_negative_factors_without_biases_start_at_the_height_of_the_stars() -> None:
    ratings = planted()
    algorithm = ALS(factors=4, reg=1, weighting=0, nonnegative=True, biases=False, epochs=8)
    models = learned(algorithm, ratings)
    losses = [loss(model, ratings, algorithm.penalty) for model in models]
    assert all(later <= earlier * (1 + 1e-5) for earlier, later in pairwise(losses))
    assert losses[0] < 3 * losses[-1]


@pytest.mark.parametrize("weighting", [0.0, 0.5, 1.0])
def test_als_solves_each_user_exactly(weighting: float) -> None:
    ratings = planted()
    algorithm = ALS(factors=3, reg=0.5, bias_reg=0.2, weighting=weighting, epochs=3)
    *_, epoch = training.train(algorithm, ratings)
    model = factorisation(epoch.model)
    for user in (0, 5):
        movies, values = ratings.by_user.row(user)
        X = np.column_stack([model.movie_factors[movies], np.ones(len(movies))]).astype(float)
        y = values - model.mean - model.movie_bias[movies]
        cost = np.diag([0.5, 0.5, 0.5, 0.2]) * len(movies) ** weighting
        expected = np.linalg.solve(X.T @ X + cost, X.T @ y)
        np.testing.assert_allclose(model.user_factors[user], expected[:3], atol=2e-4)
        assert model.user_bias[user] == pytest.approx(expected[3], abs=2e-4)


@pytest.mark.parametrize("c", [1, 5, 120])  # with 120, rows are cut into pieces
def test_normal_equations_are_the_sums_they_stand_for(c: int) -> None:
    ratings = planted()
    X = np.random.default_rng(0).normal(size=(ratings.n_users, c)).astype(np.float32)
    A, b = normal_equations(ratings.by_movie, X, ratings.by_movie.values, slice(3, 9))
    for i, movie in enumerate(range(3, 9)):
        users, values = ratings.by_movie.row(movie)
        np.testing.assert_allclose(
            A[i], sum(np.outer(X[u], X[u]) for u in users), rtol=1e-4, atol=1e-4
        )
        np.testing.assert_allclose(
            b[i], sum(v * X[u] for u, v in zip(users, values, strict=True)), rtol=1e-4, atol=1e-4
        )


def test_an_intercept_is_a_column_of_ones() -> None:
    ratings = planted()
    grouped = ratings.by_movie
    X = np.random.default_rng(0).normal(size=(ratings.n_users, 5)).astype(np.float32)
    ones = np.hstack([X, np.ones((len(X), 1), np.float32)])
    rows = slice(2, 40)
    told = normal_equations(grouped, X, grouped.values, rows, intercept=True)
    for ours, expected in zip(
        told, normal_equations(grouped, ones, grouped.values, rows), strict=True
    ):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


def test_stacks_that_were_kept_serve_other_factors_and_targets() -> None:
    ratings = planted()
    grouped, rng = ratings.by_movie, np.random.default_rng(0)
    kept: Kept = {}
    for _ in range(2):
        X = rng.normal(size=(ratings.n_users, 5)).astype(np.float32)
        y = rng.normal(size=len(ratings)).astype(np.float32)
        for rows in blocks(grouped, most=20):
            again = normal_equations(grouped, X, y, rows, kept=kept)
            for ours, expected in zip(again, normal_equations(grouped, X, y, rows), strict=True):
                np.testing.assert_array_equal(ours, expected)
    assert len(kept) > 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 300), spread=st.floats(0, 4))
def test_stacks_hold_every_rated_row_once_with_little_padding(
    seed: int, n: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    counts = np.floor(rng.lognormal(3, spread, n)).clip(0, 10**5).astype(np.int64)
    groups = list(stacks(counts))
    rows = np.concatenate([*groups, np.zeros(0, np.int64)])
    assert sorted(rows.tolist()) == np.flatnonzero(counts).tolist()
    for group in groups:
        padded = int(counts[group].max()) * len(group)
        assert len(group) == 1 or padded <= STACK
        assert padded - counts[group].sum() <= STACK // 20


def test_blocks_hold_every_row_once_and_no_more_than_asked() -> None:
    grouped = planted().by_user
    parts = list(blocks(grouped, block=50, most=7))
    assert [row for part in parts for row in range(part.start, part.stop)] == list(
        range(grouped.n_rows)
    )
    assert max(part.stop - part.start for part in parts) <= 7


def test_a_row_without_ratings_stays_at_zero() -> None:
    A = regularised(np.zeros((1, 2, 2), np.float32), np.zeros((1, 2), np.float32))
    np.testing.assert_array_equal(np.linalg.solve(A, np.zeros((1, 2, 1))), np.zeros((1, 2, 1)))


# NMF


def test_one_multiplicative_update_is_the_formula() -> None:
    ratings = planted(users=12, movies=9)
    rng = np.random.default_rng(3)
    M, U = (rng.uniform(0.1, 1, (n, 3)).astype(np.float32) for n in (9, 12))
    reg = 0.07
    A, b = normal_equations(ratings.by_movie, U, ratings.by_movie.values, slice(0, 9))
    counts = ratings.by_movie.counts[:, None]
    updated = multiplied(M, A, b, (reg * counts * np.ones(3)).astype(np.float32), 1)
    for i in range(9):
        users, values = ratings.by_movie.row(i)
        for k in range(3):
            top = sum(U[j, k] * r for j, r in zip(users, values, strict=True))
            bottom = sum(U[j, k] * (M[i] @ U[j]) for j in users) + reg * len(users) * M[i, k]
            assert updated[i, k] == pytest.approx(M[i, k] * top / bottom, rel=1e-4)


@pytest.mark.parametrize("biases", [False, True])
def test_nmf_never_raises_its_loss(biases: bool) -> None:
    ratings = planted()
    algorithm = NMF(factors=4, reg=0.1, bias_reg=0.3, epochs=30, updates=1, biases=biases)
    losses = []
    for model in learned(algorithm, ratings):
        losses.append(loss(model, ratings, of_kind(Ridge, model.fold).penalty))
    assert all(later <= earlier * (1 + 1e-5) for earlier, later in pairwise(losses))
    assert losses[-1] < 0.5 * losses[0]


def test_no_factor_of_nmf_is_stuck_at_zero() -> None:
    ratings = planted()
    models = [factorisation(s.model) for s in NMF(factors=3, epochs=5).run(ratings) if s.model]
    assert (models[-2].movie_factors > 0).all()


# SGD


@pytest.mark.parametrize("biases", [False, True])
def test_an_sgd_update_goes_down_the_gradient(biases: bool) -> None:
    """One rating: the step is -eta/2 times the slope of its loss, found by finite differences."""
    eta = 1e-2
    start: list[np.ndarray] = []
    moved: list[np.ndarray] = []
    one = Ratings(np.array([0]), np.array([0]), np.array([4.0]), 1, 1, Scale(1, 5))
    for rate in (1e-6, eta):
        algorithm = SGD(
            factors=2,
            reg=0.3,
            bias_reg=0.1,
            weighting=1.0,
            learning_rate=rate,
            decay=1.0,
            biases=biases,
            epochs=2,
        )
        model = learned(algorithm, one)[0]
        row = np.concatenate(
            [model.movie_factors[0], model.user_factors[0], model.movie_bias, model.user_bias]
        )
        (start if rate < eta else moved).append(row.astype(float))
    at = start[0]
    mean = one.mean if biases else 0.0

    def objective(p: np.ndarray) -> float:
        error = 4.0 - mean - p[4] - p[5] - p[:2] @ p[2:4]
        return error**2 + 0.3 * p[:4] @ p[:4] + 0.1 * p[4:] @ p[4:]

    slope = np.array([(objective(at + d) - objective(at - d)) / 2e-4 for d in np.eye(6) * 1e-4])
    expected = at - eta / 2 * slope
    if not biases:
        expected[4:] = 0
    np.testing.assert_allclose(moved[0], expected, atol=2e-4)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n_users=st.integers(1, 20), n_movies=st.integers(1, 20))
def test_no_batch_holds_a_user_or_a_movie_twice(seed: int, n_users: int, n_movies: int) -> None:
    rng = np.random.default_rng(seed)
    u, m = np.nonzero(rng.random((n_users, n_movies)) < 0.5)
    if not len(u):
        return
    colours = colour(u.astype(np.int32), m.astype(np.int32), n_users, n_movies, rng)
    assert colours.min() >= 0
    assert len(set(zip(u.tolist(), colours.tolist(), strict=True))) == len(u)
    assert len(set(zip(m.tolist(), colours.tolist(), strict=True))) == len(u)


def test_batches_hold_every_rating_once() -> None:
    ratings = planted()
    seen: list[tuple[int, int, float]] = []
    for chunk in finished(conflict_free(ratings, np.random.default_rng(0))):
        seen += zip(chunk.users.tolist(), chunk.movies.tolist(), chunk.values.tolist(), strict=True)
    assert sorted(seen) == sorted(
        zip(ratings.users.tolist(), ratings.movies.tolist(), ratings.values.tolist(), strict=True)
    )


# SVD


def dense(ratings: Ratings, imputation: str) -> np.ndarray:
    R = np.full((ratings.n_movies, ratings.n_users), np.nan)
    R[ratings.movies, ratings.users] = ratings.values
    filling = {
        "zero": np.zeros_like(R),
        "global mean": np.full_like(R, np.nanmean(R)),
        "movie mean": np.broadcast_to(np.nanmean(R, axis=1, keepdims=True), R.shape),
        "user mean": np.broadcast_to(np.nanmean(R, axis=0, keepdims=True), R.shape),
    }[imputation]
    return np.where(np.isnan(R), filling, R)


@pytest.mark.parametrize("imputation", ["zero", "global mean", "movie mean", "user mean"])
def test_the_svd_is_that_of_the_dense_imputed_matrix(imputation: str) -> None:
    ratings = planted()
    full = dense(ratings, imputation)
    U, s, Vt = np.linalg.svd(full, full_matrices=False)
    truth = (U[:, :5] * s[:5]) @ Vt[:5]
    algorithm = made(SVD, factors=5, imputation=imputation, iterate="once")
    model = learned(algorithm, ratings)[-1]
    ours = model.movie_factors @ model.user_factors.T
    # As good an approximation as the best there is, to one part in a thousand.
    assert np.linalg.norm(full - ours) <= 1.001 * np.linalg.norm(full - truth)
    np.testing.assert_allclose(of_kind(Projection, model.fold).s, s[:5], rtol=2e-3)


def test_the_operator_multiplies_like_the_dense_matrix() -> None:
    ratings = planted()
    full, matrix = dense(ratings, "movie mean"), finished(imputed(ratings, "movie mean"))
    X = np.random.default_rng(0).normal(size=(ratings.n_users, 3)).astype(np.float32)
    Y = np.random.default_rng(1).normal(size=(ratings.n_movies, 3)).astype(np.float32)
    np.testing.assert_allclose(finished(matrix.times(X)), full @ X, atol=1e-3)
    np.testing.assert_allclose(finished(matrix.transposed_times(Y)), full.T @ Y, atol=1e-3)


def test_soft_imputation_lowers_its_objective() -> None:
    ratings = planted()
    algorithm = SVD(factors=8, reg=2.0, epochs=25)
    objective = []
    for epoch in training.train(algorithm, ratings):
        model = factorisation(epoch.model)
        error = model.predict(ratings.users, ratings.movies, clip=False) - ratings.values
        nuclear = (model.movie_factors**2).sum() + (model.user_factors**2).sum()
        objective.append(0.5 * float((error**2).sum()) + algorithm.reg * 0.5 * float(nuclear))
    assert all(later <= earlier * (1 + 1e-3) for earlier, later in pairwise(objective[1:-1]))
