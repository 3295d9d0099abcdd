"""Bayesian factorisation: each conditional, the sampler as a whole, the posterior as a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import BayesianMF, Ratings, Scale, bayes
from engine.features import Dense, who_rated_what
from engine.gibbs import (
    FINEST,
    Evidence,
    Gaussian,
    Noise,
    NormalWishart,
    backward,
    draw_rows,
    forward,
    inverse,
    tastes,
    wishart,
)
from engine.metrics import interval_coverage
from engine.posterior import PosteriorModel, PosteriorViewer
from engine.sampler import Sampler, Setting
from engine.stepwise import finished
from tests.support.arrays import floats, ids, ratings_of
from tests.support.narrowing import made, of_kind, present
from tests.support.training import learned, planted

SIDES = ("none", "genres and years", "who rated what", "both")


def posterior(ratings: Ratings, **parameters: Any) -> PosteriorModel:
    small = {"factors": 3, "epochs": 12, "burn_in": 4, **parameters}
    model = learned(BayesianMF(**small), ratings)[-1]
    assert isinstance(model, PosteriorModel)
    return model


def described(ratings: Ratings) -> Ratings:
    rng = np.random.default_rng(9)
    return replace(ratings, movie_features=floats(rng.normal(size=(ratings.n_movies, 3))))


# Triangles, rows, Wishart


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 5), c=st.integers(1, 9))
def test_a_row_is_drawn_from_its_gaussian(seed: int, n: int, c: int) -> None:
    """A draw is affine in its standard normals: its value at zero and its slope tell all."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, c + 3, c))
    A = np.einsum("nri,nrj->nij", X, X) + np.eye(c)
    b = rng.normal(size=(n, c))

    def draw(z: np.ndarray) -> np.ndarray:
        return draw_rows(A.astype(np.float32), b.astype(np.float32), z.astype(np.float32))

    mean = draw(np.zeros((n, c)))
    np.testing.assert_allclose(mean, np.linalg.solve(A, b[..., None])[..., 0], atol=2e-3)
    slopes = np.stack([draw(np.tile(e, (n, 1))) - mean for e in np.eye(c)], axis=2)
    covariance = np.einsum("nik,njk->nij", slopes, slopes)
    np.testing.assert_allclose(covariance, np.linalg.inv(A), atol=2e-3)


