r"""A Gibbs sampler over a factorisation: its state, and sweeps that draw it anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.arrays import Floats, Offsets
from engine.draws import Draw
from engine.features import Features
from engine.gibbs import Evidence, Gaussian, Noise, NormalWishart, draw_rows, tastes
from engine.products import product
from engine.ratings import Grouped, Ratings
from engine.side import Links, linked
from engine.stacks import Batch, Kept, Sums
from engine.stepwise import Work, scaled
from engine.threads import in_parallel
from engine.timing import Timing

START = 0.1
"""Spread of the factors before the first sweep."""
SAMPLE = 1 << 20
"""From about so many ratings it is guessed how far they scatter."""
PRIOR = 0.25
"""Share of half a sweep in which it is drawn where rows come from, when features are looked at."""


class Setting(NamedTuple):
    """What does not change while sampling."""

    factors: int
    prior: NormalWishart
    noise: Noise
    movie_features: Sequence[Features] = ()
    """What is known of the movies besides stars."""
    user_features: Sequence[Features] = ()
    """Which movies each user rated, or nothing."""
    timing: bool = False
    """Whether moments are looked at, where ratings have times."""


class Sampler:
    """What is drawn, and the order in which it is."""

    def __init__(self, train: Ratings, setting: Setting, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.mean = np.float32(train.mean)
        self.noise = setting.noise
        self.timing = Timing(train) if setting.timing and train.times is not None else None
        self.movies = _Side(train.by_movie, setting, setting.movie_features, self.rng)
        self.users = _Side(train.by_user, setting, setting.user_features, self.rng)
        self.tau = max(float(np.var(train.values[:: max(1, len(train) // SAMPLE)])), 0.01)
        self.alpha = np.full(train.n_users, 1 / self.tau, np.float32)
        self.squared: Floats | None = None
        self.means = np.zeros_like(self.users.rows)
        self.variances = np.zeros(train.n_users, np.float32)

    def prepare(self) -> Work[None]:
        """Do once what every sweep builds on."""
        yield from scaled(self.movies.prepare(), 0, 0.4)
        yield from scaled(self.users.prepare(), 0.4, 0.8)
        if self.timing is not None:
            yield from scaled(self.timing.prepare(), 0.8, 1)
            self.movies.grouped, self.users.grouped = self.timing.by_movie, self.timing.by_user

    def sweep(self, keep: bool) -> Work[None]:
        """Draw everything once.

        With `keep`, also find the users' expected rows, without which there is no `draw`.
        """
        if self.squared is not None:
            counts = self.users.grouped.counts
            self.tau, self.alpha = self.noise.draw(self.tau, self.squared, counts, self.rng)
        yield from scaled(self._draw_movies(), 0, 0.4)
        yield from scaled(self._draw_users(keep), 0.4, 0.8)
        if self.timing is not None:
            rows = self.movies.rows, self.users.rows
            drawing = self.timing.draw(*rows, float(self.mean), self.alpha, self.rng)
            self.squared = yield from scaled(drawing, 0.8, 1)

    def draw(self) -> Draw:
        """Return the state; its arrays are the sampler's own and change with the next sweep."""
        users = self.users
        return Draw(
            movies=self.movies.rows,
            users=users.rows,
            means=self.means,
            variances=self.variances,
            mu=users.gaussian.mu.astype(np.float32),
            Lambda=users.Lambda,
            tau=np.array(self.tau + (self.timing.spread if self.timing else 0), np.float32),
            links=users.links[0].beta if users.links else users.rows[:0],
        )

    def _draw_movies(self) -> Work[None]:
        movies, users = self.movies, self.users
        # Noise that differs from user to user weighs their ratings.
        weight = np.sqrt(self.alpha)
        z = self.rng.standard_normal(movies.rows.shape, np.float32)
        level = self.mean + users.rows[:, -1]
        sums = movies.sums(users.rows[:, :-1], level, weight)

        def task(batch: Batch) -> Offsets:
            A, b = sums.of(batch)
            rows = np.concatenate(batch)
            movies.rows[rows] = draw_rows(*movies.with_prior(A, b, rows), z[rows])
            return rows

        yield from movies.draw(sums, task, z, self.rng)

    def _draw_users(self, keep: bool) -> Work[None]:
        movies, users = self.movies, self.users
        z = self.rng.standard_normal(users.rows.shape, np.float32)
        squared = np.zeros_like(self.alpha)
        tau = np.array(self.tau, np.float32)
        sums = users.sums(movies.rows[:, :-1], self.mean + movies.rows[:, -1])

        def task(batch: Batch) -> Offsets:
            rows = np.concatenate(batch)
            yy = np.zeros(len(rows), np.float32)
            evidence = Evidence(*sums.of(batch, yy), yy, users.grouped.counts[rows])
            if keep:
                taste = tastes(evidence, users.m[rows], users.Lambda, tau, self.noise)
                self.means[rows], self.variances[rows] = taste.w, taste.variance
            alpha = self.alpha[rows]
            weighed = alpha[:, None, None] * evidence.A, alpha[:, None] * evidence.b
            w = draw_rows(*users.with_prior(*weighed, rows), z[rows])
            users.rows[rows], squared[rows] = w, evidence.squared_errors(w)
            return rows

        yield from users.draw(sums, task, z, self.rng)
        if keep:
            self._expect_unrated()
        self.squared = squared

    def _expect_unrated(self) -> None:
        """Expect of users without ratings what is expected of their rows beforehand."""
        users = self.users
        nothing = np.zeros(len(users.unrated), np.float32)
        tau = np.array(self.tau, np.float32)
        self.means[users.unrated] = users.m[users.unrated]
        _, variances = self.noise.after(tau, nothing, nothing.astype(np.int64))
        self.variances[users.unrated] = variances


