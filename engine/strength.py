r"""How strongly soft imputation may shrink, and whether there is anything to find at all.

What biases leave of the ratings is noise for the most part. With the signs of all residuals drawn
anew, only noise of the same size is left, and its largest singular value tells how far noise alone
reaches (parallel analysis with signs: Hong, Sheng & Dobriban 2020, arXiv:2012.02985). Patterns that
are worth predicting with begin a little above half of that. A penalty $\lambda$ that is chosen for
many ratings is beyond it where ratings are few, and would leave no factor at all.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats
from engine.iteration import Iteration, fit_biases
from engine.lowrank import SparseLowRank, start
from engine.ratings import Ratings
from engine.stepwise import Work, chunks, scaled

SHARE = 0.55
r"""Of what noise alone reaches, $\lambda$ is this part at the most."""
HELD_OUT = 0.1
"""Of the training ratings, to see whether factors predict anything."""
PASSES = 20
"""Imputations before that is looked at."""
SURE = 2.0
"""Standard errors that what factors say of held-out ratings must be away from nothing."""
_POWER_ITERATIONS = 5


def strength(train: Ratings, residual: Floats, reg: float, rng: np.random.Generator) -> Work[float]:
    r"""Return $\lambda$: `reg`, or less where noise alone does not reach much further.

    Parameters
    ----------
    train : what is learned from
    residual : (n,) what biases leave of it
    reg : the most
    rng : source of the signs
    """
    longest = yield from scaled(_longest(train, residual), 0, 0.1)
    if SHARE * longest >= reg:  # a matrix reaches as far as its longest row at least
        return reg
    values = np.empty_like(residual)
    for part in chunks(len(values)):
        signs = 1 - 2 * rng.integers(0, 2, part.stop - part.start, np.int8)
        values[part] = residual[part] * signs
        yield 0.2
    return min(reg, SHARE * (yield from scaled(_reach(train, values, rng), 0.2, 1)))


def _longest(train: Ratings, values: Floats) -> Work[float]:
    """Return the length of the longest row or column of the matrix with these `values` (n,)."""
    movies, users = np.zeros(train.n_movies), np.zeros(train.n_users)
    for part in chunks(len(values)):
        squares = np.square(values[part], dtype=np.float64)
        movies += np.bincount(train.movies[part], squares, train.n_movies)
        users += np.bincount(train.users[part], squares, train.n_users)
        yield part.stop / len(values)
    return float(np.sqrt(max(movies.max(), users.max())))


def _reach(train: Ratings, values: Floats, rng: np.random.Generator) -> Work[float]:
    """Return the largest singular value of the matrix with these `values` (n,), else zero."""
    by_movie, by_user = np.empty_like(values), np.empty_like(values)
    for part in chunks(len(values)):
        by_movie[part] = values[train.by_movie.order[part]]
        by_user[part] = values[train.by_user.order[part]]
        yield 0.0
    nothing = np.zeros((train.n_movies, 1), np.float32), np.zeros((train.n_users, 1), np.float32)
    matrix = SparseLowRank(train, by_movie, by_user, *nothing)
    V = start(train.n_users, train.n_movies, 1, rng)
    for turn in range(_POWER_ITERATIONS):
        begun, ended = turn / _POWER_ITERATIONS, (turn + 1) / _POWER_ITERATIONS
        svd = yield from scaled(matrix.iterate(V), begun, ended)
        V = svd.V
    return float(svd.s[0])


def carries(train: Ratings, k: int, reg: float, bias_reg: float, seed: int) -> Work[bool]:
    r"""Return whether k factors predict anything that biases do not, inside `train`.

    Factors are found without a tenth of the ratings. What they say of that tenth, $\delta$, has to
    go with what the biases leave of it, e: $\sum e \delta$ must be well above the
    $\sqrt{\sum e^2 \delta^2}$ by which chance would have it.
    """
    if round(len(train) * HELD_OUT) < 1:
        return False
    learned, held_out = train.split(HELD_OUT, seed)
    yield from scaled(learned.grouping(), 0, 0.1)
    biases = yield from scaled(fit_biases(learned, bias_reg), 0.1, 0.2)
    residual = biases.left(learned)
    rng = np.random.default_rng(seed)
    lam = yield from scaled(strength(learned, residual, reg, rng), 0.2, 0.3)
    iteration = Iteration(learned, residual, k, lam, rng)
    for number in range(PASSES):
        begun, ended = (0.3 + 0.7 * at / PASSES for at in (number, number + 1))
        yield from scaled(iteration.impute(), begun, ended)
    M, U = iteration.M[held_out.movies], iteration.U[held_out.users]
    delta = np.einsum("ij,ij->i", M, U, dtype=np.float64)
    agreement = delta * biases.left(held_out)
    return bool(agreement.sum() > SURE * np.sqrt(np.sum(agreement**2)))
