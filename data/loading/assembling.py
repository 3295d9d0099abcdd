"""From a ratings file that was found to a dataset: lines gathered, ids counted, films named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import numpy as np

from data import notices, titles
from data.catalogue import Catalogue
from data.dataset import Dataset, Notice, Source
from data.errors import Damaged, DataError, NoRatings
from data.film import Film
from data.folder_or_zip import FolderOrZip
from data.loading import gathering, ratings_format, text_ids
from data.loading.films_file import FilmsFile, read_films
from data.loading.gathering import Gathered
from data.loading.ratings_format import Form
from data.loading.text_ids import Spelt
from engine import Ratings, Scale
from engine.arrays import Floats, Ids, Offsets
from engine.stepwise import Work, scaled

USUAL = ("u.data", "ratings.csv", "ratings.dat")
"""What MovieLens calls its files of ratings, the best choice first."""
MOST_RATINGS = 200_000_000
MOST_SKIPPED = 20_000_000
_OWN_SCALES = (Scale(1, 5), Scale(0.5, 5), Scale(0, 5), Scale(1, 10), Scale(0, 10), Scale(0, 100))


@dataclass
class Found:
    """A ratings file, and what was read of it."""

    path: Path
    """What was opened."""
    place: FolderOrZip
    name: str
    form: Form
    gathered: Gathered = field(default_factory=Gathered)
    spelt: Spelt | None = None
    """The names of users and films, where they are no numbers."""

    @property
    def where(self) -> str:
        """How to call the file when speaking to a person."""
        return self.place.where(self.name)

    def read(self) -> Iterator[float]:
        """Read all ratings; yield the share that is done.

        A file of one's own that the quick reader cannot take whole is read again as text.
        """
        if self.form.numeric:
            yield from self._read()
            if self.form.is_movielens or not self.gathered.broken_lines:
                return
            self.gathered = Gathered()
            self.form = replace(self.form, numeric=False)
        self.spelt = Spelt()
        yield from self._read()

    def _read(self) -> Iterator[float]:
        size = max(self.place.size(self.name), 1)
        scale = ratings_format.HALF_STARS if self.form.is_movielens else None
        with self.place.open(self.name) as file:
            if self.spelt is None:
                blocks = gathering.blocks(file, self.form.header, self.form.columns)
            else:
                blocks = text_ids.blocks(file, self.form, self.spelt)
            for block, done in blocks:
                self.gathered.add(block, scale)
                self._bounded()
                yield min(done / size, 1.0)

    def _bounded(self) -> None:
        """Stop before memory does: a zip of a few kilobytes may hold any number of lines."""
        if self.gathered.n_ratings > MOST_RATINGS:
            raise DataError(
                f"{self.where} holds more than {MOST_RATINGS:,} ratings, which is more than this"
                " program takes; open a smaller file."
            )
        if self.gathered.n_skipped > MOST_SKIPPED:
            raise Damaged(
                f"More than {MOST_SKIPPED:,} lines of {self.where} are no ratings; check that it"
                " is a ratings file and not damaged."
            )


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


def assemble(found: Found) -> Work[Dataset]:
    """Yield how far it is with making a dataset of a file that was read; return the dataset.

    Raises
    ------
    NoRatings
        If not one usable line is left.
    """
    warnings = notices.of_lines(found.gathered, found.where)
    warnings += notices.of_times(found.gathered, found.where)
    if not found.gathered.n_ratings:
        raise NoRatings(
            f"Not one line of {found.where} is a usable rating; check that it is a ratings file"
            " and not damaged."
        )
    years = _years(found.gathered)
    described = FilmsFile({}) if found.spelt else read_films(found.place, found.name)
    yield 0.4
    numbered = yield from scaled(_numbered(found, described), 0.4, 0.7)
    numbered, repeats = yield from scaled(_once(numbered, found), 0.7, 0.9)
    yield 0.9
    ratings, catalogue = _matrix(numbered, found.form)
    if not found.spelt:
        repeats += notices.of_films(described, catalogue, found.place.where(described.name))
    source = Source(_name(found), found.path, found.form.name)
    return Dataset(ratings, catalogue, source, warnings + repeats, numbered.user_ids, years)


def _matrix(numbered: _Numbered, form: Form) -> tuple[Ratings, Catalogue]:
    n_movies = len(numbered.films)
    counts = gathering.counts(numbered.movies, n_movies)
    ratings = Ratings(
        numbered.users,
        numbered.movies,
        numbered.values,
        len(numbered.user_ids),
        n_movies,
        _scale(form, numbered.values),
        times=numbered.times,
    )
    return ratings, Catalogue(numbered.films, counts, numbered.movie_ids)


def _numbered(found: Found, described: FilmsFile) -> Work[_Numbered]:
    gathered = found.gathered
    values = np.concatenate(gathered.values)
    gathered.values.clear()
    times = _times(gathered)
    if found.spelt:
        users, _ = gathering.renumber(gathered.users)
        movies, _ = gathering.renumber(gathered.movies)
        names = found.spelt
        films = tuple(names.films[movie] for movie in range(len(names.movies)))
        user_names, movie_names = tuple(names.users), tuple(names.movies)
        return _Numbered(users, movies, values, times, user_names, movie_names, films)
    known = np.fromiter(described.films, np.int64, len(described.films))
    yield 0.2
    users, user_ids = gathering.renumber(gathered.users)
    yield 0.5
    movies, movie_ids = gathering.renumber(gathered.movies, known)
    films = tuple(described.films.get(one) or Film(f"Film {one}") for one in movie_ids.tolist())
    return _Numbered(users, movies, values, times, _texts(user_ids), _texts(movie_ids), films)


def _times(gathered: Gathered) -> Offsets | None:
    """Return when each rating was given if that is known of all; the parts are emptied."""
    known = not gathered.untimed
    times = np.concatenate(gathered.times).astype(np.int64) if known else None
    gathered.times.clear()
    return times


def _texts(ids: Offsets) -> tuple[str, ...]:
    return tuple(map(str, ids.tolist()))


def _once(numbered: _Numbered, found: Found) -> Work[tuple[_Numbered, tuple[Notice, ...]]]:
    """Return the ratings with each pair of user and film once, the last line counting."""
    again = yield from gathering.repeated(
        numbered.users, numbered.movies, len(numbered.user_ids), len(numbered.films)
    )
    if not len(again):
        return numbered, ()
    keep = np.ones(len(numbered.values), bool)
    keep[again] = False
    told = notices.of_repeats(found.gathered.lines_of(again), found.where)
    kept = replace(
        numbered,
        users=numbered.users[keep],
        movies=numbered.movies[keep],
        values=numbered.values[keep],
        times=None if numbered.times is None else numbered.times[keep],
    )
    return kept, told


def _scale(form: Form, values: Floats) -> Scale:
    """Return the format's scale; for a file of one's own, the usual scale that holds all."""
    if form.half_stars:
        return ratings_format.HALF_STARS
    halved = bool((values != np.rint(values)).any())
    if form.is_movielens:
        return (
            ratings_format.HALF_STARS if halved or values.min() < 1 else ratings_format.WHOLE_STARS
        )
    low, high = float(values.min()), float(values.max())
    for scale in _OWN_SCALES:
        if scale.low <= low and high <= scale.high and not (halved and scale == (1, 5)):
            return scale
    return Scale(low, high)


def _name(found: Found) -> str:
    """Return what to call the dataset: the folder or zip that it is in, or its file."""
    path = found.path.resolve()
    if found.place.zipped or path.is_dir():
        name = PurePosixPath(found.name).parent.name or path.stem
    else:
        name = path.parent.name if path.name.lower() in USUAL else path.stem
    return titles.clean(name) or "ratings"


def _years(gathered: Gathered) -> tuple[int, int] | None:
    """Return the first and last year in which a rating was given, as far as lines tell."""
    known = [part[part > 0] for part in gathered.times]
    moments = [(int(part.min()), int(part.max())) for part in known if len(part)]
    if not moments:
        return None
    first, last = min(low for low, _ in moments), max(high for _, high in moments)
    return datetime.fromtimestamp(first, UTC).year, datetime.fromtimestamp(last, UTC).year
