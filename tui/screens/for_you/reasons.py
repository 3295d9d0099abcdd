"""Why a film is recommended: in words, and on demand as the sum that it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.catalogue import Catalogue
from data.dataset import Dataset
from engine import Explanation
from engine.arrays import Ids
from engine.ratings import LEAST_STARS, MOST_STARS
from tui.session.person import Person
from tui.session.recommendations import Recommendations
from tui.text import glyphs
from tui.text.figures import bar, signed, stars
from tui.text.lines import Line, Span, fit, line, shorten, width, wrap

NARROW = 60
"""With fewer cells a line says less."""
NAMED = 3
"""So many films are named on each side."""
LOVED = 0.5
"""Stars above one's own mean from which on one loved a film; as many below, one did not."""
SURE = 1.645
"""Standard deviations that nine in ten lie within."""


def in_words(
    dataset: Dataset, recommended: Recommendations, person: Person, movie: int, cells: int
) -> list[Line]:
    """Return what others give, what the person may give, and which own films say so."""
    head = _film(dataset, recommended, person, movie, cells)
    if not person.stars:
        return [*head, line((" Rate films with r, and the reasons stand here.", "dim"))]
    catalogue = dataset.catalogue
    loved, disliked = _sides(recommended.why(movie), person)
    said = _named("because you loved", loved, catalogue, person, cells, with_stars=True)
    said += _named("unlike", disliked, catalogue, person, cells, with_stars=True)
    picked = recommended.why_picked(movie)
    if picked is not None:
        also = _most(picked.movies, picked.shares, picked.shares > 0)
        said += _named("often seen with", also, catalogue, person, cells, with_stars=False)
    if not said:
        said = [line((" No film of yours says much about it; others like it.", "dim"))]
    return [*head, *said]


def as_sum(
    dataset: Dataset,
    recommended: Recommendations,
    person: Person,
    movie: int,
    cells: int,
    rows: int,
) -> list[Line]:
    """Return the predicted stars taken apart, rating by rating."""
    why = recommended.why(movie)
    said = [*_film(dataset, recommended, person, movie, cells), *_terms(why, cells)]
    if not len(why.movies):
        return said
    order = np.argsort(-np.abs(why.shares), kind="stable")
    room = max(rows - len(said), 1)
    shown = order[: room if len(order) <= room else room - 1]
    most = float(np.abs(why.shares).max()) or 1.0
    for i in shown:
        own, share = int(why.movies[i]), float(why.shares[i])
        given = person.stars.get(own, 0.0)
        said.append(_term(dataset.catalogue[own].title, given, share, most, cells))
    rest = order[len(shown) :]
    if len(rest):
        more = f"   {signed(float(why.shares[rest].sum()), 2)} {len(rest)} more"
        said.append(line((more, "dim")))
    return said


def _film(
    dataset: Dataset, recommended: Recommendations, person: Person, movie: int, cells: int
) -> list[Line]:
    """Return the film with what others give it and what the person may."""
    film = dataset.catalogue[movie]
    dot = f" {glyphs.now().dot} "
    genres = ", ".join(film.genres)
    said = dot.join(_stars(dataset, recommended, person, movie))
    if width(film.label) + width(genres) + width(said) + 8 <= cells:
        return [line(" ", (film.label, "bold"), (dot + genres if genres else "", "dim"), dot, said)]
    head = shorten(f"{film.label}", cells - 2)
    beside = shorten(dot + genres, max(cells - width(head) - 2, 0)) if genres else ""
    return [line(" ", (head, "bold"), (beside, "dim")), line(f" {shorten(said, cells - 2)}")]


def _stars(dataset: Dataset, recommended: Recommendations, person: Person, movie: int) -> list[str]:
    n = int(dataset.catalogue.counts[movie])
    parts = []
    if n:
        mean = recommended.model.scale.to_stars(dataset.movie_means[movie : movie + 1])[0]
        others = f"others {mean:.1f}"
        parts.append(others if n >= 20 else f"{others} from {n}")
    given = person.stars.get(movie)
    sigma = recommended.sigma(movie)
    mine = f"you {recommended.believed[movie]:.1f}"
    if sigma is not None:
        low, high = LEAST_STARS, MOST_STARS
        score = float(recommended.stars[movie])
        least, most = max(score - SURE * sigma, low), min(score + SURE * sigma, high)
        mine += f", most likely {least:.1f} to {most:.1f}"
    parts.append(mine)
    if given is not None:
        parts.append(f"you gave {given:g}")
    return parts


def _sides(why: Explanation, person: Person) -> tuple[list[int], list[int]]:
    """Return the loved and the disliked own films that raise the score, the most telling first."""
    given = np.array([person.stars.get(int(movie), np.nan) for movie in why.movies])
    mean = float(np.mean(list(person.stars.values())))
    raises = why.shares > 0
    loved = _most(why.movies, why.shares, raises & (given >= mean + LOVED))
    if not loved:
        loved = _most(why.movies, why.shares, raises & (given >= mean))
    return loved, _most(why.movies, why.shares, raises & (given <= mean - LOVED))


def _most(movies: Ids, shares: Sequence[float] | np.ndarray, wanted: np.ndarray) -> list[int]:
    order = np.argsort(-np.asarray(shares), kind="stable")
    return [int(movies[i]) for i in order if wanted[i]][:NAMED]


def _named(
    lead: str,
    movies: list[int],
    catalogue: Catalogue,
    person: Person,
    cells: int,
    *,
    with_stars: bool,
) -> list[Line]:
    """Return a line that names films, as many as fit; none where there are none."""
    if not movies:
        return []
    said = line((f" {fit(lead, 18)} " if cells >= NARROW else f" {lead} ", "dim"))
    for index, movie in enumerate(movies):
        mark = stars(person.stars[movie]).rstrip() if with_stars and movie in person.stars else ""
        room = cells - width("".join(span.text for span in said)) - width(mark) - 5
        title = catalogue[movie].title
        if index and width(title) > room:
            break
        said += line(
            (f" {glyphs.now().dot} " if index else "", "dim"),
            shorten(title, max(room, 8)),
            (f" {mark}" if mark else "", "own"),
        )
    return [said]


def _terms(why: Explanation, cells: int) -> list[Line]:
    """Return what the predicted stars are the sum of."""
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


def _term(title: str, given: float, share: float, most: float, cells: int) -> Line:
    said = f"you gave {given:<4g}" if cells >= NARROW else stars(given)
    bar_cells = 16 if cells >= NARROW else 8
    room = max(min(cells - 12 - width(said) - bar_cells, 34), 8)
    return line(
        f"  {signed(share, 2)} ",
        fit(title, room),
        Span(f" {said} ", "own"),
        (bar(abs(share) / most, bar_cells), "accent" if share > 0 else "bad"),
    )
