r"""A Gibbs sampler over a factorisation: its state, and sweeps that draw it anew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.arrays import Floats
from engine.draws import Draw
from engine.gibbs import (
    Evidence,
    Gaussian,
    Noise,
    NormalWishart,
    draw_rows,
    tastes,
)
from engine.ratings import Grouped, Ratings
from engine.rows import blocks, normal_equations
from engine.threads import in_parallel


class Sampler:
    """What is drawn, and the order in which it is."""

    def __init__(
        self, train: Ratings, factors: int, prior: NormalWishart, noise: Noise, seed: int
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.mean = np.float32(train.mean)
        self.noise = noise
        self.movies = _Side(train.by_movie, factors, prior, self.rng)
        self.users = _Side(train.by_user, factors, prior, self.rng)
        self.tau = max(float(np.var(train.values)), 0.01)
        self.alpha = np.full(train.n_users, 1 / self.tau, np.float32)
        self.squared: Floats | None = None
        self.means = np.zeros_like(self.users.rows)
        self.variances = np.zeros(train.n_users, np.float32)

    def sweep(self, keep: bool) -> Iterator[float]:
        """Draw everything once, yielding the share that is done.

        With `keep`, also find the users' expected rows, without which there is no `draw`.
        """
        if self.squared is not None:
            counts = self.users.grouped.counts
            self.tau, self.alpha = self.noise.draw(self.tau, self.squared, counts, self.rng)
        for done in self._draw_movies():
            yield done / 2
        for done in self._draw_users(keep):
            yield (1 + done) / 2

    def draw(self) -> Draw:
        """Return the state; its arrays are the sampler's own and change with the next sweep."""
        gaussian = self.users.gaussian
        return Draw(
            movies=self.movies.rows,
            users=self.users.rows,
            means=self.means,
            variances=self.variances,
            mu=gaussian.mu.astype(np.float32),
            Lambda=gaussian.Lambda.astype(np.float32),
            tau=np.array(self.tau, np.float32),
            links=np.zeros((0, self.means.shape[1]), np.float32),
        )

    def _draw_movies(self) -> Iterator[float]:
        movies, users = self.movies, self.users
        movies.draw_gaussian(self.rng)
        # Noise that differs from user to user weighs their ratings; the weights go into X and y.
        weight = np.sqrt(self.alpha)
        X, y = movies.regression(users, self.mean)
        X *= weight[:, None]
        y *= np.take(weight, movies.grouped.others)
        z = self.rng.standard_normal(movies.rows.shape, np.float32)

        def task(rows: slice) -> slice:
            A, b = normal_equations(movies.grouped, X, y, rows)
            movies.rows[rows] = draw_rows(*movies.with_prior(A, b, rows), z[rows])
            return rows

        for rows in in_parallel(task, blocks(movies.grouped)):
            yield rows.stop / movies.grouped.n_rows

    def _draw_users(self, keep: bool) -> Iterator[float]:
        movies, users = self.movies, self.users
        users.draw_gaussian(self.rng)
        X, y = users.regression(movies, self.mean)
        z = self.rng.standard_normal(users.rows.shape, np.float32)
        yy = users.grouped.sums(y * y)
        squared = np.empty_like(yy)
        Lambda = users.gaussian.Lambda.astype(np.float32)
        tau = np.array(self.tau, np.float32)

        def task(rows: slice) -> slice:
            A, b = normal_equations(users.grouped, X, y, rows)
            evidence = Evidence(A, b, yy[rows], users.grouped.counts[rows])
            alpha = self.alpha[rows]
            scaled = alpha[:, None, None] * A, alpha[:, None] * b
            w = draw_rows(*users.with_prior(*scaled, rows), z[rows])
            users.rows[rows] = w
            squared[rows] = evidence.squared_errors(w)
            if keep:
                taste = tastes(evidence, users.m[rows], Lambda, tau, self.noise)
                self.means[rows] = taste.w
                self.variances[rows] = 1 / taste.alpha
            return rows

        for rows in in_parallel(task, blocks(users.grouped)):
            yield rows.stop / users.grouped.n_rows
        self.squared = squared


class _Side:
    """The movies or the users: their rows of factors and a bias, and where those come from."""

    def __init__(
        self, grouped: Grouped, factors: int, prior: NormalWishart, rng: np.random.Generator
    ) -> None:
        self.grouped = grouped
        self.prior = prior
        self.rows = rng.normal(0, 0.1, (grouped.n_rows, factors + 1)).astype(np.float32)
        self.rows[:, -1] = 0
        self.gaussian = Gaussian(np.zeros(factors + 1), np.eye(factors + 1))
        self.m = np.zeros_like(self.rows)

    def draw_gaussian(self, rng: np.random.Generator) -> None:
        """Draw the mean and precision of the rows."""
        self.gaussian = self.prior.draw(self.rows.astype(np.float64), rng)
        self.m = np.broadcast_to(self.gaussian.mu.astype(np.float32), self.rows.shape)

    def regression(self, other: _Side, mean: np.float32) -> tuple[Floats, Floats]:
        """Return X (n_others, c) and y (n,) of the regressions that the rows solve."""
        X = other.rows.copy()
        X[:, -1] = 1
        y = self.grouped.values - np.take(mean + other.rows[:, -1], self.grouped.others)
        return X, y

    def with_prior(self, A: Floats, b: Floats, rows: slice) -> tuple[Floats, Floats]:
        """Return the precision and the precision times the mean, ratings and prior together."""
        Lambda = self.gaussian.Lambda.astype(np.float32)
        return A + Lambda, b + self.m[rows] @ Lambda
