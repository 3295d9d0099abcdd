"""The person's own ratings, marks and settings: SQLite, one transaction each.

A rating belongs to a film, not to a row of a dataset: it is kept under title and year, and under
the IMDb number where one is known, and finds its row anew in every dataset.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data import titles
from data.catalogue import Catalogue
from data.errors import DataError, cannot_write
from data.film import Film
from data.paths import data_folder
from data.profile import schema
from engine.arrays import Floats, Ids

MARKS = ("watchlist", "not interested", "unseen", "seen")
"""`seen` is for films seen and not rated, as other sites keep them."""
STARS = tuple(halves / 2 for halves in range(1, 11))
PATIENCE = 5.0
"""Seconds to wait for another program that is writing."""
_FILM = "f.title, f.year, f.imdb, f.tmdb, f.aliases"
_SOUND = """
    typeof(f.title) = 'text' AND typeof(f.year) = 'integer' AND typeof(f.imdb) = 'integer'
    AND typeof(f.tmdb) = 'integer' AND typeof(f.aliases) = 'text'
    AND (o.stars IS NULL OR o.stars BETWEEN 0.5 AND 5) AND typeof(o.mark) IN ('text', 'null')
"""
"""What a failing disk did not turn into something else; such rows stay, but are not shown."""
_FIND = """
SELECT id, 1 AS rank FROM film WHERE imdb > 0 AND imdb = ?1
UNION ALL SELECT id, 2 FROM film WHERE tmdb > 0 AND tmdb = ?2 AND (imdb = 0 OR ?1 = 0)
UNION ALL SELECT id, 3 FROM film WHERE folded = ?3 AND year = ?4
    AND (imdb = 0 OR ?1 IN (0, imdb)) AND (tmdb = 0 OR ?2 IN (0, tmdb))
ORDER BY rank, id
"""
_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
"""To the millisecond, in UTC; older programs kept seconds, and both sort together."""


class ProfileError(DataError):
    """The file of the person's ratings cannot be read or written; nothing in it was changed."""


class Opinion(NamedTuple):
    """What the person thinks of a film."""

    film: Film
    stars: float | None
    mark: str | None


class Dated(NamedTuple):
    """An opinion and when it was given."""

    opinion: Opinion
    at: str
    """Day or moment in UTC, as in `2024-05-01` or `2024-05-01 12:30:00`; empty if not known."""


class Undone(NamedTuple):
    """What an undo gave back."""

    film: Film
    """The film that was changed; of an import, the one that it changed first."""
    stars: float | None
    mark: str | None
    n_films: int
    """How many films it gave back; more than one where an import was taken back."""


@dataclass(frozen=True, eq=False)
class Own:
    """A person's opinions as rows of one dataset."""

    movies: Ids
    """(n,) rated movies"""
    values: Floats
    """(n,) stars"""
    marks: dict[int, str]
    """Mark of each marked movie."""
    unmatched: tuple[Opinion, ...]
    """What the dataset has no film for; kept all the same."""

    def stars(self, movie: int) -> float | None:
        """Return the person's stars for `movie`, None where it is not rated."""
        found = np.flatnonzero(self.movies == movie)
        return float(self.values[found[0]]) if len(found) else None


