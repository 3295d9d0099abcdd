r"""From scores to lists: masked top-n, caution with films that few rated, and diversity.

How adventurous a list is goes from $a = 0$ (safe) to $a = 1$, in stars throughout:

$$\mathrm{rank}_i = s_i + (2a - 1)\,(z\,\sigma_i - \tfrac12 f_i), \qquad
  f_i = \frac{\log(1 + n_i)}{\log(1 + \max n)},$$

with the predicted stars $s_i$, their standard deviation $\sigma_i$ and the familiarity $f_i$ of a
film with $n_i$ ratings. So at 0 a film counts by the lower bound of what one may give it, and
half a star more if everybody knows it; at 1 by the upper bound, and half a star less; half-way by
its stars alone. Then `mmr` spreads the list, the wider the more adventurous it is.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats, Ids, Mask, Offsets
from engine.model import Viewer
from engine.topmost import top

DAMPING = 5.0
"""With so many ratings, a film's score is believed half."""
FAMILIARITY = 0.5
"""Stars that being known by everybody is worth on a safe list."""
DIVERSITY = 0.6
"""Stars that a twin of a listed film loses on the most adventurous list."""
POOL = 20
"""A diverse list is drawn from so many times its length."""


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


BALANCE = 0.5
"""The balance that a list begins with."""


def likelihood(interest: Viewer) -> Floats:
    """Return (n_movies,) from 0 to 1, how likely the person would pick each film."""
    scores = interest.predict()
    most = float(np.quantile(scores, 0.999)) or 1.0
    return np.asarray(np.clip(scores / most, 0, 1), np.float32)


def picks(stars: Viewer, interest: Viewer, balance: float) -> Floats:
    """Return (n_movies,) what to order films by, from what is picked (0) to what is loved (1)."""
    s, _ = damped(stars.predict(clip=False), stars.model.movie_counts)
    scores = interest.predict()
    above = np.log(np.maximum(scores - np.quantile(scores, 0.5), 1e-3))
    return np.asarray((1 - balance) * above + balance * s, np.float32)
