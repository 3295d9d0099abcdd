"""How good the defaults are: beside their neighbours, on held-out ratings of three datasets.

    python tests/benchmarks/defaults.py FOLDER_WITH_MOVIELENS [--algorithms ALS SVD]

Protocol: ml-100k, ml-latest-small, and ratings of ml-1m's shape generated from a stated seed. Of
each, nine tenths at random (seed 0) are looked at and the rest is not; of these, nine tenths
(seed 1) are learned from and the others measured, clipped to the scale. One parameter at a time is
changed from its default. Each line tells the RMSE and how much lower (-) or higher (+) it is than
with the defaults, in per cent.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data
from engine import ALGORITHMS, Algorithm, Ratings, training
from engine.parameters import parameters
from tests.benchmarks.generated import SHAPES, generate
from tests.support.narrowing import changed

FACTORS = {"reg": (0.5, 0.7, 1.4, 2.0), "bias_reg": (0.3, 3.0), "epochs": (0.5, 2.0)}
"""What the default is multiplied by."""
RANKS = (0.5, 2.0)


def neighbours(default: Algorithm) -> Iterator[tuple[str, Algorithm]]:
    """Yield the default and, by name, what differs from it in one parameter."""
    yield "defaults", default
    declared = {parameter.name: parameter for parameter in parameters(type(default))}
    for name, factors in {**FACTORS, "factors": RANKS}.items():
        if name not in declared:
            continue
        value = getattr(default, name)
        for by in factors:
            other = value * by if declared[name].kind == "float" else round(value * by)
            yield f"{name} {other:g}", changed(default, **{name: other})
    if "weighting" in declared:
        # The penalty of a row of typical length, about 60 ratings, stays as it is.
        usual = {name: getattr(default, name) for name in ("weighting", "reg", "bias_reg")}
        for weighting in (0.25, 0.75, 1.0):
            scale = 60 ** (usual["weighting"] - weighting)
            same = {name: usual[name] * scale for name in ("reg", "bias_reg")}
            yield f"weighting {weighting:g}", changed(default, weighting=weighting, **same)


def measured(algorithm: Algorithm, train: Ratings, test: Ratings) -> tuple[float, float]:
    """Return the RMSE of the last pass on `test`, and that of the best pass."""
    errors = [epoch.test_mse for epoch in training.train(algorithm, train, test)]
    return float(np.sqrt(errors[-1])), float(np.sqrt(min(errors)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("movielens", type=Path, help="holds ml-latest-small and ml-100k")
    parser.add_argument("--algorithms", nargs="+", choices=list(ALGORITHMS), default=[])
    names = ["ml-100k", "ml-latest-small", "1m"]
    parser.add_argument("--data", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    for name in options.data:
        ratings = (
            generate(SHAPES["1m"]) if name == "1m" else data.read(options.movielens / name).ratings
        )
        train, test = ratings.split(0.1, 0)[0].split(0.1, 1)
        for title in options.algorithms or ALGORITHMS:
            print(f"\n{name}, {title}: RMSE, against the defaults, at the best pass, seconds")
            reference = 0.0
            for what, algorithm in neighbours(ALGORITHMS[title]):
                started = time.perf_counter()
                last, best = measured(algorithm, train, test)
                reference = reference or last
                against = 100 * (last / reference - 1)
                seconds = time.perf_counter() - started
                print(
                    f"{what:>18} {last:.4f} {against:+6.2f} % {best:.4f} {seconds:5.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
