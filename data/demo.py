"""The demo: real films, made-up viewers. Every rating is drawn from the model below, by a seed.

A film is a point in a space of taste attributes, genres, era and distance from the mainstream. A
viewer's taste is a mixture of a few films that they love and one that they cannot stand; their
stars for a film are

    level of the film + severity + how strongly they feel * match of film and taste + noise

rounded to the stars they use. The level is the film's esteem and, a little, its fame: what many go
to see is what many like. Some viewers give halves, others only whole stars. Which films they have
seen depends on how well known a film is, how curious they are, their age, and their taste. The
numbers below were chosen so that counts and stars are spread as in ml-latest-small, and so that
films near each other after training are ones that a film lover would put on one shelf.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np

from data.catalogue import Catalogue
from data.dataset import Dataset, Source
from data.film import Film
from data.loading import parsed_cache
from engine import Ratings, Scale
from engine.arrays import Doubles, Floats, Ids
from engine.stepwise import finished

N_USERS = 2_000
N_RATINGS = 150_000
FEWEST, MOST = 20, 900
"""Ratings of the least and of the most active viewer."""
N_LOVED = 4
"""Films that a viewer's taste is a mixture of."""
ERAS = np.array([1930, 1950, 1968, 1982, 1996, 2008, 2020])
"""Middles of the times that films are of; a film is of two or three, more or less."""

GENRES = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller"),
    *("War", "Western"),
)
ATTRIBUTES = (
    *("action-packed", "bleak", "cerebral", "coming-of-age", "dreamlike", "epic", "family"),
    *("feel-good", "funny", "gritty", "heartbreaking", "heroic", "mind-bending", "noirish"),
    *("nostalgic", "political", "quirky", "realistic", "romantic", "satirical", "scary", "slow"),
    *("spectacular", "stylish", "tense", "violent", "whimsical"),
)
"""The one vocabulary that the catalogue describes films with."""
CINEMAS = (
    *("Chinese", "East European", "French", "German", "Indian", "Italian", "Japanese", "Korean"),
    *("Latin", "Nordic", "other"),
)
"""Where films come from that are not in English; `Latin` is in Spanish or Portuguese."""


@dataclass(frozen=True)
class DemoFilm:
    """A line of the demo's catalogue: facts, and judgements of how it feels."""

    film: Film
    known: float
    """From 1 to 100: how many people have seen it."""
    esteem: float
    """Stars that people at large give it."""
    attributes: tuple[str, ...]
    """How it feels, the strongest first."""
    cinema: str = ""
    """One of CINEMAS; empty for films in English."""


def demo() -> Dataset:
    """Return the synthetic dataset, from the cache where it was drawn before."""
    stamped = _stamp()
    kept = finished(parsed_cache.load(None, stamped))
    if kept.dataset is not None:
        return kept.dataset
    made = drawn()
    failed = finished(parsed_cache.save(None, stamped, made))
    return replace(made, warnings=made.warnings + kept.told + failed)


def _stamp() -> str:
    """Return a text that changes when anything does that the demo is made from."""
    digest = hashlib.blake2b(f"{parsed_cache.VERSION} {np.__version__}".encode(), digest_size=16)
    for name in ("demo.py", "demo_films.csv"):
        digest.update(resources.files("data").joinpath(name).read_bytes())
    return digest.hexdigest()


def drawn(seed: int = 0) -> Dataset:
    """Draw the synthetic dataset: the same for the same seed."""
    listed = films()
    rng = np.random.default_rng(seed)
    space = traits(listed)
    match = _tastes(space, rng) @ space.T
    match /= match.std(axis=1, keepdims=True)
    users, movies = _seen(listed, match, rng)
    stars = _stars(listed, match, users, movies, rng)
    n = len(listed)
    ratings = Ratings(users, movies, stars, N_USERS, n, Scale(0.5, 5.0))
    catalogue = Catalogue(tuple(one.film for one in listed), np.bincount(movies, minlength=n))
    source = Source("demo", format="made by the program", synthetic=True)
    return Dataset(ratings, catalogue, source, user_ids=tuple(map(str, range(1, N_USERS + 1))))


@lru_cache(maxsize=1)
def films() -> tuple[DemoFilm, ...]:
    """Return the catalogue that comes with the program, in the order of its file."""
    text = resources.files("data").joinpath("demo_films.csv").read_text("utf-8")
    return tuple(_film(row) for row in csv.DictReader(text.splitlines()))


def _film(row: dict[str, str]) -> DemoFilm:
    genres = tuple(row["genres"].split("|"))
    film = Film(row["title"], int(row["year"]), genres, original=row["original_title"])
    attributes = tuple(row["attributes"].split("|"))
    return DemoFilm(film, float(row["known"]), float(row["esteem"]), attributes, row["cinema"])


