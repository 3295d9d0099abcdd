r"""From scores to lists: two questions in one order, caution where few rated, and diversity.

A list answers two questions: would one watch the film (the score $p_i$ of a model of interest),
and how good would it be for one (the stars $s_i$ from a model of stars). `picks` orders films by

$$(1 - b) \log p_i + b \, \kappa \, \underline s_i,$$

where $p_i$ is the model's score, kept above 0, and $\underline s_i$ are stars that are drawn to
the mean and then lowered where few ratings speak (`cautious`). The balance b goes from 0, what
people like one watch, to 1, what one would love most, known or not. Half-way a star weighs as much
as a score $e^\kappa$ times as high; the lists of people held out whole held most of what they liked
there (`tests/benchmarks/recommend.py`).

How adventurous a list is goes from $a = 0$ (safe) to $a = 1$, in stars throughout:

$$\mathrm{rank}_i = s_i + (2a - 1)\,(z\,\sigma_i - \tfrac12 f_i), \qquad
  f_i = \frac{\log(1 + n_i)}{\log(1 + \max n)},$$

with the predicted stars $s_i$, their standard deviation $\sigma_i$ and the familiarity $f_i$ of a
film with $n_i$ ratings. So at 0 a film counts by the lower bound of what one may give it, and
half a star more if everybody knows it; at 1 by the upper bound, and half a star less; half-way by
its stars alone. Then `mmr` spreads the list, the wider the more adventurous it is.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from engine.arrays import Floats, Ids, Mask, Offsets
from engine.errors import InvalidRatings
from engine.model import Model, Viewer
from engine.topmost import top

BALANCE = 0.5
"""Where lists hold most of what people like: the balance to start with."""
STARS = 2.0
r"""$\kappa$ over the width of the scale: what the highest rating is worth beside the lowest."""
LEAST = 0.01
"""A film's chance is at least this part of its popularity, whatever a model of interest says."""
OVERSTATED = 5.0
"""The logarithm of how many times too high or low a model's odds may be."""
NOTHING = 0.1
"""Scores that add up to less of the films that people rate say nothing of somebody unknown."""
LEFT = 0.25
"""However many films people told of, so large a share of what they rate is thought to be left."""
ALONE = 100.0
"""What a film that fewer than two people rated loses: it comes after all others."""
DAMPING = 5.0
"""With so many ratings, a film's score is believed half."""
FAMILIARITY = 0.5
"""Stars that being known by everybody is worth on a safe list."""
DIVERSITY = 0.6
"""Stars that a twin of a listed film loses on the most adventurous list."""
POOL = 20
"""A diverse list is drawn from so many times its length."""


def picks(stars: Viewer, interest: Viewer, balance: float = BALANCE) -> Floats:
    """Return (n_movies,) what to rank films by; the formula stands at the top of this file.

    Films that fewer than two people rated come after all others.

    Parameters
    ----------
    stars : the person in a model of stars
    interest : the same person in a model of interest, of the same movies
    balance : from 0, what people like them watch, to 1, what they would love most

    Raises
    ------
    InvalidRatings
        If the two models do not know the same number of movies.
    """
    counts = interest.model.movie_counts
    if stars.model.n_movies != len(counts):
        raise InvalidRatings(
            f"One model knows {stars.model.n_movies} movies and the other {len(counts)}: "
            "both must be trained on the same dataset."
        )
    b = np.float32(min(max(balance, 0.0), 1.0))
    low, high = stars.model.scale
    star = np.float32(STARS / ((high - low) or 1.0))
    ranks = b * star * cautious(stars.predict(clip=False), counts)
    if b < 1:
        ranks += (1 - b) * np.log(_scores(interest))
    ranks[counts < 2] -= np.float32(ALONE)
    return ranks


def likelihood(interest: Viewer) -> Floats:
    r"""Return (n_movies,) how likely the person would watch each movie, from 0 to 1.

    It is the chance that the movie is among all that somebody like them rates in the dataset: of
    the films with a chance of .3, three in ten are. A model's scores $s_i$ overstate the odds by
    one factor, so that $p_i / (1 - p_i) = s_i / (c\,(1 - s_i))$, and c is where the chances of a
    person of whom nothing is known add up to the films that people rate on average. A model that
    scores next to nothing for such a person has each person's own scores raised until they add up
    to that.
    Of what people rate, those they told of are no longer to come, which lowers the odds of all.
    """
    model, scores = interest.model, _scores(interest)
    c = _overstated(model)
    if c is not None:
        return _chances(scores, c / _left(interest))
    others = float(scores.sum(dtype=np.float64) - scores[interest.movies].sum(dtype=np.float64))
    raised = max(1.0, _left(interest) * _expected(model) / max(others, 1e-9))
    return np.minimum(scores * np.float32(raised), np.float32(1))


def _scores(interest: Viewer) -> Floats:
    """Return (n_movies,) a model's scores, kept above 0 and in the order of popularity there."""
    model = interest.model
    popularity = np.asarray(model.movie_counts / max(model.n_users, 1), np.float32)
    floor = np.float32(LEAST) * popularity + np.float32(1e-9)
    return np.maximum(interest.predict(clip=False), floor)


def _chances(scores: Floats, c: float) -> Floats:
    inside = np.minimum(scores, np.float32(1))
    return np.asarray(inside / (inside + np.float32(c) * (1 - inside)), np.float32)


def _expected(model: Model) -> float:
    """Return how many films people rate on average."""
    return float(model.movie_counts.sum()) / max(model.n_users, 1)


def _left(interest: Viewer) -> float:
    """Return which share of the films that they would rate a person has not yet told of."""
    return max(1 - len(interest.movies) / max(_expected(interest.model), 1.0), LEFT)


