"""For you: what to watch, how sure that is, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from engine.arrays import Ids
from tui.screens.rate.questions import own
from tui.session.filters import Filter
from tui.session.person import WATCHLIST
from tui.session.recommendations import Recommendations
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import bar, count, counted, plus_minus, signed, stars
from tui.text.lines import Line, Span, fit, line, right, shorten, spread, width, wrap

Shown: TypeAlias = Literal["unseen", "watchlist", "all films"]
SHOWN: tuple[Shown, ...] = get_args(Shown)
NARROW = 60
"""With fewer cells a line of the reasons says less."""
SURE = 1.645
"""Standard deviations that nine in ten lie within."""


@dataclass(frozen=True)
class Wish:
    """What the person wants to see in the list."""

    films: Filter = field(default_factory=Filter)
    shown: Shown = "unseen"
    adventure: float = 0.5

    def braver(self, by: float) -> Wish:
        """Return the same wish, more or less adventurous."""
        return replace(self, adventure=min(max(round(self.adventure + by, 2), 0.0), 1.0))


def chosen(session: Session, wish: Wish) -> Ids:
    """Return the films to list, the first first."""
    recommended = session.recommendations
    if recommended is None or session.dataset is None:
        return np.zeros(0, np.int32)
    catalogue, person = session.dataset.catalogue, session.person
    passed = wish.films.mask(catalogue, catalogue.counts)
    if wish.shown == "watchlist":
        shelf = np.zeros(len(catalogue), bool)
        shelf[person.marked(WATCHLIST)] = True
        passed &= shelf
    hidden = np.flatnonzero(~passed).astype(np.int32)
    return recommended.best(len(catalogue), wish.adventure, hidden, rated=wish.shown == "all films")


@dataclass(frozen=True)
class Columns:
    """Which columns the list has besides those that it always has."""

    sure: bool = False
    """Whether the model knows how sure it is."""
    own: bool = False
    """Whether any of the films has stars or a mark of one's own."""

    def widths(self, cells: int) -> tuple[int, int]:
        """Return how wide titles and genres are."""
        room = max(cells - (29 if cells >= NARROW else 16) - 5 * self.sure - 5 * self.own, 6)
        genres = min(room // 3, 30) if room > 24 and cells >= NARROW else 0
        return room - genres - 1, genres

    def head(self, width: int) -> Line:
        """Return the names of the columns."""
        title, genres = self.widths(width - 1)
        bars = 6 if width > NARROW else 0
        names = f"{'    stars' if bars else '   stars '}{' ' * (5 * self.sure + bars)}"
        names += f"{fit('film', title)} year "
        names += f"{' ' * 5 * self.own} {fit('genres', genres)}"
        names += right("ratings", 7) if bars else ""
        return [Span(fit(names, width - 1), "dim")]


class PickRows:
    """The recommendations as rows."""

    def __init__(self, session: Session, movies: Ids) -> None:
        self._session = session
        self._movies = movies
        person, recommended = session.person, session.recommendations
        known = {*person.stars, *person.marks}
        self.columns = Columns(
            sure=recommended is not None and recommended.std is not None,
            own=not known.isdisjoint(movies.tolist()),
        )

    def __len__(self) -> int:
        return len(self._movies)

    def key(self, index: int) -> int:
        """Return the movie id."""
        return int(self._movies[index])

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return place, stars, bar, title, year, genres and how many ratings speak for it."""
        movie = self.key(index)
        dataset, recommended = self._session.dataset, self._session.recommendations
        assert dataset is not None
        assert recommended is not None
        film = dataset.catalogue[movie]
        g = glyphs.now()
        title, genres = self.columns.widths(width)
        score = float(recommended.believed[movie])
        given = self._session.person.stars.get(movie)
        mark = own(self._session.person, movie) if movie in self._session.person.marks else None
        beside = mark or (Span(f"{given:<5g}", "own") if given is not None else Span(" " * 5))
        sigma = f"{fit(plus_minus(recommended.sigma(movie)), 4)} "
        whole = width >= NARROW
        return line(
            f"{g.cursor if current else ' '}",
            (right(str(index + 1), 3), "dim"),
            (f" {score:.1f} ", "bold"),
            (sigma if self.columns.sure else "", "dim"),
            (f"{fit(bar(score / recommended.model.scale.high, 5), 5)} " if whole else "", "accent"),
            (fit(film.title, title), "bold" if current else "plain"),
            (f" {film.year or '':>4} ", "dim"),
            beside if self.columns.own else "",
            (f" {fit(', '.join(film.genres), genres)}", "dim"),
            (right(count(int(dataset.catalogue.counts[movie])), 7) if whole else "", "dim"),
        )

    def note(self, index: int, width: int) -> Line | None:
        """Return None: the reasons stand in a pane of their own."""
        return None


def top_line(wish: Wish, n: int, cells: int) -> Line:
    """Return the slider, the filters, and how many films are left."""
    genre, decade, fame = wish.films.words
    g = glyphs.now()
    track = 17 if cells >= 76 else 9
    place = round(wish.adventure * (track - 1))
    slider = line(
        (" safe ", "dim"), (g.rule * place, "rule"), (g.knob, "accent"),
        (g.rule * (track - 1 - place), "rule"), (" adventurous", "dim"),
    )  # fmt: skip
    words = (
        (genre, "any genre"),
        (decade, "any year"),
        (fame, "known or not"),
        (wish.shown, "unseen"),
    )
    end = line((f"{counted(n, 'film')} ", "dim"))
    shown = [pair for pair in words if pair != ("known or not", "known or not")]
    room = cells - width(slider) - width(end) - 1
    while shown and sum(width(said) + 2 for said, _ in shown) > room:
        # What is set is told rather than what is as it always is.
        spare = [pair for pair in shown if pair[0] == pair[1]] or shown
        shown.remove(spare[-1])
    filters: Line = []
    for said, default in shown:
        filters += [Span("  "), Span(said, "dim" if said == default else "own")]
    return spread([*slider, *filters], end, cells)


# Why


def reasons(session: Session, movie: int, cells: int, rows: int) -> list[Line]:
    """Return the prediction of a film taken apart: what it is made of, rating by rating."""
    recommended, dataset = session.recommendations, session.dataset
    if recommended is None or dataset is None:
        return []
    why = recommended.why(movie)
    said = [*_title(session, recommended, movie, cells), *_sum(recommended, movie, cells)]
    if not len(why.movies):
        said.append(line((" Rate films with r, and the reasons stand here.", "dim")))
        return said[:rows]
    order = np.argsort(-np.abs(why.shares), kind="stable")
    room = max(rows - len(said), 1)
    shown = order[: room if len(order) <= room else room - 1]
    most = float(np.abs(why.shares).max()) or 1.0
    for i in shown:
        said.append(_reason(session, int(why.movies[i]), float(why.shares[i]), most, cells))
    rest = order[len(shown) :]
    if len(rest):
        more = f"   {signed(float(why.shares[rest].sum()), 2)} {len(rest)} more"
        said.append(line((more, "dim")))
    return said[:rows]


def _title(session: Session, recommended: Recommendations, movie: int, cells: int) -> list[Line]:
    """Return the film with its prediction, on two lines where one is too short."""
    assert session.dataset is not None
    film = session.dataset.catalogue[movie]
    given = session.person.stars.get(movie)
    score, sigma = float(recommended.stars[movie]), recommended.sigma(movie)
    believed = f"{recommended.believed[movie]:.1f}"
    parts = [f"{believed} stars"]
    if believed != f"{score:.1f}":
        parts.append(f"{score:.1f} but for its few ratings")
    if sigma is not None:
        low, high = recommended.model.scale
        least, most = max(score - SURE * sigma, low), min(score + SURE * sigma, high)
        parts.append(f"most likely between {least:.1f} and {most:.1f}")
    if given is not None:
        parts.append(f"you gave {given:g}")
    dot = f" {glyphs.now().dot} "
    said = dot.join(parts)
    if width(film.label) + width(said) + 5 <= cells:
        return [line(" ", (film.label, "bold"), dot, said)]
    return [
        line(" ", (shorten(film.label, cells - 2), "bold")),
        line(f" {shorten(said, cells - 2)}"),
    ]


def _sum(recommended: Recommendations, movie: int, cells: int) -> list[Line]:
    """Return what the prediction is made of."""
    why = recommended.why(movie)
    parts = []
    if why.mean or why.movie_bias or why.user_bias:
        parts = [
            f"{why.mean:.1f} everyone",
            f"{signed(why.movie_bias)} this film",
            f"{signed(why.user_bias)} you",
        ]
    if abs(why.prior) >= 0.05:
        parts.append(f"{signed(why.prior)} to begin with")
    if len(why.movies):
        parts.append(f"{signed(float(why.shares.sum()))} your taste, of which")
    text = f" {glyphs.now().dot} ".join(parts)
    return [line(" ", *part) for part in wrap(text, cells - 2, "dim")]


def _reason(session: Session, movie: int, share: float, most: float, cells: int) -> Line:
    assert session.dataset is not None
    film = session.dataset.catalogue[movie]
    given = session.person.stars.get(movie, 0.0)
    said = f"you gave {given:<4g}" if cells >= NARROW else stars(given)
    bar_cells = 16 if cells >= NARROW else 8
    title = max(min(cells - 12 - width(said) - bar_cells, 34), 8)
    return line(
        f"  {signed(share, 2)} ",
        fit(film.title, title),
        (f" {said} ", "own"),
        (bar(abs(share) / most, bar_cells), "accent" if share > 0 else "bad"),
    )
