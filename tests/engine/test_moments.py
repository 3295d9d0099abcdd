"""What moments add: drawn as plain loops say, found again by their times, worth what they tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine import BayesianMF, Ratings, Scale
from engine.errors import InvalidRatings
from engine.metrics import interval_coverage, rmse
from engine.moments import AGE, DAY, PERSON, Bins, Calendar, Moments
from engine.posterior import PosteriorModel
from engine.stepwise import finished
from engine.timing import Timing
from tests.support.arrays import floats, ratings_of
from tests.support.training import last_model

START = 1_000_000_000


def world(seed: int = 0, users: int = 120, movies: int = 80, days: int = 6) -> Ratings:
    """Ratings of people who are in another mood each day, and of little else."""
    rng = np.random.default_rng(seed)
    u, m = np.nonzero(rng.random((users, movies)) < 0.5)
    day = rng.integers(0, days, len(u))
    mood = rng.normal(0, 0.6, (users, days))
    stars = 3 + mood[u, day] + rng.normal(0, 0.4, movies)[m] + rng.normal(0, 0.4, len(u))
    times = START + 10 * DAY * day + rng.integers(0, 6 * 3600, len(u))
    return ratings_of(u, m, np.clip(stars, 0.5, 5), users, movies, Scale(0.5, 5), times=times)


def learned(train: Ratings, **parameters: Any) -> PosteriorModel:
    small = {"factors": 2, "epochs": 60, "burn_in": 20, "side": "none", **parameters}
    model = last_model(BayesianMF(**small), train)
    assert isinstance(model, PosteriorModel)
    return model


def error(model: PosteriorModel, test: Ratings, times: np.ndarray | None) -> float:
    return rmse(model.predict(test.users, test.movies, times=times), test.values)


def test_a_person_s_day_is_learned_and_chance_is_not() -> None:
    train, test = world().split(0.2, 0)
    model = learned(train)
    timed, untimed = error(model, test, test.times), error(model, test, None)
    assert timed < untimed - 0.1
    # With times that mean nothing, neither learned from nor asked for, nothing is gained.
    rng = np.random.default_rng(1)
    assert train.times is not None
    assert test.times is not None
    shuffled = learned(replace(train, times=rng.permutation(train.times)))
    plain = error(learned(train, timing=False), test, None)
    assert error(shuffled, test, rng.permutation(test.times)) > plain - 0.01
    assert timed < plain - 0.1


def test_intervals_hold_with_times_and_without() -> None:
    train, test = world(2).split(0.2, 0)
    model = learned(train)
    for times in (test.times, None):
        predicted = model.predict(test.users, test.movies, clip=False, times=times)
        spread = model.std(test.users, test.movies, times)
        for level, share in interval_coverage(predicted, spread, test.values).items():
            assert share == pytest.approx(level, abs=0.07)
    told = model.std(test.users, test.movies, test.times)
    assert told.mean() < model.std(test.users, test.movies).mean()


def test_effects_are_draws_of_their_conditional() -> None:
    """Each width in turn, whitened by the mean and precision of plain loops."""
    rng = np.random.default_rng(3)
    ratings = world(3, users=6, movies=5, days=2)
    timing = Timing(ratings)
    finished(timing.prepare())
    movies, users = floats(rng.normal(size=(5, 3))), floats(rng.normal(size=(6, 3)))
    alpha = rng.uniform(0.5, 2, 6).astype(np.float32)
    assert ratings.times is not None
    u, m, t = ratings.users, ratings.movies, ratings.times
    fitted = 0.3 + movies[m, 2] + users[u, 2] + (movies[m, :2] * users[u, :2]).sum(axis=1)
    residual = ratings.values - fitted.astype(float)
    (of_age,) = timing.films
    widths = [(of_age, m, AGE)]
    widths += [(w, u, s) for w, s in zip(timing.persons, PERSON, strict=True)]
    white: list[list[float]] = [[] for _ in widths]
    for _ in range(300):
        old = [w.effect.copy() for w, *_ in widths]
        spreads = [w.spread for w, *_ in widths]
        finished(timing.draw(movies, users, 0.3, alpha, rng))
        new = [w.effect for w, *_ in widths]
        ids = [np.searchsorted(w.keys, timing.calendar.keys(r, t, s)) for w, r, s in widths]
        for level, (width, *_) in enumerate(widths):
            # The wider widths are drawn already, the narrower ones not.
            rest = residual.copy()
            for other in range(len(widths)):
                if other != level:
                    rest -= (new if other < level else old)[other][ids[other]]
            for b in range(len(width.keys)):
                inside = ids[level] == b
                P = alpha[u[inside]].sum(dtype=float) + 1 / spreads[level]
                mean = (alpha[u[inside]] * rest[inside]).sum() / P
                white[level].append((new[level][b] - mean) * np.sqrt(P))
    for drawn in white:
        assert np.mean(drawn) == pytest.approx(0, abs=4.5 / np.sqrt(len(drawn)))
        assert np.std(drawn) == pytest.approx(1, abs=4.5 / np.sqrt(2 * len(drawn)))


def test_both_views_are_the_ratings_less_what_was_drawn() -> None:
    rng = np.random.default_rng(4)
    ratings = world(4)
    timing = Timing(ratings)
    finished(timing.prepare())
    rows = rng.normal(size=(2, 120, 3)).astype(np.float32)
    alpha = np.ones(120, np.float32)
    assert ratings.times is not None
    for _ in range(3):
        squared = finished(timing.draw(rows[0, :80], rows[1], 0.1, alpha, rng))
    added = np.zeros(len(ratings))
    for width in timing.persons:
        keys = timing.calendar.keys(ratings.users, ratings.times, width.seconds)
        added += width.effect[np.searchsorted(width.keys, keys)]
    (film,) = timing.films
    keys = timing.calendar.keys(ratings.movies, ratings.times, AGE)
    added += film.effect[np.searchsorted(film.keys, keys)]
    less = np.zeros((120, 80))
    less[ratings.users, ratings.movies] = ratings.values - added
    for view, table in ((timing.by_user, less), (timing.by_movie, less.T)):
        for i in range(view.n_rows):
            others, values = view.row(i)
            np.testing.assert_allclose(values, table[i, others], atol=1e-4)
    errors = less - 0.1 - rows[0, :80, 2] - rows[1][:, 2:] - rows[1][:, :2] @ rows[0, :80, :2].T
    known = np.zeros((120, 80))
    known[ratings.users, ratings.movies] = 1
    np.testing.assert_allclose(squared, (errors**2 * known).sum(axis=1), rtol=1e-3)


def test_the_sum_of_widths_is_surer_than_each() -> None:
    """With one bin of each width and no others, the sum is known as from all their ratings."""
    calendar = Calendar(START, START + 10)
    key = np.zeros(1, np.int64)

    def bins(seconds: int, spread: float, evidence: float) -> Bins:
        variance = np.array([1 / (1 / spread + evidence)], np.float32)
        return Bins(seconds, key, np.array([0.5], np.float32), variance, spread)

    moments = Moments(calendar, (bins(DAY, 0.3, 4.0), bins(20, 0.2, 0.0)), ())
    user = movie = np.zeros(1, np.int32)
    moment = moments.of(moments.find(user, movie, np.array([START])))
    assert moment.mean[0] == pytest.approx(1.0)
    assert moment.variance[0] == pytest.approx(1 / (1 / 0.3 + 4) + 0.2)
    outside = moments.of(moments.find(user, movie, np.array([START - DAY])))
    assert outside.mean[0] == 0
    assert outside.variance[0] == pytest.approx(moments.spread)


def test_a_saved_model_knows_its_moments(tmp_path: Path) -> None:
    train, test = world().split(0.2, 0)
    model = learned(train, epochs=10, burn_in=5)
    engine.save(model, tmp_path / "model.npz")
    again = engine.load(tmp_path / "model.npz")
    for times in (test.times, None):
        told = model.predict(test.users, test.movies, times=times)
        np.testing.assert_array_equal(again.predict(test.users, test.movies, times=times), told)


def test_an_explanation_sums_to_the_score_with_the_film_s_age_in_its_bias() -> None:
    train, _ = world().split(0.2, 0)
    model = learned(train)
    assert np.abs(model.now).max() > 0
    movies, values = train.by_user.row(3)
    viewer = model.fold_in(movies, values)
    score = viewer.predict(clip=False)
    for movie in (0, 7, 41):
        assert viewer.explain(movie).score == pytest.approx(float(score[movie]), abs=1e-4)


@pytest.mark.parametrize("times", [[1.5, 2.5], [1], [[1, 2]]])
def test_times_that_are_none_are_refused(times: list[object]) -> None:
    train, _ = world().split(0.2, 0)
    model = learned(train, epochs=2, burn_in=1)
    with pytest.raises(InvalidRatings, match="one time"):
        model.predict(np.array([0, 1]), np.array([0, 1]), times=np.array(times))


@pytest.mark.parametrize("times", [[7] * 4, [-(2**62), 0, 5, 2**62], [0, 0, 0, 2**40]])
def test_any_whole_numbers_are_times(times: list[int]) -> None:
    ratings = ratings_of(np.arange(4), np.arange(4) % 2, np.arange(4) + 1.0, times=np.array(times))
    model = learned(ratings, epochs=3, burn_in=1)
    assert np.isfinite(model.predict(ratings.users, ratings.movies, times=ratings.times)).all()
