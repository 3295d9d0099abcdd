r"""What clusters and factors are about: genres that stand out, films that stand for them.

A name must not hang on chance, nor on films that nobody knows. Genres are counted over films
weighed by how far their ratings are believed, with $a$ average films mixed in; a genre's *lift* is
its share in the group over its share in the whole,

$$\mathrm{lift}_g = \frac{(n_g + a\,p_g) / (n + a)}{p_g},$$

and genres are ordered by $q_g \log \mathrm{lift}_g$, $q_g$ being the share in the group: what each
adds to the Kullback-Leibler divergence of the group from the whole, so that neither a rare genre
nor a ubiquitous one comes first just for being so. Films are shown from the well-known ones only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine import latent
from engine.arrays import Floats, Ids, Mask, Offsets
from engine.clusters import choosing, kmeans
from engine.factorisation import Factorisation
from engine.latent import Space
from engine.model import Model
from engine.stepwise import Work, finished

MIXED_IN = 5.0
"""$a$: average films that are mixed into each group."""
FEWEST = 3.0
"""A genre needs so many believed films in a group to name it."""
LEAST_LIFT = 1.1
"""A genre must stand out at least so much."""
KNOWN_SHARE = 0.75
"""The well-known films are the fewest that hold this share of all ratings."""
POLE_SHARE = 0.5
"""The same for the films that a factor is shown by."""
FITTED = 3000
"""Centres are found among so many films at the most."""


class Genre(NamedTuple):
    """A genre that is over-represented: 2.1 is "Drama ×2.1"."""

    number: int
    name: str
    lift: float


@dataclass(frozen=True, eq=False)
class Cluster:
    """Films that lie in the same direction."""

    centre: Floats
    """(c,) in the components that the clusters were found in."""
    movies: Ids
    """The members, nearest the centre first."""
    genres: tuple[Genre, ...]
    """What it has more of than the whole, most telling first; may be empty."""
    best_known: Ids
    """Well-known members from the half nearest the centre, most ratings first."""


@dataclass(frozen=True, eq=False)
class Clustering:
    """All clusters, and which of them each movie belongs to."""

    labels: Ids
    """(n_movies,) index into `clusters`; -1 for movies without ratings."""
    clusters: tuple[Cluster, ...]
    """The largest first."""


@dataclass(frozen=True, eq=False)
class Pole:
    """One end of a factor."""

    movies: Ids
    """The best-known films that load highest, the highest first."""
    loadings: Floats
    """Stars that one standard deviation of the viewers' taste for this factor adds to each."""
    genres: tuple[Genre, ...]


@dataclass(frozen=True, eq=False)
class Factor:
    """What a factor is about."""

    share: float
    """Its share in all variance of taste, from 0 to 1."""
    loadings: Floats
    """(n_movies,) stars, see `Pole`; 0 for movies without ratings."""
    high: Pole
    low: Pole | None
    """The opposite end; None where factors are non-negative."""


def clusters(
    space: Space,
    genres: Mask,
    names: Sequence[str],
    *,
    k: int | None = None,
    ks: Sequence[int] = range(5, 13),
    shown: int = 10,
    seed: int = 0,
) -> Clustering:
    """Return the clusters of the films in `space`, with what each is about.

    Centres are found among the well-known films; the others join the nearest.

    Parameters
    ----------
    space : see `latent.space`
    genres : (n_movies, n_genres)
    names : (n_genres,)
    k : how many clusters; by silhouette out of `ks` unless told
    shown : how many of the best-known films to name in each
    seed : the same seed gives the same clusters
    """
    return finished(
        clustering(space, genres, names, k=k, ks=ks, shown=shown, seed=seed),
    )


def clustering(
    space: Space,
    genres: Mask,
    names: Sequence[str],
    *,
    k: int | None = None,
    ks: Sequence[int] = range(5, 13),
    shown: int = 10,
    seed: int = 0,
) -> Work[Clustering]:
    """Do what `clusters` does, in steps."""
    labels = np.full(len(genres), -1, np.int32)
    if not len(space.movies):
        return Clustering(labels, ())
    points = latent.components(space)
    known = points[well_known(space.counts, most=FITTED)]
    if k is None:
        found = yield from choosing(known, ks, seed=seed)
    else:
        found = kmeans(known, k, seed=seed)
    labels[space.movies] = mine = found.assign(points)
    films = _Films(space, genres[space.movies], names, shown)
    distance = np.linalg.norm(points - found.centres[mine], axis=1)
    by_distance = np.argsort(distance, kind="stable")
    return Clustering(
        labels,
        tuple(
            films.cluster(centre, by_distance[mine[by_distance] == i])
            for i, centre in enumerate(found.centres)
        ),
    )


