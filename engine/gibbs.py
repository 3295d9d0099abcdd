r"""The conditional distributions that Gibbs sampling of a factorisation walks through.

Each draws one group of unknowns with all others held still (Salakhutdinov & Mnih 2008, "Bayesian
probabilistic matrix factorization using Markov chain Monte Carlo", doi:10.1145/1390156.1390267;
the equation numbers are theirs). Row $i$ carries $w_i = (U_i, b_i)$, its factors and its bias; with
the other side's rows as $x_j = (V_j, 1)$ and $y_{ij}$ the ratings less the mean and the other
side's biases,

$$w_i \mid \cdot \sim N(A_i^{-1} c_i, A_i^{-1}), \quad
  A_i = \alpha_i \sum_j x_j x_j^\top + \Lambda, \quad
  c_i = \alpha_i \sum_j y_{ij} x_j + \Lambda m_i. \qquad (11\text{–}13)$$
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import Doubles, Floats, Offsets
from engine.products import square
from engine.stored import stored

FINEST = 1e-4
"""Lowest variance of the noise, in squared stars: nobody rates more exactly than 0.01 stars."""
_JITTER = 2e-6
_SMALL = 8


class Gaussian(NamedTuple):
    """What rows are drawn from before their ratings are seen: mean and precision."""

    mu: Doubles
    """(c,)"""
    Lambda: Doubles
    """(c, c)"""


@dataclass(frozen=True)
class NormalWishart:
    r"""The hyperprior of a side: what its Gaussian is drawn from before any row is seen.

    $\Lambda \sim W(W_0, \nu_0)$ and $\mu \sim N(0, (\beta_0 \Lambda)^{-1})$, with $\nu_0 = c$ and
    $W_0^{-1} = \nu_0 \, \mathrm{width} \, I$: `width` is the variance that rows are thought to
    have.
    """

    width: float
    beta0: float = 1.0

    def draw(
        self,
        rows: Doubles,
        rng: np.random.Generator,
        scatter: Doubles | float = 0.0,
        degrees: int = 0,
    ) -> Gaussian:
        r"""Draw the Gaussian that `rows` (n, c) come from (14).

        Parameters
        ----------
        rows : (n, c)
        rng : source of randomness
        scatter, degrees : (c, c) and int, optional
            What else is known to have the precision $\Lambda$ around zero: the sum of its outer
            products and its count.
        """
        n, c = rows.shape
        mean = rows.mean(axis=0)
        S = square(rows - mean) + scatter
        pull = n * self.beta0 / (n + self.beta0)
        inverse_W = c * self.width * np.eye(c) + S + pull * np.outer(mean, mean)
        Lambda = wishart(np.linalg.inv(inverse_W), c + n + degrees, rng)
        root = np.linalg.cholesky((n + self.beta0) * Lambda)
        spread = np.linalg.solve(root.T, rng.standard_normal(c))
        return Gaussian(n * mean / (n + self.beta0) + spread, Lambda)


def wishart(W: Doubles, degrees: float, rng: np.random.Generator) -> Doubles:
    """Draw (c, c) from the Wishart distribution with scale `W`, by Bartlett's decomposition."""
    c = len(W)
    T = np.tril(rng.standard_normal((c, c)), -1)
    T[np.diag_indices(c)] = np.sqrt(rng.chisquare(degrees - np.arange(c)))
    half = np.linalg.cholesky(W) @ T
    return np.asarray(half @ half.T)


def draw_rows(A: Floats, c: Floats, z: Floats) -> Floats:
    r"""Draw $w_i \sim N(A_i^{-1} c_i, A_i^{-1})$ for every row.

    With $A = L L^\top$ and standard normal z, $L^{-\top} (L^{-1} c + z) = A^{-1} c + L^{-\top} z$,
    whose covariance is $L^{-\top} L^{-1} = A^{-1}$.

    Parameters
    ----------
    A : (n, c, c), changed in place by a trace of jitter
    c : (n, c)
    z : (n, c) standard normal
    """
    diagonal = np.einsum("nii->ni", A)
    diagonal += _JITTER * diagonal.max(axis=1, initial=0, keepdims=True)
    L = np.linalg.cholesky(A)
    return backward(L, forward(L, c) + z)


def forward(L: Floats, b: Floats) -> Floats:
    """Return v (n, c) with $L_i v_i = b_i$ for lower triangles L (n, c, c), all rows at once."""
    v = np.empty_like(b)
    for j in range(b.shape[1]):
        known = np.einsum("nk,nk->n", L[:, j, :j], v[:, :j])
        v[:, j] = (b[:, j] - known) / L[:, j, j]
    return v


def backward(L: Floats, v: Floats) -> Floats:
    r"""Return w (n, c) with $L_i^\top w_i = v_i$ for lower triangles L (n, c, c)."""
    w = np.empty_like(v)
    for j in reversed(range(v.shape[1])):
        known = np.einsum("nk,nk->n", L[:, j + 1 :, j], w[:, j + 1 :])
        w[:, j] = (v[:, j] - known) / L[:, j, j]
    return w


