"""Writing the list of recommendations to a CSV file."""

from __future__ import annotations

from pathlib import Path

from data import export
from engine.arrays import Ids
from tui.session.session import Session

HEADER = ("place", "title", "year", "stars", "plus_minus", "genres", "ratings")


def write(session: Session, movies: Ids, path: Path) -> int:
    """Write the films in their order; return how many.

    Raises
    ------
    CannotWrite
        If the file cannot be written; one that was there stays as it was.
    """
    rows = [_row(session, place, int(movie)) for place, movie in enumerate(movies, 1)]
    export.write_csv(path, [HEADER, *rows])
    return len(movies)


def _row(session: Session, place: int, movie: int) -> tuple[object, ...]:
    dataset, recommended = session.dataset, session.recommendations
    assert dataset is not None
    assert recommended is not None
    film = dataset.catalogue[movie]
    sigma = recommended.sigma(movie)
    return (
        place,
        film.title,
        film.year or "",
        f"{float(recommended.believed[movie]):.2f}",
        "" if sigma is None else f"{sigma:.2f}",
        "|".join(film.genres),
        int(dataset.catalogue.counts[movie]),
    )
