r"""The space that films live in: distances between them in stars, and its principal components.

Factors may be scaled or rotated at will as long as the users' factors turn the other way, so raw
distances between them mean nothing. With $C$ the covariance of the users' factors (c, c),

$$p_i = L^\top m_i, \; L L^\top = C \quad\Rightarrow\quad
  \|p_i - p_j\|^2 = \mathrm{Var}_u (m_i^\top w_u - m_j^\top w_u),$$

so that two films are as far apart as the viewers' tastes tell them apart: the standard deviation,
in stars, of the difference between what they would give the one and the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Doubles, Floats, Ids
from engine.model import Model

DAMPING = 5.0
"""With so many ratings a film is believed half."""
COMPONENTS = 8
"""Kinds of films are told apart in so many leading components; the rest is mostly noise."""


@dataclass(frozen=True, eq=False)
class Space:
    """The films that have ratings, and where they are."""

    movies: Ids
    """(n,) ids of the movies with ratings, ascending."""
    points: Floats
    """(n, c) coordinates in stars."""
    counts: Floats
    """(n,) ratings of each."""

    @property
    def belief(self) -> Floats:
        """(n,) n / (n + 5) for n ratings: how far a film's place is more than chance."""
        return (self.counts / (self.counts + DAMPING)).astype(np.float32)

    def best_known(self, n: int) -> Space:
        """Return the part of this space that holds the `n` films with the most ratings."""
        order = np.argsort(-self.counts, kind="stable")[: max(n, 0)]
        keep = np.sort(order)
        return Space(self.movies[keep], self.points[keep], self.counts[keep])


def space(model: Model) -> Space:
    """Return where the films that have ratings lie, in stars; none if they lie nowhere."""
    placed = model.places.shape[1] > 0
    movies = np.flatnonzero((model.movie_counts > 0) & placed).astype(np.int32)
    counts = model.movie_counts[movies].astype(np.float32)
    return Space(movies, model.places[movies], counts)


@dataclass(frozen=True, eq=False)
class PCA:
    """Principal components: the directions in which points vary most."""

    centre: Floats
    """(c,) what is taken off first."""
    axes: Floats
    """(k, c) orthonormal, the one with the most variance first."""
    shares: Floats
    """(k,) the share of all variance that lies along each axis, from 0 to 1."""

    def coordinates(self, points: Floats) -> Floats:
        """Return (n, k) the coordinates of `points` (n, c) along the axes."""
        return ((points - self.centre) @ self.axes.T).astype(np.float32)


def pca(points: Floats, k: int = 2, weights: Floats | None = None) -> PCA:
    """Return the `k` leading principal components (Jolliffe 2002, doi:10.1007/b98835).

    The sign of an axis is arbitrary; here its largest entry is positive, so that a map does not
    flip between two models that agree.

    Parameters
    ----------
    points : (n, c)
    k : how many, c at the most
    weights : (n,), optional
        How much each point counts, not negative.
    """
    X = np.asarray(points, np.float64)
    w = np.ones(len(X)) if weights is None else np.asarray(weights, np.float64)
    total = w.sum()
    if total <= 0:
        w, total = np.ones(len(X)), max(len(X), 1)
    centre = w @ X / total
    X = X - centre
    values, vectors = np.linalg.eigh((X * w[:, None]).T @ X / total)
    variances = np.maximum(values[::-1], 0)
    axes = vectors.T[::-1][:k]
    axes = axes * _signs(axes)[:, None]
    shares = variances[:k] / (variances.sum() or 1)
    return PCA(*(part.astype(np.float32) for part in (centre, axes, shares)))


def _signs(axes: Doubles) -> Doubles:
    largest = np.abs(axes).argmax(axis=1)
    return np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)


def components(space: Space, k: int = COMPONENTS) -> Floats:
    """Return (n, k) which way each film lies among the leading components, at length 1.

    What tells kinds of films apart is the direction; how far out a film lies says how much viewers
    disagree about it. Clusters are found here, and a t-SNE map is best drawn of it.
    """
    points = pca(space.points, k, space.belief).coordinates(space.points)
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return (points / np.where(length > 0, length, 1)).astype(np.float32)
