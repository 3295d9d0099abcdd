"""How well stars are predicted after a few ratings, for every model of stars.

    python tests/benchmarks/few_ratings.py FOLDER_WITH_MOVIELENS

Protocol: a fifth of the people (seed 0) is held out whole. Of each one's ratings, in random order
(seed 1), a half is set aside to be predicted; after 0, 1, 2, 3, 5, 10 and 20 of the other half the
person is folded in. RMSE over all ratings set aside, predictions clipped to the scale; people with
fewer than 40 ratings are left out, so that the same ratings are predicted throughout. Every model
has its defaults. The last column says by how much a model is at its worst above what it knows of
nobody in particular.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data
from engine import ALGORITHMS, Model, Ratings
from tests.benchmarks.people import Person, held_out, people

TOLD = (0, 1, 2, 3, 5, 10, 20)


def errors(model: Model, group: list[Person]) -> list[float]:
    """Return the RMSE after each number of `TOLD`."""
    squared: list[list[np.ndarray]] = [[] for _ in TOLD]
    for person in group:
        half = len(person.movies) // 2
        rest, stars = person.movies[half:], person.values[half:]
        for collected, n in zip(squared, TOLD, strict=True):
            viewer = model.fold_in(person.movies[:n], person.values[:n])
            collected.append((viewer.predict()[rest] - stars) ** 2)
    return [float(np.sqrt(np.concatenate(each).mean())) for each in squared]


def table(ratings: Ratings) -> None:
    """Print a row for every model of stars."""
    train, out = held_out(ratings, 0)
    group = [one for one in people(ratings, out, by_time=False) if len(one.movies) >= 40]
    print("| own ratings |", " | ".join(map(str, TOLD)), "| worst |")
    print("|---" * (len(TOLD) + 2) + "|")
    for name, algorithm in ALGORITHMS.items():
        if algorithm.feedback == "implicit":
            continue
        model = [step.model for step in algorithm.run(train, 0) if step.model][-1]
        reached = errors(model, group)
        cells = " | ".join(f"{rmse:.3f}" for rmse in reached)
        print(f"| {name} | {cells} | {max(reached) - reached[0]:+.3f} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    print(__doc__)
    for name in ("ml-100k", "ml-latest-small"):
        print(name)
        table(data.read(options.folder / name).ratings)


if __name__ == "__main__":
    main()
