r"""Factorisation: a model in which movies and users are rows of as many factors.

A prediction is $\hat r_{ui} = \mu + b_i + b_u + m_i^\top w_u$: the mean of all ratings, the movie's
and the user's bias, and the agreement of their factors, in stars. Algorithms without biases leave
$b$ at zero, and $\mu$ where the scale that they learn on begins (`engine.own_scale`); in a model of
interest the agreement is the interest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from engine import covariance
from engine.arrays import Doubles, Floats, Ids, Mask
from engine.model import Explanation, Model, Person, Viewer, known_movie
from engine.nnls import fnnls
from engine.own_scale import OwnScale
from engine.ratings import Ratings, Scale
from engine.rows import Penalty, solve_rows
from engine.solving import regularised
from engine.stepwise import Work
from engine.stored import stored


@dataclass(frozen=True, eq=False)
class Equations:
    r"""A person's weights as the solution of $A w = X^\top y + p$, linear in their ratings y."""

    A: Floats
    """(c, c) with the penalty; identity rows for weights held at zero."""
    X: Floats
    """(n, c) what each rated movie says, zero in columns held at zero."""
    y: Floats
    """(n,) ratings less the mean and the movie's bias."""
    prior: Floats
    """(c,) p"""

    @cached_property
    def w(self) -> Floats:
        """(c,) the weights."""
        b = self.X.T.astype(np.float64) @ self.y + self.prior
        return _solved(self.A, b).astype(np.float32)

    def shares(self, x: Floats) -> tuple[Floats, float]:
        r"""Return each rating's share (n,) of $x^\top w$, and the prior's."""
        z = _solved(self.A, x.astype(np.float64))
        return ((self.X @ z) * self.y).astype(np.float32), float(self.prior @ z)

    def on(self, P: Mask) -> Equations:
        """Return the system with the weights outside P (c,) held at zero."""
        A = self.A * (P[:, None] & P) + np.diag(~P).astype(np.float32)
        return Equations(A, self.X * P, self.y, self.prior * P)


def _solved(A: Floats, b: Doubles) -> Doubles:
    """Return (c,) the solution, in doubles: a score and its shares come from two of them."""
    return np.asarray(np.linalg.solve(A.astype(np.float64), b), np.float64)


class Fold(Protocol):
    """How an algorithm finds a person's weights when the movies are frozen."""

    @property
    def has_bias(self) -> bool:
        """Whether the last weight is the person's bias."""
        ...

    def equations(self, model: Factorisation, movies: Ids, values: Floats) -> Equations:
        """Return the system that the weights of a person with these ratings solve."""
        ...

    def rescaled(self, unit: float) -> Fold:
        """Return the same for ratings that are so many times as large."""
        ...


NEWCOMERS_BIAS = 5.0
"""The noise of ratings over the variance of people's biases is about 5, on whatever scale."""


@stored
@dataclass(frozen=True)
class Ridge:
    """Regularised least squares on the known ratings, as in a pass of ALS.

    The penalty of a pass suits people with many ratings. After one or two it would take their
    stars for how high somebody rates, and predict worse than from no rating at all; so the bias
    costs at least `NEWCOMERS_BIAS`.
    """

    penalty: Penalty

    @property
    def has_bias(self) -> bool:
        """Whether the last weight is the person's bias."""
        return self.penalty.bias_reg is not None

    def equations(self, model: Factorisation, movies: Ids, values: Floats) -> Equations:
        """Return the system restricted to the weights that the constraint leaves positive."""
        X = with_ones(model.movie_factors[movies]) if self.has_bias else model.movie_factors[movies]
        y = values - model.mean - model.movie_bias[movies]
        n, c = X.shape
        cost = self.penalty.diagonal(np.array([n]), c)
        if self.has_bias:
            cost[:, -1] = np.maximum(cost[:, -1], NEWCOMERS_BIAS)
        A = regularised((X.T @ X)[None], cost)[0]
        equations = Equations(A, X, y, np.zeros(c, np.float32))
        return self._on_positive(equations) if self.penalty.nonnegative else equations

    def rescaled(self, unit: float) -> Ridge:
        """Return the same: twice the ratings have twice the weights, whatever the penalty."""
        return self

    def _on_positive(self, equations: Equations) -> Equations:
        """Return the system on the weights that the constraint leaves positive."""
        c = len(equations.prior)
        free = self.penalty.free(c)
        b = equations.X.T @ equations.y
        P = fnnls(equations.A[None], b[None], np.ones((1, c), bool), free)[1][0]
        while True:
            found = equations.on(P)
            negative = P & ~free & (found.w < 0)
            if not negative.any():
                return found
            P &= ~negative


def with_ones(factors: Floats) -> Floats:
    """Return the factors with a last column of ones, which the bias weighs."""
    return np.hstack([factors, np.ones((len(factors), 1), np.float32)])


