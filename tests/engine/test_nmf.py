"""NMF where it comes to rest: the conditions of a minimum, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import NMF, Factorisation, Ratings
from tests.support.training import learned, planted

LAMBDA, LAMBDA_B = 0.3, 0.7


def resting(ratings: Ratings, **parameters: Any) -> Factorisation:
    """The model of the last pass before the users are folded in."""
    algorithm = NMF(factors=3, reg=LAMBDA, bias_reg=LAMBDA_B, epochs=400, updates=4, **parameters)
    return learned(algorithm, ratings)[-2]


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("weighting", [0.0, 0.5, 1.0])
def test_the_slope_is_nothing_where_a_factor_is_positive(biases: bool, weighting: float) -> None:
    ratings = planted(users=40, movies=30)
    model = resting(ratings, biases=biases, weighting=weighting)
    error = ratings.values - model.predict(ratings.users, ratings.movies, clip=False)
    sides = (
        (ratings.movies, ratings.users, model.movie_factors, model.user_factors, model.movie_bias),
        (ratings.users, ratings.movies, model.user_factors, model.movie_factors, model.user_bias),
    )
    positive = 0
    for rows, others, own, other, bias in sides:
        for i in range(len(own)):
            mine = rows == i
            cost = mine.sum() ** weighting
            X, e = other[others[mine]].astype(float), error[mine].astype(float)
            # Of half the loss; a plain sum over this row's ratings stands beside it for its size.
            slope = -X.T @ e + LAMBDA * cost * own[i]
            size = X.sum(axis=0) * 3 + 1
            clear = own[i] > 0.05
            positive += int(clear.sum())
            assert (np.abs(slope)[clear] < 0.01 * size[clear]).all()
            assert (slope > -0.01 * size).all()
            if biases:
                # A bias is drawn to its even share of the mean, which the model tells as zero.
                assert abs(-e.sum() + LAMBDA_B * cost * bias[i]) < 0.02 * mine.sum()
            else:
                assert bias[i] == 0
    assert positive > 30


def test_biases_take_most_of_the_mean_and_the_factors_the_rest() -> None:
    ratings = planted(users=40, movies=30)
    model = resting(ratings)
    assert model.mean == pytest.approx(0.95 * ratings.mean)
    assert resting(ratings, biases=False).mean == 0
