"""What all models of interest are held to: how they are measured, and what may not break them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    EASE,
    Algorithm,
    Diverged,
    Factorisation,
    ImplicitALS,
    InvalidRatings,
    Ratings,
    Scale,
    Step,
    lists,
    metrics,
    preference,
    training,
)
from engine.parameters import Feedback
from tests.support.arrays import floats, ids, ratings_of
from tests.support.narrowing import factorisation
from tests.support.training import (
    EVERY,
    INTEREST,
    last_factors,
    last_model,
    planted,
    small,
    watched,
)


def lists_by_hand(model: Any, train: Ratings, user: int, n: int) -> list[int]:
    """The best of what the user has not rated and somebody has, ties by the lower id."""
    seen = set(train.movies[train.users == user].tolist())
    rated = set(train.movies.tolist())
    scores = model.predict_all(np.array([user]))[0]
    free = [movie for movie in range(train.n_movies) if movie in rated and movie not in seen]
    return sorted(free, key=lambda movie: (-scores[movie], movie))[:n]


@INTEREST
def test_passes_are_measured_by_the_liked_films_on_the_lists(name: str) -> None:
    train, test = watched().split(0.2, 3)
    *_, epoch = training.train(small(name), train, test)
    assert math.isnan(epoch.train_mse)
    assert math.isnan(epoch.test_mse)
    ndcgs, recalls = [], []
    for user in range(train.n_users):
        own = test.users == user
        # From three quarters of the scale on.
        low, high = test.scale
        liked = set(test.movies[own & (test.values >= low + 0.75 * (high - low))].tolist())
        if not liked:
            continue
        listed = lists_by_hand(epoch.model, train, user, 20)
        gain = sum(1 / math.log2(p + 2) for p, movie in enumerate(listed) if movie in liked)
        best = sum(1 / math.log2(p + 2) for p in range(min(20, len(liked))))
        ndcgs.append(gain / best)
        recalls.append(len(liked & set(listed)) / len(liked))
    assert epoch.ndcg == pytest.approx(np.mean(ndcgs))
    assert epoch.recall == pytest.approx(np.mean(recalls))


@INTEREST
def test_people_with_a_taste_are_served_better_than_by_the_popular_films(name: str) -> None:
    train, test = watched(n_users=500).split(0.2, 0)
    *_, epoch = training.train(small(name, factors=8), train, test)
    popular = Popular()
    *_, by_fame = training.train(popular, train, test)
    assert epoch.ndcg > 1.15 * by_fame.ndcg


@dataclass(frozen=True)
class Popular(Algorithm):
    """The same interest for everybody, or for some figure that is none."""

    title: ClassVar[str] = "Popular"
    summary: ClassVar[str] = "The films that most rated."
    feedback: ClassVar[Feedback] = "implicit"

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        model = last_factors(ImplicitALS(factors=1, epochs=1), train)
        counts = train.by_movie.counts.astype(np.float32)
        yield Step(1.0, replace(model, user_factors=0 * model.user_factors, movie_bias=counts))


@dataclass(frozen=True)
class Passes(Algorithm):
    """Passes of which the third is the best, and some that yield no figures."""

    title: ClassVar[str] = "Passes"
    summary: ClassVar[str] = "Rises and falls."
    feedback: ClassVar[Feedback] = "implicit"

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        model = factorisation(next(Popular().run(train)).model)
        for turn, worth in enumerate([0.5, 0.8, 1.0, 0.9, 0.7, 0.6, 0.5]):
            noise = np.random.default_rng(7).normal(0, 300, train.n_movies)
            bias = worth * model.movie_bias + (1 - worth) * noise
            yield Step((turn + 1) / 7, replace(model, movie_bias=bias.astype(np.float32)))


def test_patience_waits_for_a_higher_ndcg() -> None:
    train, test = watched().split(0.2, 0)
    reached = [epoch.ndcg for epoch in training.train(Passes(), train, test)]
    assert np.argmax(reached) == 2
    stopped = [epoch.ndcg for epoch in training.train(Passes(), train, test, patience=2)]
    assert stopped == [*reached[:5], reached[2]]


def test_the_best_of_several_has_the_highest_ndcg() -> None:
    train = watched(n_users=500)
    good, bad = ImplicitALS(factors=6, epochs=4), ImplicitALS(factors=6, epochs=4, reg=9999)
    for candidates in ([good, bad], [bad, good]):
        assert training.best_of(training.search(candidates, train)) == good


def test_without_held_out_ratings_nothing_is_measured() -> None:
    *_, epoch = training.train(EASE(), planted())
    assert math.isnan(epoch.ndcg)
    assert math.isnan(epoch.recall)


def test_where_nobody_liked_anything_nothing_is_measured() -> None:
    ratings = planted()
    low = Ratings(ratings.users, ratings.movies, np.full(len(ratings), 1.0), scale=Scale(0.5, 5))
    train, test = low.split(0.2, 0)
    *_, epoch = training.train(EASE(), train, test)
    assert math.isnan(epoch.ndcg)


@dataclass(frozen=True)
class Broken(Algorithm):
    """Yields what is no number."""

    title: ClassVar[str] = "Broken"
    summary: ClassVar[str] = "No number."
    feedback: ClassVar[Feedback] = "implicit"

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        model = last_factors(ImplicitALS(factors=1, epochs=1), train)
        yield Step(1.0, replace(model, movie_bias=np.full(train.n_movies, np.nan, np.float32)))


def test_interest_that_is_no_number_is_divergence() -> None:
    with pytest.raises(Diverged, match="Broken diverged in pass 1"):
        list(training.train(Broken(), planted()))


def test_at_most_so_many_users_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    train, test = watched().split(0.2, 0)
    model = last_model(EASE(), train)
    asked: list[int] = []
    whole = lists.recommended

    def counted(model: Any, train: Ratings, users: np.ndarray, n: int) -> np.ndarray:
        asked.extend(users.tolist())
        return whole(model, train, users, n)

    monkeypatch.setattr(lists, "recommended", counted)
    monkeypatch.setattr(lists, "USERS", 37)
    list(lists.hits(model, train, test))
    assert len(asked) == len(set(asked)) == 37


@given(
    rows=st.lists(st.lists(st.integers(0, 9), unique=True, max_size=6), min_size=1, max_size=5),
    pairs=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 12)), min_size=1, max_size=20),
)
def test_the_ndcg_of_lists_is_counted_place_by_place(
    rows: list[list[int]], pairs: set[tuple[int, int]]
) -> None:
    width = max(*map(len, rows), 1)
    table = np.full((5, width), -1, np.int32)
    for row, own in enumerate(rows):
        table[row, : len(own)] = own
    expected = []
    for user in range(5):
        relevant = {movie for who, movie in pairs if who == user}
        if relevant:
            gains = [1 / math.log2(p + 2) for p in range(width)]
            listed = zip(gains, table[user], strict=True)
            gained = sum(gain for gain, movie in listed if movie in relevant)
            expected.append(gained / sum(gains[: len(relevant)]))
    users, movies = np.array(sorted(pairs)).T
    assert metrics.list_ndcg(table, users, movies) == pytest.approx(np.mean(expected))


@INTEREST
@pytest.mark.parametrize("values", [[5.0], [1.0, 5.0], [0.5, 3.0, 4.5, 5.0]])
def test_what_was_liked_counts_more(name: str, values: list[float]) -> None:
    ratings = replace(watched(), scale=Scale(0.5, 5))
    model = last_model(small(name, epochs=8), ratings)
    own = ids(np.arange(0, 2 * len(values), 2))
    liked = model.fold_in(own, floats(np.full(len(own), 5.0))).predict()
    stars = model.fold_in(own, floats(values)).predict()
    # Films of the same kind, which liking those speaks for.
    alike = np.arange(40, 60, 2)
    assert liked[alike].mean() >= stars[alike].mean()
    assert (liked[alike].mean() > stars[alike].mean()) == (min(values) < 5)


def test_weights_go_from_the_lowest_to_the_highest_stars() -> None:
    scale = Scale(1, 5)
    found = preference.weight(np.array([1, 2, 3, 4, 5, 0, 9]), scale, 0.8)
    np.testing.assert_allclose(found, [0.2, 0.4, 0.6, 0.8, 1.0, 0.2, 1.0], atol=1e-6)
    assert (preference.weight(np.array([1.0, 5.0]), scale, 0.0) == 1).all()
    assert (preference.weight(np.array([3.0, 3.0]), Scale(3, 3), 0.9) == 1).all()


EXTREME: dict[str, list[Algorithm]] = {
    "EASE": [
        EASE(reg=1e-3, weighting=0.0),
        EASE(reg=1e-3, weighting=1.0, liking=1.0),
        EASE(reg=1e9, weighting=1.0, popularity=10.0),
    ],
    "Implicit ALS": [
        ImplicitALS(factors=20, epochs=2, reg=0, alpha=1000, liking=1.0),
        ImplicitALS(factors=20, epochs=2, reg=0, alpha=0.001),
        ImplicitALS(factors=20, epochs=2, reg=10_000, alpha=1000, weighting=1.0),
    ],
}
ODD = {
    "a catalogue of two": ([0, 0, 1], [0, 1, 1], [1, 5, 3]),
    "everybody the same film": (range(9), [0] * 9, [4] * 9),
    "one person": ([0] * 5, range(5), [1, 2, 3, 4, 5]),
    "only the lowest stars": ([0, 0, 1, 2], [0, 1, 1, 2], [1, 1, 1, 1]),
    "one rating": ([0], [0], [3]),
    "ids that nobody has": ([5, 5, 9], [3, 8, 8], [2, 4, 5]),
}
HUGE = {
    "stars beyond measure": ([0, 0, 1], [0, 1, 1], [-3e38, 3e38, 1e38]),
    "stars beside nothing": ([0, 0, 1], [0, 1, 1], [1e-40, 2e-40, 1.5e-40]),
}


@INTEREST
@pytest.mark.parametrize("case", [*ODD, *HUGE])
@pytest.mark.parametrize("setting", range(3))
def test_odd_ratings_and_settings_give_figures(name: str, case: str, setting: int) -> None:
    users, movies, values = (ODD | HUGE)[case]
    scale = Scale(1, 5) if case in ODD else Scale(0, 0)
    stars = np.array(values, np.float64).astype(np.float32)
    ratings = Ratings(np.array(users), np.array(movies), stars, scale=scale)
    train = EXTREME[name][setting]
    *_, epoch = training.train(train, ratings, ratings)
    everything = epoch.model.predict_all(ids(np.arange(ratings.n_users)))
    assert np.isfinite(everything).all()
    for own in (np.unique(ratings.movies), np.zeros(0, int)):
        viewer = epoch.model.fold_in(own, np.full(len(own), stars[0]))
        assert np.isfinite(viewer.predict()).all()
        for movie in range(ratings.n_movies):
            score = viewer.explain(movie).score
            assert score == pytest.approx(float(viewer.predict()[movie]), rel=1e-3, abs=1e-3)


@INTEREST
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_random_small_matrices(name: str, data: st.DataObject) -> None:
    n_users, n_movies = data.draw(st.integers(1, 7)), data.draw(st.integers(1, 7))
    cells = st.tuples(st.integers(0, n_users - 1), st.integers(0, n_movies - 1))
    pairs = data.draw(st.lists(cells, min_size=1, max_size=30, unique=True))
    stars = data.draw(st.lists(st.integers(1, 10), min_size=len(pairs), max_size=len(pairs)))
    u, m = np.array(pairs).T
    ratings = ratings_of(u, m, np.array(stars) / 2, n_users, n_movies, Scale(0.5, 5))
    model = last_model(small(name, factors=2, epochs=2), ratings)
    everybody = ids(np.arange(n_users))
    whole = model.predict_all(everybody)
    assert np.isfinite(whole).all()
    pairwise = model.predict(np.repeat(everybody, n_movies), np.tile(np.arange(n_movies), n_users))
    np.testing.assert_allclose(pairwise.reshape(whole.shape), whole, atol=1e-5)
    for movie in range(n_movies):
        neighbours = model.similar(movie)
        assert movie not in neighbours.movies
        assert not set(neighbours.movies.tolist()) - set(m.tolist())
        assert len(neighbours.movies) == 0 or movie in m


@INTEREST
def test_interest_is_never_kept_on_the_scale(name: str) -> None:
    ratings = planted()
    model = last_model(small(name), ratings)
    viewer = model.fold_in(*ratings.by_user.row(0))
    assert viewer.std() is None
    np.testing.assert_array_equal(viewer.predict(clip=True), viewer.predict(clip=False))
    assert viewer.predict().max() < 2
    with pytest.raises(InvalidRatings, match="movie id"):
        viewer.explain(60)


@EVERY
def test_a_film_that_nobody_rated_is_like_none_and_none_is_like_it(name: str) -> None:
    known = planted()
    ratings = Ratings(known.users, known.movies + 2, known.values, 80, 65, known.scale)
    model = last_model(small(name), ratings)
    unrated = {0, 1, 62, 63, 64}
    for movie in unrated:
        assert len(model.similar(movie).movies) == 0
        assert not model.similarity(movie).any()
    for movie in (2, 30):
        assert not unrated & set(model.similar(movie, 64).movies.tolist())
        assert len(model.similar(movie, 64).movies) == 59


def test_a_model_of_interest_with_factors_has_a_place_for_each_film() -> None:
    model = last_model(small("Implicit ALS"), planted())
    assert isinstance(model, Factorisation)
    assert model.places.shape == (60, 3)
    assert last_model(EASE(), planted()).places.shape == (60, 0)