@dataclass(frozen=True, eq=False, repr=False)
class Factorisation(Model):
    """A model of factors and, where the algorithm has them, biases."""

    fold: Fold
    """How it finds the factors of a person it never saw."""
    mean: float
    """Mean of the training ratings, in stars; without biases, where the scale learned on is 0."""
    movie_bias: Floats
    """(n_movies,) stars"""
    user_bias: Floats
    """(n_users,) stars"""
    movie_factors: Floats
    """(n_movies, factors)"""
    user_factors: Floats
    """(n_users, factors)"""

    @property
    def n_users(self) -> int:
        """How many users it was trained on."""
        return len(self.user_factors)

    @property
    def factors(self) -> int:
        """The rank, which may be less than was asked for where there is no more to find."""
        return self.movie_factors.shape[1]

    @property
    def caution(self) -> str:
        """What to know before relying on this model, in a sentence or two; empty if nothing."""
        if self.factors:
            return ""
        return (
            f"{self.algorithm.title} found no factors: these ratings are too few, or too alike, to"
            " tell tastes apart, so it knows only who is generous and which films are liked. Learn"
            " from more ratings, or take another algorithm."
        )

    @cached_property
    def directions(self) -> Floats:
        """(n_movies, factors) the movies' factors, scaled to length 1."""
        length = np.linalg.norm(self.movie_factors, axis=1, keepdims=True)
        return (self.movie_factors / np.where(length > 0, length, 1)).astype(np.float32)

    @cached_property
    def places(self) -> Floats:
        """(n_movies, c) where the movies lie, with distances in stars; see `engine.latent`."""
        places: Floats = self.movie_factors @ covariance.root(self.user_factors)
        return places

    def rescaled(self, own: OwnScale, scale: Scale) -> Factorisation:
        """Return this model, learned on the scale `own`, as one of stars on the file's `scale`.

        Biases and users' weights carry the stars; the movies' factors are figures without a unit,
        so that a person's equations are the same on either scale.
        """
        unit = np.float32(own.unit)
        return replace(
            self,
            scale=scale,
            fold=self.fold.rescaled(own.unit),
            mean=own.zero + own.unit * self.mean,
            movie_bias=unit * self.movie_bias,
            user_bias=unit * self.user_bias,
            user_factors=unit * self.user_factors,
        )

    def refolding(self, train: Ratings) -> Work[Factorisation]:
        """Return this model with the users solved for anew, as in `fold_in`."""
        if not isinstance(self.fold, Ridge) or not self.factors:
            return self
        W = np.empty((self.n_users, self.factors + self.fold.has_bias), np.float32)
        for solved in solve_rows(
            train.by_user,
            self.movie_factors,
            None,
            self.fold.penalty,
            level=self.mean + self.movie_bias,
            intercept=self.fold.has_bias,
        ):
            W[solved.rows] = solved.w
            yield solved.done
        bias = W[:, -1].copy() if self.fold.has_bias else self.user_bias
        return replace(self, user_factors=W[:, : self.factors].copy(), user_bias=bias)

    def _predict(self, users: Ids, movies: Ids) -> Floats:
        taste = np.einsum("ij,ij->i", self.user_factors[users], self.movie_factors[movies])
        return self.mean + self.movie_bias[movies] + self.user_bias[users] + taste

    def _viewer(self, movies: Ids, values: Floats) -> Viewer:
        return FoldedViewer(self, movies, values, self.fold.equations(self, movies, values))

    def _predict_all(self, users: Ids) -> Floats:
        scores: Floats = self.user_factors[users] @ self.movie_factors.T
        scores += np.float32(self.mean) + self.movie_bias
        scores += self.user_bias[users][:, None]
        return scores

    def _alike(self, movie: int) -> Floats:
        """Return (n_movies,) the cosine between each movie's factors and those of `movie`."""
        return _times(self.directions, self.directions[movie])


@dataclass(frozen=True, eq=False, repr=False)
class FoldedViewer(Person):
    """A person in a model whose factors are one point."""

    model: Factorisation
    movies: Ids
    """(n,) what they rated"""
    values: Floats
    """(n,) stars"""
    equations: Equations

    @property
    def factors(self) -> Floats:
        """(factors,) their row."""
        return self.equations.w[: self.model.factors]

    @property
    def bias(self) -> float:
        """How much more than others they give, in stars."""
        return float(self.equations.w[-1]) if self.model.fold.has_bias else 0.0

    def predict(self, *, clip: bool = True) -> Floats:
        """Return (n_movies,) predicted stars."""
        model = self.model
        stars = _times(model.movie_factors, self.factors) + model.movie_bias
        stars += np.float32(model.mean + self.bias)
        return model.clipped(stars) if clip else stars

    def std(self, movies: Ids | None = None) -> Floats | None:
        """Return None: a single point does not know how sure it is."""
        return None

    def explain(self, movie: int) -> Explanation:
        """Return what each own rating adds to the unclipped score of `movie`.

        Raises
        ------
        InvalidRatings
            If the id is out of range.
        """
        model = self.model
        movie = known_movie(movie, model)
        x = np.zeros(len(self.equations.prior), np.float32)
        x[: model.factors] = model.movie_factors[movie]
        shares, prior = self.equations.shares(x)
        return Explanation(
            model.mean, float(model.movie_bias[movie]), self.bias, prior, self.movies, shares
        )


def _times(rows: Floats, w: Floats) -> Floats:
    """Return (n,) the product of (n, c) with (c,).

    BLAS would wake its threads for it, and wait for them long where a training keeps the processor
    busy.
    """
    product: Floats = np.einsum("ij,j->i", rows, w)
    return product
