"""What up to 100 million ratings take: seconds a pass, memory, and how soon a cancel is heard.

    python tests/benchmarks/large.py [ALGORITHM ...] [--shape 25m] [--passes 2]
                                   [--seed 0] [--output large.md]

Ratings of a release's shape are generated (`generated.py`), which takes a minute with 25 million.
For each algorithm of `engine.ALGORITHMS` that has a rank, with 32 factors: the first pass with all
that comes before it, the median of the others, the same for each rating, the longest time between
two steps (a cancel waits for so long), the highest memory of a run above the ratings themselves,
and the highest of the whole process.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import ALGORITHMS, Algorithm, Ratings
from tests.benchmarks.generated import SHAPES, generate
from tests.benchmarks.memory import highest, peak
from tests.support.narrowing import changed

RANKED = [name for name, algorithm in ALGORITHMS.items() if algorithm.factors is not None]


class Run:
    """A run whose steps are timed."""

    def __init__(self, algorithm: Algorithm, ratings: Ratings, passes: int) -> None:
        self.algorithm, self.ratings, self.wanted = algorithm, ratings, passes
        self.passes: list[float] = []
        self.longest = 0.0

    def __call__(self) -> None:
        """Run as many passes as wanted."""
        fresh = replace(self.ratings)  # sorting by user and by movie counts
        began = last = time.perf_counter()
        for step in self.algorithm.run(fresh, 0):
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now
            if step.model is not None:
                self.passes.append(now - began)
                began = now
                if len(self.passes) == self.wanted:
                    return


def main() -> None:
    """Print the table, and write it to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("algorithms", nargs="*", metavar="ALGORITHM", default=[])
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--shape", choices=list(SHAPES), default="25m")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    ratings = generate(SHAPES[arguments.shape], arguments.seed)
    lines = [
        f"{len(ratings):,} ratings, seed {arguments.seed}",
        "",
        "| k=32 | first pass, s | a pass, s | ns a rating | longest step, s | run, MiB | "
        "process, MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    print(*lines, sep="\n", flush=True)
    for name in arguments.algorithms or RANKED:
        run = Run(changed(ALGORITHMS[name], factors=32), ratings, arguments.passes)
        extra = peak(run)
        first, *others = run.passes
        usual = statistics.median(others) if others else first
        lines.append(
            f"| {name} | {first:.2f} | **{usual:.2f}** | "
            f"{usual / len(ratings) * 1e9:.0f} | {run.longest:.2f} | {extra:,.0f} | "
            f"{highest():,.0f} |"
        )
        print(lines[-1], flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