class Profile:
    """One person's opinions in the file that all profiles share.

    Parameters
    ----------
    name : whose; made if there is none of that name
    path : the file; `profiles.sqlite` in the data folder unless told

    Raises
    ------
    ProfileError
        If the file cannot be made, read or written, is damaged, or is of a newer version.
    """

    def __init__(self, name: str = "you", path: Path | None = None) -> None:
        self.path = path or data_folder() / "profiles.sqlite"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProfileError(str(cannot_write(self.path.parent, error))) from None
        with self._explained():
            self._db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            self._db.text_factory = partial(str, encoding="utf-8", errors="replace")
            self._write_ahead()
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._prepare()
        self._known_as: dict[Film, int] = {}
        """The kept film that each film of the open dataset is, by whatever title."""
        self.name = name
        self.switch(name)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def names(self) -> list[str]:
        """Return the names of all profiles."""
        return [name for (name,) in self._read("SELECT name FROM profile ORDER BY id")]

    def switch(self, name: str) -> None:
        """Go on as the profile `name`, made if there is none."""
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO profile (name) VALUES (?)", (name,))
        self._id = self._read("SELECT id FROM profile WHERE name = ?", name)[0][0]
        self.name = name

    def rename(self, new: str) -> None:
        """Give this profile another name."""
        with self._transaction():
            if new != self.name and new in self.names():
                raise ProfileError(f"There is a profile called {new}; choose another name.")
            self._db.execute("UPDATE profile SET name = ? WHERE id = ?", (new, self._id))
        self.name = new

    def rate(self, film: Film, stars: float) -> None:
        """Keep `stars` for `film`.

        Raises
        ------
        ProfileError
            If the stars are not one of 0.5, 1, ... 5, or the file cannot be written.
        """
        _check(stars, None)
        self._set(film, stars, None)

    def mark(self, film: Film, mark: str) -> None:
        """Shelve `film` under one of MARKS; a rating of it stays."""
        _check(None, mark)
        with self._transaction():
            self._set(film, self.opinion(film).stars, mark)

    def clear(self, film: Film) -> None:
        """Forget rating and mark of `film`."""
        self._set(film, None, None)

    def take_in(self, wanted: Iterable[Dated]) -> int:
        """Keep many opinions, all or none of them; one undo takes them all back.

        Return how many were not kept already; those that were are left as they are.
        """
        changed = 0
        with self._transaction():
            ((batch,),) = self._read("SELECT coalesce(max(id), 0) + 1 FROM history")
            for (film, stars, mark), at in wanted:
                _check(stars, mark)
                if self.opinion(film)[1:] != (stars, mark):
                    self._set(film, stars, mark, at, batch)
                    changed += 1
                else:
                    self._identify(self._find(film), film)
        return changed

    def undo(self) -> Undone | None:
        """Take the last change back, or all of an import; return what it gave back, if anything."""
        with self._transaction():
            last = self._read(
                f"SELECT h.id, h.film, h.stars, h.mark, coalesce(h.at, {_NOW}), {_FILM} "
                "FROM history h JOIN film f ON f.id = h.film WHERE h.profile = ?1 AND h.id >= "
                "(SELECT coalesce(batch, id) FROM history WHERE profile = ?1 ORDER BY id DESC) "
                "ORDER BY h.id DESC",
                self._id,
            )
            for id_, film, stars, mark, at, *_ in last:
                self._put(film, stars, mark, at)
                self._db.execute("DELETE FROM history WHERE id = ?", (id_,))
        if not last:
            return None
        _, _, stars, mark, _, *described = last[-1]
        return Undone(_film(*described), stars, mark, len(last))

    def opinion(self, film: Film) -> Opinion:
        """Return what the person thinks of `film`."""
        found = self._find(film)
        rows = self._read(
            "SELECT stars, mark FROM opinion WHERE profile = ? AND film = ?", self._id, found
        )
        return Opinion(film, *rows[0]) if rows else Opinion(film, None, None)

    def kept(self, film: Film) -> Film | None:
        """Return the film as which `film` is kept, with all numbers known of it; None if not."""
        rows = self._read(f"SELECT {_FILM} FROM film f WHERE id = ?", self._find(film))
        return _film(*rows[0]) if rows else None

    def opinions(self) -> list[Opinion]:
        """Return all that this person rated or marked, oldest first."""
        return [opinion for _, (opinion, _) in self._opinions()]

    def dated_opinions(self) -> list[Dated]:
        """Return all that this person rated or marked, and when, oldest first."""
        return [dated for _, dated in self._opinions()]

    def in_dataset(self, catalogue: Catalogue) -> Own:
        """Return this person's opinions as rows of a dataset with these films.

        From here on a film of that dataset is the kept one that it was matched with, even where
        the two have different titles.
        """
        rated: dict[int, float] = {}
        marks: dict[int, str] = {}
        unmatched = []
        self._known_as.clear()
        for id_, (opinion, _) in self._opinions():
            movie = catalogue.match(opinion.film)
            if movie is None:
                unmatched.append(opinion)
                continue
            self._known_as[catalogue[movie]] = id_
            if opinion.stars is not None:
                rated[movie] = opinion.stars
            if opinion.mark is not None:
                marks[movie] = opinion.mark
        movies = np.array(list(rated), np.int32)
        return Own(movies, np.array(list(rated.values()), np.float32), marks, tuple(unmatched))

    def setting(self, name: str, default: str = "") -> str:
        """Return what was kept under `name`."""
        rows = self._read("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0][0]) if rows else default

    def keep(self, name: str, value: str) -> None:
        """Keep a setting, such as the dataset that was open last."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def _opinions(self) -> list[tuple[int, Dated]]:
        rows = self._read(
            f"SELECT o.film, o.stars, o.mark, o.at, {_FILM} FROM opinion o "
            f"JOIN film f ON f.id = o.film WHERE o.profile = ? AND {_SOUND} ORDER BY o.at, o.rowid",
            self._id,
        )
        return [
            (id_, Dated(Opinion(_film(*film), stars, mark), at))
            for id_, stars, mark, at, *film in rows
        ]

    def _set(
        self,
        film: Film,
        stars: float | None,
        mark: str | None,
        at: str = "",
        batch: int | None = None,
    ) -> None:
        with self._transaction():
            id_ = self._find(film)
            if id_:
                self._identify(id_, film)
            else:
                id_ = self._add(film)
            before = self._db.execute(
                "SELECT stars, mark, at FROM opinion WHERE profile = ? AND film = ?",
                (self._id, id_),
            ).fetchone() or (None, None, None)
            self._db.execute(
                "INSERT INTO history (profile, film, stars, mark, at, batch) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (self._id, id_, *before, batch),
            )
            ((now,),) = self._read(f"SELECT {_NOW}")
            self._put(id_, stars, mark, at or now)

    def _put(self, film: int, stars: float | None, mark: str | None, at: str) -> None:
        """Replace the opinion of a film; a row of its own each time, so that rows are in order."""
        if stars is None and mark is None:
            self._db.execute("DELETE FROM opinion WHERE profile = ? AND film = ?", (self._id, film))
            return
        self._db.execute(
            "INSERT OR REPLACE INTO opinion (profile, film, stars, mark, at) "
            "VALUES (?, ?, ?, ?, ?)",
            (self._id, film, stars, mark, at),
        )

    def _find(self, film: Film) -> int:
        """Return the id of a kept film: by IMDb's or TMDB's number, else by title and year.

        0 where there is none. Films whose numbers tell them apart are never taken for one.
        """
        if film in self._known_as:
            return self._known_as[film]
        rows = self._read(_FIND, film.imdb, film.tmdb, titles.fold(film.title), film.year)
        return int(rows[0][0]) if rows else 0

    def _add(self, film: Film) -> int:
        cursor = self._db.execute(
            "INSERT INTO film (title, folded, year, imdb, tmdb, aliases) VALUES (?, ?, ?, ?, ?, ?)",
            (
                film.title,
                titles.fold(film.title),
                film.year,
                film.imdb,
                film.tmdb,
                "\n".join(film.names[1:]),
            ),
        )
        return int(cursor.lastrowid or 0)

    def _identify(self, id_: int, film: Film) -> None:
        """Keep the numbers and other titles of a film that was kept without them."""
        self._db.execute(
            "UPDATE film SET imdb = max(imdb, ?2), tmdb = iif(tmdb = 0, ?3, tmdb), "
            "aliases = iif(aliases = '', ?4, aliases) WHERE id = ?1 "
            "AND (imdb = 0 AND ?2 > 0 OR tmdb = 0 AND ?3 > 0 OR aliases = '' AND ?4 > '')",
            (id_, film.imdb, film.tmdb, "\n".join(film.names[1:])),
        )

    def _write_ahead(self) -> None:
        """Switch to the write-ahead log; SQLite itself does not wait for others here."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _prepare(self) -> None:
        with self._transaction():  # of two programs that start at once, one makes the tables
            try:
                schema.bring_up_to_date(self._db, self.path)
            except schema.SchemaError as error:
                raise ProfileError(str(error)) from None

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Keep all that is done inside, or nothing; one inside another belongs to the outer."""
        if self._db.in_transaction:
            yield
            return
        with self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:  # SQLite itself may have rolled back
                    self._db.execute("ROLLBACK")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter from damaged tables
            raise ProfileError(f"{self.path}: {_reason(error)}") from None


def _check(stars: float | None, mark: str | None) -> None:
    if stars is not None and stars not in STARS:
        raise ProfileError(f"{stars} is not a rating; give half a star to five, in halves.")
    if mark is not None and mark not in MARKS:
        raise ProfileError(f"{mark!r} is not a mark; use one of {', '.join(MARKS)}.")


def _film(title: str, year: int, imdb: int, tmdb: int, aliases: str) -> Film:
    return Film(title, year, imdb=imdb, tmdb=tmdb, aliases=tuple(filter(None, aliases.split("\n"))))


def _reason(error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return "another program holds your ratings; close it and try again. Nothing was changed."
    if "unable to open" in text or "readonly" in text:
        return "it cannot be opened for writing; check its permissions. Nothing was changed."
    if "full" in text:
        return "the disk is full; free some space and try again. Nothing was changed."
    if "I/O" in text:
        return "the disk reports an error; check it, or free some space. Nothing was changed."
    if isinstance(error, UnicodeDecodeError) or any(sign in text for sign in _DAMAGED):
        return "the file is damaged; move it away to start anew, and keep it: much can be saved."
    return f"your ratings could not be used ({text}). Nothing was changed."


_DAMAGED = (
    *("not a database", "malformed", "corrupt", "constraint"),
    *("no such", "no column", "already exists"),
)
