"""Train and test error against the rank k: the figure that the app draws, for every algorithm.

    python tests/benchmarks/figures.py FOLDER_OR_FILE [--ranks 1 2 5 10 20 40] [--draw]

Protocol: nine tenths of the ratings at random (seed 0) are learned from, the others are measured.
Every algorithm has its defaults but for the rank; SVD is taken once with each imputation, and
iterated hard and soft. A cell is the mean squared error, predictions clipped to the scale, after
the last pass. With --draw, the test errors are drawn as well.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import plotext

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data
from engine import ALGORITHMS, SVD, Algorithm, Ratings, training
from engine.imputation import Imputation

RANKS = (1, 2, 5, 10, 20, 40)
Curve = list[tuple[float, float]]
"""Train and test error at each rank."""


def algorithms() -> dict[str, Algorithm]:
    """Return what is compared, by name."""
    svd = SVD()
    imputations: tuple[Imputation, ...] = ("zero", "global mean", "movie mean", "user mean")
    once = {
        f"SVD once, {filling}": replace(svd, iterate="once", imputation=filling)
        for filling in imputations
    }
    iterated = {f"SVD {kind}": replace(svd, iterate=kind) for kind in ("hard", "soft")}
    return once | iterated | {name: ALGORITHMS[name] for name in ("NMF", "NNLS-ALS", "SGD", "ALS")}


def swept(algorithm: Algorithm, ranks: Sequence[int], train: Ratings, test: Ratings) -> Curve:
    """Return the errors after the last pass at each rank."""
    return [
        (part.moment.train_mse, part.moment.test_mse)
        for part in training.sweep(algorithm, ranks, train, test)
        if part.finished and isinstance(part.moment, training.Epoch)
    ]


def draw(ranks: Sequence[int], curves: dict[str, Curve]) -> None:
    """Draw the test errors, but for those that are off the others' scale."""
    plotext.plotsize(100, 30)
    for name, curve in curves.items():
        if min(test for _, test in curve) < 2:
            plotext.plot(list(ranks), [min(test, 2) for _, test in curve], label=name)
    plotext.title("test MSE against rank")
    plotext.show()


def main() -> None:
    """Print the table, and draw it if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("path", type=Path, help="a dataset, such as ml-latest-small")
    parser.add_argument("--ranks", type=int, nargs="+", default=list(RANKS))
    parser.add_argument("--draw", action="store_true")
    options = parser.parse_args()
    train, test = data.read(options.path).ratings.split(0.1, 0)
    print(f"{options.path.name}: MSE on train / test, k =", *options.ranks)
    print("|", " | ".join(["", *map(str, options.ranks), "s"]), "|")
    print("|---" * (len(options.ranks) + 2) + "|")
    curves = {}
    for name, algorithm in algorithms().items():
        started = time.perf_counter()
        curves[name] = swept(algorithm, options.ranks, train, test)
        cells = [f"{train_mse:.3f} / {test_mse:.3f}" for train_mse, test_mse in curves[name]]
        seconds = f"{time.perf_counter() - started:.0f}"
        print("|", " | ".join([name, *cells, seconds]), "|", flush=True)
    if options.draw:
        draw(options.ranks, curves)


if __name__ == "__main__":
    main()
