r"""A Gibbs sampler over a factorisation: its state, and sweeps that draw it anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.arrays import Floats
from engine.draws import Draw
from engine.features import Features
from engine.gibbs import Evidence, Gaussian, Noise, NormalWishart, draw_rows, tastes
from engine.products import in_shares, product
from engine.ratings import Grouped, Ratings
from engine.rows import EQUATIONS, MOST, blocks, equations
from engine.side import Links, linked
from engine.stacks import BLOCK, Kept
from engine.stepwise import Work, chunks, scaled
from engine.threads import WORKERS, in_parallel

START = 0.1
"""Spread of the factors before the first sweep."""
SAMPLE = 1 << 20
"""From about so many ratings it is guessed how far they scatter."""
AIMED = 0.2
"""Share of half a sweep in which it is found what rows are to fit."""
PRIOR = 0.25
"""Share of the rest in which it is drawn where rows come from, when features are looked at."""


class Setting(NamedTuple):
    """What does not change while sampling."""

    factors: int
    prior: NormalWishart
    noise: Noise
    movie_features: Sequence[Features] = ()
    """What is known of the movies besides stars."""
    user_features: Sequence[Features] = ()
    """Which movies each user rated, or nothing."""


class Sampler:
    """What is drawn, and the order in which it is."""

    def __init__(self, train: Ratings, setting: Setting, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.mean = np.float32(train.mean)
        self.noise = setting.noise
        self.movies = _Side(train.by_movie, setting, setting.movie_features, self.rng)
        self.users = _Side(train.by_user, setting, setting.user_features, self.rng)
        self.tau = max(float(np.var(train.values[:: max(1, len(train) // SAMPLE)])), 0.01)
        self.alpha = np.full(train.n_users, 1 / self.tau, np.float32)
        self.squared: Floats | None = None
        self.means = np.zeros_like(self.users.rows)
        self.variances = np.zeros(train.n_users, np.float32)

    def prepare(self) -> Work[None]:
        """Do once what every sweep builds on."""
        yield from scaled(self.movies.prepare(), 0, 0.5)
        yield from scaled(self.users.prepare(), 0.5, 1)

    def sweep(self, keep: bool) -> Work[None]:
        """Draw everything once.

        With `keep`, also find the users' expected rows, without which there is no `draw`.
        """
        if self.squared is not None:
            counts = self.users.grouped.counts
            self.tau, self.alpha = self.noise.draw(self.tau, self.squared, counts, self.rng)
        yield from scaled(self._draw_movies(), 0, 0.5)
        yield from scaled(self._draw_users(keep), 0.5, 1)

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
            tau=np.array(self.tau, np.float32),
            links=users.links[0].beta if users.links else users.rows[:0],
        )

    def _draw_movies(self) -> Work[None]:
        movies, users = self.movies, self.users
        # Noise that differs from user to user weighs their ratings; the weights go into X and y.
        weight = np.sqrt(self.alpha)
        X = users.regressors() * weight[:, None]
        z = self.rng.standard_normal(movies.rows.shape, np.float32)
        sums = equations(movies.grouped, X, movies.y, kept=movies.kept)

        def task(rows: slice) -> None:
            A, b = sums(rows)
            movies.rows[rows] = draw_rows(*movies.with_prior(A, b, rows), z[rows])

        yield from scaled(movies.aim(self.mean + users.rows[:, -1], weight), 0, AIMED)
        yield from scaled(movies.draw(task, self.rng), AIMED, 1)

    def _draw_users(self, keep: bool) -> Work[None]:
        movies, users = self.movies, self.users
        X = movies.rows[:, :-1]
        z = self.rng.standard_normal(users.rows.shape, np.float32)
        squared = np.empty_like(self.alpha)
        tau = np.array(self.tau, np.float32)
        sums = equations(users.grouped, X, users.y, intercept=True, kept=users.kept)

        def task(rows: slice) -> None:
            A, b = sums(rows)
            evidence = Evidence(A, b, users.squares(rows), users.grouped.counts[rows])
            alpha = self.alpha[rows]
            weighed = alpha[:, None, None] * A, alpha[:, None] * b
            w = draw_rows(*users.with_prior(*weighed, rows), z[rows])
            users.rows[rows] = w
            squared[rows] = evidence.squared_errors(w)
            if keep:
                taste = tastes(evidence, users.m[rows], users.Lambda, tau, self.noise)
                self.means[rows] = taste.w
                self.variances[rows] = taste.variance

        yield from scaled(users.aim(self.mean + movies.rows[:, -1]), 0, AIMED)
        yield from scaled(users.draw(task, self.rng), AIMED, 1)
        self.squared = squared


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
        self.y = np.empty_like(grouped.values)
        """What a row's weights are to fit: ratings less the mean and the other side's biases."""
        self.kept: Kept = {}
        self.m = np.zeros_like(self.rows)
        """What the rows are expected to be before their ratings."""

    def prepare(self) -> Work[None]:
        """Make ready what is known of the rows."""
        for number, F in enumerate(self.features):
            here = number / len(self.features)
            self.links.append((yield from scaled(linked(F, self.rows.shape[1]), here, here)))

    def draw(self, task: Callable[[slice], None], rng: np.random.Generator) -> Work[None]:
        """Draw where the rows come from, then the rows, by a `task` for each block of them."""
        start = PRIOR if self.links else 0.0
        yield from scaled(self._draw_prior(rng), 0, start)
        yield from scaled(self._draw_blocks(task), start, 1)

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

    def _draw_blocks(self, task: Callable[[slice], None]) -> Work[None]:
        def done(rows: slice) -> float:
            task(rows)
            return rows.stop / self.grouped.n_rows

        share = min(BLOCK // 2, len(self.y) // WORKERS)  # every thread has some
        most = min(MOST // 2, max(1, EQUATIONS // self.rows.shape[1] ** 2))
        yield from in_parallel(done, blocks(self.grouped, share, most))

    def aim(self, level: Floats, weight: Floats | None = None) -> Work[None]:
        """Set y to the ratings less the other side's `level`, times its `weight`."""
        grouped, y = self.grouped, self.y

        def task(part: slice) -> float:
            np.subtract(grouped.values[part], level.take(grouped.others[part]), out=y[part])
            if weight is not None:
                y[part] *= weight.take(grouped.others[part])
            return part.stop / len(y)

        yield from in_shares(task, chunks(len(y), BLOCK))

    def squares(self, rows: slice) -> Floats:
        """Return (n,) the sums of y squared of a block of rows."""
        starts = self.grouped.starts[rows.start : rows.stop + 1]
        ids = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        y = self.y[starts[0] : starts[-1]]
        return np.bincount(ids, y * y, len(starts) - 1).astype(np.float32)

    def regressors(self) -> Floats:
        """Return (n, c) the rows with a last column of ones."""
        X = self.rows.copy()
        X[:, -1] = 1
        return X

    def with_prior(self, A: Floats, b: Floats, rows: slice) -> tuple[Floats, Floats]:
        """Return the precision and the precision times the mean, ratings and prior together."""
        return A + self.Lambda, b + product(self.m[rows], self.Lambda)
