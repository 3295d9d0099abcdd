"""How accurate every algorithm is: ML-100K's five published folds, and ml-latest-small.

    python tests/benchmarks/accuracy.py FOLDER_WITH_MOVIELENS [--output accuracy.md]

Protocol: for each algorithm, a few candidates (its defaults and neighbours) are trained on nine
tenths of the training part and compared on the other tenth; the best is trained anew on the whole
training part and measured once on the test part, predictions clipped to the scale. No test rating
is looked at before that. ML-100K: u1 to u5 as published, the mean of five. ml-latest-small: three
random splits 90/10 (seeds 0, 1, 2), the mean of three.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data
from engine import ALGORITHMS, Ratings, Scale, metrics, training
from engine.algorithm import Algorithm

TO_REACH = {
    **{"SGD": 0.908, "ALS": 0.910, "NMF": 0.920, "NNLS-ALS": 0.915, "SVD": 0.915},
    "Bayesian": 0.896,
}


def published_folds(folder: Path) -> Iterator[tuple[Ratings, Ratings]]:
    """Yield ML-100K's u1 to u5."""
    for number in range(1, 6):
        yield _tabs(folder / f"u{number}.base"), _tabs(folder / f"u{number}.test")


def _tabs(file: Path) -> Ratings:
    table = np.loadtxt(file, np.int64)
    users, movies, stars, times = table.T
    return Ratings(users - 1, movies - 1, stars, 943, 1682, Scale(1, 5), times=times)


def random_splits(folder: Path) -> Iterator[tuple[Ratings, Ratings]]:
    """Yield three 90/10 splits of ml-latest-small."""
    ratings = data.read(folder).ratings
    return (ratings.split(0.1, seed) for seed in range(3))


def candidates(algorithm: Algorithm) -> list[Algorithm]:
    """Return the defaults and two neighbours."""
    field = "reg" if hasattr(algorithm, "reg") else "width"
    value = getattr(algorithm, field)
    return [replace(algorithm, **{field: round(value * by, 4)}) for by in (0.85, 1.0, 1.15)]


def measured(name: str, train: Ratings, test: Ratings) -> float:
    """Choose on the training part, train on all of it, and return the RMSE on the test part."""
    options = candidates(ALGORITHMS[name])
    chosen = training.best_of(training.search(options, train, seed=0)) or options[0]
    model = [step.model for step in chosen.run(train, 0) if step.model][-1]
    return metrics.rmse(model.predict(test.users, test.movies, times=test.times), test.values)


def main() -> None:
    """Print the table, and write it to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    lines = [
        "| algorithm | u1 | u2 | u3 | u4 | u5 | ML-100K, mean | to reach | ml-latest-small | s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    print(__doc__, *lines, sep="\n", flush=True)
    for name in ALGORITHMS:
        started = time.perf_counter()
        folds = [measured(name, *fold) for fold in published_folds(arguments.folder / "ml-100k")]
        small = [
            measured(name, *fold) for fold in random_splits(arguments.folder / "ml-latest-small")
        ]
        cells = [*(f"{rmse:.4f}" for rmse in folds), f"**{np.mean(folds):.4f}**"]
        cells += [str(TO_REACH.get(name, "")), f"{np.mean(small):.4f}"]
        lines.append(f"| {name} | {' | '.join(cells)} | {time.perf_counter() - started:.0f} |")
        print(lines[-1], flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
