"""Writing the list of recommendations to a CSV file."""

from __future__ import annotations

from pathlib import Path

from data import export
from engine.arrays import Ids
from tui.session.session import House

HEADER = ("place", "title", "year", "stars", "plus_minus", "genres", "ratings")


def write(house: House, movies: Ids, path: Path) -> int:
    """Write the films in their order; return how many.

    Raises
    ------
    CannotWrite
        If the file cannot be written; one that was there stays as it was.
    """
    rows = [_row(house, place, int(movie)) for place, movie in enumerate(movies, 1)]
    export.write_csv(path, [HEADER, *rows])
    return len(movies)


def _row(house: House, place: int, movie: int) -> tuple[object, ...]:
    dataset, taste = house.dataset, house.taste
    assert dataset is not None
    assert taste is not None
    film = dataset.catalogue[movie]
    sigma = taste.sigma(movie)
    return (
        place,
        film.title,
        film.year or "",
        f"{float(taste.believed[movie]):.2f}",
        "" if sigma is None else f"{sigma:.2f}",
        "|".join(film.genres),
        int(dataset.catalogue.counts[movie]),
    )