def test_triangles_are_solved_forward_and_backward() -> None:
    rng = np.random.default_rng(0)
    L = np.tril(rng.normal(size=(20, 6, 6))) + 3 * np.eye(6)
    b = rng.normal(size=(20, 6))
    there = np.linalg.solve(L, b[..., None])[..., 0]
    back = np.linalg.solve(L.transpose(0, 2, 1), b[..., None])[..., 0]
    found = forward(floats(L), floats(b)), backward(floats(L), floats(b))
    np.testing.assert_allclose(found[0], there, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(found[1], back, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("c", [1, 2, 8, 9, 33])
def test_triangles_are_inverted_by_halves(c: int) -> None:
    rng = np.random.default_rng(0)
    L = np.tril(rng.normal(size=(7, c, c))) + np.sqrt(c) * np.eye(c)
    found = inverse(L.astype(np.float32))
    np.testing.assert_allclose(found, np.linalg.inv(L), atol=2e-3)


def test_wishart_draws_have_its_moments() -> None:
    rng = np.random.default_rng(0)
    W, nu = np.array([[2.0, 0.5], [0.5, 1.0]]), 4.5
    draws = np.array([wishart(W, nu, rng) for _ in range(8000)])
    d = np.diag(W)
    variance = nu * (W**2 + np.outer(d, d))
    np.testing.assert_allclose(draws.mean(axis=0), nu * W, atol=5 * np.sqrt(variance.max() / 8000))
    np.testing.assert_allclose(draws.var(axis=0), variance, rtol=0.15)


@pytest.mark.parametrize("degrees", [0, 7])
def test_a_side_s_gaussian_is_drawn_from_its_posterior(degrees: int) -> None:
    """The Normal-Wishart with what rows and links tell added up one by one."""
    rng = np.random.default_rng(1)
    rows = rng.normal(3, 1, (12, 3)) @ np.diag([1, 0.5, 2])
    extra = rng.normal(size=(degrees, 3))
    scatter = extra.T @ extra
    prior = NormalWishart(0.3, beta0=2.0)
    n, c = rows.shape
    mean = sum(rows) / n
    inverse = 0.3 * c * np.eye(c) + scatter + n * 2 / (n + 2) * np.outer(mean, mean)
    for row in rows:
        inverse = inverse + np.outer(row - mean, row - mean)
    W, nu, centre = np.linalg.inv(inverse), c + n + degrees, n * mean / (n + 2)
    draws = [prior.draw(rows, rng, scatter, degrees) for _ in range(5000)]
    Lambdas = np.array([g.Lambda for g in draws])
    spread = np.sqrt(nu * (W**2 + np.outer(np.diag(W), np.diag(W))) / 5000)
    np.testing.assert_array_less(np.abs(Lambdas.mean(axis=0) - nu * W), 5 * spread)
    # Given Λ, the mean is normal around its centre with the precision (n + β₀) Λ.
    away = [np.linalg.cholesky((n + 2) * g.Lambda).T @ (g.mu - centre) for g in draws]
    np.testing.assert_allclose(np.mean(away, axis=0), 0, atol=0.07)
    np.testing.assert_allclose(np.cov(np.array(away).T), np.eye(3), atol=0.1)


# Noise


def test_noise_of_each_viewer_is_drawn_from_its_gamma() -> None:
    rng = np.random.default_rng(2)
    squared = np.array([0, 3.0, 40.0], np.float32)
    counts = np.array([0, 5, 30])
    noise, tau = Noise(6.0), 0.7
    draws = [noise.draw(tau, squared, counts, rng) for _ in range(6000)]
    alpha = np.array([precision for _, precision in draws], np.float64)
    shape, rate = (6 + counts) / 2, (6 * tau + squared) / 2
    error = np.sqrt(shape / rate**2 / 6000)
    np.testing.assert_array_less(np.abs(alpha.mean(axis=0) - shape / rate), 5 * error)
    np.testing.assert_allclose(alpha.var(axis=0), shape / rate**2, rtol=0.15)
    # The common level: τ times the rate of its own gamma, whatever that was, has its shape.
    level = [t * (1 + 6 * a.sum()) / 2 for (t, _), a in zip(draws, alpha, strict=True)]
    whole = (1 + 6 * 3) / 2
    assert np.mean(level) == pytest.approx(whole, rel=0.03)
    assert np.var(level) == pytest.approx(whole, rel=0.15)


def test_shared_noise_is_drawn_from_its_gamma() -> None:
    rng = np.random.default_rng(3)
    squared, counts = np.array([2.0, 5.0], np.float32), np.array([4, 9])
    draws = [Noise(None).draw(1.0, squared, counts, rng) for _ in range(6000)]
    precision = np.array([1 / tau for tau, _ in draws])
    shape, rate = (1 + 13) / 2, (1 + 7) / 2
    assert precision.mean() == pytest.approx(shape / rate, rel=0.03)
    assert precision.var() == pytest.approx(shape / rate**2, rel=0.15)
    for tau, alpha in draws[:5]:
        np.testing.assert_allclose(alpha, 1 / tau, rtol=1e-6)


def test_ratings_without_any_error_leave_some_noise() -> None:
    noise, none, many = Noise(10.0), np.zeros(3, np.float32), np.full(3, 10**6)
    tau = 1.0
    for _ in range(200):
        tau, alpha = noise.draw(tau, none, many, np.random.default_rng(0))
        assert tau >= FINEST
        assert (alpha <= 1 / FINEST).all()


# The sampler


@dataclass(frozen=True)
class Given(NormalWishart):
    """A hyperprior that leaves no doubt."""

    gaussian: Gaussian | None = None

    def draw(self, *_: object, **__: object) -> Gaussian:
        assert self.gaussian is not None
        return self.gaussian


GIVEN = Gaussian(np.array([0.2, -0.3, 0.1]), np.array([[3, 1, 0], [1, 2, 0], [0, 0, 4.0]]))


def linked_sampler(ratings: Ratings, prior: NormalWishart, noise: Noise, seed: int) -> Sampler:
    raters, rated = finished(who_rated_what(ratings.by_movie, ratings.by_user))
    setting = Setting(2, prior, noise, [raters], [rated])
    sampler = Sampler(ratings, setting, seed)
    finished(sampler.prepare())
    return sampler


def expected(
    sampler: Sampler, users: bool, i: int, others: np.ndarray, alpha: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Precision and mean of a row given everything else, in plain loops."""
    side, other = (sampler.users, sampler.movies) if users else (sampler.movies, sampler.users)
    ids, stars = side.grouped.row(i)
    assert other.grouped.n_rows == len(others)
    mu, Lambda = GIVEN
    m = mu.copy()
    for j in ids:
        m += side.links[0].beta[j] / np.sqrt(len(ids))
    A, b = Lambda.copy(), Lambda @ m
    for j, r in zip(ids, stars, strict=True):
        x = np.append(others[j, :-1], 1).astype(float)
        weight = alpha[i] if users else alpha[j]
        A += weight * np.outer(x, x)
        b += weight * x * (r - float(sampler.mean) - others[j, -1])
    return A, np.linalg.solve(A, b)


@pytest.mark.parametrize("noise", [Noise(5.0), Noise(None)])
def test_rows_are_draws_of_their_conditional(noise: Noise) -> None:
    """Whitened by the mean and precision of plain loops, rows are standard normal."""
    ratings = planted(users=12, movies=9)
    sampler = linked_sampler(ratings, Given(0.1, gaussian=GIVEN), noise, 0)
    white = []
    for _ in range(150):
        before = sampler.users.rows.copy()
        finished(sampler.sweep(keep=False))
        movies, users = sampler.movies.rows, sampler.users.rows
        for i in range(9):
            A, mean = expected(sampler, False, i, before, sampler.alpha)
            white.append(np.linalg.cholesky(A).T @ (movies[i] - mean))
        for i in range(12):
            A, mean = expected(sampler, True, i, movies, sampler.alpha)
            white.append(np.linalg.cholesky(A).T @ (users[i] - mean))
    # 3,150 of them: means have a spread of 0.018, variances one of 0.025.
    np.testing.assert_allclose(np.mean(white, axis=0), 0, atol=0.08)
    np.testing.assert_allclose(np.cov(np.array(white).T), np.eye(3), atol=0.12)


def test_errors_and_expected_rows_of_a_sweep_are_those_of_plain_loops() -> None:
    ratings = planted(users=12, movies=9)
    noise = Noise(5.0)
    sampler = linked_sampler(ratings, NormalWishart(0.2), noise, 0)
    for _ in range(3):
        finished(sampler.sweep(keep=True))
    draw, nu, tau = sampler.draw(), 5.0, float(sampler.tau)
    assert min(ratings.by_user.counts) == 0  # somebody without ratings is among them
    assert sampler.squared is not None
    for user in range(12):
        ids, stars = ratings.by_user.row(user)
        X = np.column_stack([draw.movies[ids, :-1], np.ones(len(ids))]).astype(float)
        y = stars - sampler.mean - draw.movies[ids, -1]
        errors = float(((y - X @ draw.users[user]) ** 2).sum())
        assert sampler.squared[user] == pytest.approx(errors, abs=2e-3)
        m = draw.mu + draw.links[ids].sum(axis=0) / max(len(ids), 1) ** 0.5
        A = X.T @ X / tau + draw.Lambda
        w = np.linalg.solve(A, X.T @ y / tau + draw.Lambda @ m)
        shown = nu * tau + float(((y - X @ w) ** 2).sum()) + np.trace(X.T @ X @ np.linalg.inv(A))
        alpha = (nu + len(ids)) / shown
        w = np.linalg.solve(alpha * X.T @ X + draw.Lambda, alpha * X.T @ y + draw.Lambda @ m)
        np.testing.assert_allclose(draw.means[user], w, atol=2e-3)
        # The mean of 1/α under its gamma is that of an inverse gamma.
        assert draw.variances[user] == pytest.approx(shown / (nu + len(ids) - 2), rel=2e-3)


def test_a_sweep_leaves_the_joint_distribution_as_it_is() -> None:
    """Gibbs sampling from an exact draw of everything leaves an exact draw of everything.

    Parameters from the prior and ratings from the parameters are an exact draw of the posterior
    given those ratings; sweeps must not change how they are distributed (Gandy & Scott 2020, arXiv
    2001.06465). Each repetition is independent of the others, so a Kolmogorov-Smirnov test holds.
    """
    world = World(np.random.default_rng(0))
    before = []
    for _ in range(20_000):
        world.draw()
        before.append(world.figures())
    after = []
    for _ in range(1000):
        world.draw()
        world.put()
        for _ in range(2):
            finished(world.sampler.sweep(keep=False))
        world.take()
        after.append(world.figures())
    for name, drawn, swept in zip(
        world.names, np.transpose(before), np.transpose(after), strict=True
    ):
        distance = scipy.stats.ks_2samp(drawn, swept).statistic
        assert distance < 0.065, name  # 0.063 is passed once in a thousand times


class World:
    """A small world, its prior written down here once more, and a sampler to put it into."""

    KNOWN = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [1, 0, 0, 1, 1], [1, 1, 0, 0, 1]])
    GENRES = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1]])
    NU, WIDTH = 6.0, 0.3
    OF_A_SIDE = "bias", "factors", "level", "links", "links of the bias", "lambda"
    names = (
        *(f"{what} of movies" for what in OF_A_SIDE),
        *(f"{what} of users" for what in OF_A_SIDE),
        *("genre in the bias", "genre in a factor", "lambda of genres"),
        *("tau", "alpha of the first", "alpha of the last"),
    )

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        u, m = np.nonzero(self.KNOWN)
        ratings = ratings_of(u, m, rng.normal(size=len(u)), 4, 5)
        raters, rated = finished(who_rated_what(ratings.by_movie, ratings.by_user))
        of_movies = [raters, Dense(self.GENRES.astype(np.float32))]
        setting = Setting(1, NormalWishart(self.WIDTH), Noise(self.NU), of_movies, [rated])
        self.sampler = Sampler(ratings, setting, 1)
        finished(self.sampler.prepare())
        self.sampler.mean = np.float32(0)

    def draw(self) -> None:
        """Draw everything from the prior."""
        rng = self.rng
        self.tau = rng.gamma(0.5) * 2
        self.alpha = rng.gamma(self.NU / 2, size=4) * 2 / (self.NU * self.tau)
        raters, rated = (F / np.sqrt(F.sum(axis=1))[:, None] for F in (self.KNOWN.T, self.KNOWN))
        self.sides = [self._side(raters, self.GENRES), self._side(rated)]

    def _side(self, *features: np.ndarray) -> tuple[np.ndarray, list[np.ndarray], list[float]]:
        """Return rows, and link matrices with their strengths."""
        rng, c = self.rng, 2
        # A Wishart draw of c degrees is a sum of c squares.
        Z = rng.normal(0, (c * self.WIDTH) ** -0.5, (c, c))
        root = np.linalg.inv(Z)  # so that N(0, Λ⁻¹) rows are normals times its transpose
        mu = rng.normal(size=2) @ root.T
        rows = mu + rng.normal(size=(len(features[0]), 2)) @ root.T
        betas, lams = [], []
        for F in features:
            lams.append(rng.gamma(0.5) * 2)
            betas.append(rng.normal(size=(F.shape[1], 2)) @ root.T / np.sqrt(lams[-1]))
            rows += F @ betas[-1]
        return rows, betas, lams

    def put(self) -> None:
        """Draw ratings, and put everything into the sampler."""
        sampler = self.sampler
        for side, (rows, betas, lams) in zip(
            (sampler.movies, sampler.users), self.sides, strict=True
        ):
            side.rows[:] = rows
            for links, beta, lam in zip(side.links, betas, lams, strict=True):
                links.beta, links.lam = beta.astype(np.float32), lam
                links.effect = finished(links.features.times(links.beta))
        (M, *_), (U, *_) = self.sides
        error = self.rng.normal(size=(4, 5)) / np.sqrt(self.alpha)[:, None]
        stars = U[:, :1] @ M[:, :1].T + U[:, 1:] + M[:, 1] + error
        users, movies = sampler.users.grouped, sampler.movies.grouped
        users.values[:] = stars[users.rows, users.others]
        movies.values[:] = stars[movies.others, movies.rows]
        squared = (error**2 * self.KNOWN).sum(axis=1)
        sampler.tau, sampler.alpha = self.tau, self.alpha.astype(np.float32)
        sampler.squared = squared.astype(np.float32)

    def take(self) -> None:
        """Take everything back from the sampler."""
        sampler = self.sampler
        self.tau, self.alpha = sampler.tau, sampler.alpha.astype(float)
        self.sides = [
            (
                side.rows.astype(float),
                [links.beta for links in side.links],
                [links.lam for links in side.links],
            )
            for side in (sampler.movies, sampler.users)
        ]

    def figures(self) -> list[float]:
        """Return figures of everything that do not depend on how factors are turned."""
        figures = []
        for rows, betas, lams in self.sides:
            figures += [rows[0, 1], rows[1, 0] * rows[2, 0], abs(rows[3, 0])]
            figures += [abs(betas[0][0, 0]), betas[0][1, 1], lams[0]]
        (_, betas, lams), _ = self.sides
        figures += [betas[1][0, 1], abs(betas[1][1, 0]), lams[1]]
        return [*map(float, figures), self.tau, self.alpha[0], self.alpha[3]]


# The posterior as a model


@pytest.mark.parametrize("side", SIDES)
def test_who_learned_with_the_model_is_folded_in_as_they_were(side: str) -> None:
    ratings = described(planted())
    model = posterior(ratings, side=side)
    everything = np.arange(model.n_movies, dtype=np.int32)
    for user in (0, 7, 41):
        viewer = model.fold_in(*ratings.by_user.row(user))
        theirs = model.predict(ids(np.full(model.n_movies, user)), everything, clip=False)
        np.testing.assert_allclose(viewer.predict(clip=False), theirs, atol=1e-3)


def test_predictions_are_means_of_products_over_the_draws() -> None:
    ratings = planted()
    model = posterior(ratings)
    draws = model.fold
    assert len(draws) == 8  # twelve sweeps, four of them to forget the start
    for user, movie in [(0, 0), (3, 17), (79, 59)]:
        total = 0.0
        for movies, means in zip(draws.movies, draws.means, strict=True):
            V, w = movies[movie].astype(float), means[user].astype(float)
            total += V[:-1] @ w[:-1] + V[-1] + w[-1]
        predicted = model.predict(np.array([user]), np.array([movie]), clip=False)[0]
        assert predicted == pytest.approx(model.mean + total / 8, abs=1e-4)


@pytest.mark.parametrize("side", SIDES)
def test_an_explanation_is_what_the_ratings_and_the_prior_add(side: str) -> None:
    ratings = described(planted())
    model = posterior(ratings, side=side)
    draws = model.fold
    movies, values = ratings.by_user.row(5)
    viewer = of_kind(PosteriorViewer, model.fold_in(movies, values))
    score = viewer.predict(clip=False)
    for movie in (2, 30):
        explanation = viewer.explain(movie)
        assert explanation.score == pytest.approx(float(score[movie]), abs=1e-4)
        # Plain loops: the part that does not depend on the stars is the prior's.
        prior, shares = 0.0, np.zeros(len(movies))
        for s in range(len(draws)):
            X = np.column_stack([draws.movies[s, movies, :-1], np.ones(len(movies))]).astype(float)
            y = values - model.mean - draws.movies[s, movies, -1]
            m = draws.mu[s].astype(float)
            if "who" in side or side == "both":
                m = m + draws.links[s][movies].sum(axis=0) / np.sqrt(len(movies))
            alpha = float(viewer.tastes.alpha[s])
            x = np.append(draws.movies[s, movie, :-1], 0).astype(float)
            z = np.linalg.solve(alpha * X.T @ X + draws.Lambda[s], x)
            prior += z @ draws.Lambda[s] @ m / len(draws)
            shares += alpha * (X @ z) * y / len(draws)
        assert explanation.prior == pytest.approx(prior, abs=2e-3)
        np.testing.assert_allclose(explanation.shares, shares, atol=2e-3)


def test_uncertainty_shrinks_with_every_rating_on_average() -> None:
    ratings = planted(users=200, movies=60, share=0.6)
    model = posterior(ratings, epochs=40)
    movies, values = ratings.by_user.row(3)
    spreads = [
        present(model.fold_in(movies[:n], values[:n]).std()).mean() for n in (0, 2, 6, len(movies))
    ]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] < 0.7 * spreads[0]


def test_the_spread_of_a_pair_is_that_of_the_draws_and_the_noise() -> None:
    model = posterior(planted())
    draws, user, movie = model.fold, 4, 9
    scores = [
        model.mean + float(M[movie, :-1] @ U[user, :-1] + M[movie, -1] + U[user, -1])
        for M, U in zip(draws.movies, draws.users, strict=True)
    ]
    middle = float(model.predict(np.array([user]), np.array([movie]), clip=False)[0])
    variance = np.mean((np.array(scores) - middle) ** 2) + draws.variances[:, user].mean()
    told = model.std(np.array([user]), np.array([movie]))[0]
    assert told == pytest.approx(np.sqrt(variance), rel=1e-3)


def test_a_person_s_spread_is_that_of_their_gaussians() -> None:
    model = posterior(planted())
    movies, values = planted().by_user.row(3)
    viewer = of_kind(PosteriorViewer, model.fold_in(movies, values))
    A, w, _, noise = viewer.tastes
    movie, scores, within = 11, [], []
    for s in range(len(model.fold)):
        x = np.append(model.fold.movies[s, movie, :-1], 1).astype(float)
        scores.append(x @ w[s] + model.fold.movies[s, movie, -1])
        within.append(x @ np.linalg.solve(A[s].astype(float), x) + noise[s])
    told = present(viewer.std())[movie]
    assert told == pytest.approx(np.sqrt(np.var(scores) + np.mean(within)), rel=1e-3)


def drawn_world(seed: int, users: int = 250, movies: int = 120) -> tuple[Ratings, Ratings]:
    """Ratings as the model thinks they come about, some viewers rating more exactly than others."""
    rng = np.random.default_rng(seed)
    U, V = rng.normal(0, 0.6, (users, 3)), rng.normal(0, 0.6, (movies, 3))
    level = 3 + rng.normal(0, 0.4, (users, 1)) + rng.normal(0, 0.5, movies)
    noise = 0.6 * np.sqrt(5 / rng.gamma(5, size=(users, 1)))
    stars = level + U @ V.T + noise * rng.normal(size=(users, movies))
    known = rng.random(stars.shape) < 0.25
    u, m = np.nonzero(known)
    return ratings_of(u, m, stars[known], users, movies, Scale(-20, 20)).split(0.2, seed)


def test_intervals_hold_as_many_ratings_as_they_promise() -> None:
    train, test = drawn_world(0)
    model = posterior(train, factors=4, epochs=150, burn_in=30)
    predicted = model.predict(test.users, test.movies)
    held = interval_coverage(predicted, model.std(test.users, test.movies), test.values)
    # 1,500 ratings: the shares have spreads of 0.013, 0.010 and 0.006 by themselves.
    for level, share in held.items():
        assert share == pytest.approx(level, abs=0.04)
    low, high = model.interval(test.users, test.movies, 0.8)
    inside = np.mean((low <= test.values) & (test.values <= high))
    assert inside == pytest.approx(held[0.8], abs=1e-3)


def test_intervals_of_people_who_are_folded_in_hold_too() -> None:
    ratings, rest = drawn_world(1)
    learned = ratings.take(ratings.users < 200)
    model = posterior(learned, factors=4, epochs=150, burn_in=30)
    parts = []
    for user in range(200, 250):
        viewer = model.fold_in(*ratings.by_user.row(user))
        movies, values = rest.by_user.row(user)
        parts.append([viewer.predict()[movies], present(viewer.std())[movies], values])
    predicted, spread, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    for level, share in interval_coverage(predicted, spread, values).items():
        assert share == pytest.approx(level, abs=0.08)


def test_intervals_end_on_the_scale() -> None:
    model = posterior(planted())
    low, high = model.interval(ids(np.arange(60)), ids(np.arange(60)), 0.999)
    assert low.min() >= 0.5
    assert high.max() <= 5
    assert (low < high).all()


def test_exact_viewers_get_narrower_intervals_than_erratic_ones() -> None:
    rng = np.random.default_rng(5)
    level = rng.normal(0, 0.7, 60)
    erratic = np.arange(80) % 2 == 1
    u, m = np.nonzero(rng.random((80, 60)) < 0.6)
    stars = 3 + level[m] + rng.normal(0, 1, len(u)) * np.where(erratic[u], 0.8, 0.1)
    model = posterior(ratings_of(u, m, stars, 80, 60), epochs=60)
    spread = model.std(ids(np.arange(80)), ids(np.zeros(80)))
    assert spread[erratic].min() > spread[~erratic].max()


# What is kept


@settings(max_examples=200, deadline=None)
@given(epochs=st.integers(1, 3000), burn_in=st.integers(0, 1500), nbytes=st.integers(1, 1 << 31))
def test_draws_that_are_kept_are_few_and_evenly_spread(
    epochs: int, burn_in: int, nbytes: int
) -> None:
    burn_in = min(burn_in, epochs // 2)
    kept = bayes._kept(epochs, burn_in, nbytes)
    assert 1 <= len(kept) <= bayes.KEPT
    assert len(kept) * nbytes <= max(bayes.MEMORY, 2 * nbytes)
    assert kept[0] == burn_in
    assert kept[-1] < epochs
    assert epochs - kept[-1] <= kept.step


def test_of_two_hundred_samples_every_fourth_is_kept() -> None:
    assert bayes._kept(220, 20, 1000) == range(20, 220, 4)


def test_models_of_a_run_share_what_they_hold() -> None:
    models = [s.model for s in BayesianMF(factors=2, epochs=9, burn_in=3).run(planted()) if s.model]
    *_, before, last = models
    assert isinstance(before, PosteriorModel)
    assert isinstance(last, PosteriorModel)
    assert np.shares_memory(before.fold.movies, last.fold.movies)
    np.testing.assert_array_equal(before.fold.movies, last.fold.movies[: len(before.fold)])
    assert not last.fold.movies.flags.writeable


def test_a_pass_has_breaks_in_which_it_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks grow with the ratings, so none is far from the next however many there are."""
    rng = np.random.default_rng(0)
    known = rng.random((1500, 1000)) < 0.6
    u, m = np.nonzero(known)
    ratings = ratings_of(u, m, rng.integers(1, 6, len(u)), 1500, 1000)
    assert len(ratings) > 3 * 2**18
    for side, at_least in (("none", 12), ("who rated what", 60)):
        run = made(BayesianMF, factors=2, side=side).run(ratings)
        steps = []
        for step in run:
            steps.append(step)
            if step.model:
                break
        assert len(steps) > at_least


def test_tastes_do_not_depend_on_company() -> None:
    """A person's row is the same alone as among others: it is solved for, not drawn."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4, 20, 3)).astype(np.float32)
    y = rng.normal(size=(4, 20)).astype(np.float32)
    evidence = Evidence(
        X.transpose(0, 2, 1) @ X,
        np.einsum("nrc,nr->nc", X, y),
        (y**2).sum(axis=1),
        np.full(4, 20),
    )
    m, Lambda = np.ones((4, 3), np.float32), np.eye(3, dtype=np.float32)
    tau, noise = np.array(0.8, np.float32), Noise(10.0)
    together = tastes(evidence, m, Lambda, tau, noise)
    alone = tastes(Evidence._make(part[2:3] for part in evidence), m[2:3], Lambda, tau, noise)
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(many[2:3], one, rtol=1e-5)
