r"""t-SNE: a map on which near things stay near (van der Maaten & Hinton 2008, JMLR 9:2579-2605).

Each point's neighbours get probabilities $p_{j|i} \propto \exp(-\beta_i d_{ij}^2)$ with $\beta_i$
such that their entropy is the logarithm of the perplexity, made symmetric as
$p_{ij} = (p_{j|i} + p_{i|j}) / 2n$. On the map, $q_{ij} = w_{ij} / Z$ with
$w_{ij} = (1 + \|y_i - y_j\|^2)^{-1}$ and $Z = \sum w$, and gradient descent lowers their
Kullback-Leibler divergence by

$$\frac{\partial \mathrm{KL}}{\partial y_i} = 4 \sum_j (p_{ij} - q_{ij})\, w_{ij} (y_i - y_j),$$

with momentum, a gain for every coordinate, exaggerated $p$ at first, and the principal components
to start from (Kobak & Berens 2019, doi:10.1038/s41467-019-13056-x). It is exact: no tree, no grid.
The pairs are walked in blocks of rows that fit in a cache, so that only P is held whole: 16 MB for
2,000 points.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Doubles, Floats, Offsets
from engine.errors import EngineError
from engine.latent import pca
from engine.stepwise import Work, chunks

EXAGGERATION = 12.0
EXAGGERATED = 0.25
"""The share of the iterations that are exaggerated."""
BLOCK = 1 << 16
"""Pairs handled in one go: a few arrays of so many stay in the processor's cache, and products
with them are too small for BLAS to hand to threads, which would wait for each other for longer."""
STEP = 1 << 26
"""At most so many pairs, or one iteration, are handled between two yields."""
_LEAST_GAIN = 0.01


@dataclass(frozen=True, eq=False)
class Embedding:
    """The map so far."""

    progress: float
    """From 0 to 1."""
    points: Floats
    """(n, 2), of no unit: only nearness means something."""
    kl: float
    """The divergence that is lowered, without exaggeration; NaN while it is not measured."""


def tsne(
    points: Floats, *, perplexity: float = 30.0, iterations: int = 400, every: int = 10
) -> Iterator[Embedding]:
    """Yield the map as it unfolds; to cancel, stop asking. The same points give the same map.

    Parameters
    ----------
    points : (n, c)
    perplexity : how many neighbours each point has in effect; a third of the points at the most
    iterations : steps of gradient descent
    every : how many of them between two yields, the last one always among them

    Raises
    ------
    EngineError
        If a coordinate is not finite.
    """
    X = np.ascontiguousarray(points, np.float32)
    if not np.isfinite(X).all():
        raise EngineError("The points of a map must be numbers: one is NaN or infinite.")
    n = len(X)
    if n < 4:
        yield Embedding(1.0, _start(X), 0.0)
        return
    start = _start(X)
    P = yield from _waiting(affinities(X, min(perplexity, (n - 1) / 3)), start)
    descent = _Descent(P, start)
    calm = round(EXAGGERATED * iterations)
    pairs = 0
    for i in range(iterations):
        shown = (i + 1) % every == 0 or i + 1 == iterations
        exaggeration = EXAGGERATION if i < calm else 1.0
        kl = descent.step(exaggeration, 0.5 if i < calm else 0.8, shown)
        pairs += n * n
        if shown or pairs >= STEP:
            pairs = 0
            yield Embedding((i + 1) / iterations, descent.Y.copy(), kl)


def _waiting(work: Work[Floats], start: Floats) -> Generator[Embedding, None, Floats]:
    """Do `work` while the map is what it starts from."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Floats = end.value
            return result
        yield Embedding(0.0, start.copy(), float("nan"))


