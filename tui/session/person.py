"""The person in the open dataset: their stars and marks by movie id, kept film by film."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data.catalogue import Catalogue, Film
from data.profile import Opinion, Profile, ProfileError, Undone
from engine.arrays import Floats, Ids

UNSEEN, WATCHLIST, NOT_FOR_ME, SEEN = "unseen", "watchlist", "not interested", "seen"
LOWEST, HIGHEST = 0.5, 5.0


class Mark(NamedTuple):
    """What a mark is called."""

    short: str
    """In a list, in at most six letters."""
    told: str
    """In a sentence, behind the title of the film."""


MARKS = {
    UNSEEN: Mark("unseen", "not seen, noted"),
    WATCHLIST: Mark("watch", "on your watchlist"),
    NOT_FOR_ME: Mark("never", "will not be recommended"),
    SEEN: Mark("seen", "seen, noted"),
}
"""The marks that a film may have, by the name that they are kept under."""


class Person:
    """What one person thinks of the films of one catalogue; every change is kept at once."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.catalogue: Catalogue | None = None
        self.stars: dict[int, float] = {}
        """Own rating of each rated movie, in the order of rating."""
        self.marks: dict[int, str] = {}
        self.unmatched: tuple[Opinion, ...] = ()
        """Opinions of films that this dataset does not have."""
        self.version = 0
        """Grows with every change."""

    def enter(self, catalogue: Catalogue) -> None:
        """Find the person's films in another dataset."""
        self.catalogue = catalogue
        self.reload()

    def become(self, name: str) -> None:
        """Go on as another profile, made if there is none of that name."""
        self.profile.switch(name)
        self.reload()

    def reload(self) -> None:
        """Read everything anew, as another instance may have changed it."""
        self.version += 1
        self.stars, self.marks, self.unmatched = {}, {}, ()
        if self.catalogue is None:
            return
        own = self.profile.in_dataset(self.catalogue)
        self.stars = dict(zip(own.movies.tolist(), own.values.tolist(), strict=True))
        self.marks = dict(own.marks)
        self.unmatched = own.unmatched

    @property
    def movies(self) -> Ids:
        """(n,) the rated movies."""
        return np.array(list(self.stars), np.int32)

    @property
    def values(self) -> Floats:
        """(n,) their stars."""
        return np.array(list(self.stars.values()), np.float32)

    def marked(self, *marks: str) -> Ids:
        """Return the movies with one of these marks."""
        return np.array([m for m, mark in self.marks.items() if mark in marks], np.int32)

    def rate(self, movie: int, stars: float) -> None:
        """Give `movie` these stars, kept to what can be given."""
        stars = min(max(stars, LOWEST), HIGHEST)
        self.profile.rate(self._film(movie), stars)
        self._note(movie, stars, None)

    def nudge(self, movie: int, by: float) -> float:
        """Raise or lower the stars of `movie`, from 3 where it has none; return them."""
        stars = self.stars.get(movie, 3.0 - by) + by
        self.rate(movie, stars)
        return self.stars[movie]

    def clear(self, movie: int) -> None:
        """Forget stars and mark."""
        self.profile.clear(self._film(movie))
        self._note(movie, None, None)

    def mark(self, movie: int, mark: str) -> bool:
        """Shelve `movie`, or take it off that shelf; return whether it is there now."""
        film, stars = self._film(movie), self.stars.get(movie)
        if self.marks.get(movie) != mark:
            self.profile.mark(film, mark)
            self._note(movie, stars, mark)
            return True
        if stars is None:
            self.profile.clear(film)
        else:
            self.profile.rate(film, stars)
        self._note(movie, stars, None)
        return False

    def undo(self) -> Undone | None:
        """Take the last change back, or all of an import, whatever dataset it was made in."""
        undone = self.profile.undo()
        if undone is None or self.catalogue is None:
            return undone
        if undone.n_films > 1:
            self.reload()
            return undone
        movie = self.catalogue.match(undone.film)
        if movie is not None:
            self._note(movie, undone.stars, undone.mark)
        return undone

    def _film(self, movie: int) -> Film:
        assert self.catalogue is not None
        return self.catalogue[movie]

    def _note(self, movie: int, stars: float | None, mark: str | None) -> None:
        self.version += 1
        self.stars.pop(movie, None)
        self.marks.pop(movie, None)
        if stars is not None:
            self.stars[movie] = stars
        if mark is not None:
            self.marks[movie] = mark


def taken_back(undone: Undone | None) -> str:
    """Return what to say after an undo."""
    if undone is None:
        return "There is nothing to take back."
    if undone.n_films > 1:
        return f"Taken back: the import of {undone.n_films:,} films."
    return f"Taken back: {undone.film.title}."


def open_person(name: str) -> tuple[Person, str]:
    """Return the person called `name`, and what is wrong with keeping their ratings, if anything.

    Where the file cannot be used, the app goes on with ratings that last until it closes.
    """
    try:
        profile = Profile(name)
        return Person(profile), profile.notice
    except ProfileError as error:
        return Person(Profile(name, Path(":memory:"))), str(error)
