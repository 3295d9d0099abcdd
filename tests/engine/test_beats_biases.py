"""Every algorithm at its defaults predicts better than biases alone, whatever its stars are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import data
from engine import ALGORITHMS, Ratings, Scale, metrics
from tests.support.arrays import floats
from tests.support.training import STARS, last_model

SCALES = {
    "stars": ((1, 2, 3, 4, 5), Scale(1, 5)),
    "yes or no": ((0, 0, 0, 1, 1), Scale(0, 1)),
    "love or hate, 0 to 100": ((0, 5, 20, 75, 100), Scale(0, 100)),
    "the middle of -10 to 10": ((-3, -1, 0, 1, 3), Scale(-10, 10)),
    "the bottom of 0 to 100": ((0, 5, 10, 15, 20), Scale(0, 100)),
}
"""What one to five stars become, and the scale that is told."""


@cache
def fold(movielens: Path, scale: str) -> tuple[Ratings, Ratings]:
    """Half of the people of ML-100K's first published fold, which is enough to tell."""
    parts = data.read_split(*(movielens / "ml-100k" / f"u1.{part}" for part in ("base", "test")))
    values, ends = SCALES[scale]
    train, test = (
        replace(part, values=np.array(values)[part.values.astype(int) - 1], scale=ends)
        for part in (part.ratings.take(part.ratings.users < 480) for part in parts)
    )
    return train, test


def biases_alone(train: Ratings, test: Ratings) -> float:
    """The RMSE of a baseline of biases in plain loops, with the constants that are usual for it.

    Koren 2010, doi:10.1145/1644873.1644874, equation 2: films by 10, then people by 15, ten times.
    """
    mean = float(train.values.mean())
    film, person = np.zeros(train.n_movies), np.zeros(train.n_users)
    rows = list(
        zip(train.users.tolist(), train.movies.tolist(), train.values.tolist(), strict=True)
    )
    for _ in range(10):
        for own, other, penalty, side in ((film, person, 10, 1), (person, film, 15, 0)):
            sums, counts = np.zeros(len(own)), np.zeros(len(own))
            for row in rows:
                sums[row[side]] += row[2] - mean - other[row[1 - side]]
                counts[row[side]] += 1
            own[:] = sums / (penalty + counts)
    predicted = np.clip(mean + film[test.movies] + person[test.users], *train.scale)
    return metrics.rmse(floats(predicted), test.values)


@cache
def baseline(movielens: Path, scale: str) -> float:
    return biases_alone(*fold(movielens, scale))


@pytest.mark.parametrize("scale", SCALES)
@STARS
def test_it_beats_biases_alone(movielens: Path, name: str, scale: str) -> None:
    train, test = fold(movielens, scale)
    model = last_model(ALGORITHMS[name], train)
    reached = metrics.rmse(model.predict(test.users, test.movies, times=test.times), test.values)
    assert reached < 0.99 * baseline(movielens, scale)
