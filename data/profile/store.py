"""The person's own ratings, marks and settings: SQLite, one transaction each.

A rating belongs to a film, not to a row of a dataset: it is kept under title and year, and under
the IMDb number where one is known, and finds its row anew in every dataset.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from data import titles
from data.catalogue import Catalogue
from data.film import Film
from data.paths import data_folder
from data.profile.database import NOW, Database, ProfileError
from data.profile.opinions import MARKS, STARS, Dated, Opinion, Own, Undone

_FILM = "f.title, f.year, f.imdb, f.tmdb, f.aliases"
_STATE = "o.stars, o.mark, o.at, o.watched"
_SOUND_FILM = """
    typeof(f.title) = 'text' AND typeof(f.year) = 'integer' AND typeof(f.imdb) = 'integer'
    AND typeof(f.tmdb) = 'integer' AND typeof(f.aliases) = 'text'
"""
_SOUND = f"""
    (o.stars IS NULL OR typeof(o.stars) IN ('real', 'integer') AND o.stars BETWEEN 0.5 AND 5)
    AND (o.mark IS NULL OR o.mark IN {MARKS}) AND typeof(o.at) IN ('text', 'null')
    AND typeof(o.watched) IN ('text', 'null')
"""
"""What a failing disk did not turn into something else; such rows stay, but are not shown."""
_BY_IMDB = "SELECT id FROM film WHERE imdb > 0 AND imdb = ?1 ORDER BY id LIMIT 1"
_BY_TMDB = """
    SELECT id FROM film WHERE tmdb > 0 AND tmdb = ?2 AND (imdb = 0 OR ?1 = 0) ORDER BY id LIMIT 1
"""
_BY_NAME = """
    SELECT id FROM film WHERE folded = ?3 AND year = ?4 AND (tmdb = 0 OR ?2 IN (0, tmdb)) {}
    ORDER BY id LIMIT 1