@lru_cache(maxsize=4)
def _overstated(model: Model) -> float | None:
    """Return c of `likelihood`; None where a model scores nothing to speak of for one unknown."""
    nobody = model.fold_in(np.zeros(0, np.int32), np.zeros(0, np.float32))
    if nobody.predict(clip=False).sum(dtype=np.float64) < NOTHING * _expected(model):
        return None
    scores, expected = _scores(nobody), _expected(model)
    low, high = -OVERSTATED, OVERSTATED
    for _ in range(30):
        middle = (low + high) / 2
        more = _chances(scores, math.exp(middle)).sum(dtype=np.float64) > expected
        low, high = (middle, high) if more else (low, middle)
    return math.exp(high)


def cautious(scores: Floats, counts: Offsets, z: float = 1.0) -> Floats:
    """Return (n_movies,) stars that are believed even of films that few rated.

    They are the scores as `damped`, less `z` times how unsure those are.
    """
    return lower_bound(*damped(scores, counts), z)


def lower_bound(scores: Floats, std: Floats, z: float = 1.0) -> Floats:
    """Return (n_movies,) stars that a rating exceeds with the confidence that `z` stands for."""
    return (scores - z * std).astype(np.float32)


def damped(scores: Floats, counts: Offsets, damping: float = DAMPING) -> tuple[Floats, Floats]:
    r"""Return scores drawn towards their mean where ratings are few, and how unsure they are.

    A film's true score is taken to lie around the mean $\bar s$ of all (weighed by ratings) with
    the standard deviation $\sigma$ of the scores, and n ratings to show it with the variance
    $d\,\sigma^2 / n$. What is then known of it is a Gaussian of

    $$\bar s + \frac{n}{n + d} (s_i - \bar s), \qquad \sigma \sqrt{\frac{d}{n + d}}.$$

    Parameters
    ----------
    scores : (n_movies,) stars
    counts : (n_movies,) ratings of each movie
    damping : d

    Returns
    -------
    (n_movies,) stars and (n_movies,) their standard deviations
    """
    scores = np.asarray(scores, np.float64)
    n = np.asarray(counts, np.float64)
    weights = n if n.sum() > 0 else np.ones_like(n)
    mean = float(np.average(scores, weights=weights)) if len(n) else 0.0
    spread = float(np.sqrt(np.average((scores - mean) ** 2, weights=weights))) if len(n) else 0.0
    belief = n / (n + damping)
    drawn = mean + belief * (scores - mean)
    return drawn.astype(np.float32), (spread * np.sqrt(1 - belief)).astype(np.float32)


def familiarity(counts: Offsets) -> Floats:
    """Return (n_movies,) how well known each movie is: from 0, nobody rated it, to 1, most did."""
    most = max(float(np.max(counts, initial=0)), 1.0)
    return np.asarray(np.log1p(counts) / np.log1p(most), np.float32)


def adventurous(
    scores: Floats, counts: Offsets, adventure: float, std: Floats | None = None, z: float = 1.0
) -> Floats:
    """Return (n_movies,) what to rank by, in stars; the formula stands at the top of this file.

    Parameters
    ----------
    scores : (n_movies,) predicted stars, not clipped to the scale lest the best be ties
    counts : (n_movies,) ratings of each movie
    adventure : from 0, safe, to 1
    std : (n_movies,), optional
        Standard deviations of the predictions; without them the scores are `damped`.
    z : how many standard deviations a bound is away
    """
    if std is None:
        scores, std = damped(scores, counts)
    daring = 2 * min(max(adventure, 0.0), 1.0) - 1
    ranks = scores + daring * (z * std - FAMILIARITY * familiarity(counts))
    return np.asarray(ranks, np.float32)


def mmr(
    scores: Floats,
    directions: Floats,
    n: int,
    diversity: float,
    exclude: Ids | Mask | None = None,
) -> Ids:
    r"""Return the ids of `n` movies that score high and are unlike each other.

    Maximal marginal relevance (Carbonell & Goldstein 1998, doi:10.1145/290941.291025): the next
    movie of the list is

    $$\arg\max_i \; s_i - \delta \max_{j \in \mathrm{list}} \max(\cos(i, j), 0).$$

    Parameters
    ----------
    scores : (n_movies,) stars
    directions : (n_movies, c) of length 1 or 0
    n : how many at the most
    diversity : $\delta$, the stars that a twin of a listed movie loses; 0 is `top`
    exclude : ids, or a mask of (n_movies,), optional
        What must not be among them.
    """
    pool = top(scores, POOL * n, exclude)
    if diversity <= 0:
        return pool[:n]
    left = np.array(scores, np.float32)[pool]
    D, stars = directions[pool], left.copy()
    likest = np.zeros(len(pool), np.float32)
    chosen: list[int] = []
    while len(chosen) < min(n, len(pool)):
        best = int(left.argmax())
        chosen.append(best)
        # Not by BLAS, whose threads a training would keep waiting.
        np.maximum(likest, np.einsum("ij,j->i", D, D[best]), out=likest)
        left = stars - np.float32(diversity) * likest
        left[chosen] = -np.inf
    return pool[chosen]


def recommend(
    scores: Floats,
    counts: Offsets,
    directions: Floats,
    n: int,
    *,
    adventure: float = 0.5,
    std: Floats | None = None,
    exclude: Ids | Mask | None = None,
) -> Ids:
    """Return the ids of `n` movies to watch, the first first.

    The parameters are those of `adventurous` and `mmr`; the diversity grows with the adventure,
    from none.
    """
    ranks = adventurous(scores, counts, adventure, std)
    return mmr(ranks, directions, n, DIVERSITY * adventure, exclude)
