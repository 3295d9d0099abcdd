r"""Side information in the prior: where a row may be expected before its ratings are seen.

As in Macau (Simm et al. 2015, arXiv 1509.04610), row i with features $f_i$ comes from
$N(\mu + \beta^\top f_i, \Lambda^{-1})$, and the link matrix $\beta$ (D, c) has the prior
$\mathrm{vec}\,\beta \sim N(0, \Lambda^{-1} \otimes (\lambda I)^{-1})$. Its conditional is drawn by
noise injection: with $E_1$ (n, c) and $E_2$ (D, c) of rows from $N(0, \Lambda^{-1})$ and
$R = W - \mu + E_1$,

$$(F^\top F + \lambda I) \, \beta = F^\top R + \sqrt\lambda \, E_2 = B,$$

or, where F has fewer rows than columns, from the same for $e = F \beta$,

$$(F F^\top + \lambda I) \, e = F B, \quad \beta = (B - F^\top e) / \lambda.$$
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.arrays import Doubles, Floats
from engine.features import Features
from engine.gibbs import Gaussian
from engine.products import large_product, product, square
from engine.stepwise import Work, chunks

EXACT = 256
"""Up to this size the product of F with itself is decomposed, in tenths of a second."""
TOGETHER = 4096
"""Up to this size it is multiplied out."""
TOLERANCE = 1e-4
"""Conjugate gradients stop when what is left has fallen by this factor."""
ITERATIONS = 100
"""They stop after so many in any case."""
_COLUMNS = 64
_TINY = np.float32(1e-30)


class Gram:
    r"""$F F^\top$ where F has fewer rows than columns and that is small; else $F^\top F$."""

    def __init__(self, features: Features) -> None:
        n, D = features.shape
        self.wide = n <= min(D, TOGETHER)
        self.size = n if self.wide else D
        self.array: Floats | None = None
        self._features = features

    def times(self, X: Floats) -> Work[Floats]:
        """Return the product (size, c) with `X` (size, c)."""
        features = self._features
        if self.array is not None:
            return (yield from large_product(self.array, X))
        if self.wide:
            return (yield from features.times((yield from features.transposed_times(X))))
        return (yield from features.transposed_times((yield from features.times(X))))

    def diagonal(self) -> Work[Floats]:
        """Return (size,) the entries on the diagonal."""
        if self.array is not None:
            return self.array.diagonal().copy()
        return (yield from self._features.squares())

    def multiply_out(self) -> Work[None]:
        """Find the entries if there are few, which makes products faster."""
        if self.size > TOGETHER:
            return
        array = np.empty((self.size, self.size), np.float32)
        for part in chunks(self.size, _COLUMNS):
            unit = np.eye(self.size, part.stop - part.start, -part.start, np.float32)
            array[:, part] = yield from self.times(unit)
        self.array = array


class Solver(Protocol):
    r"""Solves systems with a `Gram` G."""

    def solve(self, B: Floats, lam: float) -> Work[Floats]:
        r"""Return X (size, c) with $(G + \lambda I) X = B$."""
        ...


class Decomposed:
    r"""Exactly, by $G = Q \, \mathrm{diag}(s) \, Q^\top$."""

    def __init__(self, G: Floats) -> None:
        s, self.Q = np.linalg.eigh(G)
        self.s = np.maximum(s, 0)[:, None]

    def solve(self, B: Floats, lam: float) -> Work[Floats]:
        r"""Return X (size, c) with $(G + \lambda I) X = B$."""
        coordinates = product(self.Q.T, B) / (self.s + np.float32(lam))
        yield 0.5
        return product(self.Q, coordinates)


class ConjugateGradients:
    r"""By conjugate gradients on all columns at once, preconditioned by the diagonal.

    Hestenes & Stiefel 1952, doi:10.6028/jres.049.044.
    """

    def __init__(self, gram: Gram, diagonal: Floats) -> None:
        self.gram = gram
        self.diagonal = diagonal

    def solve(self, B: Floats, lam: float) -> Work[Floats]:
        r"""Return X (size, c) with $(G + \lambda I) X = B$, to within the tolerance."""
        ridge = np.float32(lam)
        scale = np.reciprocal(self.diagonal + ridge)[:, None]
        X, residual = np.zeros_like(B), B.copy()
        z = scale * residual
        direction, rz = z, _dots(residual, z)
        goal = TOLERANCE**2 * _dots(B, B)
        for _ in range(ITERATIONS):
            if (_dots(residual, residual) <= goal).all():
                break
            image = (yield from self.gram.times(direction)) + ridge * direction
            step = rz / np.maximum(_dots(direction, image), _TINY)
            X += step * direction
            residual -= step * image
            z = scale * residual
            before, rz = rz, _dots(residual, z)
            direction = z + rz / np.maximum(before, _TINY) * direction
        return X


def _dots(X: Floats, Y: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->j", X, Y))


class Links:
    r"""The link matrix $\beta$ of a side, with the precision $\lambda$ of its prior."""

    def __init__(self, features: Features, gram: Gram, solver: Solver, c: int) -> None:
        n, D = features.shape
        self.features = features
        self.gram = gram
        self.solver = solver
        self.lam = 1.0
        self.beta = np.zeros((D, c), np.float32)
        self.effect = np.zeros((n, c), np.float32)
        r"""$F \beta$"""

    @property
    def scatter(self) -> Doubles:
        r"""(c, c) $\lambda \beta^\top \beta$, which has the expectation $D \Lambda^{-1}$."""
        return self.lam * square(self.beta.astype(np.float64))

    def draw(self, W: Floats, gaussian: Gaussian, rng: np.random.Generator) -> Work[None]:
        r"""Draw $\beta$, then $\lambda$, given the rows W (n, c) without other effects."""
        mu, Lambda = gaussian.mu.astype(np.float32), gaussian.Lambda
        root = np.linalg.inv(np.linalg.cholesky(Lambda)).astype(np.float32)

        def noise(n: int) -> Floats:
            return product(rng.standard_normal((n, len(mu)), np.float32), root)

        n, D = self.features.shape
        E1 = noise(n)
        yield 0.0
        E2 = np.float32(np.sqrt(self.lam)) * noise(D)
        yield 0.0
        self.beta = yield from self._solved(W - mu + E1, E2)
        self.effect = yield from self.features.times(self.beta)
        # The rows of β have the precision λ Λ.
        trace = float(np.sum(Lambda * self.scatter)) / self.lam
        self.lam = float(rng.gamma((1 + self.beta.size) / 2)) * 2 / (1 + trace)

    def _solved(self, R: Floats, E: Floats) -> Work[Floats]:
        r"""Return $\beta$ (D, c) with $(F^\top F + \lambda I) \beta = B = F^\top R + E$."""
        features, lam = self.features, self.lam
        if not self.gram.wide:
            B = (yield from features.transposed_times(R)) + E
            return (yield from self.solver.solve(B, lam))
        FB = (yield from self.gram.times(R)) + (yield from features.times(E))
        e = yield from self.solver.solve(FB, lam)
        return ((yield from features.transposed_times(R - e)) + E) / np.float32(lam)


def linked(features: Features, c: int) -> Work[Links]:
    """Return links for rows of `c` columns, at zero, with the solver that suits the features."""
    gram = Gram(features)
    yield from gram.multiply_out()
    if gram.array is not None and gram.size <= EXACT:
        return Links(features, gram, Decomposed(gram.array), c)
    return Links(features, gram, ConjugateGradients(gram, (yield from gram.diagonal())), c)
