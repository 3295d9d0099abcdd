"""Errors, rankings and intervals, against plain loops over users and against SciPy."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine import ALS, metrics, training
from engine.lists import recommended
from tests.support.arrays import floats, ids, ratings_of

STARS = st.sampled_from([0.5, 1, 2, 3.5, 4, 5])
RATED = st.lists(st.tuples(st.integers(0, 4), STARS, STARS), min_size=1, max_size=25)


def test_errors_of_a_hand_made_example() -> None:
    predicted, actual = np.array([4, 2, 3.5]), np.array([5, 2, 2])
    assert metrics.mse(predicted, actual) == pytest.approx((1 + 0 + 2.25) / 3)
    assert metrics.rmse(predicted, actual) == pytest.approx(math.sqrt(3.25 / 3))
    assert metrics.mae(predicted, actual) == pytest.approx(2.5 / 3)


def dcg(gains: list[float], n: int) -> float:
    return sum((2**r - 1) / math.log2(p + 2) for p, r in enumerate(gains[:n]))


def plain_ndcg(rated: list[tuple[int, float, float]], n: int) -> float:
    by_user = defaultdict(list)
    for user, predicted, actual in rated:
        by_user[user].append((predicted, actual))
    shares = []
    for pairs in by_user.values():
        order = [actual for _, actual in sorted(pairs, key=lambda pair: -pair[0])]
        shares.append(dcg(order, n) / dcg(sorted(order, reverse=True), n))
    return float(np.mean(shares))


@given(rated=RATED, n=st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_ndcg_against_a_loop_over_users(rated: list[tuple[int, float, float]], n: int) -> None:
    # A little more for each later rating, so that no two predictions are the same.
    rated = [(user, p + 1e-3 * i, a) for i, (user, p, a) in enumerate(rated)]
    users, predicted, actual = map(np.array, zip(*rated, strict=True))
    assert metrics.ndcg(predicted, actual, users, n) == pytest.approx(plain_ndcg(rated, n))


def test_ties_count_as_the_mean_over_their_orders() -> None:
    predicted, actual = [4, 3, 3, 3, 2], [3.0, 5.0, 1.0, 4.0, 2.0]
    values = [
        dcg([3, *(actual[i] for i in order), 2], 3) for order in itertools.permutations([1, 2, 3])
    ]
    expected = np.mean(values) / dcg([5, 4, 3], 3)
    found = metrics.ndcg(np.array(predicted), np.array(actual), np.zeros(5, int), 3)
    assert found == pytest.approx(expected)


@given(RATED)
@settings(deadline=None)
def test_ndcg_of_the_best_order_is_one_and_none_is_better(
    rated: list[tuple[int, float, float]],
) -> None:
    users, predicted, actual = map(np.array, zip(*rated, strict=True))
    assert metrics.ndcg(2 * actual + 1, actual, users) == pytest.approx(1)
    assert 0 < metrics.ndcg(predicted, actual, users) <= 1 + 1e-12


def test_a_user_without_gains_does_not_count() -> None:
    users = np.array([0, 0, 7, 7])
    predicted, actual = np.array([1, 2, 1, 2]), np.array([0, 0, 5, 1])
    only = metrics.ndcg(predicted[2:], actual[2:], users[2:])
    assert metrics.ndcg(predicted, actual, users) == pytest.approx(only)
    assert math.isnan(metrics.ndcg(predicted[:2], actual[:2], users[:2]))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_recall_and_coverage_against_plain_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lists = np.array([rng.permutation(15)[:4] for _ in range(6)])
    lists[2, 2:] = -1
    pairs = sorted({(int(rng.integers(6)), int(rng.integers(15))) for _ in range(12)})
    users, movies = map(np.array, zip(*pairs, strict=True))
    shares = []
    for user in set(users.tolist()):
        relevant = {movie for u, movie in pairs if u == user}
        shares.append(len(relevant & set(lists[user].tolist())) / len(relevant))
    assert metrics.recall(lists, users, movies) == pytest.approx(np.mean(shares))
    listed = set(lists.ravel().tolist()) - {-1}
    assert metrics.catalogue_coverage(lists, 15) == len(listed) / 15


def test_a_movie_beyond_all_lists_is_not_taken_for_somebody_else_s() -> None:
    lists = np.array([[0], [1]])
    for movie in range(2, 9):
        assert metrics.recall(lists, np.array([0]), np.array([movie])) == 0
    assert metrics.recall(lists, np.array([1]), np.array([1])) == 1


def test_recall_without_relevant_movies_is_not_a_number() -> None:
    none = np.zeros(0, int)
    assert math.isnan(metrics.recall(np.zeros((2, 3), int), none, none))


def test_recommended_lists_hold_the_best_of_what_a_user_has_not_rated() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.choice(20 * 15, 120, replace=False)
    ratings = ratings_of(pairs // 15, pairs % 15, rng.integers(1, 6, 120), n_users=20, n_movies=17)
    *_, epoch = training.train(ALS(factors=4, epochs=4, reg=0.01, bias_reg=0.01), ratings)
    users, beyond = np.array([17, 8, 10, 4]), 0
    lists = recommended(epoch.model, ratings, users, 12)
    for row, user in zip(lists, users, strict=True):
        rated = set(ratings.movies[ratings.users == user].tolist())
        left = [movie for movie in range(15) if movie not in rated]
        scores = epoch.model.predict(ids(np.full(17, user)), ids(np.arange(17)), clip=False)
        beyond += int((scores[left] > 5).sum())
        best = sorted(left, key=lambda movie: (-scores[movie], movie))[:12]
        assert row.tolist() == best + [-1] * (12 - len(best))
    assert beyond > len(users)  # the best would be ties if they were clipped


def test_honest_intervals_hold_what_they_promise() -> None:
    rng = np.random.default_rng(0)
    predicted, std = rng.uniform(2, 4, 40_000), rng.uniform(0.3, 1.2, 40_000)
    actual = rng.normal(predicted, std)
    held = metrics.interval_coverage(floats(predicted), floats(std), floats(actual))
    assert list(held) == [0.5, 0.8, 0.95]
    for level, share in held.items():
        assert share == pytest.approx(level, abs=0.01)
    half = metrics.interval_coverage(floats(predicted), floats(std / 2), floats(actual), [0.8])
    assert half[0.8] == pytest.approx(2 * stats.norm.cdf(stats.norm.ppf(0.9) / 2) - 1, abs=0.01)


def test_calibration_bins_are_means_of_consecutive_predictions() -> None:
    rng = np.random.default_rng(0)
    predicted = rng.uniform(1, 5, 103)
    actual = predicted + rng.normal(0, 1, 103)
    found = metrics.calibration(floats(predicted), floats(actual), bins=7)
    order = np.argsort(predicted)
    assert found.counts.sum() == 103
    assert np.ptp(found.counts) <= 1
    start = 0
    for i, count in enumerate(found.counts):
        part = order[start : start + count]
        assert found.predicted[i] == pytest.approx(predicted[part].mean())
        assert found.actual[i] == pytest.approx(actual[part].mean())
        start += count
    assert (np.diff(found.predicted) > 0).all()


def test_calibration_sees_a_shift() -> None:
    predicted = floats(np.linspace(1, 5, 1000))
    assert metrics.calibration(predicted, predicted - 0.3).error == pytest.approx(0.3)
    assert metrics.calibration(predicted[:3], predicted[:3]).counts.tolist() == [1, 1, 1]
