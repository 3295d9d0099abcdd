"""What stands beside the map: the film under the cursor, its neighbours, its cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from data.catalogue import Catalogue
from engine.arrays import Floats, Ids
from engine.naming import Factor, Genre, Pole
from tui.session.film_map import FilmMap
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import bar, count, share, stars
from tui.text.lines import Ink, Line, Span, fit, line, right, shorten, wrap
from tui.widgets.map_text import GROUPS, Look

Colour: TypeAlias = Literal["clusters", "genres", "your stars"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
NEAR = 40
"""So many neighbours are listed."""
BINS = 16
"""Bars of a histogram: what is seen at once at 80×24."""


@dataclass(frozen=True, eq=False)
class Groups:
    """A way to colour the films."""

    of: Ids | None
    """(n,) group of each film on the map, -1 for none."""
    names: tuple[str, ...]


def groups(film_map: FilmMap, session: Session, colour: Colour) -> Groups:
    """Return which group each film on the map is of."""
    if colour == "genres":
        return _by_genre(film_map)
    if colour == "your stars":
        return _by_stars(film_map, session)
    if film_map.labels is None:
        return Groups(None, ())
    names = tuple(film_map.title_of(i) for i in range(len(film_map.clusters)))
    return Groups(film_map.labels[film_map.movies], names)


def _by_genre(film_map: FilmMap) -> Groups:
    """Group films by the rarest of their genres that is one of the eight most frequent."""
    matrix = film_map.catalogue.genre_matrix[film_map.movies]
    often = np.argsort(-matrix.sum(axis=0), kind="stable")[: len(GROUPS)]
    of = np.full(len(film_map.movies), -1, np.int32)
    for group, genre in enumerate(often):
        of[matrix[:, genre]] = group
    return Groups(of, tuple(film_map.catalogue.genres[g] for g in often))


def _by_stars(film_map: FilmMap, session: Session) -> Groups:
    """Group films by what the model thinks that the person would give."""
    recommended = session.recommendations
    if recommended is None:
        return Groups(None, ())
    predicted = recommended.believed[film_map.movies]
    edges = np.quantile(predicted, [0.5, 0.9])
    of = 2 - np.searchsorted(edges, predicted, side="right")
    return Groups(of.astype(np.int32), ("your top tenth", "your better half", "the rest"))


def look(catalogue: Catalogue, movies: Ids, found: Groups, session: Session, labels: int) -> Look:
    """Return how the `movies` (n,) on the map are drawn, with so many `labels`."""
    return Look(
        groups=found.of[: len(movies)] if found.of is not None else None,
        shapes=False,
        markers=session.terminal.markers,
        label=lambda index: catalogue[movies[index]].title,
        own=frozenset(np.flatnonzero(np.isin(movies, session.person.movies)).tolist()),
        labels=labels,
    )


def legend(found: Groups, shapes: bool, cells: int, rows: int) -> list[Line]:
    """Return the names of the groups with their marks, as many as fit."""
    g = glyphs.now()
    lines: list[Line] = [[]]
    for i, name in enumerate(found.names):
        mark = g.marks[i % len(g.marks)] if shapes else g.used
        entry = [Span(f" {mark} ", GROUPS[i % len(GROUPS)]), Span(f"{name} ", "dim")]
        used = sum(len(span.text) for span in lines[-1])
        if used + len(name) + 5 > cells:
            if len(lines) == rows:
                break
            lines.append([])
        lines[-1] += entry
    return lines


class NearRows:
    """The films nearest to one, with how much they are alike."""

    def __init__(self, session: Session, film_map: FilmMap, movie: int) -> None:
        self._session = session
        self._film_map = film_map
        self._near = film_map.nearest(movie, NEAR)

    def __len__(self) -> int:
        return len(self._near.movies)

    def key(self, index: int) -> int:
        """Return the movie id."""
        return int(self._near.movies[index])

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return title, year, own stars and similarity."""
        movie = self.key(index)
        film = self._film_map.catalogue[movie]
        alike = f"{self._near.similarity[index]:.2f}".replace("0.", ".")
        given = self._session.person.stars.get(movie)
        mine = f"{given:g}" if given is not None else ""
        g = glyphs.now()
        return line(
            f"{g.cursor if current else ' '}",
            (fit(film.title, max(width - 15, 4)), "bold" if current else "plain"),
            (f" {film.year or '':>4} ", "dim"),
            (right(mine, 3), "own"),
            (right(alike, 5), "dim"),
        )

    def note(self, index: int, width: int) -> Line | None:
        """Return None: a row says it all."""
        return None