"""
"""Films whose numbers tell them apart are never taken for one."""


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
        self._file = Database(self.path)
        self._known_as: dict[Film, int] = {}
        """The kept film that each film of the open dataset is, by whatever title."""
        self.name = name
        self.switch(name)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def names(self) -> list[str]:
        """Return the names of all profiles."""
        return [str(name) for (name,) in self._file.read("SELECT name FROM profile ORDER BY id")]

    @property
    def notice(self) -> str:
        """Why nothing is kept and the file is only read; empty where it is written."""
        return self._file.notice

    def switch(self, name: str) -> None:
        """Go on as the profile `name`, made if there is none."""
        if not self.notice:
            with self._file.transaction():
                self._file.write("INSERT OR IGNORE INTO profile (name) VALUES (?)", name)
        found = self._file.read("SELECT id FROM profile WHERE name = ?", name)
        if not found:
            raise ProfileError(f"There is no profile called {name}, and {self.notice}")
        self._id, self.name = found[0][0], name

    def rename(self, new: str) -> None:
        """Give this profile another name."""
        with self._file.transaction():
            if new != self.name and new in self.names():
                raise ProfileError(f"There is a profile called {new}; choose another name.")
            self._file.write("UPDATE profile SET name = ? WHERE id = ?", new, self._id)
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
        with self._file.transaction():
            self._set(film, self.opinion(film).stars, mark)

    def clear(self, film: Film) -> None:
        """Forget rating and mark of `film`."""
        self._set(film, None, None)

    def take_in(self, wanted: Iterable[Dated]) -> int:
        """Keep many opinions, all or none of them; one undo takes them all back.

        Return how many were not kept already; those that were are left as they are.
        """
        changed = 0
        with self._file.transaction():
            ((batch,),) = self._file.read("SELECT coalesce(max(id), 0) + 1 FROM history")
            for (film, stars, mark), at, watched in wanted:
                _check(stars, mark)
                if self.opinion(film)[1:] != (stars, mark):
                    self._set(film, stars, mark, at, watched, batch)
                    changed += 1
                else:
                    self._identify(self._find(film), film)
        return changed

    def undo(self) -> Undone | None:
        """Take the last change back, or all of an import; return what it gave back, if anything."""
        with self._file.transaction():
            last = self._file.read(
                f"SELECT o.id, o.film, o.stars, o.mark, coalesce(o.at, {NOW}), "
                f"coalesce(o.watched, ''), {_FILM} FROM history o JOIN film f ON f.id = o.film "
                f"WHERE o.profile = ?1 AND {_SOUND} AND {_SOUND_FILM} AND o.id >= "
                "(SELECT coalesce(o.batch, o.id) FROM history o JOIN film f ON f.id = o.film "
                f"WHERE o.profile = ?1 AND {_SOUND} AND {_SOUND_FILM} ORDER BY o.id DESC) "
                "ORDER BY o.id DESC",
                self._id,
            )
            for id_, film, stars, mark, at, watched, *_ in last:
                self._put(film, stars, mark, at, watched)
                self._file.write("DELETE FROM history WHERE id = ?", id_)
        if not last:
            return None
        _, _, stars, mark, _, _, *described = last[-1]
        return Undone(_film(*described), stars, mark, len(last))

    def opinion(self, film: Film) -> Opinion:
        """Return what the person thinks of `film`."""
        found = self._find(film)
        rows = self._file.read(
            f"SELECT o.stars, o.mark FROM opinion o WHERE profile = ? AND film = ? AND {_SOUND}",
            self._id,
            found,
        )
        return Opinion(film, *rows[0]) if rows else Opinion(film, None, None)

    def kept(self, film: Film) -> Film | None:
        """Return the film as which `film` is kept, with all numbers known of it; None if not."""
        rows = self._file.read(
            f"SELECT {_FILM} FROM film f WHERE id = ? AND {_SOUND_FILM}", self._find(film)
        )
        return _film(*rows[0]) if rows else None

    def opinions(self) -> list[Opinion]:
        """Return all that this person rated or marked, oldest first."""
        return [opinion for _, (opinion, *_) in self._opinions()]

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
        for id_, (opinion, *_) in self._opinions():
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
        rows = self._file.read("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0][0]) if rows else default

    def keep(self, name: str, value: str) -> None:
        """Keep a setting, such as the dataset that was open last, where the file is written."""
        if self.notice:
            return
        with self._file.transaction():
            self._file.write("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)

    def _opinions(self) -> list[tuple[int, Dated]]:
        rows = self._file.read(
            f"SELECT o.film, {_STATE}, {_FILM} FROM opinion o JOIN film f ON f.id = o.film "
            f"WHERE o.profile = ? AND {_SOUND} AND {_SOUND_FILM} ORDER BY o.at, o.rowid",
            self._id,
        )
        return [
            (id_, Dated(Opinion(_film(*film), stars, mark), at, watched))
            for id_, stars, mark, at, watched, *film in rows
        ]

    def _set(
        self,
        film: Film,
        stars: float | None,
        mark: str | None,
        at: str = "",
        watched: str = "",
        batch: int | None = None,
    ) -> None:
        with self._file.transaction():
            id_ = self._find(film)
            if id_:
                self._identify(id_, film)
            else:
                id_ = self._add(film)
            found = self._file.read(
                f"SELECT {_STATE} FROM opinion o WHERE o.profile = ? AND o.film = ? AND {_SOUND}",
                self._id,
                id_,
            )
            before = found[0] if found else (None, None, None, None)
            self._file.write(
                "INSERT INTO history (profile, film, stars, mark, at, watched, batch) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                self._id,
                id_,
                *before,
                batch,
            )
            ((now,),) = self._file.read(f"SELECT {NOW}")
            self._put(id_, stars, mark, at or now, watched or before[3] or "")

    def _put(self, film: int, stars: float | None, mark: str | None, at: str, watched: str) -> None:
        """Replace the opinion of a film; a row of its own each time, so that rows are in order."""
        if stars is None and mark is None:
            self._file.write("DELETE FROM opinion WHERE profile = ? AND film = ?", self._id, film)
            return
        self._file.write(
            "INSERT OR REPLACE INTO opinion (profile, film, stars, mark, at, watched) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            self._id,
            film,
            stars,
            mark,
            at,
            watched,
        )

    def _find(self, film: Film) -> int:
        """Return the id of a kept film: by IMDb's or TMDB's number, else by title and year.

        0 where there is none.
        """
        if film in self._known_as:
            return self._known_as[film]
        values = (film.imdb, film.tmdb, titles.fold(film.title), film.year)
        by_name = _BY_NAME.format("AND imdb IN (0, ?1)" if film.imdb else "AND ?1 = 0")
        ways = ((film.imdb, _BY_IMDB, 1), (film.tmdb, _BY_TMDB, 2), (True, by_name, 4))
        for there, query, n in ways:
            rows = self._file.read(query, *values[:n]) if there else []
            if rows and isinstance(rows[0][0], int):
                return rows[0][0]
        return 0

    def _add(self, film: Film) -> int:
        return self._file.write(
            "INSERT INTO film (title, folded, year, imdb, tmdb, aliases) VALUES (?, ?, ?, ?, ?, ?)",
            film.title,
            titles.fold(film.title),
            film.year,
            film.imdb,
            film.tmdb,
            "\n".join(film.names[1:]),
        )

    def _identify(self, id_: int, film: Film) -> None:
        """Keep the numbers and other titles of a film that was kept without them."""
        self._file.write(
            "UPDATE film SET imdb = max(imdb, ?2), tmdb = iif(tmdb = 0, ?3, tmdb), "
            "aliases = iif(aliases = '', ?4, aliases) WHERE id = ?1 "
            "AND (imdb = 0 AND ?2 > 0 OR tmdb = 0 AND ?3 > 0 OR aliases = '' AND ?4 > '')",
            id_,
            film.imdb,
            film.tmdb,
            "\n".join(film.names[1:]),
        )


def _check(stars: float | None, mark: str | None) -> None:
    if stars is not None and stars not in STARS:
        raise ProfileError(f"{stars} is not a rating; give half a star to five, in halves.")
    if mark is not None and mark not in MARKS:
        raise ProfileError(f"{mark!r} is not a mark; use one of {', '.join(MARKS)}.")


def _film(title: str, year: int, imdb: int, tmdb: int, aliases: str) -> Film:
    return Film(title, year, imdb=imdb, tmdb=tmdb, aliases=tuple(filter(None, aliases.split("\n"))))
