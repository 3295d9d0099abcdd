"""From a rating to the new list among 87,585 films, as the engine does it: both models in use.

    python tests/benchmarks/response.py [--times 60]

Protocol. 1,000,209 generated ratings by 6,040 people of films as many as ml-32m has; 60 sweeps of
the Bayesian model for the stars, so that it keeps as many draws as it would from the real release,
and implicit ALS for the interest. A person with 5 to 64 ratings gives one more, again and again:
timed are folding them in with both models, `ranking.picks`, the top 20, their stars and the ± of
those. The first time is not counted, when what is computed once for a model is. Asked: 95 % within
16 ms. Set no OPENBLAS_NUM_THREADS: the app does not either.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import BayesianMF, ImplicitALS, Model, Ratings, ranking
from engine.arrays import Floats, Ids
from engine.posterior import PosteriorModel
from engine.topmost import top
from tests.benchmarks.generated import Shape, generate
from tests.support.narrowing import of_kind

SHAPE = Shape(6_040, 87_585, 1_000_209)


def main() -> None:
    """Print what takes how long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--times", type=int, default=60)
    options = parser.parse_args()
    ratings = generate(SHAPE)
    stars = of_kind(PosteriorModel, _last(BayesianMF(epochs=60, burn_in=10, side="none"), ratings))
    interest = _last(ImplicitALS(epochs=2), ratings)
    rng = np.random.default_rng(0)
    often = ratings.by_movie.counts / len(ratings)
    movies = rng.choice(SHAPE.n_movies, 5 + options.times, replace=False, p=often).astype(np.int32)
    values = rng.integers(1, 6, len(movies)).astype(np.float32)
    names = ("stars", "interest", "order", "the shown", "all")
    parts: dict[str, list[float]] = {name: [] for name in names}
    for n in range(5, len(movies)):
        once = _once(stars, interest, movies[:n], values[:n])
        for name, seconds in zip(parts, once, strict=True):
            parts[name].append(1000 * seconds)
    print("| ms | median | 95 % within |\n|---|---|---|")
    for name, spent in parts.items():
        later = spent[1:]
        print(f"| {name} | {np.median(later):.1f} | {np.quantile(later, 0.95):.1f} |")
    print(f"the first time: {parts['all'][0]:.0f} ms; draws: {len(stars.fold)}")


def _last(algorithm: BayesianMF | ImplicitALS, ratings: Ratings) -> Model:
    return [step.model for step in algorithm.run(ratings, 0) if step.model][-1]


def _once(stars: Model, interest: Model, movies: Ids, values: Floats) -> list[float]:
    """Return the seconds that each part takes, and all together."""
    moments = [time.perf_counter()]
    viewer = stars.fold_in(movies, values)
    predicted = viewer.predict(clip=False)
    moments.append(time.perf_counter())
    picker = interest.fold_in(movies, values)
    picker.predict()
    moments.append(time.perf_counter())
    shown = top(ranking.picks(viewer, picker, ranking.BALANCE), 20, movies)
    moments.append(time.perf_counter())
    viewer.std(shown), predicted[shown], ranking.likelihood(picker)[shown]
    moments.append(time.perf_counter())
    return [*np.diff(moments).tolist(), moments[-1] - moments[0]]


if __name__ == "__main__":
    main()
