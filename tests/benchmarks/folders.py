"""Folders of ratings in the MovieLens form, generated, for the app to open."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine import Ratings
from tests.benchmarks.generated import SHAPES, Shape, generate

MANY = Shape(4_000, 87_000, 400_000)
"""As many titles as the largest MovieLens, with few ratings, so that a first model is quick."""
_SYLLABLES = ("an", "bel", "cor", "dra", "el", "fen", "gar", "hol", "is", "jun", "kel", "lo", "mar")
_SMALL_WORDS = ("the", "of", "a", "in", "and")
_GENRES = ("Action", "Comedy", "Crime", "Drama", "Fantasy", "Horror", "Romance", "Sci-Fi")


def million(folder: Path) -> Path:
    """Write ratings of the shape of ML-1M."""
    return _write(folder, generate(SHAPES["1m"]))


def many_titles(folder: Path) -> Path:
    """Write 87,000 titles, each with a rating or more, as far as the ratings go."""
    return _write(folder, generate(MANY))


def _write(folder: Path, ratings: Ratings) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = zip(
        ratings.users.tolist(), ratings.movies.tolist(), ratings.values.tolist(), strict=True
    )
    lines = [f"{u + 1},{m + 1},{r:.1f},964982703" for u, m, r in rows]
    _save(folder / "ratings.csv", ["userId,movieId,rating,timestamp", *lines])
    films = [
        f'{m + 1},"{title}",{genres}' for m, (title, genres) in enumerate(_films(ratings.n_movies))
    ]
    _save(folder / "movies.csv", ["movieId,title,genres", *films])
    return folder


def _save(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _films(n: int, seed: int = 0) -> list[tuple[str, str]]:
    """Draw titles of one to five words, some words in many titles and most in few."""
    rng = np.random.default_rng(seed)
    words = sorted({"".join(rng.choice(_SYLLABLES, k)) for k in (2, 3) for _ in range(6_000)})
    words = [*_SMALL_WORDS, *(words[i] for i in rng.permutation(len(words)))]
    films = []
    for number in range(n):
        places = len(words) * rng.random(rng.integers(1, 6)) ** 3
        title = " ".join(words[int(place)] for place in places).capitalize()
        genres = "|".join(sorted(set(rng.choice(_GENRES, rng.integers(1, 4)).tolist())))
        films.append((f"{title} ({1920 + number % 105})", genres))
    return films
