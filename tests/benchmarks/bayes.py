"""BayesianMF beside myFM (C++): accuracy, how well the ± holds, and time.

    python tests/benchmarks/bayes.py FOLDER_WITH_MOVIELENS [--rounds 7] [--output bayes.md]

Protocol. Both are Gibbs samplers of a factorisation of rank 10 with biases; both make 220 sweeps
and forget the first 20. Ours are the defaults but for what the row says; they were chosen on parts
of u1.base, widths of time also on the training part of ml-latest-small's first split. Predictions
are clipped to the scale, seed 0.

Accuracy: RMSE on ML-100K's u1 to u5 as published, learned from the other four fifths, and the mean
of three random splits 90/10 of ml-latest-small (seeds 0, 1, 2). When a rating was given is known in
training and in testing but for the rows that say so. "Who rated what" is read from the training
ratings alone; myFM has it as implicit features of users and of movies ("SVD++ flipped").

How well the ± holds: the share of held-out ratings within the interval that promises 50, 80 or
95 %, over the same folds. An interval is the prediction and so many standard deviations around it,
as of a normal variable; a rating is taken as the number it is, though it comes in whole or half
stars, so that shares may go up and down by a few hundredths with where the steps fall.

Time: training on u1.base, ours without side information and times and myFM in turn, for several
rounds in one process: the median and the spread, in seconds of the clock and of the processors,
the latter being less troubled by other programs; the ratios are of each round. Needs myFM:
`tests/benchmarks/run` makes an environment with it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import myfm

import data
from engine import BayesianMF, Ratings
from engine.bayes import Side
from engine.metrics import interval_coverage, rmse
from engine.posterior import PosteriorModel
from tests.benchmarks.accuracy import published_folds

RANK, SWEEPS, BURN_IN = 10, 220, 20
LEVELS = (0.5, 0.8, 0.95)
TO_REACH = {"none": 0.887, "both": 0.872}
"""With times."""
Fold = tuple[Ratings, Ratings]


class Tested(NamedTuple):
    """What a run reached on held-out ratings."""

    rmse: float
    seconds: float
    """Of the clock, for the training alone."""
    processor: float
    """The same, of the processors."""
    held: dict[float, float] | None = None
    """By level, the share of ratings inside the interval."""


def ours(fold: Fold, side: Side) -> Tested:
    """Train and test BayesianMF."""
    train, test = fold
    times = test.times if train.times is not None else None
    began, used = time.perf_counter(), time.process_time()
    algorithm = BayesianMF(factors=RANK, epochs=SWEEPS, burn_in=BURN_IN, side=side)
    model = [step.model for step in algorithm.run(train, 0) if step.model][-1]
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    assert isinstance(model, PosteriorModel)
    predicted = model.predict(test.users, test.movies, clip=False, times=times)
    spread = model.std(test.users, test.movies, times)
    held = interval_coverage(predicted, spread, test.values, LEVELS)
    return Tested(rmse(np.clip(predicted, *test.scale), test.values), seconds, processor, held)


def untimed(fold: Fold, side: Side) -> Tested:
    """Train and test BayesianMF, not knowing when ratings were given."""
    train, test = (replace(part, times=None) for part in fold)
    return ours((train, test), side)


def theirs(fold: Fold, side: Side) -> Tested:
    """Train and test myFM."""
    train, test = fold
    began, used = time.perf_counter(), time.process_time()
    machine = myfm.MyFMGibbsRegressor(rank=RANK, random_seed=0)
    kept = SWEEPS - BURN_IN
    options = {"n_iter": SWEEPS, "n_kept_samples": kept}
    with contextlib.redirect_stderr(io.StringIO()):
        if side == "none":
            shapes = [train.n_users, train.n_movies]
            machine.fit(_one_hot(train), _stars(train), group_shapes=shapes, **options)
        else:
            shapes = [train.n_users, train.n_movies, train.n_movies, train.n_users]
            related = _related(train, train)
            machine.fit(None, _stars(train), related, group_shapes=shapes, **options)
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    if side == "none":
        predicted = machine.predict(_one_hot(test))
    else:
        predicted = machine.predict(None, _related(train, test))
    error = rmse(np.clip(predicted, *test.scale).astype(np.float32), test.values)
    return Tested(error, seconds, processor)


def _stars(ratings: Ratings) -> np.ndarray:
    return ratings.values.astype(np.float64)


def _one_hot(ratings: Ratings) -> sp.csr_matrix:
    """Return (n, n_users + n_movies) a one for the user and a one for the movie."""
    n = len(ratings)
    columns = np.column_stack([ratings.users, ratings.n_users + ratings.movies]).ravel()
    shape = (n, ratings.n_users + ratings.n_movies)
    return sp.csr_matrix((np.ones(2 * n), columns, np.arange(0, 2 * n + 1, 2)), shape)


def _related(train: Ratings, of: Ratings) -> list[myfm.RelationBlock]:
    """Return users with the movies they rated in `train`, and movies with their users."""
    shape = (train.n_users, train.n_movies)
    rated = sp.csr_matrix((np.ones(len(train)), (train.users, train.movies)), shape)
    return [
        myfm.RelationBlock(ids, sp.hstack([sp.eye(len(counts)), _shared(matrix, counts)]).tocsr())
        for ids, matrix, counts in (
            (of.users, rated, train.by_user.counts),
            (of.movies, rated.T.tocsr(), train.by_movie.counts),
        )
    ]


def _shared(matrix: sp.csr_matrix, counts: np.ndarray) -> sp.csr_matrix:
    return sp.diags(np.maximum(counts, 1) ** -0.5) @ matrix


def described(folds: Iterable[Fold], dataset: data.Dataset) -> list[Fold]:
    """Return the folds with genres and years of the films, which the files number from 1."""
    features = np.zeros_like(dataset.catalogue.features)
    features[np.array(dataset.catalogue.ids, int) - 1] = dataset.catalogue.features
    return [
        (replace(train, movie_features=features), replace(test, movie_features=features))
        for train, test in folds
    ]


def accuracy(hundred: Sequence[Fold], small: Sequence[Fold]) -> Iterable[str]:
    """Yield the lines of the tables of errors and intervals."""
    yield (
        "| RMSE | u1 | u2 | u3 | u4 | u5 | ML-100K, mean | to reach | ml-latest-small, mean "
        "| a fold, s |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    held = ["", f"| share of held-out ratings within | {_per_cent(LEVELS)} |", "|---|---|---|---|"]
    sides: tuple[Side, ...] = ("none", "genres and years", "who rated what", "both")
    linked: tuple[Side, ...] = ("none", "who rated what")
    rows: list[tuple[str, Callable[[Fold, Side], Tested], Side]]
    rows = [(f"BayesianMF, {side}, no times", untimed, side) for side in sides]
    rows += [(f"BayesianMF, {side}", ours, side) for side in sides]
    rows += [(f"myFM, {side}", theirs, side) for side in linked]
    for name, run, side in rows:
        on_hundred = [run(fold, side) for fold in hundred]
        on_small = [run(fold, side) for fold in small]
        errors = [tested.rmse for tested in on_hundred]
        cells = [*(f"{error:.4f}" for error in errors), f"**{np.mean(errors):.4f}**"]
        cells += [f"{TO_REACH[side]:.3f}" if run is ours and side in TO_REACH else ""]
        cells += [f"{np.mean([tested.rmse for tested in on_small]):.4f}"]
        cells += [f"{statistics.median(tested.seconds for tested in on_hundred):.1f}"]
        yield f"| {name} | {' | '.join(cells)} |"
        for where, tests in (("ML-100K", on_hundred), ("ml-latest-small", on_small)):
            shares = [[tested.held[level] for level in LEVELS] for tested in tests if tested.held]
            if shares:
                held.append(f"| {name}, {where} | {_per_cent(np.mean(shares, axis=0))} |")
    yield from held


def _per_cent(shares: Iterable[float]) -> str:
    return " | ".join(f"{100 * share:.1f} %" for share in shares)


def speed(fold: Fold, rounds: int) -> Iterable[str]:
    """Yield the lines of the table of times."""
    runs: dict[str, list[Tested]] = {"BayesianMF": [], "myFM": []}
    for _ in range(rounds):
        runs["BayesianMF"].append(untimed(fold, "none"))
        runs["myFM"].append(theirs(fold, "none"))
    yield ""
    yield f"| u1, {SWEEPS} sweeps, {rounds} rounds | BayesianMF | myFM | myFM / BayesianMF |"
    yield "|---|---|---|---|"
    own, peer = runs.values()
    for what, field in (("seconds", "seconds"), ("processor seconds", "processor")):
        times = [[getattr(tested, field) for tested in side] for side in (own, peer)]
        ratios = [their / our for our, their in zip(*times, strict=True)]
        yield f"| {what} | {_spread(times[0])} | {_spread(times[1])} | **{_spread(ratios)}** |"
    yield f"| RMSE | {own[0].rmse:.4f} | {peer[0].rmse:.4f} | |"


def _spread(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


def main() -> None:
    """Print the tables, and write them to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    dataset = data.read(arguments.folder / "ml-100k")
    hundred = described(published_folds(arguments.folder / "ml-100k"), dataset)
    ratings = data.read(arguments.folder / "ml-latest-small").described
    small = [ratings.split(0.1, seed) for seed in range(3)]
    print(__doc__)
    print(f"{platform.machine()}, NumPy {np.__version__}, myFM {myfm.__version__}\n")
    lines = []
    for part in (accuracy(hundred, small), speed(hundred[0], arguments.rounds)):
        for line in part:
            lines.append(line)
            print(line, flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
