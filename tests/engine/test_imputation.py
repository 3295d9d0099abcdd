"""SVD by imputation, once and iterated, against dense linear algebra and least squares."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SVD, Factorisation, Ratings, training
from engine.factorisation import NEWCOMERS_BIAS, FoldedViewer, Ridge
from engine.iteration import Imputed, fit_biases
from engine.lowrank import SparseLowRank, decomposed, filled
from engine.lowrank import start as starting
from engine.stepwise import finished
from tests.support.arrays import ratings_of
from tests.support.narrowing import made, of_kind
from tests.support.training import last_factors, learned, planted


def known(ratings: Ratings) -> np.ndarray:
    K = np.zeros((ratings.n_movies, ratings.n_users), bool)
    K[ratings.movies, ratings.users] = True
    return K


def residuals(ratings: Ratings, model: Factorisation) -> np.ndarray:
    """What the factors of `model` are to explain, (n_movies, n_users), zero where unknown."""
    R = np.zeros((ratings.n_movies, ratings.n_users))
    base = model.mean + model.movie_bias[ratings.movies] + fitted_user_bias(ratings, model)
    R[ratings.movies, ratings.users] = ratings.values - base
    return R


def fitted_user_bias(ratings: Ratings, model: Factorisation) -> np.ndarray:
    reg = of_kind(SVD, model.algorithm).bias_reg
    return finished(fit_biases(ratings, reg)).users[ratings.users]


def dense_iterations(R: np.ndarray, K: np.ndarray, k: int, lam: float, n: int) -> np.ndarray:
    """Impute, decompose and shrink as the paper says, with whole matrices."""
    Z = np.zeros_like(R)
    for _ in range(n):
        U, s, Vt = np.linalg.svd(np.where(K, R, Z), full_matrices=False)
        Z = (U[:, :k] * np.maximum(s[:k] - lam, 0)) @ Vt[:k]
    return Z


def test_the_biases_are_those_of_ridge_regression() -> None:
    ratings, reg = planted(users=15, movies=12), 2.0
    n = len(ratings)
    X = np.zeros((n, 27))
    X[np.arange(n), ratings.movies] = 1
    X[np.arange(n), 12 + ratings.users] = 1
    y = ratings.values - ratings.mean
    expected = np.linalg.solve(X.T @ X + reg * np.eye(27), X.T @ y)
    found = finished(fit_biases(ratings, reg, passes=60))
    np.testing.assert_allclose(np.append(found.movies, found.users), expected, atol=1e-4)
    # The passes that training makes come close to it.
    found = finished(fit_biases(ratings, reg))
    np.testing.assert_allclose(np.append(found.movies, found.users), expected, atol=0.02)


@pytest.mark.parametrize("iterate", ["hard", "soft"])
@pytest.mark.parametrize("epochs", [1, 3, 40])
def test_an_iteration_is_that_of_the_dense_matrix(iterate: str, epochs: int) -> None:
    ratings = planted(users=50, movies=40)
    algorithm = made(SVD, factors=4, reg=1.5, iterate=iterate, epochs=epochs + 1)
    models = learned(algorithm, ratings)
    model = models[epochs - 1]
    lam = 1.5 if iterate == "soft" else 0.0
    truth = dense_iterations(residuals(ratings, model), known(ratings), 4, lam, epochs)
    ours = model.movie_factors @ model.user_factors.T
    off = np.linalg.norm(ours - truth) / np.linalg.norm(truth)
    assert off < 0.02
    assert np.linalg.matrix_rank(ours, tol=1e-3) <= 4


def test_hard_imputation_never_fits_worse_than_the_pass_before() -> None:
    ratings = planted(users=50, movies=40)
    epochs = list(training.train(SVD(factors=4, iterate="hard", epochs=30), ratings))[:-1]
    errors = [epoch.train_mse for epoch in epochs]
    assert all(later <= earlier * (1 + 1e-4) for earlier, later in pairwise(errors))
    assert errors[-1] < 0.5 * errors[0]


def test_soft_imputation_converges_to_the_minimum_of_its_objective() -> None:
    """At the minimum the residual on the known is lambda times a subgradient of the norm."""
    ratings = planted(users=50, movies=40)
    algorithm = SVD(factors=20, reg=2.0, epochs=400)
    *_, before, _ = learned(algorithm, ratings)
    Z = before.movie_factors.astype(float) @ before.user_factors.T
    E = np.where(known(ratings), residuals(ratings, before) - Z, 0)
    U, s, Vt = np.linalg.svd(Z, full_matrices=False)
    rank = int((s > 1e-3).sum())
    assert 0 < rank < 20
    U, V = U[:, :rank], Vt[:rank].T
    np.testing.assert_allclose(U.T @ E @ V, 2.0 * np.eye(rank), atol=0.02)
    rest = E - U @ (U.T @ E)
    rest = rest - (rest @ V) @ V.T
    assert np.linalg.norm(rest, 2) <= 2.0 * 1.01


@pytest.mark.parametrize("passes", [3, 30])
def test_hard_imputation_folds_in_about_as_far_as_its_passes_would_go(passes: int) -> None:
    ratings = planted(users=50, movies=40)
    algorithm = SVD(factors=4, iterate="hard", epochs=passes)
    model = last_factors(algorithm, ratings)
    s = np.array(of_kind(Imputed, of_kind(Ridge, model.fold).penalty).s)
    Q = model.movie_factors / np.sqrt(s)
    np.testing.assert_allclose(Q.T @ Q, np.eye(4), atol=1e-3)
    for user in (0, 7):
        movies, values = ratings.by_user.row(user)
        viewer = of_kind(FoldedViewer, model.fold_in(movies, values))
        y = values - model.mean - model.movie_bias[movies]
        X = np.column_stack([model.movie_factors[movies], np.ones(len(movies))]).astype(float)
        cost = np.diag([*(s / passes), max(algorithm.bias_reg, NEWCOMERS_BIAS)])
        w = np.linalg.solve(X.T @ X + cost, X.T @ y)
        np.testing.assert_allclose([*viewer.factors, viewer.bias], w, atol=1e-3)
        y = y - viewer.bias
        z = np.zeros(4)
        for _ in range(passes):  # impute the rest of the column, project, and again
            column = Q @ z
            column[movies] = y
            z = Q.T @ column
        ours = viewer.factors * np.sqrt(s)
        assert np.linalg.norm(ours - z) < 0.35 * np.linalg.norm(z)


def test_with_the_mean_of_the_user_imputed_nobody_is_the_mean_of_all() -> None:
    ratings = planted()
    algorithm = SVD(factors=5, iterate="once", imputation="user mean")
    model = learned(algorithm, ratings)[-1]
    nobody = model.fold_in(np.array([], int), np.array([])).predict(clip=False)
    column = np.full(ratings.n_movies, ratings.mean)
    M = model.movie_factors.astype(float)
    projected = M @ np.linalg.lstsq(M, column, rcond=None)[0]
    np.testing.assert_allclose(nobody, projected, atol=1e-3)


@given(n=st.integers(1, 60), c=st.integers(1, 8), rank=st.integers(0, 8), seed=st.integers(0, 1000))
@settings(max_examples=80, deadline=None)
def test_a_tall_matrix_is_decomposed_as_numpy_does(n: int, c: int, rank: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(n, rank)) @ rng.normal(size=(rank, c))).astype(np.float32)
    U, s, V = finished(decomposed(X))
    size = 1e-3 * (1 + np.abs(X).max())
    np.testing.assert_allclose((U * s) @ V.T, X, atol=size)
    expected = np.zeros(c)
    expected[: min(n, c)] = np.linalg.svd(X, compute_uv=False)
    np.testing.assert_allclose(s, expected, atol=size)
    np.testing.assert_allclose(V.T @ V, np.eye(c), atol=1e-4)
    clear = s > 1e-3 * (1 + s[0])
    np.testing.assert_allclose(U[:, clear].T @ U[:, clear], np.eye(clear.sum()), atol=1e-3)


def test_what_is_filled_in_is_the_low_rank_part_and_the_known_stay() -> None:
    ratings = planted(users=20, movies=15)
    rng = np.random.default_rng(0)
    L, R = rng.normal(size=(15, 2)).astype(np.float32), rng.normal(size=(20, 2)).astype(np.float32)
    matrix: SparseLowRank = finished(filled(ratings, ratings.values, L, R))
    dense = L @ R.T
    dense[ratings.movies, ratings.users] = ratings.values
    np.testing.assert_allclose(
        finished(matrix.times(np.eye(20, dtype=np.float32))), dense, atol=1e-4
    )


def test_the_random_start_has_columns_to_spare_but_no_more_than_there_are() -> None:
    rng = np.random.default_rng(0)
    assert starting(100, 80, 5, rng).shape == (100, 15)
    assert starting(100, 7, 5, rng).shape == (100, 7)
    assert starting(4, 80, 5, rng).shape == (4, 4)


@pytest.mark.parametrize("iterate", ["once", "hard", "soft"])
def test_the_matrix_is_never_dense(iterate: str) -> None:
    rng = np.random.default_rng(0)
    users, movies = rng.integers(0, 20_000, 3000), rng.integers(0, 10_000, 3000)
    pairs = np.unique(users * 10_000 + movies)
    values = rng.integers(1, 6, len(pairs))
    ratings = ratings_of(pairs // 10_000, pairs % 10_000, values, 20_000, 10_000)
    tracemalloc.start()
    try:
        list(made(SVD, factors=5, iterate=iterate, epochs=2).run(ratings, 0))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.05 * 4 * 20_000 * 10_000
