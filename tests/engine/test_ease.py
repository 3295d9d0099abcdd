"""EASE against dense algebra and plain loops, and its parts against those of NumPy."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import EASE, Ratings, Scale, cooccurrence, ease, inverse
from engine.cooccurrence import Incidence
from engine.item_weights import ItemWeights
from engine.stepwise import finished
from tests.support.arrays import floats, ids
from tests.support.narrowing import of_kind
from tests.support.training import last_model, planted

RATINGS = planted(users=90, movies=40, share=0.3)
PLAIN = EASE(reg=20.0, weighting=0.0, liking=0.0, popularity=0.0)
SCALE = Scale(0.5, 5.0)


def weights(ratings: Ratings, liking: float) -> np.ndarray:
    """X, rating by rating: from 1 - liking for half a star to 1 for five."""
    X = np.zeros((ratings.n_users, ratings.n_movies))
    for user, movie, stars in zip(ratings.users, ratings.movies, ratings.values, strict=True):
        X[user, movie] = 1 - liking + liking * (float(stars) - 0.5) / 4.5
    return X


def weighed(algorithm: EASE, ratings: Ratings) -> ItemWeights:
    """The model that `algorithm` learns."""
    return of_kind(ItemWeights, last_model(algorithm, ratings))


def dense(B: ItemWeights) -> np.ndarray:
    """B with a row and a column for every movie."""
    whole = np.zeros((B.n_movies, B.n_movies))
    whole[np.ix_(B.films, B.films)] = B.B
    return whole


def test_plain_it_is_the_formula_of_the_paper() -> None:
    model = weighed(PLAIN, RATINGS)
    X = weights(RATINGS, 0)
    P = np.linalg.inv(X.T @ X + 20.0 * np.eye(40))
    B = np.eye(40) - P @ np.diag(1 / np.diag(P))
    np.testing.assert_allclose(dense(model), B, atol=2e-6)
    everybody = model.predict_all(ids(np.arange(90)))
    np.testing.assert_allclose(everybody, X @ B, atol=2e-5)


@pytest.mark.parametrize(("weighting", "liking"), [(0.5, 0.9), (1.0, 0.0), (0.0, 1.0)])
def test_each_film_is_a_ridge_regression_on_all_others(weighting: float, liking: float) -> None:
    model = weighed(EASE(reg=7.0, weighting=weighting, liking=liking), RATINGS)
    X, counts = weights(RATINGS, liking), np.bincount(RATINGS.movies, minlength=40)
    for film in range(40):
        others = [other for other in range(40) if other != film]
        # Least squares with a row for each penalty, as a textbook has ridge regression.
        penalty = np.diag(np.sqrt(7.0 * counts[others] ** weighting))
        A = np.vstack([X[:, others], penalty])
        b = np.concatenate([X[:, film], np.zeros(39)])
        expected = np.linalg.lstsq(A, b, rcond=None)[0]
        found = dense(model)
        np.testing.assert_allclose(found[others, film], expected, atol=1e-5)
        assert found[film, film] == 0


def test_interest_is_the_sum_of_own_weights_and_a_part_of_the_popularity() -> None:
    model = weighed(EASE(popularity=0.5), RATINGS)
    X = weights(RATINGS, 0.9)
    expected = X @ dense(model) + 0.5 * X.mean(axis=0)
    np.testing.assert_allclose(model.predict_all(ids(np.arange(90))), expected, atol=1e-5)
    pairs = model.predict(RATINGS.users, RATINGS.movies)
    np.testing.assert_allclose(pairs, expected[RATINGS.users, RATINGS.movies], atol=1e-5)


def test_users_without_ratings_do_not_make_films_less_popular() -> None:
    wider = Ratings(RATINGS.users, RATINGS.movies, RATINGS.values, 900, 40, RATINGS.scale)
    one, other = weighed(EASE(), RATINGS), weighed(EASE(), wider)
    np.testing.assert_array_equal(one.prior, other.prior)
    np.testing.assert_array_equal(other.predict_all(np.array([500]))[0], other.prior)


@given(seed=st.integers(0, 10_000), n=st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_shares_add_up_to_the_score_exactly(seed: int, n: int) -> None:
    model = weighed(EASE(), RATINGS)
    rng = np.random.default_rng(seed)
    own, stars = ids(rng.permutation(40)[:n]), floats(rng.uniform(0.5, 5, n))
    viewer = model.fold_in(own, stars)
    scores, B = viewer.predict(), dense(model)
    for movie in range(40):
        explained = viewer.explain(movie)
        assert np.float32(explained.score) == scores[movie]
        for film, star, share in zip(own, stars, explained.shares, strict=True):
            weight = 0.1 + 0.9 * (float(np.float32(star)) - 0.5) / 4.5
            assert share == pytest.approx(weight * B[film, movie], abs=1e-7)


def test_films_beyond_the_bound_stay_at_their_popularity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "FILMS", 25)
    model = weighed(EASE(), RATINGS)
    counts = np.bincount(RATINGS.movies, minlength=40)
    best = set(model.films.tolist())
    assert len(best) == 25
    assert min(counts[film] for film in best) >= max(counts[film] for film in set(range(40)) - best)
    inside = np.isin(RATINGS.movies, model.films)
    monkeypatch.undo()
    alone = weighed(EASE(), RATINGS.take(inside))
    np.testing.assert_allclose(dense(model), dense(alone), atol=1e-6)
    own, stars = ids(np.arange(40)), floats(np.full(40, 4.0))
    viewer = model.fold_in(own, stars)
    for film in set(range(40)) - best:
        assert viewer.predict()[film] == model.prior[film] > 0
        assert viewer.explain(film).score == pytest.approx(model.prior[film])
        assert len(model.similar(film).movies) == 0
        assert film not in model.similar(int(model.films[0]), 40).movies
    assert viewer.explain(int(model.films[3])).score == viewer.predict()[model.films[3]]


def test_alike_are_films_by_their_partial_correlation() -> None:
    model = weighed(PLAIN, RATINGS)
    X = weights(RATINGS, 0)
    P = np.linalg.inv(X.T @ X + 20.0 * np.eye(40))
    counts = np.bincount(RATINGS.movies, minlength=40)
    found = model.similar(7, 39)
    for movie, alike in zip(found.movies, found.similarity, strict=True):
        partial = -P[7, movie] / np.sqrt(P[7, 7] * P[movie, movie])
        assert alike == pytest.approx(partial * counts[movie] / (counts[movie] + 5), abs=1e-6)


@st.composite
def incidences(draw: st.DrawFn) -> tuple[Incidence, np.ndarray]:
    """Sparse rows, the fullest columns first, and the same as a dense matrix."""
    n_rows, n_columns = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    X = rng.integers(1, 9, (n_rows, n_columns)) * (rng.random((n_rows, n_columns)) < rng.random())
    X = X[:, np.argsort(-(X > 0).sum(axis=0), kind="stable")]
    rows, columns = np.nonzero(X)
    starts = np.append(0, np.cumsum(np.bincount(rows, minlength=n_rows)))
    values = X[rows, columns].astype(np.float32)
    return Incidence(starts, columns.astype(np.int32), values, n_columns), X


@given(case=incidences(), pairs=st.integers(1, 30), addition=st.sampled_from([0.0, 1.0, 1e9]))
@settings(max_examples=150, deadline=None)
def test_who_rated_both_is_counted_however_it_is_cut(
    case: tuple[Incidence, np.ndarray], pairs: int, addition: float
) -> None:
    sparse, X = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "PAIRS", pairs)
        patch.setattr(cooccurrence, "DENSE", 2 * pairs)
        patch.setattr(cooccurrence, "ADDITION", addition)
        np.testing.assert_array_equal(finished(cooccurrence.gram(sparse)), X.T @ X)


@given(n=st.integers(0, 40), seed=st.integers(0, 10_000), leaf=st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_the_inverse_is_that_of_numpy(n: int, seed: int, leaf: int) -> None:
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n + 3, n))
    A = Z.T @ Z / (n + 3) + np.eye(n)
    # Only the lower half is read.
    mine = np.tril(A).astype(np.float32) + np.triu(rng.normal(size=(n, n)), 1).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inverse, "LEAF", leaf)
        patch.setattr(inverse, "PANEL", leaf + 1)
        patch.setattr(inverse, "PRODUCT", 60)
        progress = list(inverse.invert(mine))
    np.testing.assert_allclose(mine, np.linalg.inv(A), atol=2e-5)
    np.testing.assert_array_equal(mine, mine.T)
    assert progress == sorted(progress)
    assert all(0 <= done <= 1 for done in progress)


def test_the_matrices_are_made_in_their_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """No step holds more than B, a third of it, and the blocks that are handled at once."""
    for name, size in (("PANEL", 32), ("LEAF", 32)):
        monkeypatch.setattr(inverse, name, size)
    for name, size in (("PANEL", 32), ("DENSE", 1 << 14), ("PAIRS", 1 << 12)):
        monkeypatch.setattr(cooccurrence, name, size)
    monkeypatch.setattr(ease, "ROWS", 32)
    ratings = planted(users=200, movies=700, share=0.1)
    finished(ratings.grouping())
    tracemalloc.start()
    try:
        model = weighed(EASE(), ratings)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.7 * model.B.nbytes + 64 * len(ratings)