def affinities(points: Floats, perplexity: float) -> Work[Floats]:
    """Return (n, n) the symmetric probabilities $p_{ij}$, which sum to 1, block by block."""
    n = len(points)
    P = squared_distances(points)
    for rows in chunks(n, max(BLOCK // n, 1)):
        P[rows] = conditional(P[rows], perplexity, np.arange(rows.start, rows.stop))
        yield rows.stop / n
    P += P.T.copy()
    P /= P.sum(dtype=np.float64)
    return P


def conditional(
    D: Floats, perplexity: float, own: Offsets | None = None, rounds: int = 40
) -> Floats:
    r"""Return (m, n) $p_{j|i}$, 0 for each row's own point and of the given perplexity.

    The entropy of a row falls as $\beta_i$ rises, so each is found by bisection, all rows at once.

    Parameters
    ----------
    D : (m, n) squared distances of m of the points from all
    perplexity : 2 to the entropy in bits; below n - 1
    own : (m,) which of the n points each row belongs to; the same in order unless told
    rounds : at most so many halvings
    """
    D = np.array(D, np.float32)
    itself = np.arange(len(D)), np.arange(len(D)) if own is None else own
    D[itself] = np.inf
    D -= D.min(axis=1, keepdims=True)
    D[itself] = 0
    goal = np.log(perplexity)
    low, high = np.zeros(len(D)), np.full(len(D), np.inf)
    beta = 1 / np.maximum(D.mean(axis=1, dtype=np.float64), 1e-12)
    P = np.empty_like(D)
    for _ in range(rounds):
        entropy = _entropies(D, beta, P, itself)
        if (np.abs(entropy - goal) < 1e-4).all():
            break
        flat = entropy > goal
        low, high = np.where(flat, beta, low), np.where(flat, high, beta)
        beta = np.where(np.isinf(high), 2 * beta, (low + high) / 2)
    return P


def squared_distances(X: Floats) -> Floats:
    r"""Return (n, n) $\|x_i\|^2 - 2 x_i^\top x_j + \|x_j\|^2$, never negative."""
    D: Floats = X @ (-2 * X.T)
    lengths = np.einsum("ij,ij->i", X, X)
    D += lengths[:, None]
    D += lengths
    return np.maximum(D, 0, out=D)


def _entropies(D: Floats, beta: Doubles, P: Floats, itself: tuple[Offsets, Offsets]) -> Doubles:
    r"""Fill P with the rows for `beta` and return their entropies (n,), in nats.

    $H_i = \log \sum_j e^{-\beta_i d_{ij}} + \beta_i \sum_j p_{j|i} d_{ij}$
    """
    np.multiply(D, -beta[:, None].astype(np.float32), out=P)
    np.exp(P, out=P)
    P[itself] = 0
    total = P.sum(axis=1, dtype=np.float64)
    P /= total[:, None].astype(np.float32)
    mean = np.einsum("ij,ij->i", P, D).astype(np.float64)
    entropies: Doubles = np.log(total) + beta * mean
    return entropies


def _start(X: Floats) -> Floats:
    """Return (n, 2) the two leading principal components, small, with ties broken."""
    Y = np.zeros((len(X), 2), np.float32)
    found = pca(X, 2)
    Y[:, : len(found.axes)] = found.coordinates(X)
    Y *= 1e-4 / max(float(Y[:, 0].std()), 1e-12) if len(X) else 1
    Y += np.random.default_rng(0).normal(0, 1e-6, Y.shape).astype(np.float32)
    return Y


class _Descent:
    """Gradient descent with momentum and gains; its big arrays are allocated once."""

    def __init__(self, P: Floats, Y: Floats) -> None:
        self.P = P
        self.Y = Y
        self.velocity = np.zeros_like(Y)
        self.gains = np.ones_like(Y)
        self.rows = max(BLOCK // len(P), 1)
        self.scratch = np.empty((2, self.rows, len(P)), np.float32)
        known = P[P > 0].astype(np.float64)
        self.entropy = -float(known @ np.log(known))

    def step(self, exaggeration: float, momentum: float, measure: bool) -> float:
        """Move the map once; return the divergence it had before, if it is to be measured."""
        gradient, kl = self.gradient(exaggeration, measure)
        n = len(self.Y)
        rate = np.float32(max(n / exaggeration, min(200, n)) / 4)
        uphill = np.sign(gradient) != np.sign(self.velocity)
        self.gains = np.where(uphill, self.gains + np.float32(0.2), self.gains * np.float32(0.8))
        np.maximum(self.gains, _LEAST_GAIN, out=self.gains)
        self.velocity = np.float32(momentum) * self.velocity - rate * self.gains * gradient
        self.Y = self.Y + self.velocity
        self.Y -= self.Y.mean(axis=0)
        return kl

    def gradient(self, exaggeration: float, measure: bool = False) -> tuple[Floats, float]:
        """Return (n, 2) the gradient and, if it is to be measured, the divergence.

        As $q = w / Z$, the pull of P and the push of Q are summed apart and Z along with them.
        """
        Y = self.Y
        lengths = np.einsum("ij,ij->i", Y, Y)
        ones = np.ones_like(lengths)
        left = np.column_stack([-2 * Y, ones, lengths + 1])
        right = np.column_stack([Y, lengths, ones]).T
        pull, push = np.empty_like(Y), np.empty_like(Y)
        Z, apart = 0.0, 0.0
        for start in range(0, len(Y), self.rows):
            rows = slice(start, start + self.rows)
            total, logs = self._block(rows, left[rows] @ right, pull, push, measure)
            Z, apart = Z + total, apart + logs
        kl = apart + float(np.log(Z)) - self.entropy if measure else float("nan")
        return 4 * (np.float32(exaggeration) * pull - push / np.float32(Z)), kl

    def _block(
        self, rows: slice, D: Floats, pull: Floats, push: Floats, measure: bool
    ) -> tuple[float, float]:
        r"""Fill `rows` of the pull and the push; return their parts of Z and of KL.

        A row's sum $\sum_j f_{ij} (y_i - y_j)$ is $y_i \sum_j f_{ij} - \sum_j f_{ij} y_j$, so one
        product with (1, y) gives it. D holds $1 + d^2$, and takes w in its place.
        """
        P, Y = self.P[rows], self.Y
        np.maximum(D, 1, out=D)
        logs = float(np.vdot(P, np.log(D))) if measure else 0.0
        np.reciprocal(D, out=D)
        np.fill_diagonal(D[:, rows], 0)
        columns = np.column_stack([np.ones(len(Y), np.float32), Y])
        F = self.scratch[0, : len(D)]
        for f, out in ((P, pull), (D, push)):
            sums = np.multiply(f, D, out=F) @ columns
            out[rows] = Y[rows] * sums[:, :1] - sums[:, 1:]
        return float(D.sum()), logs