def inverse(L: Floats) -> Floats:
    """Return (n, c, c) the inverses of lower triangles L (n, c, c), by halves."""
    c = L.shape[1]
    out = np.zeros_like(L)
    if c <= _SMALL:
        for j in range(c):
            out[:, j, j] = 1 / L[:, j, j]
            out[:, j, :j] = -(L[:, j, None, :j] @ out[:, :j, :j])[:, 0] * out[:, j, j, None]
        return out
    h = c // 2
    above, below = inverse(L[:, :h, :h]), inverse(L[:, h:, h:])
    out[:, :h, :h], out[:, h:, h:] = above, below
    out[:, h:, :h] = -(below @ (L[:, h:, :h] @ above))
    return out


class Evidence(NamedTuple):
    """Sums over the ratings of each row: all that its conditional needs to know of them."""

    A: Floats
    r"""(n, c, c) of $x x^\top$"""
    b: Floats
    """(n, c) of $y x$"""
    yy: Floats
    """(n,) of $y^2$"""
    counts: Offsets
    """(n,) of ones"""

    def squared_errors(self, w: Floats) -> Floats:
        r"""Return (n,) $\sum_j (y_j - x_j^\top w)^2$ of every row with weights `w` (n, c)."""
        fitted = np.einsum("ni,ni->n", w, 2 * self.b - np.einsum("nij,nj->ni", self.A, w))
        return np.asarray(np.maximum(self.yy - fitted, 0), np.float32)


@stored
@dataclass(frozen=True)
class Noise:
    r"""How far ratings scatter: user i's variance $1/\alpha_i$ around a common level $\tau$.

    $\alpha_i \sim \Gamma(\nu/2, \nu\tau/2)$, so that a user counts as having shown $\nu$ ratings of
    variance $\tau$ before the first; without `alike`, which is $\nu$, all have $\tau$.
    """

    alike: float | None

    def after(self, tau: Floats, squared: Floats, counts: Offsets) -> tuple[Floats, Floats]:
        r"""Return the $\alpha$ and $1/\alpha$ to expect after ratings with these squared errors."""
        if self.alike is None:
            variance = np.broadcast_to(tau, squared.shape).astype(np.float32)
            return np.reciprocal(variance), variance
        shown = self.alike * tau + squared
        alpha = np.minimum((self.alike + counts) / shown, 1 / FINEST)
        variance = np.maximum(shown / (self.alike + counts - 2), FINEST)
        return alpha.astype(np.float32), variance.astype(np.float32)

    def draw(
        self, tau: float, squared: Floats, counts: Offsets, rng: np.random.Generator
    ) -> tuple[float, Floats]:
        r"""Draw $\tau$ and $\alpha$ (n,) given every user's squared errors and count of ratings."""
        if self.alike is None:
            shape = (1 + int(counts.sum())) / 2
            tau = float((1 + squared.sum(dtype=np.float64)) / 2 / rng.gamma(shape))
            tau = max(tau, FINEST)
            return tau, np.full(len(counts), 1 / tau, np.float32)
        nu = self.alike
        alpha = rng.gamma((nu + counts) / 2) * 2 / (nu * tau + squared)
        alpha = np.minimum(alpha, 1 / FINEST)
        tau = rng.gamma((1 + nu * len(alpha)) / 2) * 2 / (1 + nu * float(alpha.sum()))
        return max(tau, FINEST), alpha.astype(np.float32)


class Tastes(NamedTuple):
    """Gaussians of rows of weights, and the noise of ratings around them."""

    A: Floats
    """(n, c, c) precision"""
    w: Floats
    """(n, c) mean"""
    alpha: Floats
    """(n,) precision of the noise, as the rows were solved for"""
    variance: Floats
    """(n,) variance of the noise of a new rating"""


def tastes(evidence: Evidence, m: Floats, Lambda: Floats, tau: Floats, noise: Noise) -> Tastes:
    r"""Return what rows are expected to be given their ratings, and nothing about their noise.

    They are solved for with $\alpha = 1/\tau$, which tells the squared errors to expect, the row's
    own uncertainty among them: $\sum (y - x^\top w)^2 + \mathrm{tr}(X^\top X A^{-1})$. With the
    $\alpha$ that follows they are solved for again. That depends on nothing but the arguments, so a
    person gets the same row whether they were in the training ratings or are folded in later.

    Parameters
    ----------
    evidence : of n rows
    m : (n, c) mean before the ratings
    Lambda : (n, c, c) or (c, c) precision before the ratings
    tau : (n,) or ()
    noise : how users differ
    """
    pull = (Lambda @ m[:, :, None])[:, :, 0]

    def solved(alpha: Floats) -> tuple[Floats, Floats, Floats]:
        A = alpha[:, None, None] * evidence.A + Lambda
        L = np.linalg.cholesky(A)
        return A, L, backward(L, forward(L, alpha[:, None] * evidence.b + pull))

    counts = evidence.counts
    first = np.broadcast_to(np.asarray(1 / tau, np.float32), counts.shape)
    A, L, w = solved(first)
    if noise.alike is None:
        return Tastes(A, w, *noise.after(tau, evidence.yy, counts))
    root = inverse(L)
    squared = evidence.squared_errors(w) + np.einsum("nij,nij->n", root @ evidence.A, root)
    alpha, variance = noise.after(tau, squared, counts)
    A, _, w = solved(alpha)
    return Tastes(A, w, alpha, variance)
