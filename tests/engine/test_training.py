"""Training as generators: errors measured, divergence explained, several runs in a row."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest

from engine import ALS, SGD, Algorithm, Diverged, Factorisation, Ratings, Step, metrics, training
from engine.parameters import Range
from engine.training import Epoch
from tests.support.narrowing import factorisation, of_kind
from tests.support.training import last_factors, planted, small


def factorisations(algorithm: Algorithm) -> list[Factorisation]:
    """What each pass on the planted ratings ends with."""
    steps = algorithm.run(planted(), 0)
    return [factorisation(step.model) for step in steps if step.model]


def held_out_error(moment: Step | Epoch) -> float:
    """What a pass came to on the held-out ratings."""
    return of_kind(Epoch, moment).test_mse


def test_errors_are_those_of_the_model() -> None:
    train, test = planted().split(0.2, 0)
    epochs = list(training.train(ALS(factors=3, epochs=4), train, test, 0))
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4]
    for epoch in epochs:
        for ratings, told in ((train, epoch.train_mse), (test, epoch.test_mse)):
            predicted = epoch.model.predict(ratings.users, ratings.movies)
            assert told == pytest.approx(metrics.rmse(predicted, ratings.values) ** 2, rel=1e-6)


def test_without_held_out_ratings_the_test_error_is_no_number() -> None:
    *_, epoch = training.train(ALS(factors=2, epochs=2), planted())
    assert math.isnan(epoch.test_mse)


def test_not_asking_is_pausing() -> None:
    run = training.train(ALS(factors=2, epochs=3), planted())
    assert next(run).number == 1
    assert next(run).number == 2
    run.close()


def test_patience_stops_a_run_that_no_longer_gets_better() -> None:
    train, test = planted(share=0.15).split(0.3, 0)
    algorithm = ALS(factors=30, reg=0, bias_reg=0, epochs=60)
    epochs = list(training.train(algorithm, train, test, 0, patience=3))
    *passes, last = epochs
    errors = [epoch.test_mse for epoch in passes]
    assert len(passes) < 60
    assert np.argmin(errors) == len(errors) - 4
    assert last.model is passes[-4].model
    assert (last.number, last.test_mse, last.progress) == (len(errors) - 3, min(errors), 1)
    lowest = np.minimum.accumulate([np.inf, *errors[:-1]])
    assert [epoch.best for epoch in passes] == [
        e < low for e, low in zip(errors, lowest, strict=True)
    ]


@pytest.mark.parametrize("name", ["SGD", "NMF", "ALS", "NNLS-ALS"])
def test_what_a_pass_yields_is_the_algorithms_own_result_to_the_last(name: str) -> None:
    """A run of fewer passes ends where a longer one stands after as many."""
    longer = factorisations(small(name, epochs=6))
    shorter = factorisations(small(name, epochs=3))
    assert len(shorter) == 3
    np.testing.assert_array_equal(shorter[-1].user_factors, longer[2].user_factors)
    np.testing.assert_array_equal(shorter[-1].movie_factors, longer[2].movie_factors)


def test_without_held_out_ratings_patience_waits_for_ever() -> None:
    epochs = list(training.train(ALS(factors=2, epochs=6), planted(), patience=1))
    assert len(epochs) == 6


def test_a_large_training_part_is_measured_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SAMPLE", 300)
    ratings = planted()
    *_, epoch = training.train(ALS(factors=3, epochs=4), ratings, seed=1)
    predicted = epoch.model.predict(ratings.users, ratings.movies)
    whole = metrics.mse(predicted, ratings.values)
    assert epoch.train_mse == pytest.approx(whole, rel=0.25)
    assert epoch.train_mse != pytest.approx(whole, rel=1e-6)


def test_a_diverging_run_says_what_to_change() -> None:
    algorithm = SGD(factors=4, learning_rate=1.0, reg=0, epochs=30)
    with pytest.raises(Diverged, match="lower the learning rate"):
        list(training.train(algorithm, planted()))


@dataclass(frozen=True)
class Constant(Algorithm):
    """Predicts so many stars for everybody, pass after pass."""

    title: ClassVar[str] = "Constant"
    summary: ClassVar[str] = "Predicts the same for everybody."

    stars: Annotated[float, Range(-1e9, 1e9), "What it predicts."] = 3.0

    def run(self, train: Ratings, seed: int = 0) -> Iterator[Step]:
        return self.learn(train, seed)  # its stars are the file's

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        model = last_factors(ALS(factors=1, epochs=1), train, seed)
        nothing: dict[str, Any] = {
            name: 0 * getattr(model, name) for name in ("movie_bias", "movie_factors")
        }
        for turn in range(3):
            alike = replace(model, mean=self.stars, user_bias=0 * model.user_bias, **nothing)
            yield Step((turn + 1) / 3, alike)


@pytest.mark.parametrize("stars", [-1000.0, 40.0, 1e6])
def test_predictions_far_beyond_the_scale_are_divergence(stars: float) -> None:
    run = training.train(Constant(stars), planted())
    with pytest.raises(Diverged, match=r"Constant diverged in pass 1: .*; raise reg"):
        next(run)


@pytest.mark.parametrize("stars", [0.0, 0.5, 5.0, 7.0])
def test_poor_predictions_are_not(stars: float) -> None:
    ratings = planted()
    epochs = list(training.train(Constant(stars), ratings, ratings))
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    expected = metrics.mse(np.full(len(ratings), np.clip(stars, 0.5, 5)), ratings.values)
    assert epochs[-1].train_mse == epochs[-1].test_mse == pytest.approx(expected)


def test_a_sweep_trains_every_rank() -> None:
    train, test = planted().split(0.2, 0)
    parts = list(training.sweep(small("ALS"), [1, 2, 4], train, test))
    done = [part for part in parts if part.finished]
    assert [part.algorithm.factors for part in done] == [1, 2, 4]
    assert [factorisation(part.moment.model).factors for part in done] == [1, 2, 4]
    progress = [part.progress for part in parts]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1)


def test_cross_validation_tests_each_model_on_what_it_did_not_see() -> None:
    ratings, algorithm = planted(), small("ALS")
    done = [part for part in training.cross_validate(algorithm, ratings, 4, 7) if part.finished]
    assert [part.index for part in done] == [0, 1, 2, 3]
    seen: list[tuple[int, int]] = []
    for part, (train, test) in zip(done, ratings.folds(4, 7), strict=True):
        pairs = list(zip(test.users.tolist(), test.movies.tolist(), strict=True))
        assert not set(pairs) & set(zip(train.users.tolist(), train.movies.tolist(), strict=True))
        seen += pairs
        alone = [step.model for step in algorithm.run(train, 7) if step.model][-1]
        expected = metrics.mse(alone.predict(test.users, test.movies), test.values)
        assert held_out_error(part.moment) == pytest.approx(expected, rel=1e-5)
    assert len(seen) == len(set(seen)) == len(ratings)


def test_folds_are_cut_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that five folds of a large dataset are never in memory at once."""
    cut: list[int] = []
    take = Ratings.take

    def counted(self: Ratings, which: object) -> Ratings:
        cut.append(len(self))
        return take(self, which)

    monkeypatch.setattr(Ratings, "take", counted)
    for part in training.cross_validate(small("ALS"), planted(), 5):
        assert len(cut) <= 2 * (part.index + 1)
    assert len(cut) == 10


