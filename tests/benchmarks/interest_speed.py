"""How fast models of interest are made, beside implicit's and LAPACK's, in turn in one process.

    python tests/benchmarks/interest_speed.py [--shape 1m] [--films 10000] [--rounds 5]

Ratings are generated (`generated.py`). A pass of ImplicitALS is timed beside one of implicit
0.7.3, by Cholesky and by conjugate gradients, with all its threads; a pass is the difference
between a longer and a shorter run. EASE's solution of a Gram matrix of so many films is timed
beside one Cholesky factorisation and inverse of that size by LAPACK, in single precision on both
sides. Printed are medians, the median ratio and its spread. Needs implicit and SciPy.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import scipy.linalg.lapack
import scipy.sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from implicit.cpu.als import AlternatingLeastSquares

from engine import ImplicitALS, Ratings, ease
from engine.stepwise import finished
from tests.benchmarks.generated import SHAPES, generate

K = 64


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def our_pass(ratings: Ratings) -> float:
    """Return the median seconds of a pass, without the first."""
    algorithm = ImplicitALS(factors=K, epochs=4, alpha=1.0)
    ends = [time.perf_counter() for step in algorithm.run(ratings, 0) if step.model is not None]
    return float(np.median(np.diff(ends)))


def peer_pass(matrix: scipy.sparse.csr_matrix, gradients: bool) -> float:
    """Return the seconds of a pass of implicit's, from a short and a longer run."""

    def run(passes: int) -> float:
        model = AlternatingLeastSquares(
            factors=K, regularization=20.0, alpha=1.0, iterations=passes, use_cg=gradients
        )
        return timed(lambda: model.fit(matrix, show_progress=False))

    return (run(4) - run(1)) / 3


def our_inverse(G: np.ndarray) -> float:
    """Return the seconds that EASE takes from the Gram matrix to its weights."""
    mine, lam = G.copy(), np.full(len(G), 0.5)
    return timed(lambda: finished(ease.solve(mine, lam)))


def lapack(G: np.ndarray) -> float:
    """Return the seconds of LAPACK's Cholesky factorisation and inverse."""
    theirs = np.array(G, order="F")
    theirs[np.diag_indices(len(G))] += 0.5

    def work() -> None:
        factor, _ = scipy.linalg.lapack.spotrf(theirs, lower=1, overwrite_a=1)
        scipy.linalg.lapack.spotri(factor, lower=1, overwrite_c=1)

    return timed(work)


def row(name: str, ours: Callable[[], float], peer: Callable[[], float], rounds: int) -> str:
    """Return a line of the table: both in turn, so many times."""
    pairs = [(ours(), peer()) for _ in range(rounds)]
    own, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(b / a for a, b in pairs)
    spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
    return f"| {name} | {own:.3f} | {theirs:.3f} | **{statistics.median(ratios):.2f}** | {spread} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shape", choices=list(SHAPES), default="1m")
    parser.add_argument("--films", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    ratings = generate(SHAPES[arguments.shape])
    finished(ratings.grouping())
    pairs = np.ones(len(ratings), np.float32), (ratings.users, ratings.movies)
    matrix = scipy.sparse.csr_matrix(pairs, shape=(ratings.n_users, ratings.n_movies))
    print("| a pass | ours, s | peer, s | ratio | spread |", "|---|---|---|---|---|", sep="\n")
    for name, gradients in (("Cholesky", False), ("conjugate gradients", True)):
        said = f"ImplicitALS, k={K} / implicit, {name}"
        peer = partial(peer_pass, matrix, gradients)
        print(row(said, partial(our_pass, ratings), peer, arguments.rounds), flush=True)
    Z = np.random.default_rng(0).standard_normal(
        (arguments.films // 4, arguments.films), np.float32
    )
    G = Z.T @ Z / np.float32(arguments.films)
    said = f"EASE, {arguments.films} films / LAPACK"
    print(row(said, partial(our_inverse, G), partial(lapack, G), arguments.rounds), flush=True)


if __name__ == "__main__":
    main()
