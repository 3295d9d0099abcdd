r"""Many draws as one product, for quick predictions among many films.

A person's row differs from draw to draw, and so do the films' factors: what a taste adds to film i,
$\frac1S \sum_s V_i^{s\top} w^s$, is a sum over all draws. Yet what people differ in has few
dimensions. Let $\bar w^s$ be the mean of the users' rows, and the columns of Q (n_movies, r) an
orthonormal basis of what is predicted for r training users beyond that mean. Then nearly

$$\frac1S \sum_s V_i^{s\top} w^s \approx \frac1S \sum_s V_i^{s\top} \bar w^s
  + Q_i^\top \, \frac1S \sum_s R^s (w^s - \bar w^s), \qquad R^s = Q^\top V^s,$$

which is a randomised range finder (Halko, Martinsson & Tropp 2011, doi:10.1137/090771806) whose
test vectors are people. For the average person it is exact; on ml-latest-small, others' films come
out .01 star off (root of the mean square), a third of what leaving out six draws in ten would do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.stepwise import chunks

RANK = 48
"""r, people whose predictions span the others'."""
_FILMS = 2048
LARGE = 1 << 24
"""With so many numbers in the draws of the films, and more, they are summarised."""


@dataclass(frozen=True, eq=False)
class Summary:
    """What stands for the draws of all films; S draws of k factors, in stars as learned."""

    biases: Floats
    """(n_movies,) the films' biases, averaged over the draws"""
    average: Floats
    """(n_movies,) what the average person's taste adds"""
    typical: Floats
    r"""(S, k) $\bar w^s$"""
    Q: Floats
    """(n_movies, r)"""
    R: Floats
    """(S, r, k)"""

    @classmethod
    def of(cls, movies: Floats, means: Floats) -> Summary:
        """Summarise the draws.

        Parameters
        ----------
        movies : (S, n_movies, k + 1) as drawn, the last column their biases
        means : (S, n_users, k + 1) the users' rows
        """
        S, n_movies, c = movies.shape
        typical = means[:, :, :-1].mean(axis=1)
        chosen = np.random.default_rng(0).permutation(means.shape[1])[:RANK]
        people = (means[:, chosen, :-1] - typical[:, None]).transpose(0, 2, 1)
        vectors = np.concatenate([people, typical[:, :, None]], axis=2).reshape(S * (c - 1), -1)
        told = np.empty((n_movies, vectors.shape[1]), np.float32)
        moments = np.zeros((vectors.shape[1] - 1, len(vectors)), np.float32)
        for part in chunks(n_movies, _FILMS):
            V = movies[:, part, :-1].transpose(1, 0, 2).reshape(-1, len(vectors))
            told[part] = V @ vectors
            moments += told[part, :-1].T @ V
        basis = _orthonormal(moments @ vectors[:, :-1])
        R = (basis.T @ moments).reshape(-1, S, c - 1).transpose(1, 0, 2)
        average = told[:, -1] / np.float32(S)
        return cls(movies[:, :, -1].mean(axis=0), average, typical, told[:, :-1] @ basis, R)

    def scores(self, w: Floats) -> Floats:
        """Return (n_movies,) what films get from somebody with rows `w` (S, k), without mean."""
        beyond = np.einsum("srk,sk->r", self.R, w - self.typical) / np.float32(len(w))
        # Not by BLAS, whose threads a training would keep waiting.
        scores: Floats = np.einsum("ir,r->i", self.Q, beyond)
        scores += self.average
        scores += self.biases
        return scores

    def film(self, movie: int) -> Floats:
        """Return (S, k) what stands for the factors of a film beyond the average person."""
        return np.asarray(np.einsum("r,srk->sk", self.Q[movie], self.R), np.float32)


def _orthonormal(G: Floats) -> Floats:
    """Return T (r, r') for which X T has orthonormal columns, of the X with the product G.

    Directions in which X reaches less than a thousandth of the farthest are left out.
    """
    values, vectors = np.linalg.eigh(G.astype(np.float64))
    kept = values > 1e-6 * max(values[-1], 1e-12)
    return (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)
