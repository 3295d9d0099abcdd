r"""EASE: interest as a sum over own films, with weights between films found in closed form.

Let X (n_users, n_movies) hold the weight of each rating (`engine.preference`), and 0 where there is
none. The weights B (n_movies, n_movies) solve

$$\min_B \|X - X B\|_F^2 + \sum_j \lambda_j \|B_{j*}\|^2, \qquad \mathrm{diag}(B) = 0,$$

so that a film is predicted from all others, never from itself. With
$P = (X^\top X + \mathrm{diag}(\lambda))^{-1}$ the solution is

$$B_{ji} = -P_{ji} / P_{ii} \;\; (j \ne i), \qquad B_{ii} = 0$$

(Steck 2019, "Embarrassingly shallow autoencoders for sparse data", arXiv:1905.03375, where all
ratings weigh 1 and all $\lambda_j = \lambda$). A film with n ratings pays $\lambda n^p$.

A person's interest in film i is $p_i + \sum_j w_j B_{ji}$ over their own films j. The prior
$p_i$, a small part of the film's popularity, is nothing beside a dozen ratings, and orders the
films for somebody with none or few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from engine import preference
from engine.algorithm import Algorithm, Step, stepping
from engine.arrays import Doubles, Floats, Ids, Offsets
from engine.cooccurrence import Incidence, gram
from engine.inverse import invert
from engine.item_weights import Histories, ItemWeights
from engine.memory import Need
from engine.parameters import Feedback, Range
from engine.ratings import Ratings
from engine.stepwise import Work, chunks, scaled

FILMS = 10_000
"""At most so many films have weights, those with the most ratings: with f of them B takes 4 f²
bytes, 400 MB, and training a third more. Among the 87,000 films of the largest MovieLens release
30 GB would be needed for all; those beyond its 10,000 best-known films have few ratings each, and
are left at their popularity."""
PAIR = 6
"""Bytes for each pair of films: B, and a third more to invert it."""
ROWS = 256
"""So many rows of a large matrix are scaled in one step."""


@dataclass(frozen=True)
class EASE(Algorithm):
    """Embarrassingly shallow autoencoder: a weight from every film to every other."""

    title: ClassVar[str] = "EASE"
    summary: ClassVar[str] = (
        "Learns from who rated what, in one step, how much having seen one film says for another."
    )
    feedback: ClassVar[Feedback] = "implicit"

    reg: Annotated[
        float, Range(1e-3, 1e9), "L2 penalty on the weights between films; more evens them out."
    ] = 125.0
    weighting: Annotated[
        float,
        Range(0, 1),
        "How the penalty grows with a film's ratings: 0 plain, 1 by their count.",
    ] = 0.5
    liking: Annotated[
        float, Range(0, 1), "How much less a film counts the fewer stars it got: 0 not at all."
    ] = 0.9
    popularity: Annotated[
        float, Range(0, 10), "How much popular films are put first for people with few ratings."
    ] = 0.01

    def need(self, train: Ratings) -> Need:
        """Return how much memory a run on `train` takes: a matrix of all pairs of films."""
        films = min(train.n_movies, FILMS)
        usual = super().need(train)
        return usual._replace(model=usual.model + PAIR * films**2)

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`. There is one pass, and no chance in it."""
        counts = train.by_movie.counts
        films = best_known(counts, FILMS)
        X = yield from stepping(incidence(train, films, self.liking), 0, 0.05)
        B = yield from stepping(gram(X), 0.05, 0.4)
        lam = self.reg * counts[films].astype(np.float64) ** self.weighting
        yield from stepping(solve(B, lam), 0.4, 1)
        prior = np.float32(self.popularity) * preference.popularity(train, self.liking)
        histories = Histories.of(train)
        yield Step(
            1.0,
            ItemWeights(self, train.scale, counts, self.liking, films, B, prior, histories),
        )


def best_known(counts: Offsets, most: int) -> Ids:
    """Return the movies with the most ratings, at most so many, the best known first."""
    order = np.argsort(-counts, kind="stable")[:most]
    return order[counts[order] > 0].astype(np.int32)


def incidence(train: Ratings, films: Ids, liking: float) -> Work[Incidence]:
    """Return X (n_users, f), a column for each of the `films` (f,)."""
    place = np.full(train.n_movies, -1, np.int32)
    place[films] = np.arange(len(films), dtype=np.int32)
    grouped = train.by_user
    columns, w = np.empty_like(grouped.others), np.empty_like(grouped.values)
    for part in chunks(len(columns)):
        columns[part] = place[grouped.others[part]]
        w[part] = preference.weight(grouped.values[part], train.scale, liking)
        yield part.stop / len(columns)
    inside = columns >= 0
    if inside.all():
        return Incidence(grouped.starts, columns, w, len(films))
    starts = np.append(0, np.cumsum(inside))[grouped.starts]
    return Incidence(starts, columns[inside], w[inside], len(films))


def solve(G: Floats, lam: Doubles) -> Work[None]:
    r"""Replace the Gram matrix `G` (f, f) by B for the penalties `lam` (f,).

    With $D = \mathrm{diag}(G) + \lambda$ the inverse is taken of
    $D^{-1/2} (G + \mathrm{diag}(\lambda)) D^{-1/2}$, which has ones on its diagonal, so that single
    precision serves films with few ratings and with many.
    """
    f = len(G)
    root = np.sqrt(G.diagonal() + lam).astype(np.float32)
    for rows in chunks(f, ROWS):
        G[rows] /= root[rows, None] * root
        yield 0.0
    G[np.diag_indices(f)] = 1
    yield from scaled(invert(G), 0, 0.98)
    across = -root / G.diagonal()
    for rows in chunks(f, ROWS):
        G[rows] *= across / root[rows, None]
        yield 0.99
    G[np.diag_indices(f)] = 0
