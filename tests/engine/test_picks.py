"""One order from two models: by the formula, film by film, and by what no list may do."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import data
from engine import (
    ALGORITHMS,
    ALS,
    EASE,
    BayesianMF,
    ImplicitALS,
    InvalidRatings,
    Model,
    Viewer,
    preference,
    ranking,
)
from engine.topmost import top
from tests.support.arrays import floats, ids, ratings_of
from tests.support.training import last_model, watched

RATINGS = watched()
COUNTS = RATINGS.by_movie.counts
STARS: dict[str, Model] = {
    "ALS": last_model(ALS(factors=3, epochs=5), RATINGS),
    "Bayesian": last_model(BayesianMF(factors=3, epochs=20), RATINGS),
}
INTEREST: dict[str, Model] = {
    "EASE": last_model(EASE(reg=50), RATINGS),
    "Implicit ALS": last_model(ImplicitALS(factors=4, epochs=5), RATINGS),
}
PAIRS = pytest.mark.parametrize(
    ("stars", "interest"), [(s, i) for s in STARS for i in INTEREST], ids=str
)
POSITIONS = [i / 10 for i in range(11)]
OWN = np.array([0, 2, 4, 9, 12], np.int32)
VALUES = np.array([5, 4.5, 4, 2, 3], np.float32)


def folded(stars: str, interest: str, n: int = 5) -> tuple[Viewer, Viewer]:
    movies, values = OWN[:n], VALUES[:n]
    return STARS[stars].fold_in(movies, values), INTEREST[interest].fold_in(movies, values)


def head(ranks: np.ndarray, n: int = 20, own: np.ndarray = OWN) -> list[int]:
    return [int(i) for i in top(ranks, n, own)]


def by_hand(stars: Viewer, interest: Viewer, balance: float) -> list[float]:
    """The formula, film by film."""
    predicted, scores = stars.predict(clip=False), interest.predict()
    popularity = [int(n) / RATINGS.n_users for n in COUNTS]
    chances = [max(float(s), 0.01 * p + 1e-9) for s, p in zip(scores, popularity, strict=True)]
    mean = np.average(predicted, weights=COUNTS)
    spread = math.sqrt(np.average((predicted - mean) ** 2, weights=COUNTS))
    ranks, (low, high) = [], stars.model.scale
    for movie in range(RATINGS.n_movies):
        belief = COUNTS[movie] / (COUNTS[movie] + 5)
        cautious = mean + belief * (predicted[movie] - mean) - spread * math.sqrt(1 - belief)
        rank = (1 - balance) * math.log(chances[movie]) + balance * 2 / (high - low) * cautious
        ranks.append(rank - 100 * (COUNTS[movie] < 2))
    return ranks


@PAIRS
@pytest.mark.parametrize("balance", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_films_are_ranked_by_the_formula(stars: str, interest: str, balance: float) -> None:
    for n in (0, 1, 5):
        two = folded(stars, interest, n)
        np.testing.assert_allclose(
            ranking.picks(*two, balance), by_hand(*two, balance), rtol=2e-3, atol=2e-3
        )


@PAIRS
def test_every_position_of_the_balance_reorders_visibly(stars: str, interest: str) -> None:
    lists = [head(ranking.picks(*folded(stars, interest), b)) for b in POSITIONS]
    for one, next_one in itertools.pairwise(lists):
        assert one != next_one


@PAIRS
def test_at_the_ends_one_question_is_asked_alone(stars: str, interest: str) -> None:
    two = folded(stars, interest)
    twice = COUNTS >= 2
    liked = np.where(twice, ranking.cautious(two[0].predict(clip=False), COUNTS), -np.inf)
    picked = np.where(twice, two[1].predict(), -np.inf)
    assert head(ranking.picks(*two, 1)) == head(liked)
    assert head(ranking.picks(*two, 0), 10) == head(picked, 10)


@PAIRS
@pytest.mark.parametrize("balance", POSITIONS)
def test_a_film_that_one_person_rated_is_never_among_the_first(
    stars: str, interest: str, balance: float
) -> None:
    for n in range(6):
        listed = head(ranking.picks(*folded(stars, interest, n), balance), 60, OWN[:n])
        assert (COUNTS[listed] >= 2).all()


@given(
    scores=st.lists(st.floats(1, 5, width=32), min_size=4, max_size=30),
    best=st.floats(5, 6, width=32),
    often=st.integers(20, 500),
)
@settings(deadline=None)
def test_two_enthusiasts_do_not_lead(scores: list[float], best: float, often: int) -> None:
    """However high the stars of a film that two people rated: the best known film comes before."""
    counts = np.full(len(scores) + 1, often)
    counts[-1] = 2
    ranks = ranking.cautious(np.array([*scores, best], np.float32), counts)
    well_liked = max(scores) - np.mean(scores) > 0.7 * (best - np.mean(scores))
    assert not well_liked or ranks.argmax() != len(scores)


@pytest.mark.parametrize("interest", list(INTEREST))
def test_how_likely_is_a_chance_and_popularity_for_somebody_unknown(interest: str) -> None:
    nobody = INTEREST[interest].fold_in(ids([]), floats([]))
    somebody = INTEREST[interest].fold_in(OWN, VALUES)
    for viewer in (nobody, somebody):
        chances = ranking.likelihood(viewer)
        assert chances.dtype == np.float32
        assert ((chances >= 0) & (chances <= 1)).all()
    # How often a film was rated, where a rating weighs the more the better it was liked.
    liked = np.bincount(RATINGS.movies, preference.weight(RATINGS.values, RATINGS.scale, 0.9))
    told = np.corrcoef(ranking.likelihood(nobody), liked)[0, 1]
    assert told > 0.95
    kind = np.arange(RATINGS.n_movies) % 2 == OWN[0] % 2
    known = (COUNTS > 10) & ~np.isin(np.arange(RATINGS.n_movies), OWN)
    before, after = ranking.likelihood(nobody), ranking.likelihood(somebody)
    assert after[kind & known].mean() > before[kind & known].mean()
    assert after[~kind & known].mean() < after[kind & known].mean()


def test_models_of_two_datasets_make_no_list() -> None:
    other = last_model(EASE(reg=50), watched(n_movies=140)).fold_in(OWN, VALUES)
    with pytest.raises(InvalidRatings, match="150 movies and the other 140"):
        ranking.picks(STARS["ALS"].fold_in(OWN, VALUES), other, 0.5)


@pytest.mark.parametrize("n", [3, 10, 25])
def test_of_the_films_with_a_chance_of_three_in_ten_about_three_in_ten_are_watched(
    n: int, movielens: Path
) -> None:
    ratings = data.read(movielens / "ml-100k").ratings
    rng = np.random.default_rng(0)
    out = rng.permutation(ratings.n_users)[:200]
    seen = ratings.take(~np.isin(ratings.users, out))
    users, rows = np.unique(seen.users, return_inverse=True)
    train = ratings_of(rows, seen.movies, seen.values, len(users), ratings.n_movies)
    model = last_model(ALGORITHMS["Implicit ALS"], train)
    told, came = [], []
    for user in out:
        movies, values = ratings.by_user.row(int(user))
        own = rng.permutation(len(movies))[:n]
        others = np.setdiff1d(np.arange(ratings.n_movies), movies[own])
        chances = ranking.likelihood(model.fold_in(movies[own], values[own]))
        told.append(chances[others])
        came.append(np.isin(others, movies))
    chances, watched = np.concatenate(told), np.concatenate(came)
    for low, high in ((0.02, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, 0.7)):
        among = (chances >= low) & (chances < high)
        assert watched[among].mean() == pytest.approx(chances[among].mean(), rel=0.25, abs=0.03)
