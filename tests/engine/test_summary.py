"""Predictions from a summary of the draws, beside those from all draws."""

from __future__ import annotations

import numpy as np
import pytest

import engine.draws
import engine.summary
from engine import BayesianMF, Factorisation
from engine.draws import Draws
from engine.summary import Summary
from tests.support.narrowing import of_kind, present
from tests.support.training import last_factors, planted

RATINGS = planted(users=120, movies=90)
OWN = np.array([1, 5, 17, 33, 60], np.int32)
VALUES = np.array([5, 1, 4.5, 2, 3], np.float32)


def sampled() -> Factorisation:
    return last_factors(BayesianMF(factors=4, epochs=30, burn_in=5), RATINGS)


def draws_of(model: Factorisation) -> Draws:
    return of_kind(Draws, model.fold)


EXACT = sampled()
assert draws_of(EXACT).summary is None


@pytest.fixture
def summarised(monkeypatch: pytest.MonkeyPatch) -> Factorisation:
    """A model so large that its draws are summarised."""
    monkeypatch.setattr(engine.draws, "LARGE", 1)
    model = sampled()
    assert draws_of(model).summary is not None
    return model


def test_it_says_nearly_what_all_draws_say(summarised: Factorisation) -> None:
    nobody = EXACT.fold_in(OWN[:0], VALUES[:0]).predict(clip=False)
    for n in (1, 3, 5):
        told = EXACT.fold_in(OWN[:n], VALUES[:n]).predict(clip=False)
        found = summarised.fold_in(OWN[:n], VALUES[:n]).predict(clip=False)
        assert np.sqrt(np.mean((found - told) ** 2)) < 0.02 * (told - nobody).std()
        np.testing.assert_allclose(found[OWN[:n]], told[OWN[:n]], atol=1e-4)


def test_of_the_average_person_it_says_just_what_all_draws_say(summarised: Factorisation) -> None:
    draws = draws_of(summarised)
    w = draws.means[:, :, :-1].mean(axis=1)
    expected = [
        np.mean(
            [draws.movies[s, i, :-1] @ w[s] + draws.movies[s, i, -1] for s in range(len(draws))]
        )
        for i in range(RATINGS.n_movies)
    ]
    np.testing.assert_allclose(present(draws.summary).scores(w), expected, atol=1e-4)


def test_of_those_who_span_it_it_says_what_all_draws_say(
    summarised: Factorisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.summary, "RANK", 20)
    draws = draws_of(summarised)
    summary = Summary.of(draws.movies, draws.means)
    for user in np.random.default_rng(0).permutation(RATINGS.n_users)[:3]:
        w = draws.means[:, user, :-1]
        scores = np.einsum("snk,sk->n", draws.movies[:, :, :-1], w) / len(draws)
        scores += draws.movies[:, :, -1].mean(axis=0)
        np.testing.assert_allclose(summary.scores(w), scores, atol=5e-3)


def test_its_explanations_add_up_to_its_scores(summarised: Factorisation) -> None:
    viewer = summarised.fold_in(OWN, VALUES)
    scores = viewer.predict(clip=False)
    for movie in (0, 5, 44, 89):
        assert viewer.explain(movie).score == pytest.approx(scores[movie], abs=1e-4)


def test_the_spread_of_some_films_is_theirs_among_all(summarised: Factorisation) -> None:
    for model in (EXACT, summarised):
        viewer = model.fold_in(OWN, VALUES)
        some = np.array([3, 80, 5], np.int32)
        np.testing.assert_allclose(
            present(viewer.std(some)), present(viewer.std())[some], rtol=1e-5
        )
