r"""k-means: points gathered around k centres, and how many centres fit.

Lloyd's algorithm lowers the inertia $\sum_i \|x_i - c_{l(i)}\|^2$ in turns: each point joins its
nearest centre, each centre moves to the mean of its points. It starts from k-means++ seeds (Arthur
& Vassilvitskii 2007, "k-means++: the advantages of careful seeding", SODA), which draw each next
centre with a probability proportional to the squared distance from those already there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ids, Mask
from engine.stepwise import Work, finished


@dataclass(frozen=True, eq=False)
class Clusters:
    """Centres, and which of them each point belongs to."""

    centres: Floats
    """(k, c)"""
    labels: Ids
    """(n,) from 0 to k - 1, the largest cluster first."""
    inertia: float
    """Sum of the squared distances of the points from their centres."""

    @property
    def k(self) -> int:
        """How many clusters there are."""
        return len(self.centres)

    def assign(self, points: Floats) -> Ids:
        """Return (n,) the nearest centre of each of `points` (n, c)."""
        return _nearest(np.asarray(points, np.float32), self.centres)[0]


def kmeans(
    points: Floats, k: int, *, seed: int = 0, starts: int = 4, iterations: int = 100
) -> Clusters:
    """Return the best of several runs of k-means.

    Parameters
    ----------
    points : (n, c)
    k : how many clusters; fewer come back if there are fewer different points
    seed : the same seed gives the same clusters
    starts : how many runs, each from seeds of its own
    iterations : at most so many turns a run
    """
    X = np.ascontiguousarray(points, np.float32)
    rng = np.random.default_rng(seed)
    runs = [_lloyd(X, _seeds(X, k, rng), iterations) for _ in range(max(starts, 1))]
    return _largest_first(min(runs, key=lambda run: run.inertia))


def choose(
    points: Floats,
    ks: Iterable[int] = range(4, 11),
    *,
    seed: int = 0,
    starts: int = 4,
    sample: int = 1000,
) -> Clusters:
    """Return the clusters for the number of them, out of `ks`, that has the best silhouette."""
    return finished(choosing(points, ks, seed=seed, starts=starts, sample=sample))


def choosing(
    points: Floats,
    ks: Iterable[int] = range(4, 11),
    *,
    seed: int = 0,
    starts: int = 4,
    sample: int = 1000,
) -> Work[Clusters]:
    """Do what `choose` does, a step for each number that is tried."""
    ks = list(ks)
    best, best_score = kmeans(points, 1, seed=seed, starts=1), -np.inf
    for done, k in enumerate(ks):
        yield done / len(ks)
        found = kmeans(points, k, seed=seed, starts=starts)
        score = silhouette(points, found.labels, sample=sample, seed=seed)
        if score > best_score:
            best, best_score = found, score
    return best


def silhouette(points: Floats, labels: Ids, *, sample: int = 1000, seed: int = 0) -> float:
    r"""Return the mean silhouette of a sample of points, from -1 to 1, higher being better.

    A point's silhouette is $(b - a) / \max(a, b)$ with its mean distance $a$ from the others of its
    cluster and $b$ from the nearest other cluster; it is 0 for a point alone (Rousseeuw 1987,
    doi:10.1016/0377-0427(87)90125-7). Each sampled point is measured against all points.
    """
    X, labels = np.asarray(points, np.float32), np.asarray(labels)
    sizes = np.bincount(labels)
    if np.count_nonzero(sizes) < 2:
        return 0.0
    rows = np.arange(len(X))
    if len(X) > sample:
        rows = np.random.default_rng(seed).choice(len(X), sample, replace=False)
    distances = np.sqrt(np.maximum(_squared_distances(X[rows], X), 0))
    distances[np.arange(len(rows)), rows] = 0
    means = distances @ _one_hot(labels, len(sizes)) / np.maximum(sizes, 1)
    own, size = labels[rows], sizes[labels[rows]]
    at = np.arange(len(rows)), own
    a = means[at] * size / np.maximum(size - 1, 1)
    means[at] = np.inf
    means[:, sizes == 0] = np.inf
    b = means.min(axis=1)
    widest = np.maximum(a, b)
    scores = np.where((size > 1) & (widest > 0), (b - a) / np.where(widest > 0, widest, 1), 0)
    return float(scores.mean())


def _seeds(X: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Return (k, c) seeds by k-means++; fewer if there are fewer different points."""
    chosen = [int(rng.integers(len(X)))]
    nearest = _exact_distances(X, X[chosen[0]])
    while len(chosen) < min(k, len(X)) and nearest.max() > 0:
        odds = np.cumsum(nearest, dtype=np.float64)
        i = int(np.searchsorted(odds, rng.random() * odds[-1], side="right"))
        chosen.append(min(i, len(X) - 1))
        nearest = np.minimum(nearest, _exact_distances(X, X[chosen[-1]]))
    return X[chosen]


def _lloyd(X: Floats, centres: Floats, iterations: int) -> Clusters:
    labels, distances = _nearest(X, centres)
    for _ in range(iterations):
        centres = _means(X, labels, distances, centres)
        before, (labels, distances) = labels, _nearest(X, centres)
        if np.array_equal(before, labels):
            break
    return Clusters(centres, labels, float(distances.sum(dtype=np.float64)))


def _means(X: Floats, labels: Ids, distances: Floats, centres: Floats) -> Floats:
    """Return the mean of each cluster; an empty one restarts at a point far from its centre."""
    k = len(centres)
    sizes = np.bincount(labels, minlength=k)
    means: Floats = _one_hot(labels, k).T @ X
    means /= np.maximum(sizes, 1)[:, None].astype(np.float32)
    empty = np.flatnonzero(sizes == 0)
    if len(empty):
        means[empty] = X[np.argsort(-distances, kind="stable")[: len(empty)]]
    return means


def _nearest(X: Floats, centres: Floats) -> tuple[Ids, Floats]:
    """Return (n,) the nearest centre of each point and the squared distance from it."""
    squared = _squared_distances(X, centres)
    labels = squared.argmin(axis=1).astype(np.int32)
    distances = np.maximum(squared[np.arange(len(X)), labels], 0)
    return labels, distances


def _squared_distances(X: Floats, Y: Floats) -> Floats:
    r"""Return (n, m) $\|x\|^2 - 2 x^\top y + \|y\|^2$, which rounding may leave just below 0."""
    squared: Floats = X @ (-2 * Y.T)
    squared += np.einsum("ij,ij->i", X, X)[:, None]
    squared += np.einsum("ij,ij->i", Y, Y)
    return squared


def _exact_distances(X: Floats, y: Floats) -> Floats:
    difference = X - y
    squared: Floats = np.einsum("ij,ij->i", difference, difference)
    return squared


def _one_hot(labels: Ids, k: int) -> Floats:
    own: Mask = labels[:, None] == np.arange(k)
    return own.astype(np.float32)


def _largest_first(clusters: Clusters) -> Clusters:
    order = np.argsort(-np.bincount(clusters.labels, minlength=clusters.k), kind="stable")
    rank = np.empty(clusters.k, np.int32)
    rank[order] = np.arange(clusters.k)
    return Clusters(clusters.centres[order], rank[clusters.labels], clusters.inertia)