def traits(listed: tuple[DemoFilm, ...]) -> Floats:
    """Return (n_movies, n_traits) what each film is like, centred, rare traits weighing more."""
    column = {name: i for i, name in enumerate((*ATTRIBUTES, *GENRES))}
    feel = np.zeros((len(listed), len(column)))
    for i, one in enumerate(listed):
        for place, name in enumerate(one.attributes):
            feel[i, column[name]] = 1 - 0.12 * place
        for name in one.film.genres:
            feel[i, column[name]] = 1.3 / np.sqrt(len(one.film.genres))
    carriers = np.maximum((feel > 0).sum(axis=0), 1)
    feel = _unit(feel * np.log(len(listed) / carriers) ** 0.8)
    space = np.hstack([feel, 0.5 * _eras(listed), 0.6 * _off_the_mainstream(listed)])
    return np.asarray(space - space.mean(axis=0), np.float32)


def _unit(rows: Doubles) -> Doubles:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _eras(listed: tuple[DemoFilm, ...]) -> Doubles:
    years = np.array([one.film.year for one in listed])
    return _unit(np.exp(-(((years[:, None] - ERAS) / 11) ** 2) / 2))


def _off_the_mainstream(listed: tuple[DemoFilm, ...]) -> Doubles:
    """Return (n_movies, 2 + n_cinemas): esteemed beyond its fame; from abroad; from where."""
    esteem = np.array([one.esteem for one in listed])
    fame = np.log([one.known for one in listed])
    esteem = (esteem - esteem.mean()) / esteem.std()
    art = esteem - 0.7 * (fame - fame.mean()) / fame.std()
    cinemas = np.array([[one.cinema == cinema for cinema in CINEMAS] for one in listed])
    abroad = cinemas.any(axis=1)
    return np.column_stack([0.5 * art / art.std(), 0.4 * abroad, 1.2 * cinemas])


def _tastes(space: Floats, rng: np.random.Generator) -> Floats:
    """Return (n_users, n_traits) what each viewer looks for: a few films loved, one disliked."""
    loved = rng.integers(0, len(space), (N_USERS, N_LOVED))
    weights = rng.dirichlet(np.full(N_LOVED, 0.5), N_USERS).astype(np.float32)
    tastes = np.einsum("ua,uat->ut", weights, space[loved])
    disliked = space[rng.integers(0, len(space), N_USERS)]
    return np.asarray(tastes - np.float32(0.4) * disliked)


def _seen(listed: tuple[DemoFilm, ...], match: Floats, rng: np.random.Generator) -> tuple[Ids, Ids]:
    """Return which viewer has seen which film, drawn without replacement.

    Waiting times with a rate for each film are drawn, and the shortest are taken: the same as
    drawing one film after another in proportion to the rates.
    """
    fame = np.log([one.known for one in listed]).astype(np.float32)
    years = np.array([one.film.year for one in listed], np.float32)
    curiosity = rng.uniform(0.6, 1.5, (N_USERS, 1)).astype(np.float32)
    born = rng.normal(1975, 14, (N_USERS, 1)).astype(np.float32)
    before_their_time = np.maximum(born + 8 - years, 0) / 25
    rate = 2.2 * fame / curiosity + 0.6 * match - 0.4 * before_their_time * curiosity
    wait = np.log(rng.standard_exponential(rate.shape, np.float32)) - rate
    n_seen = _activity(rng)
    order = np.argsort(wait, axis=1)[:, : n_seen.max()]
    taken = np.arange(order.shape[1]) < n_seen[:, None]
    users = np.repeat(np.arange(N_USERS, dtype=np.int32), n_seen)
    return users, order[taken].astype(np.int32)


def _activity(rng: np.random.Generator) -> Ids:
    """Return (n_users,) how many films each viewer rated: most a few dozen, some hundreds."""
    share = rng.lognormal(0, 1.2, N_USERS)
    low, high = 0.0, float(N_RATINGS)
    while high - low > 1e-6:
        middle = (low + high) / 2
        counts = np.clip(FEWEST + share * middle, FEWEST, MOST).astype(np.int32)
        low, high = (middle, high) if counts.sum() < N_RATINGS else (low, middle)
    counts[np.argsort(counts)[N_USERS // 2]] += N_RATINGS - counts.sum()
    return counts


def _stars(
    listed: tuple[DemoFilm, ...], match: Floats, users: Ids, movies: Ids, rng: np.random.Generator
) -> Floats:
    """Return the stars that each viewer gives each film they have seen."""
    esteem = np.array([one.esteem for one in listed])
    fame = np.log([one.known for one in listed])
    level = 2.85 + 1.2 * (esteem - esteem.mean()) + 0.25 * (fame - fame.mean()) / fame.std()
    severity = rng.normal(0, 0.42, N_USERS)
    feeling = rng.gamma(6, 1.0 / 6, N_USERS)
    stars = level[movies] + severity[users] + feeling[users] * match[users, movies]
    stars += rng.normal(0, 0.4, len(users))
    stars = np.where(stars > 4, 4 + (stars - 4) * 0.6, stars)
    gives_halves = rng.beta(0.9, 0.6, N_USERS)[users] > rng.random(len(users))
    rounded = np.where(gives_halves, np.rint(stars * 2) / 2, np.rint(stars))
    lowest = np.where(gives_halves, 0.5, 1.0)
    return np.clip(rounded, lowest, 5.0).astype(np.float32)
