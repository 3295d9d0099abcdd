"""The same ratings on another scale give the same model up to the scale, for every algorithm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import data
import engine
from engine import Ratings, Scale
from engine.factorisation import Factorisation
from engine.model import Model
from engine.own_scale import own_scale
from engine.posterior import PosteriorModel
from engine.stepwise import finished
from tests.support.arrays import floats, ids, ratings_of
from tests.support.training import INTEREST, VARIANTS, last_model, small

EXPLICIT = [name for name in VARIANTS if VARIANTS[name].feedback == "explicit"]
OTHERS = {
    "times twenty": (20.0, 0.0),
    "-10 to 10": (5.0, -15.0),
    "1 to 10": (2.25, -1.25),
    "0 to 100": (25.0, -25.0),
    "0 to 1": (0.25, -0.25),
    "-3 to -1": (0.5, -3.5),
}
"""What ratings of 1 to 5 stars are multiplied by, and what is added."""


@st.composite
def stars(draw: st.DrawFn) -> Ratings:
    """Ratings from 1 to 5 of any shape of histogram, also of yes and no, and hardly used scales."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = draw(st.sampled_from([(1, 2, 3, 4, 5), (1, 5), (3, 3.5, 4), (1, 2.5, 3, 4.5, 5), (4,)]))
    n_users, n_movies = draw(st.integers(2, 14)), draw(st.integers(2, 14))
    n = draw(st.integers(2, n_users * n_movies))
    pairs = rng.choice(n_users * n_movies, n, replace=False)
    values = rng.choice(steps, n)
    times = rng.integers(8 * 10**8, 9 * 10**8, n) if draw(st.booleans()) else None
    u, m = pairs // n_movies, pairs % n_movies
    return ratings_of(u, m, values, n_users, n_movies, Scale(1, 5), times=times)


def on_scale(ratings: Ratings, by: float, add: float) -> Ratings:
    scale = Scale(*(by * end + add for end in ratings.scale))
    return replace(ratings, values=by * ratings.values + add, scale=scale)


def models(name: str, ratings: Ratings) -> list[Model]:
    return [step.model for step in VARIANTS[name].run(ratings, 3) if step.model]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", EXPLICIT)
@given(ratings=stars(), drawn=st.data())
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_model_is_the_same_up_to_the_scale(
    name: str,
    other: str,
    ratings: Ratings,
    drawn: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    by, add = OTHERS[other]
    elsewhere = on_scale(ratings, by, add)
    grid = ids(np.indices((ratings.n_users, ratings.n_movies)).reshape(2, -1))
    pairs = list(zip(models(name, ratings), models(name, elsewhere), strict=True))
    for model, moved in pairs:
        assert isinstance(model, Factorisation)
        assert isinstance(moved, Factorisation)
        assert moved.scale == elsewhere.scale
        for clip in (False, True):
            expected = model.predict(*grid, clip=clip)
            found = (moved.predict(*grid, clip=clip) - add) / by
            np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)
        np.testing.assert_allclose(moved.user_bias / by, model.user_bias, rtol=2e-3, atol=2e-3)
        # Places may be turned; their products, and so their distances in stars, may not.
        alike, alike_before = (places @ places.T for places in (moved.places / by, model.places))
        np.testing.assert_allclose(alike, alike_before, rtol=2e-3, atol=2e-3)
        if isinstance(model, PosteriorModel) and isinstance(moved, PosteriorModel):
            np.testing.assert_allclose(
                moved.std(*grid) / by, model.std(*grid), rtol=2e-3, atol=2e-3
            )
    model, moved = drawn.draw(st.sampled_from(pairs))
    file = tmp_path_factory.mktemp("models") / "model.npz"
    engine.save(moved, file)
    again = engine.load(file)
    n = drawn.draw(st.integers(0, ratings.n_movies))
    own = ids(np.random.default_rng(n).permutation(ratings.n_movies)[:n])
    given_stars = floats(np.resize([1, 4.5, 3, 5], n))
    person = model.fold_in(own, given_stars)
    movie = drawn.draw(st.integers(0, ratings.n_movies - 1))
    for viewer in (
        moved.fold_in(own, floats(by * given_stars + add)),
        again.fold_in(own, floats(by * given_stars + add)),
    ):
        score = viewer.predict(clip=False)
        np.testing.assert_allclose(
            (score - add) / by, person.predict(clip=False), rtol=2e-3, atol=2e-3
        )
        why, before = viewer.explain(movie), person.explain(movie)
        assert why.score == pytest.approx(score[movie], rel=1e-4, abs=1e-4 * by)
        np.testing.assert_allclose(why.shares / by, before.shares, rtol=2e-3, atol=2e-3)
        assert why.user_bias / by == pytest.approx(before.user_bias, rel=2e-3, abs=2e-3)
        spread, spread_before = viewer.std(), person.std()
        if spread is not None and spread_before is not None:
            np.testing.assert_allclose(spread / by, spread_before, rtol=2e-3, atol=2e-3)


@INTEREST
@given(ratings=stars())
@settings(max_examples=5, deadline=None)
def test_interest_does_not_depend_on_the_scale(name: str, ratings: Ratings) -> None:
    grid = ids(np.indices((ratings.n_users, ratings.n_movies)).reshape(2, -1))
    expected = last_model(small(name), ratings).predict(*grid)
    for by, add in OTHERS.values():
        found = last_model(small(name), on_scale(ratings, by, add))
        assert found.scale == on_scale(ratings, by, add).scale
        np.testing.assert_allclose(found.predict(*grid), expected, rtol=1e-5, atol=1e-6)


def test_a_width_between_two_half_stars_is_the_same_on_every_scale() -> None:
    """So many equal ratings that the width comes out at 10.75 exactly."""
    pairs = np.arange(105)
    ratings = ratings_of(pairs // 15, pairs % 15, np.full(105, 4.0), scale=Scale(1, 5))
    widths = {
        own.ends.high - own.ends.low
        for own in (finished(own_scale(on_scale(ratings, *by))) for by in OTHERS.values())
    }
    assert widths == {11.0}


def test_movielens_scales_are_learned_on_as_they_are(movielens: Path) -> None:
    for folder in ("ml-100k", "ml-latest-small"):
        ratings = data.read(movielens / folder).ratings
        for seed in range(3):
            train, _ = ratings.split(0.1, seed)
            assert finished(own_scale(train)).is_files


@given(ratings=stars(), by=st.floats(1e-3, 1e3), add=st.floats(-99, 99))
@settings(max_examples=100)
def test_own_ratings_are_stars_that_scatter_as_usual(
    ratings: Ratings, by: float, add: float
) -> None:
    elsewhere = on_scale(ratings, by, by * add)
    own = finished(own_scale(elsewhere))
    mapped = finished(own.ratings(elsewhere))
    assert own.ends.low >= 0.5
    assert own.ends.low <= mapped.values.min() <= mapped.values.max() <= own.ends.high
    back = own.zero + own.unit * mapped.values
    np.testing.assert_allclose(back, elsewhere.values, atol=2e-6 * by * (abs(add) + 5), rtol=0)
    halves = 2 * (own.ends.high - own.ends.low)
    assert halves == int(halves)
    if len(ratings) > 60 and len(set(ratings.values.tolist())) > 1:
        assert 0.5 < mapped.values.std() < 1.7
