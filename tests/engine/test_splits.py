"""What is held out, against plain loops over the ratings."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import InvalidRatings, Ratings, stepwise
from engine.splits import Split
from tests.support.arrays import ratings_of

HOW = get_args(Split)


@st.composite
def timed(draw: st.DrawFn) -> Ratings:
    """Ratings in any order; each time tells which rating it is of, so ratings can be told apart."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_users, n_movies = draw(st.integers(1, 8)), draw(st.integers(2, 12))
    n = draw(st.integers(2, n_users * n_movies))
    pairs = rng.choice(n_users * n_movies, n, replace=False)
    times = rng.permutation(n) + 1_000_000_000
    return ratings_of(
        pairs // n_movies, pairs % n_movies, rng.integers(1, 6, n), n_users, n_movies, times=times
    )


def rows(ratings: Ratings) -> list[tuple[int, int, float, int]]:
    assert ratings.times is not None
    parts = (ratings.users, ratings.movies, ratings.values, ratings.times)
    return list(zip(*(part.tolist() for part in parts), strict=True))


def possible(ratings: Ratings, fraction: float, how: Split) -> bool:
    if "per user" in how:
        return max(Counter(ratings.users.tolist()).values()) > 1
    return 0 < round(fraction * len(ratings)) < len(ratings)


@given(
    ratings=timed(),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 99),
    how=st.sampled_from(HOW),
    chunk=st.integers(4, 60),
)
@settings(max_examples=150, deadline=None)
def test_every_split_gives_each_rating_to_one_part_and_the_same_again(
    ratings: Ratings, fraction: float, seed: int, how: Split, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stepwise, "CHUNK", chunk)
        if not possible(ratings, fraction, how):
            with pytest.raises(InvalidRatings, match=r"too few|Nobody has two"):
                ratings.split(fraction, seed, how)
            return
        train, test = ratings.split(fraction, seed, how)
        again = ratings.split(fraction, seed, how)
    assert sorted(rows(train) + rows(test)) == sorted(rows(ratings))
    assert [rows(part) for part in again] == [rows(train), rows(test)]
    assert (train.n_users, train.n_movies, train.scale) == (
        ratings.n_users,
        ratings.n_movies,
        ratings.scale,
    )
    if how == "by time":
        latest = sorted(rows(ratings), key=lambda row: row[3])[-len(test) :]
        assert sorted(rows(test)) == sorted(latest)
    if "per user" not in how:
        assert len(test) == round(fraction * len(ratings))
        return
    everyone, held_out = (Counter(part.users.tolist()) for part in (ratings, test))
    for user, n in everyone.items():
        assert held_out[user] == min(max(round(fraction * n), 1), n - 1)
    if how == "per user, by time":
        for user in everyone:
            mine = sorted((row for row in rows(ratings) if row[0] == user), key=lambda row: row[3])
            latest = mine[len(mine) - held_out[user] :]
            assert sorted(row for row in rows(test) if row[0] == user) == sorted(latest)


def test_another_seed_holds_others_out_where_chance_decides() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.choice(40 * 50, 800, replace=False)
    ratings = ratings_of(pairs // 50, pairs % 50, rng.integers(1, 6, 800), times=np.arange(800))
    for how in HOW:
        one, other = (rows(ratings.split(0.2, seed, how)[1]) for seed in (0, 1))
        assert (one == other) is ("by time" in how)


def test_ratings_of_one_moment_are_split_all_the_same() -> None:
    ratings = ratings_of(np.zeros(10, int), np.arange(10), np.ones(10), times=np.full(10, 10**9))
    for how in HOW:
        train, test = ratings.split(0.3, 0, how)
        assert (len(train), len(test)) == (7, 3)


@pytest.mark.parametrize("how", [how for how in HOW if "by time" in how])
def test_without_times_nothing_is_split_by_time(how: Split) -> None:
    ratings = ratings_of(np.zeros(10, int), np.arange(10), np.ones(10))
    with pytest.raises(InvalidRatings, match="not known, so they cannot be split by time; split"):
        ratings.split(0.3, 0, how)


def test_a_split_that_is_none_is_refused_with_those_that_are() -> None:
    ratings = ratings_of(np.zeros(10, int), np.arange(10), np.ones(10))
    unknown: dict[str, Any] = {"how": "by the moon"}
    with pytest.raises(InvalidRatings, match="'by the moon'; choose one of 'at random', 'by time'"):
        ratings.split(0.3, 0, **unknown)
    lonely = ratings_of(np.arange(3), np.zeros(3, int), np.ones(3))
    with pytest.raises(InvalidRatings, match="Nobody has two ratings"):
        lonely.split(0.3, 0, "per user")
    with pytest.raises(InvalidRatings, match="leaves one part empty"):
        replace(ratings).split(1.0, 0, "per user")
