"""t-SNE against its own definition written out plainly, and against maps whose shape is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from engine import tsne
from engine.errors import EngineError
from engine.stepwise import finished


def groups(k: int = 5, n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % k
    points = 5 * rng.normal(size=(k, 10))[labels] + rng.normal(size=(n, 10))
    return points.astype(np.float32), labels


def nearest(points: np.ndarray, n: int) -> np.ndarray:
    distances = cdist(points, points)
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1)[:, :n]


def plain_kl(P: np.ndarray, Y: np.ndarray) -> float:
    W = 1 / (1 + cdist(Y, Y, "sqeuclidean"))
    np.fill_diagonal(W, 0)
    Q = W / W.sum()
    known = P > 0
    return float((P[known] * np.log(P[known] / Q[known])).sum())


@given(n=st.integers(8, 60), seed=st.integers(0, 1000), share=st.floats(0.1, 0.8))
@settings(max_examples=40, deadline=None)
def test_every_row_has_the_perplexity_asked_for(n: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(n, 4)) * rng.lognormal(0, 1, (n, 1))).astype(np.float32)
    perplexity = max(2.0, share * (n - 1))
    P = tsne.conditional(tsne.squared_distances(X), perplexity).astype(np.float64)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-5)
    assert (np.diag(P) == 0).all()
    logs = np.log2(P, out=np.zeros_like(P), where=P > 0)
    np.testing.assert_allclose(2 ** -(P * logs).sum(axis=1), perplexity, rtol=2e-3)


def test_rows_are_gaussian_in_the_distance() -> None:
    X, _ = groups(n=30)
    D = cdist(X, X, "sqeuclidean")
    P = tsne.conditional(tsne.squared_distances(X), 8)
    for i in (0, 11, 29):
        others = np.delete(np.arange(30), i)
        log_p = np.log(P[i, others].astype(np.float64) + 1e-30)
        use = log_p > -15
        slope, level = np.polyfit(D[i, others][use], log_p[use], 1)
        assert slope < 0
        np.testing.assert_allclose(slope * D[i, others][use] + level, log_p[use], atol=1e-2)


def test_affinities_are_a_symmetric_distribution() -> None:
    P = finished(tsne.affinities(groups()[0], 20))
    np.testing.assert_array_equal(P, P.T)
    assert P.sum(dtype=np.float64) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("rows", [7, 40])
def test_the_gradient_is_the_slope_of_the_divergence(rows: int) -> None:
    rng = np.random.default_rng(0)
    P = finished(tsne.affinities(groups(n=40)[0], 8))
    Y = rng.normal(size=(40, 2)).astype(np.float32)
    descent = tsne._Descent(P, Y)
    descent.rows = rows
    gradient, kl = descent.gradient(1.0, measure=True)
    assert kl == pytest.approx(plain_kl(P.astype(np.float64), Y), rel=1e-4)
    for i, axis in itertools.product((0, 6, 7, 39), (0, 1)):
        step = np.zeros((40, 2))
        step[i, axis] = 1e-4
        up, down = (plain_kl(P.astype(np.float64), Y + sign * step) for sign in (1, -1))
        assert gradient[i, axis] == pytest.approx((up - down) / 2e-4, rel=1e-2, abs=1e-5)


def test_the_divergence_falls_once_it_is_the_goal() -> None:
    steps = [s for s in tsne.tsne(groups()[0], perplexity=15, iterations=300) if s.progress]
    calm = [step.kl for step in steps if step.progress > 0.4]
    assert calm[-1] < calm[0] < steps[0].kl
    assert np.diff(calm).max() < 0.02
    P = finished(tsne.affinities(groups()[0], 15)).astype(np.float64)
    assert plain_kl(P, steps[-1].points) <= calm[-1] + 0.01


@pytest.mark.parametrize("k", [2, 5, 9])
def test_planted_groups_come_apart(k: int) -> None:
    points, labels = groups(k, 50 * k)
    *_, last = tsne.tsne(points, perplexity=15, iterations=250)
    assert (labels[nearest(last.points, 10)] == labels[:, None]).mean() > 0.99


def test_neighbours_on_a_sheet_stay_neighbours() -> None:
    rng = np.random.default_rng(0)
    sheet = rng.uniform(0, 1, (250, 2))
    rolled = np.column_stack([np.cos(3 * sheet[:, 0]), np.sin(3 * sheet[:, 0]), 2 * sheet[:, 1]])
    *_, last = tsne.tsne(rolled.astype(np.float32), perplexity=15, iterations=300)
    before, after = nearest(rolled, 10), nearest(last.points, 10)
    kept = [len(set(a) & set(b)) / 10 for a, b in zip(before, after, strict=True)]
    assert np.mean(kept) > 0.7


def test_it_shows_itself_on_the_way_and_ends_at_one() -> None:
    steps = [s for s in tsne.tsne(groups(n=50)[0], iterations=45, every=10) if s.progress]
    assert [round(step.progress * 45) for step in steps] == [10, 20, 30, 40, 45]
    assert all(step.points.shape == (50, 2) for step in steps)
    assert not np.array_equal(steps[-1].points, steps[-2].points)


def test_two_thousand_films_unfold_with_progress() -> None:
    points, labels = groups(20, 2000)
    progress = []
    for moment in tsne.tsne(points, iterations=120):
        progress.append(moment.progress)
        assert moment.points.shape == (2000, 2)
    assert progress == sorted(progress)
    assert progress[0] == 0
    assert sorted(set(progress))[1:] == pytest.approx([i / 12 for i in range(1, 13)])
    assert (labels[nearest(moment.points, 10)] == labels[:, None]).mean() > 0.9


def test_the_same_points_give_the_same_map() -> None:
    a, b = (list(tsne.tsne(groups(n=60)[0], iterations=60))[-1] for _ in range(2))
    np.testing.assert_array_equal(a.points, b.points)


@given(n=st.integers(0, 12), same=st.booleans(), c=st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_few_points_and_points_in_one_place_still_make_a_map(n: int, same: bool, c: int) -> None:
    X = np.zeros((n, c)) if same else np.random.default_rng(n).integers(0, 2, (n, c))
    *_, last = tsne.tsne(X.astype(np.float32), iterations=30)
    assert last.progress == 1
    assert last.points.shape == (n, 2)
    assert np.isfinite(last.points).all()


def test_points_must_be_numbers() -> None:
    X = groups(n=20)[0]
    X[3, 1] = np.nan
    with pytest.raises(EngineError, match="NaN"):
        next(tsne.tsne(X))
