"""A cancel is heard soon: no step of any long work handles more than a bounded part of the ratings.

Work is counted, not timed. With blocks made small, whatever handles all ratings at once at the
width of the factors shows in the memory that a step takes at its highest, as 128 bytes a rating;
a few flat arrays of all ratings, which take a tenth of a second with 25 million, are no more than
`FLAT` bytes a rating.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np
import pytest

from engine import (
    ALS,
    SVD,
    Algorithm,
    Grouped,
    Ratings,
    Step,
    colouring,
    rows,
    sgd,
    stacks,
    stepwise,
    training,
    tsne,
)
from engine import clusters as kmeans
from tests.support.arrays import ratings_of
from tests.support.narrowing import changed
from tests.support.training import learning_from, small

SMALL = 2048
"""Ratings in a block here."""
FLAT = 24
N_USERS = N_MOVIES = 400
BIG = {name: small(name, factors=32, epochs=1) for name in learning_from("explicit")} | {
    "SVD, hard": SVD(factors=32, epochs=1, iterate="hard"),
    "SVD once": SVD(factors=32, iterate="once"),
    "ALS without biases": ALS(factors=32, epochs=1, biases=False),
}


def ratings() -> Ratings:
    rng = np.random.default_rng(0)
    users, movies = np.nonzero(rng.random((N_USERS, N_MOVIES)) < 0.8)
    return ratings_of(users, movies, rng.integers(1, 6, len(users)), N_USERS, N_MOVIES)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = rows.blocks

    def smaller(grouped: Grouped, block: int = SMALL, most: int = rows.MOST) -> Iterator[slice]:
        return blocks(grouped, min(block, SMALL), most)

    for name, module in list(sys.modules.items()):
        if name.startswith("engine.") and getattr(module, "blocks", None) is blocks:
            monkeypatch.setattr(module, "blocks", smaller)
        if name.startswith("engine.") and hasattr(module, "BLOCK") and module is not tsne:
            monkeypatch.setattr(module, "BLOCK", SMALL)
    monkeypatch.setattr(stacks, "GATHERED", 33 * SMALL)
    monkeypatch.setattr(stepwise, "CHUNK", SMALL)
    monkeypatch.setattr("engine.sorting.SORTED", SMALL)
    monkeypatch.setattr("engine.ratings.GATHERED", SMALL)
    monkeypatch.setattr(training, "MEASURED", SMALL)
    monkeypatch.setattr(sgd, "_BETWEEN_STEPS", SMALL)
    monkeypatch.setattr(colouring, "CELLS", (N_USERS + N_MOVIES) * 20)


def highest(work: Iterable[object]) -> tuple[int, int]:
    """How many steps there are, and the bytes that one takes at its highest."""
    tracemalloc.start()
    try:
        before, count, most = tracemalloc.get_traced_memory()[0], 0, 0
        tracemalloc.reset_peak()
        for _ in work:
            now, peak = tracemalloc.get_traced_memory()
            most, before, count = max(most, peak - before), now, count + 1
            tracemalloc.reset_peak()
        return count, most
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", list(BIG))
def test_no_step_of_a_training_handles_all_ratings(name: str) -> None:
    train = ratings()
    # Grouping, the pass, folding the users in, and the errors on the training and test ratings.
    count, most = highest(training.steps(BIG[name], train, train))
    assert count >= 5 * len(train) / SMALL
    assert most <= FLAT * len(train)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", list(BIG))
def test_progress_goes_on_inside_a_pass(name: str) -> None:
    algorithm = BIG[name]
    if name == "Bayesian":  # without features there is nothing to prepare, which counts as a pass
        algorithm = changed(algorithm, factors=4, epochs=12)
    progress = [step.progress for step in training.steps(algorithm, ratings())]
    assert progress == sorted(progress)
    assert 0 <= progress[0] <= progress[-1] == 1
    if name == "SVD once":  # it ends as soon as it has settled
        progress.pop()
        progress = [p for p in progress if p < 1]
    assert max(later - earlier for earlier, later in pairwise(progress)) <= 0.1


def held_out_thrice(algorithm: Algorithm, train: Ratings) -> Iterable[training.Part]:
    return training.cross_validate(algorithm, train, 3)


def searched(algorithm: Algorithm, train: Ratings) -> Iterable[training.Part]:
    return training.search([algorithm] * 3, train)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("several", [held_out_thrice, searched])
def test_nor_does_one_of_several_trainings(
    several: Callable[[Algorithm, Ratings], Iterable[training.Part]],
) -> None:
    train = ratings()
    parts = several(BIG["ALS"], train)
    first = next(iter(parts))
    assert isinstance(first.moment, Step)
    assert first.progress == 0
    # A step may take a part of the ratings out, 12 bytes each and a mask, but not all at once.
    count, most = highest(parts)
    assert count >= 3 * 4 * len(train) / SMALL
    assert most <= 2 * FLAT * len(train)


def test_the_map_is_shown_or_at_least_yields_after_a_bounded_number_of_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
    monkeypatch.setattr(tsne, "BLOCK", 500)
    monkeypatch.setattr(tsne, "STEP", 30_000)
    progress = [step.progress for step in tsne.tsne(points, iterations=20, every=10)]
    # Five rows at a time to begin with; then three iterations of 10,000 pairs, or up to a tenth.
    assert progress[:20] == [0.0] * 20
    assert [round(20 * p) for p in progress[20:]] == [3, 6, 9, 10, 13, 16, 19, 20]


def test_every_number_of_clusters_is_a_step() -> None:
    points = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    assert list(kmeans.choosing(points, range(2, 6))) == [0, 0.25, 0.5, 0.75]
    found = stepwise.finished(kmeans.choosing(points, range(2, 6)))
    np.testing.assert_array_equal(found.labels, kmeans.choose(points, range(2, 6)).labels)
