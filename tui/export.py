"""Writing the list of recommendations to a CSV file."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from data.errors import cannot_write
from engine.arrays import Ids
from tui.house import House

HEADER = ("place", "title", "year", "stars", "plus_minus", "genres", "ratings")


def write(house: House, movies: Ids, path: Path) -> int:
    """Write the films in their order; return how many.

    Raises
    ------
    CannotWrite
        If the file cannot be written; one that was there stays as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_row(house, place, int(m)) for place, m in enumerate(movies, 1))
        os.replace(part, path)
    except OSError as error:
        raise cannot_write(path, error) from None
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
        f"{float(taste.stars[movie]):.2f}",
        "" if sigma is None else f"{sigma:.2f}",
        "|".join(film.genres),
        int(dataset.catalogue.counts[movie]),
    )
