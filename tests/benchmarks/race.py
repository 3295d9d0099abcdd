"""How long it takes to reach the same error on held-out ratings, beside conjugate gradients.

    python tests/benchmarks/race.py [--shape 1m] [--rounds 5] [--seed 0] [--output race.md]

cmfrec solves its rows by a few steps of conjugate gradients, which makes a pass cheap and not
exact; so passes cannot be compared, but time to an error can. Ratings are generated
(`generated.py`) and a tenth is held out. Both sides choose their penalty by that tenth's error
after 10 passes, the same way. The error to reach is the peer's lowest within 15 passes plus 0.1 %;
the peer's time is that of its shortest run that reaches it, ours that of the algorithm until the
pass that does. Both use two threads and 32-bit floats.
Needs the peers: `tests/benchmarks/run` makes an environment with them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cmfrec

from engine import ALS, Ratings
from engine.metrics import rmse
from tests.benchmarks.generated import SHAPES, generate

PASSES = 15
WITHIN = 1.001
PENALTIES = (5.0, 10.0, 20.0, 40.0)
OURS = (0.6, 1.2, 2.4, 4.8)


class Reached(NamedTuple):
    """An error on the held-out ratings, and the seconds that it took."""

    rmse: float
    seconds: float


def peer(train: Ratings, test: Ratings, reg: float, passes: int) -> Reached:
    """Return what cmfrec reaches with conjugate gradients."""
    matrix = scipy.sparse.coo_matrix(
        (train.values, (train.users, train.movies)), shape=(train.n_users, train.n_movies)
    )
    model = cmfrec.CMF(
        k=32, niter=passes, use_cg=True, lambda_=reg, verbose=False, nthreads=2, use_float=True,
        precompute_for_predictions=False, finalize_chol=False,
    )  # fmt: skip
    started = time.perf_counter()
    model.fit(matrix)
    seconds = time.perf_counter() - started
    return Reached(_error(model.predict(test.users, test.movies), test), seconds)


def ours(algorithm: ALS, train: Ratings, test: Ratings) -> list[Reached]:
    """Return what every pass of ours reaches, on a clock that stands still while it is measured."""
    passes, seconds, started = [], 0.0, time.perf_counter()
    fresh = replace(train)  # sorting by user and by movie counts
    for step in algorithm.run(fresh, 0):
        if step.model is None:
            continue
        seconds += time.perf_counter() - started
        passes.append(Reached(_error(step.model.predict(test.users, test.movies), test), seconds))
        started = time.perf_counter()
    return passes


def _error(predicted: np.ndarray, test: Ratings) -> float:
    return rmse(np.clip(predicted, *test.scale), test.values)


def main() -> None:
    """Print the result, and write it to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shape", choices=list(SHAPES), default="1m")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    train, test = generate(SHAPES[arguments.shape], arguments.seed).split(0.1, arguments.seed)
    theirs = min(PENALTIES, key=lambda reg: peer(train, test, reg, 10).rmse)
    candidates = [ALS(factors=32, reg=reg, epochs=10) for reg in OURS]
    best = min(candidates, key=lambda one: ours(one, train, test)[-1].rmse)
    curve = [peer(train, test, theirs, passes).rmse for passes in range(1, PASSES + 1)]
    goal = min(curve) * WITHIN
    needed = next(passes for passes, error in enumerate(curve, 1) if error <= goal)
    print(f"RMSE to reach {goal:.4f}; cmfrec lambda {theirs:g}, {needed} passes; {best}")
    pairs = []
    for _ in range(arguments.rounds):
        run = ours(replace(best, epochs=PASSES), train, test)
        at = next((one.seconds for one in run if one.rmse <= goal), float("nan"))
        pairs.append((at, peer(train, test, theirs, needed).seconds))
    ratios = sorted(slow / quick for quick, slow in pairs)
    own, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    lines = [
        "| time to the same held-out RMSE | ours, s | peer, s | ratio | spread | to reach |",
        "|---|---|---|---|---|---|",
        f"| ALS, k=32 / cmfrec CG, RMSE {goal:.4f} | {own:.2f} | {other:.2f} | "
        f"**{statistics.median(ratios):.2f}** | {ratios[0]:.2f} to {ratios[-1]:.2f} | 1 |",
    ]
    print(*lines, sep="\n")
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
