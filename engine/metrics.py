r"""How far predictions are from ratings, how well they rank, and how well they know their errors.

Everything works on flat arrays, one entry a held-out rating, without a loop over users.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from engine.arrays import Doubles, Floats, Ids, Offsets


def mse(predicted: Floats, actual: Floats) -> float:
    """Return the mean squared error, in squared stars."""
    error = np.asarray(predicted, np.float64) - np.asarray(actual, np.float64)
    return float(np.mean(error**2))


def rmse(predicted: Floats, actual: Floats) -> float:
    """Return the root mean squared error, in stars."""
    return float(np.sqrt(mse(predicted, actual)))


def mae(predicted: Floats, actual: Floats) -> float:
    """Return the mean absolute error, in stars."""
    error = np.asarray(predicted, np.float64) - np.asarray(actual, np.float64)
    return float(np.mean(np.abs(error)))


def ndcg(predicted: Floats, actual: Floats, users: Ids, n: int = 10) -> float:
    r"""Return the normalised discounted cumulative gain of the first `n`, averaged over users.

    Each user's held-out ratings are ranked by prediction, and

    $$\mathrm{DCG} = \sum_{p=1}^{n} \frac{2^{r_p} - 1}{\log_2(p + 1)}$$

    is divided by its value for the best possible order (Järvelin & Kekäläinen 2002,
    doi:10.1145/582415.582418; the exponential gain of Burges et al. 2005,
    doi:10.1145/1102351.1102363). Films with the same prediction share their gains, which gives
    the mean over all orders of them (McSherry & Najork 2008, doi:10.1007/978-3-540-78646-7_38).
    A user with one held-out rating counts, with 1; one whose gains are all 0 does not.

    Parameters
    ----------
    predicted, actual : (n_ratings,) stars
    users : (n_ratings,) whose rating it is
    n : how long a list is looked at

    Returns
    -------
    float
        From 0 to 1; NaN without any user that counts.
    """
    _, rows = np.unique(users, return_inverse=True)
    rows = rows.astype(np.int64)
    gains = np.exp2(np.asarray(actual, np.float64)) - 1
    best = _dcg(np.asarray(actual, np.float64), gains, rows, n)
    reached = _dcg(np.asarray(predicted, np.float64), gains, rows, n)
    counted = best > 0
    return float(np.mean(reached[counted] / best[counted])) if counted.any() else float("nan")


def _dcg(scores: Doubles, gains: Doubles, users: Offsets, n: int) -> Doubles:
    """Return (n_users,) the discounted cumulative gain of each user's ratings by `scores`."""
    order = np.lexsort((-scores, users))
    users, scores, gains = users[order], scores[order], gains[order]
    counts = np.bincount(users)
    position = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    discount = np.where(position < n, 1 / np.log2(position + 2), 0)
    first = np.ones(len(users), bool)
    first[1:] = (np.diff(users) != 0) | (np.diff(scores) != 0)
    ties = np.diff(np.append(np.flatnonzero(first), len(users)))
    shared = np.repeat(np.add.reduceat(gains, np.flatnonzero(first)) / ties, ties)
    total: Doubles = np.bincount(users, shared * discount).astype(np.float64)
    return total


def recall(lists: Ids, users: Ids, movies: Ids) -> float:
    """Return the share of relevant movies that a user's list holds, averaged over users.

    Parameters
    ----------
    lists : (n_users, n) the movies recommended to each user, -1 where a list is shorter
    users, movies : (m,) the relevant pairs, such as held-out ratings of four stars or more
        Users are rows of `lists`; those without a relevant movie do not count.

    Returns
    -------
    float
        From 0 to 1; NaN without a relevant pair.
    """
    users, movies = np.asarray(users), np.asarray(movies)
    if not len(users):
        return float("nan")
    width = int(max(movies.max(), np.max(lists, initial=0))) + 1
    listed = (np.arange(len(lists), dtype=np.int64)[:, None] * width + lists)[lists >= 0]
    found = np.isin(users.astype(np.int64) * width + movies, listed)
    relevant = np.bincount(users, minlength=len(lists))
    hits = np.bincount(users, found, len(lists))
    return float(np.mean(hits[relevant > 0] / relevant[relevant > 0]))


def list_ndcg(lists: Ids, users: Ids, movies: Ids) -> float:
    r"""Return the NDCG of whole lists, where a movie is relevant or not, averaged over users.

    A relevant movie at place p gains $1 / \log_2(p + 1)$; the sum is divided by that of a list of
    the same length that begins with as many of the user's relevant movies as it can hold.

    Parameters
    ----------
    lists : (n_users, n) the movies recommended to each user, -1 where a list is shorter
    users, movies : (m,) the relevant pairs, each once; see `recall`

    Returns
    -------
    float
        From 0 to 1; NaN without a relevant pair.
    """
    users, movies = np.asarray(users), np.asarray(movies)
    n_users, n = lists.shape
    if not len(users) or not n:
        return float("nan")
    width = int(max(movies.max(), np.max(lists, initial=0))) + 1
    pairs = np.arange(n_users, dtype=np.int64)[:, None] * width + lists
    found = np.isin(pairs, users.astype(np.int64) * width + movies) & (lists >= 0)
    discount = 1 / np.log2(np.arange(2, n + 2))
    relevant = np.bincount(users, minlength=n_users)
    best = np.append(0, np.cumsum(discount))[np.minimum(relevant, n)]
    return float(np.mean((found @ discount)[relevant > 0] / best[relevant > 0]))


def catalogue_coverage(lists: Ids, n_movies: int) -> float:
    """Return the share of all movies that are on at least one of the `lists` (n_users, n)."""
    return len(np.unique(lists[lists >= 0])) / n_movies


def interval_coverage(
    predicted: Floats, std: Floats, actual: Floats, levels: Iterable[float] = (0.5, 0.8, 0.95)
) -> dict[float, float]:
    r"""Return, for each level, the share of ratings inside the interval of that probability.

    The intervals are Gaussian, $\hat r \pm z_p \sigma$; honest ones hold the share p.

    Parameters
    ----------
    predicted, std, actual : (n,) stars
    levels : probabilities p between 0 and 1
    """
    away = np.abs(np.asarray(actual, np.float64) - predicted)
    z = {level: NormalDist().inv_cdf((1 + level) / 2) for level in levels}
    return {level: float(np.mean(away <= z[level] * std)) for level in z}


class Calibration(NamedTuple):
    """Ratings in bins of rising predictions: what was predicted, and what was given."""

    predicted: Doubles
    """(bins,) mean prediction, in stars."""
    actual: Doubles
    """(bins,) mean rating, in stars."""
    counts: Offsets
    """(bins,) ratings in the bin."""

    @property
    def error(self) -> float:
        """The mean absolute difference between the two, in stars, weighed by ratings."""
        return float(np.average(np.abs(self.predicted - self.actual), weights=self.counts))


def calibration(predicted: Floats, actual: Floats, bins: int = 10) -> Calibration:
    """Return how the mean rating follows the prediction, in `bins` of equally many ratings.

    Where four stars are predicted, four should be given on average.
    """
    order = np.argsort(predicted, kind="stable")
    edges = np.linspace(0, len(order), min(bins, len(order)) + 1).astype(np.int64)
    counts = np.diff(edges)
    means = [
        np.add.reduceat(np.asarray(stars, np.float64)[order], edges[:-1]) / counts
        for stars in (predicted, actual)
    ]
    return Calibration(means[0], means[1], counts)
