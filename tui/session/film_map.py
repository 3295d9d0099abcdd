"""The latent space as a map: where each film lies, its cluster, and what the clusters are about."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from data.catalogue import Catalogue
from data.dataset import Dataset
from engine import Model, Neighbours, latent, naming
from engine.arrays import Floats, Ids
from engine.elicit import Questions
from engine.naming import Cluster, Factor
from tui.session.jobs import Moment

SHOWN = 4000
"""So many of the best-known films are on the map."""


@dataclass(frozen=True, eq=False)
class FilmMap:
    """The map of one model's films."""

    model: Model
    catalogue: Catalogue
    movies: Ids
    """(n,) films on the map, the best known first."""
    places: Floats
    """(n, 2) the first two principal components, in stars."""
    shares: tuple[float, float]
    """The share of all variance along each axis."""
    clusters: tuple[Cluster, ...] = ()
    labels: Ids | None = None
    """(n_movies,) cluster of each movie, -1 for none; None until they are found."""
    factors: tuple[Factor, ...] = ()

    def group(self, movie: int) -> int:
        """Return the cluster of a movie, or -1."""
        return -1 if self.labels is None else int(self.labels[movie])

    def title_of(self, cluster: int) -> str:
        """Return what a cluster is about, in two or three words."""
        return cluster_title(self.clusters[cluster], self.catalogue)

    def nearest(self, movie: int, n: int) -> Neighbours:
        """Return the films most alike."""
        return self.model.similar(movie, n)


def cluster_title(cluster: Cluster, catalogue: Catalogue) -> str:
    """Return a cluster's most telling genres, or its best-known film where none tells."""
    if cluster.genres:
        return ", ".join(genre.name for genre in cluster.genres[:2])
    return f"like {catalogue[cluster.best_known[0]].title}" if len(cluster.best_known) else "mixed"


@dataclass(frozen=True, eq=False)
class Ready:
    """Something that was prepared for a model."""

    model: Model
    what: FilmMap | Questions | str
    """The map, what to ask next, or a sentence on why there is no map."""


def prepare(model: Model, dataset: Dataset) -> Generator[Moment[Ready], None, None]:
    """Yield what the screens need of a model beyond its predictions, the quickest first."""
    yield Moment(0.1, Ready(model, Questions.of(model, dataset.described)))
    if not model.places.shape[1]:
        yield Moment(1.0, Ready(model, _no_map(model)))
        return
    film_map, space = draw(model, dataset.catalogue)
    yield Moment(0.3, Ready(model, film_map))
    catalogue = dataset.catalogue
    found = naming.clusters(space, catalogue.genre_matrix, catalogue.genres)
    film_map = replace(film_map, clusters=found.clusters, labels=found.labels)
    yield Moment(0.7, Ready(model, film_map))
    factors = naming.factors(model, catalogue.genre_matrix, catalogue.genres)
    yield Moment(1.0, Ready(model, replace(film_map, factors=factors)))


def _no_map(model: Model) -> str:
    return (
        f"{model.algorithm.title} places films nowhere: it has no factors, so there is no map."
        " On Train, space uses another model."
    )


def draw(model: Model, catalogue: Catalogue) -> tuple[FilmMap, latent.Space]:
    """Return the map without its clusters, and the space that it shows."""
    space = latent.space(model)
    axes = latent.pca(space.points, 2, weights=space.belief)
    part = space.best_known(SHOWN)
    order = np.argsort(-part.counts, kind="stable")
    places = np.zeros((len(order), 2), np.float32)
    found = axes.coordinates(part.points[order])
    places[:, : found.shape[1]] = found
    shares = [*(float(share) for share in axes.shares), 0.0, 0.0]
    return FilmMap(model, catalogue, part.movies[order], places, (shares[0], shares[1])), space
