"""A sweep of BayesianMF beside SMURFF's (C++, BPMF), on ratings of MovieLens 1M's shape.

    python tests/benchmarks/bayes_sweep.py [--rounds 7] [--factors 32] [--output bayes_sweep.md]

Protocol. Generated ratings (`generated.py`, seed 0), stars alone. Both have taken three sweeps
before; then each takes four in turn, on the machine's processors, for several rounds in one
process. Four, because ours keeps every fourth draw, which costs more. The table has the median and
the spread of a sweep, in seconds of the clock and of the processors, the latter being less troubled
by other programs; the ratios are of each round. A further row has ours with who rated what. Needs
smurff.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import smurff

from engine import BayesianMF, Ratings
from engine.bayes import Side
from tests.benchmarks.generated import SHAPES, generate

IN_TURN = 4
BURN_IN = 3


def ours(ratings: Ratings, factors: int, side: Side) -> Callable[[], None]:
    """Return what takes one sweep."""
    algorithm = BayesianMF(factors=factors, epochs=BURN_IN + 200, burn_in=BURN_IN, side=side)
    models: Iterator[object] = (step.model for step in algorithm.run(ratings, 0) if step.model)

    def sweep() -> None:
        next(models)

    return sweep


def theirs(ratings: Ratings, factors: int) -> Callable[[], None]:
    """Return what takes one sweep of SMURFF."""
    shape = ratings.n_users, ratings.n_movies
    centred = ratings.values.astype(np.float64) - ratings.mean
    known = sp.csr_matrix((centred, (ratings.users, ratings.movies)), shape)
    tested = sp.csr_matrix(([1.0], ([0], [0])), shape)
    session = smurff.TrainSession(
        priors=["normal", "normal"], num_latent=factors, burnin=100, nsamples=100, seed=1, verbose=0
    )
    session.addTrainAndTest(known, tested, smurff.FixedNoise(1.5))
    session.init()
    step: Callable[[], None] = session.step
    return step


def timed(sweep: Callable[[], None]) -> tuple[float, float]:
    """Return seconds of a sweep, of the clock and of the processors."""
    began, used = time.perf_counter(), time.process_time()
    for _ in range(IN_TURN):
        sweep()
    return (time.perf_counter() - began) / IN_TURN, (time.process_time() - used) / IN_TURN


def table(rounds: int, factors: int) -> Iterator[str]:
    """Yield the lines of the table."""
    ratings = generate(SHAPES["1m"])
    sweeps = {
        "BayesianMF": ours(ratings, factors, "none"),
        "SMURFF": theirs(ratings, factors),
        "BayesianMF, who rated what": ours(ratings, factors, "who rated what"),
    }
    for sweep in sweeps.values():
        for _ in range(BURN_IN):
            sweep()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sweeps}
    for _ in range(rounds):
        for name, sweep in sweeps.items():
            times[name].append(timed(sweep))
    yield f"| a sweep, k={factors}, {rounds} rounds | seconds | processor seconds |"
    yield "|---|---|---|"
    for name, pairs in times.items():
        yield f"| {name} | {' | '.join(_spread(part) for part in zip(*pairs, strict=True))} |"
    own, peer, linked = times.values()
    for what, above, below in (
        ("SMURFF / BayesianMF", peer, own),
        ("who rated what / stars alone", linked, own),
    ):
        ratios = [[a[i] / b[i] for a, b in zip(above, below, strict=True)] for i in range(2)]
        yield f"| {what} | {' | '.join(f'**{_spread(part)}**' for part in ratios)} |"


def _spread(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.3f} ({min(times):.3f} to {max(times):.3f})"


def main() -> None:
    """Print the table, and write it to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--factors", type=int, default=32)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    print(__doc__)
    lines = []
    for line in table(arguments.rounds, arguments.factors):
        lines.append(line)
        print(line, flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
