"""Writing a person's ratings to a file: our own CSV, and what other sites read.

Own ratings are ½ to 5 stars; each site's form has them on its own scale.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data import atomic
from data.catalogue import Catalogue
from data.errors import cannot_write
from data.film import Film
from data.importing.entry import NOT_INTERESTED, SEEN, WATCHLIST
from data.profile import Dated, Opinion

Row = Sequence[object]


@dataclass(frozen=True)
class FileForm:
    """A form in which ratings are written to a file."""

    name: str
    says: str
    """What is in it and what it is for, in a few words."""
    file: str
    """How to call the file."""
    header: tuple[str, ...]
    row: Callable[[Dated], Row | None]
    """The cells of an opinion; None where it has no place in such a file."""


def write(kind: FileForm, opinions: Iterable[Dated], path: Path, catalogue: Catalogue) -> int:
    """Write the opinions that have a place in a file of this kind; return how many.

    The numbers of films that the open dataset knows are filled in, as sites find films by them.

    Raises
    ------
    CannotWrite
        If the file cannot be written; one that was there stays as it was.
    """
    known = (one._replace(opinion=_numbered(one, catalogue)) for one in opinions)
    rows = [row for row in map(kind.row, known) if row is not None]
    write_csv(path, [kind.header, *rows])
    return len(rows)


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write a CSV file beside `path` and move it there once it is whole.

    Raises
    ------
    CannotWrite
        If it cannot be written; a file that was there stays as it was.
    """
    try:
        with atomic.written(path) as part, part.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise cannot_write(path, error) from None


def _numbered(dated: Dated, catalogue: Catalogue) -> Opinion:
    """Return an opinion with every number and genre that is known of its film."""
    film = dated.opinion.film
    movie = catalogue.match(film)
    if movie is None:
        return dated.opinion
    listed = catalogue[movie]
    return dated.opinion._replace(
        film=replace(
            film, imdb=film.imdb or listed.imdb, tmdb=film.tmdb or listed.tmdb, genres=listed.genres
        )
    )


def _own(dated: Dated) -> Row:
    film, stars, mark = dated.opinion
    given = "" if stars is None else f"{stars:g}"
    year, tmdb = film.year or "", film.tmdb or ""
    return film.title, year, tt(film), tmdb, given, mark or "", dated.at, dated.watched


def _letterboxd(dated: Dated) -> Row | None:
    """Return title, stars and the day of watching, which makes an entry in the diary there."""
    film, stars, mark = dated.opinion
    if stars is None and mark != SEEN:
        return None
    given = "" if stars is None else f"{stars:g}"
    return tt(film), film.tmdb or "", film.title, film.year or "", given, dated.watched


def _watchlist(dated: Dated) -> Row | None:
    film, _, mark = dated.opinion
    if mark != WATCHLIST:
        return None
    return tt(film), film.tmdb or "", film.title, film.year or ""


def _imdb(dated: Dated) -> Row | None:
    """Return what IMDb writes of a rating, by its number."""
    film, stars, _ = dated.opinion
    if stars is None or not film.imdb:
        return None
    url, genres = f"https://www.imdb.com/title/{tt(film)}/", ", ".join(film.genres)
    return (
        tt(film), round(2 * stars), dated.at[:10], film.title, film.title, url, "Movie", "", "",
        film.year or "", genres, "", "", "",
    )  # fmt: skip


def _movary(dated: Dated) -> Row | None:
    """Return a rating out of ten; Movary finds films by TMDB's number."""
    film, stars, _ = dated.opinion
    if stars is None or not film.tmdb:
        return None
    return film.title, film.year or "", film.tmdb, tt(film), round(2 * stars)


def _simkl(dated: Dated) -> Row | None:
    """Return a film's state and rating out of ten, as Simkl's template has them."""
    film, stars, mark = dated.opinion
    states = {WATCHLIST: "plantowatch", SEEN: "completed", NOT_INTERESTED: "dropped"}
    state = states.get(mark or "", "completed" if stars is not None else "")
    if not state:
        return None
    given = "" if stars is None else round(2 * stars)
    return (
        "", "", film.tmdb or "", tt(film), "", "movie", film.title, film.year or "", "", state,
        dated.watched, given, "",
    )  # fmt: skip


def tt(film: Film) -> str:
    """Return IMDb's number as IMDb writes it; empty where it is not known."""
    return f"tt{film.imdb:07}" if film.imdb else ""


OWN = FileForm(
    "reelrank", "everything, to read in again here", "reelrank-ratings.csv",
    ("title", "year", "imdb_id", "tmdb_id", "stars", "mark", "rated_at", "watched"), _own,
)  # fmt: skip
LETTERBOXD = FileForm(
    "Letterboxd, ratings", "to import at letterboxd.com/import", "letterboxd-ratings.csv",
    ("imdbID", "tmdbID", "Title", "Year", "Rating", "WatchedDate"), _letterboxd,
)  # fmt: skip
LETTERBOXD_WATCHLIST = FileForm(
    "Letterboxd, watchlist", "to import on your watchlist there", "letterboxd-watchlist.csv",
    ("imdbID", "tmdbID", "Title", "Year"), _watchlist,
)  # fmt: skip
IMDB = FileForm(
    "IMDb's form", "1 to 10, as Trakt, TMDB and MovieLens read it", "imdb-ratings.csv",
    (
        "Const", "Your Rating", "Date Rated", "Title", "Original Title", "URL", "Title Type",
        "IMDb Rating", "Runtime (mins)", "Year", "Genres", "Num Votes", "Release Date", "Directors",
    ), _imdb,
)  # fmt: skip
MOVARY = FileForm(
    "Movary", "1 to 10, of films whose TMDB number is known", "ratings.csv",
    ("title", "year", "tmdbId", "imdbId", "userRating"), _movary,
)  # fmt: skip
SIMKL = FileForm(
    "Simkl", "1 to 10 and what is to be watched, to import at simkl.com", "simkl-import.csv",
    (
        "simkl_id", "TVDB_ID", "TMDB", "IMDB_ID", "MAL_ID", "Type", "Title", "Year",
        "LastEpWatched", "Watchlist", "WatchedDate", "Rating", "Memo",
    ), _simkl,
)  # fmt: skip
FILE_FORMS = (OWN, LETTERBOXD, LETTERBOXD_WATCHLIST, IMDB, MOVARY, SIMKL)
