"""What to rate: the films that a person is asked about, what they search for, what they rated."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from data.dataset import Dataset
from engine.arrays import Mask, Offsets
from tui.session.filters import Filter
from tui.session.person import MARKS, NOT_FOR_ME, UNSEEN, WATCHLIST, Person
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import share, stars
from tui.text.lines import Line, Span, fit, line, shorten

Mode: TypeAlias = Literal["ask", "search", "mine"]
BATCH = 20
"""So many films are asked about before the answers steer what comes next."""
FOUND = 500
"""At most so many results of a search."""
OWN_CELLS = 6
"""Cells that the own stars or mark of a film take in a list."""


class Queue:
    """The films that the app asks about, in an order that never changes under the cursor."""

    def __init__(self) -> None:
        self._movies: list[int] = []
        self._asked: tuple[str, str] = ("", "")
        """Of which dataset and whom."""
        self._filter = Filter()
        self._blind = False
        """Whether they were chosen before a model could tell what to ask."""

    def movies(self, session: Session, wanted: Filter, least: int) -> list[int]:
        """Return the films so far; the first time, at least so many."""
        if session.dataset is None:
            return []
        asked = session.dataset.fingerprint, session.person.profile.name
        if (asked, wanted) != (self._asked, self._filter):
            self._movies = []
            self._asked, self._filter = asked, wanted
        if not self._movies:
            self._blind = False
            self.extend(session, max(BATCH, least))
        return self._movies

    def reconsider(self, session: Session, kept: int) -> bool:
        """Choose anew all but the first `kept`, if a model can tell by now; return whether so."""
        if session.questions is None or not self._blind or session.dataset is None:
            return False
        if session.dataset.fingerprint != self._asked[0]:
            return False
        n = len(self._movies)
        self._movies, self._blind = self._movies[:kept], False
        self.extend(session, max(n - kept, 0))
        return True

    def renew(self) -> None:
        """Ask anew, with all that will be known by then."""
        self._movies = []

    def extend(self, session: Session, n: int = BATCH) -> bool:
        """Append `n` films chosen with what is known by now; return whether there were any."""
        if session.dataset is None:
            return False
        self._blind |= session.questions is None
        found = _questions(session, session.dataset, self._filter, set(self._movies), n)
        self._movies = [*self._movies, *found]
        return bool(found)


def _questions(
    session: Session, dataset: Dataset, wanted: Filter, listed: set[int], n: int
) -> list[int]:
    catalogue, person = dataset.catalogue, session.person
    skipped = ~wanted.mask(catalogue, catalogue.counts)
    skipped[list(listed)] = True
    skipped[person.marked(NOT_FOR_ME, WATCHLIST)] = True
    if session.questions is None:
        return popular(catalogue.counts, skipped, person, n)
    skip = np.flatnonzero(skipped).astype(np.int32)
    asked = session.questions.next(person.movies, person.marked(UNSEEN), n, skip)
    return [int(movie) for movie in asked if catalogue.counts[movie]]


def popular(counts: Offsets, skipped: Mask, person: Person, n: int) -> list[int]:
    """Return the best-known films that are neither rated, marked nor skipped."""
    out = skipped.copy()
    out[person.movies] = True
    out[list(person.marks)] = True
    order = np.argsort(-np.where(out, -1, counts), kind="stable")[:n]
    return [int(movie) for movie in order if not out[movie] and counts[movie]]


def found(session: Session, text: str, wanted: Filter) -> list[int]:
    """Return the films whose names hold the words of `text`, among those the filter lets pass."""
    if session.dataset is None:
        return []
    catalogue = session.dataset.catalogue
    mask = wanted.mask(catalogue, catalogue.counts)
    return [int(movie) for movie in catalogue.search(text, FOUND) if mask[movie]]


def mine(session: Session, wanted: Filter) -> list[int]:
    """Return what the person rated or marked, the last first."""
    if session.dataset is None:
        return []
    catalogue = session.dataset.catalogue
    mask = wanted.mask(catalogue, catalogue.counts)
    own = [*dict.fromkeys([*session.person.marks, *session.person.stars])]
    return [movie for movie in reversed(own) if mask[movie]]


class FilmRows:
    """Films with the person's own stars beside them, and no prediction: it would bias them."""

    def __init__(self, dataset: Dataset, person: Person, movies: list[int]) -> None:
        self._movies = movies
        self._catalogue = dataset.catalogue
        self._n_users = dataset.ratings.n_users
        self._person = person

    def __len__(self) -> int:
        return len(self._movies)

    def key(self, index: int) -> int:
        """Return the movie id."""
        return self._movies[index]

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return title, year and own stars."""
        movie = self._movies[index]
        film = self._catalogue[movie]
        title = fit(film.title, max(width - 10 - OWN_CELLS, 4))
        year = str(film.year or "").rjust(4)
        return line(cursor(current), (title, "bold" if current else "plain"), (f" {year} ", "dim"),
                    own(self._person, movie), " ")  # fmt: skip

    def note(self, index: int, width: int) -> Line | None:
        """Return genres and how many have seen it."""
        movie = self._movies[index]
        film = self._catalogue[movie]
        seen = share(self._catalogue.counts[movie] / max(self._n_users, 1))
        end = f" {glyphs.now().dot} seen by {seen}" if film.genres else f"seen by {seen}"
        kinds = shorten(", ".join(film.genres), max(width - len(end) - 3, 0))
        return [Span(fit(f"  {kinds}{end}", width), "dim")]


def cursor(current: bool) -> str:
    """Return the two cells before a row."""
    return f"{glyphs.now().cursor} " if current else "  "


def own(person: Person, movie: int) -> Span:
    """Return the person's stars or mark in six cells."""
    given = person.stars.get(movie)
    if given is not None:
        return Span(fit(stars(given), OWN_CELLS), "own")
    mark = person.marks.get(movie)
    if mark is not None:
        return Span(fit(MARKS[mark].short, OWN_CELLS), "dim")
    return Span(fit(stars(0), OWN_CELLS), "dim")
