r"""A posterior as a model: many draws of a factorisation, whose predictions are averaged.

Each draw s holds the movies $V^s, b^s$ as sampled and, for every user, the mean $\bar w_u^s$ of
their row given those movies, which is less noisy than the row that was drawn with them (Rao and
Blackwell). The prediction

$$\hat r_{ui} = \mu + \frac1S \sum_s \left( (V_i^s, 1)^\top \bar w_u^s + b_i^s \right)$$

is a mean of products, never a product of means: the factors of two draws may be turned against
each other, and their average stands for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from engine import covariance
from engine.arrays import Floats, Ids, Offsets
from engine.draws import Draws
from engine.factorisation import Factorisation
from engine.gibbs import Tastes
from engine.model import Explanation, Person, Viewer, known, known_movie, known_times
from engine.moments import Moments
from engine.products import product
from engine.stepwise import chunks

SIMILAR = 16
"""So many draws are enough to tell which films are alike."""
SPREAD = 40
"""So many draws are enough to tell how sure a folded-in prediction is."""
_CHUNK = 1 << 18
_MOVIES = 2048


@dataclass(frozen=True, eq=False, repr=False)
class PosteriorModel(Factorisation):
    """A model of many draws. Its factors and biases are those of the last draw, never averaged."""

    fold: Draws
    moments: Moments | None = None
    """What times add, on the scale learned on; None where they were not known."""

    def std(self, users: Ids, movies: Ids, times: Offsets | None = None) -> Floats:
        """Return (n,) the standard deviation of ratings of these pairs, in stars.

        In it are how much the draws differ, the noise of the user's ratings, and how little is
        known of the moments, which are as in `predict`.

        Raises
        ------
        InvalidRatings
            If an id is out of range.
        """
        users = known(users, self.n_users, "user")
        movies = known(movies, self.n_movies, "movie")
        times = None if times is None else known_times(times, len(users))
        variance = np.empty(len(users))
        for start in range(0, len(users), _CHUNK):
            part = slice(start, start + _CHUNK)
            variance[part] = self._variance(users[part], movies[part])
            when = None if times is None else times[part]
            variance[part] += self._of_moment(users[part], movies[part], when)
        return np.sqrt(variance).astype(np.float32)

    def interval(
        self, users: Ids, movies: Ids, level: float = 0.95, times: Offsets | None = None
    ) -> tuple[Floats, Floats]:
        """Return the ends (n,) of intervals that hold a rating with probability `level`.

        The rating is taken as normal around the prediction, and the ends are kept on the scale.
        """
        middle = self.predict(users, movies, clip=False, times=times)
        reach = normal_reach(level) * self.std(users, movies, times)
        return self.clipped(middle - reach), self.clipped(middle + reach)

    @cached_property
    def places(self) -> Floats:
        r"""(n_movies, draws · factors) the movies' places in several draws side by side.

        In draw s, movie i stands at $L_s^\top V_i^s$ with the covariance $L_s L_s^\top$ of the
        users' factors, so that products are covariances of what users would give, averaged over
        the draws. Those do not depend on how a draw's factors are turned; and since chance differs
        between draws, films with few ratings come out like nothing in particular.
        """
        chosen, k = self.fold.thinned(SIMILAR), self.factors
        roots = covariance.root(self.fold.users[chosen, :, :k])
        roots *= np.float32(self.fold.unit / np.sqrt(len(roots)))
        places = self.fold.movies[chosen, :, :k] @ roots
        return np.asarray(places.transpose(1, 0, 2).reshape(self.n_movies, -1), np.float32)

    @cached_property
    def directions(self) -> Floats:
        """(n_movies, draws · factors) the places, scaled to length 1."""
        length = np.linalg.norm(self.places, axis=1, keepdims=True)
        return np.asarray(self.places / np.where(length > 0, length, 1), np.float32)

    def _predict(self, users: Ids, movies: Ids) -> Floats:
        draws = self.fold

        def scores(s: int) -> Floats:
            return _products(draws.movies[s], draws.means[s], users, movies)

        total = draws.memo.total(users, movies, len(draws), scores)
        return (self.mean + draws.unit * total / len(draws)).astype(np.float32)

    def _variance(self, users: Ids, movies: Ids) -> Floats:
        draws = self.fold
        middle = (self._predict(users, movies) - np.float32(self.mean)) / np.float32(draws.unit)
        squares = np.zeros(len(users))
        for s in range(len(draws)):
            score = _products(draws.movies[s], draws.users[s], users, movies)
            squares += (score - middle) ** 2 + draws.variances[s][users]
        return np.asarray(draws.unit**2 * squares / len(draws), np.float32)

    @cached_property
    def now(self) -> Floats:
        """(n_movies,) what the time of the latest rating adds to each film, in stars."""
        if self.moments is None:
            return np.zeros(self.n_movies, np.float32)
        return self.fold.unit * self.moments.now(self.n_movies)

    def _moment(self, users: Ids, movies: Ids, times: Offsets | None) -> Floats | float:
        if self.moments is None or times is None:
            return self.now[movies]
        places = self.fold.memo.places(self.moments, users, movies, times)
        return self.fold.unit * self.moments.of(places).mean

    def _of_moment(self, users: Ids, movies: Ids, times: Offsets | None) -> Floats | float:
        """Return the variance (n,) of what moments add, in squared stars."""
        if self.moments is None:
            return 0.0
        if times is None:
            return self.fold.unit**2 * self.moments.spread
        places = self.fold.memo.places(self.moments, users, movies, times)
        return self.fold.unit**2 * self.moments.of(places).variance

    def _predict_all(self, users: Ids) -> Floats:
        movies = np.arange(self.n_movies, dtype=np.int32)
        rows = [self._predict(np.full(len(movies), user, np.int32), movies) for user in users]
        return np.array(rows, np.float32).reshape(len(users), len(movies)) + self.now

    def _viewer(self, movies: Ids, values: Floats) -> Viewer:
        return PosteriorViewer(self, movies, values)


@dataclass(frozen=True, eq=False, repr=False)
class PosteriorViewer(Person):
    """A person in a posterior: in every draw they have a Gaussian of their own."""

    model: PosteriorModel
    movies: Ids
    """(n,) what they rated"""
    values: Floats
    """(n,) stars"""

    @cached_property
    def regression(self) -> tuple[Floats, Floats]:
        """X (S, n, c), the rated movies with a last column of ones, and y (S, n)."""
        values = self.values - self.model.now[self.movies]
        return self.model.fold.regression(self.model.mean, self.movies, values)

    @cached_property
    def tastes(self) -> Tastes:
        """Their row in each draw: precision (S, c, c), mean (S, c), noise."""
        X, y = self.regression
        return self.model.fold.tastes(X, y, self.movies)

    @property
    def bias(self) -> float:
        """How much more than others they give, in stars."""
        return self.model.fold.unit * float(self.tastes.w[:, -1].mean())

    def predict(self, *, clip: bool = True) -> Floats:
        """Return (n_movies,) predicted stars."""
        return self.model.clipped(self._stars) if clip else self._stars.copy()

    @cached_property
    def _stars(self) -> Floats:
        """(n_movies,) predicted stars, wherever they fall."""
        draws, w = self.model.fold, self.tastes.w
        level = self.model.mean + self.bias + self.model.now
        if draws.summary is None:
            weights = w.copy()
            weights[:, -1] = 1
            stars = level.astype(np.float64)
            for movies, weight in zip(draws.movies, weights * draws.unit / len(draws), strict=True):
                stars += product(movies, weight[:, None])[:, 0]
            return stars.astype(np.float32)
        scores = draws.summary.scores(w[:, :-1])
        own = draws.movies[:, self.movies]
        scores[self.movies] = (np.einsum("snc,sc->sn", own[:, :, :-1], w[:, :-1])).mean(axis=0)
        scores[self.movies] += own[:, :, -1].mean(axis=0)
        return np.asarray(level + np.float32(draws.unit) * scores, np.float32)

    def std(self, movies: Ids | None = None) -> Floats:
        r"""Return (n_movies,) the standard deviation of a rating, in stars, or (n,) for `movies`.

        With the Gaussian $N(\bar w, A^{-1})$ of the person's row in each draw, it is the root of
        $\mathrm{Var}_s(x^\top \bar w) + \mathrm{E}_s(x^\top A^{-1} x) + \mathrm{E}_s(1/\alpha)$.

        Raises
        ------
        InvalidRatings
            If an id is out of range.
        """
        draws = self.model.fold.thinned(SPREAD)
        V = self.model.fold.movies[draws]
        if movies is not None:
            V = V[:, known(movies, self.model.n_movies, "movie")]
        variance = np.empty(V.shape[1], np.float32)
        for part in chunks(len(variance), _MOVIES):
            variance[part] = self._spread(V[:, part])
        noise = self.tastes.variance[draws].mean()
        return np.asarray(self.model.fold.unit * np.sqrt(variance + noise), np.float32)

    def _spread(self, V: Floats) -> Floats:
        """Return (m,) the variance of a score without the noise, of `V` (S, m, c) some movies."""
        columns = self._columns
        Z = V[:, :, :-1] @ columns[:, :-1] + columns[:, -1:]
        scores = Z[:, :, -1] + V[:, :, -1]
        within = np.einsum("smc,smc->m", Z[:, :, :-1], Z[:, :, :-1]) / len(V)
        return np.asarray(scores.var(axis=0) + within, np.float32)

    @cached_property
    def _columns(self) -> Floats:
        r"""(S, c, c + 1) what turns movies into $x^\top L^{-\top}$ and, last, $x^\top \bar w$.

        With $A = L L^\top$, $x^\top A^{-1} x = |L^{-1} x|^2$; the mean rides along as a column.
        """
        draws = self.model.fold.thinned(SPREAD)
        A, w, _, _ = (part[draws] for part in self.tastes)
        roots = np.linalg.inv(np.linalg.cholesky(A)).transpose(0, 2, 1)
        return np.concatenate([roots, w[:, :, None]], axis=2)

    def explain(self, movie: int) -> Explanation:
        r"""Return what each own rating adds to the unclipped score of `movie`.

        A draw's score is $x^\top A^{-1} (\alpha X^\top y + \Lambda m)$, linear in the ratings; the
        shares are averaged over the draws. `prior` is what the draws expect of anybody, or of
        anybody who rated these movies, before seeing the stars.

        Raises
        ------
        InvalidRatings
            If the id is out of range.
        """
        model = self.model
        movie = known_movie(movie, model)
        A, w, alpha, _ = self.tastes
        unit = model.fold.unit
        x, movie_bias, average = self._film(movie)
        movie_bias = unit * movie_bias + float(model.now[movie])
        X, y = self.regression
        z = np.linalg.solve(A, x[:, :, None]) * alpha[:, None, None]
        shares = unit * ((X @ z)[:, :, 0] * y).mean(axis=0)
        taste = unit * (average + float(np.einsum("sc,sc->s", x, w).mean()))
        prior = taste - float(shares.sum(dtype=np.float64))
        return Explanation(
            model.mean, movie_bias, self.bias, prior, self.movies, shares.astype(np.float32)
        )

    def _film(self, movie: int) -> tuple[Floats, float, float]:
        """Return (S, c) a film's factors with a last 0, its bias, and what to add to its taste.

        They are what `predict` goes by: the draws, or what stands for them beside the average.
        """
        draws = self.model.fold
        x = draws.movies[:, movie].copy()
        bias = float(x[:, -1].mean())
        x[:, -1] = 0
        if draws.summary is None or movie in self.movies:
            return x, bias, 0.0
        x[:, :-1] = draws.summary.film(movie)
        beside = np.einsum("sk,sk->s", x[:, :-1], draws.summary.typical).mean()
        return x, bias, float(draws.summary.average[movie] - beside)


def normal_reach(level: float) -> float:
    """Return how many standard deviations around its mean hold `level` of a normal variable."""
    return NormalDist().inv_cdf((1 + level) / 2)


def _products(M: Floats, W: Floats, users: Ids, movies: Ids) -> Floats:
    """Return (n,) the scores of pairs, without the mean."""
    m, w = np.take(M, movies, axis=0), np.take(W, users, axis=0)
    score = np.einsum("ij,ij->i", m[:, :-1], w[:, :-1])
    return np.asarray(score + m[:, -1] + w[:, -1])
