"""The next question: variances by brute force, habits by regression, and a simulation."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ALS, BayesianMF, Factorisation, InvalidRatings, Model, Ratings, elicit, training
from engine.elicit import Questions
from engine.exposure import RIDGE, Exposure
from tests.support.arrays import ratings_of
from tests.support.narrowing import factorisation


def planted(seed: int = 0, n_users: int = 300, n_movies: int = 120) -> Ratings:
    """Two kinds of films; each person mostly sees one kind, and the well-known of both."""
    rng = np.random.default_rng(seed)
    kind = np.arange(n_movies) % 2
    leaning = rng.integers(0, 2, n_users)
    known = 1 / (1 + np.arange(n_movies) / 25)
    odds = known * np.where(kind == leaning[:, None], 0.8, 0.15)
    users, movies = np.nonzero(rng.random((n_users, n_movies)) < odds)
    taste = rng.normal(size=(n_users, 3))
    films = rng.normal(size=(n_movies, 3)) * [0.8, 0.5, 0.3]
    level = 0.5 * rng.normal(size=n_movies)
    bias = 0.5 * rng.normal(size=n_users)
    stars = 3 + level[movies] + bias[users] + (taste[users] * films[movies]).sum(axis=1)
    stars += 0.4 * rng.normal(size=len(stars))
    return ratings_of(users, movies, np.clip(stars, 0.5, 5), n_users=n_users, n_movies=n_movies)


def trained(ratings: Ratings, **parameters: Any) -> Factorisation:
    *_, epoch = training.train(ALS(factors=3, epochs=6, **parameters), ratings)
    return factorisation(epoch.model)


RATINGS = planted()
MODEL = trained(RATINGS)


def mean_variance(model: Factorisation, noise: float, rated: list[int]) -> float:
    """Variance of predictions after ratings of `rated`, averaged by popularity: plainly."""
    X = np.column_stack([model.movie_factors, np.ones(model.n_movies)])
    W = np.column_stack([model.user_factors, model.user_bias])
    precision = np.linalg.inv(np.cov(W.T, bias=True))
    for movie in rated:
        precision = precision + np.outer(X[movie], X[movie]) / noise
    variance = [x @ np.linalg.solve(precision, x) for x in X]
    return float(np.average(variance, weights=model.movie_counts))


@pytest.mark.parametrize("rated", [[], [4], [1, 8, 30, 77]])
def test_information_is_the_variance_that_an_answer_takes_away(rated: list[int]) -> None:
    questions = Questions.of(MODEL)
    before = mean_variance(MODEL, questions.noise, rated)
    gained = questions.information(np.array(rated, np.int32))
    for movie in (0, 7, 50, 119):
        after = mean_variance(MODEL, questions.noise, [*rated, movie])
        assert gained[movie] == pytest.approx(before - after, rel=2e-3)


def test_noise_is_a_part_of_the_scale_and_belief_grows_with_the_ratings() -> None:
    questions = Questions.of(MODEL)
    low, high = MODEL.scale
    assert high - low > 3
    assert questions.noise == pytest.approx((elicit.NOISE * (high - low)) ** 2)
    counts = MODEL.movie_counts
    np.testing.assert_allclose(questions.belief, counts / (counts + 5), rtol=1e-5)
    np.testing.assert_allclose(
        questions.exposure.probability(np.array([3]), np.array([4])), counts / 300, rtol=1e-5
    )
    same = Ratings(RATINGS.users, RATINGS.movies, 0 * RATINGS.values + 4)
    assert Questions.of(trained(same)).noise == 1


@given(st.lists(st.integers(0, 119), unique=True, max_size=20))
@settings(max_examples=30, deadline=None)
def test_every_answer_teaches_something_and_each_the_less_the_more_is_known(
    rated: list[int],
) -> None:
    questions = Questions.of(MODEL)
    known, none = np.array(rated, np.int32), np.zeros(0, np.int32)
    gained = questions.information(known)
    assert (gained >= 0).all()
    trace = np.trace(questions.covariance(known))
    assert trace <= np.trace(questions.covariance(none)) + 1e-4


def test_models_without_biases_and_with_constraints_ask_too() -> None:
    for parameters in ({"biases": False}, {"nonnegative": True}):
        model = trained(RATINGS, **parameters)
        asked = Questions.of(model).next(np.array([0, 1]), n=8)
        assert len(set(asked)) == 8
        assert np.isfinite(Questions.of(model).information(asked)).all()


def test_a_posterior_asks_by_its_last_draw() -> None:
    *_, epoch = training.train(BayesianMF(factors=3, epochs=12, burn_in=4), RATINGS)
    model = factorisation(epoch.model)
    asked = Questions.of(model, RATINGS).next(np.array([0, 1]), n=8)
    assert len(set(asked)) == 8
    before = mean_variance(model, Questions.of(model).noise, [0, 1])
    after = mean_variance(model, Questions.of(model).noise, [0, 1, 7])
    gained = Questions.of(model).information(np.array([0, 1]))
    assert gained[7] == pytest.approx(before - after, rel=2e-3)


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_nothing_is_asked_twice(data: st.DataObject) -> None:
    ids = st.lists(st.integers(0, 119), unique=True, max_size=40)
    rated, unseen, skip = (np.array(data.draw(ids), np.int32) for _ in range(3))
    n = data.draw(st.integers(0, 130))
    asked = Questions.of(MODEL, RATINGS).next(rated, unseen, n, skip)
    assert len(set(asked)) == len(asked)
    assert not set(asked) & {*rated, *unseen, *skip}
    left = 120 - len({*rated, *unseen, *skip})
    assert len(asked) == min(n, left)


@pytest.mark.parametrize("wrong", [[-1], [120], [2.5]])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_unknown_films_are_refused(wrong: list[float], place: int) -> None:
    arguments: list[Any] = [np.array([0]), np.array([1]), 2, np.array([2])]
    arguments[place] = np.array(wrong)
    with pytest.raises(InvalidRatings, match="movie id is out of range"):
        Questions.of(MODEL, RATINGS).next(*arguments)


def test_a_list_starts_with_the_single_best_question() -> None:
    questions = Questions.of(MODEL, RATINGS)
    rated = np.array([3, 20, 41])
    assert questions.next(rated, n=10)[0] == questions.next(rated, n=1)[0]
    assert elicit.next_films(MODEL, rated, n=10, ratings=RATINGS).tolist() == (
        questions.next(rated, n=10).tolist()
    )


@pytest.mark.parametrize(("rated", "unseen"), [([], []), ([3, 20, 41], [1]), ([7], [0, 2, 4])])
def test_a_question_is_worth_what_it_teaches_times_the_odds_of_an_answer(
    rated: list[int], unseen: list[int]
) -> None:
    questions = Questions.of(MODEL, RATINGS)
    seen, not_seen = np.array(rated, int), np.array(unseen, int)
    before = mean_variance(MODEL, questions.noise, rated)
    odds = questions.exposure.probability(seen, not_seen)
    worth = {}
    for movie in set(range(120)) - {*rated, *unseen}:
        n = MODEL.movie_counts[movie]
        taught = before - mean_variance(MODEL, questions.noise, [*rated, movie])
        worth[movie] = taught * odds[movie] * n / (n + 5)
    best = max(worth, key=lambda movie: worth[movie])
    asked = int(questions.next(seen, not_seen)[0])
    assert worth[asked] == pytest.approx(worth[best], rel=5e-3)


def test_a_list_is_chosen_as_if_what_comes_before_had_been_answered() -> None:
    questions = Questions.of(MODEL, RATINGS)
    rated = np.array([3, 20, 41])
    S = questions.covariance(rated).astype(float)
    X, G = questions.X.astype(float), questions.G.astype(float)
    odds = questions.exposure.probability(rated, np.zeros(0, int)) * questions.belief
    chosen: list[int] = []
    for _ in range(6):
        taught = [x @ S @ G @ S @ x / (questions.noise + x @ S @ x) for x in X]
        worth = odds * np.array(taught)
        worth[[*rated, *chosen]] = -1
        best = int(worth.argmax())
        chosen.append(best)
        z = S @ X[best]
        S = S - odds[best] * np.outer(z, z) / (questions.noise + X[best] @ z)
    assert questions.next(rated, n=6).tolist() == chosen


def test_a_list_does_not_ask_the_same_thing_twice_over() -> None:
    # Films 0 and 1 are the same film but for the name; 2 says less, but something else.
    eye = np.eye(2, dtype=np.float32)
    X = eye[[0, 0, 1]] * np.array([[1.0], [1.0], [0.9]], np.float32)
    sure = Exposure.popular(np.full(3, 10), 10)
    questions = Questions(X, eye, np.ones(3, np.float32), 0.1, sure)
    assert questions.next(np.zeros(0, int), n=3).tolist() == [0, 2, 1]


def test_habits_are_those_of_ridge_regression() -> None:
    exposure = Exposure.of(RATINGS)
    S = np.zeros((RATINGS.n_users, RATINGS.n_movies))
    S[RATINGS.users, RATINGS.movies] = 1
    seen, unseen = np.array([0, 2, 40]), np.array([1, 5])
    asked = np.concatenate([seen, unseen])
    X = S[:, asked] - S[:, asked].mean(axis=0)
    penalty = np.sqrt(RIDGE * len(S)) * np.eye(5)
    for movie in (4, 9, 60, 61):
        y = S[:, movie] - S[:, movie].mean()
        beta = np.linalg.lstsq(np.vstack([X, penalty]), np.append(y, np.zeros(5)), rcond=None)[0]
        answers = np.array([1, 1, 1, 0, 0]) - S[:, asked].mean(axis=0)
        expected = S[:, movie].mean() + answers @ beta
        assert exposure.probability(seen, unseen)[movie] == pytest.approx(expected, abs=1e-3)


def test_who_has_seen_one_kind_is_asked_about_that_kind() -> None:
    exposure = Exposure.of(RATINGS)
    p = exposure.probability(np.array([50, 60, 70]), np.array([51, 61]))
    before = exposure.popularity
    assert (p[::2] - before[::2]).mean() > 0.1
    assert (p[1::2] - before[1::2]).mean() < 0
    assert ((p >= 0) & (p <= 1)).all()


def test_on_a_sample_of_users_and_films_the_rest_keep_their_popularity() -> None:
    exposure = Exposure.of(RATINGS, films=30, users=100)
    assert exposure.C.shape == (30, 30)
    counts = np.bincount(RATINGS.movies, minlength=120)
    assert exposure.films.tolist() == np.argsort(-counts, kind="stable")[:30].tolist()
    few = Exposure.of(RATINGS.take(RATINGS.movies < 12))
    assert sorted(few.films) == list(range(12))
    p = exposure.probability(exposure.films[:5], np.zeros(0, int))
    rest = np.setdiff1d(np.arange(120), exposure.films)
    np.testing.assert_array_equal(p[rest], exposure.popularity[rest])


Ask = Callable[[list[int], list[int]], int]


def errors(model: Model, people: Ratings, ask_of: Callable[[], Ask], asked: int) -> float:
    """RMSE on the even half of each person's films after `asked` questions on the others."""
    squares = []
    for person in range(people.n_users):
        movies, values = people.by_user.row(person)
        answers = dict(zip(movies[1::2].tolist(), values[1::2].tolist(), strict=True))
        ask = ask_of()
        seen: list[int] = []
        unseen: list[int] = []
        for _ in range(asked):
            movie = ask(seen, unseen)
            (seen if movie in answers else unseen).append(movie)
        stars = np.array([answers[movie] for movie in seen], np.float32)
        predicted = model.fold_in(np.array(seen, np.int32), stars).predict()
        squares.append((predicted[movies[::2]] - values[::2]) ** 2)
    return float(np.sqrt(np.concatenate(squares).mean()))


