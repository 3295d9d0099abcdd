"""Training as generators: errors measured, divergence explained, several runs in a row."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from test_algorithms import planted, small

from engine import ALS, SGD, Diverged, metrics, training


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
    errors = [epoch.test_mse for epoch in epochs]
    assert len(epochs) < 60
    assert np.argmin(errors) == len(errors) - 4


def test_a_diverging_run_says_what_to_change() -> None:
    algorithm = SGD(factors=4, learning_rate=1.0, reg=0, epochs=30)
    with pytest.raises(Diverged, match="lower the learning rate"):
        list(training.train(algorithm, planted()))


def test_a_sweep_trains_every_rank() -> None:
    train, test = planted().split(0.2, 0)
    parts = list(training.sweep(small("ALS"), [1, 2, 4], train, test))
    done = [part for part in parts if part.finished]
    assert [part.algorithm.factors for part in done] == [1, 2, 4]
    assert [part.moment.model.factors for part in done] == [1, 2, 4]
    progress = [part.progress for part in parts]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1)


def test_cross_validation_holds_every_rating_out_once() -> None:
    ratings = planted()
    done = [part for part in training.cross_validate(small("ALS"), ratings, 4) if part.finished]
    assert [part.index for part in done] == [0, 1, 2, 3]
    held_out = np.concatenate([test.values for _, test in ratings.folds(4)])
    assert len(held_out) == len(ratings)


def test_a_search_finds_the_better_candidate() -> None:
    good, bad = small("ALS", reg=0.3, epochs=8), small("ALS", reg=90.0)
    assert training.best_of(training.search([bad, good], planted())) == good
    assert training.best_of([]) is None


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
    with pytest.raises(AttributeError):
        algorithm.factors = 3
