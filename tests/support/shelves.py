"""Small datasets written in every format of MovieLens, for tests that need no real files."""

from __future__ import annotations

import zipfile
from pathlib import Path

GENRES_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance"),
    *("Sci-Fi", "Thriller", "War", "Western"),
)
FILMS = {
    3: ("Matrix, The (1999)", "Action|Sci-Fi"),
    7: ("Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)", "Comedy|Romance"),
    8: ("[bold]Heat[/bold], with, commas (1995)", "Crime"),
    21: ('"Great Performances" Cats (1998)', "Musical"),
    40: ("Never Rated", "(no genres listed)"),
}
ROWS = [(1, 3, 4.0), (1, 7, 5.0), (2, 3, 3.0), (2, 8, 1.0), (5, 21, 2.0), (5, 7, 4.0), (9, 3, 5.0)]
TIME = 964982703


def csv(folder: Path, rows: list[tuple[int, int, float]] = ROWS, end: str = "\n") -> Path:
    """Write the format of latest-small, 20m, 25m, 32m and latest."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{u},{m},{r},{TIME}" for u, m, r in rows]
    _write(folder / "ratings.csv", ["userId,movieId,rating,timestamp", *lines], end)
    films = []
    for movie, (title, genres) in FILMS.items():
        quoted = title.replace('"', '""')
        films.append(f'{movie},"{quoted}",{genres}')
    _write(folder / "movies.csv", ["movieId,title,genres", *films], end)
    links = ["movieId,imdbId,tmdbId", "3,0133093,603", "7,0211915,194", "8,0113277,"]
    _write(folder / "links.csv", links, end)
    return folder


def dat(folder: Path, encoding: str = "utf-8", halves: bool = False) -> Path:
    """Write the format of 1m (Latin-1, whole stars) or of 10m (UTF-8, half stars)."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(u, m, r - 0.5 if halves else r) for u, m, r in ROWS]
    lines = [f"{u}::{m}::{r:g}::{TIME}" for u, m, r in rows]
    _write(folder / "ratings.dat", lines)
    films = [f"{movie}::{title}::{genres}" for movie, (title, genres) in FILMS.items()]
    _write(folder / "movies.dat", films, encoding=encoding)
    return folder


def hundred_k(folder: Path) -> Path:
    """Write the format of 100k."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "u.data", [f"{u}\t{m}\t{r:g}\t{TIME}" for u, m, r in ROWS])
    _write(folder / "u1.base", [f"{u}\t{m}\t{r:g}\t{TIME}" for u, m, r in ROWS[:3]])
    lines = []
    for movie, (title, genres) in FILMS.items():
        flags = "|".join(str(int(genre in genres.split("|"))) for genre in GENRES_100K)
        lines.append(f"{movie}|{title}|01-Jan-1995||http://example|{flags}")
    _write(folder / "u.item", lines, encoding="latin-1")
    return folder


def packed(folder: Path, target: Path) -> Path:
    """Pack a folder into a zip, as the publisher does: with the folder's name inside."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{folder.name}/{path.name}")
    return target


def _write(path: Path, lines: list[str], end: str = "\n", encoding: str = "utf-8") -> None:
    path.write_bytes((end.join(lines) + end).encode(encoding))
