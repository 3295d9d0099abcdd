"""k-means, silhouettes and names, against plain loops and planted groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from engine import ALS, Model, latent, naming, training
from engine.clusters import choose, kmeans, silhouette
from tests.support.arrays import floats, ratings_of


def planted(
    k: int, n: int = 60, seed: int = 0, spread: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(k, 5)) * 6
    labels = rng.integers(0, k, n)
    points = centres[labels] + spread * rng.normal(size=(n, 5))
    return points.astype(np.float32), labels.astype(np.int32)


def same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(((a[:, None] == a) == (b[:, None] == b)).all())


@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_planted_groups_are_found(k: int) -> None:
    points, labels = planted(k, 40 * k, seed=k)
    assert same_partition(kmeans(points, k).labels, labels)


@pytest.mark.parametrize("k", [3, 5, 7])
def test_the_silhouette_chooses_how_many_were_planted(k: int) -> None:
    points, _ = planted(k, 60 * k, seed=k)
    assert choose(points, range(2, 10)).k == k


def plain_silhouette(X: np.ndarray, labels: np.ndarray) -> float:
    D, scores = cdist(X, X), []
    for i in range(len(X)):
        own = (labels == labels[i]) & (np.arange(len(X)) != i)
        if not own.any():
            scores.append(0.0)
            continue
        a = D[i, own].mean()
        b = min(D[i, labels == other].mean() for other in set(labels) - {labels[i]})
        scores.append((b - a) / max(a, b))
    return float(np.mean(scores))


def test_silhouette_against_a_plain_loop() -> None:
    points, _ = planted(4, 80, spread=3)
    labels = np.random.default_rng(1).integers(0, 4, 80).astype(np.int32)
    labels[0] = 5  # alone, and number 4 is empty
    assert silhouette(points, labels) == pytest.approx(plain_silhouette(points, labels), abs=1e-4)
    found = kmeans(points, 4).labels
    assert silhouette(points, found) == pytest.approx(plain_silhouette(points, found), abs=1e-4)


def test_a_sampled_silhouette_is_close_to_the_whole() -> None:
    points, labels = planted(4, 900, spread=2)
    whole, sampled = silhouette(points, labels), silhouette(points, labels, sample=300)
    assert sampled == pytest.approx(whole, abs=0.03)
    assert sampled != whole


@given(n=st.integers(1, 40), k=st.integers(1, 12), c=st.integers(1, 4), seed=st.integers(0, 10_000))
@settings(max_examples=80, deadline=None)
def test_every_point_is_with_its_nearest_centre_and_every_centre_is_a_mean(
    n: int, k: int, c: int, seed: int
) -> None:
    # Whole numbers on a small grid: many points coincide, clusters run empty.
    points = np.random.default_rng(seed).integers(0, 3, (n, c)).astype(np.float32)
    found = kmeans(points, k, seed=seed)
    assert found.k <= min(k, len(np.unique(points, axis=0)))
    squared = cdist(points, found.centres) ** 2
    own = squared[np.arange(n), found.labels]
    np.testing.assert_allclose(own, squared.min(axis=1), atol=1e-4)
    assert found.inertia == pytest.approx(own.sum(), abs=1e-3)
    assert (np.diff(np.bincount(found.labels, minlength=found.k)) <= 0).all()
    for i in range(found.k):
        assert (found.labels == i).any()
        np.testing.assert_allclose(found.centres[i], points[found.labels == i].mean(0), atol=1e-4)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_more_turns_never_raise_the_inertia(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(50, 3)).astype(np.float32)
    inertias = [kmeans(points, 5, seed=seed, starts=1, iterations=i).inertia for i in range(8)]
    assert (np.diff(inertias) <= 1e-3).all()


def test_same_seed_same_clusters() -> None:
    points, _ = planted(4, 200, spread=4)
    a, b = kmeans(points, 6, seed=3), kmeans(points, 6, seed=3)
    np.testing.assert_array_equal(a.labels, b.labels)
    np.testing.assert_array_equal(a.centres, b.centres)


def test_assign_agrees_with_the_labels() -> None:
    points, _ = planted(5, 300, spread=4)
    found = kmeans(points, 5)
    np.testing.assert_array_equal(found.assign(points), found.labels)


GENRES = ("Action", "Drama", "Western")


def two_tastes() -> tuple[Model, np.ndarray, np.ndarray]:
    """Films 0-29 split one half of the viewers from the other, films 30-59 the other way."""
    rng = np.random.default_rng(0)
    n_users, n_movies = 120, 62
    side = np.where(np.arange(n_movies) < 30, 1, -1)
    taste = np.where(np.arange(n_users) < 60, 1, -1)
    # Film 5 is rated by hardly anybody and film 40 by everybody; 60 and 61 by nobody at all.
    odds = np.full(n_movies, 0.4)
    odds[5], odds[40], odds[60:] = 0.03, 1.0, 0.0
    users, movies = np.nonzero(rng.random((n_users, n_movies)) < odds)
    values = 3 + 1.2 * taste[users] * side[movies] + rng.normal(0, 0.3, len(users))
    ratings = ratings_of(users, movies, values, n_users=n_users, n_movies=n_movies)
    *_, epoch = training.train(ALS(factors=3, epochs=8), ratings)
    genres = np.zeros((n_movies, 3), bool)
    genres[:30, 0], genres[30:60, 1] = True, True
    genres[5, 2] = True
    return epoch.model, genres, side


def test_clusters_are_named_by_what_they_have_more_of() -> None:
    model, genres, side = two_tastes()
    found = naming.clusters(latent.space(model), genres, GENRES, k=2)
    assert same_partition(found.labels[:60], side[:60])
    assert (found.labels[60:] == -1).all()
    for cluster in found.clusters:
        names = [genre.name for genre in cluster.genres]
        assert names == (["Action"] if cluster.movies[0] < 30 else ["Drama"])
        assert cluster.genres[0].lift == pytest.approx(2, abs=0.35)
        assert set(cluster.best_known) <= set(cluster.movies)
        assert 5 not in cluster.best_known


def test_the_members_of_all_clusters_are_the_rated_films_once_each() -> None:
    model, genres, _ = two_tastes()
    found = naming.clusters(latent.space(model), genres, GENRES)
    members = np.concatenate([cluster.movies for cluster in found.clusters])
    np.testing.assert_array_equal(np.sort(members), np.arange(60))
    for i, cluster in enumerate(found.clusters):
        assert (found.labels[cluster.movies] == i).all()


def test_one_film_of_a_rare_genre_names_nothing() -> None:
    ones = np.ones(50, np.float32)
    group = (np.arange(50) < 20).astype(np.float32)
    genres = np.zeros((50, 3), bool)
    genres[:25, 0], genres[:, 1], genres[3, 2] = True, True, True
    named = naming.over_represented(group, ones, genres, GENRES)
    assert [genre.name for genre in named] == ["Action"]


def test_lift_is_the_share_in_the_group_over_the_share_in_the_whole() -> None:
    group = (np.arange(1000) < 400).astype(np.float32)
    genres = np.zeros((1000, 3), bool)
    genres[:320, 0], genres[::10, 1] = True, True
    (genre,) = naming.over_represented(group, np.ones(1000, np.float32), genres, GENRES)
    p = 0.32
    assert genre.lift == pytest.approx((320 + 5 * p) / 405 / p, rel=1e-4)


@pytest.mark.parametrize("nonnegative", [False, True])
def test_factors_are_shown_by_well_known_films(nonnegative: bool) -> None:
    model, genres, side = two_tastes()
    if nonnegative:
        rng = np.random.default_rng(0)
        users, movies = np.nonzero(rng.random((100, 62)) < 0.3 * (np.arange(62) < 60))
        values = rng.uniform(1, 5, len(users))
        ratings = ratings_of(users, movies, values, n_movies=62)
        *_, epoch = training.train(ALS(factors=3, epochs=4, nonnegative=True), ratings)
        model = epoch.model
    found = naming.factors(model, genres, GENRES, shown=4)
    known = naming.well_known(floats(model.movie_counts))
    assert len(found) == 3
    shares = [factor.share for factor in found]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=1e-4)
    for factor in found:
        assert (factor.low is None) == nonnegative
        assert known[factor.high.movies].all()
        assert (np.diff(factor.high.loadings) <= 0).all()
        np.testing.assert_allclose(factor.loadings[factor.high.movies], factor.high.loadings)
        assert (factor.loadings[60:] == 0).all()
    if not nonnegative:
        assert found[0].low is not None
        ends = {side[found[0].high.movies[0]], side[found[0].low.movies[0]]}
        assert ends == {-1, 1}
        assert len(set(side[found[0].high.movies])) == 1


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.floats(0.05, 1))
def test_the_well_known_are_the_fewest_that_hold_the_share(counts: list[int], share: float) -> None:
    array = np.array(counts, np.float32)
    known = naming.well_known(array, share)
    held = array[known].sum()
    assert held >= share * array.sum() * (1 - 1e-6)
    assert held - array[known].min() <= share * array.sum() * (1 + 1e-6)
    if not known.all():
        assert naming.well_known(array, share, most=1).sum() == 1
        assert array[known].min() >= array[~known].max()


def test_one_film_alone_is_a_cluster_and_a_factor() -> None:
    ratings = ratings_of(np.arange(3), np.zeros(3, int), np.array([1.0, 3.0, 5.0]), n_movies=2)
    *_, epoch = training.train(ALS(factors=2, epochs=2), ratings)
    genres = np.ones((2, 1), bool)
    found = naming.clusters(latent.space(epoch.model), genres, ["Drama"])
    assert [list(cluster.movies) for cluster in found.clusters] == [[0]]
    assert len(naming.factors(epoch.model, genres, ["Drama"])) == 2
