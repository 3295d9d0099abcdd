"""Arrays as the engine declares them, made of whatever a test has at hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine import Ratings, Scale
from engine.arrays import Floats, Ids, Offsets


def ids(values: ArrayLike) -> Ids:
    """Return `values` as ids."""
    return np.asarray(values, np.int32)


def floats(values: ArrayLike) -> Floats:
    """Return `values` in single precision."""
    return np.asarray(values, np.float32)


def offsets(values: ArrayLike) -> Offsets:
    """Return `values` as counts, positions or times."""
    return np.asarray(values, np.int64)


def ratings_of(
    users: ArrayLike,
    movies: ArrayLike,
    values: ArrayLike,
    n_users: int = 0,
    n_movies: int = 0,
    scale: Scale | None = None,
    movie_features: ArrayLike | None = None,
    times: ArrayLike | None = None,
) -> Ratings:
    """Return `Ratings` of anything that makes arrays."""
    return Ratings(
        ids(users),
        ids(movies),
        floats(values),
        n_users,
        n_movies,
        Scale(0.0, 0.0) if scale is None else scale,
        None if movie_features is None else floats(movie_features),
        None if times is None else offsets(times),
    )