def about(session: Session, film_map: FilmMap, movie: int, cells: int) -> list[Line]:
    """Return title, genres, own stars and cluster of a film."""
    film = film_map.catalogue[movie]
    given = session.person.stars.get(movie)
    mine = line((stars(given), "own")) if given is not None else []
    n = f"{count(int(film_map.catalogue.counts[movie]))} ratings"
    said = [
        line(" ", (shorten(film.label, cells - 2), "bold")),
        line(" ", (shorten(", ".join(film.genres) or "no genre known", cells - 2), "dim")),
        line(" ", *mine, " " if mine else "", (n, "dim")),
    ]
    return said


def of_cluster(film_map: FilmMap, movie: int, cells: int) -> list[Line]:
    """Return what the film's cluster is about."""
    group = film_map.group(movie)
    if film_map.labels is None:
        return [line((" clusters are being found …", "dim"))]
    if group < 0:
        return [line((" too few ratings for a cluster", "dim"))]
    cluster = film_map.clusters[group]
    named = [film_map.catalogue[movie].title for movie in cluster.best_known]
    place = f" cluster {group + 1} of {len(film_map.clusters)}"
    films = f" {glyphs.now().dot} {count(len(cluster.movies))} films"
    return [
        line((place, GROUPS[group % len(GROUPS)]), (films, "dim")),
        line((f" {_lifts(cluster.genres, cells - 1)}", "dim")),
        *[line(" ", *part) for part in listed("", named, cells - 2, 2, "dim")],
    ]


def _lifts(genres: tuple[Genre, ...], cells: int = 1000) -> str:
    """Return how much oftener genres are than elsewhere, as many of them as fit."""
    times = glyphs.now().times
    said = ""
    for genre in genres:
        longer = f"{said} {genre.name} {times}{genre.lift:.1f}".strip()
        if len(longer) > cells:
            break
        said = longer
    return said or "of all genres"


def factor_lines(factors: tuple[Factor, ...], catalogue: Catalogue, cells: int) -> list[Line]:
    """Return what each factor is about: its share, and the films at its ends."""
    lines: list[Line] = []
    for number, factor in enumerate(factors, 1):
        head = f"factor {number}"
        lines.append(line((head, "accent"), (f"  {share(factor.share)} of all taste", "dim")))
        lines += _pole("+" if factor.low is not None else " ", factor.high, catalogue, cells)
        if factor.low is not None:
            lines += _pole(glyphs.now().minus, factor.low, catalogue, cells)
        lines.append([])
    return lines


def spread_lines(factors: Floats, cells: int) -> list[Line]:
    """Return a histogram of factor values, of any shape."""
    low, high = np.quantile(factors, [0.001, 0.999])
    counts, edges = np.histogram(factors, bins=BINS, range=(float(low), float(high) or 1.0))
    most = int(counts.max()) or 1
    zero = float((np.abs(factors) < 1e-6).mean())
    minus = glyphs.now().minus
    lines = [
        line((right(f"{edge:.2f}".replace("-", minus), 7), "dim"), " ",
             (bar(n / most, cells - 20), "accent"), (f" {count(int(n))}", "dim"))
        for edge, n in zip(edges, counts, strict=False)
    ]  # fmt: skip
    said = f"{count(factors.size)} values; {share(zero)} of them are zero."
    return [*wrap(said, cells, "dim"), [], *lines]


def listed(head: str, names: list[str], cells: int, rows: int, ink: Ink = "plain") -> list[Line]:
    """Return as many of the names as fit into so many lines, none of them cut if two fit."""
    text = head + (names[0] if names else "")
    for name in names[1:]:
        if len(wrap(f"{text}, {name}", cells)) > rows:
            break
        text = f"{text}, {name}"
    return wrap(text, cells, ink)[:rows]


def _pole(sign: str, pole: Pole, catalogue: Catalogue, cells: int) -> list[Line]:
    about_it = f"{_lifts(pole.genres)}: " if pole.genres else ""
    rows = listed(about_it, [catalogue[movie].title for movie in pole.movies], cells - 3, 2)
    return [line((f"{sign if not i else ' '} ", "accent"), *row) for i, row in enumerate(rows)]