def entropy(ratings: Ratings) -> np.ndarray:
    """Of each film's stars in steps of a half, plainly."""
    found = np.zeros(ratings.n_movies)
    for movie in range(ratings.n_movies):
        _, values = ratings.by_movie.row(movie)
        counts = np.unique(np.rint(2 * values), return_counts=True)[1]
        p = counts / max(counts.sum(), 1)
        found[movie] = -(p * np.log(p)).sum()
    return found


@pytest.fixture(scope="module")
def held_out() -> tuple[Model, Ratings, Ratings]:
    """A model, what it was trained on, and the ratings of people whom it never saw."""
    everybody = planted(seed=6, n_users=820, n_movies=300)
    train = everybody.take(everybody.users < 700)
    rest = everybody.take(everybody.users >= 700)
    people = Ratings(rest.users - 700, rest.movies, rest.values, n_movies=300)
    return trained(train), train, people


@pytest.mark.parametrize("rival", ["most popular", "random", "highest entropy"])
def test_it_takes_fewer_questions_than_simpler_orders_do(
    rival: str, held_out: tuple[Model, Ratings, Ratings]
) -> None:
    model, train, people = held_out
    questions = Questions.of(model, train)
    order = {
        "most popular": np.argsort(-model.movie_counts, kind="stable"),
        "random": np.random.default_rng(0).permutation(300),
        "highest entropy": np.argsort(-entropy(train), kind="stable"),
    }[rival].tolist()

    def in_order() -> Ask:
        turn = itertools.count()
        return lambda seen, unseen: order[next(turn)]

    def by_information() -> Ask:
        return lambda seen, unseen: int(
            questions.next(np.array(seen, int), np.array(unseen, int))[0]
        )

    at_16 = errors(model, people, in_order, 16)
    assert errors(model, people, by_information, 12) < at_16
    assert at_16 < errors(model, people, in_order, 0)
