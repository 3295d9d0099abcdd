"""How fast a pass of ALS and NMF is beside today's fastest, and what ranks cost, in turn.

    python tests/benchmarks/passes.py [--rounds 7] [--lenskit COMMAND] [--before CHECKOUT]
                                      [--ranks 32 128 256] [--output passes.md]

1,000,209 generated ratings of ML-1M's shape. Every round times a pass of ours and of each peer in
turn; printed are the medians, the median ratio and its spread.

`--lenskit` is the command of a Python with LensKit 2026.4, which needs Python 3.12.5 or later and
brings torch, as in `--lenskit ENVIRONMENT/bin/python`; without it that row is left out.
`--before` is a checkout of an earlier build of this project, timed in a process of its own.
At each of `--ranks` a pass of ALS is timed, and its multiplications and additions are counted as
those of forming every row's equations and solving them by Cholesky's method: 2 n c (c + 1) for n
ratings on either side and c^3 / 3 a row.
"""

from __future__ import annotations

import argparse
import io
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import ALS, NMF, Algorithm, Ratings
from tests.benchmarks.generated import SHAPES, generate

Passes = Iterator[float]
HERE = Path(__file__).resolve().parent
WORK = {
    "ALS, k=32": ALS(factors=32, epochs=1000),
    "NMF, k=16": NMF(factors=16, epochs=1000),
    "NMF, k=40": NMF(epochs=1000),
    "NNLS-ALS, k=16": ALS(
        factors=16, nonnegative=True, biases=False, reg=10.0, weighting=0, epochs=1000
    ),
}
_BEFORE = """
import sys, time
sys.path[:0] = sys.argv[1:3]
from generated import SHAPES, generate
from engine import ALS, NMF
run = eval(sys.argv[3]).run(generate(SHAPES["1m"]), 0)
for _ in sys.stdin:
    started = time.perf_counter()
    while next(run).model is None:
        pass
    print(time.perf_counter() - started, flush=True)
"""


def ours(algorithm: Algorithm, ratings: Ratings) -> Passes:
    """Yield the seconds of pass after pass."""
    run = algorithm.run(ratings, 0)
    while True:
        started = time.perf_counter()
        while next(run).model is None:
            pass
        yield time.perf_counter() - started


def told(command: list[str], first: bytes = b"") -> Passes:
    """Yield the seconds that a process answers to each line it is sent."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(first)
        try:
            while True:
                process.stdin.write(b"\n")
                process.stdin.flush()
                yield float(process.stdout.readline())
        finally:
            process.stdin.close()


def lenskit(command: str, ratings: Ratings, factors: int) -> Passes:
    """Yield the seconds of LensKit's passes."""
    file = io.BytesIO()
    np.savez(file, users=ratings.users, movies=ratings.movies, values=ratings.values)
    code = (HERE / "lenskit_als.py").read_text(encoding="utf-8")
    first = f"{len(file.getvalue())}\n".encode() + file.getvalue()
    return told([*shlex.split(command), "-c", code, str(factors)], first)


def before(checkout: Path, algorithm: Algorithm) -> Passes:
    """Yield the seconds of an earlier build's passes."""
    code = [sys.executable, "-c", _BEFORE, str(checkout), str(HERE), repr(algorithm)]
    return told(code)


def in_turn(own: Passes, peer: Passes, rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds of as many passes of either, after one of each to warm up."""
    next(own), next(peer)
    pairs = [(next(own), next(peer)) for _ in range(rounds)]
    first, second = zip(*pairs, strict=True)
    return list(first), list(second)


def row(name: str, own: list[float], peer: list[float], to_reach: str) -> str:
    """Return a line of the table."""
    ratios = sorted(theirs / mine for mine, theirs in zip(own, peer, strict=True))
    return (
        f"| {name} | {statistics.median(own):.3f} | {statistics.median(peer):.3f} | "
        f"**{statistics.median(ratios):.2f}** | {ratios[0]:.2f} to {ratios[-1]:.2f} | {to_reach} |"
    )


def flops(ratings: Ratings, factors: int) -> float:
    """Return how much a pass of ALS adds and multiplies."""
    c = factors + 1
    rows = ratings.n_users + ratings.n_movies
    return 2 * 2 * len(ratings) * c * (c + 1) + rows * c**3 / 3


def at_rank(ratings: Ratings, factors: int, rounds: int) -> str:
    """Return a line of the table of ranks."""
    passes = ours(ALS(factors=factors, epochs=1000), ratings)
    next(passes)
    seconds = sorted(next(passes) for _ in range(rounds))
    rates = [flops(ratings, factors) / one / 1e9 for one in seconds]
    return (
        f"| {factors} | {statistics.median(seconds):.2f} | **{statistics.median(rates):.0f}** | "
        f"{rates[-1]:.0f} to {rates[0]:.0f} |"
    )


def comparisons(arguments: argparse.Namespace, ratings: Ratings) -> Iterator[str]:
    """Yield the lines of the table of peers."""
    peers: list[tuple[str, Algorithm, Callable[[], Passes], str]] = []
    if arguments.lenskit:
        peers.append(
            (
                "ALS, k=32 / LensKit 2026.4 `BiasedMFScorer`",
                WORK["ALS, k=32"],
                lambda: lenskit(arguments.lenskit, ratings, 32),
                "1.2",
            )
        )
    if arguments.before:
        for name, algorithm in WORK.items():
            goal = "1.5" if name.startswith("NMF") else ""
            peers.append(
                (
                    f"{name} / the build before",
                    algorithm,
                    partial(before, arguments.before, algorithm),
                    goal,
                )
            )
    for name, algorithm, peer, goal in peers:
        yield row(name, *in_turn(ours(algorithm, ratings), peer(), arguments.rounds), goal)


def main() -> None:
    """Print the tables, and write them to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--lenskit", default="")
    parser.add_argument("--before", type=Path)
    parser.add_argument("--ranks", type=int, nargs="*", default=[32, 128, 256])
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    ratings = generate(SHAPES["1m"])
    lines: list[str] = []

    def tell(*told: str) -> None:
        lines.extend(told)
        print(*told, sep="\n", flush=True)

    tell("| a pass | ours, s | peer, s | ratio | spread | to reach |", "|---|---|---|---|---|---|")
    for line in comparisons(arguments, ratings):
        tell(line)
    tell("", "| ALS, rank | a pass, s | GFLOP/s | spread |", "|---|---|---|---|")
    for rank in arguments.ranks:
        tell(at_rank(ratings, rank, max(3, arguments.rounds // 2)))
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
