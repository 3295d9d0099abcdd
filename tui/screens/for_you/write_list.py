"""Writing the list of recommendations to a CSV file."""

from __future__ import annotations

from pathlib import Path

from data import export
from data.dataset import Dataset
from engine.arrays import Ids
from tui.session.recommendations import Recommendations

HEADER = ("place", "title", "year", "stars", "plus_minus", "would_watch", "genres", "ratings")


def write(dataset: Dataset, recommended: Recommendations, movies: Ids, path: Path) -> int:
    """Write the films in their order; return how many.

    Raises
    ------
    CannotWrite
        If the file cannot be written; one that was there stays as it was.
    """
    rows = [_row(dataset, recommended, place, int(movie)) for place, movie in enumerate(movies, 1)]
    export.write_csv(path, [HEADER, *rows])
    return len(movies)


def _row(
    dataset: Dataset, recommended: Recommendations, place: int, movie: int
) -> tuple[object, ...]:
    film = dataset.catalogue[movie]
    sigma, chance = recommended.sigma(movie), recommended.chance(movie)
    return (
        place,
        film.title,
        film.year or "",
        f"{float(recommended.believed[movie]):.2f}",
        "" if sigma is None else f"{sigma:.2f}",
        "" if chance is None else f"{chance:.2f}",
        "|".join(film.genres),
        int(dataset.catalogue.counts[movie]),
    )