def factors(
    model: Model, genres: Mask, names: Sequence[str], *, shown: int = 10
) -> tuple[Factor, ...]:
    """Return what each factor of `model` is about, the one with the largest share first.

    A model without factors has none.

    Non-negative factors are parts and stand as they are. Others may be rotated at will without
    changing any prediction; shown are the principal axes of the space, which may not.

    Parameters
    ----------
    model : any
    genres : (n_movies, n_genres)
    names : (n_genres,)
    shown : how many films to name at each end
    """
    space = latent.space(model)
    if not isinstance(model, Factorisation) or not len(space.movies):
        return ()
    films = _Films(space, genres[space.movies], names, shown)
    nonnegative = bool((model.movie_factors >= 0).all() and (model.user_factors >= 0).all())
    loadings, shares = _parts(model, space) if nonnegative else _axes(space, model.factors)
    order = np.argsort(-shares, kind="stable")
    return tuple(
        films.factor(loadings[:, f], float(shares[f]), model.n_movies, nonnegative) for f in order
    )


def over_represented(
    group: Floats, whole: Floats, genres: Mask, names: Sequence[str], n: int = 3
) -> tuple[Genre, ...]:
    """Return the `n` genres that tell the group best from the whole.

    Parameters
    ----------
    group, whole : (n,) how much each film counts in the group and in the whole
    genres : (n, n_genres) which film has which genre
    names : (n_genres,)
    """
    p = whole @ genres / max(float(whole.sum()), 1e-9)
    films = group @ genres
    q = (films + MIXED_IN * p) / (float(group.sum()) + MIXED_IN)
    lift = q / np.where(p > 0, p, 1)
    telling = q * np.log(np.maximum(lift, 1e-9))
    eligible = (films >= FEWEST) & (lift >= LEAST_LIFT)
    order = np.argsort(-np.where(eligible, telling, -np.inf), kind="stable")[:n]
    return tuple(Genre(int(g), names[g], float(lift[g])) for g in order if eligible[g])


def well_known(counts: Floats, share: float = KNOWN_SHARE, most: int | None = None) -> Mask:
    """Return (n,) a mask of the fewest films that hold `share` of all ratings, or `most`."""
    order = np.argsort(-counts, kind="stable")
    held = np.cumsum(counts[order], dtype=np.float64)
    known = np.zeros(len(counts), bool)
    if len(counts):
        known[order[: int(np.searchsorted(held, share * held[-1])) + 1][:most]] = True
    return known


@dataclass(frozen=True, eq=False)
class _Films:
    """The rated films and what is known of them; positions, not ids, go in."""

    space: Space
    genres: Mask
    """(n, n_genres) of the films in the space"""
    names: Sequence[str]
    shown: int

    @cached_property
    def known(self) -> Offsets:
        """The well-known films."""
        return np.flatnonzero(well_known(self.space.counts))

    @cached_property
    def best_known(self) -> Offsets:
        """The films that a factor may be shown by."""
        return np.flatnonzero(well_known(self.space.counts, POLE_SHARE))

    def cluster(self, centre: Floats, members: Offsets) -> Cluster:
        """Name the cluster of `members`, which come nearest first."""
        space = self.space
        known = members[np.isin(members, self.known)]
        near = known[: (len(known) + 1) // 2]
        best = near[np.argsort(-space.counts[near], kind="stable")][: self.shown]
        group = np.zeros(len(space.movies), np.float32)
        group[members] = space.belief[members]
        named = over_represented(group, space.belief, self.genres, self.names)
        return Cluster(centre, space.movies[members], named, space.movies[best])

    def factor(self, loadings: Floats, share: float, n_movies: int, nonnegative: bool) -> Factor:
        """Name the factor with these `loadings` (n,)."""
        everywhere = np.zeros(n_movies, np.float32)
        everywhere[self.space.movies] = loadings
        low = None if nonnegative else self.pole(-loadings)
        return Factor(share, everywhere, self.pole(loadings), low)

    def pole(self, loadings: Floats) -> Pole:
        """Name the end of a factor where `loadings` (n,) are high.

        By its squared loading a film counts as far as it makes the factor, the strongest as one.
        """
        space, known, best = self.space, self.known, self.best_known
        whole = space.belief[known]
        group = whole * np.maximum(loadings[known], 0) ** 2
        group /= max(float(group.max(initial=0)), 1e-9)
        named = over_represented(group, whole, self.genres[known], self.names)
        best = best[loadings[best] > 0]
        first = best[np.argsort(-loadings[best], kind="stable")][: self.shown]
        return Pole(space.movies[first], loadings[first], named)


def _parts(model: Factorisation, space: Space) -> tuple[Floats, Floats]:
    """Return the loadings (n, c) of non-negative factors and the share (c,) of each."""
    loadings: Floats = model.movie_factors[space.movies] * model.user_factors.std(axis=0)
    variance = np.average(loadings**2, axis=0, weights=space.counts)
    return loadings, (variance / (variance.sum() or 1)).astype(np.float32)


def _axes(space: Space, k: int) -> tuple[Floats, Floats]:
    """Return the loadings (n, c) on the k principal axes and the share (c,) of each."""
    found = latent.pca(space.points, k, space.counts)
    return found.coordinates(space.points), found.shares
