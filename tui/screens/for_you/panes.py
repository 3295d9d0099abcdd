"""For you: the list of what to watch, and the line above it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from data.dataset import Dataset
from engine import ranking
from engine.arrays import Ids
from tui.screens.rate.questions import OWN_CELLS, own
from tui.session.filters import Filter
from tui.session.person import WATCHLIST, Person
from tui.session.recommendations import Likely, Recommendations
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import bar, counted, plus_minus
from tui.text.lines import Line, Span, fit, line, right, spread, width

Shown: TypeAlias = Literal["unseen", "watchlist", "all films"]
SHOWN: tuple[Shown, ...] = get_args(Shown)
NARROW = 60
"""With fewer cells a row says less."""
WITH_GENRES = 96
"""From so many cells on a row has room for genres."""
BAR = 7
"""Cells of the bar that shows how likely a film is picked."""
BESIDE = 40
"""The ± of so many films is computed at a time."""


@dataclass(frozen=True)
class Wish:
    """What the person wants to see in the list."""

    films: Filter = field(default_factory=Filter)
    shown: Shown = "unseen"
    balance: float = ranking.BALANCE

    def moved(self, by: float) -> Wish:
        """Return the same wish with the balance moved."""
        return replace(self, balance=min(max(round(self.balance + by, 2), 0.0), 1.0))


def chosen(session: Session, wish: Wish) -> Ids:
    """Return the films to list, the first first."""
    recommended = session.recommendations
    if recommended is None or session.dataset is None:
        return np.zeros(0, np.int32)
    catalogue, person = session.dataset.catalogue, session.person
    passed = wish.films.mask(catalogue, catalogue.counts)
    if wish.shown == "watchlist":
        listed = np.zeros(len(catalogue), bool)
        listed[person.marked(WATCHLIST)] = True
        passed &= listed
    hidden = np.flatnonzero(~passed).astype(np.int32)
    return recommended.best(len(catalogue), wish.balance, hidden, rated=wish.shown == "all films")


@dataclass(frozen=True)
class Columns:
    """Which columns the list has besides those that it always has."""

    rank: int = 2
    """Cells of the rank."""
    sure: bool = False
    """Whether the model knows how sure it is."""
    likely: bool = False
    """Whether it is known how likely a film is picked."""
    own: bool = False
    """Whether any of the films has stars or a mark of one's own."""

    def widths(self, cells: int) -> tuple[int, int]:
        """Return how wide titles and genres are."""
        room = cells - self.rank - 2 - 6 - (OWN_CELLS + 1) * self.own - 5 - 5 * self.sure
        if cells >= NARROW and self.likely:
            room -= BAR + 10
        genres = min(room // 3, 30) if cells >= WITH_GENRES else 0
        return max(room - genres - (2 if genres else 0), 6), genres

    def head(self, cells: int) -> Line:
        """Return the names of the columns."""
        title, genres = self.widths(cells)
        names = f" {'':>{self.rank}} {fit('film', title)} year {' ' * (OWN_CELLS + 1) * self.own}"
        names += f"{'stars':<{5 + 5 * self.sure}}"
        if cells >= NARROW and self.likely:
            names += f" {'would watch':<{BAR + 8}}"
        if genres:
            names += "  genres"
        return [Span(fit(names, cells), "dim")]


class PickRows:
    """The recommendations as rows."""

    def __init__(
        self, dataset: Dataset, recommended: Recommendations, person: Person, movies: Ids
    ) -> None:
        self._catalogue = dataset.catalogue
        self._recommended = recommended
        self._person = person
        self._movies = movies
        known = {*person.stars, *person.marks}
        self.columns = Columns(
            rank=max(len(str(len(movies))), 2),
            sure=recommended.is_sure,
            likely=recommended.chances is not None,
            own=not known.isdisjoint(movies.tolist()),
        )

    def __len__(self) -> int:
        return len(self._movies)

    def key(self, index: int) -> int:
        """Return the movie id."""
        return int(self._movies[index])

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return rank, title, year, own stars, predicted stars, and how likely one picks it."""
        movie, columns = self.key(index), self.columns
        film = self._catalogue[movie]
        title, genres = columns.widths(width)
        said = line(
            f"{glyphs.now().cursor if current else ' '}",
            (right(str(index + 1), columns.rank) + " ", "dim"),
            (fit(film.title, title), "bold" if current else "plain"),
            (f" {film.year or '':>4} ", "dim"),
        )
        if columns.own:
            said += [self._own(movie), Span(" ")]
        said += line((f"{float(self._recommended.believed[movie]):>5.1f}", "bold"))
        if columns.sure:
            sigma = self._recommended.sigma(movie, self._beside(index))
            said += line((f" {fit(plus_minus(sigma), 4)}", "dim"))
        if columns.likely and width >= NARROW:
            said += _chance(self._recommended.likely(movie))
        if genres:
            said += line(("  " + fit(", ".join(film.genres), genres), "dim"))
        return said

    def _own(self, movie: int) -> Span:
        known = movie in self._person.stars or movie in self._person.marks
        return own(self._person, movie) if known else Span(" " * OWN_CELLS)

    def _beside(self, index: int) -> list[int]:
        return [int(movie) for movie in self._movies[index : index + BESIDE]]

    def note(self, index: int, width: int) -> Line | None:
        """Return None: the reasons stand in a pane of their own."""
        return None


def _chance(likely: tuple[float, Likely] | None) -> Line:
    """Return how likely a film is picked: a bar, and the same in a word."""
    if likely is None:
        return [Span(" " * (BAR + 10))]
    share, word = likely
    filled = fit(bar(share, BAR), BAR)
    return line("  ", (filled, "accent"), (f" {word:<7}", "dim"))


ENDS = (("what people like you watch", "what you would love"), ("watched", "loved"))
"""What the ends of the slider are called, at length and in short."""
TRACK = 11
"""Cells of the slider: a position each."""


def top_line(wish: Wish, n: int, cells: int) -> Line:
    """Return the slider, the filters, and how many films are left."""
    genre, decade, fame = wish.films.words
    words = (
        (genre, "any genre"),
        (decade, "any year"),
        (fame, "known or not"),
        (wish.shown, "unseen"),
    )
    shown = [pair for pair in words if pair != ("known or not", "known or not")]
    told = [pair for pair in shown if pair[0] != pair[1]]
    end = line((f"{counted(n, 'film')} ", "dim"))
    slider = _slider(wish.balance, ENDS[0])
    if width(slider) + _cells(told) + width(end) + 1 > cells:
        slider = _slider(wish.balance, ENDS[1])
    room = cells - width(slider) - width(end) - 1
    while shown and _cells(shown) > room:
        # What is set is told rather than what is as it always is.
        spare = [pair for pair in shown if pair[0] == pair[1]] or shown
        shown.remove(spare[-1])
    filters: Line = []
    for said, default in shown:
        filters += [Span("  "), Span(said, "dim" if said == default else "own")]
    return spread([*slider, *filters], end, cells)


def _cells(words: list[tuple[str, str]]) -> int:
    return sum(width(said) + 2 for said, _ in words)


def _slider(balance: float, ends: tuple[str, str]) -> Line:
    g = glyphs.now()
    at = round(balance * (TRACK - 1))
    return line(
        (f" {ends[0]} ", "dim"), (g.rule * at, "rule"), (g.knob, "accent"),
        (g.rule * (TRACK - 1 - at), "rule"), (f" {ends[1]}", "dim"),
    )  # fmt: skip
