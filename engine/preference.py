r"""How much a rating tells of interest: the more, the better the film was liked.

A rating of r stars on a scale from low to high weighs

$$w(r) = 1 - \ell + \ell \, \frac{r - \mathrm{low}}{\mathrm{high} - \mathrm{low}}$$

with the liking $\ell$: at 0 every rating weighs 1, as where only clicks are known; at 1 the lowest
weighs nothing. Models of interest learn $w$ in place of 1, and a person's own ratings count by it.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats
from engine.ratings import Ratings, Scale
from engine.stepwise import chunks


def weight(values: Floats, scale: Scale, liking: float) -> Floats:
    """Return (n,) w of `values` (n,) stars; 1 where the scale has one value only."""
    span = float(scale.high) - float(scale.low)
    if span <= 0:
        return np.ones(len(values), np.float32)
    liked = np.clip((np.asarray(values, np.float64) - scale.low) / span, 0, 1)
    return (1 - liking + liking * liked).astype(np.float32)


def popularity(train: Ratings, liking: float) -> Floats:
    """Return (n_movies,) the sum of each movie's weights for each user who rated anything."""
    users = int(np.count_nonzero(train.by_user.counts))
    total = np.zeros(train.n_movies)
    for part in chunks(len(train)):
        w = weight(train.values[part], train.scale, liking)
        total += np.bincount(train.movies[part], w, train.n_movies)
    return (total / users).astype(np.float32)
