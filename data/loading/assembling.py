"""From the lines of a ratings file to a dataset: ids counted, films named, the scale told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import numpy as np

from data import notices, titles
from data.catalogue import Catalogue
from data.dataset import Dataset, Notice, Source
from data.errors import NoRatings
from data.film import Film
from data.loading import numbering, scales
from data.loading.films_file import FilmsFile, read_films
from data.loading.found import Found
from data.loading.questions import UnratedUnclear
from data.loading.scales import HALF_STARS, WHOLE_STARS
from engine import Ratings, Scale
from engine.arrays import Floats, Ids, Mask, Offsets
from engine.stepwise import Work, chunks, scaled

_NEVER = 2**62
"""Later than any moment."""
USUAL = ("u.data", "ratings.csv", "ratings.dat")
"""What MovieLens calls its files of ratings, the best choice first."""


@dataclass(frozen=True, eq=False)
class _Numbered:
    """Ratings with users and films counted from 0, and what each is called in the files."""

    users: Ids
    movies: Ids
    values: Floats
    times: Offsets | None
    user_ids: tuple[str, ...]
    movie_ids: tuple[str, ...]
    films: tuple[Film, ...]
    rows: Offsets | None = None
    """(n,) which of the lines that are ratings these come from; None where from each."""

    def without(self, gone: Mask) -> _Numbered:
        """Return the others."""
        keep = ~gone
        return replace(
            self,
            users=self.users[keep],
            movies=self.movies[keep],
            values=self.values[keep],
            times=None if self.times is None else self.times[keep],
            rows=np.flatnonzero(keep) if self.rows is None else self.rows[keep],
        )

    def lines(self, which: Mask, found: Found) -> list[int]:
        """Return the first lines of the file that these ratings stand in."""
        first = np.concatenate([*_first(which), np.zeros(0, np.int64)])
        return found.gathered.lines_of(first if self.rows is None else self.rows[first]).tolist()


def _first(which: Mask) -> Iterator[Offsets]:
    """Yield places of what is true in `which`, until there are as many as anybody is shown."""
    n = 0
    for part in chunks(len(which)):
        if n < notices.KEPT:
            yield (places := np.flatnonzero(which[part]) + part.start)
            n += len(places)


def assemble(found: Found) -> Work[Dataset]:
    """Yield how far it is with making a dataset of a file that was read; return the dataset.

    Raises
    ------
    NoRatings
        If not one usable line is left.
    UnknownFormat
        If most ratings lie outside any scale.
    UnratedUnclear
        If one value seems to stand for "not rated", and nobody told whether it does.
    """
    gathered = found.gathered
    if not gathered.n_ratings:
        raise NoRatings(
            f"Not one line of {found.where} is a usable rating; check that it is a ratings file"
            " and not damaged."
        )
    told = tuple(map(Notice, found.format.told))
    told += notices.of_broken(gathered.broken, gathered.n_broken, found.where)
    described = yield from scaled(read_films(found.place, found.name), 0, 0.3)
    numbered = yield from scaled(_numbered(found, described), 0.3, 0.6)
    numbered, scale, more = yield from scaled(_on_scale(numbered, found), 0.6, 0.7)
    told += more
    numbered, more = yield from scaled(_once(numbered, found), 0.7, 0.9)
    told += more + notices.of_times(*_without_times(numbered), found.where)
    yield 0.9
    ratings = _ratings(numbered, scale)
    yield 0.95
    counts = yield from numbering.counts(numbered.movies, len(numbered.films))
    catalogue = Catalogue(numbered.films, counts, numbered.movie_ids)
    where = found.place.where(described.name)
    told += yield from scaled(notices.of_films(described, catalogue, where), 0.95, 1)
    source = Source(_name(found), found.path, found.format.name)
    return Dataset(ratings, catalogue, source, told, numbered.user_ids, _years(numbered.times))


def _numbered(found: Found, described: FilmsFile) -> Work[_Numbered]:
    gathered = found.gathered
    values = gathered.values.taken()
    users, movies = gathered.users.taken(), gathered.movies.taken()
    times = gathered.times.taken() if len(gathered.times) else None
    users_met, movies_met = gathered.user_texts, gathered.movie_texts
    known = np.fromiter(map(movies_met.code, described.films), np.int32, len(described.films))
    yield 0.1
    user_codes = yield from scaled(numbering.renumber(users, len(users_met)), 0.1, 0.5)
    renumbering = numbering.renumber(movies, len(movies_met), known)
    movie_codes = yield from scaled(renumbering, 0.5, 0.9)
    user_ids = tuple(map(users_met.text, user_codes.tolist()))
    yield 0.92
    movie_ids = tuple(map(movies_met.text, movie_codes.tolist()))
    yield 0.95
    films: list[Film] = []
    source, in_rows = found.format.film_numbers, gathered.films
    for part in chunks(len(movie_ids), notices.FILMS):
        these = zip(movie_codes[part].tolist(), movie_ids[part], strict=True)
        known_films = described.films
        films += (known_films.get(one) or in_rows.film(code, one, source) for code, one in these)
        yield 1.0
    return _Numbered(users, movies, values, times, user_ids, movie_ids, tuple(films))


def _on_scale(
    numbered: _Numbered, found: Found
) -> Work[tuple[_Numbered, Scale, tuple[Notice, ...]]]:
    """Return the ratings on their scale, the scale, and what to tell of it."""
    spread = yield from scaled(scales.spread(numbered.values), 0, 0.6)
    told: tuple[Notice, ...] = ()
    value = scales.unrated(spread)
    if value is not None:
        n = spread.n - spread.without(value).n
        if found.answers.unrated is None:
            raise UnratedUnclear(found.where, value, n, spread.n)
        if found.answers.unrated == "drop":
            gone = numbered.values == value
            told += notices.of_unrated(numbered.lines(gone, found), n, value, found.where)
            numbered, spread = numbered.without(gone), spread.without(value)
    scale = scales.scale_of(spread, found.format.half_stars, found.where)
    off = ~scales.on(scale, numbered.values)
    if off.any():
        n = int(np.count_nonzero(off))
        told += notices.of_strays(numbered.lines(off, found), n, scale, found.where)
        numbered, spread = numbered.without(off), spread.on(scale)
    usual = scale in (HALF_STARS, WHOLE_STARS)
    told += notices.of_scale(scale, usual, len(spread.values) == 1, found.where)
    return numbered, scale, told


def _once(numbered: _Numbered, found: Found) -> Work[tuple[_Numbered, tuple[Notice, ...]]]:
    """Return the ratings with each pair of user and film once, the last line counting."""
    again = yield from numbering.repeated(
        numbered.users, numbered.movies, len(numbered.user_ids), len(numbered.films)
    )
    if again is None:
        return numbered, ()
    n = int(np.count_nonzero(again))
    told = notices.of_repeats(numbered.lines(again, found), n, found.where)
    return numbered.without(again), told


def _ratings(numbered: _Numbered, scale: Scale) -> Ratings:
    times = numbered.times
    known = times is not None and bool(times.all())
    return Ratings(
        numbered.users,
        numbered.movies,
        numbered.values,
        len(numbered.user_ids),
        len(numbered.films),
        scale,
        times=times if known else None,
    )


def _without_times(numbered: _Numbered) -> tuple[int, int]:
    """Return how many ratings have no time that can be read, and how many there are."""
    n, times = len(numbered.values), numbered.times
    return (0 if times is None else n - int(np.count_nonzero(times))), n


def _name(found: Found) -> str:
    """Return what to call the dataset: the folder or zip that it is in, or its file."""
    path = found.path.resolve()
    if found.place.zipped or path.is_dir():
        name = PurePosixPath(found.name).parent.name or path.stem
    else:
        name = path.parent.name if path.name.lower() in USUAL else path.stem
    return titles.clean(name) or "ratings"


def _years(times: Offsets | None) -> tuple[int, int] | None:
    """Return the first and the last year in which a rating was given."""
    if times is None or not times.any():
        return None
    parts = (times[part] for part in chunks(len(times)))
    first = min(int(part.min(initial=_NEVER, where=part > 0)) for part in parts)
    last = int(times.max())
    return datetime.fromtimestamp(first, UTC).year, datetime.fromtimestamp(last, UTC).year
