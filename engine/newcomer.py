r"""How a person joins a model of who rated what when they have told of a few films only.

In training an unknown pair says that the film was not picked. Of somebody who has told of n films,
where people of the dataset told of $\bar n$, it says much less: nobody asked yet. So unknown pairs
weigh $\omega = \min(1, n / \bar n)$, and what is missing comes from the others: the person's row is
Gaussian, with the mean $\mu$ and the covariance $C$ of the training users' rows. Of the films
$\Omega$ that they told of, with the movie factors $M$ frozen and the weight $1 + \alpha$ of a known
pair, the most probable row solves

$$\left(\omega M^\top M + (1 + \alpha - \omega) \sum_{j \in \Omega} M_j M_j^\top
  + \sigma^2 C^{-1}\right) w
  = (1 + \alpha) \sum_{j \in \Omega} p_j M_j + \sigma^2 C^{-1} \mu,$$

where $\sigma^2$ is how much a preference varies around what factors tell of it. As in training, the
preference $p_j$ for a film is the weight of its stars (`engine.preference`), so that two people who
saw the same films are told apart by which they liked. Nobody's films give the average person,
$\mu$.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import preference
from engine.arrays import Floats, Ids, Mask, read_only
from engine.factorisation import Equations, Factorisation
from engine.products import square
from engine.ratings import Ratings
from engine.stored import stored

NOISE = 0.1
r"""$\sigma^2$"""
LEAST = 1e-3
"""The covariance along any direction is at least this part of the average."""
FLOOR = 1e-9
"""And at least this much: where ratings bear no factors, all rows are near zero and alike."""


@stored
@dataclass(frozen=True, eq=False)
class Newcomer:
    """What is needed to place a person, beside the movie factors."""

    alpha: float
    r"""$\alpha$"""
    typical: float
    r"""$\bar n$, films that a training user told of"""
    liking: float
    """How much stars count, from 0 to 1."""
    G: Floats
    r"""(factors, factors) $M^\top M$"""
    precision: Floats
    r"""(factors, factors) $\sigma^2 C^{-1}$"""
    pull: Floats
    r"""(factors,) $\sigma^2 C^{-1} \mu$"""
    has_bias: bool = False

    def __post_init__(self) -> None:
        read_only(self)

    @classmethod
    def among(cls, train: Ratings, U: Floats, M: Floats, alpha: float, liking: float) -> Newcomer:
        """Return what places people among training users; those without ratings do not count.

        Parameters
        ----------
        train : what was learned from
        U : (n_users, factors)
        M : (n_movies, factors)
        alpha : how much more a known pair weighs than an unknown one
        liking : how much stars count, from 0 to 1
        """
        told = train.by_user.counts
        active: Mask = told > 0
        U = U[active].astype(np.float64)
        mu = U.mean(axis=0)
        C = square(U - mu) / len(U)
        C[np.diag_indices(len(C))] += max(LEAST * np.trace(C) / len(C), FLOOR)
        precision = NOISE * np.linalg.inv(C)
        return cls(
            alpha,
            float(told[active].mean()),
            liking,
            square(M),
            precision.astype(np.float32),
            (precision @ mu).astype(np.float32),
        )

    def equations(self, model: Factorisation, movies: Ids, values: Floats) -> Equations:
        """Return the system of a person who gave `movies` these stars."""
        X = model.movie_factors[movies]
        known, unknown = 1 + self.alpha, min(1.0, len(movies) / self.typical)
        A = np.float32(unknown) * self.G + np.float32(known - unknown) * (X.T @ X) + self.precision
        p = preference.weight(values, model.scale, self.liking)
        return Equations(A, X, np.float32(known) * p, self.pull)

    def rescaled(self, unit: float) -> Newcomer:
        """Return the same: only how high stars stand on their scale is looked at."""
        return self