class _Side:
    """The movies or the users: their rows of factors and a bias, and where those come from."""

    def __init__(
        self,
        grouped: Grouped,
        setting: Setting,
        features: Sequence[Features],
        rng: np.random.Generator,
    ) -> None:
        c = setting.factors + 1
        self.grouped = grouped
        self.prior = setting.prior
        self.rows = np.float32(START) * rng.standard_normal((grouped.n_rows, c), np.float32)
        self.rows[:, -1] = 0
        self.features = features
        self.links: list[Links] = []
        self.gaussian = Gaussian(np.zeros(c), np.eye(c))
        self.Lambda = np.eye(c, dtype=np.float32)
        self.unrated = np.flatnonzero(grouped.counts == 0)
        self.kept: Kept = {}
        self.m = np.zeros_like(self.rows)
        """What the rows are expected to be before their ratings."""

    def prepare(self) -> Work[None]:
        """Make ready what is known of the rows."""
        for number, F in enumerate(self.features):
            here = number / len(self.features)
            self.links.append((yield from scaled(linked(F, self.rows.shape[1]), here, here)))

    def sums(self, X: Floats, level: Floats, weight: Floats | None = None) -> Sums:
        """Return what gives the rows' equations, with the other side's factors and levels."""
        return Sums(self.grouped, X, None, level, intercept=True, kept=self.kept, weight=weight)

    def draw(
        self,
        sums: Sums,
        task: Callable[[Batch], Offsets],
        z: Floats,
        rng: np.random.Generator,
    ) -> Work[None]:
        """Draw where the rows come from, then the rows, by a `task` for each batch of them."""
        start = PRIOR if self.links else 0.0
        yield from scaled(self._draw_prior(rng), 0, start)
        done = 0
        for rows in in_parallel(task, sums.batches()):
            done += int(self.grouped.counts[rows].sum())
            yield start + (1 - start) * done / len(self.grouped.others)
        root = np.linalg.inv(np.linalg.cholesky(self.gaussian.Lambda)).astype(np.float32)
        self.rows[self.unrated] = self.m[self.unrated] + product(z[self.unrated], root)

    def _draw_prior(self, rng: np.random.Generator) -> Work[None]:
        """Draw mean and precision of the rows, then what each of their features says."""
        effect = sum((links.effect for links in self.links), np.zeros_like(self.rows))
        scatter = sum((links.scatter for links in self.links), np.zeros_like(self.gaussian.Lambda))
        degrees = sum(len(links.beta) for links in self.links)
        yield 0.0
        rest = (self.rows - effect).astype(np.float64)
        self.gaussian = self.prior.draw(rest, rng, scatter, degrees)
        yield 0.0
        for number, links in enumerate(self.links):
            here = number / len(self.links)
            effect -= links.effect
            yield from scaled(links.draw(self.rows - effect, self.gaussian, rng), here, here)
            effect += links.effect
        self.Lambda = self.gaussian.Lambda.astype(np.float32)
        self.m = self.gaussian.mu.astype(np.float32) + effect

    def with_prior(self, A: Floats, b: Floats, rows: Offsets) -> tuple[Floats, Floats]:
        """Add the prior to the ratings' precision, in place, and to precision times mean."""
        A += self.Lambda
        return A, b + product(self.m[rows], self.Lambda)