def test_a_search_finds_the_better_candidate() -> None:
    good, bad = small("ALS", reg=0.3, epochs=8), small("ALS", reg=90.0)
    for candidates in ([bad, good], [good, bad]):
        assert training.best_of(training.search(candidates, planted())) == good
    assert training.best_of(training.search([], planted())) is None


def test_a_search_looks_at_a_part_of_the_training_ratings_and_nothing_else() -> None:
    train, algorithm = planted(), small("ALS")
    parts = list(training.search([algorithm, small("SGD")], train, seed=5, held_out=0.25))
    inner, validation = train.split(0.25, 5)
    alone = [step.model for step in algorithm.run(inner, 5) if step.model][-1]
    expected = metrics.mse(alone.predict(validation.users, validation.movies), validation.values)
    first = next(part for part in parts if part.finished)
    assert held_out_error(first.moment) == pytest.approx(expected, rel=1e-5)
    progress = [part.progress for part in parts]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1)


def test_only_what_has_finished_can_be_the_best() -> None:
    train = planted()
    parts = list(training.search([small("ALS"), small("SGD")], train))
    first = [part for part in parts if part.index == 0]
    assert training.best_of(part for part in first if not part.finished) is None
    assert training.best_of(first) == small("ALS")


def test_splits_are_disjoint_repeatable_and_whole() -> None:
    ratings = planted()
    train, test = ratings.split(0.25, 3)
    again, _ = ratings.split(0.25, 3)
    np.testing.assert_array_equal(train.values, again.values)
    pairs = [set(zip(r.users.tolist(), r.movies.tolist(), strict=True)) for r in (train, test)]
    assert not pairs[0] & pairs[1]
    assert len(pairs[0] | pairs[1]) == len(ratings)
    assert len(test) == round(0.25 * len(ratings))


def test_parameters_are_frozen() -> None:
    algorithm = ALS()
    assert replace(algorithm, factors=3) != algorithm
    attribute = "factors"
    with pytest.raises(AttributeError):
        setattr(algorithm, attribute, 3)
