"""The map unfolded by t-SNE, which keeps neighbours together where a plane would fold them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine import latent, tsne
from engine.arrays import Floats, Ids
from tui.session.film_map import FilmMap
from tui.session.jobs import Moment

UNFOLDED = 2000
"""So many of the best-known films are on it."""


@dataclass(frozen=True, eq=False)
class Unfolded:
    """The best-known films as t-SNE places them, so far."""

    film_map: FilmMap
    movies: Ids
    """(n,) the best known first"""
    places: Floats
    """(n, 2)"""


def unfold(film_map: FilmMap) -> Generator[Moment[Unfolded], None, None]:
    """Yield the map as it unfolds."""
    part = latent.space(film_map.model).best_known(UNFOLDED)
    order = np.argsort(-part.counts, kind="stable")
    movies = part.movies[order]
    for moment in tsne.tsne(latent.components(part)[order]):
        yield Moment(moment.progress, Unfolded(film_map, movies, moment.points))
