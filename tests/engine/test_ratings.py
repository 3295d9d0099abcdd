"""Ratings and their grouped views, against sorting by comparison; splits and folds of any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import InvalidRatings, Ratings, Scale, stepwise
from engine.sorting import sorted_by, sorting
from engine.stepwise import finished
from tests.support.arrays import ratings_of


def at_random(seed: int, n: int = 400, n_users: int = 40, n_movies: int = 70_000) -> Ratings:
    rng = np.random.default_rng(seed)
    pairs = rng.choice(n_users * n_movies, n, replace=False)
    values = rng.integers(1, 6, n)
    return ratings_of(pairs // n_movies, pairs % n_movies, values, n_users, n_movies)


@pytest.mark.parametrize("first", ["by_user", "by_movie"])
def test_views_are_sorted_by_their_side_and_then_by_the_other(first: str) -> None:
    ratings = at_random(0)
    getattr(ratings, first)
    for grouped, rows, others in (
        (ratings.by_user, ratings.users, ratings.movies),
        (ratings.by_movie, ratings.movies, ratings.users),
    ):
        order = np.lexsort((others, rows))
        np.testing.assert_array_equal(grouped.order, order)
        np.testing.assert_array_equal(grouped.rows, rows[order])
        np.testing.assert_array_equal(grouped.others, others[order])
        np.testing.assert_array_equal(grouped.values, ratings.values[order])
        for row in (0, int(rows[7]), grouped.n_rows - 1):
            ids, values = grouped.row(row)
            mine = np.flatnonzero(rows == row)
            mine = mine[np.argsort(others[mine])]
            np.testing.assert_array_equal(ids, others[mine])
            np.testing.assert_array_equal(values, ratings.values[mine])
            assert grouped.counts[row] == len(mine)


def test_grouping_in_steps_makes_the_same_views(monkeypatch: pytest.MonkeyPatch) -> None:
    ratings, again = at_random(1), at_random(1)
    whole = ratings.by_user, ratings.by_movie
    monkeypatch.setattr("engine.sorting.SORTED", 30)
    monkeypatch.setattr("engine.ratings.GATHERED", 30)
    done = list(again.grouping())
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1)
    assert len(done) >= 3 * 400 / 30
    for one, other in zip(whole, (again.by_user, again.by_movie), strict=True):
        np.testing.assert_array_equal(one.order, other.order)
        np.testing.assert_array_equal(one.others, other.others)
        np.testing.assert_array_equal(one.values, other.values)
    assert list(again.grouping()) == []


@given(ids=st.lists(st.integers(0, 140_000), max_size=50), chunk=st.integers(1, 60), data=st.data())
@settings(max_examples=60, deadline=None)
def test_sorting_keeps_the_order_of_equals(ids: list[int], chunk: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(ids))))
    array = np.array(ids, np.int32)
    assert sorted_by(array).tolist() == sorted(range(len(ids)), key=lambda i: ids[i])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.sorting.SORTED", chunk)
        found = finished(sorting(array, 140_001, np.array(order, np.int32)))
    assert found.tolist() == sorted(order, key=lambda i: ids[i])


@given(n=st.integers(2, 60), chunk=st.integers(1, 70), share=st.floats(0.02, 0.98))
@settings(max_examples=60, deadline=None)
def test_a_split_holds_out_as_many_as_asked(n: int, chunk: int, share: float) -> None:
    ratings = ratings_of(np.arange(n), np.zeros(n, int), np.ones(n))
    held_out = round(n * share)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stepwise, "CHUNK", chunk)
        if not 0 < held_out < n:
            with pytest.raises(InvalidRatings, match="too few"):
                ratings.split(share)
            return
        train, test = ratings.split(share, 3)
    assert len(test) == held_out
    assert sorted([*train.users, *test.users]) == list(range(n))


@given(n=st.integers(2, 60), chunk=st.integers(1, 70), data=st.data())
@settings(max_examples=40, deadline=None)
def test_folds_hold_every_rating_out_once(n: int, chunk: int, data: st.DataObject) -> None:
    folds = data.draw(st.integers(2, n))
    ratings = ratings_of(np.arange(n), np.zeros(n, int), np.ones(n))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stepwise, "CHUNK", max(chunk, folds))
        pairs = list(ratings.folds(folds))
    assert len(pairs) == folds
    assert sorted(user for _, test in pairs for user in test.users) == list(range(n))
    for train, test in pairs:
        assert sorted([*train.users, *test.users]) == list(range(n))


def test_a_split_is_random_and_its_seed_repeats_it() -> None:
    ratings = at_random(2)
    picked = [ratings.split(0.5, seed)[1].movies for seed in (0, 0, 1)]
    np.testing.assert_array_equal(picked[0], picked[1])
    assert not np.array_equal(picked[0], picked[2])
    # Half of either half: a block of the file is not held out as a whole.
    first = np.isin(np.arange(400), np.flatnonzero(np.isin(ratings.movies, picked[0])))[:200]
    assert 70 < first.sum() < 130


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda r: r.split(0.0), "leaves one part empty"),
        (lambda r: r.split(1.5), "leaves one part empty"),
        (lambda r: r.split(float("nan")), "leaves one part empty"),
        (lambda r: r.split(0.001), "too few"),
        (lambda r: r.folds(1), "cannot be cut"),
        (lambda r: r.folds(401), "cannot be cut"),
    ],
)
def test_splits_that_leave_nothing_are_refused(
    call: Callable[[Ratings], object], says: str
) -> None:
    with pytest.raises(InvalidRatings, match=says):
        call(at_random(3))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"users": [5], "n_users": 3}, "user id is 5, but there are only 3 users"),
        ({"users": [4, -1], "movies": [0, 0], "values": [3, 3]}, "user id is out of range"),
        ({"movies": [2**31]}, "out of range"),
        ({"users": [[0]], "movies": [[0]], "values": [[3]]}, "flat"),
        ({"scale": Scale(1, 2)}, "outside the scale"),
        ({"scale": Scale(float("nan"), 5)}, "outside the scale"),
        ({"users": ["a"]}, "not a whole number"),
    ],
)
def test_ratings_that_do_not_fit_together_are_refused(arguments: dict[str, Any], says: str) -> None:
    given_: dict[str, Any] = {"users": [0], "movies": [0], "values": [3.0], **arguments}
    arrays: dict[str, Any] = {
        k: np.array(v) if isinstance(v, list) else v for k, v in given_.items()
    }
    with pytest.raises(InvalidRatings, match=says):
        Ratings(**arrays)


@given(seed=st.integers(0, 2**32), n=st.integers(4, 90), chunk=st.integers(4, 60))
@settings(max_examples=40, deadline=None)
def test_each_rating_keeps_its_own_time(seed: int, n: int, chunk: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = rng.choice(100, n, replace=False)
    stars = rng.integers(1, 6, n)
    # Each time can be told from the rating that it is of.
    times = pairs * 10 + stars + 1_000_000_000
    ratings = ratings_of(pairs // 10, pairs % 10, stars, 10, 10, times=times)
    parts = [ratings.take(rng.permutation(n)), ratings.take(stars >= stars.max())]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stepwise, "CHUNK", chunk)
        parts += [*ratings.split(0.5, seed)]
        for pair in ratings.folds(2, seed):
            parts += pair
    for part in parts:
        assert part.times is not None
        assert part.times.dtype == np.int64
        of_each = (part.users * 10 + part.movies) * 10 + part.values.astype(int) + 1_000_000_000
        np.testing.assert_array_equal(part.times, of_each)


def test_the_ends_of_a_scale_may_be_rounded_otherwise_than_the_values() -> None:
    for by in (0.1, 0.3, 1e-3, 7.7):
        values = np.float32(by) * np.array([1, 3, 5], np.float32)
        ratings = ratings_of(np.arange(3), np.arange(3), values, scale=Scale(by, 5 * by))
        assert ratings.scale.low == by
    with pytest.raises(InvalidRatings, match="outside the scale"):
        ratings_of(np.arange(3), np.arange(3), np.array([1, 3, 5.001]), scale=Scale(1, 5))


def test_ratings_without_times_stay_so_and_odd_times_are_refused() -> None:
    ratings = at_random(2)
    assert ratings.times is None
    assert all(part.times is None for part in ratings.split(0.1))
    odd_ones: list[Any] = [
        np.zeros(399, int),
        np.zeros((400, 1), int),
        np.full(400, 1.5),
        ["1997"] * 400,
    ]
    for odd in odd_ones:
        with pytest.raises(InvalidRatings, match="400 whole numbers of seconds"):
            replace(ratings, times=odd)
