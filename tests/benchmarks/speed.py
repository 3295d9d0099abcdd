"""How fast a pass is, beside the compiled libraries, in turn in one process.

    python tests/benchmarks/speed.py [--shape 1m] [--rounds 5] [--seed 0] [--output speed.md]

Ratings are generated (`generated.py`). Each row times one pass of ours and one of the peer's in
turn, for several rounds, and prints the medians, the median ratio and its spread, and the error on
the training ratings that each has reached. A pass is the difference between a longer and a shorter
run over the number of passes between, so that setting up does not count on either side. Memory is
the highest during a short run, above what the ratings take on either side.

NNLS-ALS minimises the same objective on both sides, without centring and biases, as cmfrec advises
under the constraint: with them, few of its factors are positive and its work is less. The objective
that each has reached after as many passes is printed below the table.
Needs the peers: `tests/benchmarks/run` makes an environment with them.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas
import scipy.sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cmfrec
import surprise

from engine import ALS, NMF, SGD, Algorithm, Ratings
from engine.metrics import rmse
from tests.benchmarks.generated import SHAPES, generate
from tests.benchmarks.memory import peak
from tests.support.narrowing import changed, factorisation

REG = 10.0
"""cmfrec's penalty, whatever the count of a row's ratings."""
NNLS = ALS(factors=16, nonnegative=True, biases=False, reg=REG, weighting=0, epochs=7)


class Row(NamedTuple):
    """One piece of work, ours and the peer's."""

    work: str
    algorithm: Algorithm
    peer: Callable[[int], float]
    to_reach: float


def ours(algorithm: Algorithm, ratings: Ratings) -> float:
    """Return the median seconds of a pass, without the first and the last."""
    ends = [time.perf_counter() for step in algorithm.run(ratings, 0) if step.model is not None]
    return float(np.median(np.diff(ends[:-1]))) if len(ends) > 2 else float("nan")


def per_pass(run: Callable[[int], float], short: int = 1, long: int = 4) -> float:
    """Return the seconds of a pass of a peer, from a short and a longer run."""
    quick, slow = run(short), run(long)
    return (slow - quick) / (long - short)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peer_als(k: int, nonneg: bool, passes: int) -> cmfrec.CMF:
    """Return cmfrec's ALS with exact solutions; without biases where these are to be positive."""
    return cmfrec.CMF(
        k=k, niter=passes, nonneg=nonneg, use_cg=False, lambda_=REG, verbose=False,
        center=not nonneg, user_bias=not nonneg, item_bias=not nonneg,
        nthreads=2, use_float=True, precompute_for_predictions=False,
    )  # fmt: skip


def objective(U: np.ndarray, M: np.ndarray, ratings: Ratings) -> float:
    """Return what NNLS-ALS minimises; rows that nobody rated, which cmfrec leaves as is, aside."""
    errors = np.einsum("ij,ij->i", U[ratings.users], M[ratings.movies]) - ratings.values
    known = U[np.unique(ratings.users)], M[np.unique(ratings.movies)]
    return float((errors**2).sum() + REG * sum((factors**2).sum() for factors in known))


def reached(ratings: Ratings) -> str:
    """Return a line with the objectives of NNLS-ALS, ours and the peer's."""
    passes = NNLS.epochs
    *_, step = NNLS.run(ratings, 0)
    model = factorisation(step.model)
    peer = peer_als(NNLS.factors, True, passes).fit(sparse(ratings))
    own = objective(model.user_factors, model.movie_factors, ratings)
    theirs = objective(peer.A_, peer.B_, ratings)
    return f"Objective of NNLS-ALS after {passes} passes: {own:,.0f}, peer {theirs:,.0f}."


def sparse(ratings: Ratings) -> scipy.sparse.coo_matrix:
    """Return the ratings as the peers take them, users by movies."""
    return scipy.sparse.coo_matrix(
        (ratings.values, (ratings.users, ratings.movies)),
        shape=(ratings.n_users, ratings.n_movies),
    )


def rows(ratings: Ratings) -> list[Row]:
    """Return what is measured."""
    matrix = sparse(ratings)
    table = pandas.DataFrame({"u": ratings.users, "m": ratings.movies, "r": ratings.values})
    known = surprise.Dataset.load_from_df(
        table, surprise.Reader(rating_scale=tuple(ratings.scale))
    ).build_full_trainset()

    def cmf(k: int, nonneg: bool) -> Callable[[int], float]:
        return lambda passes: timed(lambda: peer_als(k, nonneg, passes).fit(matrix))

    def sgd(passes: int) -> float:
        return timed(lambda: surprise.SVD(n_factors=32, n_epochs=passes).fit(known))

    def nmf(passes: int) -> float:
        return timed(lambda: surprise.NMF(n_factors=16, n_epochs=passes).fit(known))

    return [
        Row("NNLS-ALS, k=16 / cmfrec nonneg", NNLS, cmf(16, True), 2.0),
        Row("ALS, k=32 / cmfrec Cholesky", ALS(factors=32, epochs=5), cmf(32, False), 1.7),
        Row("SGD, k=32 / Surprise SVD", SGD(factors=32, epochs=5), sgd, 1.6),
        Row("NMF, k=16 / Surprise NMF", NMF(factors=16, epochs=6), nmf, 4.0),
    ]


def main() -> None:
    """Print the table, and write it to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shape", choices=list(SHAPES), default="1m")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    ratings = generate(SHAPES[arguments.shape], arguments.seed)
    lines = [
        "| a pass | ours, s | peer, s | ratio | spread | to reach | our RMSE | MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    print(f"{len(ratings)} ratings, seed {arguments.seed}, {platform.machine()}", *lines, sep="\n")
    for row in rows(ratings):
        short = changed(row.algorithm, epochs=2)
        highest = peak(partial(ours, short, ratings)), peak(partial(row.peer, 2))
        memory = "{:.0f}, peer {:.0f}".format(*highest)
        pairs = [
            (ours(row.algorithm, ratings), per_pass(row.peer)) for _ in range(arguments.rounds)
        ]
        ratios = sorted(theirs / own for own, theirs in pairs)
        own, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        model = [step.model for step in row.algorithm.run(ratings, 0) if step.model][-1]
        error = rmse(model.predict(ratings.users, ratings.movies), ratings.values)
        lines.append(
            f"| {row.work} | {own:.3f} | {theirs:.3f} | **{statistics.median(ratios):.2f}** | "
            f"{ratios[0]:.2f} to {ratios[-1]:.2f} | {row.to_reach} | {error:.4f} | {memory} |"
        )
        print(lines[-1], flush=True)
    lines += ["", reached(ratings)]
    print(*lines[-2:], sep="\n")
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
