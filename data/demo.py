"""The demo: real films, made-up viewers. Every rating is drawn from the model below, by a seed.

A film is a point in the space of taste attributes and genres. A viewer's taste is a mixture of a
few films that they love and one that they cannot stand; their stars for a film are

    esteem of the film + severity + how strongly they feel * match of film and taste + noise

rounded to the stars they use: some give halves, some only whole ones. Which films they have seen
depends on how well known a film is, how curious they are, their age, and their taste.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from data.catalogue import Catalogue
from data.dataset import Dataset, Source
from data.film import Film
from engine import Ratings, Scale
from engine.arrays import Doubles, Ids

N_USERS = 2_000
N_RATINGS = 150_000
FEWEST, MOST = 20, 700
"""Ratings of the least and of the most active viewer."""

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


def demo(seed: int = 0) -> Dataset:
    """Return the synthetic dataset: the same for the same seed."""
    listed = films()
    rng = np.random.default_rng(seed)
    space = _space(listed)
    match = _tastes(space, rng) @ space.T
    match /= match.std(axis=1, keepdims=True)
    users, movies = _seen(listed, match, rng)
    stars = _stars(listed, match, users, movies, rng)
    n = len(listed)
    ratings = Ratings(users, movies, stars, N_USERS, n, Scale(0.5, 5.0))
    catalogue = Catalogue(tuple(one.film for one in listed), np.bincount(movies, minlength=n))
    source = Source("demo", form="made by the program", synthetic=True)
    return Dataset(ratings, catalogue, source, user_ids=tuple(map(str, range(1, N_USERS + 1))))


@cache
def films() -> tuple[DemoFilm, ...]:
    """Return the catalogue that comes with the program, in the order of its file."""
    text = resources.files("data").joinpath("demo_films.csv").read_text("utf-8")
    return tuple(_film(row) for row in csv.DictReader(text.splitlines()))


def _film(row: dict[str, str]) -> DemoFilm:
    genres = tuple(row["genres"].split("|"))
    film = Film(row["title"], int(row["year"]), genres, original=row["original_title"])
    return DemoFilm(
        film, float(row["known"]), float(row["esteem"]), tuple(row["attributes"].split("|"))
    )


def _space(listed: tuple[DemoFilm, ...]) -> Doubles:
    """Return (n_movies, n_traits) what each film is like, centred, rare traits weighing more."""
    column = {name: i for i, name in enumerate((*ATTRIBUTES, *GENRES))}
    space = np.zeros((len(listed), len(column)))
    for i, one in enumerate(listed):
        for place, name in enumerate(one.attributes):
            space[i, column[name]] = 1 - 0.12 * place
        for name in one.film.genres:
            space[i, column[name]] = 1 / np.sqrt(len(one.film.genres))
    carriers = np.maximum((space > 0).sum(axis=0), 1)
    space *= np.log(len(listed) / carriers)
    space /= np.linalg.norm(space, axis=1, keepdims=True)
    return np.asarray(space - space.mean(axis=0))


def _tastes(space: Doubles, rng: np.random.Generator) -> Doubles:
    """Return (n_users, n_traits) what each viewer looks for: a few films loved, one disliked."""
    loved = rng.integers(0, len(space), (N_USERS, 3))
    weights = rng.dirichlet(np.full(3, 0.8), N_USERS)
    tastes = np.einsum("ua,uat->ut", weights, space[loved])
    disliked = space[rng.integers(0, len(space), N_USERS)]
    return np.asarray(tastes - 0.4 * disliked)


def _seen(
    listed: tuple[DemoFilm, ...], match: Doubles, rng: np.random.Generator
) -> tuple[Ids, Ids]:
    """Return which viewer has seen which film, drawn without replacement (Gumbel's top k)."""
    known = np.array([one.known for one in listed])
    years = np.array([one.film.year for one in listed])
    curiosity = rng.uniform(0.6, 1.5, (N_USERS, 1))
    born = rng.normal(1975, 14, (N_USERS, 1))
    before_their_time = np.maximum(born + 8 - years, 0) / 25
    appeal = 1.5 * np.log(known) / curiosity + 0.55 * match - 0.5 * before_their_time * curiosity
    appeal += rng.gumbel(size=appeal.shape)
    order = np.argsort(-appeal, axis=1)
    n_seen = _activity(rng, len(listed))
    users = np.repeat(np.arange(N_USERS), n_seen)
    taken = np.arange(len(listed)) < n_seen[:, None]
    return users.astype(np.int32), order[taken].astype(np.int32)


def _activity(rng: np.random.Generator, n_movies: int) -> Ids:
    """Return (n_users,) how many films each viewer rated: most a few dozen, some hundreds."""
    raw = rng.lognormal(0, 1.05, N_USERS)
    low, high = 0.0, 1000.0
    for _ in range(50):
        middle = (low + high) / 2
        counts = np.clip(FEWEST + raw * middle, FEWEST, min(MOST, n_movies)).astype(np.int32)
        low, high = (middle, high) if counts.sum() < N_RATINGS else (low, middle)
    counts[np.argsort(counts)[N_USERS // 2]] += N_RATINGS - counts.sum()
    return counts


def _stars(
    listed: tuple[DemoFilm, ...], match: Doubles, users: Ids, movies: Ids, rng: np.random.Generator
) -> Doubles:
    esteem = np.array([one.esteem for one in listed])
    severity = rng.normal(0, 0.38, N_USERS)
    feeling = rng.gamma(6, 0.62 / 6, N_USERS)
    stars = esteem[movies] - 0.35 + severity[users] + feeling[users] * match[users, movies]
    stars += rng.normal(0, 0.55, len(users))
    halves = rng.beta(0.9, 0.6, N_USERS)[users] > rng.random(len(users))
    rounded = np.where(halves, np.rint(stars * 2) / 2, np.rint(stars))
    return np.asarray(np.clip(rounded, np.where(halves, 0.5, 1.0), 5.0))
