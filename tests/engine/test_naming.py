"""Names of clusters and factors, against plain loops; and never by films that nobody knows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ALS, Scale, latent, naming
from engine.factorisation import Factorisation, Ridge

GENRES = ("Action", "Comedy", "Drama", "Horror", "Western")


def made_up(
    seed: int, n: int = 120, k: int = 4, nonnegative: bool = False
) -> tuple[Factorisation, np.ndarray]:
    """A model with a long tail, in which the least-known films load higher than all others."""
    rng = np.random.default_rng(seed)
    M, U = rng.normal(size=(n, k)), rng.normal(size=(300, k))
    counts = (2000 / np.arange(1, n + 1) ** 1.1).astype(int)
    counts[-3:] = 0
    obscure = slice(n - 15, n - 3)
    M[obscure] *= 20
    # Genres follow the first factor and the second, and chance.
    genres = rng.random((n, 5)) < 0.2
    genres[:, 0] |= M[:, 0] > 0.4
    genres[:, 3] |= M[:, -1] < -0.4
    if nonnegative:
        M, U = np.abs(M), np.abs(U)
    algorithm = ALS(factors=k, nonnegative=nonnegative)
    model = Factorisation(
        algorithm=algorithm,
        scale=Scale(0.5, 5),
        movie_counts=counts,
        fold=Ridge(algorithm.penalty),
        mean=3.5,
        movie_bias=np.zeros(n, np.float32),
        user_bias=np.zeros(300, np.float32),
        movie_factors=M.astype(np.float32),
        user_factors=U.astype(np.float32),
    )
    return model, genres


def holding(counts: np.ndarray, share: float) -> set[int]:
    """The fewest films that hold `share` of all ratings."""
    films: set[int] = set()
    for film in np.argsort(-counts, kind="stable").tolist():
        if sum(counts[i] for i in films) >= share * counts.sum():
            break
        films.add(film)
    return films


def named(group: dict[int, float], whole: dict[int, float], genres: np.ndarray) -> list[str]:
    """The genres that tell a group best, by the formula, in plain loops."""
    telling = {}
    for g, name in enumerate(GENRES):
        p = sum(w for i, w in whole.items() if genres[i, g]) / sum(whole.values())
        n_g = sum(w for i, w in group.items() if genres[i, g])
        q = (n_g + 5 * p) / (sum(group.values()) + 5)
        if n_g >= 3 and q / p >= 1.1:
            telling[name] = q * math.log(q / p)
    return sorted(telling, key=lambda name: -telling[name])[:3]


@pytest.mark.parametrize("seed", range(4))
def test_a_cluster_is_named_by_its_genres_and_the_best_known_near_its_centre(seed: int) -> None:
    model, genres = made_up(seed)
    space = latent.space(model)
    found = naming.clusters(space, genres, GENRES, k=4, shown=5)
    counts = model.movie_counts
    known = holding(counts, 0.75)
    belief = {int(i): counts[i] / (counts[i] + 5) for i in space.movies}
    ways = dict(zip(space.movies.tolist(), latent.components(space), strict=True))
    for cluster in found.clusters:
        members = cluster.movies.tolist()
        away = [float(np.linalg.norm(ways[i] - cluster.centre)) for i in members]
        assert away == sorted(away)
        near = [i for i in members if i in known]
        near = near[: math.ceil(len(near) / 2)]
        expected = sorted(near, key=lambda i: -counts[i])[:5]
        assert cluster.best_known.tolist() == expected
        group = {i: belief[i] for i in members}
        assert [genre.name for genre in cluster.genres] == named(group, belief, genres)


@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_factor_is_named_by_what_loads_on_it_among_the_known(
    seed: int, nonnegative: bool
) -> None:
    model, genres = made_up(seed, nonnegative=nonnegative)
    counts = model.movie_counts
    known, best = holding(counts, 0.75), holding(counts, 0.5)
    belief = {i: counts[i] / (counts[i] + 5) for i in known}
    any_named = False
    for factor in naming.factors(model, genres, GENRES, shown=4):
        for pole, sign in ((factor.high, 1), (factor.low, -1)):
            if pole is None:
                assert nonnegative
                continue
            loads = {i: max(sign * float(factor.loadings[i]), 0) for i in range(len(counts))}
            films = sorted((i for i in best if loads[i] > 0), key=lambda i: -loads[i])[:4]
            assert pole.movies.tolist() == films
            np.testing.assert_allclose(pole.loadings, [loads[i] for i in films], rtol=1e-6)
            group = {i: belief[i] * loads[i] ** 2 for i in known}
            strongest = max(group.values())
            group = {i: weight / strongest for i, weight in group.items()}
            assert [genre.name for genre in pole.genres] == named(group, belief, genres)
            any_named |= bool(pole.genres)
    assert any_named


def test_loadings_are_stars_that_a_standard_deviation_of_taste_adds() -> None:
    model, genres = made_up(0, nonnegative=True)
    parts = naming.factors(model, genres, GENRES)
    M = model.movie_factors * model.user_factors.std(axis=0)
    found = [
        next(f for f in range(4) if np.allclose(part.loadings[:-3], M[:-3, f])) for part in parts
    ]
    assert sorted(found) == [0, 1, 2, 3]
    variance = np.average(M**2, axis=0, weights=model.movie_counts)
    shares = [part.share for part in parts]
    np.testing.assert_allclose(shares, np.sort(variance / variance.sum())[::-1], rtol=1e-4)


@given(seed=st.integers(0, 10_000), nonnegative=st.booleans(), k=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_nothing_is_ever_shown_by_films_that_nobody_knows(
    seed: int, nonnegative: bool, k: int
) -> None:
    """The twelve least-known films load twenty times as high as the others: a trap."""
    model, genres = made_up(seed, k=k, nonnegative=nonnegative)
    obscure = set(range(105, 120))
    shown: set[int] = set()
    for factor in naming.factors(model, genres, GENRES):
        for pole in (factor.high, factor.low):
            shown |= set() if pole is None else set(pole.movies.tolist())
    for cluster in naming.clusters(latent.space(model), genres, GENRES).clusters:
        shown |= set(cluster.best_known.tolist())
    assert shown
    assert not shown & obscure


def test_a_genre_needs_three_films_and_a_tenth_more_than_elsewhere() -> None:
    whole = np.ones(400, np.float32)
    genres = np.zeros((400, 5), bool)
    group = np.zeros(400, np.float32)
    group[:100] = 1
    genres[[0, 1, 200], 0] = True  # two films in the group, of three
    genres[[3, 4, 5, 201], 1] = True  # three of four
    genres[:27, 2] = genres[100:180, 2] = True  # 27 of 100 against 107 of 400
    genres[:30, 3] = genres[100:160, 3] = True  # 30 of 100 against 90 of 400
    found = naming.over_represented(group, whole, genres, GENRES)
    assert [genre.name for genre in found] == ["Horror", "Comedy"]
    assert [GENRES[genre.number] for genre in found] == ["Horror", "Comedy"]
    assert len(naming.over_represented(group, whole, genres, GENRES, 1)) == 1


def test_a_catalogue_that_nobody_rated_has_no_names() -> None:
    model, genres = made_up(0)
    nothing = replace(model, movie_counts=0 * model.movie_counts)
    assert naming.factors(nothing, genres, GENRES) == ()
    found = naming.clusters(latent.space(nothing), genres, GENRES)
    assert found.clusters == ()
    assert (found.labels == -1).all()
